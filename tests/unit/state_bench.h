/* SPDX-License-Identifier: MIT */
#ifndef STATE_BENCH_H
#define STATE_BENCH_H

/*
 * Keyed state on each backend in turn, for tests that hold all of them to the
 * same: `memory` has no store, the others are closed and opened again.
 *
 *	STATE_TEST(a_value_is_found)
 *	{
 *		... bench->state
 *		bench_reopen(bench);
 *	}
 *
 * runs once a backend. The clock stands at `bench->now`.
 */

#include "test.h"

#include <ftw.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <gust/state.h>

#include "state/keyspace.h"
#include "state/ram.h"
#include "state/space.h"

#include "redis_server.h"

struct bench {
	const char *backend;
	struct keyspace *keyspace;
	struct keyspace_options options;
	struct gust_state *state; /* "test" */
	struct store *store;      /* NULL: in memory alone */
	struct writes writes;
	uint64_t now;
	uint64_t ttl; /* of "test", when it is opened again */
	struct ram *ram;
	struct store_place place; /* of the others */
	char where[256];
};

/* Those that are built in, and "memory" and "ram" first. */
static inline const char *const *bench_backends(void)
{
	static const char *names[5] = { "memory", "ram" };
	static const char *const stores[] = { "lmdb", "redis" };
	enum store_kind kind;
	size_t count = 2;

	for (size_t i = 0; i < 2; i++)
		if (store_kind_named(stores[i], &kind, NULL) == 0 &&
		    store_built_in(kind) &&
		    (kind != STORE_REDIS || redis_server_is_there()))
			names[count++] = stores[i];
	names[count] = NULL;
	return names;
}

static uint64_t bench_now(void *context)
{
	return ((const struct bench *)context)->now;
}

static inline void bench_open_store(struct bench *bench)
{
	struct gust_error error = { 0 };
	int r = 0;

	if (bench->ram != NULL)
		r = ram_open(bench->ram, &bench->store);
	else if (bench->place.where != NULL)
		r = store_open(&bench->store, &bench->place, &error);
	if (r < 0)
		FAIL("%s: %d, %s", bench->backend, r, error.text);
}

static inline void bench_open(struct bench *bench)
{
	struct gust_error error = { 0 };

	bench_open_store(bench);
	bench->options.store = bench->store;
	bench->options.undo = bench->store != NULL;
	bench->options.now = bench_now;
	bench->options.context = bench;
	bench->options.since_epoch = (int64_t)time(NULL) * INT64_C(1000000000);
	CHECK_INT(keyspace_open(&bench->keyspace, &bench->options, &error), 0);
	CHECK_INT(keyspace_state(bench->keyspace, "test", bench->ttl,
				 &bench->state, &error),
		  0);
}

static inline void bench_close(struct bench *bench)
{
	keyspace_close(bench->keyspace);
	store_close(bench->store);
	bench->keyspace = NULL;
	bench->store = NULL;
}

/* Ends a callback: stores what was written, if there is a store. */
static inline void bench_commit(struct bench *bench)
{
	struct gust_error error = { 0 };
	int r;

	if (bench->store == NULL)
		return;
	CHECK_INT(keyspace_freeze(bench->keyspace, &bench->writes), 0);
	CHECK_UINT(keyspace_dirty(bench->keyspace), 0);
	r = store_commit(bench->store, &bench->writes, &error);
	if (r < 0)
		FAIL("commit: %d, %s", r, error.text);
	keyspace_committed(bench->keyspace);
	keyspace_begin(bench->keyspace);
}

/* Puts a record into the store as it is. */
static inline void bench_write(struct bench *bench, struct gust_text key,
			       struct gust_text record)
{
	struct gust_error error = { 0 };
	struct writes writes = { 0 };
	char *to = writes_add(&writes, key.length, record.length);

	CHECK(to != NULL);
	memcpy(to, key.data, key.length);
	memcpy(to + key.length, record.data, record.length);
	CHECK_INT(store_commit(bench->store, &writes, &error), 0);
	CHECK_STR(error.text, "");
	writes_fini(&writes);
}

/* What was committed is there afterwards; does nothing where there is no
 * store. */
static inline void bench_reopen(struct bench *bench)
{
	if (bench->store == NULL)
		return;
	bench_commit(bench);
	bench_close(bench);
	bench_open(bench);
}

/* Readies a backend that is empty. */
static inline void bench_begin(struct bench *bench, const char *backend)
{
	bench->backend = backend;
	bench->place = (struct store_place){ .topology = "bench",
					     .component = "count",
					     .tasks = 1 };
	if (strcmp(backend, "memory") == 0)
		return;
	if (strcmp(backend, "ram") == 0) {
		bench->ram = ram_create();
		return;
	}
	CHECK_INT(store_kind_named(backend, &bench->place.kind, NULL), 0);
	if (bench->place.kind == STORE_REDIS) {
		redis_server_start();
		redis_server_empty();
		bench->place.where = redis_server_where();
		return;
	}
	/* In memory if there is such a folder: disks are slow to sync. */
	strcpy(bench->where, access("/dev/shm", W_OK) == 0
				     ? "/dev/shm/gust_test.XXXXXX"
				     : "/tmp/gust_test.XXXXXX");
	CHECK(mkdtemp(bench->where) != NULL);
	bench->place.where = bench->where;
}

static inline int bench_unlink(const char *path, const struct stat *stat,
			       int flag, struct FTW *ftw)
{
	(void)stat;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void bench_end(struct bench *bench)
{
	bench_close(bench);
	writes_fini(&bench->writes);
	ram_destroy(bench->ram);
	if (bench->where[0] == '/')
		nftw(bench->where, bench_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void bench_run(void (*run)(struct bench *bench))
{
	const char *const *backends = bench_backends();

	for (size_t i = 0; backends[i] != NULL; i++) {
		struct bench bench = { .now = 1000 };

		bench_begin(&bench, backends[i]);
		bench_open(&bench);
		run(&bench);
		bench_end(&bench);
	}
}

#define STATE_TEST(test_name)                                                  \
	static void state_##test_name(struct bench *bench);                    \
	TEST(test_name)                                                        \
	{                                                                      \
		bench_run(state_##test_name);                                  \
	}                                                                      \
	static void state_##test_name(struct bench *bench)

/* A key of one string. Two may be in use at a time. */
static inline const struct gust_key *bench_key(const char *text)
{
	static struct gust_value values[2];
	static struct gust_key keys[2];
	static size_t next;
	const size_t at = next++ % 2;

	values[at] = gust_string(text, strlen(text));
	keys[at] = (struct gust_key){ &values[at], 1, 0 };
	return &keys[at];
}

static inline struct gust_text bench_text(const char *text)
{
	return (struct gust_text){ text, strlen(text) };
}

static inline void bench_put(struct bench *bench, const char *key,
			     const char *value)
{
	CHECK_INT(gust_state_put(bench->state, bench_key(key), value,
				 strlen(value)),
		  0);
}

/* The value of a key, or NULL. */
static inline const char *bench_get(struct bench *bench, const char *key)
{
	struct gust_text value;
	const int r = gust_state_get(bench->state, bench_key(key), &value);

	if (r == 0)
		return NULL;
	CHECK_INT(r, 1);
	CHECK_UINT(strlen(value.data), value.length);
	return value.data;
}

static inline int64_t bench_count(struct bench *bench, const char *key,
				  int64_t amount)
{
	int64_t total = 0;

	CHECK_INT(gust_state_add(bench->state, bench_key(key), amount, &total),
		  0);
	return total;
}

/* All keys of one string and their values, as `key=value key=value`. */
static inline const char *bench_all(struct bench *bench)
{
	static char found[8192];
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	size_t n = 0;
	int r;

	found[0] = '\0';
	CHECK_INT(gust_state_cursor(bench->state, &cursor), 0);
	while ((r = gust_cursor_next(cursor, &key, &value)) == 1) {
		CHECK_UINT(key.count, 1);
		n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%.*s=%s",
				      n > 0 ? " " : "",
				      (int)key.values[0].length,
				      key.values[0].as.data, value.data);
		CHECK(n < sizeof(found));
	}
	CHECK_INT(r, 0);
	gust_cursor_close(cursor);
	return found;
}

#endif
