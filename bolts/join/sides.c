/* SPDX-License-Identifier: MIT */

#include "sides.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/columns.h>

static bool sides_is_key(const char *name, const char *const *keys,
			 size_t key_count)
{
	size_t i;

	for (i = 0; i < key_count; i++)
		if (strcmp(keys[i], name) == 0)
			return true;
	return false;
}

/* Whether the name of a column of input `at` stands elsewhere, too. */
static bool sides_is_taken(const struct gust_declaration *about, size_t at,
			   const char *name, const struct gust_column *begin,
			   const struct gust_column *end)
{
	size_t i;

	if (columns_find(begin, name) >= 0 || columns_find(end, name) >= 0)
		return true;
	for (i = 0; i < gust_declared_inputs(about); i++)
		if (i != at &&
		    columns_find(gust_declared_input(about, i)->columns,
				 name) >= 0)
			return true;
	return false;
}

/* Whether another input is of the same component. */
static bool sides_has_twin(const struct gust_declaration *about, size_t at)
{
	const char *name = gust_declared_input(about, at)->component;
	size_t i;

	for (i = 0; i < gust_declared_inputs(about); i++)
		if (i != at &&
		    strcmp(gust_declared_input(about, i)->component, name) == 0)
			return true;
	return false;
}

/* The name with its component in front, and its stream if it needs that. NULL:
 * out of memory. */
static char *sides_long_name(const struct gust_declaration *about, size_t at,
			     const char *name)
{
	const struct gust_input *input = gust_declared_input(about, at);
	const bool twin = sides_has_twin(about, at);
	size_t size = strlen(input->component) + strlen(input->stream) +
		      strlen(name) + 3;
	char *text = malloc(size);

	if (text == NULL)
		return NULL;
	if (twin)
		snprintf(text, size, "%s_%s_%s", input->component,
			 input->stream, name);
	else
		snprintf(text, size, "%s_%s", input->component, name);
	return text;
}

/* Appends the columns of one input; `long_names` has those that are new. */
static int sides_append(const struct gust_declaration *about, size_t at,
			const char *const *keys, size_t key_count,
			const struct gust_column *begin,
			const struct gust_column *end,
			struct gust_column *columns, char **long_names)
{
	const struct gust_column *input =
		gust_declared_input(about, at)->columns;
	size_t n = columns_count(columns);

	for (; input->name != NULL; input++) {
		if (sides_is_key(input->name, keys, key_count))
			continue;
		columns[n] = *input;
		if (sides_is_taken(about, at, input->name, begin, end)) {
			long_names[n] = sides_long_name(about, at, input->name);
			columns[n].name = long_names[n];
		}
		if (columns[n++].name == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int sides_check(const struct gust_declaration *about,
		       struct gust_error *error)
{
	const size_t count = gust_declared_inputs(about);

	if (count < 2 || count > SIDES_MAX)
		return gust_error_set(error, -EINVAL,
				      "it has %zu inputs, expected 2 to %u",
				      count, SIDES_MAX);
	return 0;
}

int sides_declare(struct gust_declaration *about, const char *const *keys,
		  size_t key_count, const struct gust_column *begin,
		  const struct gust_column *end, struct gust_error *error)
{
	size_t i, room = columns_count(begin) + columns_count(end) + 1;
	struct gust_column *columns;
	char **long_names;
	int r = sides_check(about, error);

	if (r < 0)
		return r;
	for (i = 0; i < gust_declared_inputs(about); i++)
		room += columns_count(gust_declared_input(about, i)->columns);
	columns = calloc(room, sizeof(*columns));
	long_names = calloc(room, sizeof(*long_names));
	r = columns == NULL || long_names == NULL ? -ENOMEM : 0;
	if (r == 0)
		memcpy(columns, begin, columns_count(begin) * sizeof(*begin));
	for (i = 0; i < gust_declared_inputs(about) && r == 0; i++)
		r = sides_append(about, i, keys, key_count, begin, end, columns,
				 long_names);
	if (r == 0) {
		memcpy(columns + columns_count(columns), end,
		       columns_count(end) * sizeof(*end));
		r = gust_declare_stream(about, "default", columns);
	}
	for (i = 0; long_names != NULL && i < room; i++)
		free(long_names[i]);
	free(long_names);
	free(columns);
	return r;
}

static int sides_open_one(struct side *side, const struct gust_input *input,
			  const char *const *keys, size_t key_count)
{
	const size_t count = columns_count(input->columns);
	size_t i;

	side->input = input;
	side->columns = calloc(count + 1, sizeof(*side->columns));
	if (side->columns == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		if (!sides_is_key(input->columns[i].name, keys, key_count))
			side->columns[side->count++] = i;
	/* declare() has found them. */
	for (i = 0; i < key_count; i++)
		side->keys[i] = (size_t)columns_find(input->columns, keys[i]);
	return 0;
}

int sides_open(struct sides *sides, struct gust_task *task,
	       const char *const *keys, size_t key_count, size_t extra)
{
	size_t i, width = extra;
	int r = 0;

	sides->key_count = key_count;
	for (i = 0; i < gust_task_inputs(task) && r == 0; i++) {
		r = sides_open_one(&sides->sides[sides->count++],
				   gust_task_input(task, i), keys, key_count);
		width += sides->sides[i].count;
	}
	if (r == 0)
		sides->row = calloc(width + 1, sizeof(*sides->row));
	return r == 0 && sides->row == NULL ? -ENOMEM : r;
}

void sides_close(struct sides *sides)
{
	size_t i;

	for (i = 0; i < sides->count; i++)
		free(sides->sides[i].columns);
	free(sides->row);
	*sides = (struct sides){ 0 };
}

size_t sides_of(const struct sides *sides, struct gust_task *task,
		const struct gust_tuple *in)
{
	const struct gust_input *input = gust_tuple_input(task, in);
	size_t i;

	for (i = 0; i < sides->count - 1; i++)
		if (sides->sides[i].input == input)
			break;
	assert(sides->sides[i].input == input);
	return i;
}

size_t sides_fill(const struct sides *sides,
		  const struct gust_tuple *const *tuples,
		  struct gust_value *row)
{
	const struct side *side;
	size_t i, k, n = 0;

	for (i = 0; i < sides->count; i++) {
		side = &sides->sides[i];
		for (k = 0; k < side->count; k++)
			row[n++] = tuples[i] == NULL
					   ? gust_null()
					   : gust_value_at(tuples[i],
							   side->columns[k]);
	}
	return n;
}
