/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CREDIT_H
#define ENGINE_CREDIT_H

/*
 * Credit: how many bytes may be under way to an executor.
 *
 * A *line* is what credit is counted by: one a component, and one a feedback
 * edge. For each line and executor the sender counts the bytes it has sent and
 * the receiver has not yet consumed; queues of the own executor are counted
 * alike. A task runs only while the lines of its subscribers have room; one
 * callback may overshoot by what it emits. Since sinks need no room, and each
 * component only that of components of higher rank, something can always run
 * (the spin model of the rule found no standstill). Feedback lines are not
 * waited for: what finds one full fails.
 */

#include "engine/state.h"

/* Counts the lines of the plan, and their windows. 0 or -ENOMEM. */
int credit_init(struct executor *x);
void credit_fini(struct executor *x);

static inline uint32_t credit_feedback_line(const struct executor *x,
					    uint32_t edge)
{
	return x->plan->component_count + edge;
}

static inline bool credit_full(const struct executor *x, uint32_t line,
			       uint32_t executor)
{
	const struct credit_line *l = &x->lines[line];

	return l->outstanding[executor] >= l->window;
}

static inline void credit_take(struct executor *x, uint32_t line,
			       uint32_t executor, uint64_t bytes)
{
	struct credit_line *l = &x->lines[line];
	bool was_full = l->outstanding[executor] >= l->window;

	l->outstanding[executor] += bytes;
	if (!was_full && l->outstanding[executor] >= l->window) {
		l->lacking++;
		x->lacking++;
	}
}

/* Consumed by `executor`; the other half of credit_take(). */
void credit_give(struct executor *x, uint32_t line, uint32_t executor,
		 uint64_t bytes);

/* Nothing is under way to that executor any more. */
void credit_forget(struct executor *x, uint32_t executor);

/* What credit_room() looks at when some line lacks room; not to be called. */
bool credit_room_slow(const struct executor *x, const struct gust_task *task);

/* Whether a task may run: whom it emits to has room. */
static inline bool credit_room(const struct executor *x,
			       const struct gust_task *task)
{
#ifdef GUST_MUTATE_CREDIT /* for tests/sim, which must notice */
	(void)x;
	(void)task;
	return true;
#endif
	return x->lacking == 0 || credit_room_slow(x, task);
}

/* The component that lacks room for `task`, or UINT32_MAX. */
uint32_t credit_blocker(const struct executor *x, const struct gust_task *task);

#endif
