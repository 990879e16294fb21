/* SPDX-License-Identifier: MIT */

#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "words.h"
#include "zipf.h"

#define SPEC_SENTENCE_MAX 10000
#define SPEC_EXPONENT_MAX 100.0

struct gust_text spec_word(const char **at)
{
	struct gust_text word;

	word.data = *at + strspn(*at, " \t\n");
	word.length = strcspn(word.data, " \t\n");
	*at = word.data + word.length;
	return word;
}

size_t spec_words(const char *at, struct gust_text *words)
{
	struct gust_text word = spec_word(&at);
	size_t n = 0;

	for (; word.length > 0; word = spec_word(&at), n++)
		if (words != NULL)
			words[n] = word;
	return n;
}

static bool spec_ends(const char *at)
{
	return spec_words(at, NULL) == 0;
}

/* A whole number between two others; `*at` is moved behind it. */
static bool spec_integer(const char **at, int64_t min, int64_t max,
			 int64_t *integer)
{
	const struct gust_text word = spec_word(at);
	char *end;

	errno = 0;
	*integer = strtoll(word.data, &end, 10);
	return errno == 0 && word.length > 0 &&
	       end == word.data + word.length && *integer >= min &&
	       *integer <= max;
}

/* The same for one with a fraction. Nan is none. */
static bool spec_number(const char **at, double min, double max, double *number)
{
	const struct gust_text word = spec_word(at);
	char *end;

	*number = strtod(word.data, &end);
	return word.length > 0 && end == word.data + word.length &&
	       *number >= min && *number <= max;
}

static bool spec_parse_sequence(struct spec *spec, const char *at)
{
	return spec_ends(at) ||
	       (spec_integer(&at, INT64_MIN, INT64_MAX, &spec->low) &&
		spec_ends(at));
}

static bool spec_parse_number(struct spec *spec, const char *at)
{
	const char *integers = at;

	if (spec_integer(&integers, INT64_MIN, INT64_MAX, &spec->low) &&
	    spec_integer(&integers, INT64_MIN, INT64_MAX, &spec->high))
		return spec->low <= spec->high && spec_ends(integers);
	spec->kind = SPEC_FLOAT;
	/* The distance must be a number, too. */
	return spec_number(&at, -1e300, 1e300, &spec->low_float) &&
	       spec_number(&at, spec->low_float, 1e300, &spec->high_float) &&
	       spec->high_float - spec->low_float <= 1e300 && spec_ends(at);
}

static bool spec_parse_normal(struct spec *spec, const char *at)
{
	return spec_number(&at, -1e300, 1e300, &spec->low_float) &&
	       spec_number(&at, 0, 1e300, &spec->high_float) && spec_ends(at);
}

static bool spec_parse_zipf(struct spec *spec, const char *at)
{
	return spec_integer(&at, 1, ZIPF_MAX, &spec->low) &&
	       spec_number(&at, 0, SPEC_EXPONENT_MAX, &spec->low_float) &&
	       spec_ends(at);
}

static bool spec_parse_choice(struct spec *spec, const char *at)
{
	spec->text = at;
	return !spec_ends(at);
}

static bool spec_parse_word(struct spec *spec, const char *at)
{
	spec->text = words_common;
	if (spec_ends(at))
		return true;
	if (!spec_number(&at, 0, SPEC_EXPONENT_MAX, &spec->low_float))
		return false;
	if (!spec_ends(at))
		spec->text = at;
	return true;
}

static bool spec_parse_sentence(struct spec *spec, const char *at)
{
	if (!spec_integer(&at, 1, SPEC_SENTENCE_MAX, &spec->low))
		return false;
	spec->text = spec_ends(at) ? words_storm : at;
	return true;
}

/* A duration in microseconds: "250ms", "1.5s". */
static bool spec_duration(const char **at, uint64_t *us)
{
	static const struct {
		const char *name;
		double us;
	} units[] = { { "us", 1 },   { "ms", 1e3 },   { "s", 1e6 },
		      { "m", 60e6 }, { "h", 3600e6 }, { "d", 86400e6 } };
	const struct gust_text word = spec_word(at);
	double number;
	char *end;
	size_t i;

	number = strtod(word.data, &end);
	if (end == word.data || end > word.data + word.length ||
	    !(number >= 0 && number <= 1e9))
		return false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) !=
			    (size_t)(word.data + word.length - end) ||
		    memcmp(units[i].name, end, strlen(units[i].name)) != 0)
			continue;
		if (number * units[i].us > 400 * 86400e6)
			return false;
		*us = (uint64_t)(number * units[i].us);
		return true;
	}
	return false;
}

/* A time as "2026-11-21", with "T12:00:00" and "Z" or without, in UTC; or as
 * milliseconds since 1970. */
static bool spec_start(const char **at, int64_t *ms)
{
	const char *integer = *at;
	struct gust_text word;
	struct tm tm = { 0 };
	char text[32];
	const char *end;

	if (spec_integer(&integer, -1000000000000000, 1000000000000000, ms)) {
		*at = integer;
		return true;
	}
	word = spec_word(at);
	if (word.length >= sizeof(text))
		return false;
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	end = strptime(text, "%Y-%m-%d", &tm);
	if (end != NULL && *end == 'T')
		end = strptime(end + 1, "%H:%M:%S", &tm);
	if (end == NULL || (strcmp(end, "") != 0 && strcmp(end, "Z") != 0))
		return false;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

static bool spec_parse_time(struct spec *spec, const char *at)
{
	uint64_t disorder = 0;

	if (!spec_start(&at, &spec->low) || !spec_duration(&at, &spec->step_us))
		return false;
	if (!spec_ends(at) && !spec_duration(&at, &disorder))
		return false;
	spec->disorder_ms = disorder / 1000;
	return spec_ends(at);
}

int spec_part(const char **at, struct gust_text *part, bool *field)
{
	const char *p = *at, *end;

	*field = p[0] == '{' && p[1] != '{';
	if (*p == '\0')
		return 0;
	if (*field) {
		end = strchr(p, '}');
		if (end == NULL)
			return -EINVAL;
		*part = (struct gust_text){ p + 1, (size_t)(end - p - 1) };
		*at = end + 1;
		return 1;
	}
	if (p[0] == '}' && p[1] != '}')
		return -EINVAL;
	if (p[0] == '{' || p[0] == '}') {
		*part = (struct gust_text){ p, 1 };
		*at = p + 2;
		return 1;
	}
	*part = (struct gust_text){ p, strcspn(p, "{}") };
	*at = p + part->length;
	return 1;
}

static bool spec_parse_template(struct spec *spec, const char *at)
{
	struct gust_text part;
	bool field;
	int r;

	spec->text = at + strspn(at, " \t\n");
	at = spec->text;
	while ((r = spec_part(&at, &part, &field)) > 0)
		;
	return r == 0 && spec->text[0] != '\0';
}

static const struct {
	const char *name;
	enum spec_kind kind;
	bool (*parse)(struct spec *spec, const char *at);
	const char *form;
} spec_kinds[] = {
	{ "sequence", SPEC_SEQUENCE, spec_parse_sequence, "sequence [FIRST]" },
	{ "number", SPEC_INT, spec_parse_number, "number LOW HIGH" },
	{ "normal", SPEC_NORMAL, spec_parse_normal, "normal MEAN DEVIATION" },
	{ "zipf", SPEC_ZIPF, spec_parse_zipf,
	  "zipf N EXPONENT, with N up to 1000000" },
	{ "time", SPEC_TIME, spec_parse_time,
	  "time START STEP [DISORDER], as in 'time 2026-11-21 250ms 5s'" },
	{ "choice", SPEC_CHOICE, spec_parse_choice, "choice WORD..." },
	{ "word", SPEC_WORD, spec_parse_word, "word [EXPONENT [WORD...]]" },
	{ "sentence", SPEC_SENTENCE, spec_parse_sentence,
	  "sentence N [WORD...], with N up to 10000" },
	{ "template", SPEC_TEMPLATE, spec_parse_template,
	  "template TEXT, with {NAME} for a field" },
};

#define SPEC_KINDS (sizeof(spec_kinds) / sizeof(spec_kinds[0]))

int spec_parse(const char *name, const char *text, struct spec *spec,
	       struct gust_error *error)
{
	const char *at = text;
	const struct gust_text kind = spec_word(&at);
	size_t i;

	memset(spec, 0, sizeof(*spec));
	for (i = 0; i < SPEC_KINDS; i++) {
		if (strlen(spec_kinds[i].name) != kind.length ||
		    memcmp(kind.data, spec_kinds[i].name, kind.length) != 0)
			continue;
		spec->kind = spec_kinds[i].kind;
		if (spec_kinds[i].parse(spec, at))
			return 0;
		return gust_error_set(error, -EINVAL,
				      "option 'fields': '%s' is '%.200s', "
				      "expected %s",
				      name, text, spec_kinds[i].form);
	}
	return gust_error_set(error, -EINVAL,
			      "option 'fields': '%s' is '%.200s', expected "
			      "sequence, number, normal, zipf, time, choice, "
			      "word, sentence or template",
			      name, text);
}

enum gust_type spec_type(const struct spec *spec)
{
	switch (spec->kind) {
	case SPEC_SEQUENCE:
	case SPEC_INT:
	case SPEC_ZIPF:
	case SPEC_TIME:
		return GUST_INT;
	case SPEC_FLOAT:
	case SPEC_NORMAL:
		return GUST_FLOAT;
	default:
		return GUST_STRING;
	}
}
