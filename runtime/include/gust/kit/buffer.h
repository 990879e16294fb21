/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_BUFFER_H
#define GUST_KIT_BUFFER_H

/*
 * Bytes that grow: what a plugin gathers before it writes or emits it.
 *
 * All zero is an empty buffer. Where memory is short nothing is appended, and
 * the function returns -ENOMEM; 0 otherwise. One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

struct buffer {
	char *data; /* NULL while nothing was ever appended */
	size_t used, size;
};

/* Releases the bytes; the buffer is empty and can be used again. */
void buffer_destroy(struct buffer *buffer);

/* Makes room for `n` bytes after `used`. */
int buffer_reserve(struct buffer *buffer, size_t n);

int buffer_append(struct buffer *buffer, const void *data, size_t n);
int buffer_text(struct buffer *buffer, const char *text);
int buffer_char(struct buffer *buffer, char c);
int buffer_int(struct buffer *buffer, int64_t integer);

/* With as few digits as give the same number again; "nan", "inf", "-inf". */
int buffer_float(struct buffer *buffer, double number);

/* A value as people read it: text as it is, null as nothing. */
int buffer_value(struct buffer *buffer, struct gust_value value);

/* Takes the first `n` bytes off. */
void buffer_take(struct buffer *buffer, size_t n);

#endif
