/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_FLAT_H
#define GUST_KIT_FLAT_H

/*
 * Flat bytes that can be given another size by whoever owns them: what
 * summaries are kept in (digest, distinct, heavy, tally), so that they can be
 * an accumulator of a window, a value of the state, or a part of either. They
 * hold no pointers, and may be moved, stored and read back. One thread.
 */

#include <stddef.h>

#include <gust/window.h>

struct flat {
	void *data; /* 16-byte aligned; see flat_data() */
	size_t size;
	/* 0 or -ENOMEM, and then nothing has changed. What is new is zero, and
	 * `data` may have moved. */
	int (*resize)(struct flat *flat, size_t size);
	void *owner; /* for `resize` */
};

/* NULL where there are no bytes. */
static inline void *flat_data(const struct flat *flat)
{
	return flat->size == 0 ? NULL : flat->data;
}

/* An accumulator of a window. */
struct flat flat_accumulator(struct gust_accumulator *accumulator);

/* Memory of one's own, empty to begin with; it only ever grows, so that it can
 * be used again, by setting `size` to 0. flat_free() takes it back. */
struct flat flat_heap(void);
void flat_free(struct flat *flat);

#endif
