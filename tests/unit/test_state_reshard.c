/* SPDX-License-Identifier: MIT */
#include "state_bench.h"

#include <errno.h>

#include "base/hash.h"
#include "state/reshard.h"

#define KEYS 500

static const struct shard_rules no_rules;

/* Opens the state of a task of so many. */
static void open_task(struct bench *bench, uint32_t task, uint32_t tasks)
{
	bench->place.task = task;
	bench->place.tasks = tasks;
	bench_open(bench);
}

static void close_task(struct bench *bench)
{
	bench_commit(bench);
	bench_close(bench);
}

/* A key of a user and an item, which is grouped by the user alone. */
static const struct gust_key *key_of(int user, int item)
{
	static struct gust_value values[2];
	static struct gust_key key = { values, 2, 0 };
	static char text[32];

	snprintf(text, sizeof(text), "user %d", user);
	values[0] = gust_string(text, strlen(text));
	values[1] = gust_int(item);
	return &key;
}

static uint32_t owner_of(int user, uint32_t tasks)
{
	return hash_pick(keycode_hash(key_of(user, 0)->values, 1), tasks);
}

static void fill(struct bench *bench, uint32_t tasks)
{
	for (uint32_t task = 0; task < tasks; task++) {
		open_task(bench, task, tasks);
		for (int user = 0; user < KEYS; user++)
			if (owner_of(user, tasks) == task)
				CHECK_INT(gust_state_add(bench->state,
							 key_of(user, 7), user,
							 NULL),
					  0);
		close_task(bench);
	}
}

/* That each key is in its task, and in no other one. */
static void check(struct bench *bench, uint32_t tasks)
{
	int64_t total;

	for (uint32_t task = 0; task < tasks; task++) {
		open_task(bench, task, tasks);
		for (int user = 1; user < KEYS; user++) {
			CHECK_INT(gust_state_add(bench->state, key_of(user, 7),
						 0, &total),
				  0);
			CHECK_INT(total,
				  owner_of(user, tasks) == task ? user : 0);
		}
		bench_close(bench);
	}
}

static struct reshard move_to(struct bench *bench, uint32_t tasks)
{
	struct gust_error error = { 0 };
	struct reshard result;
	int r;

	bench->place.task = 0;
	bench->place.tasks = tasks;
	r = reshard(&bench->place, 1, &no_rules, &result, &error);
	if (r < 0)
		FAIL("%d, %s", r, error.text);
	return result;
}

/* For each backend that has a store to be opened. */
static void for_each(void (*run)(struct bench *bench))
{
	const char *const *backends = bench_backends();

	for (size_t i = 2; backends[i] != NULL; i++) {
		struct bench bench = { .now = 1000 };

		bench_begin(&bench, backends[i]);
		run(&bench);
		bench_end(&bench);
	}
}

static void moved_there_and_back(struct bench *bench)
{
	struct gust_error error = { 0 };

	CHECK_UINT(move_to(bench, 3).before, 0);
	fill(bench, 3);
	CHECK_UINT(move_to(bench, 3).keys, 0);
	bench->place.tasks = 5;
	CHECK_INT(store_open(&bench->store, &bench->place, &error), -EBUSY);
	CHECK_UINT(move_to(bench, 5).keys, KEYS - 1);
	check(bench, 5);
	CHECK_UINT(move_to(bench, 1).before, 5);
	check(bench, 1);
	CHECK_UINT(move_to(bench, 4).before, 1);
	check(bench, 4);
}

TEST(keys_go_where_their_tuples_go)
{
	for_each(moved_there_and_back);
}

static void met(struct bench *bench)
{
	struct gust_error error = { 0 };
	struct reshard result;

	for (uint32_t task = 0; task < 2; task++) {
		struct gust_state *own;

		open_task(bench, task, 2);
		bench_count(bench, "both", 10 + task);
		bench_put(bench, "text", task == 0 ? "a" : "b");
		CHECK_INT(keyspace_state(bench->keyspace, ".floor", 0, &own,
					 &error),
			  0);
		CHECK_INT(gust_state_put(own, bench_key("s"),
					 task == 0 ? "\2" : "\1", 1),
			  0);
		CHECK_INT(gust_state_put(own, bench_key(task == 0 ? "x" : "y"),
					 "", 0),
			  0);
		close_task(bench);
	}
	result = move_to(bench, 3);
	CHECK_UINT(result.conflicts, 1 + 3);
	for (uint32_t task = 0; task < 3; task++) {
		struct gust_state *own;
		struct gust_text value;

		open_task(bench, task, 3);
		CHECK_INT(keyspace_state(bench->keyspace, ".floor", 0, &own,
					 &error),
			  0);
		CHECK_INT(gust_state_get(own, bench_key("s"), &value), 1);
		CHECK_STR(value.data, "\2");
		CHECK_INT(gust_state_get(own, bench_key("x"), &value), 1);
		CHECK_INT(gust_state_get(own, bench_key("y"), &value), 1);
		if (hash_pick(keycode_hash(bench_key("both")->values, 1), 3) ==
		    task)
			CHECK_INT(bench_count(bench, "both", 0), 21);
		else
			CHECK_INT(bench_count(bench, "both", 0), 0);
		if (hash_pick(keycode_hash(bench_key("text")->values, 1), 3) ==
		    task)
			CHECK_STR(bench_get(bench, "text"), "b");
		bench_close(bench);
	}
}

TEST(what_several_tasks_have_meets)
{
	for_each(met);
}

/* What one store has yet to emit goes to one task, as a whole. */
static void put_roots(struct bench *bench, uint32_t task)
{
	struct gust_value values[2] = { gust_int(100 + task) };
	const struct gust_key key = { values, 2, 0 }, own = { NULL, 0, 0 };
	struct gust_error error = { 0 };
	struct gust_state *state;

	CHECK_INT(keyspace_state(bench->keyspace, ".roots", 0, &state, &error),
		  0);
	for (int i = 0; i < KEYS; i++) {
		values[1] = gust_int(i);
		CHECK_INT(gust_state_put(state, &key, "x", 1), 0);
	}
	CHECK_INT(keyspace_state(bench->keyspace, ".roots-own", 0, &state,
				 &error),
		  0);
	CHECK_INT(gust_state_put(state, &own, "own", 3), 0);
}

static int count_roots(void *context, const struct gust_key *key,
		       struct gust_text value)
{
	int *found = context;

	CHECK_STR(value.data, "x");
	found[key->values[0].as.integer - 100]++;
	return 0;
}

static void outboxes_moved(struct bench *bench)
{
	struct gust_error error = { 0 };
	int all[2] = { 0 };

	for (uint32_t task = 0; task < 2; task++) {
		open_task(bench, task, 2);
		put_roots(bench, task);
		close_task(bench);
	}
	(void)move_to(bench, 3);
	for (uint32_t task = 0; task < 3; task++) {
		struct gust_state *state;
		int found[2] = { 0 };

		open_task(bench, task, 3);
		CHECK_INT(keyspace_state(bench->keyspace, ".roots", 0, &state,
					 &error),
			  0);
		CHECK_INT(gust_state_each(state, count_roots, found), 0);
		for (int i = 0; i < 2; i++) {
			CHECK(found[i] == 0 || found[i] == KEYS);
			all[i] += found[i];
		}
		CHECK_INT(keyspace_state(bench->keyspace, ".roots-own", 0,
					 &state, &error),
			  0);
		CHECK_INT(gust_state_each(state, count_roots, found), 0);
		bench_close(bench);
	}
	CHECK_INT(all[0], KEYS);
	CHECK_INT(all[1], KEYS);
}

TEST(what_is_to_be_emitted_goes_to_one_task)
{
	for_each(outboxes_moved);
}

static void kept_living(struct bench *bench)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	bench->now = (uint64_t)now.tv_sec * 1000000000;
	bench->ttl = UINT64_C(3600000000000);
	bench->options.since_epoch = 0;
	open_task(bench, 0, 1);
	bench->keyspace->options.since_epoch = 0;
	bench_put(bench, "a", "1");
	close_task(bench);
	CHECK_UINT(move_to(bench, 2).keys, 1);
	bench->now += bench->ttl - 1;
	for (uint32_t task = 0; task < 2; task++) {
		const uint32_t its =
			hash_pick(keycode_hash(bench_key("a")->values, 1), 2);

		open_task(bench, task, 2);
		bench->keyspace->options.since_epoch = 0;
		if (bench->place.kind == STORE_LMDB) {
			CHECK_STR(bench_get(bench, "a"),
				  task == its ? "1" : NULL);
			bench->now++;
			CHECK_STR(bench_get(bench, "a"), NULL);
			bench->now--;
		}
		bench_close(bench);
	}
}

TEST(lives_do_not_become_longer)
{
	for_each(kept_living);
}

static const char *path_of(const struct bench *bench, const char *name)
{
	static char paths[2][512];
	static size_t next;
	char *path = paths[next++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/bench.state/%s", bench->where,
		 name);
	return path;
}

TEST(who_is_killed_between_the_renames_goes_on)
{
	struct bench bench = { .now = 1000 };

	if (!store_built_in(STORE_LMDB))
		return;
	bench_begin(&bench, "lmdb");
	fill(&bench, 3);
	CHECK_UINT(move_to(&bench, 5).before, 3);
	/* As after the first of them. */
	CHECK_INT(
		rename(path_of(&bench, "count"), path_of(&bench, ".new-count")),
		0);
	CHECK_INT(mkdir(path_of(&bench, ".old-count"), 0777), 0);
	CHECK_UINT(move_to(&bench, 5).before, 5);
	CHECK(access(path_of(&bench, ".old-count"), F_OK) != 0);
	check(&bench, 5);
	/* As while the new ones were being written. */
	CHECK_INT(mkdir(path_of(&bench, ".new-count"), 0777), 0);
	CHECK_INT(mkdir(path_of(&bench, ".new-count/0"), 0777), 0);
	CHECK_UINT(move_to(&bench, 4).before, 5);
	CHECK(access(path_of(&bench, ".new-count"), F_OK) != 0);
	check(&bench, 4);
	bench_end(&bench);
}

TEST(a_damaged_store_is_not_moved)
{
	struct bench bench = { .now = 1000 };
	struct gust_error error = { 0 };
	struct reshard result;

	if (!store_built_in(STORE_LMDB))
		return;
	bench_begin(&bench, "lmdb");
	fill(&bench, 3);
	CHECK_INT(truncate(path_of(&bench, "count/2/data.mdb"), 5000), 0);
	bench.place.tasks = 2;
	bench.place.task = 0;
	CHECK_INT(reshard(&bench.place, 1, &no_rules, &result, &error),
		  -EBADMSG);
	CHECK_CONTAINS(error.text, "count/2' is damaged");
	open_task(&bench, 0, 3);
	bench_close(&bench);
	bench_end(&bench);
}
