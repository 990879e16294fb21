/* SPDX-License-Identifier: MIT */

#include "interval.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gust/bolt.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gust/kit/agenda.h>
#include <gust/kit/buffer.h>
#include <gust/kit/row.h>

#define INTERVAL_BUCKETS_MIN ((size_t)64) /* a power of two */

/* A tuple that waits for others. */
struct entry {
	struct entry *next; /* in its bucket */
	const struct gust_tuple *kept;
	uint64_t hash; /* of its key */
	int64_t time;
	size_t side;
	bool matched;
};

struct interval {
	const struct sides *sides;
	enum join_type type;
	int64_t within;
	interval_emit *emit;
	void *self;

	struct entry **buckets;
	size_t bucket_count;
	struct agenda agenda; /* of all, by when nothing fits any more */
	struct buffer row;
};

int interval_create(struct interval **created, const struct sides *sides,
		    enum join_type type, int64_t within, interval_emit *emit,
		    void *self)
{
	struct interval *interval = calloc(1, sizeof(*interval));

	if (interval == NULL)
		return -ENOMEM;
	interval->sides = sides;
	interval->type = type;
	interval->within = within;
	interval->emit = emit;
	interval->self = self;
	interval->bucket_count = INTERVAL_BUCKETS_MIN;
	interval->buckets =
		calloc(INTERVAL_BUCKETS_MIN, sizeof(*interval->buckets));
	if (interval->buckets == NULL) {
		interval_destroy(interval);
		return -ENOMEM;
	}
	*created = interval;
	return 0;
}

/* What is still kept belongs to the runtime. */
void interval_destroy(struct interval *interval)
{
	size_t i;

	if (interval == NULL)
		return;
	for (i = 0; i < interval->agenda.count; i++)
		free(interval->agenda.heap[i].item);
	agenda_destroy(&interval->agenda);
	free(interval->buckets);
	buffer_destroy(&interval->row);
	free(interval);
}

/* From this watermark on nothing fits a tuple of that time. */
static int64_t interval_end(const struct interval *interval, int64_t time)
{
	int64_t end;

	if (__builtin_add_overflow(time, interval->within + 1, &end))
		end = INT64_MAX;
	return end;
}

/* The hash of a tuple's key, which is the same on both sides. */
static int interval_hash(struct interval *interval, size_t side,
			 const struct gust_tuple *in, uint64_t *hash)
{
	const struct sides *sides = interval->sides;
	struct gust_value value;
	size_t i;
	int r = 0;

	interval->row.used = 0;
	for (i = 0; i < sides->key_count && r == 0; i++) {
		value = gust_value_at(in, sides->sides[side].keys[i]);
		r = row_append(&interval->row, &value, 1);
	}
	if (r == 0)
		*hash = XXH3_64bits(interval->row.data, interval->row.used);
	return r;
}

static bool interval_same_key(const struct interval *interval,
			      const struct entry *a, const struct entry *b)
{
	const struct sides *sides = interval->sides;
	struct gust_value left, right;
	size_t i;

	if (a->hash != b->hash)
		return false;
	for (i = 0; i < sides->key_count; i++) {
		left = gust_value_at(a->kept, sides->sides[a->side].keys[i]);
		right = gust_value_at(b->kept, sides->sides[b->side].keys[i]);
		if (row_compare_values(&left, &right) != 0)
			return false;
	}
	return true;
}

/* Whether they are near enough; times may be as far apart as they can. */
static bool interval_near(const struct interval *interval, int64_t a, int64_t b)
{
	int64_t apart;

	if (__builtin_sub_overflow(a > b ? a : b, a > b ? b : a, &apart))
		return false;
	return apart <= interval->within;
}

static struct entry **interval_bucket(const struct interval *interval,
				      uint64_t hash)
{
	return &interval->buckets[hash & (interval->bucket_count - 1)];
}

/* Emits a new tuple with each that it fits. */
static int interval_match(struct interval *interval, struct gust_task *task,
			  struct entry *added)
{
	const struct gust_tuple *pair[2];
	struct entry *other = *interval_bucket(interval, added->hash);
	int r = 0;

	for (; other != NULL && r == 0; other = other->next) {
		if (other->side == added->side ||
		    !interval_near(interval, other->time, added->time) ||
		    !interval_same_key(interval, other, added))
			continue;
		pair[added->side] = added->kept;
		pair[other->side] = other->kept;
		r = interval->emit(interval->self, task, pair);
		other->matched = added->matched = true;
	}
	return r;
}

/* Makes room for one more in the table. */
static int interval_reserve(struct interval *interval)
{
	const struct agenda *agenda = &interval->agenda;
	const size_t size = 2 * interval->bucket_count;
	struct entry **buckets, *entry;
	size_t i;

	if (agenda->count < interval->bucket_count)
		return 0;
	buckets = calloc(size, sizeof(*buckets));
	if (buckets == NULL)
		return -ENOMEM;
	free(interval->buckets);
	interval->buckets = buckets;
	interval->bucket_count = size;
	for (i = 0; i < agenda->count; i++) {
		entry = agenda->heap[i].item;
		entry->next = *interval_bucket(interval, entry->hash);
		*interval_bucket(interval, entry->hash) = entry;
	}
	return 0;
}

static void interval_insert(struct interval *interval, struct entry *entry)
{
	struct entry **bucket = interval_bucket(interval, entry->hash);

	entry->next = *bucket;
	*bucket = entry;
	agenda_add(&interval->agenda, interval_end(interval, entry->time),
		   entry);
}

static void interval_remove(struct interval *interval, struct entry *entry)
{
	struct entry **link = interval_bucket(interval, entry->hash);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
}

int interval_add(struct interval *interval, struct gust_task *task,
		 const struct gust_tuple *in)
{
	const size_t side = sides_of(interval->sides, task, in);
	const int64_t time = gust_time(task, in);
	struct entry *entry;
	uint64_t hash = 0;
	int r;

	if (time == GUST_NO_TIME)
		return gust_reject(task, in, "it has no event time");
	r = interval_hash(interval, side, in, &hash);
	if (r == 0)
		r = interval_reserve(interval);
	/* Without a timer it would be kept for ever. */
	if (r == 0)
		r = agenda_reserve(&interval->agenda, task,
				   interval_end(interval, time));
	if (r < 0)
		return r;
	entry = calloc(1, sizeof(*entry));
	if (entry == NULL)
		return -ENOMEM;
	*entry = (struct entry){ .hash = hash, .time = time, .side = side };
	entry->kept = gust_hold(task, in);
	if (entry->kept == NULL) {
		free(entry);
		return -ENOMEM;
	}
	r = interval_match(interval, task, entry);
	if (r == 0) {
		interval_insert(interval, entry);
		return 0;
	}
	gust_fail(task, entry->kept, "it cannot be emitted");
	free(entry);
	return 0;
}

/* Lets go of a tuple, by itself if it had nobody and that is wanted. */
static void interval_release(struct interval *interval, struct gust_task *task,
			     struct entry *entry)
{
	const struct gust_tuple *pair[2] = { NULL, NULL };
	int r = 0;

	/* Its own time has been passed. */
	gust_set_time(task, interval_end(interval, entry->time));
	interval_remove(interval, entry);
	pair[entry->side] = entry->kept;
	if (!entry->matched &&
	    (interval->type == JOIN_FULL ||
	     (interval->type == JOIN_LEFT && entry->side == 0)))
		r = interval->emit(interval->self, task, pair);
	if (r == 0)
		gust_ack(task, entry->kept);
	else
		gust_fail(task, entry->kept, "it cannot be emitted");
	free(entry);
}

int interval_timer(struct interval *interval, struct gust_task *task,
		   uint64_t cookie)
{
	const int64_t watermark = gust_watermark(task);
	struct entry *entry;

	while (gust_room(task) > 0 &&
	       (entry = agenda_due(&interval->agenda, watermark)) != NULL)
		interval_release(interval, task, entry);
	return agenda_rest(&interval->agenda, task, cookie);
}

int interval_flush(struct interval *interval, struct gust_task *task)
{
	struct entry *entry;

	while ((entry = agenda_due(&interval->agenda, INT64_MAX)) != NULL) {
		interval_release(interval, task, entry);
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return 0;
}
