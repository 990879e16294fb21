/* SPDX-License-Identifier: MIT */
#include "state_bench.h"

#include <errno.h>

#include "state/keycode.h"

/* gust_state_count(), gust_state_walk(): what plugins do without a call, and
 * without an order. */

#define TEXT_ROOM 64u

/* A tuple of one field; the bytes of a text follow it. */
struct word {
	struct gust_tuple tuple;
	struct gust_cell cell;
	char text[TEXT_ROOM];
};

/* The field is in stream 0 and not in stream 1. */
static const uint16_t places[] = { 0, GUST_ABSENT };
static const struct gust_field field = { places };

static struct word word_of(struct gust_value value, uint64_t hash)
{
	struct word word = { .tuple = { .hash = hash },
			     .cell = { .type = value.type,
				       .length = value.length } };

	word.cell.as.integer = value.as.integer;
	if (value.type >= GUST_STRING) {
		CHECK(value.length < TEXT_ROOM);
		memcpy(word.text, value.as.data, value.length);
		word.cell.as.offset = offsetof(struct word, text);
	}
	return word;
}

static int count(struct bench *bench, struct gust_value value, uint64_t hash,
		 int64_t amount, int64_t *total)
{
	const struct word word =
		word_of(value, hash != 0 ? hash : keycode_hash(&value, 1));

	return gust_state_count(bench->state, &word.tuple, field, amount,
				total);
}

static struct gust_value text(const char *text)
{
	return gust_string(text, strlen(text));
}

/* All keys that may be taken for another one. */
static const char *const alike[] = { "",
				     "a",
				     "b",
				     "ab",
				     "abcdefg",
				     "abcdefgh",
				     "abcdefgi",
				     "bbcdefgh",
				     "abcdefghi",
				     "abcdefghij",
				     "bbcdefghij",
				     "abcdefgh1234567",
				     "abcdefgh1234568",
				     "abcdefgh12345678",
				     "abcdefgh12345679",
				     "abcdefgh12345678901234567890" };

#define ALIKE (sizeof(alike) / sizeof(alike[0]))

static void count_alike(struct bench *bench, uint64_t hash)
{
	int64_t total = 0;

	for (int64_t round = 1; round <= 3; round++) {
		for (size_t i = 0; i < ALIKE; i++) {
			CHECK_INT(count(bench, text(alike[i]), hash, (int)i + 1,
					&total),
				  0);
			CHECK_INT(total, round * ((int64_t)i + 1));
		}
		CHECK_INT(count(bench, gust_int(0), hash, 5, &total), 0);
		CHECK_INT(total, round * 5);
		CHECK_INT(count(bench, gust_bytes("a", 1), hash, 6, &total), 0);
		CHECK_INT(total, round * 6);
		CHECK_INT(count(bench, gust_string("a\0", 2), hash, 7, &total),
			  0);
		CHECK_INT(total, round * 7);
		if (round == 2)
			bench_reopen(bench);
		keyspace_begin(bench->keyspace);
	}
	CHECK_INT(count(bench, text("a"), hash, INT64_MAX, &total), -ERANGE);
	CHECK_INT(count(bench, text("a"), hash, 0, &total), 0);
	CHECK_INT(total, 6);
}

STATE_TEST(keys_that_are_alike_are_counted_apart)
{
	struct gust_value value = text("abcdefghi");
	const struct gust_key key = { &value, 1, 0 };
	int64_t total = 0;

	count_alike(bench, 0);
	CHECK_INT(gust_state_add(bench->state, &key, 1, &total), 0);
	CHECK_INT(total, 3 * 9 + 1);
}

/* A hash says nothing of two keys that have it; what is stored has none. */
TEST(keys_of_one_hash_are_counted_apart)
{
	struct bench bench = { .store = NULL };

	bench_begin(&bench, "memory");
	bench_open(&bench);
	count_alike(&bench, 7);
	bench_end(&bench);
}

STATE_TEST(a_field_that_is_not_there_is_null)
{
	struct word word = word_of(text("a"), 0);
	struct gust_value value = gust_null();
	const struct gust_key key = { &value, 1, 0 };
	int64_t total = 0;

	word.tuple.stream = 1;
	word.tuple.hash = keycode_hash(&value, 1);
	CHECK_INT(gust_state_count(bench->state, &word.tuple, field, 2, NULL),
		  0);
	CHECK_INT(gust_state_add(bench->state, &key, 0, &total), 0);
	CHECK_INT(total, 2);
}

STATE_TEST(what_is_no_counter_is_not_counted)
{
	bench_put(bench, "a", "text");
	CHECK_INT(count(bench, text("a"), 0, 1, NULL), -EINVAL);
	CHECK_STR(bench_get(bench, "a"), "text");
	CHECK_INT(gust_state_remove(bench->state, bench_key("a")), 0);
	CHECK_INT(count(bench, text("a"), 0, 1, NULL), 0);
	bench_reopen(bench);
	CHECK_INT(bench_count(bench, "a", 0), 1);
}

/* What lives for a time is written anew by each count. */
STATE_TEST(what_is_counted_lives_on)
{
	int64_t total = 0;

	bench->ttl = 10;
	CHECK_INT(keyspace_state(bench->keyspace, "test", bench->ttl,
				 &bench->state, NULL),
		  0);
	for (int i = 1; i <= 3; i++) {
		CHECK_INT(count(bench, text("a"), 0, 1, &total), 0);
		CHECK_INT(total, i);
		bench->now += 9;
	}
	bench->now += 1;
	CHECK_INT(count(bench, text("a"), 0, 1, &total), 0);
	CHECK_INT(total, 1);
}

TEST(a_count_is_undone)
{
	struct bench bench = { .store = NULL };
	int64_t total = 0;

	bench_begin(&bench, "ram");
	bench_open(&bench);
	CHECK_INT(count(&bench, text("a"), 0, 1, NULL), 0);
	bench_commit(&bench);
	for (int i = 0; i < 3; i++) {
		keyspace_begin(bench.keyspace);
		CHECK_INT(count(&bench, text("a"), 0, 1, NULL), 0);
		CHECK_INT(count(&bench, text("a"), 0, 1, &total), 0);
		CHECK_INT(total, 3);
		CHECK_INT(count(&bench, text("b"), 0, 1, NULL), 0);
		keyspace_undo(bench.keyspace);
	}
	bench_reopen(&bench);
	CHECK_STR(bench_get(&bench, "b"), NULL);
	CHECK_INT(count(&bench, text("a"), 0, 0, &total), 0);
	CHECK_INT(total, 1);
	bench_end(&bench);
}

/* Goes through the keys 0 to `keys` - 1, removes every nth, and returns how
 * many were told. */
static int walk(struct bench *bench, char *seen, int keys, int nth)
{
	struct gust_cursor *cursor;
	struct gust_text value;
	struct gust_key key;
	int told = 0;
	long at;

	memset(seen, 0, (size_t)keys);
	CHECK_INT(gust_state_walk(bench->state, &cursor), 0);
	while (gust_cursor_next(cursor, &key, &value) == 1) {
		at = strtol(key.values[0].as.data, NULL, 10);
		CHECK(at < keys && seen[at] == 0);
		CHECK_STR(value.data, "1");
		seen[at] = 1;
		told++;
		if (told % nth == 0)
			CHECK_INT(gust_state_remove(bench->state, &key), 0);
	}
	gust_cursor_close(cursor);
	return told;
}

STATE_TEST(a_walk_tells_each_key_once)
{
	enum { KEYS = 3000 };
	char *seen = malloc(KEYS), name[16];
	int left = KEYS;

	for (int nth = 1; nth <= 3; nth++) {
		for (int i = 0; i < KEYS; i++) {
			snprintf(name, sizeof(name), "%d", i);
			bench_put(bench, name, "1");
		}
		if (nth == 2)
			bench_reopen(bench);
		CHECK_INT(walk(bench, seen, KEYS, nth), KEYS);
		left = KEYS - KEYS / nth;
		CHECK_INT(walk(bench, seen, KEYS, KEYS + 1), left);
		CHECK_INT(walk(bench, seen, KEYS, 1), left);
		CHECK_INT(walk(bench, seen, KEYS, 1), 0);
	}
	free(seen);
}
