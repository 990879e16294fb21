/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/layout.h>

#define LAYOUT_NAME_MAX 256u

struct layout_part {
	const char *text; /* the text, or the name between the braces */
	size_t length;
	bool is_field;
	struct gust_field field;
};

/* Where in the text of which option, for messages. */
struct layout_place {
	const char *option, *begin, *at;
};

/*
 * Takes the next part off. 1, or 0 at the end; -EINVAL for a brace that is
 * alone.
 */
static int layout_next(struct layout_place *place, struct layout_part *part,
		       struct gust_error *error)
{
	const char *p = place->at;
	size_t n;

	if (*p == '\0')
		return 0;
	part->text = p;
	part->length = strcspn(p, "{}");
	part->is_field = false;
	place->at = p + part->length;
	if (part->length > 0)
		return 1;
	if (p[0] == p[1]) {
		part->length = 1;
		place->at = p + 2;
		return 1;
	}
	n = strcspn(p + 1, "{}");
	if (p[0] == '}' || p[1 + n] != '}')
		return gust_error_set(error, -EINVAL,
				      "option '%s': '%c' at character %zu "
				      "stands alone, expected {NAME}, '{{' or "
				      "'}}'",
				      place->option, *p,
				      (size_t)(p - place->begin) + 1);
	part->text = p + 1;
	part->length = n;
	part->is_field = true;
	place->at = p + n + 2;
	return 1;
}

/* Copies the name of a field; the empty one if it is too long to be one. */
static const char *layout_name(const struct layout_part *part,
			       char name[LAYOUT_NAME_MAX])
{
	size_t length = part->length < LAYOUT_NAME_MAX ? part->length : 0;

	memcpy(name, part->text, length);
	name[length] = '\0';
	return name;
}

int layout_check(const char *text, const char *option,
		 const struct gust_declaration *about, struct gust_error *error)
{
	struct layout_place place = { option, text, text };
	char name[LAYOUT_NAME_MAX];
	struct layout_part part;
	enum gust_type type;
	int r;

	if (text == NULL)
		return 0;
	while ((r = layout_next(&place, &part, error)) == 1) {
		if (!part.is_field)
			continue;
		r = gust_declared_type(about, layout_name(&part, name), &type,
				       error);
		if (r < 0)
			return r;
	}
	return r;
}

int layout_open(struct layout *layout, const char *text, const char *option,
		struct gust_task *task, struct gust_error *error)
{
	struct layout_place place = { option, text, text };
	char name[LAYOUT_NAME_MAX];
	struct layout_part *part;
	int r;

	layout->all = text == NULL;
	if (text == NULL)
		return 0;
	/* No part is shorter than a character. */
	layout->parts = calloc(strlen(text) + 1, sizeof(*layout->parts));
	if (layout->parts == NULL)
		return -ENOMEM;
	for (;;) {
		part = &layout->parts[layout->count];
		r = layout_next(&place, part, error);
		if (r != 1)
			return r;
		if (part->is_field)
			r = gust_field(task, layout_name(part, name), GUST_NULL,
				       &part->field, error);
		if (r < 0)
			return r;
		layout->count++;
	}
}

static int layout_append_all(const struct gust_tuple *in, struct buffer *buffer,
			     layout_value *append)
{
	size_t i;
	int r = 0;

	for (i = 0; i < in->fields && r == 0; i++) {
		if (i > 0)
			r = buffer_char(buffer, '\t');
		if (r == 0)
			r = append(buffer, gust_value_at(in, i));
	}
	return r;
}

int layout_append_as(const struct layout *layout, const struct gust_tuple *in,
		     struct buffer *buffer, layout_value *append)
{
	const struct layout_part *part;
	size_t i;
	int r = 0;

	if (layout->all)
		return layout_append_all(in, buffer, append);
	for (i = 0; i < layout->count && r == 0; i++) {
		part = &layout->parts[i];
		if (part->is_field)
			r = append(buffer, gust_value(in, part->field));
		else
			r = buffer_append(buffer, part->text, part->length);
	}
	return r;
}

int layout_append(const struct layout *layout, const struct gust_tuple *in,
		  struct buffer *buffer)
{
	return layout_append_as(layout, in, buffer, buffer_value);
}

bool layout_has_fields(const struct layout *layout)
{
	size_t i;

	for (i = 0; i < layout->count; i++)
		if (layout->parts[i].is_field)
			return true;
	return layout->all;
}

void layout_close(struct layout *layout)
{
	free(layout->parts);
	*layout = (struct layout){ 0 };
}
