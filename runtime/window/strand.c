/* SPDX-License-Identifier: MIT */

#include "window/strand.h"

#include <stdlib.h>

struct strand *strand_create(const struct contract *contract,
			     const struct gust_value *keys, size_t count,
			     uint64_t hash)
{
	/* The sum is aligned to 16. */
	const size_t head = (sizeof(struct strand) + 15) & ~(size_t)15;
	const size_t inside = portion_inline(contract);
	const size_t size = head + inside + key_size(keys, count);
	struct strand *strand = calloc(1, size);

	if (strand == NULL)
		return NULL;
	strand->size = size;
	strand->sum_bytes = (char *)strand + head;
	strand->key =
		key_write((char *)strand + head + inside, keys, count, hash);
	strand->late_resume = INT64_MIN;
	strand->early_resume = INT64_MIN;
	return strand;
}

void strand_destroy(struct contract *contract, struct strand *strand)
{
	portion_end(contract, &strand->sum);
	portion_end(contract, &strand->left);
	ring_remove(&strand->live);
	ring_remove(&strand->late);
	ring_remove(&strand->fresh);
	free(strand);
}

static size_t bead_head(void)
{
	return (sizeof(struct bead) + 15) & ~(size_t)15;
}

size_t bead_size(const struct contract *contract)
{
	return bead_head() + 2 * portion_inline(contract);
}

void *bead_bytes(struct bead *bead)
{
	return (char *)bead + bead_head();
}

int bead_begin(struct contract *contract, struct bead *bead,
	       struct strand *strand, int64_t begin)
{
	bead->strand = strand;
	bead->cell.key = strand->key;
	bead->begin = begin;
	return portion_begin(contract, &bead->cell.portion, bead_bytes(bead));
}

void bead_end(struct contract *contract, struct bead *bead)
{
	portion_end(contract, &bead->cell.portion);
	portion_end(contract, &bead->sum);
}

static struct bead *bead_next(const struct bead *bead)
{
	return (struct bead *)(void *)bead->cell.next;
}

int strand_push(struct contract *contract, struct strand *strand,
		struct bead *bead)
{
	bead->cell.next = strand->back == NULL ? NULL : &strand->back->cell;
	if (strand->back != NULL) {
		strand->back = bead;
		return contract->whole ? 0
				       : portion_merge(contract, &strand->sum,
						       &bead->cell.portion);
	}
	strand->back = bead;
	strand->oldest = bead;
	if (contract->whole)
		return 0;
	return portion_copy(contract, &strand->sum, strand->sum_bytes,
			    &bead->cell.portion);
}

/* Makes the back the front, which is empty. */
static int strand_flip(struct contract *contract, struct strand *strand)
{
	const size_t inside = portion_inline(contract);
	struct bead *bead = strand->back, *newer = NULL, *older;
	int r = 0;

	while (bead != NULL && r == 0) {
		older = bead_next(bead);
		if (!contract->whole)
			r = portion_copy(contract, &bead->sum,
					 (char *)bead + bead_head() + inside,
					 &bead->cell.portion);
		if (r == 0 && newer != NULL && !contract->whole)
			r = portion_merge(contract, &bead->sum, &newer->sum);
		bead->cell.next = newer == NULL ? NULL : &newer->cell;
		newer = bead;
		bead = older;
	}
	strand->front = newer;
	strand->back = NULL;
	strand->oldest = NULL;
	portion_end(contract, &strand->sum);
	return r;
}

/* Notes what has left. */
static int strand_leave(struct contract *contract, struct strand *strand,
			const struct bead *bead)
{
	int r = 0;

	if (strand->left.accumulator.room == 0)
		r = portion_begin(contract, &strand->left, NULL);
	return r != 0 ? r
		      : portion_merge(contract, &strand->left,
				      &bead->cell.portion);
}

int strand_evict(struct contract *contract, struct strand *strand,
		 int64_t begin)
{
	struct bead *bead;
	int r = 0;

	if (strand->front == NULL && strand->back != NULL &&
	    strand->oldest->begin < begin)
		r = strand_flip(contract, strand);
	while ((bead = strand->front) != NULL && bead->begin < begin) {
		strand->front = bead_next(bead);
		portion_end(contract, &bead->sum);
		if (contract->whole && r == 0)
			r = strand_leave(contract, strand, bead);
	}
	/* All of the front may have left, and some of the back with it. */
	if (r == 0 && strand->front == NULL && strand->back != NULL &&
	    strand->oldest->begin < begin)
		return strand_evict(contract, strand, begin);
	return r;
}

void strand_clear(struct contract *contract, struct strand *strand)
{
	while (strand->front != NULL) {
		portion_end(contract, &strand->front->sum);
		strand->front = bead_next(strand->front);
	}
	strand->back = NULL;
	strand->oldest = NULL;
	portion_end(contract, &strand->sum);
}

/* All tuples of all beads; they are sorted later. */
static int strand_gather(struct contract *contract, const struct strand *strand,
			 struct portion *scratch)
{
	const struct bead *bead;
	int r = portion_begin(contract, scratch, NULL);

	for (bead = strand->front; bead != NULL && r == 0;
	     bead = bead_next(bead))
		r = portion_merge(contract, scratch, &bead->cell.portion);
	for (bead = strand->back; bead != NULL && r == 0;
	     bead = bead_next(bead))
		r = portion_merge(contract, scratch, &bead->cell.portion);
	return r;
}

int strand_sum(struct contract *contract, const struct strand *strand,
	       struct portion *scratch, void *bytes, const struct portion **sum)
{
	int r;

	if (contract->whole) {
		*sum = scratch;
		return strand_gather(contract, strand, scratch);
	}
	if (strand->front == NULL || strand->back == NULL) {
		*sum = strand->front == NULL ? &strand->sum
					     : &strand->front->sum;
		return 0;
	}
	r = portion_copy(contract, scratch, bytes, &strand->front->sum);
	if (r == 0)
		r = portion_merge(contract, scratch, &strand->sum);
	*sum = scratch;
	return r;
}
