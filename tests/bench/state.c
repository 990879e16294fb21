/* SPDX-License-Identifier: MIT */

/*
 * state: what keyed state costs, by itself.
 *
 *	state count FILE ROUNDS
 *	state memory FIGURES UPDATES KEYS
 *	state lmdb FIGURES UPDATES KEYS FOLDER EVERY
 *	state bare FIGURES UPDATES KEYS FOLDER EVERY
 *
 * `count` counts words as `limit` does, and prints every word, a tab and its
 * count. The others draw one of KEYS keys for each of UPDATES, and commit every
 * EVERY of them, or every so many milliseconds (`100ms`): `lmdb` of counters,
 * committed on a thread of its own, as gust does; `bare` in a loop that does no
 * more than put the same keys into LMDB, each with the number of its update.
 * FOLDER has to be empty. What the updates took goes to FIGURES; then it is
 * printed how many keys there are, and what their values come to: of `bare` 0.
 */

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
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

/* What is counted and when it is committed; one of both ways is 0. */
struct load {
	const char *figures;
	unsigned long updates, keys;
	const char *folder;
	unsigned long every, every_ms;
	double due; /* when time says so */
};

/* How often the clock is looked at, in updates. */
#define CLOCK_EVERY 256

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

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The key of an update: the same ones in all loops. No library is asked to
 * print it, which would take longer than to count it. */
static struct gust_value load_key(const struct load *load, unsigned long i,
				  char text[static 24])
{
	char *at = text + 24;
	uint64_t x = i;

	x ^= x >> 31;
	x *= 0x7fb5d329728ea185u;
	x ^= x >> 27;
	x *= 0x81dadef4bc2dd44du;
	x ^= x >> 33;
	x %= load->keys;
	do
		*--at = (char)('0' + x % 10);
	while ((x /= 10) != 0);
	at -= 5;
	memcpy(at, "word-", 5);
	return gust_string(at, (size_t)(text + 24 - at));
}

/* Whether what was done so far is to be committed. */
static bool load_due(struct load *load, unsigned long done)
{
	double now;

	if (load->every > 0)
		return done % load->every == 0;
	if (load->every_ms == 0 || done % CLOCK_EVERY != 0)
		return false;
	now = seconds(CLOCK_MONOTONIC);
	if (load->due == 0 || now < load->due) {
		if (load->due == 0)
			load->due = now + (double)load->every_ms / 1e3;
		return false;
	}
	load->due = now + (double)load->every_ms / 1e3;
	return true;
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

/* What the updates took, from `clock` and `cpu` on. */
static void load_figures(const struct load *load, double clock, double cpu)
{
	FILE *file = fopen(load->figures, "w");

	if (file == NULL)
		need(-errno, load->figures);
	fprintf(file, "seconds %.6f\ncpu_seconds %.6f\n",
		seconds(CLOCK_MONOTONIC) - clock,
		seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	fclose(file);
}

static int sum_key(void *context, const struct gust_key *key,
		   struct gust_text value)
{
	int64_t *sum = context, count;

	(void)key;
	memcpy(&count, value.data, sizeof(count));
	sum[0]++;
	sum[1] += count;
	return 0;
}

static void run_updates(struct load *load, struct keyspace *keyspace,
			struct commit *commit)
{
	const double clock = seconds(CLOCK_MONOTONIC);
	const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct gust_state *counts = NULL;
	struct gust_value value;
	const struct gust_key key = { &value, 1, 0 };
	int64_t sum[2] = { 0, 0 };
	char text[24];

	need(keyspace_state(keyspace, "words", 0, &counts, NULL), "state");
	for (unsigned long i = 0; i < load->updates; i++) {
		keyspace_begin(keyspace);
		value = load_key(load, i, text);
		need(gust_state_add(counts, &key, 1, NULL), "add");
		if (load_due(load, i + 1))
			commit_begin(commit, keyspace);
	}
	if (commit->store != NULL) {
		commit_begin(commit, keyspace);
		commit_wait(commit, keyspace);
	}
	load_figures(load, clock, cpu);
	need(gust_state_each(counts, sum_key, sum), "each");
	printf("%lld\t%lld\n", (long long)sum[0], (long long)sum[1]);
}

/* In memory, or if there is a folder in LMDB as well. */
static void run_state(struct load *load)
{
	const struct store_place place = { .kind = STORE_LMDB,
					   .where = load->folder,
					   .topology = "bench",
					   .component = "count",
					   .tasks = 1 };
	struct keyspace_options options = { .budget = BUDGET };
	struct gust_error error = { 0 };
	struct commit commit = { .running = false };
	struct keyspace *keyspace = NULL;

	if (load->folder != NULL) {
		need(store_open(&commit.store, &place, &error), error.text);
		options.store = commit.store;
		options.undo = true;
	}
	need(keyspace_open(&keyspace, &options, &error), "open");
	run_updates(load, keyspace, &commit);
	keyspace_close(keyspace);
	store_close(commit.store);
	writes_fini(&commit.writes);
}

static void bare_updates(struct load *load, MDB_env *env, MDB_dbi dbi,
			 MDB_txn *txn)
{
	MDB_val key, value;
	char text[24];

	for (unsigned long i = 0; i < load->updates; i++) {
		const struct gust_value word = load_key(load, i, text);

		key.mv_size = word.length;
		key.mv_data = (void *)(uintptr_t)word.as.data;
		value.mv_size = sizeof(i);
		value.mv_data = &i;
		need(mdb_put(txn, dbi, &key, &value, 0), "put");
		if (!load_due(load, i + 1))
			continue;
		need(mdb_txn_commit(txn), "commit");
		need(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	}
	need(mdb_txn_commit(txn), "commit");
}

static void run_bare(struct load *load)
{
	const double clock = seconds(CLOCK_MONOTONIC);
	const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	MDB_stat stat;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	need(mdb_env_create(&env), "create");
	need(mdb_env_set_mapsize(env, MAP_BYTES), "map");
	need(mdb_env_open(env, load->folder, MDB_NORDAHEAD, 0666), "open");
	need(mdb_txn_begin(env, NULL, 0, &txn), "begin");
	need(mdb_dbi_open(txn, NULL, 0, &dbi), "open");
	bare_updates(load, env, dbi, txn);
	load_figures(load, clock, cpu);
	need(mdb_env_stat(env, &stat), "stat");
	printf("%zu\t0\n", stat.ms_entries);
	mdb_env_close(env);
}

static void load_every(struct load *load, const char *text)
{
	char *unit;
	const unsigned long every = strtoul(text, &unit, 10);

	if (strcmp(unit, "ms") == 0)
		load->every_ms = every;
	else
		load->every = every;
}

int main(int argc, char **argv)
{
	const char *mode = argc < 4 ? "" : argv[1];
	struct load load = { .every = 0 };

	if (strcmp(mode, "count") == 0) {
		count_words(argv[2], strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (argc != (strcmp(mode, "memory") == 0 ? 5 : 7)) {
		fputs("usage: state count FILE ROUNDS\n"
		      "       state memory FIGURES UPDATES KEYS\n"
		      "       state lmdb|bare FIGURES UPDATES KEYS FOLDER "
		      "EVERY[ms]\n",
		      stderr);
		return 2;
	}
	load.figures = argv[2];
	load.updates = strtoul(argv[3], NULL, 10);
	load.keys = strtoul(argv[4], NULL, 10);
	if (argc == 7) {
		load.folder = argv[5];
		load_every(&load, argv[6]);
	}
	if (strcmp(mode, "bare") == 0)
		run_bare(&load);
	else
		run_state(&load);
	return 0;
}
