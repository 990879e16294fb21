/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_SLIDING_H
#define WINDOW_SLIDING_H

/*
 * Windows of time that overlap, between sliding.c, which hands them over when
 * the watermark is at their ends, and sweep.c, which does it at other times.
 */

#include "window/calendar.h"
#include "window/sliced.h"
#include "window/strand.h"
#include "window/windows_state.h"

/* A cell's flags. */
#define BEAD_LATE 1u  /* changed after a window with it was handed over */
#define BEAD_FRESH 2u /* changed since the last windows_early() */

struct sliding {
	struct calendar calendar;
	struct slices slices;
	struct table strands;
	struct ring live;  /* strands that are not empty */
	struct ring late;  /* with changed beads that are in them, or were */
	struct ring fresh; /* with beads changed since the last early ones */
	uint64_t bytes;    /* of strands */
	size_t closed;     /* slices whose beads are in strands, the first */
	int64_t closed_to; /* they end there or before */
	size_t past;       /* slices whose windows have all been fired */
	size_t held;       /* of those: with a sheaf */
	int64_t next;      /* what windows_next() says, */
	bool next_known;   /* if this is set */
	int64_t firing;    /* the end of windows that are not all handed over */
	struct ring *cursor; /* the live strand that is next then, or NULL */
	struct portion scratch;
	void *scratch_bytes;
};

/* Its cells are beads. */
extern const struct sliced_kind sliding_beads;

/* Notes that windows which were handed over have changed, if `flag` says so,
 * and that the strand has to be built anew. */
void sliding_late(struct windows *windows, const struct slice *slice,
		  struct cell *cell, uint32_t flag);

/* The end of the first window with a slice, of those that end at `time` or
 * later; and whether one was handed over with it before by another task. */
int64_t sliding_slice_end(const struct windows *windows,
			  const struct slice *slice, int64_t time);
bool sliding_fell_behind(const struct windows *windows,
			 const struct spot *spot);

/* Those of a struct windows_kind. */
void sliding_save(struct windows *windows, const struct saver_change *change);
int sliding_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value);
void sliding_restored(struct windows *windows);

/* Hands over the sum of a strand for a window, if it is not empty. */
int sliding_hand(struct windows *windows, struct strand *strand, int64_t end,
		 enum gust_firing firing);

/* Puts a strand among the live ones, or takes it out if it is empty. */
void sliding_settle(struct sliding *sliding, struct strand *strand);

/*
 * Hands over again the windows that late tuples have changed, and takes those
 * tuples into what comes. 0, GUST_MORE or what the contract returned.
 */
int sweep_late(struct windows *windows);

/* windows_early() */
int sweep_early(struct windows *windows);

#endif
