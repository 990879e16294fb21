/* SPDX-License-Identifier: MIT */
#ifndef HTTP_POLL_RECORDS_H
#define HTTP_POLL_RECORDS_H

/*
 * The records in an answer that the spout `http_poll` has got. One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <gust/error.h>

struct record {
	int64_t position; /* -1: it has none */
	const json_t *json;
};

/* All zero is an answer without records. */
struct records {
	json_t *document; /* that holds them all */
	struct record *list;
	size_t count, at; /* `at` is for the caller */
};

/*
 * Takes a text of JSON apart. The records are at `path` ("data.items"; NULL:
 * all of it), in an array or one alone; null is none. Where `position` names a
 * member they are in the order of its values, those without a good one first.
 * -EINVAL: what is wrong with the text is in `error`; or -ENOMEM.
 */
int records_read(struct records *records, const char *text, size_t n,
		 const char *path, const char *position,
		 struct gust_error *error);

/* Lets go of them. */
void records_clear(struct records *records);

#endif
