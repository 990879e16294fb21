/* SPDX-License-Identifier: MIT */
#ifndef GUST_SPOUT_H
#define GUST_SPOUT_H

/*
 * What a spout plugin provides.
 *
 * A spout is a shared object that exports one symbol, the constant
 * `gust_spout`. The runtime makes one instance per task, fills in its options
 * and calls it from that task's thread only; callbacks of one instance never
 * run inside each other.
 *
 * How a failed tuple is emitted again:
 *   GUST_REPLAY_NONE      it is not; a failure is counted as lost.
 *   GUST_REPLAY_RECORD    the runtime keeps the tuple and emits it again; that
 *                         survives a failure, not the death of the process.
 *   GUST_REPLAY_POSITION  as record; besides, the runtime stores the lowest
 *                         offset that is not complete, and a later run opens
 *                         the source there. Emit with gust_emit_at().
 *   GUST_REPLAY_OWN       the spout gets ack() and fail() and emits again by
 *                         itself, as Storm's do. Emit with gust_emit_id().
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

/* See GUST_BOLT_ABI. */
#define GUST_SPOUT_ABI 1u

/* What next() returns, besides a negative errno, which fails the run. */
#define GUST_EMITTED 0 /* call again as soon as possible */
#define GUST_WAIT 1    /* nothing until a timer, a descriptor or a wake-up */
#define GUST_DONE 2    /* nothing will ever follow */

struct gust_spout {
	/* First for good: only these two are read until both check out. */
	uint32_t abi;  /* GUST_SPOUT_ABI */
	uint32_t size; /* sizeof(struct gust_spout) */

	const char *name;
	const char *summary;               /* one line, no full stop */
	const struct gust_option *options; /* or NULL */
	const struct gust_stream *streams; /* fixed outputs, or NULL */
	size_t instance_size; /* the runtime allocates it, zeroed */
	uint32_t flags;       /* as in gust/bolt.h */
	enum gust_replay replay;

	/* As in struct gust_bolt. Optional. */
	int (*declare)(void *self, struct gust_declaration *about,
		       struct gust_error *error);

	/* Prepares an instance. On failure close() still follows. Optional. */
	int (*open)(void *self, struct gust_task *task,
		    struct gust_error *error);

	/*
	 * Emits one tuple or a few and returns one of the codes above. Must
	 * not block. Not called while downstream is full. Required.
	 */
	int (*next)(void *self, struct gust_task *task);

	/* For GUST_REPLAY_OWN: the tree of that id completed, or failed. */
	void (*ack)(void *self, struct gust_task *task, uint64_t id);
	void (*fail)(void *self, struct gust_task *task, uint64_t id);

	/* The task is about to be resumed, or paused. Optional. */
	void (*activate)(void *self, struct gust_task *task);
	void (*deactivate)(void *self, struct gust_task *task);

	/* As in struct gust_bolt; next() follows. Optional. */
	int (*timer)(void *self, struct gust_task *task, uint64_t cookie);
	int (*ready)(void *self, struct gust_task *task, int fd, short events);

	/* Releases what open() took, even if open() failed. Optional. */
	void (*close)(void *self);
};

/* What the shared object of a spout defines; nothing else has it. */
extern GUST_EXPORT const struct gust_spout gust_spout;

#ifdef __cplusplus
}
#endif

#endif
