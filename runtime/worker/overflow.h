/* SPDX-License-Identifier: MIT */
#ifndef WORKER_OVERFLOW_H
#define WORKER_OVERFLOW_H

/*
 * Room in files, for what memory has no share for.
 *
 * It is handed out from *segments*: files of a few MiB without a name, mapped
 * into memory, whose blocks on the disk are reserved as they are made, so that
 * a full disk is an answer and never a signal. The system writes them out and
 * reads them back as it sees fit; of those that are full no page is kept
 * mapped longer than it is looked at, so that what is in memory of them is no
 * more than the page cache, which gives way to whatever needs memory. A segment
 * goes when all that was taken from it was given back, and all of them with the
 * process, however that ends. One thread.
 */

#include <stddef.h>

#include <gust/error.h>

struct overflow_segment;

/* All members are private. */
struct overflow {
	const char *folder;
	struct overflow_segment *first; /* all; the first one is open */
	size_t looked_at;               /* bytes of them that may be mapped */
};

/* `folder`, which is borrowed, is made when something is taken. */
void overflow_init(struct overflow *overflow, const char *folder);
/* Gives everything back. */
void overflow_fini(struct overflow *overflow);

/*
 * Room for `size` bytes, aligned to 16; they are not set. NULL sets `error`:
 * -ENOSPC, -EDQUOT, -EFBIG or whatever the system says of the file.
 */
void *overflow_take(struct overflow *overflow, size_t size,
		    struct gust_error *error);
void overflow_give(struct overflow *overflow, void *room);

/* So many bytes were looked at, and may rest again. */
void overflow_rest(struct overflow *overflow, size_t size);

#endif
