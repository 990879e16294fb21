/* SPDX-License-Identifier: MIT */

/*
 * state: what keyed state costs, by itself.
 *
 *	state count FILE ROUNDS
 *	state lmdb FOLDER UPDATES KEYS EVERY
 *	state bare FOLDER UPDATES KEYS EVERY
 *
 * `count` counts words as `limit` does, and prints every word, a tab and its
 * count. The others draw one of KEYS keys for each of UPDATES, commit every
 * EVERY of them, and print how many updates there were a second: `lmdb` of
 * counters, committed on a thread of its own, as gust does; `bare` in a loop
 * that does no more than put the same keys into LMDB. FOLDER has to be empty.
 */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gust/state.h>

#include <lmdb.h>

#include "base/file.h"
#include "state/keyspace.h"

#define MAP_BYTES ((size_t)1 << 36)
#define BUDGET ((size_t)1 << 30)

struct load {
	const char *folder;
	unsigned long updates, keys, every;
};

/* A commit on its way. */
struct commit {
	struct store *store;
	struct writes writes;
	struct gust_error error;
	int r;
	bool running;
	pthread_t thread;
};

static void need(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "state: %s: %s\n", what,
		r < 0 ? strerror(-r) : mdb_strerror(r));
	exit(1);
}

/* The key of an update: the same ones in both loops. */
static size_t load_key(const struct load *load, unsigned long i, char *text)
{
	uint64_t x = i;

	x ^= x >> 31;
	x *= 0x7fb5d329728ea185u;
	x ^= x >> 27;
	x *= 0x81dadef4bc2dd44du;
	x ^= x >> 33;
	return (size_t)sprintf(text, "word-%lu", (unsigned long)x % load->keys);
}

static void count_line(struct gust_state *counts, const char *at,
		       const char *end)
{
	struct gust_value value;
	const struct gust_key key = { &value, 1, 0 };
	const char *word;
	int64_t total;

	while (at < end) {
		while (at < end && (*at == ' ' || *at == '\n'))
			at++;
		word = at;
		while (at < end && *at != ' ' && *at != '\n')
			at++;
		value = gust_string(word, (size_t)(at - word));
		if (at > word)
			need(gust_state_add(counts, &key, 1, &total), "add");
	}
}

static int count_print(void *context, const struct gust_key *key,
		       struct gust_text value)
{
	int64_t count;

	(void)context;
	memcpy(&count, value.data, sizeof(count));
	printf("%.*s\t%lld\n", (int)key->values[0].length,
	       key->values[0].as.data, (long long)count);
	return 0;
}

static void count_words(const char *name, unsigned long rounds)
{
	const struct keyspace_options options = { .store = NULL };
	struct gust_state *counts = NULL;
	struct keyspace *keyspace = NULL;
	char *text = NULL;
	size_t n = 0;

	need(file_read(name, SIZE_MAX / 2, &text, &n, NULL), name);
	need(keyspace_open(&keyspace, &options, NULL), "open");
	need(keyspace_state(keyspace, "words", 0, &counts, NULL), "state");
	for (; rounds > 0; rounds--)
		count_line(counts, text, text + n);
	gust_state_each(counts, count_print, NULL);
	keyspace_close(keyspace);
	free(text);
}

static void *commit_run(void *context)
{
	struct commit *commit = context;

	commit->r =
		store_commit(commit->store, &commit->writes, &commit->error);
	return NULL;
}

static void commit_wait(struct commit *commit, struct keyspace *keyspace)
{
	if (!commit->running)
		return;
	need(-pthread_join(commit->thread, NULL), "join");
	need(commit->r, commit->error.text);
	keyspace_committed(keyspace);
	commit->running = false;
}

static void commit_begin(struct commit *commit, struct keyspace *keyspace)
{
	commit_wait(commit, keyspace);
	need(keyspace_freeze(keyspace, &commit->writes), "freeze");
	need(-pthread_create(&commit->thread, NULL, commit_run, commit),
	     "thread");
	commit->running = true;
}

static void run_state(const struct load *load)
{
	const struct store_place place = { .kind = STORE_LMDB,
					   .where = load->folder,
					   .topology = "bench",
					   .component = "count",
					   .tasks = 1 };
	struct keyspace_options options = { .budget = BUDGET, .undo = true };
	struct gust_error error = { 0 };
	struct commit commit = { .running = false };
	struct gust_state *counts = NULL;
	struct keyspace *keyspace = NULL;
	struct gust_value value;
	const struct gust_key key = { &value, 1, 0 };
	char text[64];

	need(store_open(&commit.store, &place, &error), error.text);
	options.store = commit.store;
	need(keyspace_open(&keyspace, &options, &error), "open");
	need(keyspace_state(keyspace, "words", 0, &counts, &error), "state");
	for (unsigned long i = 0; i < load->updates; i++) {
		keyspace_begin(keyspace);
		value = gust_string(text, load_key(load, i, text));
		need(gust_state_add(counts, &key, 1, NULL), "add");
		if ((i + 1) % load->every == 0)
			commit_begin(&commit, keyspace);
	}
	commit_begin(&commit, keyspace);
	commit_wait(&commit, keyspace);
	keyspace_close(keyspace);
	store_close(commit.store);
	writes_fini(&commit.writes);
}

static void run_bare(const struct load *load)
{
	MDB_val key, value;
	char text[64];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	need(mdb_env_create(&env), "create");
	need(mdb_env_set_mapsize(env, MAP_BYTES), "map");
	need(mdb_env_open(env, load->folder, MDB_NORDAHEAD, 0666), "open");
	need(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	need(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
	for (unsigned long i = 0; i < load->updates; i++) {
		key.mv_size = load_key(load, i, text);
		key.mv_data = text;
		value.mv_size = sizeof(i);
		value.mv_data = &i;
		need(mdb_put(txn, dbi, &key, &value, 0), "put");
		if ((i + 1) % load->every != 0)
			continue;
		need(mdb_txn_commit(txn), "commit");
		need(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	}
	need(mdb_txn_commit(txn), "commit");
	mdb_env_close(env);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct load load;
	double begin;

	if (argc == 4 && strcmp(argv[1], "count") == 0) {
		count_words(argv[2], strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (argc != 6 ||
	    (strcmp(argv[1], "lmdb") != 0 && strcmp(argv[1], "bare") != 0)) {
		fputs("usage: state count FILE ROUNDS\n"
		      "       state lmdb|bare FOLDER UPDATES KEYS EVERY\n",
		      stderr);
		return 2;
	}
	load = (struct load){ argv[2], strtoul(argv[3], NULL, 10),
			      strtoul(argv[4], NULL, 10),
			      strtoul(argv[5], NULL, 10) };
	begin = seconds();
	if (strcmp(argv[1], "lmdb") == 0)
		run_state(&load);
	else
		run_bare(&load);
	printf("%.0f\n", (double)load.updates / (seconds() - begin));
	return 0;
}
