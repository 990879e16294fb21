/* SPDX-License-Identifier: MIT */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

/* Numbers of bytes, from text and for people. */

#include <stdint.h>

#include <gust/error.h>

/* Room for what size_format() writes, its NUL included. */
#define SIZE_TEXT_SIZE 32

/*
 * Reads `1048576`, `64KiB`, `1.5 MiB` or `10MB`. KiB, MiB, GiB and TiB are
 * powers of 1024, as are K, M, G and T; kB, MB, GB and TB are powers of 1000.
 * Without a unit it counts bytes.
 *
 * Returns 0, -EINVAL or, from 16 EiB on, -ERANGE; `bytes` is written on
 * success only.
 */
int size_parse(const char *text, uint64_t *bytes, struct gust_error *error);

/*
 * Writes `512 B`, `64 KiB` or `1.5 MiB`, with three digits, into `text` of
 * SIZE_TEXT_SIZE bytes, which it returns.
 */
const char *size_format(char *text, uint64_t bytes);

#endif
