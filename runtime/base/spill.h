/* SPDX-License-Identifier: MIT */
#ifndef BASE_SPILL_H
#define BASE_SPILL_H

/*
 * Where things go that memory has no share for: into files, say. What is there
 * is looked at and changed as in memory, and stays where it is. Somebody
 * implements it; see worker/overflow.h. One thread.
 */

#include <stddef.h>

struct spill {
	void *self;

	/* Sets `*room` to `size` bytes, aligned to 16, that last until they are
	 * given back; or to NULL: they are to be taken from memory. 0, or a
	 * negative errno: neither has room now. */
	int (*take)(void *self, size_t size, void **room);
	void (*give)(void *self, void *room);

	/* So many bytes were looked at, and may rest again. */
	void (*rest)(void *self, size_t size);
};

#endif
