/* SPDX-License-Identifier: MIT */
#include "state/ram.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "state/keycode.h"

struct ram_record {
	struct gust_text key;
	struct gust_text record;
};

struct ram {
	pthread_mutex_t lock;       /* a commit may run beside the reads */
	struct ram_record *records; /* by their keys */
	size_t count, room;
	uint64_t incarnation;
	size_t commits;
	size_t stores; /* that are open */
	int code;
	const char *text;
};

struct ram_store {
	struct store store;
	struct ram *ram;
	char *key, *record; /* what was read last */
};

struct ram *ram_create(void)
{
	struct ram *ram = calloc(1, sizeof(*ram));

	if (ram != NULL)
		pthread_mutex_init(&ram->lock, NULL);
	return ram;
}

void ram_destroy(struct ram *ram)
{
	if (ram == NULL)
		return;
	assert(ram->stores == 0);
	for (size_t i = 0; i < ram->count; i++)
		free((char *)(uintptr_t)ram->records[i].key.data);
	free(ram->records);
	pthread_mutex_destroy(&ram->lock);
	free(ram);
}

/* Where a key is, or has to be. */
static size_t ram_find(const struct ram *ram, struct gust_text key, bool *found)
{
	size_t low = 0, high = ram->count, middle;
	int r;

	*found = false;
	while (low < high) {
		middle = low + (high - low) / 2;
		r = keycode_compare(ram->records[middle].key, key);
		if (r == 0) {
			*found = true;
			return middle;
		}
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Copies what a reader gets: another thread may free the record. */
static int ram_copy(char **to, struct gust_text from, struct gust_text *text)
{
	char *copy = malloc(from.length + 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, from.data, from.length);
	copy[from.length] = '\0';
	free(*to);
	*to = copy;
	*text = (struct gust_text){ copy, from.length };
	return 1;
}

static int ram_read(struct store *store, struct gust_text key,
		    struct gust_text *record, struct gust_error *error)
{
	struct ram_store *rams = (struct ram_store *)store;
	struct ram *ram = rams->ram;
	size_t at;
	bool found;
	int r = 0;

	(void)error;
	pthread_mutex_lock(&ram->lock);
	at = ram_find(ram, key, &found);
	if (found)
		r = ram_copy(&rams->record, ram->records[at].record, record);
	pthread_mutex_unlock(&ram->lock);
	return r;
}

static int ram_seek(struct store *store, struct gust_text from,
		    struct gust_text *key, struct gust_text *record,
		    struct gust_error *error)
{
	struct ram_store *rams = (struct ram_store *)store;
	struct ram *ram = rams->ram;
	size_t at;
	bool found;
	int r = 0;

	(void)error;
	pthread_mutex_lock(&ram->lock);
	at = ram_find(ram, from, &found);
	if (at < ram->count)
		r = ram_copy(&rams->key, ram->records[at].key, key);
	if (r == 1)
		r = ram_copy(&rams->record, ram->records[at].record, record);
	pthread_mutex_unlock(&ram->lock);
	return r;
}

static int ram_each(struct store *store, store_each *tell, void *context,
		    struct gust_error *error)
{
	struct ram *ram = ((struct ram_store *)store)->ram;
	int r = 0;

	(void)error;
	pthread_mutex_lock(&ram->lock);
	for (size_t i = 0; i < ram->count && r == 0; i++)
		r = tell(context, ram->records[i].key, ram->records[i].record);
	pthread_mutex_unlock(&ram->lock);
	return r;
}

static void ram_remove(struct ram *ram, size_t at)
{
	free((char *)(uintptr_t)ram->records[at].key.data);
	memmove(&ram->records[at], &ram->records[at + 1],
		(--ram->count - at) * sizeof(*ram->records));
}

/* There is room for one more. */
static int ram_put(struct ram *ram, size_t at, bool found, struct write write)
{
	char *copy = malloc(write.key.length + write.record.length + 1);

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, write.key.data, write.key.length + write.record.length);
	if (found)
		free((char *)(uintptr_t)ram->records[at].key.data);
	else
		memmove(&ram->records[at + 1], &ram->records[at],
			(ram->count++ - at) * sizeof(*ram->records));
	ram->records[at].key = (struct gust_text){ copy, write.key.length };
	ram->records[at].record = (struct gust_text){ copy + write.key.length,
						      write.record.length };
	return 0;
}

static int ram_write(struct ram *ram, const struct writes *writes)
{
	struct ram_record *grown =
		reallocarray(ram->records, ram->count + writes->count + 1,
			     sizeof(*ram->records));
	struct write write;
	bool found;
	size_t at;
	int r = 0;

	if (grown == NULL)
		return -ENOMEM;
	ram->records = grown;
	for (size_t i = 0; i < writes->count && r == 0; i++) {
		write = writes_at(writes, i);
		at = ram_find(ram, write.key, &found);
		if (write.record.length > 0)
			r = ram_put(ram, at, found, write);
		else if (found)
			ram_remove(ram, at);
	}
	return r;
}

static int ram_commit(struct store *store, struct writes *writes,
		      struct gust_error *error)
{
	struct ram *ram = ((struct ram_store *)store)->ram;
	int r;

	pthread_mutex_lock(&ram->lock);
	if (store->incarnation != ram->incarnation)
		r = gust_error_set(error, -ESTALE,
				   "the store has been opened anew");
	else if (ram->code != 0)
		r = gust_error_set(error, ram->code, "%s", ram->text);
	else
		r = ram_write(ram, writes);
	if (r == 0)
		ram->commits++;
	pthread_mutex_unlock(&ram->lock);
	return r;
}

static void ram_close(struct store *store)
{
	struct ram_store *rams = (struct ram_store *)store;

	rams->ram->stores--;
	free(rams->key);
	free(rams->record);
	free(rams);
}

static const struct store_backend ram_backend = {
	.name = "ram",
	.read = ram_read,
	.seek = ram_seek,
	.each = ram_each,
	.commit = ram_commit,
	.close = ram_close,
};

int ram_open(struct ram *ram, struct store **store)
{
	struct ram_store *new = calloc(1, sizeof(*new));

	if (new == NULL)
		return -ENOMEM;
	new->ram = ram;
	new->store.backend = &ram_backend;
	new->store.fresh = ram->count == 0;
	pthread_mutex_lock(&ram->lock);
	new->store.incarnation = ++ram->incarnation;
	ram->stores++;
	pthread_mutex_unlock(&ram->lock);
	*store = &new->store;
	return 0;
}

void ram_fail(struct ram *ram, int code, const char *text)
{
	pthread_mutex_lock(&ram->lock);
	ram->code = code;
	ram->text = text;
	pthread_mutex_unlock(&ram->lock);
}

size_t ram_count(const struct ram *ram)
{
	return ram->count;
}

size_t ram_commits(const struct ram *ram)
{
	return ram->commits;
}
