/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/buffer.h>

#define BUFFER_LEAST ((size_t)256)

void buffer_destroy(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}

int buffer_reserve(struct buffer *buffer, size_t n)
{
	size_t size = buffer->size;
	char *grown;

	if (n <= size - buffer->used)
		return 0;
	if (n > SIZE_MAX / 2 - buffer->used)
		return -ENOMEM;
	size = size < BUFFER_LEAST ? BUFFER_LEAST : size;
	while (size - buffer->used < n)
		size *= 2;
	grown = realloc(buffer->data, size);
	if (grown == NULL)
		return -ENOMEM;
	buffer->data = grown;
	buffer->size = size;
	return 0;
}

int buffer_append(struct buffer *buffer, const void *data, size_t n)
{
	int r;

	if (n == 0)
		return 0;
	r = buffer_reserve(buffer, n);
	if (r < 0)
		return r;
	memcpy(buffer->data + buffer->used, data, n);
	buffer->used += n;
	return 0;
}

int buffer_text(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

int buffer_char(struct buffer *buffer, char c)
{
	return buffer_append(buffer, &c, 1);
}

int buffer_int(struct buffer *buffer, int64_t integer)
{
	uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
	char digits[24], *end = digits + sizeof(digits), *p = end;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (integer < 0)
		*--p = '-';
	return buffer_append(buffer, p, (size_t)(end - p));
}

int buffer_float(struct buffer *buffer, double number)
{
	char text[32];
	int digits, length = 0;

	for (digits = 15; digits <= 17; digits++) {
		length = snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return buffer_append(buffer, text, (size_t)length);
}

int buffer_value(struct buffer *buffer, struct gust_value value)
{
	switch (value.type) {
	case GUST_NULL:
		return 0;
	case GUST_BOOL:
		return buffer_text(buffer,
				   value.as.integer != 0 ? "true" : "false");
	case GUST_INT:
		return buffer_int(buffer, value.as.integer);
	case GUST_FLOAT:
		return buffer_float(buffer, value.as.number);
	default:
		return buffer_append(buffer, value.as.data, value.length);
	}
}

void buffer_take(struct buffer *buffer, size_t n)
{
	buffer->used -= n;
	if (buffer->used > 0 && n > 0)
		memmove(buffer->data, buffer->data + n, buffer->used);
}
