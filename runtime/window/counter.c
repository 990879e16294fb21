/* SPDX-License-Identifier: MIT */

#include "window/counter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void stretch_free(struct windows *windows, struct stretch *stretch)
{
	struct counts *counts = windows->state;

	stretch_forget(windows, stretch);
	bead_end(&windows->contract, &stretch->bead);
	counts->windows--;
	counts->bytes -= counts->stretch_size;
	pool_free(&counts->pool, stretch, counts->stretch_size);
}

void counter_free(struct windows *windows, struct counter *counter)
{
	struct counts *counts = windows->state;
	struct stretch *stretch;

	while ((stretch = counter->oldest) != NULL) {
		counter->oldest = stretch->next;
		stretch_free(windows, stretch);
	}
	counter_forget(windows, counter);
	table_remove(&counts->counters, counter->strand->key->hash, counter);
	ring_remove(&counter->all);
	ring_remove(&counter->fresh);
	counts->bytes -= sizeof(*counter) + counter->strand->size;
	strand_destroy(&windows->contract, counter->strand);
	free(counter);
}

void counter_release(struct windows *windows, struct counter *counter)
{
	if (counter->oldest == NULL && counter->full == 0 &&
	    counter->next == counter->fired)
		counter_free(windows, counter);
}

struct counter *counter_find(const struct counts *counts, uint64_t hash,
			     const struct gust_value *keys)
{
	size_t at = table_begin(&counts->counters, hash);
	struct counter *counter;

	while ((counter = table_next(&counts->counters, hash, &at)) != NULL)
		if (key_equals(counter->strand->key, keys))
			return counter;
	return NULL;
}

struct counter *counter_create(struct windows *windows,
			       const struct gust_value *keys, uint64_t hash)
{
	struct counts *counts = windows->state;
	struct counter *counter = calloc(1, sizeof(*counter));

	if (counter == NULL)
		return NULL;
	counter->strand = strand_create(&windows->contract, keys,
					windows->spec->key_count, hash);
	if (counter->strand == NULL)
		goto fail;
	if (table_add(&counts->counters, hash, counter) != 0)
		goto fail;
	ring_add(&counts->all, &counter->all);
	counts->bytes += sizeof(*counter) + counter->strand->size;
	return counter;
fail:
	if (counter->strand != NULL)
		strand_destroy(&windows->contract, counter->strand);
	free(counter);
	return NULL;
}

int counter_stretch(struct windows *windows, struct counter *counter,
		    struct stretch **found)
{
	struct counts *counts = windows->state;
	struct stretch *stretch = counter->newest;
	int64_t begin, end;
	int r;

	*found = stretch;
	if (stretch != NULL && counter->next < stretch->end)
		return 0;
	*found = NULL;
	if (!calendar_slice(&counts->calendar, counter->next, &begin, &end))
		return 0;
	stretch = pool_alloc(&counts->pool, counts->stretch_size);
	if (stretch == NULL)
		return -ENOMEM;
	memset(stretch, 0, counts->stretch_size);
	r = bead_begin(&windows->contract, &stretch->bead, counter->strand,
		       begin);
	if (r != 0) {
		pool_free(&counts->pool, stretch, counts->stretch_size);
		return r;
	}
	counts->windows++;
	counts->bytes += counts->stretch_size;
	stretch->end = end;
	if (counter->newest != NULL)
		counter->newest->next = stretch;
	else
		counter->oldest = stretch;
	counter->newest = stretch;
	*found = stretch;
	return 0;
}

int counter_evict(struct windows *windows, struct counter *counter,
		  int64_t begin, struct full *full)
{
	struct stretch *stretch;
	int r = strand_evict(&windows->contract, counter->strand, begin);

	while (r == 0 && (stretch = counter->oldest) != NULL &&
	       stretch->bead.begin < begin) {
		full->tuples += stretch->bead.cell.portion.count;
		if (full->sheaf == NULL)
			full->sheaf = stretch->sheaf;
		else if (stretch->sheaf != NULL)
			windows->host.join(windows->host.self, full->sheaf,
					   stretch->sheaf);
		counter->oldest = stretch->next;
		if (stretch->next == NULL)
			counter->newest = NULL;
		stretch_free(windows, stretch);
	}
	return r;
}
