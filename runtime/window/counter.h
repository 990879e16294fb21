/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_COUNTER_H
#define WINDOW_COUNTER_H

/*
 * The tuples of one key, numbered, in slices; what count.c makes windows of.
 */

#include "base/pool.h"
#include "window/calendar.h"
#include "window/strand.h"
#include "window/windows_state.h"

/* A slice of the tuples of a key. */
struct stretch {
	struct stretch *next; /* the newer one */
	struct sheaf *sheaf;
	int64_t end;         /* the number of the first tuple after it */
	int64_t first, last; /* times of tuples */
	_Alignas(16) struct bead bead; /* its bytes follow */
};

/* The tuples of a key. */
struct counter {
	struct strand *strand; /* of the slices that are full */
	int64_t next;          /* the number of the next tuple */
	int64_t fired;         /* where the last full window has ended */
	struct stretch *oldest, *newest;
	size_t full; /* windows put aside */
	struct ring all;
	struct ring fresh;
	struct saver_link saved;
};

/* A window that is put aside. */
struct full {
	struct full *next;
	struct counter *counter;
	struct sheaf *sheaf;
	int64_t begin, end;
	uint64_t tuples;     /* that are in no later one */
	struct portion left; /* of whole windows: since the one before */
	_Alignas(16) struct portion portion; /* its bytes follow */
};

struct counts {
	struct calendar calendar; /* of numbers */
	struct table counters;
	struct ring all;
	struct ring fresh; /* changed since the last windows_early() */
	struct full *first;
	struct full **last;
	struct pool pool;
	size_t stretch_size, full_size;
	uint64_t windows, bytes;
	struct portion scratch;
	void *scratch_bytes;
	bool flushed; /* a flush is to go on */
};

/* The counter with that key, or NULL. */
struct counter *counter_find(const struct counts *counts, uint64_t hash,
			     const struct gust_value *keys);
/* A new one; NULL when memory is short. */
struct counter *counter_create(struct windows *windows,
			       const struct gust_value *keys, uint64_t hash);
void counter_free(struct windows *windows, struct counter *counter);
/* Frees one that is as a new one would be. */
void counter_release(struct windows *windows, struct counter *counter);

/* The slice that the next tuple goes to; NULL and 0: no window has it. */
int counter_stretch(struct windows *windows, struct counter *counter,
		    struct stretch **found);

/* Frees what begins before `begin`; its sheaves become that of `full`. */
int counter_evict(struct windows *windows, struct counter *counter,
		  int64_t begin, struct full *full);

/* Note that one goes; then those of a struct windows_kind. */
void counter_forget(struct windows *windows, struct counter *counter);
void stretch_forget(struct windows *windows, struct stretch *stretch);
void counter_save(struct windows *windows, const struct saver_change *change);
int counter_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value);

#endif
