/* SPDX-License-Identifier: MIT */

#include "plugin/option_value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/size.h"
#include "base/suggest.h"
#include "plugin/option.h"

/* How much of a value is shown. */
#define SHOWN "%.100s"

/* Room for a bound, in words. */
#define BOUND_SIZE 48

/* The most choices that are looked at for the nearest one. */
#define CHOICES_MAX 256

static const char *option_value_expected(enum gust_option_type type)
{
	switch (type) {
	case GUST_OPTION_INT:
		return "a whole number such as '42'";
	case GUST_OPTION_FLOAT:
		return "a number such as '0.5'";
	case GUST_OPTION_BOOL:
		return "'true' or 'false'";
	case GUST_OPTION_DURATION:
		return "a number and a unit such as '250ms', '10s' or '1.5 "
		       "min'";
	case GUST_OPTION_SIZE:
		return "a number of bytes or one with a unit such as '64KiB' "
		       "or '1MB'";
	default:
		return "another value";
	}
}

static int option_value_refuse(const struct gust_option *option,
			       const char *text, struct gust_error *error)
{
	const char *type = option_type_name(option->type);
	const char *expected = option_value_expected(option->type);

	if (option->flags & GUST_SECRET)
		return gust_error_set(error, -EINVAL,
				      "option '%s': its value is no %s, "
				      "expected %s",
				      option->name, type, expected);
	return gust_error_set(error, -EINVAL,
			      "option '%s': '" SHOWN "' is no %s, expected %s",
			      option->name, text, type, expected);
}

/* Decimal, 0x and 0o, as in YAML 1.2. strtoll() takes more than that. */
static int option_value_integer(const char *text, int64_t *integer)
{
	const char *digits = text;
	long long parsed;
	int base = 10;
	char *end;

	if (strncmp(text, "0x", 2) == 0) {
		base = 16;
	} else if (strncmp(text, "0o", 2) == 0) {
		digits += 2;
		base = 8;
	} else if (text[0] == '-' || text[0] == '+') {
		digits++;
	}
	if (!isdigit((unsigned char)digits[0]))
		return -EINVAL;
	errno = 0;
	parsed = strtoll(base == 8 ? digits : text, &end, base);
	if (*end != '\0')
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	*integer = parsed;
	return 0;
}

/* As in YAML 1.2; strtod() takes hexadecimal and words as well. */
static int option_value_number(const char *text, double *number)
{
	double parsed;
	char *end;

	if (strcmp(text, ".inf") == 0 || strcmp(text, "+.inf") == 0) {
		*number = INFINITY;
		return 0;
	}
	if (strcmp(text, "-.inf") == 0) {
		*number = -INFINITY;
		return 0;
	}
	if (text[strspn(text, "+-.0123456789eE")] != '\0')
		return -EINVAL;
	parsed = strtod(text, &end);
	if (end == text || *end != '\0')
		return -EINVAL;
	if (isinf(parsed))
		return -ERANGE;
	*number = parsed;
	return 0;
}

static int option_value_truth(const char *text, bool *truth)
{
	static const char *const words[] = { "false", "False", "FALSE",
					     "true",  "True",  "TRUE" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*truth = i >= 3;
			return 0;
		}
	}
	return -EINVAL;
}

/* No such choice: the nearest one, or all of them. */
static int option_value_refuse_choice(const struct gust_option *option,
				      const char *text,
				      struct gust_error *error)
{
	const char *const *choice = option->choices;
	char list[256] = "";
	const char *nearest;
	size_t count = 0, length = 0;

	while (choice[count] != NULL && count < CHOICES_MAX)
		count++;
	for (; *choice != NULL && length < sizeof(list); choice++)
		length += (size_t)snprintf(list + length, sizeof(list) - length,
					   "%s'%s'", length > 0 ? ", " : "",
					   *choice);
	if (option->flags & GUST_SECRET)
		return gust_error_set(error, -EINVAL,
				      "option '%s': expected one of %s",
				      option->name, list);
	nearest = suggest_nearest(text, option->choices, count);
	if (nearest != NULL)
		return gust_error_set(error, -EINVAL,
				      "option '%s': '" SHOWN "' is unknown, "
				      "expected '%s'",
				      option->name, text, nearest);
	return gust_error_set(error, -EINVAL,
			      "option '%s': '" SHOWN "' is unknown, expected "
			      "one of %s",
			      option->name, text, list);
}

static int option_value_choice(const struct gust_option *option,
			       const char *text, int *choice,
			       struct gust_error *error)
{
	int i;

	for (i = 0; option->choices[i] != NULL; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*choice = i;
			return 0;
		}
	}
	return option_value_refuse_choice(option, text, error);
}

/* A bound in words; NULL when it is as far away as none. */
static const char *option_value_bound(const struct gust_option *option,
				      double bound, char *text)
{
	switch (option->type) {
	case GUST_OPTION_INT:
		if (fabs(bound) >= 9.2e18)
			return NULL;
		snprintf(text, BOUND_SIZE, "%.0f", bound);
		return text;
	case GUST_OPTION_DURATION:
		if (bound <= 0 || bound >= 1.8e19)
			return bound == 0 ? "0" : NULL;
		return duration_format(text, (uint64_t)bound);
	case GUST_OPTION_SIZE:
		if (bound <= 0 || bound >= 1.8e19)
			return bound == 0 ? "0 B" : NULL;
		return size_format(text, (uint64_t)bound);
	default:
		if (isinf(bound))
			return NULL;
		snprintf(text, BOUND_SIZE, "%.15g", bound);
		return text;
	}
}

const char *option_value_range(const struct gust_option *option, char *range)
{
	char low_text[BOUND_SIZE], high_text[BOUND_SIZE];
	const char *low = option_value_bound(option, option->min, low_text);
	const char *high = option_value_bound(option, option->max, high_text);
	const size_t size = OPTION_RANGE_SIZE;

	if (option->min == 0 && option->max == 0)
		snprintf(range, size, "what 64 bits hold");
	else if (low != NULL && high != NULL)
		snprintf(range, size, "%s to %s", low, high);
	else if (low != NULL)
		snprintf(range, size, "at least %s", low);
	else
		snprintf(range, size, "at most %s",
			 high != NULL ? high : "what 64 bits hold");
	return range;
}

static int option_value_refuse_range(const struct gust_option *option,
				     const char *text, struct gust_error *error)
{
	char range[OPTION_RANGE_SIZE];

	option_value_range(option, range);
	if (option->flags & GUST_SECRET)
		return gust_error_set(error, -ERANGE,
				      "option '%s': its value is out of "
				      "range, expected %s",
				      option->name, range);
	return gust_error_set(error, -ERANGE,
			      "option '%s': '" SHOWN "' is out of range, "
			      "expected %s",
			      option->name, text, range);
}

/* Parses into `value`, and into `number` what a range is compared with. */
static int option_value_read(enum gust_option_type type, const char *text,
			     union option_value *value, double *number)
{
	int r;

	switch (type) {
	case GUST_OPTION_INT:
		r = option_value_integer(text, &value->integer);
		*number = r == 0 ? (double)value->integer : 0;
		return r;
	case GUST_OPTION_FLOAT:
		r = option_value_number(text, &value->number);
		*number = r == 0 ? value->number : 0;
		return r;
	case GUST_OPTION_BOOL:
		return option_value_truth(text, &value->truth);
	case GUST_OPTION_DURATION:
		r = duration_parse(text, &value->amount, NULL);
		*number = r == 0 ? (double)value->amount : 0;
		return r;
	case GUST_OPTION_SIZE:
		r = size_parse(text, &value->amount, NULL);
		*number = r == 0 ? (double)value->amount : 0;
		return r;
	default:
		return -EINVAL;
	}
}

int option_value_parse(const struct gust_option *option, const char *text,
		       union option_value *value, struct gust_error *error)
{
	union option_value parsed;
	double number = 0;
	int r;

	if (option->type == GUST_OPTION_ENUM)
		return option_value_choice(option, text, &value->choice, error);
	r = option_value_read(option->type, text, &parsed, &number);
	if (r == -ERANGE)
		return option_value_refuse_range(option, text, error);
	if (r < 0)
		return option_value_refuse(option, text, error);
	if (option_value_has_range(option->type) &&
	    (option->min != 0 || option->max != 0) &&
	    (number < option->min || number > option->max))
		return option_value_refuse_range(option, text, error);
	*value = parsed;
	return 0;
}

size_t option_value_size(enum gust_option_type type, size_t *alignment)
{
	switch (type) {
	case GUST_OPTION_STRING:
		*alignment = alignof(const char *);
		return sizeof(const char *);
	case GUST_OPTION_INT:
		*alignment = alignof(int64_t);
		return sizeof(int64_t);
	case GUST_OPTION_FLOAT:
		*alignment = alignof(double);
		return sizeof(double);
	case GUST_OPTION_BOOL:
		*alignment = alignof(bool);
		return sizeof(bool);
	case GUST_OPTION_DURATION:
	case GUST_OPTION_SIZE:
		*alignment = alignof(uint64_t);
		return sizeof(uint64_t);
	case GUST_OPTION_ENUM:
		*alignment = alignof(int);
		return sizeof(int);
	case GUST_OPTION_LIST:
		*alignment = alignof(struct gust_list);
		return sizeof(struct gust_list);
	case GUST_OPTION_MAP:
		*alignment = alignof(struct gust_map);
		return sizeof(struct gust_map);
	default:
		return 0;
	}
}

bool option_value_has_range(enum gust_option_type type)
{
	return type == GUST_OPTION_INT || type == GUST_OPTION_FLOAT ||
	       type == GUST_OPTION_DURATION || type == GUST_OPTION_SIZE;
}
