/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_SPEC_H
#define GENERATE_SPEC_H

/*
 * What a field is to hold, as the option `fields` says it: "number 1 6". See
 * the manual in generate.c. Parsing allocates nothing. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/tuple.h>

enum spec_kind {
	SPEC_SEQUENCE,
	SPEC_INT,
	SPEC_FLOAT,
	SPEC_NORMAL,
	SPEC_ZIPF,
	SPEC_TIME,
	/* These have words. */
	SPEC_CHOICE,
	SPEC_WORD,
	SPEC_SENTENCE,
	/* This has a text with other fields in it. */
	SPEC_TEMPLATE
};

struct spec {
	enum spec_kind kind;
	/* The ends of an int; the first of a sequence; how many, of a sentence
	 * and of Zipf's numbers; the start of a time, in ms since 1970. */
	int64_t low, high;
	/* The ends of a float; mean and deviation; Zipf's exponent is low. */
	double low_float, high_float;
	uint64_t step_us, disorder_ms; /* of a time */
	const char *text; /* where the words or the template begin */
};

/*
 * Reads what field `name` holds. -EINVAL: `error` says what was expected.
 * `spec` points into `text`.
 */
int spec_parse(const char *name, const char *text, struct spec *spec,
	       struct gust_error *error);

/* The type of what it makes. */
enum gust_type spec_type(const struct spec *spec);

/* The word at `*at`, which is moved behind it; of length 0 at the end. */
struct gust_text spec_word(const char **at);

/* How many words there are; they go to `words`, unless that is NULL. */
size_t spec_words(const char *at, struct gust_text *words);

/*
 * The next part of a template at `*at`, which is moved behind it: text as it
 * is, or with `*field` the name between braces. 1; 0 at the end; -EINVAL for a
 * brace that stands alone.
 */
int spec_part(const char **at, struct gust_text *part, bool *field);

#endif
