/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_TEXTS_H
#define TUPLE_TEXTS_H

/*
 * Packed tuples: a section SECTION_TEXTS of a batch.
 *
 * Most of what travels between executors is one short text a tuple, and most of
 * such a tuple is the same in all of them. So what they share stands once in
 * the section (struct texts), what the tuples of one tree share once in a run
 * (its anchor, if the section has any, and struct texts_run), and a tuple is
 * its hash and its text. All entries have one size, so that neither side has a
 * branch by the length, which nobody foresees. Tuples of another event time
 * begin another section.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gust/tuple.h>

#include "tuple/batch.h"
#include "tuple/record.h"

/* Behind the section's header. */
struct texts {
	uint32_t task;   /* the one that emitted them */
	uint16_t stream; /* which has one field */
	uint16_t reserved;
	int64_t time; /* the event time of all, or GUST_NO_TIME */
};

/* Behind the anchor of a run. */
struct texts_run {
	uint32_t size; /* of its entries in bytes */
	uint32_t reserved;
};

#define TEXTS_LENGTH_MAX 15u

struct texts_entry {
	uint64_t hash;
	uint64_t words[2]; /* the text, zeros, in the last byte its length */
};

/* A tuple, unpacked. */
struct texts_tuple {
	struct gust_tuple tuple;
	struct gust_cell cell;
	char text[TEXTS_LENGTH_MAX + 1];
};

static inline const struct texts *section_texts(const struct section *s)
{
	return (const struct texts *)(const void *)(s + 1);
}

/* The first run of a section. */
static inline const char *section_texts_begin(const struct section *s)
{
	return (const char *)(section_texts(s) + 1);
}

/* What the tuples of a run or of packed ones take, for credit. */
static inline uint64_t section_bytes(const struct section *s)
{
	if (s->kind == SECTION_TEXTS)
		return s->size - sizeof(*s) - sizeof(struct texts);
	return s->size - sizeof(*s) - s->count * sizeof(struct anchor);
}

/* What a run takes besides its entries. */
static inline uint32_t texts_run_head(const struct section *s)
{
	return (uint32_t)(s->count * sizeof(struct anchor) +
			  sizeof(struct texts_run));
}

static inline uint32_t texts_length(const struct texts_entry *entry)
{
	return (uint32_t)(entry->words[1] >> 56);
}

/* Whether a tuple can be packed. */
static inline bool texts_fit(const struct gust_tuple *tuple)
{
	const struct gust_cell *cell = gust_cells(tuple);

	return tuple->fields == 1 && cell->type == GUST_STRING &&
	       cell->length <= TEXTS_LENGTH_MAX &&
	       (tuple->flags | tuple->path) == 0;
}

/* Packs a tuple that fits. */
static inline void texts_pack(struct texts_entry *entry,
			      const struct gust_tuple *tuple)
{
	const struct gust_cell *cell = gust_cells(tuple);
	const char *text = (const char *)tuple + cell->as.offset;
	const uint32_t length = cell->length;
	uint64_t words[2];

	/* Only a text of eight bytes and more has a second word. */
	memcpy(words, text, 8);
	memcpy(words + 1, text + (length & 8), 8);
	words[1] &= 0 - (uint64_t)(length >> 3);
	entry->hash = tuple->hash;
	entry->words[0] = words[0];
	entry->words[1] = words[1] | (uint64_t)length << 56;
}

/* What all tuples of a section have in common. */
static inline void texts_begin(struct texts_tuple *to, const struct section *s)
{
	const struct texts *texts = section_texts(s);

	memset(to, 0, sizeof(*to));
	to->tuple.stream = texts->stream;
	to->tuple.fields = 1;
	to->tuple.task = texts->task;
	to->tuple.time = texts->time;
	to->cell.as.offset = offsetof(struct texts_tuple, text);
}

/* Unpacks an entry, after texts_begin(). */
static inline void texts_unpack(struct texts_tuple *to,
				const struct texts_entry *entry)
{
	const uint32_t length = texts_length(entry);
	const uint64_t words[2] = { entry->words[0],
				    entry->words[1] & UINT64_MAX >> 8 };

	to->tuple.size = (uint32_t)(offsetof(struct texts_tuple, text) +
				    record_padded(length));
	to->tuple.hash = entry->hash;
	record_write_head(&to->cell, GUST_STRING, length);
	memcpy(to->text, words, sizeof(words));
}

/* Part of batch_check(). */
bool texts_check(const struct section *s, const struct batch_limits *limits);

#endif
