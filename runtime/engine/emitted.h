/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EMITTED_H
#define ENGINE_EMITTED_H

/*
 * An emit as it is stored: the stream, and the tuple behind it. It is read in
 * another run, whose topology may have changed.
 */

#include "engine/state.h"

struct emitted {
	uint32_t output; /* of the task */
	int32_t direct;
	/* The tuple follows. */
};

static inline const struct gust_tuple *
emitted_tuple(const struct emitted *emitted)
{
	return (const struct gust_tuple *)(const void *)(emitted + 1);
}

/* Whether `size` bytes are one, and others behind it, which the task may emit.
 */
bool emitted_fits(const struct gust_task *task, const struct emitted *emitted,
		  size_t size);

/* Makes a copy of its tuple one of this run. */
static inline void emitted_adopt(const struct gust_task *task,
				 const struct emitted *emitted,
				 struct gust_tuple *copy)
{
	copy->stream = task->outputs[emitted->output].header.stream;
	copy->task = task->outputs[emitted->output].header.task;
}

#endif
