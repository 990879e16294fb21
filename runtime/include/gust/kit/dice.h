/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_DICE_H
#define GUST_KIT_DICE_H

/*
 * Random numbers from a state of 64 bits: the splitmix64 of Sebastiano Vigna,
 * https://prng.di.unimi.it/splitmix64.c. Any thread.
 */

#include <stdint.h>

static inline uint64_t dice_roll(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* The state of the `number`-th thing that is made of a seed; what neighbours
 * are made of has nothing in common. */
static inline uint64_t dice_begin(uint64_t seed, uint64_t number)
{
	uint64_t state = seed;

	state = dice_roll(&state) ^ number;
	return dice_roll(&state);
}

/* From 0 to 1, both included, in steps of 2^-53. */
static inline double dice_part(uint64_t *state)
{
	return (double)(dice_roll(state) >> 11) /
	       (double)((UINT64_C(1) << 53) - 1);
}

#endif
