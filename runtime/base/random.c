/* SPDX-License-Identifier: MIT */

#include "base/random.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/random.h>

static uint64_t random_splitmix(uint64_t *x)
{
	uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void random_seed(struct random *random, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		random->state[i] = random_splitmix(&seed);
}

static bool random_is_zero(const struct random *random)
{
	const uint64_t *s = random->state;

	return (s[0] | s[1] | s[2] | s[3]) == 0;
}

int random_seed_os(struct random *random)
{
	struct random fresh;
	char *at = (char *)fresh.state;
	size_t left = sizeof(fresh.state);

	while (left > 0) {
		ssize_t n = getrandom(at, left, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		left -= (size_t)n;
	}
	/* From a state of all zeros the generator would never leave. */
	if (random_is_zero(&fresh))
		random_seed(&fresh, 0);
	*random = fresh;
	return 0;
}
