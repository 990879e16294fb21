/* SPDX-License-Identifier: MIT */

/* Windows that slide, in a store: an entry a bead, by its slice and key. */

#include <errno.h>
#include <stdlib.h>

#include "window/sliding.h"

void sliding_save_key(struct windows *windows, const struct bead *bead)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, 'b');
	saver_number(saver, &saver->key, bead->begin);
	saver_key(saver, &saver->key, bead->cell.key);
}

void sliding_save(struct windows *windows, const struct saver_change *change)
{
	const struct bead *bead = (const struct bead *)(const void *)RING_OF(
		change->link, cell, link);

	sliding_save_key(windows, bead);
	windows_save_portion(windows, &bead->cell.portion);
}

/* The slice that begins there, opened even if it is late. */
static int sliding_reopen(struct windows *windows, int64_t begin,
			  struct slice **found)
{
	struct sliding *sliding = windows->state;
	const int64_t watermark = windows->watermark;
	int r = 0;

	*found = slices_find(&sliding->slices, begin);
	if (*found == NULL) {
		windows->watermark = INT64_MIN;
		r = sliding_open(windows, begin, found);
		windows->watermark = watermark;
	}
	if (r == 0 && (*found)->begin != begin)
		r = -EBADMSG;
	return r;
}

int sliding_restore(struct windows *windows, struct gust_text text,
		    struct gust_text value)
{
	struct slice *slice = NULL;
	struct cell *cell;
	struct key *key;
	int64_t begin;
	int r;

	if (!saver_read(&text, &begin))
		return -EBADMSG;
	key = key_unpack(text.data, text.length, &r);
	if (key == NULL)
		return r;
	r = key->count == windows->spec->key_count
		    ? sliding_reopen(windows, begin, &slice)
		    : -EBADMSG;
	if (r == 0)
		r = sliding_bead(windows, slice, key->hash, key_values(key),
				 &cell);
	free(key);
	if (r == 0)
		r = windows_restore_portion(
			windows, value, &cell->portion,
			bead_bytes((struct bead *)(void *)cell));
	if (r != 0)
		return r;
	cell->link.stored = true;
	slice->tuples += cell->portion.count;
	windows->tuples += cell->portion.count;
	/* The strand is built when all are there. */
	sliding_late(windows, slice, cell, 0);
	return 0;
}

void sliding_restored(struct windows *windows)
{
	struct sliding *sliding = windows->state;
	struct slices *slices = &sliding->slices;

	sliding->next_known = false;
	sliding->closed_to = windows->done;
	sliding->closed = slices_after(slices, windows->done);
	sliding->past = 0;
	while (sliding->past < slices->count &&
	       slices->items[sliding->past]->last_end <= windows->done)
		sliding->past++;
	for (size_t i = 0; i <= sliding->strands.mask; i++)
		if (sliding->strands.slots != NULL &&
		    sliding->strands.slots[i].thing != NULL)
			((struct strand *)sliding->strands.slots[i].thing)
				->mark = windows->done;
}
