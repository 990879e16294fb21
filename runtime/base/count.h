/* SPDX-License-Identifier: MIT */
#ifndef BASE_COUNT_H
#define BASE_COUNT_H

/* Numbers of things, for people. */

#include <stdint.h>

/* Room for what count_format() writes, its NUL included. */
#define COUNT_TEXT_SIZE 32

/*
 * Writes `1,234,567`, the same in every locale, into `text` of COUNT_TEXT_SIZE
 * bytes, which it returns.
 */
const char *count_format(char *text, uint64_t count);

#endif
