/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_EXACT_H
#define JOURNAL_EXACT_H

/*
 * Values as JSON and back, with nothing lost: neither the type nor a bit.
 *
 *	null, bool, int	as in JSON
 *	float		a number with a point or an exponent; {"float": "nan"},
 *			"inf" and "-inf" where JSON has none
 *	string		a string; {"base64": TEXT} if it is no UTF-8
 *	bytes		{"bytes": TEXT}, in base64
 *	json		{"json": TEXT}, the text as it came, as a string above
 *
 * (Of a NaN only that it is one is kept.) Write with exact_dump() and read
 * with exact_load(). New references are returned, NULL when memory is
 * short. Any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>
#include <jansson.h>

#include "base/arena.h"

/* 17 digits bring every double back. */
#define EXACT_DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(17))
#define EXACT_LOAD_FLAGS (JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES)

/*
 * Reads a text of JSON. Returns 0; -EBADMSG, and fills in `place`; or -ENOMEM.
 * `json` gets a new reference on success only.
 */
int exact_load(json_t **json, const char *text, size_t n, json_error_t *place);

/*
 * Writes a line of JSON, or with JSON_INDENT among `flags` several of them,
 * the last line end included; a NUL follows, which `*n` does not count. Free
 * `*text`. Returns 0 or -ENOMEM.
 */
int exact_dump(const json_t *json, size_t flags, char **text, size_t *n);

/* A text of `n` bytes, whatever they are, as a string value. */
json_t *exact_from_text(const char *p, size_t n);

/* A number; as a string where JSON integers of 64 bits end. */
json_t *exact_from_unsigned(uint64_t number);

json_t *exact_from_value(const struct gust_value *value);

/*
 * Each reads what its partner above wrote. Bytes are borrowed from `json` or
 * kept in `arena`; a NUL follows them. Returns 0, -EINVAL if it is nothing of
 * the kind (a NULL is not), or -ENOMEM. Results are written on success only.
 */
int exact_to_text(const json_t *json, struct arena *arena,
		  struct gust_text *text);
int exact_to_unsigned(const json_t *json, uint64_t *number);
int exact_to_value(const json_t *json, struct arena *arena,
		   struct gust_value *value);

#endif
