/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/aside.h>
#include <gust/kit/columns.h>
#include <gust/kit/utf8.h>

#define ASIDE_REASON "reason"
#define ASIDE_REASON_MAX 512

const char *const aside_choices[] = { "dead_letter", "stream", NULL };

int aside_declare(const struct aside *aside, const char *stream,
		  struct gust_declaration *about, struct gust_error *error)
{
	const struct gust_column *columns;
	struct gust_column *copy;
	size_t count;
	int r;

	if (aside->where != ASIDE_STREAM)
		return 0;
	r = forward_columns(about, &columns, error);
	if (r < 0)
		return r;
	if (columns_find(columns, ASIDE_REASON) >= 0)
		return gust_error_set(error, -EINVAL,
				      "field '" ASIDE_REASON "' is what the "
				      "stream '%s' adds, expected another name "
				      "in the input",
				      stream);
	count = columns_count(columns);
	copy = malloc((count + 2) * sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, columns, count * sizeof(*copy));
	copy[count] = (struct gust_column){ ASIDE_REASON, GUST_STRING };
	copy[count + 1] = (struct gust_column){ NULL, GUST_NULL };
	r = gust_declare_stream(about, stream, copy);
	free(copy);
	return r;
}

int aside_open(struct aside *aside, const char *stream, struct gust_task *task,
	       struct gust_error *error)
{
	const struct gust_stream *output;
	int r;

	if (aside->where != ASIDE_STREAM)
		return 0;
	for (;; aside->stream++) {
		output = gust_task_output(task, aside->stream);
		assert(output != NULL);
		if (strcmp(output->name, stream) == 0)
			break;
	}
	r = forward_open(&aside->forward, task, error);
	if (r < 0)
		return r;
	aside->row = calloc(aside->forward.count + 1, sizeof(*aside->row));
	return aside->row != NULL ? 0 : -ENOMEM;
}

int aside_vput(struct aside *aside, struct gust_task *task,
	       const struct gust_tuple *in, const char *format,
	       va_list arguments)
{
	const size_t count = aside->forward.count;
	char raw[ASIDE_REASON_MAX], reason[ASIDE_REASON_MAX];

	vsnprintf(raw, sizeof(raw), format, arguments);
	/* Reasons quote values, and people read reasons. */
	utf8_readable(raw, reason, sizeof(reason));
	if (aside->where != ASIDE_STREAM)
		return gust_reject(task, in, "%s", reason);
	forward_read(&aside->forward, in);
	memcpy(aside->row, aside->forward.row, count * sizeof(*aside->row));
	aside->row[count] = gust_string(reason, strlen(reason));
	if (columns_size(aside->row, count + 1) > gust_tuple_max(task))
		return gust_reject(task, in, "%s", reason);
	return gust_emit_values(task, aside->stream, aside->row, count + 1);
}

int aside_put(struct aside *aside, struct gust_task *task,
	      const struct gust_tuple *in, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = aside_vput(aside, task, in, format, arguments);
	va_end(arguments);
	return r;
}

void aside_close(struct aside *aside)
{
	forward_close(&aside->forward);
	free(aside->row);
	aside->row = NULL;
}
