/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_OBJECT_H
#define GUST_KIT_OBJECT_H

/*
 * Tuples as objects of JSON, and back: what json_lines, parse_json, to_json,
 * write_json, exec and the HTTP plugins mean by "a tuple in JSON".
 *
 *	null, bool, int	as in JSON
 *	float		a number; null for nan and the infinities
 *	string		a string; bytes that are no UTF-8 become U+FFFD
 *	bytes		a string in base64
 *	json		itself
 *
 * Back, a column takes what stands above, and besides: a float takes an
 * integer, an int a number without a fraction, a string any number, json
 * anything. A member that is missing is null, one that no column names is left
 * out. Any thread.
 */

#include <stddef.h>

#include <jansson.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/stream.h>
#include <gust/tuple.h>

/* Appends a string of JSON, quotes included. 0 or -ENOMEM. */
int object_string(struct buffer *buffer, const char *text, size_t n);

/* Appends a value in JSON. 0 or -ENOMEM. */
int object_value(struct buffer *buffer, struct gust_value value);

/*
 * Appends a tuple as one object without a line end, in the order of the
 * columns, which are those of gust_tuple_input(). 0 or -ENOMEM.
 */
int object_tuple(struct buffer *buffer, const struct gust_column *columns,
		 const struct gust_tuple *in);

/*
 * Reads a text of JSON that must be an object. Returns 0, -EINVAL with what is
 * wrong and where in `error`, or -ENOMEM. `*object` gets a new reference on
 * success only. The text may have white space around it.
 */
int object_load(json_t **object, const char *text, size_t n,
		struct gust_error *error);

/*
 * Turns the members of `object` that `columns` name (up to one without a name)
 * into values, one a column. Strings are borrowed from `object`; what has to
 * be written anew is appended to `scratch`, and good until that changes.
 * -EINVAL: a member has another type, which `error` names; or -ENOMEM.
 */
int object_values(const json_t *object, const struct gust_column *columns,
		  struct buffer *scratch, struct gust_value *values,
		  struct gust_error *error);

#endif
