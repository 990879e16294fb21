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

	/* Writes the entry of a thing that has changed to the saver. */
	void (*save)(struct windows *windows,
		     const struct saver_change *change);
	/* Reads one; `key` is what follows its first byte. */
	int (*restore)(struct windows *windows, struct gust_text key,
		       struct gust_text value);
	/* windows->done is restored. */
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
	uint64_t tuples;      /* that are in it */
	/* Of whole windows: what has left since the one before, or NULL; and
	 * room for the list of tuples. */
	const struct portion *left;
	const struct gust_tuple **tuple_list;
	size_t tuple_room;
};

/* Writes what a portion is to the value of the saver, to its end; and makes one
 * of that. As portion_restore(); -EBADMSG: it is not one. */
void windows_save_portion(struct windows *windows,
			  const struct portion *portion);
int windows_restore_portion(struct windows *windows, struct gust_text value,
			    struct portion *portion, void *bytes);

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
