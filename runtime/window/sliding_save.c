/* SPDX-License-Identifier: MIT */

/* Windows that slide, in a store: an entry a bead, by its slice and key. */

#include "window/sliding.h"

int64_t sliding_slice_end(const struct windows *windows,
			  const struct slice *slice, int64_t time)
{
	const struct sliding *sliding = windows->state;

	return calendar_next_end(&sliding->calendar,
				 slice->end < time ? time : slice->end);
}

bool sliding_fell_behind(const struct windows *windows, const struct spot *spot)
{
	const struct bead *bead = (struct bead *)(void *)spot->cell;

	return sliding_slice_end(windows, spot->slice, INT64_MIN) <=
	       bead->strand->past;
}

void sliding_save(struct windows *windows, const struct saver_change *change)
{
	sliced_save(windows, &sliding_beads, change->begin,
		    RING_OF(change->link, cell, link));
}

int sliding_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value)
{
	struct sliding *sliding = windows->state;
	struct spot spot = { 0 };
	int r = sliced_restore(windows, &sliding->slices, &sliding_beads, group,
			       letter, text, value, &spot);

	/* The strand is built when all are there. */
	if (r == 0)
		sliding_late(windows, spot.slice, spot.cell, 0);
	return r;
}

void sliding_restored(struct windows *windows)
{
	struct sliding *sliding = windows->state;

	sliding->next_known = false;
	sliding->closed_to = windows->done;
}
