/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_SAVER_H
#define WINDOW_SAVER_H

/*
 * What has changed since windows_save() was called last: the things that are to
 * be stored anew, and the keys of those that have gone. Costs nothing before
 * the first call. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

/* In every thing that is stored. */
struct saver_link {
	uint32_t place;  /* in the list, from 1 on; 0: it has not changed */
	uint32_t stored; /* whether the store has it, maybe as it was */
};

/* Bytes that grow. */
struct saver_bytes {
	char *data;
	size_t length;
	size_t room;
};

struct saver_change {
	struct saver_link *link;
	int64_t begin; /* of its slice, if it is in one */
};

/* All but `on`, `moved`, `key` and `value` are private. */
struct saver {
	bool on;
	bool moved; /* the watermark has to be stored */
	bool short_of_memory;
	struct saver_change *changes;
	size_t count, room;
	struct saver_bytes gone;
	struct saver_bytes key, value; /* the entry that is being written */
};

void saver_fini(struct saver *saver);

/* Notes that a thing has changed. */
void saver_list(struct saver *saver, struct saver_link *link, int64_t begin);

static inline void saver_touch(struct saver *saver, struct saver_link *link,
			       int64_t begin)
{
	if (saver->on && link->place == 0)
		saver_list(saver, link, begin);
}

/* Notes that a thing goes. True: the store has it, so its key has to be
 * written to `key`, and saver_gone() called. */
bool saver_forget(struct saver *saver, struct saver_link *link);
void saver_gone(struct saver *saver);

/* Begins an entry whose key begins with `kind`. */
void saver_begin(struct saver *saver, char kind);

/* Appends bytes; if memory is short, saver->short_of_memory is set. */
void saver_put(struct saver *saver, struct saver_bytes *bytes, const void *data,
	       size_t length);
static inline void saver_number(struct saver *saver, struct saver_bytes *bytes,
				int64_t number)
{
	saver_put(saver, bytes, &number, sizeof(number));
}

struct key;
void saver_key(struct saver *saver, struct saver_bytes *bytes,
	       const struct key *key);

/* Reads a number and moves on; false: there is none. */
bool saver_read(struct gust_text *from, int64_t *number);

#endif
