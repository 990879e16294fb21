/* SPDX-License-Identifier: MIT */
#ifndef GUST_STREAM_H
#define GUST_STREAM_H

/*
 * Which streams a component emits, and what it may know of its inputs before
 * anything runs: with this `gust check` type-checks the wiring.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/export.h>
#include <gust/tuple.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A field of a stream. Tables end with an element whose `name` is NULL. */
struct gust_column {
	const char *name;
	enum gust_type type;
};

/*
 * A stream that a component emits to. Tables end with an element whose `name`
 * is NULL; the first one, commonly "default", is what gust_emit() uses.
 */
struct gust_stream {
	const char *name;
	const struct gust_column *columns;
};

/* A stream that arrives; all of it belongs to the runtime. */
struct gust_input {
	const char *component; /* who emits it */
	const char *stream;
	const struct gust_column *columns;
};

/* How a spout gets a failed tuple emitted again; see gust/spout.h. */
enum gust_replay {
	GUST_REPLAY_NONE = 0,
	GUST_REPLAY_RECORD = 1,
	GUST_REPLAY_POSITION = 2,
	GUST_REPLAY_OWN = 3
};

/* Flags of a spout's or a bolt's descriptor. */
#define GUST_DEDICATED 1u     /* it blocks: each task gets a thread */
#define GUST_STDOUT 2u        /* it writes to standard output */
#define GUST_DETERMINISTIC 4u /* the same input gives the same emits */
#define GUST_MEMORY 8u        /* it loses results with its process */
#define GUST_STATE 16u        /* its state may be durable, see gust/state.h */

/* What declare() may ask and say; valid during that call only. */
struct gust_declaration;

/* The inputs of a bolt, in the order of the file; spouts have none. */
GUST_API size_t gust_declared_inputs(const struct gust_declaration *about);
GUST_API const struct gust_input *
gust_declared_input(const struct gust_declaration *about, size_t number);

/*
 * The streams that the topology's `outputs:` names, in the order of the file:
 * fields that only the user knows. They need no gust_declare_stream(); one
 * that is declared with the same name must have the same fields. In open()
 * gust_task_output() tells them. Who has a declare() that does not ask for them
 * is taken to know of none, and `gust check` warns of what is in vain.
 */
GUST_API size_t gust_declared_outputs(const struct gust_declaration *about);
GUST_API const struct gust_stream *
gust_declared_output(const struct gust_declaration *about, size_t number);

/* How many tasks it will have. */
GUST_API uint32_t gust_declared_tasks(const struct gust_declaration *about);

/*
 * The type of field `name`, which must stand in every input with the same
 * type. -ENOENT: an input lacks it; -EINVAL: the types differ; both set
 * `error`, with the nearest name.
 */
GUST_API int gust_declared_type(const struct gust_declaration *about,
				const char *name, enum gust_type *type,
				struct gust_error *error);

/*
 * Declares an output stream; names and columns are copied. Streams declared
 * here are numbered after those of the descriptor's table, and those that the
 * topology's `outputs:` names come last. -EEXIST: declared before.
 */
GUST_API int gust_declare_stream(struct gust_declaration *about,
				 const char *name,
				 const struct gust_column *columns);

/* Says how this spout replays when its options decide that. */
GUST_API void gust_declare_replay(struct gust_declaration *about,
				  enum gust_replay replay);

#ifdef __cplusplus
}
#endif

#endif
