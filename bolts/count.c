/* SPDX-License-Identifier: MIT */

/*
 * count: counts tuples by the values of some fields.
 *
 * Tuples with equal values in all fields of `by` are counted together; null is
 * a value like others, and `by: []` counts all tuples as one. With several
 * tasks, group the stream by the same fields, so that equal tuples meet. The
 * counts are kept in memory: they are lost with the process, and a tuple that
 * is emitted again after a failure is counted again. `aggregate` counts in
 * state, which `topology.state.provider` makes durable.
 *
 * `emit: running` emits the new count for every tuple; `emit: final` emits
 * each count once, when no input will follow, in no particular order.
 *
 * Input:
 *	any streams that have all fields of `by`, with the same types
 * Output:
 *	default: the fields of `by`, then the field `output` (count: int)
 *
 * Example:
 *	bolts:
 *	  - {id: count, plugin: count, options: {by: [word], emit: final}}
 *	streams:
 *	  - from: split
 *	    to: count
 *	    grouping: {type: fields, args: [word]}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gust/bolt.h>

#define COUNT_FIELDS_MAX 32u
#define COUNT_TABLE_MIN 1024u /* a power of two */
#define COUNT_BLOCK_SIZE ((size_t)64 * 1024)

enum count_emit { COUNT_RUNNING, COUNT_FINAL };

/* A slot of the hash table; it is free while `key` is NULL. */
struct count_entry {
	uint64_t hash;
	int64_t count;
	const struct gust_value *key; /* a value a field */
};

/* Where keys are kept. They stay until the end, so nothing is freed singly. */
struct count_block {
	struct count_block *next;
	char data[];
};

struct count {
	struct gust_list by; /* options */
	int emit;
	const char *output;

	struct gust_field fields[COUNT_FIELDS_MAX];
	bool hashed; /* tuples come with the hash of these fields */
	bool quick;  /* that of one field, and nothing is emitted yet */
	struct count_entry *table; /* open addressing, at most half full */
	size_t table_size;
	size_t used;
	size_t emitted; /* so many slots, by finish() */
	struct count_block *blocks;
	char *free_at; /* within the first of `blocks` */
	size_t free_size;
};

static const char *const count_emits[] = { "running", "final", NULL };

static const struct gust_option count_options[] = {
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct count, by),
	  .help = "the fields whose values are counted, at most 32",
	  .flags = GUST_REQUIRED },
	{ .name = "emit",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct count, emit),
	  .fallback = "running",
	  .help = "every new count, or each count once at the end",
	  .choices = count_emits },
	{ .name = "output",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct count, output),
	  .fallback = "count",
	  .help = "the name of the field that holds the count" },
	{ .name = NULL },
};

static int count_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct count *count = self;
	struct gust_column columns[COUNT_FIELDS_MAX + 2];
	size_t i, n = count->by.count;
	int r;

	if (n > COUNT_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, "
				      "expected at most %u",
				      n, COUNT_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		columns[i].name = count->by.items[i];
		r = gust_declared_type(about, columns[i].name, &columns[i].type,
				       error);
		if (r < 0)
			return r;
	}
	columns[n] = (struct gust_column){ count->output, GUST_INT };
	columns[n + 1] = (struct gust_column){ NULL, GUST_NULL };
	return gust_declare_stream(about, "default", columns);
}

static int count_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct count *count = self;
	size_t i;
	int r;

	for (i = 0; i < count->by.count; i++) {
		r = gust_field(task, count->by.items[i], GUST_NULL,
			       &count->fields[i], error);
		if (r < 0)
			return r;
	}
	count->hashed = gust_hashed_by(task, count->by.items, count->by.count);
	count->quick = count->hashed && count->by.count == 1 &&
		       count->emit == COUNT_FINAL;
	count->table = calloc(COUNT_TABLE_MIN, sizeof(*count->table));
	if (count->table == NULL)
		return -ENOMEM;
	count->table_size = COUNT_TABLE_MIN;
	return 0;
}

static uint64_t count_hash(const struct gust_value *key, size_t n)
{
	uint64_t hash = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		hash += key[i].type;
		if (key[i].type >= GUST_STRING)
			hash = XXH3_64bits_withSeed(key[i].as.data,
						    key[i].length, hash);
		else
			hash = XXH3_64bits_withSeed(&key[i].as.integer,
						    sizeof(int64_t), hash);
	}
	return hash;
}

/*
 * Most keys are short words: a call would cost more than to compare them. Zeros
 * follow the bytes up to the next multiple of eight, as in tuples.
 */
static inline bool count_same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t words[4];

	if (n >= 16)
		return memcmp(a, b, n) == 0;
	memcpy(&words[0], a, 8);
	memcpy(&words[1], b, 8);
	/* The second word, or the first one again: no branch by length. */
	memcpy(&words[2], a + (n & 8), 8);
	memcpy(&words[3], b + (n & 8), 8);
	return ((words[0] ^ words[1]) | (words[2] ^ words[3])) == 0;
}

static inline bool count_same(const struct gust_value *a,
			      const struct gust_value *b)
{
	if (a->type != b->type || a->length != b->length)
		return false;
	if (a->type < GUST_STRING)
		return a->as.integer == b->as.integer;
	return count_same_bytes(a->as.data, b->as.data, a->length);
}

static inline bool count_equal(const struct gust_value *a,
			       const struct gust_value *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!count_same(&a[i], &b[i]))
			return false;
	return true;
}

/* The slot of a key, or the free one where it belongs. */
static inline struct count_entry *count_find(const struct count *count,
					     const struct gust_value *key,
					     size_t n, uint64_t hash)
{
	size_t mask = count->table_size - 1, i = (size_t)hash & mask;
	struct count_entry *entry;

	for (;; i = (i + 1) & mask) {
		entry = &count->table[i];
		if (entry->key == NULL ||
		    (entry->hash == hash && count_equal(entry->key, key, n)))
			return entry;
	}
}

static int count_grow(struct count *count)
{
	size_t size = 2 * count->table_size, i, at;
	struct count_entry *table = calloc(size, sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	for (i = 0; i < count->table_size; i++) {
		if (count->table[i].key == NULL)
			continue;
		at = (size_t)count->table[i].hash & (size - 1);
		while (table[at].key != NULL)
			at = (at + 1) & (size - 1);
		table[at] = count->table[i];
	}
	free(count->table);
	count->table = table;
	count->table_size = size;
	return 0;
}

static void *count_alloc(struct count *count, size_t size)
{
	struct count_block *block;
	size_t room = COUNT_BLOCK_SIZE;
	char *p;

	size = (size + 7) & ~(size_t)7;
	if (size > count->free_size) {
		if (size > room)
			room = size;
		block = malloc(sizeof(*block) + room);
		if (block == NULL)
			return NULL;
		block->next = count->blocks;
		count->blocks = block;
		count->free_at = block->data;
		count->free_size = room;
	}
	p = count->free_at;
	count->free_at += size;
	count->free_size -= size;
	return p;
}

/* What the bytes of a key take with the zeros behind them. */
static size_t count_padded(size_t length)
{
	return (length + 8) & ~(size_t)7;
}

/* Copies a key: its values, and the bytes of their strings behind them. */
static const struct gust_value *count_keep(struct count *count,
					   const struct gust_value *key)
{
	size_t i, n = count->by.count, size = (n + 1) * sizeof(*key);
	struct gust_value *kept;
	char *bytes;

	for (i = 0; i < n; i++)
		if (key[i].type >= GUST_STRING)
			size += count_padded(key[i].length);
	kept = count_alloc(count, size);
	if (kept == NULL)
		return NULL;
	bytes = (char *)(kept + n);
	for (i = 0; i < n; i++) {
		kept[i] = key[i];
		if (key[i].type < GUST_STRING)
			continue;
		memset(bytes, 0, count_padded(key[i].length));
		memcpy(bytes, key[i].as.data, key[i].length);
		kept[i].as.data = bytes;
		bytes += count_padded(key[i].length);
	}
	return kept;
}

/* The entry of a key that has none yet. NULL: out of memory. */
static struct count_entry *
count_add(struct count *count, const struct gust_value *key, uint64_t hash)
{
	struct count_entry *entry =
		count_find(count, key, count->by.count, hash);

	if (2 * count->used >= count->table_size) {
		if (count_grow(count) < 0)
			return NULL;
		entry = count_find(count, key, count->by.count, hash);
	}
	entry->key = count_keep(count, key);
	if (entry->key == NULL)
		return NULL;
	entry->hash = hash;
	count->used++;
	return entry;
}

/* The key of a tuple; both zeros are one key, as they are for groupings. */
static inline void count_read(const struct count *count,
			      const struct gust_tuple *in,
			      struct gust_value *key, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		key[i] = gust_value(in, count->fields[i]);
		if (key[i].type == GUST_FLOAT && key[i].as.number == 0)
			key[i].as.number = 0;
	}
}

/*
 * The entry of a short text that is in its place, as nearly all are; else NULL.
 * For `quick` counts only. It calls nothing, so it costs what it says.
 */
static inline struct count_entry *count_peek(const struct count *count,
					     const struct gust_tuple *in)
{
	const struct gust_cell *cell = gust_cell(in, count->fields[0]);
	struct count_entry *entry =
		&count->table[in->hash & (count->table_size - 1)];
	const struct gust_value *key = entry->key;

	if (key == NULL || entry->hash != in->hash || cell == NULL ||
	    cell->length >= 16 || cell->type != GUST_STRING ||
	    key->type != GUST_STRING || key->length != cell->length ||
	    !count_same_bytes(key->as.data, (const char *)in + cell->as.offset,
			      cell->length))
		return NULL;
	return entry;
}

/* Inline, so that it is made anew for keys of one field. */
static inline struct count_entry *count_entry(struct count *count,
					      const struct gust_tuple *in,
					      struct gust_value *key, size_t n)
{
	struct count_entry *entry;
	uint64_t hash;

	count_read(count, in, key, n);
	hash = count->hashed ? in->hash : count_hash(key, n);
	entry = count_find(count, key, n, hash);
	return entry->key != NULL ? entry : count_add(count, key, hash);
}

static int count_any(struct count *count, struct gust_task *task,
		     const struct gust_tuple *in)
{
	struct gust_value row[COUNT_FIELDS_MAX + 1];
	struct count_entry *entry;
	size_t n = count->by.count;
	int r;

	entry = n == 1 ? count_entry(count, in, row, 1)
		       : count_entry(count, in, row, n);
	if (entry == NULL)
		return -ENOMEM;
	if (count->emit == COUNT_RUNNING) {
		row[n] = gust_int(entry->count + 1);
		r = gust_emit_values(task, 0, row, n + 1);
		if (r < 0)
			return r;
	}
	entry->count++;
	return 0;
}

static int count_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct count *count = self;
	struct count_entry *entry = count->quick ? count_peek(count, in) : NULL;

	if (entry == NULL)
		return count_any(count, task, in);
	entry->count++;
	return 0;
}

/*
 * Not in flush(): a tuple may be replayed after one, and its count would then
 * be emitted twice.
 */
static int count_finish(void *self, struct gust_task *task)
{
	struct count *count = self;
	struct gust_value row[COUNT_FIELDS_MAX + 1];
	const struct count_entry *entry;
	size_t i, n = count->by.count;
	int r;

	if (count->emit != COUNT_FINAL)
		return 0;
	while (count->emitted < count->table_size) {
		entry = &count->table[count->emitted++];
		if (entry->count == 0)
			continue;
		for (i = 0; i < n; i++)
			row[i] = entry->key[i];
		row[n] = gust_int(entry->count);
		r = gust_emit_values(task, 0, row, n + 1);
		if (r < 0)
			return r;
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return 0;
}

static void count_close(void *self)
{
	struct count *count = self;
	struct count_block *block;

	while (count->blocks != NULL) {
		block = count->blocks;
		count->blocks = block->next;
		free(block);
	}
	free(count->table);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "count",
	.summary = "counts tuples by the values of some fields",
	.options = count_options,
	.instance_size = sizeof(struct count),
	.flags = GUST_MEMORY,
	.declare = count_declare,
	.open = count_open,
	.execute = count_execute,
	.finish = count_finish,
	.close = count_close,
};
