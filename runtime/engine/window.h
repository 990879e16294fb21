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
 */

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
	uint64_t core_bytes;       /* of it, as counted in kept_bytes */
	uint16_t **places;         /* of the keys, by stream */
	struct gust_value *values; /* of an input */
	struct sheaves sheaves;
};

/* After the bolt's open(). Does nothing for tasks without windows. -ENOMEM, or
 * why the windows cannot be; `error` says it. */
int window_open(struct executor *x, struct gust_task *task,
		struct gust_error *error);
void window_fini(struct executor *x, struct gust_task *task);

/* The timer by which open windows are handed over early. */
void window_early(struct executor *x, struct gust_task *task);

/* Whether tuples wait in windows, or for what these emitted. */
static inline bool window_holds(const struct gust_task *task)
{
	return task->window != NULL && !sheaf_none(&task->window->sheaves);
}

#endif
