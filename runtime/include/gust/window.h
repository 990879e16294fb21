/* SPDX-License-Identifier: MIT */
#ifndef GUST_WINDOW_H
#define GUST_WINDOW_H

/*
 * Windows: the tuples of a span of time, or a number of them, handed to a bolt
 * together.
 *
 * Which windows a bolt gets stands in the topology, under `window:`. A bolt
 * that takes part sets `windowing` in its descriptor to one of two contracts;
 * its execute() is then for running without a window, and may be NULL.
 *
 *   incremental  init, add, merge, result: the runtime keeps one accumulator a
 *                key and slice, and not the tuples. Windows that overlap share
 *                slices, and a tuple is added once, however many windows it is
 *                in.
 *   whole        the bolt gets the tuples of the window, and which of them are
 *                new since the last one, and which have left, as in Storm.
 *
 * All callbacks run on the task's thread. A tuple is acked when the last
 * window that it is in has been handed over and all that was emitted then is
 * processed, or when durable state holds it; until then its tree is held.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/export.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gust_window_type {
	GUST_TUMBLING = 1,
	GUST_SLIDING = 2,
	GUST_SESSION = 3,
	GUST_TUMBLING_COUNT = 4,
	GUST_SLIDING_COUNT = 5
};

/* What `window:` says. Times are in ns, counts in tuples; what a type has not
 * got is 0. All of it belongs to the runtime. */
struct gust_window_spec {
	enum gust_window_type type;
	int64_t length;
	int64_t slide; /* of tumbling ones their length */
	int64_t gap;   /* of sessions */
	int64_t offset;
	const char *zone; /* whose days and hours it follows; NULL: UTC */
	int64_t lateness; /* allowed_lateness */
	int64_t early;    /* how often results come before the end; 0: never */
	const char *const *keys;
	size_t key_count;
};

/* Why a window is handed over. */
enum gust_firing {
	GUST_ON_TIME = 0, /* the watermark has passed its end */
	GUST_EARLY = 1,   /* so far; more will follow */
	GUST_LATE = 2     /* a late tuple has come; mostly again */
};

/* A window that is handed over; it is there for that call only. */
struct gust_window {
	int64_t begin;  /* of time: begin <= t < end, in ns since 1970 */
	int64_t end;    /* of a count: of the first, and the last one + 1 */
	uint64_t count; /* of tuples in it */
	enum gust_firing firing;
	const struct gust_value *keys; /* the values of `keys:`, in order */
	size_t key_count;
};

/*
 * What the tuples of one key and slice come to: flat bytes without pointers,
 * 16-byte aligned, since they may be moved, stored and read by another process
 * on the same kind of machine.
 */
struct gust_accumulator {
	void *data;
	uint32_t size; /* in bytes */
	uint32_t room; /* of the runtime */
};

/* Gives it another size; what is new is zero. Returns `data`, which may have
 * moved, or NULL when memory is short: then nothing has changed. For
 * contracts with `grows` only. */
GUST_API void *gust_accumulator_resize(struct gust_accumulator *accumulator,
				       size_t size);

/* The tuples of a window in the order of their times, of equal times in that of
 * their arrival. Borrowed until the call returns. */
struct gust_window_tuples {
	const struct gust_tuple *const *all;
	size_t all_count;
	const struct gust_tuple *const *fresh; /* were in no earlier one */
	size_t fresh_count;
	/* Were in the one before of this key, and have left. Of those on time
	 * that overlap. After a restart the first windows of a number of tuples
	 * do not know. */
	const struct gust_tuple *const *expired;
	size_t expired_count;
};

struct gust_windowing {
	uint32_t size; /* sizeof(struct gust_windowing) */

	/*
	 * Incremental. An accumulator begins with `accumulator_size` zero
	 * bytes, and init(), which is optional. If `grows` is set it may be
	 * resized. They return 0 or a negative errno, which fails the run, or
	 * in add() the tuple. merge() adds `from`, of later tuples, to `into`.
	 * result() emits; the emits carry the window's last moment as their
	 * time.
	 */
	uint32_t accumulator_size;
	bool grows;
	int (*init)(void *self, struct gust_accumulator *accumulator);
	int (*add)(void *self, struct gust_task *task,
		   struct gust_accumulator *accumulator,
		   const struct gust_tuple *in);
	int (*merge)(void *self, struct gust_accumulator *into,
		     const struct gust_accumulator *from);
	int (*result)(void *self, struct gust_task *task,
		      const struct gust_window *window,
		      const struct gust_accumulator *accumulator);

	/* Whole windows; then the four above are NULL. It emits as well. */
	int (*whole)(void *self, struct gust_task *task,
		     const struct gust_window *window,
		     const struct gust_window_tuples *tuples);
};

/* In declare(): what `window:` says of this component, or NULL, which comes to
 * a bolt without execute() as well, when it is only asked what it is. It lives
 * as long as the topology. */
GUST_API const struct gust_window_spec *
gust_declared_window(const struct gust_declaration *about);

#ifdef __cplusplus
}
#endif

#endif
