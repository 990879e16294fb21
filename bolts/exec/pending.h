/* SPDX-License-Identifier: MIT */
#ifndef EXEC_PENDING_H
#define EXEC_PENDING_H

/*
 * The tuples that the child has and has not answered, in the order in which it
 * got them. Each has an id, which never comes again.
 */

#include <stdint.h>

#include <gust/tuple.h>

struct pending_entry;

/* All zero is one that was not opened. */
struct pending {
	struct pending_entry *entries; /* the first one closes the ring */
	uint32_t size, count;
	uint32_t vacant; /* a list of those that are free */
	uint64_t serial;
};

/* For `size` tuples. 0 or -ENOMEM. */
int pending_open(struct pending *pending, uint32_t size);
void pending_close(struct pending *pending);

/* The id that the next tuple will get. */
uint64_t pending_next_id(const struct pending *pending);

/* Adds a tuple that is kept; there must be room. */
void pending_add(struct pending *pending, const struct gust_tuple *kept);

/* Takes out the tuple with that id, or the oldest one; NULL: there is none. */
const struct gust_tuple *pending_take(struct pending *pending, uint64_t id);
const struct gust_tuple *pending_take_oldest(struct pending *pending);

/* The tuple that follows that of place `*at`, from the oldest at 0 on; NULL
 * after the youngest. */
const struct gust_tuple *pending_next(const struct pending *pending,
				      uint32_t *at);

#endif
