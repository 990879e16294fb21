/* SPDX-License-Identifier: MIT */
#ifndef DEAD_LETTERS_LETTER_H
#define DEAD_LETTERS_LETTER_H

/*
 * A dead letter as JSON: what the spout `dead_letters` reads of it. The values
 * of its fields have forms that lose nothing:
 *
 *	float		a number, or {"float": "nan"}, "inf", "-inf"
 *	string		a string, or {"base64": TEXT} if it is no UTF-8
 *	bytes		{"bytes": TEXT}, in base64
 *	json		{"json": STRING}, as a string above
 *
 * A letter holds the fields of a tuple, or a record of which none could be
 * made. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/stream.h>
#include <gust/tuple.h>

/* The newest format that is understood. */
#define LETTER_FORMAT 1

/* The format of a letter, or 0 for what is none. Takes NULL. */
json_int_t letter_format(const json_t *letter);

/* The stream of its tuple, "record" for a record, or NULL. */
const char *letter_stream(const json_t *letter);

/* Whether it failed in `component` for a reason that has `reason` in it; NULL
 * stands for any. */
bool letter_matches(const json_t *letter, const char *component,
		    const char *reason);

/*
 * Fills `row` with the fields that `columns` (up to one without a name) want;
 * the first one takes a record, and is a string or bytes then. Values borrow
 * from `letter` and from `scratch`, which is emptied and must have room for as
 * many bytes as the letter has as text, and 8 for each column. 0; -EINVAL if a
 * field has another type, which `error` names; or -ENOMEM.
 */
int letter_read(const json_t *letter, const struct gust_column *columns,
		struct buffer *scratch, struct gust_value *row,
		struct gust_error *error);

#endif
