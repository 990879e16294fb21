/* SPDX-License-Identifier: MIT */
#ifndef GUST_ERROR_H
#define GUST_ERROR_H

/*
 * What a person must repair: the reason in words, and the place.
 *
 * Functions that can fail for such a reason return a negative errno and take a
 * `struct gust_error *` as their last argument, which may be NULL. The first
 * error wins: who passes a failure on may try to set another one in vain.
 */

#include <gust/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero means that nothing is set. Lines and columns count from 1. */
struct gust_error {
	int code;         /* negative errno; 0 while nothing is set */
	int line;         /* 0: unknown */
	int column;       /* 0: unknown */
	char source[256]; /* a file's name, or "" */
	char text[512];   /* one sentence without a full stop; cut if longer */
};

/*
 * Fills `error` in, unless it is NULL or holds an error already, and returns
 * `code`, so that a caller can fail in one line. Never allocates.
 */
GUST_API int gust_error_set(struct gust_error *error, int code,
			    const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
