/* SPDX-License-Identifier: MIT */
#ifndef CLI_STORED_JSON_H
#define CLI_STORED_JSON_H

/*
 * Keyed state as JSON, an object a key:
 *
 *	format		STORED_FORMAT
 *	component	whose it is
 *	state		the name that the bolt gave it
 *	key		an array of values, as in journal/exact.h
 *	counter		a number, or
 *	bytes		a text, or
 *	list		an array of texts, or
 *	map		an array of pairs of texts, sorted by the first one
 *	expires		in ns since 1970; left out if it lives for ever
 *
 * A text is a string, or {"base64": TEXT} if it is no UTF-8.
 */

#include <gust/error.h>
#include <gust/tuple.h>
#include <jansson.h>

#include "base/arena.h"

/* The format that is written; older ones are read, newer ones refused. */
#define STORED_FORMAT 1

/* A new reference; NULL: memory is short, or it is no record of a store. */
json_t *stored_to_json(const char *component, struct gust_text key,
		       struct gust_text record);

/*
 * Reads such an object: what a store has under which key, kept in `arena`, and
 * the component, borrowed from `json`. -EBADMSG if it is none, -ENOTSUP if its
 * format is newer, -ENOMEM.
 */
int stored_from_json(const json_t *json, struct arena *arena,
		     const char **component, struct gust_text *key,
		     struct gust_text *record, struct gust_error *error);

#endif
