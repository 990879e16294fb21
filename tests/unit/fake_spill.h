/* SPDX-License-Identifier: MIT */
#ifndef FAKE_SPILL_H
#define FAKE_SPILL_H

/* A spill in memory, of which the tests say what goes there, and see what is
 * left. A block each, so that the sanitizer sees who reads beyond it. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/spill.h"

struct fake_spill {
	struct spill spill; /* of fake_spill_init() */
	size_t every;       /* one of so many is taken; 0: none is */
	int fails;          /* what take() returns */
	size_t asked, taken, given, rested;
};

static inline int fake_spill_take(void *self, size_t size, void **room)
{
	struct fake_spill *fake = self;

	*room = NULL;
	if (fake->fails != 0)
		return fake->fails;
	if (fake->every == 0 || fake->asked++ % fake->every != 0)
		return 0;
	*room = malloc(size);
	if (*room == NULL)
		return -ENOMEM;
	fake->taken++;
	return 0;
}

static inline void fake_spill_give(void *self, void *room)
{
	struct fake_spill *fake = self;

	fake->given++;
	free(room);
}

static inline void fake_spill_rest(void *self, size_t size)
{
	struct fake_spill *fake = self;

	fake->rested += size;
}

static inline void fake_spill_init(struct fake_spill *fake, size_t every)
{
	*fake = (struct fake_spill){ .spill = { .self = fake,
						.take = fake_spill_take,
						.give = fake_spill_give,
						.rest = fake_spill_rest },
				     .every = every };
}

#endif
