/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_FORWARD_H
#define GUST_KIT_FORWARD_H

/*
 * Tuples that are passed on with all their fields, for bolts that only decide
 * which, when or with what changes. All inputs must have the same fields with
 * the same types, in any order; the output has those of the first one. One
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

/* All zero before forward_open(). */
struct forward {
	struct gust_field *fields; /* in the order of the first input */
	struct gust_value *row;    /* room for a value each, and one more */
	size_t count;
	uint32_t stream; /* of the tuple that came last, and */
	bool ordered;    /* whether its fields are in that order, too */
};

/*
 * In declare(): the columns that all inputs have, up to one without a name;
 * they belong to the runtime. -EINVAL or -ENOENT: the inputs differ, which
 * `error` says. A bolt without changes calls forward_declare() only, which
 * declares stream "default" with them.
 */
int forward_columns(const struct gust_declaration *about,
		    const struct gust_column **columns,
		    struct gust_error *error);
int forward_declare(struct gust_declaration *about, struct gust_error *error);

/* In open(). -ENOMEM, or what gust_field() gives. */
int forward_open(struct forward *forward, struct gust_task *task,
		 struct gust_error *error);

/* Puts the values of `in` into `row`, which borrows its bytes. */
void forward_read(struct forward *forward, const struct gust_tuple *in);

/* The same of field `at` alone. */
static inline void forward_read_one(struct forward *forward,
				    const struct gust_tuple *in, size_t at)
{
	forward->row[at] = gust_value(in, forward->fields[at]);
}

/*
 * Emits `in` to a stream with these columns, by its number or to the first one,
 * anchored to the input. As gust_emit_values(); the row may be written to.
 */
int forward_emit_to(struct forward *forward, struct gust_task *task,
		    uint32_t stream, const struct gust_tuple *in);
int forward_emit(struct forward *forward, struct gust_task *task,
		 const struct gust_tuple *in);

/* The same with a tuple that is held or retained, which stays so. */
int forward_emit_kept(struct forward *forward, struct gust_task *task,
		      const struct gust_tuple *kept);

/* Also after forward_open() has failed. */
void forward_close(struct forward *forward);

#endif
