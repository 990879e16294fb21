/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_LINE_H
#define GUST_KIT_LINE_H

/*
 * The lines of an intake: what `lines` and `json_lines` make their records of.
 *
 * A line ends with LF, which does not belong to it; the last one of a file
 * needs none. One that is too long is rejected and passed over.
 *
 *	intake->state_size = sizeof(struct line);
 *	...
 *	r = line_next(intake, task, limit, &text, &taken);
 *	if (r != LINE_READY)
 *		return r;
 *	return intake_emit(intake, task, ..., taken);
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/kit/intake.h>
#include <gust/task.h>
#include <gust/tuple.h>

/* What is known of the line that begins where the text does. */
struct line {
	size_t searched; /* it does not end before */
	bool skips;      /* it is the rest of one that was rejected */
};

/* There is a line; no other answer of next(). */
#define LINE_READY 3

/*
 * Finds the next line, which must not be longer than `limit`. LINE_READY:
 * `*line` is it, and `*taken` how many bytes it takes with its end; it is
 * borrowed until intake_emit() or intake_take(), one of which must follow.
 * Else it is for next() to return.
 */
int line_next(struct intake *intake, struct gust_task *task, size_t limit,
	      struct gust_text *line, size_t *taken);

#endif
