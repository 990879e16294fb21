/* SPDX-License-Identifier: MIT */
#ifndef AGGREGATE_RUNNING_H
#define AGGREGATE_RUNNING_H

/*
 * Of `aggregate`: results without a window, from the first tuple to the last,
 * by keys, which are kept in the state of the task.
 */

#include <stdbool.h>

#include <gust/error.h>
#include <gust/kit/flat.h>
#include <gust/kit/tally.h>
#include <gust/option.h>
#include <gust/state.h>
#include <gust/task.h>

#define RUNNING_KEYS_MAX 32u

/* All zero before running_open(). */
struct running {
	struct gust_field fields[RUNNING_KEYS_MAX];
	size_t key_count;
	bool hashed; /* tuples come with the hash of these fields */
	struct gust_state *state;
	struct gust_cursor *cursor; /* what is emitted at the end */
	bool ended;
	struct flat flat;
};

/* In open(). -ENOMEM, what gust_field() and gust_state() give, or -EBADMSG: the
 * state is that of other aggregates. */
int running_open(struct running *running, const struct gust_list *by,
		 const struct tally *tally, struct gust_task *task,
		 struct gust_error *error);

/* Also after running_open() has failed. */
void running_close(struct running *running);

/*
 * Adds a tuple to what its key comes to, which is in `flat` then, and writes
 * the key to `row`. What execute() has to return.
 */
int running_add(struct running *running, struct tally *tally,
		struct gust_task *task, const struct gust_tuple *in,
		struct gust_value *row);

/*
 * Finds the next key in their order, and what it comes to, which is in `flat`
 * then. 1; 0 after the last one; or what finish() has to return. The key is
 * borrowed until the next call.
 */
int running_next(struct running *running, const struct tally *tally,
		 struct gust_task *task, struct gust_value *row);

/* Ends the run, since the state is that of other aggregates; returns what the
 * callback has to. */
int running_misfit(struct gust_task *task);

#endif
