/* SPDX-License-Identifier: MIT */
#include "state_bench.h"

#include <errno.h>

#include "base/random.h"

STATE_TEST(a_value_is_found_until_it_is_removed)
{
	CHECK_STR(bench_get(bench, "a"), NULL);
	bench_put(bench, "a", "one");
	bench_put(bench, "b", "");
	CHECK_STR(bench_get(bench, "a"), "one");
	bench_reopen(bench);
	CHECK_STR(bench_get(bench, "a"), "one");
	CHECK_STR(bench_get(bench, "b"), "");
	bench_put(bench, "a", "another");
	CHECK_STR(bench_get(bench, "a"), "another");
	CHECK_INT(gust_state_remove(bench->state, bench_key("a")), 0);
	CHECK_INT(gust_state_remove(bench->state, bench_key("a")), 0);
	CHECK_STR(bench_get(bench, "a"), NULL);
	bench_reopen(bench);
	CHECK_STR(bench_get(bench, "a"), NULL);
	CHECK_STR(bench_all(bench), "b=");
}

STATE_TEST(counters_count)
{
	CHECK_INT(bench_count(bench, "a", 0), 0);
	CHECK_STR(bench_all(bench), "");
	CHECK_INT(bench_count(bench, "a", 5), 5);
	CHECK_INT(bench_count(bench, "a", -7), -2);
	bench_reopen(bench);
	CHECK_INT(bench_count(bench, "a", 0), -2);
	CHECK_INT(gust_state_add(bench->state, bench_key("a"), 3, NULL), 0);
	CHECK_INT(bench_count(bench, "a", 0), 1);
	CHECK_INT(gust_state_add(bench->state, bench_key("a"), INT64_MAX, NULL),
		  -ERANGE);
	bench_commit(bench);
	CHECK_INT(gust_state_add(bench->state, bench_key("a"), INT64_MAX, NULL),
		  -ERANGE);
	CHECK_INT(bench_count(bench, "a", 0), 1);
}

STATE_TEST(a_key_holds_one_kind)
{
	struct gust_entries entries;
	struct gust_text text;

	bench_put(bench, "value", "v");
	bench_count(bench, "count", 1);
	CHECK_INT(gust_state_append(bench->state, bench_key("list"), "l", 1, 0),
		  0);
	CHECK_INT(gust_state_map_put(bench->state, bench_key("map"),
				     bench_text("n"), "m", 1),
		  0);
	for (int round = 0; round < 2; round++) {
		CHECK_INT(gust_state_add(bench->state, bench_key("value"), 1,
					 NULL),
			  -EINVAL);
		CHECK_INT(
			gust_state_put(bench->state, bench_key("count"), "", 0),
			-EINVAL);
		CHECK_INT(
			gust_state_get(bench->state, bench_key("list"), &text),
			-EINVAL);
		CHECK_INT(gust_state_append(bench->state, bench_key("map"), "",
					    0, 0),
			  -EINVAL);
		CHECK_INT(gust_state_map_get(bench->state, bench_key("list"),
					     bench_text("n"), &text),
			  -EINVAL);
		CHECK_INT(gust_state_entries(bench->state, bench_key("count"),
					     &entries),
			  -EINVAL);
		bench_reopen(bench);
	}
}

STATE_TEST(lists_and_maps_are_read)
{
	struct gust_entries entries;
	struct gust_text value;

	for (int i = 0; i < 5; i++)
		CHECK_INT(gust_state_append(bench->state, bench_key("l"),
					    &"abcde"[i], 1, 3),
			  0);
	CHECK_INT(gust_state_map_put(bench->state, bench_key("m"),
				     bench_text("y"), "2", 1),
		  0);
	CHECK_INT(gust_state_map_put(bench->state, bench_key("m"),
				     bench_text("x"), "1", 1),
		  0);
	bench_reopen(bench);
	CHECK_INT(gust_state_entries(bench->state, bench_key("l"), &entries),
		  1);
	CHECK_UINT(entries.count, 3);
	for (int i = 2; i < 5; i++) {
		CHECK(gust_entries_next(&entries));
		CHECK_MEM(entries.value.data, entries.value.length, &"abcde"[i],
			  1);
	}
	CHECK(!gust_entries_next(&entries));
	CHECK_INT(gust_state_map_get(bench->state, bench_key("m"),
				     bench_text("x"), &value),
		  1);
	CHECK_STR(value.data, "1");
	CHECK_INT(gust_state_map_remove(bench->state, bench_key("m"),
					bench_text("x")),
		  0);
	CHECK_INT(gust_state_map_get(bench->state, bench_key("m"),
				     bench_text("x"), &value),
		  0);
	CHECK_INT(gust_state_map_remove(bench->state, bench_key("m"),
					bench_text("y")),
		  0);
	bench_reopen(bench);
	CHECK_INT(gust_state_entries(bench->state, bench_key("m"), &entries),
		  0);
	CHECK(!gust_entries_next(&entries));
}

STATE_TEST(states_of_a_task_are_apart)
{
	struct gust_state *other, *again;
	struct gust_error error = { 0 };
	struct gust_text value;

	CHECK_INT(keyspace_state(bench->keyspace, "tes", 0, &other, &error), 0);
	CHECK_INT(keyspace_state(bench->keyspace, "tes", 0, &again, &error), 0);
	CHECK_PTR(again, other);
	bench_put(bench, "a", "mine");
	CHECK_INT(gust_state_get(other, bench_key("a"), &value), 0);
	CHECK_INT(gust_state_put(other, bench_key("ta"), "yours", 5), 0);
	CHECK_STR(bench_all(bench), "a=mine");
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "a=mine");
	CHECK_INT(keyspace_state(bench->keyspace, "tes", 0, &other, &error), 0);
	CHECK_INT(gust_state_get(other, bench_key("ta"), &value), 1);
	CHECK_STR(value.data, "yours");
	CHECK_INT(keyspace_state(bench->keyspace, "a b", 0, &other, &error),
		  -EINVAL);
	CHECK_CONTAINS(error.text, "'a b' is no name of a state");
	CHECK_INT(keyspace_state(bench->keyspace, "", 0, &other, &error),
		  -EINVAL);
}

STATE_TEST(keys_are_told_in_their_order)
{
	static const char *const words[] = { "m", "", "b", "a", "ab", "z" };

	for (size_t i = 0; i < 6; i++) {
		bench_put(bench, words[i], "1");
		/* Some are in the store, some are not. */
		if (i == 3)
			bench_reopen(bench);
	}
	CHECK_INT(gust_state_remove(bench->state, bench_key("b")), 0);
	bench_put(bench, "a", "2");
	CHECK_STR(bench_all(bench), "=1 a=2 ab=1 m=1 z=1");
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "=1 a=2 ab=1 m=1 z=1");
}

/* Removes the keys whose value is "1". */
static int remove_ones(void *context, const struct gust_key *key,
		       struct gust_text value)
{
	struct bench *bench = context;

	if (strcmp(value.data, "last") == 0)
		return 7;
	if (strcmp(value.data, "1") == 0)
		CHECK_INT(gust_state_remove(bench->state, key), 0);
	return 0;
}

STATE_TEST(keys_may_be_removed_on_the_way)
{
	char key[16];

	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%02d", i);
		bench_put(bench, key, i % 10 == 0 ? "0" : "1");
		if (i == 50)
			bench_reopen(bench);
	}
	CHECK_INT(gust_state_each(bench->state, remove_ones, bench), 0);
	CHECK_STR(bench_all(bench), "00=0 10=0 20=0 30=0 40=0 50=0 60=0 70=0 "
				    "80=0 90=0");
	bench_put(bench, "25", "last");
	bench_put(bench, "95", "1");
	CHECK_INT(gust_state_each(bench->state, remove_ones, bench), 7);
	bench_reopen(bench);
	CHECK_STR(bench_get(bench, "95"), "1");
}

STATE_TEST(a_cursor_lasts_over_commits)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	char name[16];
	int count = 0;

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%02d", i);
		bench_put(bench, name, "1");
		if (i == 9)
			bench_reopen(bench);
	}
	CHECK_INT(gust_state_remove(bench->state, bench_key("15")), 0);
	CHECK_INT(gust_state_cursor(bench->state, &cursor), 0);
	while (gust_cursor_next(cursor, &key, &value) == 1) {
		CHECK_INT(gust_state_remove(bench->state, &key), 0);
		count++;
		if (count % 3 == 0)
			bench_commit(bench);
	}
	gust_cursor_close(cursor);
	CHECK_INT(count, 19);
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "");
}

/* The store gets keys that the cursor has told of already. */
STATE_TEST(what_is_stored_under_a_cursor_is_told_once)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	char told[8] = "";

	bench_put(bench, "d", "old");
	bench_reopen(bench);
	bench_put(bench, "a", "new");
	bench_put(bench, "b", "new");
	bench_put(bench, "e", "new");
	CHECK_INT(gust_state_cursor(bench->state, &cursor), 0);
	while (gust_cursor_next(cursor, &key, &value) == 1) {
		CHECK(strlen(told) < sizeof(told) - 1);
		strncat(told, key.values[0].as.data, 1);
		bench_commit(bench);
	}
	gust_cursor_close(cursor);
	CHECK_STR(told, "abde");
}

STATE_TEST(what_is_old_is_gone)
{
	struct gust_error error = { 0 };

	bench->ttl = 100;
	CHECK_INT(keyspace_state(bench->keyspace, "test", bench->ttl,
				 &bench->state, &error),
		  0);
	bench_put(bench, "a", "1");
	bench_count(bench, "n", 3);
	bench->now += 50;
	bench_put(bench, "b", "1");
	bench_reopen(bench);
	bench->now += 49;
	CHECK_STR(bench_get(bench, "a"), "1");
	CHECK_INT(bench_count(bench, "n", 1), 4);
	bench->now += 1;
	CHECK_STR(bench_get(bench, "a"), NULL);
	CHECK_INT(bench_count(bench, "n", 0), 4);
	CHECK_INT(gust_state_remove(bench->state, bench_key("n")), 0);
	CHECK_STR(bench_all(bench), "b=1");
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "b=1");
	/* What comes back begins anew. */
	CHECK_INT(gust_state_append(bench->state, bench_key("a"), "x", 1, 0),
		  0);
	bench->now += 1000;
	CHECK_STR(bench_get(bench, "b"), NULL);
	CHECK_STR(bench_all(bench), "");
}

STATE_TEST(what_is_old_takes_no_memory)
{
	struct gust_error error = { 0 };
	size_t most = 0;
	char key[16];

	bench->ttl = 100;
	CHECK_INT(keyspace_state(bench->keyspace, "test", bench->ttl,
				 &bench->state, &error),
		  0);
	for (int i = 0; i < 20000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		bench_put(bench, key, "value");
		bench->now++;
		if (i % 100 == 0)
			bench_commit(bench);
		if (keyspace_bytes(bench->keyspace) > most)
			most = keyspace_bytes(bench->keyspace);
	}
	CHECK(most < 2000 * 200);
	if (bench->ram != NULL)
		CHECK(ram_count(bench->ram) < 2000);
}

/* The hand-written answer to a row of random calls. */
#define MODEL_KEYS 200

struct model {
	int kind[MODEL_KEYS]; /* 0: not there */
	int64_t count[MODEL_KEYS];
	char text[MODEL_KEYS][64];
};

static void model_name(char *name, size_t size, size_t at)
{
	snprintf(name, size, "%zu%s", at,
		 at % 3 == 0 ? "-and-a-long-tail" : "");
}

static void model_step(struct bench *bench, struct model *model,
		       struct random *random)
{
	const size_t at = random_below(random, MODEL_KEYS);
	char name[64], text[64];
	int r;

	model_name(name, sizeof(name), at);
	switch (random_below(random, 5)) {
	case 0:
	case 1:
		r = gust_state_add(bench->state, bench_key(name), 3, NULL);
		CHECK_INT(r, model->kind[at] == 2 ? -EINVAL : 0);
		if (r == 0) {
			model->kind[at] = 1;
			model->count[at] += 3;
		}
		break;
	case 2:
		memset(text, 'x', sizeof(text));
		text[random_below(random, 63)] = '\0';
		text[63] = '\0';
		r = gust_state_put(bench->state, bench_key(name), text,
				   strlen(text));
		CHECK_INT(r, model->kind[at] == 1 ? -EINVAL : 0);
		if (r == 0) {
			model->kind[at] = 2;
			strcpy(model->text[at], text);
		}
		break;
	case 3:
		CHECK_INT(gust_state_remove(bench->state, bench_key(name)), 0);
		model->kind[at] = 0;
		model->count[at] = 0;
		break;
	default:
		if (model->kind[at] == 1)
			CHECK_INT(bench_count(bench, name, 0),
				  model->count[at]);
		else
			CHECK_STR(bench_get(bench, name),
				  model->kind[at] == 2 ? model->text[at]
						       : NULL);
	}
}

static void model_check(struct bench *bench, const struct model *model)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	size_t expected = 0, found = 0;
	int64_t count;

	for (size_t i = 0; i < MODEL_KEYS; i++)
		expected += model->kind[i] != 0;
	CHECK_INT(gust_state_cursor(bench->state, &cursor), 0);
	while (gust_cursor_next(cursor, &key, &value) == 1) {
		const size_t at = strtoul(key.values[0].as.data, NULL, 10);

		if (model->kind[at] == 1) {
			CHECK_UINT(value.length, sizeof(count));
			memcpy(&count, value.data, sizeof(count));
			CHECK_INT(count, model->count[at]);
		} else {
			CHECK_INT(model->kind[at], 2);
			CHECK_STR(value.data, model->text[at]);
		}
		found++;
	}
	gust_cursor_close(cursor);
	CHECK_UINT(found, expected);
}

/* Random calls, commits, deaths and undone callbacks, with a table that has
 * room for a fourth of the keys. */
STATE_TEST(any_row_of_calls_gives_what_it_should)
{
	struct model model, before, committed;
	struct random random;

	random_seed(&random, 11);
	memset(&model, 0, sizeof(model));
	committed = model;
	if (bench->store != NULL && !bench->store->backend->remote) {
		bench->options.budget = 8000;
		bench_reopen(bench);
	}
	for (int round = 0; round < 4000; round++) {
		if (bench->store != NULL)
			keyspace_begin(bench->keyspace);
		before = model;
		for (int i = 0; i < 5; i++)
			model_step(bench, &model, &random);
		if (bench->store == NULL)
			continue;
		switch (random_below(&random, 12)) {
		case 0:
			keyspace_undo(bench->keyspace);
			model = before;
			break;
		case 1:
		case 2:
			bench_commit(bench);
			committed = model;
			break;
		case 3:
			if (random_below(&random, 4) != 0)
				break;
			bench_close(bench); /* it dies */
			model = committed;
			bench_open(bench);
			break;
		case 4:
			model_check(bench, &model);
			break;
		default:
			break;
		}
	}
	model_check(bench, &model);
}

/* A commit takes its time: what is read and written meanwhile is right. */
TEST(a_frozen_set_is_read_and_written_over)
{
	struct bench bench = { .now = 1000 };
	struct gust_error error = { 0 };

	bench_begin(&bench, "ram");
	bench_open(&bench);
	bench_put(&bench, "a", "1");
	bench_put(&bench, "b", "1");
	bench_put(&bench, "c", "1");
	bench_commit(&bench);
	bench_put(&bench, "a", "2");
	CHECK_INT(gust_state_remove(bench.state, bench_key("b")), 0);
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	CHECK_UINT(bench.writes.count, 2);
	CHECK_STR(bench_all(&bench), "a=2 c=1");
	bench_put(&bench, "a", "3");
	bench_put(&bench, "b", "3");
	CHECK_INT(gust_state_remove(bench.state, bench_key("c")), 0);
	CHECK_STR(bench_all(&bench), "a=3 b=3");
	ram_fail(bench.ram, -ENOSPC, "the disk is full");
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -ENOSPC);
	CHECK_STR(error.text, "the disk is full");
	ram_fail(bench.ram, 0, NULL);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), 0);
	keyspace_committed(bench.keyspace);
	CHECK_UINT(ram_count(bench.ram), 2);
	CHECK_STR(bench_all(&bench), "a=3 b=3");
	CHECK_UINT(keyspace_dirty(bench.keyspace), 3);
	/* The process dies: what was not committed is gone. */
	bench_close(&bench);
	bench_open(&bench);
	CHECK_STR(bench_all(&bench), "a=2 c=1");
	bench_end(&bench);
}

/* A state that is read at the beginning alone. */
STATE_TEST(what_passes_is_stored_and_forgotten)
{
	size_t before;
	char name[32];

	if (bench->store == NULL)
		return;
	bench_put(bench, "a", "1");
	bench_put(bench, "b", "1");
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "a=1 b=1");
	keyspace_pass(bench->state);
	before = keyspace_bytes(bench->keyspace);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		bench_put(bench, name, "2");
	}
	CHECK(keyspace_bytes(bench->keyspace) > before);
	bench_commit(bench);
	CHECK_UINT(keyspace_bytes(bench->keyspace), before);
	/* Of these nothing is in memory. */
	CHECK_INT(gust_state_remove(bench->state, bench_key("a")), 0);
	for (int i = 0; i < 99; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		CHECK_INT(gust_state_remove(bench->state, bench_key(name)), 0);
	}
	bench_put(bench, "b", "3");
	bench_put(bench, "d", "1");
	CHECK_INT(gust_state_remove(bench->state, bench_key("d")), 0);
	bench_commit(bench);
	CHECK_UINT(keyspace_bytes(bench->keyspace), before);
	bench_reopen(bench);
	CHECK_STR(bench_all(bench), "b=3 c99=2");
}

TEST(an_older_incarnation_is_refused)
{
	struct bench bench = { .now = 1000 };
	struct gust_error error = { 0 };
	struct store *newer;

	bench_begin(&bench, "ram");
	bench_open(&bench);
	bench_put(&bench, "a", "1");
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	CHECK_INT(ram_open(bench.ram, &newer), 0);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -ESTALE);
	CHECK_INT(store_commit(newer, &bench.writes, &error), 0);
	store_close(newer);
	bench_end(&bench);
}

TEST(an_undone_callback_leaves_nothing)
{
	struct bench bench = { .now = 1000 };
	struct gust_entries entries;

	bench_begin(&bench, "ram");
	bench_open(&bench);
	bench_put(&bench, "a", "1");
	bench_count(&bench, "n", 4);
	CHECK_INT(gust_state_append(bench.state, bench_key("l"), "x", 1, 0), 0);
	bench_commit(&bench);
	bench_put(&bench, "a", "a longer text than it was");
	bench_put(&bench, "new", "1");
	CHECK_INT(gust_state_append(bench.state, bench_key("l"), "y", 1, 1), 0);
	CHECK_INT(gust_state_remove(bench.state, bench_key("n")), 0);
	bench_count(&bench, "n", 1);
	keyspace_undo(bench.keyspace);
	CHECK_STR(bench_get(&bench, "a"), "1");
	CHECK_STR(bench_get(&bench, "new"), NULL);
	CHECK_INT(bench_count(&bench, "n", 0), 4);
	CHECK_INT(gust_state_entries(bench.state, bench_key("l"), &entries), 1);
	CHECK(gust_entries_next(&entries));
	CHECK_STR(entries.value.data, "x");
	CHECK(!gust_entries_next(&entries));
	bench_reopen(&bench);
	CHECK_INT(bench_count(&bench, "n", 0), 4);
	CHECK_STR(bench_get(&bench, "new"), NULL);
	bench_end(&bench);
}

TEST(memory_alone_has_a_budget)
{
	struct bench bench = { .options = { .budget = 10000 } };
	char key[16];
	int i, r = 0;

	bench_begin(&bench, "memory");
	bench_open(&bench);
	for (i = 0; r == 0; i++) {
		CHECK(keyspace_bytes(bench.keyspace) <= 10000);
		snprintf(key, sizeof(key), "%d", i);
		r = gust_state_put(bench.state, bench_key(key), "0123456789",
				   10);
	}
	CHECK_INT(r, -ENOSPC);
	CHECK(i > 40);
	CHECK_STR(keyspace_trouble(bench.keyspace),
		  "the state is full: topology.state.memory.max.bytes is "
		  "9.77 KiB");
	/* What is there can be changed, and what goes makes room. */
	CHECK_STR(bench_get(&bench, "0"), "0123456789");
	bench_put(&bench, "0", "9876543210");
	CHECK_INT(gust_state_remove(bench.state, bench_key("0")), 0);
	CHECK_INT(gust_state_remove(bench.state, bench_key("1")), 0);
	bench_put(&bench, key, "0123456789");
	bench_end(&bench);
}

TEST(a_cache_keeps_to_its_budget)
{
	struct bench bench = { .options = { .budget = 20000 } };
	char key[16];

	bench_begin(&bench, "ram");
	bench_open(&bench);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		CHECK_INT(bench_count(&bench, key, i + 1), i + 1);
		if (i % 20 == 0)
			bench_commit(&bench);
		CHECK(keyspace_bytes(bench.keyspace) < 25000);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		CHECK_INT(bench_count(&bench, key, 0), i + 1);
		CHECK(keyspace_bytes(bench.keyspace) < 25000);
	}
	bench_end(&bench);
}

TEST(keys_and_values_have_a_longest_length)
{
	struct bench bench = { .now = 1000 };
	const size_t size = STORE_KEY_MAX;
	char *text = calloc(1, size + 1);
	struct gust_value value = gust_string(text, size - 1);
	const struct gust_key key = { &value, 1, 0 };

	bench_begin(&bench, "ram");
	bench_open(&bench);
	memset(text, 'x', size);
	CHECK_INT(gust_state_put(bench.state, &key, "", 0), -EMSGSIZE);
	value.length = (uint32_t)size - 2;
	CHECK_INT(gust_state_put(bench.state, &key, "", 0), 0);
	CHECK_INT(gust_state_put(bench.state, bench_key("a"), text,
				 ((size_t)1 << 30) + 1),
		  -EMSGSIZE);
	CHECK_STR(bench_get(&bench, "a"), NULL);
	bench_end(&bench);
	/* Memory alone takes any key. */
	bench = (struct bench){ .now = 1000 };
	bench_begin(&bench, "memory");
	bench_open(&bench);
	value.length = (uint32_t)size;
	CHECK_INT(gust_state_put(bench.state, &key, "", 0), 0);
	bench_end(&bench);
	free(text);
}

TEST(a_damaged_record_is_an_error_of_reading)
{
	struct bench bench = { .now = 1000 };
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;

	bench_begin(&bench, "ram");
	bench_open(&bench);
	bench_write(&bench, (struct gust_text){ "test\0\006a\0", 8 },
		    (struct gust_text){ "\x7f", 1 });
	bench_close(&bench);
	bench_open(&bench);
	CHECK_INT(gust_state_get(bench.state, bench_key("a"), &value), -EIO);
	CHECK_STR(keyspace_trouble(bench.keyspace),
		  "the record of a key of 'test' is damaged");
	CHECK_INT(gust_state_add(bench.state, bench_key("a"), 1, NULL), -EIO);
	CHECK_INT(gust_state_cursor(bench.state, &cursor), 0);
	CHECK_INT(gust_cursor_next(cursor, &key, &value), -EIO);
	gust_cursor_close(cursor);
	bench_end(&bench);
}
