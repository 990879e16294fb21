/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"
#include "state/ram.h"

static const struct gust_column columns[] = { { "word", GUST_STRING },
					      { "year", GUST_INT },
					      { NULL, GUST_NULL } };

static struct fake *count_create(const char *emit, size_t by)
{
	static const char *const names[] = { "word", "year" };
	struct fake *fake = fake_create("bolts/count");

	fake_input(fake, columns);
	fake_set_list(fake, "by", names, by);
	fake_set_string(fake, "emit", emit);
	fake_set_string(fake, "output", "count");
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

static void give(struct fake *fake, const char *word, int64_t year)
{
	struct gust_value row[2] = { gust_null(), gust_int(year) };

	if (word != NULL)
		row[0] = gust_string(word, strlen(word));
	CHECK_INT(fake_give(fake, row, 2), 0);
}

static void finish(struct fake *fake)
{
	int r, calls = 0;

	do {
		r = fake_finish(fake);
		calls++;
	} while (r == GUST_MORE);
	CHECK_INT(r, 0);
	/* Without room, one count a call. */
	CHECK(calls == 1 || fake->room == 0);
}

TEST(running_counts_are_emitted_at_once)
{
	struct fake *fake = count_create("running", 1);

	give(fake, "cow", 1);
	give(fake, "moon", 1);
	give(fake, "cow", 2);
	finish(fake);
	CHECK_STR(fake->emitted.data, "cow\t1\nmoon\t1\ncow\t2\n");
	CHECK_STR(fake->columns[1].name, "count");
	CHECK_INT(fake->columns[1].type, GUST_INT);
	fake_destroy(fake);
}

TEST(final_counts_are_emitted_once_at_the_end)
{
	struct fake *fake = count_create("final", 1);

	give(fake, "cow", 1);
	give(fake, "cow", 1);
	CHECK_UINT(fake->emits, 0);
	CHECK(fake->bolt->flush == NULL);
	finish(fake);
	CHECK_STR(fake->emitted.data, "cow\t2\n");
	fake_destroy(fake);
}

TEST(final_counts_wait_for_room)
{
	struct fake *fake = count_create("final", 1);

	give(fake, "cow", 1);
	give(fake, "moon", 1);
	give(fake, "cow", 1);
	fake->room = 0;
	finish(fake);
	CHECK_UINT(fake->emits, 2);
	CHECK_CONTAINS(fake->emitted.data, "cow\t2\n");
	CHECK_CONTAINS(fake->emitted.data, "moon\t1\n");
	fake_destroy(fake);
}

TEST(null_is_a_key_and_not_the_empty_string)
{
	struct fake *fake = count_create("running", 1);

	give(fake, NULL, 1);
	give(fake, "", 1);
	give(fake, NULL, 1);
	give(fake, "null", 1);
	CHECK_STR(fake->emitted.data, "null\t1\n\t1\nnull\t2\nnull\t1\n");
	fake_destroy(fake);
}

/* The grouping's hash is used, but equal hashes make no equal keys. */
TEST(keys_of_one_hash_are_told_apart)
{
	static const char *const words[] = { "",
					     "a",
					     "b",
					     "abcdefg",
					     "abcdefgh",
					     "bbcdefgh",
					     "abcdefghi",
					     "abcdefgxi",
					     "abcdefgh12345678",
					     "abcdefgh12345677" };
	static const char *const names[] = { "word" };
	struct fake *fake = fake_create("bolts/count");
	size_t i, n = sizeof(words) / sizeof(words[0]);

	fake_input(fake, columns);
	fake->hashed = true;
	fake->hash = 12345;
	fake_set_list(fake, "by", names, 1);
	fake_set_string(fake, "emit", "final");
	fake_set_string(fake, "output", "count");
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 3 * n; i++)
		give(fake, words[i % n], 0);
	give(fake, NULL, 0);
	finish(fake);
	CHECK_UINT(fake->emits, n + 1);
	CHECK_CONTAINS(fake->emitted.data, "null\t1\n");
	CHECK_CONTAINS(fake->emitted.data, "abcdefgh12345677\t3\n");
	fake_destroy(fake);
}

TEST(both_zeros_are_one_key)
{
	static const struct gust_column floats[] = { { "x", GUST_FLOAT },
						     { NULL, GUST_NULL } };
	static const char *const names[] = { "x" };
	const struct gust_value zeros[] = { gust_float(0.0), gust_float(-0.0) };
	struct fake *fake = fake_create("bolts/count");

	fake_input(fake, floats);
	fake_set_list(fake, "by", names, 1);
	fake_set_string(fake, "output", "count");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give(fake, &zeros[0], 1), 0);
	CHECK_INT(fake_give(fake, &zeros[1], 1), 0);
	CHECK_STR(fake->emitted.data, "0\t1\n0\t2\n");
	fake_destroy(fake);
}

TEST(several_fields_make_one_key)
{
	struct fake *fake = count_create("running", 2);

	give(fake, "a", 1);
	give(fake, "a", 2);
	give(fake, "a", 1);
	CHECK_STR(fake->emitted.data, "a\t1\t1\na\t2\t1\na\t1\t2\n");
	CHECK_INT(fake->columns[1].type, GUST_INT);
	fake_destroy(fake);
}

TEST(no_field_counts_all)
{
	struct fake *fake = count_create("final", 0);

	give(fake, "a", 1);
	give(fake, "b", 2);
	finish(fake);
	CHECK_STR(fake->emitted.data, "2\n");
	fake_destroy(fake);
}

TEST(nothing_counted_emits_nothing)
{
	struct fake *fake = count_create("final", 1);

	finish(fake);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(many_keys_are_all_kept)
{
	enum { KEYS = 50000 };
	struct fake *fake = count_create("final", 1);
	char *seen = calloc(KEYS, 1), *p, word[32];
	unsigned long key;
	int i;

	for (i = 0; i < 2 * KEYS; i++) {
		snprintf(word, sizeof(word), "%d", i % KEYS);
		give(fake, word, 0);
	}
	finish(fake);
	CHECK_UINT(fake->emits, KEYS);
	for (p = fake->emitted.data; *p != '\0'; p += 3) {
		key = strtoul(p, &p, 10);
		CHECK(key < KEYS && seen[key] == 0);
		CHECK(memcmp(p, "\t2\n", 3) == 0);
		seen[key] = 1;
	}
	free(seen);
	fake_destroy(fake);
}

TEST(a_key_longer_than_a_block_is_kept)
{
	struct fake *fake = count_create("final", 1);
	char *word = malloc(200001);

	memset(word, 'x', 200000);
	word[200000] = '\0';
	give(fake, word, 0);
	give(fake, "short", 0);
	give(fake, word, 0);
	finish(fake);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->emitted.length, 200000 + 3 + 8);
	free(word);
	fake_destroy(fake);
}

TEST(a_failed_emit_counts_nothing)
{
	struct fake *fake = count_create("running", 1);
	const struct gust_value row[2] = { gust_string("a", 1), gust_int(1) };

	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_give(fake, row, 2), -ENOMEM);
	fake->emit_result = 0;
	give(fake, "a", 1);
	CHECK_STR(fake->emitted.data, "a\t1\n");
	fake_destroy(fake);
}

TEST(more_fields_than_there_is_room_for_are_refused)
{
	const char *names[33];
	struct fake *fake = fake_create("bolts/count");
	int i;

	for (i = 0; i < 33; i++)
		names[i] = "word";
	fake_input(fake, columns);
	fake_set_list(fake, "by", names, 33);
	fake_refuse(fake, -EINVAL,
		    "option 'by' names 33 fields, expected at most 32");
}

/* A run on that disk. */
static struct fake *count_durably(struct ram *disk, const char *emit, size_t by,
				  bool hashed)
{
	static const char *const names[] = { "word", "year" };
	struct fake *fake = fake_create("bolts/count");

	fake->disk = disk;
	fake->hashed = hashed;
	fake->hash = 99;
	fake_input(fake, columns);
	fake_set_list(fake, "by", names, by);
	fake_set_string(fake, "emit", emit);
	fake_set_string(fake, "output", "count");
	return fake;
}

TEST(the_next_run_goes_on_with_what_was_stored)
{
	struct ram *disk = ram_create();
	struct fake *fake;
	int hashed;

	for (hashed = 0; hashed < 2; hashed++) {
		fake = count_durably(disk, "running", 1, hashed != 0);
		CHECK_INT(fake_open(fake), 0);
		give(fake, "cow", 1);
		give(fake, "cow", 1);
		fake_commit(fake);
		give(fake, "cow", 1);
		give(fake, "moon", 1);
		fake_destroy(fake);
		fake = count_durably(disk, "running", 1, hashed != 0);
		CHECK_INT(fake_open(fake), 0);
		give(fake, "cow", 1);
		give(fake, "moon", 1);
		CHECK_STR(fake->emitted.data, "cow\t3\nmoon\t1\n");
		fake_destroy(fake);
		ram_destroy(disk);
		disk = ram_create();
	}
	ram_destroy(disk);
}

TEST(a_run_tells_what_earlier_ones_have_counted)
{
	struct ram *disk = ram_create();
	struct fake *fake = count_durably(disk, "final", 2, false);

	CHECK_INT(fake_open(fake), 0);
	give(fake, "cow", 1);
	give(fake, "cow", 2);
	give(fake, NULL, 2);
	fake_commit(fake);
	fake_destroy(fake);
	fake = count_durably(disk, "final", 2, false);
	CHECK_INT(fake_open(fake), 0);
	give(fake, "cow", 2);
	finish(fake);
	CHECK_UINT(fake->emits, 3);
	CHECK_CONTAINS(fake->emitted.data, "cow\t1\t1\n");
	CHECK_CONTAINS(fake->emitted.data, "cow\t2\t2\n");
	CHECK_CONTAINS(fake->emitted.data, "null\t2\t1\n");
	fake_destroy(fake);
	ram_destroy(disk);
}

TEST(a_tuple_that_fails_is_not_counted_in_a_store)
{
	struct ram *disk = ram_create();
	struct fake *fake = count_durably(disk, "running", 1, true);
	const struct gust_value row[2] = { gust_string("a", 1), gust_int(1) };

	CHECK_INT(fake_open(fake), 0);
	give(fake, "a", 1);
	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_give(fake, row, 2), -ENOMEM);
	fake->emit_result = 0;
	fake_commit(fake);
	give(fake, "a", 1);
	CHECK_STR(fake->emitted.data, "a\t1\na\t2\n");
	fake_destroy(fake);
	ram_destroy(disk);
}

TEST(counts_by_other_fields_are_refused)
{
	struct ram *disk = ram_create();
	struct fake *fake = count_durably(disk, "final", 1, false);

	CHECK_INT(fake_open(fake), 0);
	give(fake, "cow", 1);
	fake_commit(fake);
	fake_destroy(fake);
	fake = count_durably(disk, "final", 2, false);
	CHECK_INT(fake_open(fake), -EBADMSG);
	CHECK_STR(fake->error.text,
		  "the state has counts by other fields than these, expected "
		  "those of the run before");
	fake_destroy(fake);
	ram_destroy(disk);
}

TEST(more_than_the_budget_is_refused)
{
	struct fake *fake = count_durably(NULL, "final", 1, false);
	const struct gust_value row[2] = { gust_string("last", 4),
					   gust_int(1) };
	char word[16];
	int i;

	fake->state_budget = 9650;
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "%d", i);
		give(fake, word, 1);
	}
	CHECK_INT(fake_give(fake, row, 2), -ENOSPC);
	give(fake, "7", 1);
	finish(fake);
	CHECK_UINT(fake->emits, 100);
	CHECK_CONTAINS(fake->emitted.data, "7\t2\n");
	fake_destroy(fake);
}

TEST(a_key_that_no_store_takes_is_rejected)
{
	struct ram *disk = ram_create();
	struct fake *fake = count_durably(disk, "final", 1, true);
	char *word = malloc(70000);
	const struct gust_value row[2] = { gust_string(word, 70000),
					   gust_int(1) };

	memset(word, 'x', 70000);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give(fake, row, 2), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->reason, "its key is longer than 64 KiB, which is what "
				"a store takes");
	give(fake, "short", 1);
	finish(fake);
	CHECK_STR(fake->emitted.data, "short\t1\n");
	free(word);
	fake_destroy(fake);
	ram_destroy(disk);
}
