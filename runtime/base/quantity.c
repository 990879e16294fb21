/* SPDX-License-Identifier: MIT */

#include "base/quantity.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool quantity_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool quantity_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *quantity_skip_spaces(const char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

/* A number in two parts, so that no digit of the whole one is lost. */
struct quantity_number {
	uint64_t whole;
	double fraction;
	bool too_large;
};

/* Returns where the number ends, or NULL if there is none. */
static const char *quantity_number(const char *at,
				   struct quantity_number *number)
{
	double weight = 1;

	memset(number, 0, sizeof(*number));
	if (!quantity_is_digit(*at))
		return NULL;
	for (; quantity_is_digit(*at); at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (number->whole > (UINT64_MAX - digit) / 10)
			number->too_large = true;
		number->whole = number->whole * 10 + digit;
	}
	if (*at != '.')
		return at;
	if (!quantity_is_digit(*++at))
		return NULL;
	for (; quantity_is_digit(*at); at++) {
		weight /= 10;
		number->fraction += weight * (*at - '0');
	}
	return at;
}

static const struct quantity_unit *
quantity_find(const struct quantity_unit *units, size_t count, const char *name,
	      size_t n)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(units[i].name) == n &&
		    strncasecmp(units[i].name, name, n) == 0)
			return &units[i];
	}
	return NULL;
}

static int quantity_scale(const struct quantity_number *number, uint64_t factor,
			  uint64_t *value)
{
	uint64_t rest = (uint64_t)(number->fraction * (double)factor + 0.5);

	if (factor == 1 && number->fraction > 0)
		return -EINVAL;
	if (number->too_large || number->whole > (UINT64_MAX - rest) / factor)
		return -ERANGE;
	*value = number->whole * factor + rest;
	return 0;
}

int quantity_parse(const char **text, const struct quantity_unit *units,
		   size_t count, uint64_t *value,
		   const struct quantity_unit **unit)
{
	const struct quantity_unit *found;
	struct quantity_number number;
	const char *at, *name;
	int r;

	at = quantity_number(quantity_skip_spaces(*text), &number);
	if (at == NULL)
		return -EINVAL;
	name = at = quantity_skip_spaces(at);
	while (quantity_is_letter(*at))
		at++;
	found = quantity_find(units, count, name, (size_t)(at - name));
	if (found == NULL)
		return -EINVAL;
	r = quantity_scale(&number, found->factor, value);
	if (r < 0)
		return r;
	*unit = found;
	*text = quantity_skip_spaces(at);
	return 0;
}
