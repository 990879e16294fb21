/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_ASIDE_H
#define GUST_KIT_ASIDE_H

/*
 * Where a bolt puts records that are bad by their own fault: to the dead
 * letters, or to a stream of its own, which has the fields of the input and
 * `reason: string` behind them. An option decides:
 *
 *	{ .name = "unparsed", .type = GUST_OPTION_ENUM,
 *	  .offset = offsetof(struct my, aside.where),
 *	  .fallback = "dead_letter", .choices = aside_choices, .help = ... }
 *
 * One thread.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/forward.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

enum aside_where { ASIDE_DEAD_LETTER, ASIDE_STREAM };

/* "dead_letter", "stream". */
extern const char *const aside_choices[];

struct aside {
	int where; /* option: enum aside_where */

	/* Where it goes to a stream. */
	uint32_t stream;
	struct forward forward;
	struct gust_value *row;
};

/*
 * In declare(): declares the stream if there is one; call it behind the
 * declarations of others. -EINVAL: the inputs have different fields, or one
 * that is called 'reason'.
 */
int aside_declare(const struct aside *aside, const char *stream,
		  struct gust_declaration *about, struct gust_error *error);

/* In open(). -ENOMEM. */
int aside_open(struct aside *aside, const char *stream, struct gust_task *task,
	       struct gust_error *error);

/* Puts the input of execute() aside, which must return what this returns. */
int aside_put(struct aside *aside, struct gust_task *task,
	      const struct gust_tuple *in, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int aside_vput(struct aside *aside, struct gust_task *task,
	       const struct gust_tuple *in, const char *format,
	       va_list arguments) __attribute__((format(printf, 4, 0)));

/* Also after aside_open() has failed. */
void aside_close(struct aside *aside);

#endif
