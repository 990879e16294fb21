/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include <gust/kit/cast.h>

/* The longest text that is read as a number. */
#define CAST_NUMBER_MAX 400u

static int cast_bool(const char *text, size_t n, struct gust_value *value)
{
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off",   "on",   "0",  "1" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (n != strlen(words[i]) ||
		    strncasecmp(text, words[i], n) != 0)
			continue;
		*value = gust_bool(i % 2 == 1);
		return 0;
	}
	return -EINVAL;
}

static int cast_int(const char *text, size_t n, struct gust_value *value)
{
	const bool negative = n > 0 && text[0] == '-';
	const uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t sum = 0, digit;
	size_t i = n > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;

	if (i == n)
		return -EINVAL;
	for (; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		digit = (uint64_t)(text[i] - '0');
		if (sum > (most - digit) / 10)
			return -ERANGE;
		sum = sum * 10 + digit;
	}
	*value = gust_int((int64_t)(negative ? -sum : sum));
	return 0;
}

static int cast_float(const char *text, size_t n, struct gust_value *value)
{
	char copy[CAST_NUMBER_MAX + 1], *end;
	double number;

	/* strtod() would skip white space and take a NUL for the end. */
	if (n == 0 || n > CAST_NUMBER_MAX || memchr(text, '\0', n) != NULL ||
	    strchr(" \t\n\v\f\r", text[0]) != NULL)
		return -EINVAL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	number = strtod(copy, &end);
	if (*end != '\0')
		return -EINVAL;
	if (isinf(number) && strpbrk(copy, "0123456789") != NULL)
		return -ERANGE;
	*value = gust_float(number);
	return 0;
}

static int cast_json(const char *text, size_t n, struct gust_value *value)
{
	json_t *json =
		json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	if (json == NULL)
		return -EINVAL;
	json_decref(json);
	*value = gust_json(text, n);
	return 0;
}

int cast_text(const char *text, size_t n, enum gust_type type,
	      struct gust_value *value)
{
	switch (type) {
	case GUST_BOOL:
		return cast_bool(text, n, value);
	case GUST_INT:
		return cast_int(text, n, value);
	case GUST_FLOAT:
		return cast_float(text, n, value);
	case GUST_STRING:
	case GUST_BYTES:
		*value = gust_data(type, text, n);
		return 0;
	case GUST_JSON:
		return cast_json(text, n, value);
	default:
		return -EINVAL;
	}
}

/* From a number or a bool to another of them. */
static int cast_number(struct gust_value from, enum gust_type type,
		       struct gust_value *value)
{
	const double number = from.type == GUST_FLOAT ? from.as.number
						      : (double)from.as.integer;

	if (type == GUST_FLOAT) {
		*value = gust_float(number);
		return 0;
	}
	if (from.type == GUST_FLOAT) {
		if (isnan(number) || number != trunc(number))
			return -EINVAL;
		if (number < -0x1p63 || number >= 0x1p63)
			return -ERANGE;
		from.as.integer = (int64_t)number;
	}
	if (type == GUST_BOOL && (from.as.integer < 0 || from.as.integer > 1))
		return -EINVAL;
	*value = type == GUST_INT ? gust_int(from.as.integer)
				  : gust_bool(from.as.integer != 0);
	return 0;
}

int cast_value(struct gust_value from, enum gust_type type,
	       struct buffer *scratch, struct gust_value *value)
{
	const size_t before = scratch->used;
	int r;

	if (from.type == GUST_NULL || from.type == (uint32_t)type) {
		*value = from;
		return 0;
	}
	if (from.type >= GUST_STRING)
		return cast_text(from.as.data, from.length, type, value);
	if (type < GUST_STRING)
		return cast_number(from, type, value);
	/* JSON has no words for them. */
	if (type == GUST_JSON && from.type == GUST_FLOAT &&
	    !isfinite(from.as.number))
		return -EINVAL;
	r = buffer_value(scratch, from);
	if (r < 0)
		return r;
	*value =
		gust_data(type, scratch->data + before, scratch->used - before);
	return 0;
}

int cast_type(const char *name, enum gust_type *type, struct gust_error *error)
{
	enum gust_type candidate;

	for (candidate = GUST_BOOL; candidate <= GUST_JSON; candidate++) {
		if (strcmp(name, gust_type_name(candidate)) != 0)
			continue;
		*type = candidate;
		return 0;
	}
	return gust_error_set(error, -EINVAL,
			      "'%.80s' is not a type, expected bool, int, "
			      "float, string, bytes or json",
			      name);
}
