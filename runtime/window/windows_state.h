/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_WINDOWS_STATE_H
#define WINDOW_WINDOWS_STATE_H

/*
 * What the kinds of windows have in common. windows.c chooses the kind and asks
 * it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "window/key.h"
#include "window/past.h"
#include "window/portion.h"
#include "window/saver.h"
#include "window/windows.h"

/*
 * What windows.h says of the functions of the same names. `hash` and `keys` fit
 * the spec, `time` leaves room behind it, the watermark has risen.
 */
struct windows_kind {
	int (*create)(struct windows *windows, struct gust_error *error);
	void (*destroy)(struct windows *windows); /* what create() has left */
	int (*add)(struct windows *windows, const struct gust_tuple *in,
		   const struct gust_value *keys, uint64_t hash, int64_t time,
		   struct sheaf **sheaf);
	int (*advance)(struct windows *windows);
	bool (*due)(const struct windows *windows, int64_t watermark);
	int64_t (*next)(const struct windows *windows);
	int (*early)(struct windows *windows);
	void (*usage)(const struct windows *windows,
		      struct windows_usage *usage);

	/* Passes the entries of a thing that has changed to the saver. */
	void (*save)(struct windows *windows,
		     const struct saver_change *change);
	/* Reads one; `key` is what follows its first byte. */
	int (*restore)(struct windows *windows, enum windows_group group,
		       char letter, struct gust_text key,
		       struct gust_text value);
	/* windows->done is restored; or NULL. */
	void (*restored)(struct windows *windows);
};

extern const struct windows_kind tumbling_kind;
extern const struct windows_kind sliding_kind;
extern const struct windows_kind session_kind;
extern const struct windows_kind count_kind;

struct windows {
	const struct windows_kind *kind;
	void *state; /* of the kind */
	const struct gust_window_spec *spec;
	struct windows_host host;
	struct contract contract;
	struct saver saver;
	int64_t watermark;
	int64_t done; /* all that ends up to there has been handed over */
	int64_t before_flush; /* the watermark before it was INT64_MAX */
	int64_t saved;        /* what `done` is in the store */
	struct past past;     /* of keys that come from other tasks */
	uint64_t tuples;      /* that are in it */
	/* Of whole windows: what has left since the one before, or NULL; and
	 * room for the list of tuples. */
	const struct portion *left;
	const struct gust_tuple **tuple_list;
	size_t tuple_room;
};

/* How far the windows of these keys are: all that end up to there have been
 * handed over. What is late by that is late. */
static inline int64_t windows_done(const struct windows *windows,
				   const struct gust_value *keys)
{
	int64_t past;

	if (windows->past.count == 0)
		return windows->done;
	past = past_of(&windows->past,
		       windows->host.grouped(windows->host.self, keys));
	return past > windows->done ? past : windows->done;
}

/* The watermark as these keys have it. */
static inline int64_t windows_watermark(const struct windows *windows,
					const struct gust_value *keys)
{
	int64_t done;

	if (windows->past.count == 0)
		return windows->watermark;
	done = windows_done(windows, keys);
	return done > windows->watermark ? done : windows->watermark;
}

/* Forgets the past of keys, in the store too, if all are beyond it. */
void windows_leave_past(struct windows *windows);

/*
 * An entry with what a portion is, behind what is in the value of the saver,
 * and whose key is written; and makes one of that, or of one that the format
 * before had of a whole window. As portion_restore(); -EBADMSG: it is not one.
 */
void windows_save_sum(struct windows *windows, const struct portion *portion,
		      struct saver_link *link);
int windows_restore_sum(struct windows *windows, struct gust_text value,
			struct portion *portion, void *bytes);

/*
 * Of a whole window: whether the store lacks some, and takes it; then a part of
 * it, of which the key of the thing is written, and all windows that end up to
 * `done` had been handed over; and makes tuples of one, behind `done`, of which
 * all have been in a window that was handed over, if `shown`.
 */
bool windows_unsaved(const struct windows *windows,
		     const struct portion *portion,
		     const struct saver_link *link);
void windows_save_part(struct windows *windows, const struct portion *portion,
		       struct saver_link *link, int64_t done);
int windows_restore_part(struct windows *windows, struct gust_text value,
			 struct portion *portion, struct saver_link *link,
			 uint32_t part, bool shown);

/* The sheaf in `*at`, made if it is not there; NULL where nothing is held. */
static inline struct sheaf *windows_sheaf(struct windows *windows,
					  struct sheaf **at)
{
	if (*at == NULL)
		*at = windows->host.sheaf(windows->host.self);
	return *at;
}

/* Whether there is room for one more; what follows is between begin and end. */
static inline bool windows_room(struct windows *windows)
{
	return windows->host.room(windows->host.self);
}

/* Opens the handing over of windows that end there. */
static inline void windows_open(struct windows *windows, int64_t end)
{
	windows->host.begin(windows->host.self, end - 1);
}

/* Closes it; `sheaf`, which may be NULL, is settled with it, and forgotten. */
static inline void windows_close(struct windows *windows, struct sheaf **sheaf)
{
	struct sheaf *settled = sheaf == NULL ? NULL : *sheaf;

	if (sheaf != NULL)
		*sheaf = NULL;
	windows->host.end(windows->host.self, settled);
}

/* Hands one over: 0 or what the contract has returned. Empty ones are not. */
int windows_hand(struct windows *windows, const struct key *key,
		 const struct portion *portion, int64_t begin, int64_t end,
		 enum gust_firing firing);

#endif
