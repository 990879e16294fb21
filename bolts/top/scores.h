/* SPDX-License-Identifier: MIT */
#ifndef TOP_SCORES_H
#define TOP_SCORES_H

/*
 * Keys with a number each: what `top` keeps, as state of its task. Time goes by
 * in turns; a number counts for as many turns as the window has, that one
 * included in which it came. All keys have as many values, and their numbers
 * are all ints or all floats, never null or nan. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/heavy.h>
#include <gust/state.h>
#include <gust/task.h>
#include <gust/tuple.h>

/* What is said of -EBADMSG. */
#define SCORES_MISFIT                                                          \
	"the state has other rankings than this one, expected those of the "   \
	"run before"

/* The number of a key within one turn, as it is stored. */
struct scores_slot {
	uint64_t turn;
	union {
		int64_t integer;
		double number;
	} as;
};

struct scores {
	size_t field_count;  /* of a key; these are set by the caller */
	enum gust_type type; /* of the numbers */
	enum heavy_take take;
	bool counted; /* the numbers are counters, and stay */
	size_t turns; /* of the window; 0: all numbers stay */

	struct gust_state *state;  /* by key: a counter, or slots by turn */
	struct gust_state *clock;  /* the turn */
	uint64_t turn;             /* counts from 1 */
	struct scores_slot *slots; /* room for those of one key */
};

/*
 * In open(). 0; -EBADMSG: what an earlier run has left is something else; or
 * what gust_state() returns. scores_close() follows in any case.
 */
int scores_open(struct scores *scores, struct gust_task *task,
		struct gust_error *error);
void scores_close(struct scores *scores);

/* Gives a key a number, unless they are counters. As gust_state_put(). */
int scores_add(struct scores *scores, const struct gust_key *key,
	       struct gust_value number);

/*
 * The next key that has a number within the window, with its number: 1, or 0
 * after the last one. The key is borrowed until the next call. Keys that have
 * left the window are forgotten on the way. Else an errno of
 * gust_cursor_next(), or -EBADMSG as scores_open(). The cursor is one over
 * `state`.
 */
int scores_next(struct scores *scores, struct gust_cursor *cursor,
		struct gust_key *key, struct gust_value *number);

/* Begins the next turn. As gust_state_put(). */
int scores_turn(struct scores *scores);

#endif
