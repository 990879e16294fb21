/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_CAST_H
#define GUST_KIT_CAST_H

/*
 * Text to values, and values of one type to another: what the columns of a CSV
 * file, `select` and `validate` mean by a type.
 *
 *	bool	true, false, yes, no, on, off, 1, 0; in any case
 *	int	decimal, with or without a sign; nothing before or after it
 *	float	as strtod() reads it, in the C locale; nothing before or after
 *	string, bytes	any text
 *	json	a text of JSON
 *
 * A float becomes an int if that loses nothing. A bool is 0 or 1 as a number.
 * Null stays null, whatever it is cast to. Any thread.
 */

#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/*
 * Reads `n` bytes as a value of `type`. String, bytes and json borrow `text`.
 * -EINVAL: it is none of that type; -ERANGE: a number that does not fit.
 * `value` is written on success only.
 */
int cast_text(const char *text, size_t n, enum gust_type type,
	      struct gust_value *value);

/*
 * Turns `from` into a value of `type`. Where that makes a text, it is appended
 * to `scratch`, which the value borrows: it is good until the next append.
 * -EINVAL, -ERANGE as above, or -ENOMEM.
 */
int cast_value(struct gust_value from, enum gust_type type,
	       struct buffer *scratch, struct gust_value *value);

/*
 * The type of that name, or -EINVAL: `error` says which names there are.
 */
int cast_type(const char *name, enum gust_type *type, struct gust_error *error);

#endif
