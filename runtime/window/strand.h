/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_STRAND_H
#define WINDOW_STRAND_H

/*
 * What one key comes to over the slices of a window that slides.
 *
 * It is a queue of portions that knows what all of them come to together, by
 * the two stacks of K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency
 * sliding-window aggregation in worst-case constant time", DEBS 2017 (section
 * 3; the trick itself is older: adamax, stackoverflow.com/q/4802038). New ones
 * go to the back, of which the sum is kept. The front has for each of its
 * portions the sum of it and all newer ones of the front, so that the oldest
 * one can leave. When the front is empty the back becomes the front. So a
 * portion is merged three times at most, whatever the number of slices.
 *
 * A portion itself stays as it is: when a late tuple has changed one, the queue
 * is built anew.
 *
 * Where the bolt gets whole windows there are no sums: all tuples are gone
 * through in every window anyway.
 */

#include <stdbool.h>
#include <stdint.h>

#include "window/portion.h"
#include "window/ring.h"
#include "window/slice.h"

/* A cell of a slice whose key is a strand. */
struct bead {
	struct cell cell;
	struct strand *strand;
	int64_t begin; /* of the slice */
	struct portion sum;
};

struct strand {
	struct bead *front;  /* the oldest; they go on to newer ones */
	struct bead *back;   /* the newest; they go on to older ones */
	struct bead *oldest; /* of the back */
	struct portion sum;  /* of the back */
	void *sum_bytes;
	struct portion
		left; /* of whole windows: what strand_evict() took out */
	struct key *key;
	uint64_t beads; /* in all slices */
	size_t size;
	/* The owner's. */
	struct ring live, late, fresh;
	int64_t late_from, late_to; /* where late ones begin */
	int64_t mark;               /* the watermark when the late ones came */
	int64_t past;               /* windows that end up to there have been
				     * handed over, maybe by another task */
	int64_t late_resume, early_resume; /* INT64_MIN: from the start */
};

/* A new one with that key, or NULL. */
struct strand *strand_create(const struct contract *contract,
			     const struct gust_value *keys, size_t count,
			     uint64_t hash);
/* Its beads need not be there any more. */
void strand_destroy(struct contract *contract, struct strand *strand);

/* The bytes of a bead in a slice. */
size_t bead_size(const struct contract *contract);

/* Where the bytes of its portion are. */
void *bead_bytes(struct bead *bead);

/* Makes an empty bead of the room for one. As portion_begin(). */
int bead_begin(struct contract *contract, struct bead *bead,
	       struct strand *strand, int64_t begin);
void bead_end(struct contract *contract, struct bead *bead);

static inline bool strand_is_empty(const struct strand *strand)
{
	return strand->front == NULL && strand->back == NULL;
}

/* Adds a bead, newer than all. 0 or what the contract returned. */
int strand_push(struct contract *contract, struct strand *strand,
		struct bead *bead);

/* Takes out those that begin before `begin`. As strand_push(). */
int strand_evict(struct contract *contract, struct strand *strand,
		 int64_t begin);

/* Takes out all. */
void strand_clear(struct contract *contract, struct strand *strand);

/*
 * What all that are in it come to, *sum: `scratch`, with `bytes` of it, is used
 * if need be, and stays in use. It is not empty. As strand_push().
 */
int strand_sum(struct contract *contract, const struct strand *strand,
	       struct portion *scratch, void *bytes,
	       const struct portion **sum);

#endif
