/* SPDX-License-Identifier: MIT */

#include "tally_formula.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/suggest.h"
#include "tally_slot.h"

/* Raised when the bytes get another form. */
#define TALLY_FORM 1u

const struct tally_function tally_functions[TALLY_F_END] = {
	[TALLY_F_COUNT] = { .name = "count",
			    .kind = TALLY_COUNT,
			    .gives = TALLY_GIVES_INT,
			    .alone = true },
	[TALLY_F_SUM] = { .name = "sum",
			  .kind = TALLY_SUM,
			  .gives = TALLY_GIVES_FIELD,
			  .numbers = true },
	[TALLY_F_MIN] = { .name = "min",
			  .kind = TALLY_LEAST,
			  .gives = TALLY_GIVES_FIELD },
	[TALLY_F_MAX] = { .name = "max",
			  .kind = TALLY_GREATEST,
			  .gives = TALLY_GIVES_FIELD },
	[TALLY_F_MEAN] = { .name = "mean",
			   .kind = TALLY_MOMENTS,
			   .gives = TALLY_GIVES_FLOAT,
			   .numbers = true },
	[TALLY_F_STDDEV] = { .name = "stddev",
			     .kind = TALLY_MOMENTS,
			     .gives = TALLY_GIVES_FLOAT,
			     .numbers = true },
	[TALLY_F_QUANTILE] = { .name = "quantile",
			       .kind = TALLY_DIGEST,
			       .gives = TALLY_GIVES_FLOAT,
			       .takes = TALLY_TAKES_SHARE,
			       .numbers = true },
	[TALLY_F_DISTINCT] = { .name = "distinct",
			       .kind = TALLY_DISTINCT,
			       .gives = TALLY_GIVES_INT },
	[TALLY_F_FIRST] = { .name = "first",
			    .kind = TALLY_FIRST,
			    .gives = TALLY_GIVES_FIELD },
	[TALLY_F_LAST] = { .name = "last",
			   .kind = TALLY_LAST,
			   .gives = TALLY_GIVES_FIELD },
	[TALLY_F_TOP] = { .name = "top",
			  .kind = TALLY_HEAVY,
			  .gives = TALLY_GIVES_JSON,
			  .takes = TALLY_TAKES_MOST,
			  .fallback = 10,
			  .limit = 1000 },
	[TALLY_F_COLLECT] = { .name = "collect",
			      .kind = TALLY_COLLECT,
			      .gives = TALLY_GIVES_JSON,
			      .takes = TALLY_TAKES_MOST,
			      .fallback = 1000,
			      .limit = 100000 },
};

static const char *tally_skip(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* Reads a word up to white space or one of "(),". */
static int tally_word(const char *text, const char **at,
		      struct tally_words *words, struct gust_error *error)
{
	const char *begin = tally_skip(*at);
	size_t length = strcspn(begin, "(),");

	while (length > 0 && strchr(" \t\n", begin[length - 1]) != NULL)
		length--;
	if (length == 0)
		return gust_error_set(error, -EINVAL,
				      "a name is missing at character %zu of "
				      "'%.80s'",
				      (size_t)(begin - text) + 1, text);
	if (length > TALLY_NAME_MAX)
		return gust_error_set(error, -EINVAL,
				      "a name has %zu bytes, expected at most "
				      "%u",
				      length, TALLY_NAME_MAX);
	memcpy(words->words[words->count], begin, length);
	words->words[words->count++][length] = '\0';
	*at = tally_skip(begin + length);
	return 0;
}

static int tally_expected(const char *text, const char *at, const char *what,
			  struct gust_error *error)
{
	if (*at == '\0')
		return gust_error_set(error, -EINVAL,
				      "'%.80s' ends too early, expected %s",
				      text, what);
	return gust_error_set(error, -EINVAL,
			      "'%c' at character %zu of '%.80s', expected %s",
			      *at, (size_t)(at - text) + 1, text, what);
}

int tally_split(const char *text, struct tally_words *words,
		struct gust_error *error)
{
	const char *at = text;
	int r;

	words->count = 0;
	r = tally_word(text, &at, words, error);
	if (r < 0 || *at == '\0')
		return r;
	if (*at != '(')
		return tally_expected(text, at, "'('", error);
	at = tally_skip(at + 1);
	while (*at != ')') {
		if (words->count == TALLY_WORDS_MAX)
			return tally_expected(text, at, "')'", error);
		r = tally_word(text, &at, words, error);
		if (r < 0)
			return r;
		if (*at != ',' && *at != ')')
			return tally_expected(text, at, "',' or ')'", error);
		if (*at == ',')
			at = tally_skip(at + 1);
	}
	at = tally_skip(at + 1);
	return *at == '\0' ? 0 : tally_expected(text, at, "the end", error);
}

static int tally_function(const char *name, int *function,
			  struct gust_error *error)
{
	const char *names[TALLY_F_END], *nearest;
	int i;

	for (i = 0; i < TALLY_F_END; i++) {
		names[i] = tally_functions[i].name;
		if (strcmp(names[i], name) == 0) {
			*function = i;
			return 0;
		}
	}
	nearest = suggest_nearest(name, names, TALLY_F_END);
	if (nearest != NULL)
		return gust_error_set(error, -EINVAL,
				      "no function is named '%.80s', did you "
				      "mean '%s'?",
				      name, nearest);
	return gust_error_set(error, -EINVAL,
			      "no function is named '%.80s', expected count, "
			      "sum, min, max, mean, stddev, quantile, "
			      "distinct, first, last, top or collect",
			      name);
}

/* The number behind the field. */
static int tally_parameter(const struct tally_function *function,
			   const char *text, struct tally_slot *slot, double *q,
			   struct gust_error *error)
{
	char *end = NULL;
	double number = text != NULL ? strtod(text, &end) : NAN;
	const bool whole = end != NULL && *end == '\0';

	if (function->takes == TALLY_TAKES_SHARE) {
		if (!whole || !(number >= 0 && number <= 1))
			return gust_error_set(
				error, -EINVAL,
				"'%.80s' is no quantile, expected "
				"a number from 0 to 1, as in "
				"quantile(latency, 0.99)",
				text != NULL ? text : "");
		*q = number;
		return 0;
	}
	if (text == NULL)
		number = (double)function->fallback;
	else if (!whole || number != floor(number) || number < 1 ||
		 number > (double)function->limit)
		return gust_error_set(
			error, -EINVAL,
			"'%.80s' is no number of values, expected "
			"1 to %lld",
			text, (long long)function->limit);
	slot->most = (uint32_t)number;
	return 0;
}

/* What the parameters say, checked against the inputs. */
static int tally_read(const struct tally_words *words,
		      const struct gust_declaration *about,
		      struct tally_slot *slot, struct tally_formula *formula,
		      struct gust_error *error)
{
	const struct tally_function *function;
	int r = tally_function(words->words[0], &formula->function, error);

	if (r < 0)
		return r;
	function = &tally_functions[formula->function];
	slot->kind = function->kind;
	if (words->count > (function->takes == TALLY_TAKES_NOTHING ? 2 : 3))
		return gust_error_set(error, -EINVAL,
				      "'%s' has too many parameters, expected "
				      "one",
				      function->name);
	if (words->count < 2)
		return function->alone
			       ? 0
			       : gust_error_set(
					 error, -EINVAL,
					 "'%s' needs a field, expected "
					 "'%s(FIELD%s)'",
					 function->name, function->name,
					 function->takes == TALLY_TAKES_SHARE
						 ? ", 0.5"
						 : "");
	memcpy(slot->field, words->words[1], sizeof(slot->field));
	r = gust_declared_type(about, slot->field, &slot->type, error);
	if (r < 0)
		return r;
	if (function->numbers && slot->type != GUST_INT &&
	    slot->type != GUST_FLOAT)
		return gust_error_set(error, -EINVAL,
				      "field '%.80s' is %s, expected int or "
				      "float",
				      slot->field, gust_type_name(slot->type));
	if (function->takes == TALLY_TAKES_NOTHING)
		return 0;
	return tally_parameter(function,
			       words->count > 2 ? words->words[2] : NULL, slot,
			       &formula->q, error);
}

/* The slot that keeps the same, or a new one. */
static uint32_t tally_share(struct tally *tally, const struct tally_slot *slot)
{
	const struct tally_slot *other;
	uint32_t i;

	for (i = 0; i < tally->slot_count; i++) {
		other = &tally->slots[i];
		if (other->kind == slot->kind && other->most == slot->most &&
		    strcmp(other->field, slot->field) == 0)
			return i;
	}
	tally->slots[i] = *slot;
	tally->slot_count++;
	return i;
}

/* Lays the slots out, and says what they are. */
static void tally_lay_out(struct tally *tally)
{
	uint32_t at = sizeof(struct tally_head), form[3];
	struct tally_slot *slot;
	uint64_t hash = TALLY_FORM;
	size_t i;

	for (i = 0; i < tally->slot_count; i++) {
		slot = &tally->slots[i];
		slot->at = at;
		at += tally_slot_size(slot->kind);
		form[0] = (uint32_t)slot->kind;
		form[1] = (uint32_t)slot->type;
		form[2] = slot->most;
		hash = XXH3_64bits_withSeed(form, sizeof(form), hash);
		hash = XXH3_64bits_withSeed(slot->field, strlen(slot->field),
					    hash);
	}
	tally->size = (at + 15) & ~15u;
	tally->mark = (uint32_t)(hash ^ hash >> 32);
}

/* One formula, and the column of its results. */
static int tally_declare_one(struct tally *tally, const char *text,
			     const struct gust_declaration *about,
			     enum gust_type *type, struct gust_error *error)
{
	struct tally_formula *formula = &tally->formulas[tally->count];
	struct tally_slot slot = { .kind = TALLY_COUNT };
	struct tally_words words;
	int r = tally_split(text, &words, error);

	if (r == 0)
		r = tally_read(&words, about, &slot, formula, error);
	if (r < 0)
		return r;
	formula->slot = tally_share(tally, &slot);
	tally->count++;
	switch (tally_functions[formula->function].gives) {
	case TALLY_GIVES_INT:
		*type = GUST_INT;
		break;
	case TALLY_GIVES_FLOAT:
		*type = GUST_FLOAT;
		break;
	case TALLY_GIVES_FIELD:
		*type = slot.type;
		break;
	case TALLY_GIVES_JSON:
		*type = GUST_JSON;
		break;
	}
	return 0;
}

int tally_declare(struct tally *tally, const char *option,
		  const struct gust_map *formulas,
		  const struct gust_declaration *about,
		  struct gust_column *columns, struct gust_error *error)
{
	struct gust_error why;
	size_t i;
	int r;

	memset(tally, 0, sizeof(*tally));
	if (formulas->count > TALLY_FORMULAS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option '%s' has %zu formulas, expected "
				      "at most %u",
				      option, formulas->count,
				      TALLY_FORMULAS_MAX);
	for (i = 0; i < formulas->count; i++) {
		memset(&why, 0, sizeof(why));
		columns[i].name = formulas->keys[i];
		r = tally_declare_one(tally, formulas->values[i], about,
				      &columns[i].type, &why);
		if (r < 0)
			return gust_error_set(error, r, "option '%s': %s: %s",
					      option, formulas->keys[i],
					      why.text);
	}
	tally_lay_out(tally);
	return 0;
}
