/* SPDX-License-Identifier: MIT */
#ifndef FAKE_ACCUMULATOR_H
#define FAKE_ACCUMULATOR_H

/*
 * The callbacks of a bolt's incremental windows (gust/window.h), by hand, for
 * what no run of windows shows: parts that are joined as a test wants it.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gust/window.h>

#include "fake_task.h"

/* A new accumulator; the bolt has initialised it. */
static inline struct gust_accumulator fake_accumulator(struct fake *fake)
{
	const struct gust_windowing *calls = fake->bolt->windowing;
	const uint32_t size = calls->accumulator_size;
	struct gust_accumulator accumulator = {
		.data = calloc(1, size + 32),
		.size = size,
		.room = calls->grows ? size + 32 : 0,
	};

	assert(accumulator.data != NULL);
	if (calls->init != NULL && calls->init(fake->instance, &accumulator))
		abort();
	return accumulator;
}

static inline void fake_drop(struct gust_accumulator *accumulator)
{
	free(accumulator->data);
	memset(accumulator, 0, sizeof(*accumulator));
}

/* What add() returns; `time` is that of the tuple. */
static inline int fake_add(struct fake *fake,
			   struct gust_accumulator *accumulator,
			   const struct gust_value *values, size_t count,
			   int64_t time)
{
	struct gust_tuple *in = fake_tuple(0, values, count);
	int r;

	in->time = time;
	fake->executing = in;
	r = fake->bolt->windowing->add(fake->instance, (void *)fake,
				       accumulator, in);
	fake->executing = NULL;
	free(in);
	return r;
}

static inline int fake_merge(struct fake *fake, struct gust_accumulator *into,
			     const struct gust_accumulator *from)
{
	return fake->bolt->windowing->merge(fake->instance, into, from);
}

static inline int fake_result(struct fake *fake,
			      const struct gust_window *window,
			      const struct gust_accumulator *accumulator)
{
	return fake->bolt->windowing->result(fake->instance, (void *)fake,
					     window, accumulator);
}

#endif
