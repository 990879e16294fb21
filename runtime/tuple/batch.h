/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_BATCH_H
#define TUPLE_BATCH_H

/*
 * What travels between two executors: a header and sections.
 *
 * A section is 8-byte aligned and begins with its own size. Runs carry tuples:
 * consecutive tuples for one task that belong to the same trees share one edge
 * id, which is acked once after the last of them. Short texts, which are most
 * of what travels, are packed (tuple/texts.h). Marks keep their place among the
 * runs; all other sections are control and are served on arrival. All is
 * little-endian, as the tuples are.
 */

#include <stdint.h>

#include <gust/error.h>
#include <gust/tuple.h>

/* Raised when the layout changes; a link refuses others. */
#define BATCH_VERSION 3

/* The usual capacity in bytes; a longer tuple gets a batch of its own. */
#define BATCH_BYTES 32768u

/* That of one for another process, where each costs several system calls and
 * wake-ups, however long it is. */
#define BATCH_FAR_BYTES 262144u

/* A tuple with more roots than this starts a derived root. */
#define BATCH_ANCHORS_MAX 4u

/* Stands for a sender that is gone, where a batch waits. */
#define BATCH_NOBODY UINT16_MAX

struct batch {
	uint32_t size; /* in use, with this header */
	uint16_t version;
	uint16_t from; /* executor */
	uint32_t to;   /* executor */
	uint32_t reserved;
	uint64_t sequence; /* of links between processes; else 0 */
	uint64_t incarnation;
};

enum section_kind {
	SECTION_RUN = 1,
	SECTION_MARK = 2,
	SECTION_ACKS = 3,    /* struct anchor: root and XOR */
	SECTION_HOLDS = 4,   /* struct anchor: root and XOR of the held edges */
	SECTION_FAIL = 5,    /* struct batch_failure, then the reason */
	SECTION_CREDITS = 6, /* struct batch_credit */
	SECTION_NOTES = 7, /* struct anchor: root and the task that keeps it */
	SECTION_LOST = 8, /* the sender has learnt that worker `task` is lost */
	SECTION_TEXTS = 9,  /* many runs of short texts, see tuple/texts.h */
	SECTION_FLOORS = 10 /* struct anchor: a source, and below which offset
			     * all of it is done */
};

struct section {
	uint32_t size;  /* with this header, a multiple of 8 */
	uint16_t kind;  /* enum section_kind */
	uint16_t count; /* run: anchors; texts: those of each run;
			 * mark: enum batch_mark; else entries */
	uint32_t task;  /* run, texts, mark: who gets it;
			 * lost: see there */
	uint32_t extra; /* run, texts: credit line; mark: the task that sends
			 * it */
};

/* An edge of a tree: the root it belongs to, and its id. */
struct anchor {
	uint64_t root;
	uint64_t edge;
};

/* The task that roots the tree; its ledger is asked, see engine/ledger.h. */
static inline uint32_t anchor_task(const struct anchor *anchor)
{
	return (uint32_t)(anchor->root >> 48);
}

enum batch_mark {
	MARK_FLUSH = 1,
	MARK_END = 2,
	MARK_WATERMARK = 3, /* the time follows, see section_watermark() */
	MARK_IDLE = 4       /* the sender has no watermark for now */
};

struct batch_credit {
	uint32_t task; /* the one that consumed */
	uint32_t line; /* see engine/credit.h */
	uint64_t bytes;
};

enum failure_kind {
	FAILURE_RETRY = 1,  /* another attempt may work */
	FAILURE_DEAD = 2,   /* it never will */
	FAILURE_REJECT = 3, /* bad by its own fault */
	FAILURE_TIMEOUT = 4
};

/* The longest reason in bytes; what is longer is cut. */
#define FAILURE_REASON_MAX 240u

struct batch_failure {
	uint64_t root;
	uint32_t task;   /* where it failed */
	uint16_t kind;   /* enum failure_kind */
	uint16_t length; /* of the reason, which follows, padded to 8 */
};

/* What a receiver may find in a batch; for batch_check(). */
struct batch_limits {
	uint32_t executors;
	uint32_t tasks;
	uint32_t streams;
	uint32_t lines;
	const uint16_t *columns; /* number of fields, by stream */
};

/* The anchors of a run, and its first tuple. */
static inline const struct anchor *section_anchors(const struct section *s)
{
	return (const struct anchor *)(const void *)(s + 1);
}

static inline const struct gust_tuple *section_tuples(const struct section *s)
{
	return (const struct gust_tuple *)(const void *)(section_anchors(s) +
							 s->count);
}

static inline const struct section *section_next(const struct section *s)
{
	return (const struct section *)(const void *)((const char *)s +
						      s->size);
}

/* The event time of a MARK_WATERMARK. */
static inline int64_t section_watermark(const struct section *s)
{
	return *(const int64_t *)(const void *)(s + 1);
}

static inline const struct section *batch_begin(const struct batch *batch)
{
	return (const struct section *)(const void *)(batch + 1);
}

static inline const struct section *batch_end(const struct batch *batch)
{
	return (const struct section *)(const void *)((const char *)batch +
						      batch->size);
}

/*
 * Checks `size` bytes at `data` (8-byte aligned) that came from outside the
 * process: version, bounds of all sections and tuples, every number within
 * `limits`. Afterwards reading it is safe. -EPROTO: another version; -EBADMSG:
 * malformed; `error` says where.
 */
int batch_check(const void *data, size_t size,
		const struct batch_limits *limits, struct gust_error *error);

#endif
