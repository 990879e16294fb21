/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_LAYOUT_H
#define GUST_KIT_LAYOUT_H

/*
 * Text with fields in it: {NAME} stands for the value of field NAME, "{{" and
 * "}}" for braces. No text, NULL, stands for all fields, separated by tabs. One
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

struct layout_part; /* text as it is, or a field */

/* All zero is a template without text. */
struct layout {
	struct layout_part *parts;
	size_t count;
	bool all; /* there was no text */
};

/*
 * In declare(): whether `text`, the value of option `option`, is a template
 * whose fields all inputs have. -EINVAL and -ENOENT set `error`.
 */
int layout_check(const char *text, const char *option,
		 const struct gust_declaration *about,
		 struct gust_error *error);

/*
 * In open(): takes `text` apart, which is borrowed until layout_close(), and
 * finds its fields. Errors as above, or -ENOMEM.
 */
int layout_open(struct layout *layout, const char *text, const char *option,
		struct gust_task *task, struct gust_error *error);

/* Appends the text with the values of `in`. 0 or -ENOMEM. */
int layout_append(const struct layout *layout, const struct gust_tuple *in,
		  struct buffer *buffer);

/* The same with values as `append` writes them, such as url_escape(). */
typedef int layout_value(struct buffer *buffer, struct gust_value value);
int layout_append_as(const struct layout *layout, const struct gust_tuple *in,
		     struct buffer *buffer, layout_value *append);

/* Whether the text depends on the tuple. */
bool layout_has_fields(const struct layout *layout);

/* Also after layout_open() has failed. */
void layout_close(struct layout *layout);

#endif
