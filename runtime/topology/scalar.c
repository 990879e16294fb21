/* SPDX-License-Identifier: MIT */

#include "topology/scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool is_null(const char *text)
{
	static const char *const words[] = { "",     "~",    "null",
					     "Null", "NULL", NULL };

	return is_one_of(text, words);
}

static const char *skip_digits(const char *text)
{
	while (*text >= '0' && *text <= '9')
		text++;
	return text;
}

static const char *skip_sign(const char *text)
{
	return *text == '-' || *text == '+' ? text + 1 : text;
}

/* The base of an integer, or 0 when the text is none. */
static int integer_base(const char *text)
{
	const char *digits = skip_sign(text);

	if (*digits != '\0' && *skip_digits(digits) == '\0')
		return 10;
	if (text[0] != '0' || text[1] == '\0' || text[2] == '\0')
		return 0;
	if (text[1] == 'o' && text[2 + strspn(text + 2, "01234567")] == '\0')
		return 8;
	if (text[1] == 'x' &&
	    text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0')
		return 16;
	return 0;
}

static bool is_float(const char *text)
{
	const char *start = skip_sign(text);
	const char *end = skip_digits(start);
	bool digits = end > start;

	if (*end == '.') {
		start = end + 1;
		end = skip_digits(start);
		digits = digits || end > start;
	}
	if (!digits)
		return false;
	if (*end == 'e' || *end == 'E') {
		start = skip_sign(end + 1);
		end = skip_digits(start);
		if (end == start)
			return false;
	}
	return *end == '\0';
}

static void read_integer(const char *text, int base, struct scalar *scalar)
{
	errno = 0;
	scalar->kind = SCALAR_INT;
	scalar->integer = strtoll(base == 10 ? text : text + 2, NULL, base);
	scalar->overflow = errno == ERANGE;
	scalar->number = (double)scalar->integer;
	if (scalar->overflow && base == 10)
		scalar->number = strtod(text, NULL);
}

/* Infinity and not-a-number have spellings of their own. */
static bool read_special(const char *text, struct scalar *scalar)
{
	static const char *const infinities[] = { ".inf", ".Inf", ".INF",
						  NULL };
	static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };

	if (is_one_of(text, nans))
		scalar->number = (double)NAN;
	else if (is_one_of(skip_sign(text), infinities))
		scalar->number = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
	else
		return false;
	scalar->kind = SCALAR_FLOAT;
	return true;
}

struct scalar scalar_read(const char *text, size_t length)
{
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	struct scalar scalar = { .kind = SCALAR_STRING };
	int base;

	if (strlen(text) != length)
		return scalar;
	if (is_null(text)) {
		scalar.kind = SCALAR_NULL;
	} else if (is_one_of(text, trues) || is_one_of(text, falses)) {
		scalar.kind = SCALAR_BOOL;
		scalar.boolean = is_one_of(text, trues);
	} else if ((base = integer_base(text)) != 0) {
		read_integer(text, base, &scalar);
	} else if (is_float(text)) {
		scalar.kind = SCALAR_FLOAT;
		scalar.number = strtod(text, NULL);
	} else {
		read_special(text, &scalar);
	}
	return scalar;
}

const char *scalar_kind_name(enum scalar_kind kind)
{
	switch (kind) {
	case SCALAR_NULL:
		return "nothing";
	case SCALAR_BOOL:
		return "true or false";
	case SCALAR_INT:
		return "an integer";
	case SCALAR_FLOAT:
		return "a number";
	case SCALAR_STRING:
		break;
	}
	return "a string";
}
