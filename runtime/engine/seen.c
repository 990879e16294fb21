/* SPDX-License-Identifier: MIT */

#include "engine/seen.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"

#define SEEN_FORMAT 1u
#define SEEN_CHUNK 4096u
#define SEEN_SLOTS_MIN 256u /* a power of two */

/* As it is stored, too. */
struct seen_entry {
	struct seen_identity identity;
	uint64_t length; /* of what was emitted, which follows, padded to 8 */
};

/* In front of each in its chapter. */
struct seen_link {
	struct seen_link *next;
	struct seen_entry entry;
};

struct seen_head {
	uint32_t format;
	uint32_t reserved;
	uint64_t count; /* of the entries, which follow */
};

struct seen_source {
	uint64_t source;
	uint64_t floor;
	bool changed; /* the floor is not as it was saved */
	struct seen_source *next;
};

struct chapter {
	struct chapter *next;
	uint64_t number;
	struct arena arena;
	struct seen_link *first, *last;
	uint64_t count;
	size_t bytes; /* of all entries, as they are stored */
	bool stored;
};

struct seen {
	struct seen_link **slots; /* open addressing, at most half full */
	size_t slot_count, used;
	struct chapter *oldest, *youngest;
	struct chapter *open; /* what was added since seen_save(), or NULL */
	uint64_t next_number;
	struct map by_source;
	struct seen_source *sources;
	uint64_t changed; /* of them */
};

struct seen *seen_create(void)
{
	return calloc(1, sizeof(struct seen));
}

static void chapter_free(struct chapter *chapter)
{
	arena_fini(&chapter->arena);
	free(chapter);
}

void seen_destroy(struct seen *seen)
{
	if (seen == NULL)
		return;
	while (seen->oldest != NULL) {
		struct chapter *chapter = seen->oldest;

		seen->oldest = chapter->next;
		chapter_free(chapter);
	}
	while (seen->sources != NULL) {
		struct seen_source *source = seen->sources;

		seen->sources = source->next;
		free(source);
	}
	map_fini(&seen->by_source);
	free(seen->slots);
	free(seen);
}

static size_t seen_padded(uint64_t length)
{
	return (size_t)((length + 7) & ~UINT64_C(7));
}

static size_t seen_place(const struct seen *seen,
			 const struct seen_identity *identity)
{
	return (size_t)hash_bytes(identity, sizeof(*identity)) &
	       (seen->slot_count - 1);
}

/* Its slot, or the free one where it belongs; there are some. */
static size_t seen_slot(const struct seen *seen,
			const struct seen_identity *identity)
{
	size_t at = seen_place(seen, identity);

	while (seen->slots[at] != NULL &&
	       memcmp(&seen->slots[at]->entry.identity, identity,
		      sizeof(*identity)) != 0)
		at = (at + 1) & (seen->slot_count - 1);
	return at;
}

static int seen_grow(struct seen *seen)
{
	size_t count =
		seen->slot_count == 0 ? SEEN_SLOTS_MIN : 2 * seen->slot_count;
	struct seen_link **old = seen->slots;
	size_t old_count = seen->slot_count;

	if (2 * (seen->used + 1) <= seen->slot_count)
		return 0;
	seen->slots = calloc(count, sizeof(struct seen_link *));
	if (seen->slots == NULL) {
		seen->slots = old;
		return -ENOMEM;
	}
	seen->slot_count = count;
	for (size_t i = 0; i < old_count; i++)
		if (old[i] != NULL)
			seen->slots[seen_slot(seen, &old[i]->entry.identity)] =
				old[i];
	free(old);
	return 0;
}

/* Takes an identity out; what was pushed on by it moves up. */
static void seen_take(struct seen *seen, const struct seen_identity *identity)
{
	size_t mask = seen->slot_count - 1;
	size_t hole = seen_slot(seen, identity), at = hole, home;

	assert(seen->slots[hole] != NULL);
	for (;;) {
		at = (at + 1) & mask;
		if (seen->slots[at] == NULL)
			break;
		home = seen_place(seen, &seen->slots[at]->entry.identity);
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		seen->slots[hole] = seen->slots[at];
		hole = at;
	}
	seen->slots[hole] = NULL;
	seen->used--;
}

static struct seen_source *seen_source(struct seen *seen, uint64_t number)
{
	struct seen_source *source =
		map_get(&seen->by_source, &number, sizeof(number));

	if (source != NULL)
		return source;
	source = calloc(1, sizeof(*source));
	if (source == NULL)
		return NULL;
	source->source = number;
	if (map_set(&seen->by_source, &source->source, sizeof(number),
		    source) != 0) {
		free(source);
		return NULL;
	}
	source->next = seen->sources;
	seen->sources = source;
	return source;
}

static uint64_t seen_floor_of(const struct seen *seen, uint64_t number)
{
	const struct seen_source *source =
		map_get(&seen->by_source, &number, sizeof(number));

	return source == NULL ? 0 : source->floor;
}

enum seen_answer seen_find(const struct seen *seen,
			   const struct seen_identity *identity,
			   struct gust_text *emitted)
{
	const struct seen_link *link;

	if (identity->offset < seen_floor_of(seen, identity->source))
		return SEEN_DONE;
	if (seen->used == 0)
		return SEEN_NEW;
	link = seen->slots[seen_slot(seen, identity)];
	if (link == NULL)
		return SEEN_NEW;
	emitted->data = (const char *)(link + 1);
	emitted->length = (size_t)link->entry.length;
	return SEEN_APPLIED;
}

static struct chapter *seen_chapter(struct seen *seen, uint64_t number)
{
	struct chapter *chapter = calloc(1, sizeof(*chapter));

	if (chapter == NULL)
		return NULL;
	chapter->number = number;
	arena_init(&chapter->arena, SEEN_CHUNK);
	if (seen->youngest != NULL)
		seen->youngest->next = chapter;
	else
		seen->oldest = chapter;
	seen->youngest = chapter;
	if (number >= seen->next_number)
		seen->next_number = number + 1;
	return chapter;
}

/* Adds one to a chapter. */
static int seen_enter(struct seen *seen, struct chapter *chapter,
		      const struct seen_identity *identity, const void *emitted,
		      uint64_t length)
{
	size_t padded = seen_padded(length);
	struct seen_link *link;

	if (seen_source(seen, identity->source) == NULL || seen_grow(seen) != 0)
		return -ENOMEM;
	link = arena_alloc(&chapter->arena, sizeof(*link) + padded);
	if (link == NULL)
		return -ENOMEM;
	link->next = NULL;
	link->entry.identity = *identity;
	link->entry.length = length;
	memset((char *)(link + 1), 0, padded);
	if (length > 0)
		memcpy(link + 1, emitted, (size_t)length);
	if (chapter->last != NULL)
		chapter->last->next = link;
	else
		chapter->first = link;
	chapter->last = link;
	chapter->count++;
	chapter->bytes += sizeof(link->entry) + padded;
	seen->slots[seen_slot(seen, identity)] = link;
	seen->used++;
	return 0;
}

int seen_add(struct seen *seen, const struct seen_identity *identity,
	     const void *emitted, size_t length)
{
	if (seen->open == NULL)
		seen->open = seen_chapter(seen, seen->next_number);
	if (seen->open == NULL)
		return -ENOMEM;
	return seen_enter(seen, seen->open, identity, emitted, length);
}

int seen_floor(struct seen *seen, uint64_t number, uint64_t offset)
{
	struct seen_source *source;

	if (offset <= seen_floor_of(seen, number))
		return 0;
	source = seen_source(seen, number);
	if (source == NULL)
		return -ENOMEM;
	source->floor = offset;
	seen->changed += !source->changed;
	source->changed = true;
	return 0;
}

bool seen_changed(const struct seen *seen)
{
	return seen->open != NULL;
}

static bool chapter_is_over(const struct seen *seen,
			    const struct chapter *chapter)
{
	const struct seen_link *link = chapter->last;

	/* The last one is mostly the last to be done. */
	if (link != NULL &&
	    link->entry.identity.offset >=
		    seen_floor_of(seen, link->entry.identity.source))
		return false;
	for (link = chapter->first; link != NULL; link = link->next)
		if (link->entry.identity.offset >=
		    seen_floor_of(seen, link->entry.identity.source))
			return false;
	return true;
}

/* The record of a chapter. Free it. */
static char *chapter_write(const struct chapter *chapter, size_t *size)
{
	struct seen_head head = { .format = SEEN_FORMAT,
				  .count = chapter->count };
	char *record, *at;

	*size = sizeof(head) + chapter->bytes;
	record = malloc(*size);
	if (record == NULL)
		return NULL;
	memcpy(record, &head, sizeof(head));
	at = record + sizeof(head);
	for (const struct seen_link *link = chapter->first; link != NULL;
	     link = link->next) {
		size_t bytes =
			sizeof(link->entry) + seen_padded(link->entry.length);

		memcpy(at, &link->entry, bytes);
		at += bytes;
	}
	return record;
}

typedef int seen_put(void *context, enum seen_kind kind, uint64_t number,
		     const struct gust_text *record);

static int seen_save_chapter(struct seen *seen, seen_put *put, void *context)
{
	struct chapter *chapter = seen->open;
	struct gust_text record;
	char *bytes;
	int r;

	if (chapter == NULL)
		return 0;
	bytes = chapter_write(chapter, &record.length);
	if (bytes == NULL)
		return -ENOMEM;
	record.data = bytes;
	r = put(context, SEEN_CHAPTER, chapter->number, &record);
	free(bytes);
	if (r != 0)
		return r;
	chapter->stored = true;
	seen->open = NULL;
	return 0;
}

static int seen_save_floors(struct seen *seen, seen_put *put, void *context)
{
	int r;

	for (struct seen_source *source = seen->sources;
	     source != NULL && seen->changed > 0; source = source->next) {
		const uint64_t numbers[] = { SEEN_FORMAT, source->floor };
		const struct gust_text record = { (const char *)numbers,
						  sizeof(numbers) };

		if (!source->changed)
			continue;
#ifdef GUST_MUTATE_FLOOR /* for tests/sim, which must notice */
		continue;
#endif
		r = put(context, SEEN_FLOOR, source->source, &record);
		if (r != 0)
			return r;
		source->changed = false;
		seen->changed--;
	}
	return 0;
}

static void seen_forget(struct seen *seen, struct chapter **at,
			struct chapter *before)
{
	struct chapter *chapter = *at;

	for (struct seen_link *link = chapter->first; link != NULL;
	     link = link->next)
		seen_take(seen, &link->entry.identity);
	*at = chapter->next;
	if (seen->youngest == chapter)
		seen->youngest = before;
	chapter_free(chapter);
}

/* A floor is stored with what it has forgotten, never later. */
static int seen_save_gone(struct seen *seen, seen_put *put, void *context)
{
	struct chapter **at = &seen->oldest, *before = NULL;
	int r;

	while (*at != NULL) {
		struct chapter *chapter = *at;

		if (!chapter->stored || !chapter_is_over(seen, chapter)) {
			before = chapter;
			at = &chapter->next;
			continue;
		}
		r = put(context, SEEN_CHAPTER, chapter->number, NULL);
		if (r != 0)
			return r;
		seen_forget(seen, at, before);
	}
	return 0;
}

int seen_save(struct seen *seen, seen_put *put, void *context)
{
	int r = seen_save_floors(seen, put, context);

	if (r == 0)
		r = seen_save_gone(seen, put, context);
	if (r == 0)
		r = seen_save_chapter(seen, put, context);
	return r;
}

static int seen_restore_floor(struct seen *seen, uint64_t number,
			      struct gust_text record)
{
	uint64_t numbers[2];
	struct seen_source *source;

	if (record.length < sizeof(numbers[0]))
		return -EBADMSG;
	memcpy(numbers, record.data, sizeof(numbers[0]));
	if (numbers[0] > SEEN_FORMAT)
		return -ENOTSUP;
	if (numbers[0] == 0 || record.length != sizeof(numbers))
		return -EBADMSG;
	memcpy(numbers, record.data, sizeof(numbers));
	source = seen_source(seen, number);
	if (source == NULL)
		return -ENOMEM;
	source->floor = numbers[1];
	return 0;
}

static int seen_restore_chapter(struct seen *seen, uint64_t number,
				struct gust_text record)
{
	const char *at = record.data, *end = at + record.length;
	struct chapter *chapter;
	struct seen_head head;
	int r = 0;

	if (record.length < sizeof(head))
		return -EBADMSG;
	memcpy(&head, at, sizeof(head));
	if (head.format > SEEN_FORMAT)
		return -ENOTSUP;
	chapter = seen_chapter(seen, number);
	if (chapter == NULL)
		return -ENOMEM;
	chapter->stored = true;
	at += sizeof(head);
	for (; r == 0 && head.count > 0; head.count--) {
		struct seen_entry entry;

		if ((size_t)(end - at) < sizeof(entry))
			return -EBADMSG;
		memcpy(&entry, at, sizeof(entry));
		at += sizeof(entry);
		if (entry.length > (size_t)(end - at) ||
		    seen_padded(entry.length) > (size_t)(end - at))
			return -EBADMSG;
		if (seen->used == 0 ||
		    seen->slots[seen_slot(seen, &entry.identity)] == NULL)
			r = seen_enter(seen, chapter, &entry.identity, at,
				       entry.length);
		at += seen_padded(entry.length);
	}
	return r == 0 && at != end ? -EBADMSG : r;
}

int seen_restore(struct seen *seen, enum seen_kind kind, uint64_t number,
		 struct gust_text record)
{
	if (kind == SEEN_FLOOR)
		return seen_restore_floor(seen, number, record);
	if (kind == SEEN_CHAPTER)
		return seen_restore_chapter(seen, number, record);
	return -EBADMSG;
}

size_t seen_count(const struct seen *seen)
{
	return seen->used;
}
