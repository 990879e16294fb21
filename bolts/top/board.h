/* SPDX-License-Identifier: MIT */
#ifndef TOP_BOARD_H
#define TOP_BOARD_H

/*
 * Keys with a number each, of which the greatest are ranked: what `top` keeps.
 * Time goes by in turns; a number counts for as many turns as the window has.
 * All keys have values of the same types, or null, and so have the numbers,
 * which are all ints or all floats and never null or nan. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

/* Which number counts, where a key was given several. */
enum board_take { BOARD_SUM, BOARD_MAX, BOARD_LAST };

/* The number of a key within one turn. */
struct board_slot {
	uint64_t turn; /* 0: never used */
	struct gust_value number;
};

/* A key. Behind it stand its slots, its values, and their bytes. */
struct board_entry {
	uint64_t hash;
	uint64_t turn;            /* the last one that it was in */
	struct gust_value number; /* what it is ranked by, in a ranking */
	const struct gust_value *key;
	struct board_slot slots[];
};

struct board {
	size_t field_count; /* of a key */
	size_t slot_count;  /* the turns of the window */
	enum board_take take;

	uint64_t turn;              /* counts from 1 */
	struct board_entry **table; /* open addressing, at most half full */
	size_t table_size, used;

	/* What board_rank() found, the greatest first; equal ones by their
	 * keys, the smallest first. Good until the next turn. */
	struct board_entry **ranking;
	size_t ranked, most;
	bool ties;
};

/*
 * Begins with a window of `turns` (at least 1) and rankings of at most `most`,
 * and with `ties` of those whose number is that of the last one as well. 0 or
 * -ENOMEM; board_fini() follows in any case.
 */
int board_init(struct board *board, size_t field_count, size_t turns,
	       size_t most, bool ties, enum board_take take);
void board_fini(struct board *board);

/* Gives a key a number. `hash` is that of the key. 0 or -ENOMEM. */
int board_add(struct board *board, const struct gust_value *key, uint64_t hash,
	      struct gust_value number);

/* 0 or -ENOMEM. */
int board_rank(struct board *board);

/* Begins the next turn, and forgets the keys that have left the window. */
void board_turn(struct board *board);

#endif
