/* SPDX-License-Identifier: MIT */

#include "post.h"

#include <errno.h>
#include <stdlib.h>

#include <gust/kit/object.h>

const char *const post_bodies[] = { "array", "lines", "single", NULL };

int post_form_declare(struct post_form *form,
		      const struct gust_declaration *about,
		      struct gust_error *error)
{
	enum gust_type type = GUST_JSON;
	int r = 0;

	if (form->field_name != NULL)
		r = gust_declared_type(about, form->field_name, &type, error);
	if (r < 0 || form->type != NULL)
		return r;
	if (form->body == POST_ARRAY)
		form->type = "application/json";
	else if (form->body == POST_LINES)
		form->type = form->field_name == NULL
				     ? "application/x-ndjson"
				     : "text/plain; charset=utf-8";
	else
		form->type = type == GUST_JSON    ? "application/json"
			     : type == GUST_BYTES ? "application/octet-stream"
						  : "text/plain; charset=utf-8";
	return 0;
}

int post_form_open(struct post_form *form, struct gust_task *task,
		   struct gust_error *error)
{
	if (form->field_name == NULL)
		return 0;
	return gust_field(task, form->field_name, GUST_NULL, &form->field,
			  error);
}

int post_init(struct post *post, size_t room)
{
	post->rows = calloc(room, sizeof(*post->rows));
	return post->rows == NULL ? -ENOMEM : 0;
}

void post_fini(struct post *post)
{
	free(post->rows);
	buffer_destroy(&post->url);
	buffer_destroy(&post->body);
}

void post_add(struct post *post, const struct gust_tuple *row)
{
	post->rows[post->count++] = row;
	post->end = post->count;
}

void post_part(struct post *post)
{
	post->alone = true;
	post->end = post->begin + 1;
}

void post_advance(struct post *post)
{
	post->begin = post->end;
	if (post->begin < post->count) {
		post->end = post->begin + 1;
		return;
	}
	post->count = 0;
	post->begin = 0;
	post->end = 0;
	post->alone = false;
	post->state = POST_FREE;
}

static int post_write_row(struct post *post, const struct post_form *form,
			  const struct gust_task *task,
			  const struct gust_tuple *row)
{
	if (form->field_name == NULL)
		return object_tuple(&post->body,
				    gust_tuple_input(task, row)->columns, row);
	if (form->body == POST_ARRAY)
		return object_value(&post->body, gust_value(row, form->field));
	return buffer_value(&post->body, gust_value(row, form->field));
}

int post_write(struct post *post, const struct post_form *form,
	       const struct gust_task *task)
{
	size_t i;
	int r = 0;

	post->body.used = 0;
	if (form->body == POST_ARRAY)
		r = buffer_char(&post->body, '[');
	for (i = post->begin; i < post->end && r == 0; i++) {
		if (i > post->begin && form->body == POST_ARRAY)
			r = buffer_char(&post->body, ',');
		if (r == 0)
			r = post_write_row(post, form, task, post->rows[i]);
		if (r == 0 && form->body == POST_LINES)
			r = buffer_char(&post->body, '\n');
	}
	if (r == 0 && form->body == POST_ARRAY)
		r = buffer_char(&post->body, ']');
	/* An empty body is one, too. */
	return r == 0 ? buffer_reserve(&post->body, 1) : r;
}
