/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gust/kit/heavy.h>
#include <gust/kit/row.h>

#define HEAVY_SLOTS_MIN 8u /* a power of two */
#define HEAVY_BYTES_MIN 128u

/* A key; it is free while `at` is 0. */
struct heavy_entry {
	uint64_t hash;
	union {
		int64_t integer;
		double number;
	} as;
	uint32_t at, length; /* its bytes, from the beginning of all */
};

/* Behind it stand the entries, an open addressing table that is at most half
 * full, and behind that the bytes of the keys. */
struct heavy {
	uint32_t slots;
	uint32_t used;
	uint32_t bytes, room; /* of the keys */
	uint32_t type;        /* of the numbers */
	uint32_t spare;
	uint64_t error;
	struct heavy_entry entries[];
};

static size_t heavy_head(uint32_t slots)
{
	return sizeof(struct heavy) + slots * sizeof(struct heavy_entry);
}

static const char *heavy_bytes(const struct heavy *heavy,
			       const struct heavy_entry *entry)
{
	return (const char *)heavy + entry->at;
}

/* The entry of a key, or the free one where it belongs. */
static struct heavy_entry *heavy_find(struct heavy *heavy, struct gust_text key,
				      uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (heavy->slots - 1);
	struct heavy_entry *entry;

	for (;; at = (at + 1) & (heavy->slots - 1)) {
		entry = &heavy->entries[at];
		if (entry->at == 0 ||
		    (entry->hash == hash && entry->length == key.length &&
		     memcmp(heavy_bytes(heavy, entry), key.data, key.length) ==
			     0))
			return entry;
	}
}

/* Takes a key into a free entry; there is room for its bytes. */
static void heavy_enter(struct heavy *heavy, struct heavy_entry *entry,
			struct gust_text key, uint64_t hash)
{
	entry->hash = hash;
	entry->at = (uint32_t)heavy_head(heavy->slots) + heavy->bytes;
	entry->length = (uint32_t)key.length;
	memcpy((char *)heavy + entry->at, key.data, key.length);
	heavy->bytes += entry->length;
	heavy->used++;
}

/* Copies the keys of `old`, NULL for none, whose counts are greater than
 * `less`, and takes that off. */
static void heavy_copy(struct heavy *heavy, const struct heavy *old,
		       int64_t less)
{
	const struct heavy_entry *from;
	struct heavy_entry *to;
	struct gust_text key;
	uint32_t i;

	for (i = 0; old != NULL && i < old->slots; i++) {
		from = &old->entries[i];
		if (from->at == 0 || (less > 0 && from->as.integer <= less))
			continue;
		key = (struct gust_text){ heavy_bytes(old, from),
					  from->length };
		to = heavy_find(heavy, key, from->hash);
		heavy_enter(heavy, to, key, from->hash);
		to->as = from->as;
		if (less > 0)
			to->as.integer -= less;
	}
}

/* Builds it anew with so many slots and so much room for bytes. */
static int heavy_rebuild(struct flat *flat, uint32_t slots, uint64_t room,
			 int64_t less)
{
	const size_t size = heavy_head(slots) + (size_t)room;
	const struct heavy *old = flat_data(flat);
	struct heavy *heavy = calloc(1, size);
	int r;

	if (heavy == NULL || size > UINT32_MAX) {
		free(heavy);
		return -ENOMEM;
	}
	heavy->slots = slots;
	heavy->room = (uint32_t)room;
	heavy->type = old != NULL ? old->type : GUST_INT;
	heavy->error = (old != NULL ? old->error : 0) + (uint64_t)less;
	heavy_copy(heavy, old, less);
	r = flat->resize(flat, size);
	if (r == 0)
		memcpy(flat->data, heavy, size);
	free(heavy);
	return r;
}

static int heavy_compare_counts(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*right > *left) - (*right < *left);
}

/* Lowers all counts, so that at most `most` keys are left. */
static int heavy_prune(struct flat *flat, uint32_t most)
{
	const struct heavy *heavy = flat->data;
	int64_t *counts = calloc(heavy->used, sizeof(*counts)), less;
	uint32_t i, n = 0;

	if (counts == NULL)
		return -ENOMEM;
	for (i = 0; i < heavy->slots; i++)
		if (heavy->entries[i].at != 0)
			counts[n++] = heavy->entries[i].as.integer;
	assert(n == heavy->used && n > most);
	qsort(counts, n, sizeof(*counts), heavy_compare_counts);
	less = counts[most];
	free(counts);
	return heavy_rebuild(flat, heavy->slots, heavy->room, less);
}

/* Makes room for another key of `length` bytes. */
static int heavy_reserve(struct flat *flat, const struct heavy_kind *kind,
			 size_t length)
{
	const struct heavy *heavy = flat_data(flat);
	uint32_t slots = HEAVY_SLOTS_MIN;
	uint64_t room = HEAVY_BYTES_MIN;
	int r;

	if (heavy != NULL && kind->most > 0 && heavy->used >= 2 * kind->most) {
		r = heavy_prune(flat, kind->most);
		if (r < 0)
			return r;
		heavy = flat->data;
	}
	if (heavy != NULL) {
		slots = heavy->slots;
		room = heavy->room;
		if (2 * (heavy->used + 1) <= slots &&
		    heavy->bytes + length <= room)
			return 0;
		if (2 * (heavy->used + 1) > slots)
			slots *= 2;
		length += heavy->bytes;
	}
	while (room < length)
		room *= 2;
	return heavy_rebuild(flat, slots, room, 0);
}

struct gust_value heavy_join(enum heavy_take take, struct gust_value early,
			     struct gust_value late)
{
	if (take == HEAVY_LAST)
		return late;
	if (take == HEAVY_MAX)
		return row_compare_values(&early, &late) < 0 ? late : early;
	if (late.type == GUST_FLOAT)
		return gust_float(early.as.number + late.as.number);
	if (__builtin_add_overflow(early.as.integer, late.as.integer,
				   &early.as.integer))
		early.as.integer = late.as.integer < 0 ? INT64_MIN : INT64_MAX;
	return early;
}

static struct gust_value heavy_number(const struct heavy *heavy,
				      const struct heavy_entry *entry)
{
	return heavy->type == GUST_FLOAT ? gust_float(entry->as.number)
					 : gust_int(entry->as.integer);
}

static int heavy_add_hashed(struct flat *flat, const struct heavy_kind *kind,
			    struct gust_text key, uint64_t hash,
			    struct gust_value number)
{
	struct heavy *heavy = flat_data(flat);
	struct heavy_entry *entry =
		heavy != NULL ? heavy_find(heavy, key, hash) : NULL;
	int r;

	if (entry != NULL && entry->at != 0) {
		number = heavy_join(kind->take, heavy_number(heavy, entry),
				    number);
		entry->as.integer = number.as.integer;
		return 0;
	}
	r = heavy_reserve(flat, kind, key.length);
	if (r < 0)
		return r;
	heavy = flat->data;
	heavy->type = number.type;
	entry = heavy_find(heavy, key, hash);
	heavy_enter(heavy, entry, key, hash);
	entry->as.integer = number.as.integer;
	return 0;
}

int heavy_add(struct flat *flat, const struct heavy_kind *kind,
	      struct gust_text key, struct gust_value number)
{
	return heavy_add_hashed(flat, kind, key,
				XXH3_64bits(key.data, key.length), number);
}

int heavy_merge(struct flat *into, const struct heavy_kind *kind,
		const void *from, size_t size)
{
	const struct heavy *other = from;
	const struct heavy_entry *entry;
	uint32_t i;
	int r = 0;

	if (size == 0)
		return 0;
	for (i = 0; i < other->slots && r == 0; i++) {
		entry = &other->entries[i];
		if (entry->at != 0)
			r = heavy_add_hashed(
				into, kind,
				(struct gust_text){ heavy_bytes(other, entry),
						    entry->length },
				entry->hash, heavy_number(other, entry));
	}
	if (r == 0 && other->used > 0)
		((struct heavy *)into->data)->error += other->error;
	return r;
}

static int heavy_compare(const struct heavy_key *a, const struct heavy_key *b)
{
	int r = row_compare_values(&b->number, &a->number);

	return r != 0 ? r : row_compare(a->key, b->key);
}

/* Moves the key at `at` down a heap of `n` whose last one in order is first. */
static void heavy_sink(struct heavy_key *heap, size_t at, size_t n)
{
	const struct heavy_key key = heap[at];
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n &&
		    heavy_compare(&heap[child], &heap[child + 1]) < 0)
			child++;
		if (heavy_compare(&key, &heap[child]) >= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = key;
}

/* Takes a key into a heap of at most `most`. */
static size_t heavy_offer(struct heavy_key *heap, size_t n, size_t most,
			  const struct heavy_key *key)
{
	size_t i;

	if (n == most) {
		if (heavy_compare(key, &heap[0]) < 0) {
			heap[0] = *key;
			heavy_sink(heap, 0, n);
		}
		return n;
	}
	heap[n++] = *key;
	for (i = n == most ? n / 2 : 0; i-- > 0;)
		heavy_sink(heap, i, n);
	return n;
}

static int heavy_compare_keys(const void *a, const void *b)
{
	return heavy_compare(a, b);
}

static struct heavy_key heavy_key(const struct heavy *heavy,
				  const struct heavy_entry *entry)
{
	return (struct heavy_key){ .key = { heavy_bytes(heavy, entry),
					    entry->length },
				   .number = heavy_number(heavy, entry) };
}

/* Appends the keys with the same number as the last one of `n`, which stand
 * behind it. */
static int heavy_rank_ties(const struct heavy *heavy, size_t n,
			   struct buffer *found)
{
	const struct heavy_key last =
		((const struct heavy_key *)(const void *)found->data)[n - 1];
	struct heavy_key key;
	uint32_t i;
	int r = 0;

	found->used = n * sizeof(key);
	for (i = 0; i < heavy->slots && r == 0; i++) {
		if (heavy->entries[i].at == 0)
			continue;
		key = heavy_key(heavy, &heavy->entries[i]);
		if (row_compare_values(&key.number, &last.number) == 0 &&
		    row_compare(key.key, last.key) > 0)
			r = buffer_append(found, &key, sizeof(key));
	}
	return r;
}

int heavy_rank(const void *data, size_t size, size_t most, bool ties,
	       struct buffer *found)
{
	const struct heavy *heavy = data;
	struct heavy_key key;
	size_t n = 0;
	uint32_t i;
	int r;

	if (size == 0 || heavy->used == 0 || most == 0)
		return 0;
	most = heavy->used < most ? heavy->used : most;
	found->used = 0;
	r = buffer_reserve(found, most * sizeof(key));
	if (r < 0)
		return r;
	for (i = 0; i < heavy->slots; i++) {
		if (heavy->entries[i].at == 0)
			continue;
		key = heavy_key(heavy, &heavy->entries[i]);
		n = heavy_offer((struct heavy_key *)(void *)found->data, n,
				most, &key);
	}
	qsort(found->data, n, sizeof(key), heavy_compare_keys);
	if (ties) {
		r = heavy_rank_ties(heavy, n, found);
		if (r < 0)
			return r;
		n = found->used / sizeof(key);
		qsort(found->data, n, sizeof(key), heavy_compare_keys);
	}
	return (int)n;
}

uint64_t heavy_error(const void *data, size_t size)
{
	return size == 0 ? 0 : ((const struct heavy *)data)->error;
}
