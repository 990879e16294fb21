/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

/*
 * The windows of a task: between its inputs and the bolt's gust/window.h stands
 * this, in the place of the bolt's execute().
 *
 * An input is added to its windows (window/windows.h) and held in a sheaf
 * (engine/sheaf.h). What is due is handed over when the watermark passes, when
 * the clock does where there is no event time, at FLUSH, and after an input for
 * windows of a number of tuples: at once, on top of the call of execute(), but
 * in a frame of its own, so that what is emitted starts derived roots. If there
 * is no room, the rest follows in a later turn, before any other input. When
 * the watermark passes is engine/watermark.h's affair.
 *
 * Where state is durable nothing is held in sheaves: an input is acked when a
 * commit (engine/commit.h) has stored what the windows have become. What was
 * handed over is gone from the store then, and its results are in the outbox
 * (engine/outbox.h) instead. A run that is stopped leaves open windows in the
 * store, and the next one goes on.
 */

#include "engine/dealt.h"
#include "engine/sheaf.h"
#include "engine/state.h"
#include "window/windows.h"

struct window {
	struct windows *core;
	const struct gust_window_spec *spec;
	bool hashed; /* the hash of every input is that of the keys */
	bool due;    /* something is to be handed over, before any input */
	bool early_due;
	bool alarmed;              /* the clock will have it advance */
	int64_t clock;             /* the latest time where there is no event
				    * time: a clock that is set back stands */
	uint64_t core_bytes;       /* of it, as counted in kept_bytes */
	uint16_t **places;         /* of the keys, by stream */
	struct gust_value *values; /* of an input */
	struct sheaves sheaves;

	/* Durable windows, see engine/window_store.c. */
	struct gust_state *state; /* NULL: they are in memory */
	struct gust_state *open;  /* what is open, */
	struct gust_state *parts; /* and tuples of that */
	struct dealt dealt;       /* among the tasks */
	bool unsaved;             /* something has changed */
	uint64_t unsaved_bytes;   /* in tuples that have come since */
	bool noted;               /* windows_save() has been called */
};

/* After the bolt's open(). Does nothing for tasks without windows. -ENOMEM, or
 * why the windows cannot be; `error` says it. */
int window_open(struct executor *x, struct gust_task *task,
		struct gust_error *error);
void window_fini(struct executor *x, struct gust_task *task);

static inline int64_t window_clock(struct window *window, int64_t now)
{
	if (now > window->clock && now != INT64_MAX)
		window->clock = now;
	return now == INT64_MAX ? now : window->clock;
}

/* Counts what the windows take in memory against the share of the executor. */
void window_count(struct executor *x, struct gust_task *task);

/* The timer by which open windows are handed over early. */
void window_early(struct executor *x, struct gust_task *task);

/* Whether tuples wait in windows, or for what these emitted. */
static inline bool window_holds(const struct gust_task *task)
{
	return task->window != NULL && (task->counters.window_tuples > 0 ||
					!sheaf_none(&task->window->sheaves));
}

/* Whether a commit has something to store. */
static inline bool window_unsaved(const struct gust_task *task)
{
	return task->window != NULL && task->window->unsaved;
}

/* Writes what has changed to the state of the task, for a commit; the stack is
 * empty. 0; GUST_MORE: not yet; or a negative errno, which fails the run. */
int window_save(struct executor *x, struct gust_task *task);

/* Parts of window_open() and window_advance(): finds the store, reads windows
 * that an earlier run has left there, and begins to note changes, when all that
 * is due after that was handed over. */
int window_find_state(struct executor *x, struct gust_task *task,
		      struct gust_error *error);
void window_deal(struct gust_task *task, struct windows_host *host);
int window_restore(struct executor *x, struct gust_task *task,
		   struct gust_error *error);
int window_note(struct gust_task *task);

/* States of the runtime's own: how far the windows are, what is open, and the
 * tuples of whole windows that are. Where they go when there is another number
 * of tasks, see engine/move.h. */
#define WINDOW_STATE ".windows"
#define WINDOW_OPEN ".windows-open"
#define WINDOW_PARTS ".windows-parts"

/* In WINDOW_STATE, the only key that is a number has the clock. */
#define WINDOW_CLOCK 0

#endif
