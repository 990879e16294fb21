/* SPDX-License-Identifier: MIT */
#ifndef KIT_TALLY_FORMULA_H
#define KIT_TALLY_FORMULA_H

/*
 * Of gust/kit/tally.h: the functions that formulas may name.
 */

#include <stdbool.h>

#include <gust/error.h>
#include <gust/kit/tally.h>
#include <gust/tuple.h>

/* What a function makes of what is kept. */
enum tally_gives {
	TALLY_GIVES_INT,
	TALLY_GIVES_FLOAT,
	TALLY_GIVES_FIELD, /* a value of the field's type */
	TALLY_GIVES_JSON
};

/* What a function takes beside the field. */
enum tally_takes { TALLY_TAKES_NOTHING, TALLY_TAKES_SHARE, TALLY_TAKES_MOST };

struct tally_function {
	const char *name;
	enum tally_kind kind;
	enum tally_gives gives;
	enum tally_takes takes;
	bool alone;              /* the field may be left out */
	bool numbers;            /* the field must be one */
	int64_t fallback, limit; /* of TALLY_TAKES_MOST */
};

enum tally_function_number {
	TALLY_F_COUNT,
	TALLY_F_SUM,
	TALLY_F_MIN,
	TALLY_F_MAX,
	TALLY_F_MEAN,
	TALLY_F_STDDEV,
	TALLY_F_QUANTILE,
	TALLY_F_DISTINCT,
	TALLY_F_FIRST,
	TALLY_F_LAST,
	TALLY_F_TOP,
	TALLY_F_COLLECT,
	TALLY_F_END
};

extern const struct tally_function tally_functions[TALLY_F_END];

/* A formula taken apart: the function, and what stands in parentheses. */
#define TALLY_WORDS_MAX 3u
struct tally_words {
	char words[TALLY_WORDS_MAX][TALLY_NAME_MAX + 1];
	size_t count;
};

/* -EINVAL sets `error`. */
int tally_split(const char *text, struct tally_words *words,
		struct gust_error *error);

#endif
