/* SPDX-License-Identifier: MIT */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

/*
 * A fast generator of random 64-bit numbers, one for each owner; there is no
 * global one. It is xoshiro256** 1.0 of David Blackman and Sebastiano Vigna
 * (https://prng.di.unimi.it/), seeded through their splitmix64, and is not
 * meant for secrets. One thread at a time.
 *
 * The runtime seeds from the operating system. A fixed seed is for the
 * simulator and for tests.
 */

#include <stdint.h>

struct random {
	uint64_t state[4];
};

/* Seeds from getrandom(2). Returns 0 or a negative errno. */
int random_seed_os(struct random *random);

/* Seeds from one number: the same seed gives the same numbers everywhere. */
void random_seed(struct random *random, uint64_t seed);

static inline uint64_t random_rotate(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* The next number; each of the 2^64 values is equally likely. */
static inline uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = random_rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = random_rotate(s[3], 45);
	return result;
}

/*
 * A number below `n`, which must not be 0, by multiply-and-shift; its bias is
 * at most n / 2^32.
 */
static inline uint32_t random_below(struct random *random, uint32_t n)
{
	return (uint32_t)(((random_next(random) >> 32) * n) >> 32);
}

/* A number in [0, 1), in steps of 2^-53. */
static inline double random_fraction(struct random *random)
{
	return (double)(random_next(random) >> 11) * 0x1.0p-53;
}

#endif
