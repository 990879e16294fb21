/* SPDX-License-Identifier: MIT */

#include <gust/kit/line.h>

#include <inttypes.h>
#include <string.h>

static int line_reject(struct intake *intake, struct gust_task *task,
		       size_t length)
{
	return intake_reject(intake, task, length,
			     "the line at byte %" PRIu64
			     " does not fit into topology.tuple.max.bytes, %zu",
			     intake->text->offset, gust_tuple_max(task));
}

/* Deals with a text in which no line ends. */
static int line_go_on(struct intake *intake, struct gust_task *task,
		      size_t limit)
{
	const struct intake_text *text = intake->text;
	struct line *state = text->state;
	int r = 0;

	if (text->ended)
		return intake_leave(intake, task);
	if (text->length > limit && !state->skips) {
		r = line_reject(intake, task, text->length);
		state->skips = true;
	}
	if (state->skips)
		intake_take(intake, text->length);
	state->searched = text->length;
	return r < 0 ? r : intake_fill(intake, task);
}

int line_next(struct intake *intake, struct gust_task *task, size_t limit,
	      struct gust_text *line, size_t *taken)
{
	const struct intake_text *text = intake->text;
	struct line *state;
	const char *end;
	size_t length;
	int r = 0;

	if (text == NULL)
		return intake_fill(intake, task);
	state = text->state;
	end = memchr(text->data + state->searched, '\n',
		     text->length - state->searched);
	if (end == NULL && (!text->ended || text->length == 0))
		return line_go_on(intake, task, limit);
	length = end == NULL ? text->length : (size_t)(end - text->data);
	*taken = length + (end != NULL);
	state->searched = 0;
	if (!state->skips && length <= limit) {
		*line = (struct gust_text){ text->data, length };
		return LINE_READY;
	}
	if (!state->skips)
		r = line_reject(intake, task, length);
	state->skips = false;
	intake_take(intake, *taken);
	return r;
}
