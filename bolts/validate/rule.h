/* SPDX-License-Identifier: MIT */
#ifndef VALIDATE_RULE_H
#define VALIDATE_RULE_H

/*
 * What a field must be: one rule of one field.
 *
 * Null breaks RULE_REQUIRED only. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

enum rule_kind {
	RULE_REQUIRED, /* no text */
	RULE_TYPE,     /* a type as which the text must read */
	RULE_RANGE,    /* LOW..HIGH, LOW.., ..HIGH or one number */
	RULE_LENGTH,   /* the same, in characters, or bytes of bytes */
	RULE_PATTERN,  /* of PCRE2, anywhere in the text */
	RULE_ONE_OF,   /* values with commas between them */
	RULE_KINDS
};

struct rule {
	enum rule_kind kind;
	const char *field;   /* its name */
	const char *text;    /* as in the options */
	enum gust_type type; /* that the field has */

	enum gust_type reads; /* what a text is read as; string if nothing */
	struct gust_value low, high; /* null: no bound */
	struct regex *regex;
	struct gust_value *choices;
	size_t choice_count;
};

/* The name of the option that holds rules of that kind. */
const char *rule_option(enum rule_kind kind);

/*
 * Makes sense of a rule whose first members are set; `reads` is the type that
 * a RULE_TYPE of the same field names, or that of the field. -EINVAL: the
 * text is no such rule, or none for a field of that type, which `error` says;
 * or -ENOMEM.
 */
int rule_open(struct rule *rule, enum gust_type reads,
	      struct gust_error *error);

/* Also takes one that is all zero, or of which rule_open() has failed. */
void rule_close(struct rule *rule);

/*
 * Whether `value` keeps the rule; else appends to `reason` what it is and what
 * was expected, and returns 1. -ENOMEM.
 */
int rule_check(const struct rule *rule, struct gust_value value,
	       struct buffer *reason);

#endif
