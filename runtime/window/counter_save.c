/* SPDX-License-Identifier: MIT */

/* Windows of a number of tuples in a store: an entry a key and one a slice. The
 * format before had all slices in the entry of the key. */

#include <errno.h>
#include <stdlib.h>

#include "window/counter.h"

#define COUNTER_LETTER 'N'
#define COUNTER_OLD 'n'
#define STRETCH_LETTER 'T' /* behind the keys */

static void counter_save_key(struct windows *windows, char letter,
			     const struct counter *counter)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, letter);
	saver_key(saver, &saver->key, counter->strand->key);
}

static void stretch_save_key(struct windows *windows,
			     const struct stretch *stretch)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, STRETCH_LETTER);
	saver_sorted(saver, stretch->bead.begin);
	saver_key(saver, &saver->key, stretch->bead.strand->key);
}

static void stretch_save(struct windows *windows, struct stretch *stretch)
{
	struct saver *saver = &windows->saver;
	struct cell *cell = &stretch->bead.cell;

	stretch_save_key(windows, stretch);
	saver_number(saver, &saver->value, stretch->first);
	saver_number(saver, &saver->value, stretch->last);
	if (!windows->contract.whole) {
		windows_save_sum(windows, &cell->portion, &cell->link);
		return;
	}
	saver_end(saver, WINDOWS_CELLS);
	while (windows_unsaved(windows, &cell->portion, &cell->link)) {
		stretch_save_key(windows, stretch);
		windows_save_part(windows, &cell->portion, &cell->link,
				  windows->done);
	}
}

void counter_save(struct windows *windows, const struct saver_change *change)
{
	struct saver *saver = &windows->saver;
	const struct counter *counter;

	if (change->begin != SAVER_WHOLE) {
		stretch_save(windows,
			     RING_OF(change->link, stretch, bead.cell.link));
		return;
	}
	counter = RING_OF(change->link, counter, saved);
	counter_save_key(windows, COUNTER_LETTER, counter);
	saver_number(saver, &saver->value, counter->next);
	saver_number(saver, &saver->value, counter->fired);
	saver_end(saver, WINDOWS_CELLS);
	change->link->parts = 1;
}

void stretch_forget(struct windows *windows, struct stretch *stretch)
{
	struct saver *saver = &windows->saver;
	const uint32_t parts = saver_forget(saver, &stretch->bead.cell.link);

	if (parts == 0)
		return;
	stretch_save_key(windows, stretch);
	saver_gone(saver, WINDOWS_CELLS);
	if (windows->contract.whole)
		saver_gone_parts(saver, parts);
}

void counter_forget(struct windows *windows, struct counter *counter)
{
	if (saver_forget(&windows->saver, &counter->saved) == 0)
		return;
	counter_save_key(windows, COUNTER_LETTER, counter);
	saver_gone(&windows->saver, WINDOWS_CELLS);
}

/* A slice that begins there, behind those that are there, with what its entry
 * says. The counter knows its numbers. */
static int stretch_make(struct windows *windows, struct counter *counter,
			int64_t begin, struct gust_text value,
			struct stretch **made)
{
	const int64_t next = counter->next;
	struct stretch *newest = counter->newest, *stretch;
	struct cell *cell;
	int64_t first, last;
	int r;

	if (!saver_read(&value, &first) || !saver_read(&value, &last))
		return -EBADMSG;
	counter->next = begin;
	r = counter_stretch(windows, counter, &stretch);
	counter->next = next;
	if (r != 0 || stretch == newest || stretch->bead.begin != begin)
		return r != 0 ? r : -EBADMSG;
	stretch->first = first;
	stretch->last = last;
	*made = stretch;
	cell = &stretch->bead.cell;
	/* Of whole windows this is no entry but one of the format before. */
	if (value.length > 0 || !windows->contract.whole)
		r = windows_restore_sum(windows, value, &cell->portion,
					bead_bytes(&stretch->bead));
	windows->tuples += cell->portion.count;
	cell->link.parts = !windows->contract.whole;
	if (r != 0 || stretch->end > next)
		return r;
	return strand_push(&windows->contract, counter->strand, &stretch->bead);
}

/* One of the format before, behind the numbers of its key. */
static int counter_read_stretch(struct windows *windows,
				struct counter *counter,
				struct gust_text *value)
{
	/* The times are followed by a length, which is told otherwise now. */
	struct gust_text portion;
	struct saver_bytes bytes = { 0 };
	struct saver *saver = &windows->saver;
	struct stretch *stretch;
	int64_t begin, first, last, size;
	int r;

	if (!saver_read(value, &begin) || !saver_read(value, &first) ||
	    !saver_read(value, &last) || !saver_read(value, &size) ||
	    size < 0 || (uint64_t)size > value->length)
		return -EBADMSG;
	saver_number(saver, &bytes, first);
	saver_number(saver, &bytes, last);
	saver_put(saver, &bytes, value->data, (size_t)size);
	portion = (struct gust_text){ bytes.data, bytes.length };
	value->data += size;
	value->length -= (size_t)size;
	r = saver->short_of_memory
		    ? -ENOMEM
		    : stretch_make(windows, counter, begin, portion, &stretch);
	free(bytes.data);
	if (r != 0)
		return r;
	stretch->bead.cell.link.parts = 0;
	saver_touch(saver, &stretch->bead.cell.link, begin);
	return 0;
}

static int counter_read(struct windows *windows, struct counter *counter,
			char letter, struct gust_text value)
{
	struct saver *saver = &windows->saver;
	int r = 0;

	if (!saver_read(&value, &counter->next) ||
	    !saver_read(&value, &counter->fired))
		return -EBADMSG;
	if (letter == COUNTER_LETTER) {
		counter->saved.parts = 1;
		return value.length == 0 ? 0 : -EBADMSG;
	}
	while (r == 0 && value.length > 0)
		r = counter_read_stretch(windows, counter, &value);
	counter_save_key(windows, COUNTER_OLD, counter);
	saver_gone(saver, WINDOWS_CELLS);
	saver_touch(saver, &counter->saved, SAVER_WHOLE);
	return r;
}

static struct stretch *counter_find_stretch(const struct counter *counter,
					    int64_t begin)
{
	struct stretch *stretch = counter->oldest;

	while (stretch != NULL && stretch->bead.begin != begin)
		stretch = stretch->next;
	return stretch;
}

/* A slice, or a part of one, whose counter is there. */
static int stretch_restore(struct windows *windows, enum windows_group group,
			   struct gust_text text, struct gust_text value)
{
	struct counter *counter = NULL;
	struct stretch *stretch;
	struct key *key;
	uint32_t part = 0;
	int64_t begin, done;
	int r;

	if ((group == WINDOWS_PARTS &&
	     (!saver_read_part(&text, &part) || !saver_read(&value, &done))) ||
	    !saver_read_sorted(&text, &begin))
		return -EBADMSG;
	key = key_unpack(text.data, text.length, &r);
	if (key == NULL)
		return r;
	if (key->count == windows->spec->key_count)
		counter = counter_find(windows->state, key->hash,
				       key_values(key));
	free(key);
	if (counter == NULL)
		return -EBADMSG;
	if (group == WINDOWS_CELLS)
		return stretch_make(windows, counter, begin, value, &stretch);
	stretch = counter_find_stretch(counter, begin);
	if (stretch == NULL)
		return -EBADMSG;
	return windows_restore_part(windows, value, &stretch->bead.cell.portion,
				    &stretch->bead.cell.link, part,
				    stretch->end <= counter->fired);
}

int counter_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value)
{
	struct counter *counter = NULL;
	struct key *key;
	int r;

	if (letter == STRETCH_LETTER)
		return stretch_restore(windows, group, text, value);
	if (group == WINDOWS_PARTS ||
	    (letter != COUNTER_LETTER && letter != COUNTER_OLD))
		return -EBADMSG;
	key = key_unpack(text.data, text.length, &r);
	if (key == NULL)
		return r;
	if (key->count != windows->spec->key_count) {
		free(key);
		return -EBADMSG;
	}
	counter = counter_create(windows, key_values(key), key->hash);
	free(key);
	return counter == NULL ? -ENOMEM
			       : counter_read(windows, counter, letter, value);
}
