/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

#include <errno.h>
#include <stdint.h>

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";

void base64_encode(char *text, const void *p, size_t n)
{
	const unsigned char *from = p;

	for (; n > 0; text += 4) {
		uint32_t bits = (uint32_t)from[0] << 16;

		bits |= n > 1 ? (uint32_t)from[1] << 8 : 0;
		bits |= n > 2 ? (uint32_t)from[2] : 0;
		text[0] = base64_letters[bits >> 18];
		text[1] = base64_letters[bits >> 12 & 63];
		text[2] = n > 1 ? base64_letters[bits >> 6 & 63] : '=';
		text[3] = n > 2 ? base64_letters[bits & 63] : '=';
		from += n > 2 ? 3 : n;
		n -= n > 2 ? 3 : n;
	}
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Reads a group of four, of which the last `padding` ones are `=`. */
static int base64_group(const char *text, unsigned padding, uint32_t *bits)
{
	*bits = 0;
	for (unsigned i = 0; i < 4; i++) {
		int digit = i < 4 - padding ? base64_digit(text[i]) : 0;

		if (digit < 0)
			return -EINVAL;
		*bits = *bits << 6 | (uint32_t)digit;
	}
	/* What the padding leaves over must be zero: one text for each. */
	if ((*bits & ((UINT32_C(1) << 8 * padding) - 1)) != 0)
		return -EINVAL;
	return 0;
}

int base64_decode(void *p, size_t *size, const char *text, size_t n)
{
	unsigned char *to = p;
	size_t done = 0;
	uint32_t bits;

	if (n % 4 != 0)
		return -EINVAL;
	for (size_t i = 0; i < n; i += 4) {
		unsigned padding = 0;

		if (i + 4 == n && text[i + 3] == '=')
			padding = text[i + 2] == '=' ? 2 : 1;
		if (base64_group(text + i, padding, &bits) < 0)
			return -EINVAL;
		to[done++] = (unsigned char)(bits >> 16);
		if (padding < 2)
			to[done++] = (unsigned char)(bits >> 8);
		if (padding < 1)
			to[done++] = (unsigned char)bits;
	}
	*size = done;
	return 0;
}
