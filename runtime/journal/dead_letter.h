/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_DEAD_LETTER_H
#define JOURNAL_DEAD_LETTER_H

/*
 * A record that was put aside, with all that is needed to understand it and
 * to send it once more. As JSON, in this order:
 *
 *	format		DEAD_LETTER_FORMAT
 *	time		"2026-11-21T12:00:00.123Z"
 *	topology	its name
 *	component	where it failed
 *	task		the task that emitted it
 *	stream		on which it was emitted; left out for a raw record
 *	kind		"failed", "rejected", "timeout", ...
 *	reason		in words
 *	attempts	0 for a raw record
 *	source, offset	where it came from, if its spout has positions
 *	fields		an object, each value as in journal/exact.h
 *	record		instead of fields: what no tuple could be made of
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/stream.h>
#include <gust/tuple.h>
#include <jansson.h>

#include "base/arena.h"

/* The format that is written; older ones are read, newer ones refused. */
#define DEAD_LETTER_FORMAT 1

/* What a line begins with in every format. */
#define DEAD_LETTER_PREFIX "{\"format\":"

struct dead_letter_field {
	const char *name;
	struct gust_value value;
};

/* Everything is borrowed. Optional pointers are NULL where there is nothing. */
struct dead_letter {
	const char *time; /* NULL when it is written: now */
	const char *topology;
	const char *component;
	uint32_t task;
	const char *stream; /* optional */
	const char *kind;
	const char *reason;
	uint32_t attempts;
	const char *source; /* optional */
	uint64_t offset;    /* in the source */

	const struct dead_letter_field *fields;
	size_t field_count;
	const void *data; /* a raw record if not NULL, and then no fields */
	size_t size;
};

/*
 * Puts the fields of a tuple into `fields`, which has room for tuple->fields
 * of them; they borrow from the tuple and from its stream's `columns`.
 */
void dead_letter_fields(struct dead_letter_field *fields,
			const struct gust_tuple *tuple,
			const struct gust_column *columns);

/* Returns a new reference, or NULL when memory is short. Any thread. */
json_t *dead_letter_to_json(const struct dead_letter *letter);

/*
 * Reads such a JSON object; what it finds is borrowed from `json` or kept in
 * `arena`. Members that this format does not know are passed over. Returns 0;
 * -EBADMSG if a member is missing or of the wrong type; -ENOTSUP if the format
 * is newer; -ENOMEM. `letter` is written on success only.
 */
int dead_letter_from_json(const json_t *json, struct arena *arena,
			  struct dead_letter *letter, struct gust_error *error);

#endif
