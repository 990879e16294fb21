/* SPDX-License-Identifier: MIT */
#include "state/keycode.h"

#include <errno.h>
#include <string.h>

#include "tuple/record.h"
#include "tuple/value.h"

/* The bytes for types. None of them may be FF, see below. */
enum keycode {
	KEYCODE_NULL = 0x01,
	KEYCODE_FALSE = 0x02,
	KEYCODE_TRUE = 0x03,
	KEYCODE_INT = 0x04,
	KEYCODE_FLOAT = 0x05,
	KEYCODE_STRING = 0x06,
	KEYCODE_BYTES = 0x07,
	KEYCODE_JSON = 0x08
};

#define KEYCODE_SIGN (UINT64_C(1) << 63)

/* What follows a 00 of a text; what ends it is followed by a type or nothing.
 */
#define KEYCODE_ESCAPE '\xff'

uint64_t keycode_hash(const struct gust_value *values, size_t count)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < count; i++)
		hash = value_hash(&values[i], hash);
	return hash;
}

static size_t keycode_text_size(const struct gust_value *value)
{
	const char *at = value->as.data, *end = at + value->length, *zero;
	size_t size = value->length + 2;

	while (at < end) {
		zero = memchr(at, '\0', (size_t)(end - at));
		if (zero == NULL)
			break;
		size++;
		at = zero + 1;
	}
	return size;
}

size_t keycode_size(const struct gust_value *values, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		if (values[i].type >= GUST_STRING)
			size += keycode_text_size(&values[i]);
		else
			size += values[i].type >= GUST_INT ? 9 : 1;
	}
	return size;
}

static char *keycode_put_text(char *to, const struct gust_value *value)
{
	const char *at = value->as.data, *end = at + value->length, *zero;
	size_t n;

	while (at < end) {
		zero = memchr(at, '\0', (size_t)(end - at));
		n = (size_t)((zero == NULL ? end : zero + 1) - at);
		memcpy(to, at, n);
		to += n;
		at += n;
		if (zero != NULL)
			*to++ = KEYCODE_ESCAPE;
	}
	*to++ = '\0';
	return to;
}

static char *keycode_put_number(char *to, uint64_t bits)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*to++ = (char)(bits >> shift);
	return to;
}

/* Turns the bits of a float so that they are in the order of the numbers. */
static uint64_t keycode_turn(uint64_t bits)
{
	return bits & KEYCODE_SIGN ? ~bits : bits ^ KEYCODE_SIGN;
}

static uint64_t keycode_turn_back(uint64_t bits)
{
	return bits & KEYCODE_SIGN ? bits ^ KEYCODE_SIGN : ~bits;
}

char *keycode_encode(char *to, const struct gust_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct gust_value *value = &values[i];
		const uint64_t bits = (uint64_t)value_bits(value);

		if (value->type >= GUST_STRING) {
			*to++ = (char)(KEYCODE_STRING + value->type -
				       GUST_STRING);
			to = keycode_put_text(to, value);
		} else if (value->type == GUST_INT) {
			*to++ = KEYCODE_INT;
			to = keycode_put_number(to, bits ^ KEYCODE_SIGN);
		} else if (value->type == GUST_FLOAT) {
			*to++ = KEYCODE_FLOAT;
			to = keycode_put_number(to, keycode_turn(bits));
		} else if (value->type == GUST_BOOL) {
			*to++ = bits != 0 ? KEYCODE_TRUE : KEYCODE_FALSE;
		} else {
			*to++ = KEYCODE_NULL;
		}
	}
	return to;
}

/* Where the value that begins at `at` ends, or NULL if it does not. */
static const char *keycode_end(const char *at, const char *end, size_t *room)
{
	const char *text = at + 1;
	size_t escapes = 0;

	if (*at < KEYCODE_NULL || *at > KEYCODE_JSON)
		return NULL;
	if (*at < KEYCODE_INT)
		return at + 1;
	if (*at < KEYCODE_STRING)
		return end - at >= 9 ? at + 9 : NULL;
	for (at = text;; at += 2, escapes++) {
		at = memchr(at, '\0', (size_t)(end - at));
		if (at == NULL)
			return NULL;
		if (at + 1 == end || at[1] != KEYCODE_ESCAPE)
			break;
	}
	*room += record_padded((size_t)(at - text) - escapes);
	return at + 1;
}

int keycode_check(const char *data, size_t length, size_t *count, size_t *room)
{
	const char *end = data + length;

	*count = 0;
	*room = 0;
	while (data < end) {
		data = keycode_end(data, end, room);
		if (data == NULL)
			return -EBADMSG;
		++*count;
	}
	return 0;
}

static uint64_t keycode_number(const char *at)
{
	uint64_t bits = 0;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | (unsigned char)at[i];
	return bits;
}

/* Reads a text from `at`, behind its type, and returns what follows. */
static const char *keycode_take_text(const char *at, const char *end,
				     struct gust_value *value, char **texts)
{
	char *to = *texts;
	const char *zero;
	size_t n, padded;

	for (;;) {
		zero = memchr(at, '\0', (size_t)(end - at));
		n = (size_t)(zero - at);
		memcpy(to, at, n);
		to += n;
		at = zero + 1;
		if (at == end || *at != KEYCODE_ESCAPE)
			break;
		*to++ = '\0';
		at++;
	}
	value->as.data = *texts;
	value->length = (uint32_t)(to - *texts);
	padded = record_padded(value->length);
	memset(to, 0, padded - value->length);
	*texts += padded;
	return at;
}

void keycode_decode(const char *data, size_t length, struct gust_value *values,
		    char *texts)
{
	const char *end = data + length;
	uint64_t bits;

	for (; data < end; values++) {
		const int code = *data++;

		if (code >= KEYCODE_STRING) {
			values->type =
				GUST_STRING + (uint32_t)(code - KEYCODE_STRING);
			data = keycode_take_text(data, end, values, &texts);
			continue;
		}
		*values = gust_null();
		if (code == KEYCODE_FALSE || code == KEYCODE_TRUE)
			*values = gust_bool(code == KEYCODE_TRUE);
		if (code < KEYCODE_INT)
			continue;
		bits = keycode_number(data);
		data += 8;
		if (code == KEYCODE_INT) {
			*values = gust_int((int64_t)(bits ^ KEYCODE_SIGN));
		} else {
			bits = keycode_turn_back(bits);
			*values = gust_float(0);
			memcpy(&values->as.number, &bits, sizeof(bits));
		}
	}
}

int keycode_compare(struct gust_text a, struct gust_text b)
{
	size_t n = a.length < b.length ? a.length : b.length;
	int r = memcmp(a.data, b.data, n);

	if (r != 0)
		return r;
	return a.length < b.length ? -1 : a.length > b.length;
}
