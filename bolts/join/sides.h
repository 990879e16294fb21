/* SPDX-License-Identifier: MIT */
#ifndef JOIN_SIDES_H
#define JOIN_SIDES_H

/*
 * Of `join`: its inputs, in the order of the file, and the rows that a tuple of
 * each, or none, make.
 */

#include <stddef.h>

#include <gust/error.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

#define SIDES_MAX 8u
#define SIDES_KEYS_MAX 32u

enum join_type { JOIN_INNER, JOIN_LEFT, JOIN_FULL };

struct side {
	const struct gust_input *input;
	size_t keys[SIDES_KEYS_MAX]; /* where they stand in its tuples */
	size_t *columns;             /* and what a row has of it besides */
	size_t count;
};

/* All zero before sides_open(). */
struct sides {
	struct side sides[SIDES_MAX];
	size_t count;
	size_t key_count;
	struct gust_value *row; /* room for one, with `begin` and `end` more */
};

/*
 * In declare(): declares the stream. Its columns are `begin`, then those of all
 * inputs but the keys, then `end`; both lists end without a name. A name that
 * several inputs or the lists have gets its component in front. -EINVAL:
 * fewer inputs than two or more than SIDES_MAX, or names that stand twice.
 */
int sides_declare(struct gust_declaration *about, const char *const *keys,
		  size_t key_count, const struct gust_column *begin,
		  const struct gust_column *end, struct gust_error *error);

/* In open(), with room for `extra` values in a row. -ENOMEM. */
int sides_open(struct sides *sides, struct gust_task *task,
	       const char *const *keys, size_t key_count, size_t extra);

/* Also after sides_open() has failed. */
void sides_close(struct sides *sides);

/* Through which one a tuple came. */
size_t sides_of(const struct sides *sides, struct gust_task *task,
		const struct gust_tuple *in);

/* Writes what a row has of `tuples`, one a side or NULL, and returns how many
 * values these are. */
size_t sides_fill(const struct sides *sides,
		  const struct gust_tuple *const *tuples,
		  struct gust_value *row);

#endif
