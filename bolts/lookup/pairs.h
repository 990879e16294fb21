/* SPDX-License-Identifier: MIT */
#ifndef LOOKUP_PAIRS_H
#define LOOKUP_PAIRS_H

/*
 * Of `lookup`: pairs of a key and a value in LMDB. Its functions are those of
 * source.h; each call reads what is committed when it begins.
 *
 * A process must not open an environment twice: LMDB's locks go with the first
 * one that is closed. So the tasks of a process share those that are open.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

struct source_want;
struct environment;
struct MDB_txn;

/* Whether there is LMDB in this build; without it pairs_open() is -ENOTSUP. */
extern const bool pairs_built_in;

/* All zero is a closed one. */
struct pairs {
	struct environment *environment;
	struct MDB_txn *reading; /* reset between the reads */
	unsigned dbi;
	size_t seen;          /* the number of the transaction last told */
	char *path;           /* of the file with the data */
	struct buffer text;   /* of keys */
	struct buffer values; /* of what had to be written anew */
};

int pairs_open(struct pairs *pairs, const struct source_want *want,
	       struct gust_error *error);
void pairs_close(struct pairs *pairs);
int pairs_find(struct pairs *pairs, const struct source_want *want,
	       const struct gust_value *key, struct buffer *row,
	       struct gust_error *error);
bool pairs_have_changed(struct pairs *pairs);
bool pairs_have_moved(const struct pairs *pairs);

#endif
