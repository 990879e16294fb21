/* SPDX-License-Identifier: MIT */
#ifndef GUST_BOLT_H
#define GUST_BOLT_H

/*
 * What a bolt plugin provides.
 *
 * A bolt is a shared object that exports one symbol, the constant `gust_bolt`.
 * The runtime makes one instance per task, fills in its options and calls it
 * from that task's thread only; callbacks of one instance never run inside
 * each other. They return 0 or a negative errno unless said otherwise.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/export.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Raised when a member changes its meaning or goes away. A member appended at
 * the end needs no new number: `size` tells.
 */
#define GUST_BOLT_ABI 1u

/* What execute() returns to be called again with the same tuple, and flush()
 * and finish() to be called again for the rest. */
#define GUST_MORE 1

struct gust_windowing;

struct gust_bolt {
	/* First for good: only these two are read until both check out. */
	uint32_t abi;  /* GUST_BOLT_ABI */
	uint32_t size; /* sizeof(struct gust_bolt) */

	const char *name;
	const char *summary;               /* one line, no full stop */
	const struct gust_option *options; /* or NULL */
	const struct gust_stream *streams; /* fixed outputs, or NULL */
	size_t instance_size; /* the runtime allocates it, zeroed */
	uint32_t flags;

	/*
	 * Reads the input fields and declares outputs that depend on them.
	 * Called once, after the options and before open(), without I/O. The
	 * instance is then copied for each task, so it may keep results of
	 * its own but must allocate nothing. Optional.
	 */
	int (*declare)(void *self, struct gust_declaration *about,
		       struct gust_error *error);

	/* Prepares an instance. On failure close() still follows. Optional. */
	int (*open)(void *self, struct gust_task *task,
		    struct gust_error *error);

	/*
	 * Handles `in`, which is borrowed until the call returns. 0 acks it,
	 * unless it was retained, held or added to a batch; GUST_MORE asks
	 * for another call with the same tuple; -EAGAIN means "not now": the
	 * runtime keeps the tuple and calls again with backoff; any other
	 * negative errno fails the tree. Required.
	 */
	int (*execute)(void *self, struct gust_task *task,
		       const struct gust_tuple *in);

	/* Every topology.tick.tuple.freq.secs. Optional. */
	int (*tick)(void *self, struct gust_task *task);

	/* A timer of gust_timer() is due. Optional. */
	int (*timer)(void *self, struct gust_task *task, uint64_t cookie);

	/* A watched descriptor is ready, or -1 after gust_wake(). Optional. */
	int (*ready)(void *self, struct gust_task *task, int fd, short events);

	/*
	 * There is no input at the moment: what was gathered may be written.
	 * Called once after the last execute() before the task rests; -EAGAIN
	 * has it called again soon. Optional.
	 */
	int (*idle)(void *self, struct gust_task *task);

	/*
	 * All inputs have come to an end for now: write what was gathered,
	 * fire what waits; nothing may be kept afterwards. May be called
	 * several times, with replayed tuples in between; -EAGAIN has it
	 * called again, GUST_MORE as soon as there is room. Optional.
	 */
	int (*flush)(void *self, struct gust_task *task);

	/*
	 * No input will follow; emits are still possible. Once, unless it
	 * returns -EAGAIN or GUST_MORE as above. Optional.
	 */
	int (*finish)(void *self, struct gust_task *task);

	/* Releases what open() took, even if open() failed. Optional. */
	void (*close)(void *self);

	/* See gust/window.h; NULL: `window:` is refused. */
	const struct gust_windowing *windowing;
};

/* What the shared object of a bolt defines; nothing else has it. */
extern GUST_EXPORT const struct gust_bolt gust_bolt;

#ifdef __cplusplus
}
#endif

#endif
