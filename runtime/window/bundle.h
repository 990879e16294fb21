/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_BUNDLE_H
#define WINDOW_BUNDLE_H

/*
 * What a portion is where the bolt gets whole windows: copies of the tuples,
 * each of which is shared by all portions that have it. They are in memory, or
 * spilled (base/spill.h) with all that is known of them; then a portion has 8
 * bytes of each.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "window/portion.h"
#include "window/saver.h"

/* The tuple follows. */
struct kept {
	uint64_t order; /* of arrival */
	uint32_t users; /* portions */
	bool shown;     /* it was in a window that was handed over */
	bool spilled;
};

static inline size_t bundle_count(const struct portion *portion)
{
	return portion->accumulator.size / sizeof(struct kept *);
}

static inline struct kept **bundle_kept(const struct portion *portion)
{
	return portion->accumulator.data;
}

static inline struct gust_tuple *kept_tuple(struct kept *kept)
{
	return (struct gust_tuple *)(void *)(kept + 1);
}

/* What the tuple of a portion is a part of. */
static inline struct kept *kept_of(const struct gust_tuple *tuple)
{
	return (struct kept *)(uintptr_t)tuple - 1;
}

static inline size_t kept_size(struct kept *kept)
{
	return sizeof(*kept) + kept_tuple(kept)->size;
}

/* As the functions of portion.h: portion_add(), portion_merge(), and what
 * portion_end() does first. */
int bundle_add(struct contract *contract, struct portion *portion,
	       const struct gust_tuple *in);
int bundle_merge(struct contract *contract, struct portion *into,
		 const struct portion *from);
void bundle_release(struct contract *contract, struct portion *portion);

/* Sorts tuples of portions by time, of equal times by arrival. A portion itself
 * has them as they have come. */
void bundle_sort(const struct gust_tuple **tuples, size_t count);

/* How many of it were in no window yet; how many bytes of it are spilled. */
size_t bundle_fresh(const struct portion *portion);
size_t bundle_spilled(const struct portion *portion);

/* For a store: appends tuples to the value from the `from`-th on, until it is
 * large enough for a part, and returns with which one the next part begins. */
size_t bundle_save(const struct portion *portion, size_t from,
		   struct saver *saver);

/* What a value says. */
enum bundle_value {
	BUNDLE_OLD,       /* of the format before: not when they came */
	BUNDLE_AS_IT_WAS, /* of bundle_save() */
	BUNDLE_SHOWN      /* the same, and all have been shown since */
};

/* Adds the tuples of a value to a portion. 0, -ENOMEM, -EBADMSG. */
int bundle_restore(struct contract *contract, struct portion *portion,
		   struct gust_text value, enum bundle_value what);

#endif
