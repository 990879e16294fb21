/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SEEN_H
#define ENGINE_SEEN_H

/*
 * The tuples that a task with durable state has applied, by their identities
 * (tuple/origin.h), and what it emitted then: a replay is not applied again,
 * but emits the same again.
 *
 * What was applied since the last commit is a *chapter*, which is stored with
 * that commit as one record. A source's *floor* is its lowest offset that is
 * not complete, as its spout tells; what lies below is done with, whoever
 * brings it. A chapter is forgotten, in the store too, when all in it lies
 * below the floors; these are stored as well, since a restart may emit again
 * what was complete, but not yet known to be.
 *
 * It knows no task and no store.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

struct seen;

struct seen_identity {
	uint64_t source;
	uint64_t offset;
	uint64_t path;
};

enum seen_answer {
	SEEN_NEW,
	SEEN_APPLIED, /* and it may have to be emitted again */
	SEEN_DONE     /* its tree is complete, or was given up */
};

/* NULL: out of memory. */
struct seen *seen_create(void);

/* Takes NULL. */
void seen_destroy(struct seen *seen);

/* `*emitted` is what was given to seen_add(), where it is APPLIED; borrowed
 * until the next seen_save(). */
enum seen_answer seen_find(const struct seen *seen,
			   const struct seen_identity *identity,
			   struct gust_text *emitted);

/* Of one that is NEW; it is copied. 0 or -ENOMEM. */
int seen_add(struct seen *seen, const struct seen_identity *identity,
	     const void *emitted, size_t length);

/* Nothing below `offset` comes of that source any more, but by mistake. 0 or
 * -ENOMEM: it is as before. */
int seen_floor(struct seen *seen, uint64_t source, uint64_t offset);

/* What a record is about. */
enum seen_kind { SEEN_CHAPTER = 1, SEEN_FLOOR = 2 };

/* Passes to `put` what has changed since the last call: records by their kind
 * and number, and those that are gone as NULL. Ends early with what it returns
 * if that is not 0; it is to be called again then. -ENOMEM. */
int seen_save(struct seen *seen,
	      int (*put)(void *context, enum seen_kind kind, uint64_t number,
			 const struct gust_text *record),
	      void *context);

/* Whether there is something to save but chapters to forget. */
bool seen_changed(const struct seen *seen);

/* One of the records that were saved, in any order, before anything else. They
 * may be those of several tasks that have met: then what two of them have is
 * remembered once.
 * -ENOTSUP: its format is newer; -EBADMSG: it is damaged; -ENOMEM. */
int seen_restore(struct seen *seen, enum seen_kind kind, uint64_t number,
		 struct gust_text record);

/* Of two records of SEEN_FLOOR of a source: whether `one` is further. They are
 * the format and the floor. */
static inline bool seen_is_further(struct gust_text one, struct gust_text other)
{
	uint64_t a[2], b[2];

	if (one.length != sizeof(a) || other.length != sizeof(b))
		return false;
	memcpy(a, one.data, sizeof(a));
	memcpy(b, other.data, sizeof(b));
	return a[1] > b[1];
}

/* How many identities are remembered. */
size_t seen_count(const struct seen *seen);

#endif
