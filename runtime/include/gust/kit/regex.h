/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_REGEX_H
#define GUST_KIT_REGEX_H

/*
 * Patterns as Perl has them, over PCRE2 with its JIT: what grep and validate
 * mean by a pattern.
 *
 * Patterns and texts are UTF-8. A text may hold any bytes: those that are no
 * UTF-8 are matched by nothing, not even by a dot. A pattern is found anywhere
 * in a text unless it has anchors; "$" also stands before a newline that ends
 * the text.
 *
 * A pattern may need more time than anybody has: "(a+)+b" doubles it with each
 * letter. So a match is given up after REGEX_STEPS_MAX steps from one place of
 * the text, or where all places together take REGEX_SECONDS_MAX of the thread's
 * time. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/tuple.h>

#define REGEX_STEPS_MAX 1000000u
#define REGEX_SECONDS_MAX 1u

struct regex;

/*
 * Compiles `pattern`, the value of option `option`. -EINVAL: `error` says what
 * is wrong and at which character; or -ENOMEM. `*regex` is written on success
 * only.
 */
int regex_compile(struct regex **regex, const char *pattern, const char *option,
		  struct gust_error *error);

/* Takes NULL. */
void regex_destroy(struct regex *regex);

/*
 * 1: the pattern is in the text, 0: it is not. -ELOOP: it was given up, and
 * nobody knows; or -ENOMEM.
 */
int regex_match(struct regex *regex, const char *text, size_t n);

/*
 * The names of the pattern's groups, in the order of the groups; a name that
 * several groups share, with (?J), is one. They stay until regex_destroy().
 */
size_t regex_names(const struct regex *regex);
const char *regex_name(const struct regex *regex, size_t number);

/*
 * What the group of that name matched, after regex_match() has returned 1; it
 * points into the text. False: it took no part in the match.
 */
bool regex_group(const struct regex *regex, size_t number,
		 struct gust_text *found);

#endif
