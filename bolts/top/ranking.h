/* SPDX-License-Identifier: MIT */
#ifndef TOP_RANKING_H
#define TOP_RANKING_H

/*
 * The keys with the greatest numbers, of those that are offered. Equal numbers
 * are ranked by their keys, the smaller one first. No key is offered twice. One
 * thread.
 */

#include <stddef.h>

#include <gust/tuple.h>

struct ranking_entry {
	struct gust_value number;
	const struct gust_value *key;
};

struct ranking {
	size_t field_count; /* of a key; these are set by the caller */
	size_t most;

	/* The greatest first, after ranking_sort(). The keys are copies. */
	struct ranking_entry *entries;
	size_t count, room;
};

void ranking_clear(struct ranking *ranking);
void ranking_destroy(struct ranking *ranking);

/* Copies the key if it is one of the `most` greatest so far. 0 or -ENOMEM. */
int ranking_offer(struct ranking *ranking, const struct ranking_entry *entry);

/* Sorts what was offered. */
void ranking_sort(struct ranking *ranking);

/*
 * When all were offered and sorted: takes the key in as well if its number is
 * that of `last`, the last one then, and it is not there. 0 or -ENOMEM. Sort
 * again behind it.
 */
int ranking_tie(struct ranking *ranking, const struct ranking_entry *last,
		const struct ranking_entry *entry);

#endif
