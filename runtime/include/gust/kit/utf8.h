/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_UTF8_H
#define GUST_KIT_UTF8_H

/* What is a character of UTF-8, as RFC 3629 has it. Any thread. */

#include <stddef.h>

/*
 * The length of the character at `text`, of which `left` bytes are there, at
 * least one; 0 if it is none: neither overlong, nor a surrogate, nor past
 * U+10FFFF.
 */
size_t utf8_character(const char *text, size_t left);

/*
 * Copies `raw` to `text`, which has `size` bytes, as people can read it: bytes
 * that are no UTF-8 and control characters are written as \xHH. What does not
 * fit is left out.
 */
void utf8_readable(const char *raw, char *text, size_t size);

#endif
