/* SPDX-License-Identifier: MIT */

#include "window/past.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void past_fini(struct past *past)
{
	free(past->facts);
	memset(past, 0, sizeof(*past));
}

static struct past_fact *past_find(const struct past *past, int64_t task,
				   int64_t tasks)
{
	for (size_t i = 0; i < past->count; i++)
		if (past->facts[i].task == task &&
		    past->facts[i].tasks == tasks)
			return &past->facts[i];
	return NULL;
}

int past_add(struct past *past, const struct past_fact *fact)
{
	struct past_fact *own = past_find(past, fact->task, fact->tasks);

	if (past->count == 0 || fact->done > past->most)
		past->most = fact->done;
	if (own != NULL) {
		if (fact->done > own->done)
			own->done = fact->done;
		return 0;
	}
	if (past->count == past->room) {
		const size_t room = past->room == 0 ? 16 : 2 * past->room;

		own = realloc(past->facts, room * sizeof(*own));
		if (own == NULL)
			return -ENOMEM;
		past->facts = own;
		past->room = room;
	}
	past->facts[past->count++] = *fact;
	return 0;
}

int64_t past_of(const struct past *past, uint64_t hash)
{
	int64_t done = INT64_MIN;

	for (size_t i = 0; i < past->count; i++) {
		const struct past_fact *fact = &past->facts[i];

		if (fact->done > done &&
		    hash_pick(hash, (uint32_t)fact->tasks) == fact->task)
			done = fact->done;
	}
	return done;
}

/* The least of all tasks when there were so many. */
static int64_t past_least_of(const struct past *past, int64_t tasks)
{
	int64_t least = INT64_MAX, found = 0;

	for (size_t i = 0; i < past->count; i++) {
		if (past->facts[i].tasks != tasks)
			continue;
		found++;
		if (past->facts[i].done < least)
			least = past->facts[i].done;
	}
	return found == tasks ? least : INT64_MIN;
}

int64_t past_least(const struct past *past)
{
	int64_t most = INT64_MIN, least;

	for (size_t i = 0; i < past->count; i++) {
		least = past_least_of(past, past->facts[i].tasks);
		if (least > most)
			most = least;
	}
	return most;
}

int64_t past_of_task(const struct past *past, int64_t task)
{
	int64_t done = INT64_MIN;

	for (size_t i = 0; i < past->count; i++)
		if (past->facts[i].task == task && past->facts[i].done > done)
			done = past->facts[i].done;
	return done;
}
