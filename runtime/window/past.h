/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_PAST_H
#define WINDOW_PAST_H

/*
 * How far the windows of other tasks were whose entries have come here, when
 * there was another number of tasks.
 *
 * Tuples are dealt out by the hash of their keys, so that task i of n has had
 * the keys that hash_pick() gives to it, and what is known is about those: all
 * of their windows that end up to `done` have been handed over. It stays true
 * for ever, whoever has these keys later. It is needed until the windows here
 * are further than all of it.
 */

#include <stddef.h>
#include <stdint.h>

struct past_fact {
	int64_t task, tasks;
	int64_t done;
};

/* Zeroed, it is empty. `facts` and `count` may be read. */
struct past {
	struct past_fact *facts;
	size_t count, room;
	int64_t most; /* the greatest `done` */
};

void past_fini(struct past *past);

/* Adds one; of the same tasks the greater one counts. 0 or -ENOMEM. */
int past_add(struct past *past, const struct past_fact *fact);

/* How far the windows of keys are that are dealt out by that hash; INT64_MIN:
 * nothing is known. */
int64_t past_of(const struct past *past, uint64_t hash);

/* How far those of all keys are. */
int64_t past_least(const struct past *past);

/* How far those of that task were; INT64_MIN: it was not there. */
int64_t past_of_task(const struct past *past, int64_t task);

#endif
