/* SPDX-License-Identifier: MIT */

/* Windows that slide, in a store: an entry a bead, by its slice and key. */

#include "window/sliding.h"

void sliding_save(struct windows *windows, const struct saver_change *change)
{
	sliced_save(windows, &sliding_beads, change->begin,
		    RING_OF(change->link, cell, link));
}

int sliding_restore(struct windows *windows, struct gust_text text,
		    struct gust_text value)
{
	struct sliding *sliding = windows->state;
	struct spot spot = { 0 };
	int r = sliced_restore(windows, &sliding->slices, &sliding_beads, text,
			       value, &spot);

	/* The strand is built when all are there. */
	if (r == 0)
		sliding_late(windows, spot.slice, spot.cell, 0);
	return r;
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
