/* SPDX-License-Identifier: MIT */

/* Windows of a number of tuples in a store: an entry a key. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "window/counter.h"

void counter_save_key(struct windows *windows, const struct counter *counter)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, 'n');
	saver_key(saver, &saver->key, counter->strand->key);
}

/* The numbers, then the slices, the oldest first. */
void counter_save(struct windows *windows, const struct saver_change *change)
{
	const struct counter *counter = RING_OF(change->link, counter, saved);
	struct saver *saver = &windows->saver;

	counter_save_key(windows, counter);
	saver_number(saver, &saver->value, counter->next);
	saver_number(saver, &saver->value, counter->fired);
	for (const struct stretch *stretch = counter->oldest; stretch != NULL;
	     stretch = stretch->next) {
		int64_t size;
		size_t at;

		saver_number(saver, &saver->value, stretch->bead.begin);
		saver_number(saver, &saver->value, stretch->first);
		saver_number(saver, &saver->value, stretch->last);
		/* How long what follows is. */
		saver_number(saver, &saver->value, 0);
		at = saver->value.length;
		windows_save_portion(windows, &stretch->bead.cell.portion);
		size = (int64_t)(saver->value.length - at);
		if (!saver->short_of_memory)
			memcpy(saver->value.data + at - sizeof(size), &size,
			       sizeof(size));
	}
}

/* Reads a slice and puts it behind those that are there. */
static int counter_restore_stretch(struct windows *windows,
				   struct counter *counter,
				   struct gust_text *value, int64_t next)
{
	struct stretch *stretch;
	struct gust_text portion;
	int64_t begin, first, last, size;
	int r;

	if (!saver_read(value, &begin) || !saver_read(value, &first) ||
	    !saver_read(value, &last) || !saver_read(value, &size) ||
	    size < 0 || (uint64_t)size > value->length)
		return -EBADMSG;
	portion.data = value->data;
	portion.length = (size_t)size;
	value->data += size;
	value->length -= (size_t)size;
	counter->next = begin;
	r = counter_stretch(windows, counter, &stretch);
	if (r != 0 || stretch == NULL || stretch->bead.begin != begin)
		return r != 0 ? r : -EBADMSG;
	stretch->first = first;
	stretch->last = last;
	r = windows_restore_portion(windows, portion,
				    &stretch->bead.cell.portion,
				    bead_bytes(&stretch->bead));
	if (r != 0)
		return r;
	windows->tuples += stretch->bead.cell.portion.count;
	if (stretch->end > next)
		return 0;
	return strand_push(&windows->contract, counter->strand, &stretch->bead);
}

static int counter_read(struct windows *windows, struct counter *counter,
			struct gust_text value)
{
	int64_t next;
	int r = 0;

	if (!saver_read(&value, &next) || !saver_read(&value, &counter->fired))
		return -EBADMSG;
	while (r == 0 && value.length > 0)
		r = counter_restore_stretch(windows, counter, &value, next);
	counter->next = next;
	counter->saved.stored = true;
	return r;
}

int counter_restore(struct windows *windows, struct gust_text text,
		    struct gust_text value)
{
	struct counter *counter = NULL;
	struct key *key;
	int r;

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
			       : counter_read(windows, counter, value);
}

void counter_restored(struct windows *windows)
{
	(void)windows;
}
