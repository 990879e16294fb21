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

#include "window/windows.h"

/* In every thing that is stored. */
struct saver_link {
	uint32_t place; /* in the list, from 1 on; 0: it has not changed */
	uint32_t parts; /* entries that the store has of it, maybe as it was */
	uint32_t saved; /* tuples of a whole window that are in them, the first
			 * ones */
};

/* Bytes that grow. */
struct saver_bytes {
	char *data;
	size_t length;
	size_t room;
};

struct saver_change {
	struct saver_link *link;
	int64_t begin; /* of its slice; SAVER_WHOLE: it is in none */
};

#define SAVER_WHOLE INT64_MIN

/* All but `on`, `moved`, `key` and `value` are private. */
struct saver {
	bool on;
	bool moved; /* the watermark has to be stored */
	bool short_of_memory;
	/* During windows_save(): where entries go, and what that has returned.
	 */
	windows_put *put;
	void *context;
	int result;
	struct saver_change *changes;
	size_t count, room;
	struct saver_bytes gone;       /* group, length and bytes of keys */
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

/* Notes that a thing goes. Returns how many entries the store has of it: their
 * keys have to be written to `key`, and given to saver_gone(). */
uint32_t saver_forget(struct saver *saver, struct saver_link *link);

/* Notes that the store is to have no entry with that key; or none of the first
 * so many parts of the thing with that key. */
void saver_gone(struct saver *saver, enum windows_group group);
void saver_gone_parts(struct saver *saver, uint32_t parts);

/* Begins an entry whose key begins with `kind`. */
void saver_begin(struct saver *saver, char kind);

/* Passes it on, when it is written. */
void saver_end(struct saver *saver, enum windows_group group);

/* Has the key that is written be that of a part; and reads its number, with
 * which it ends. False: it has none. */
void saver_part(struct saver *saver, uint32_t part);
bool saver_read_part(struct gust_text *key, uint32_t *part);

/* Appends bytes; if memory is short, saver->short_of_memory is set. */
void saver_put(struct saver *saver, struct saver_bytes *bytes, const void *data,
	       size_t length);
static inline void saver_number(struct saver *saver, struct saver_bytes *bytes,
				int64_t number)
{
	saver_put(saver, bytes, &number, sizeof(number));
}

struct key;
/* So that keys are in the order of such numbers, which are not negative. */
void saver_sorted(struct saver *saver, int64_t number);
bool saver_read_sorted(struct gust_text *from, int64_t *number);
void saver_key(struct saver *saver, struct saver_bytes *bytes,
	       const struct key *key);

/* Reads a number and moves on; false: there is none. */
bool saver_read(struct gust_text *from, int64_t *number);

#endif
