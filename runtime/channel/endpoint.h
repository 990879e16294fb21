/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_ENDPOINT_H
#define CHANNEL_ENDPOINT_H

/*
 * Where a port is: `ipc://PATH`, or `tcp://HOST:PORT` with HOST a numeric
 * address (of version 6 in brackets), a name, or where a port binds also the
 * name of an interface or `*` for all. The library is given numbers only: it
 * would ask for names in threads of its own, once, and abort on long paths.
 */

#include <stdbool.h>

#include <gust/error.h>

/* Room for an address with its NUL; what the library takes. */
#define ENDPOINT_SIZE 128

/* The longest path of a socket in bytes, without a NUL. */
#define ENDPOINT_PATH_MAX 107

/*
 * Checks the form, without I/O. -EINVAL: no such address; -ENAMETOOLONG; both
 * set `error`.
 */
int endpoint_check(const char *address, struct gust_error *error);

/*
 * Writes what the library is to be given for a checked address to `found`,
 * ENDPOINT_SIZE bytes. A name may have several addresses, of which the one at
 * `turn` modulo their number is taken, so that who tries again tries another
 * one. Only names make it ask, and wait, for a few seconds at worst.
 * -EHOSTUNREACH: the name is unknown, or nobody can be asked now; `error` is
 * set.
 */
int endpoint_resolve(const char *address, unsigned turn, char *found,
		     struct gust_error *error);

/* Whether what endpoint_resolve() found is of version 6. */
bool endpoint_is_six(const char *found);

#endif
