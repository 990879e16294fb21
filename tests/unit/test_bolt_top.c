/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>

#include "fake_accumulator.h"
#include "fake_check.h"
#include "state/ram.h"

static const struct gust_column columns[] = { { "word", GUST_STRING },
					      { "n", GUST_INT },
					      { "price", GUST_FLOAT },
					      { NULL, GUST_NULL } };
static const char *const by_word[] = { "word" };

static struct fake *create(double n, const char *of, const char *take,
			   double window)
{
	struct fake *fake = fake_create("bolts/top");

	fake_input(fake, columns);
	fake_set_list(fake, "by", by_word, 1);
	fake_set_number(fake, "n", n);
	fake_set_string(fake, "of", of);
	fake_set_string(fake, "take", take);
	fake_set_number(fake, "window", window);
	return fake;
}

static void give(struct fake *fake, const char *word, int64_t n, double price)
{
	const struct gust_value row[] = { gust_string(word, strlen(word)),
					  gust_int(n), gust_float(price) };

	CHECK_INT(fake_give(fake, row, 3), 0);
}

/* A tuple for each letter. */
static void spell(struct fake *fake, const char *letters)
{
	char word[2] = "";

	for (; *letters != '\0'; letters++) {
		word[0] = *letters;
		give(fake, word, 1, 1);
	}
}

static void tick(struct fake *fake, const char *expected)
{
	fake_forget(fake);
	CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), 0);
	CHECK_STR(fake->emitted.data, expected);
}

static void finish(struct fake *fake, const char *expected)
{
	fake_forget(fake);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, expected);
	fake_destroy(fake);
}

TEST(counts_are_ranked_at_the_end)
{
	struct fake *fake = create(3, NULL, "sum", 0);

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[0].name, "rank");
	CHECK_STR(fake->columns[1].name, "word");
	CHECK_STR(fake->columns[2].name, "count");
	CHECK_INT(fake->columns[2].type, GUST_INT);
	spell(fake, "abcabadzzzzz");
	CHECK_UINT(fake->emits, 0);
	finish(fake, "1\tz\t5\n2\ta\t3\n3\tb\t2\n");
}

TEST(nothing_is_a_ranking_too)
{
	struct fake *fake = create(3, NULL, "sum", 0);

	CHECK_INT(fake_open(fake), 0);
	tick(fake, "");
	finish(fake, "");
}

TEST(ties_go_by_the_key)
{
	struct fake *fake = create(4, NULL, "sum", 0);
	const struct gust_value null[] = { gust_null(), gust_int(1),
					   gust_null() };

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "zyxbcedyx");
	give(fake, "", 1, 1);
	give(fake, "aa", 1, 1);
	CHECK_INT(fake_give(fake, null, 3), 0);
	finish(fake, "1\tx\t2\n2\ty\t2\n3\tnull\t1\n4\t\t1\n");
}

TEST(the_order_of_the_input_is_all_the_same)
{
	static const char *const orders[] = { "aabbbcdddd", "ddddcbbbaa",
					      "abcdbdabdd", "dbdabcdabd" };
	size_t i, n;

	for (i = 0; i < 4; i++) {
		static const char *const rankings[] = {
			"1\td\t4\n", "1\td\t4\n2\tb\t3\n",
			"1\td\t4\n2\tb\t3\n3\ta\t2\n",
			"1\td\t4\n2\tb\t3\n3\ta\t2\n4\tc\t1\n",
			"1\td\t4\n2\tb\t3\n3\ta\t2\n4\tc\t1\n"
		};

		for (n = 1; n <= 5; n++) {
			struct fake *fake = create((double)n, NULL, "sum", 0);

			CHECK_INT(fake_open(fake), 0);
			spell(fake, orders[i]);
			finish(fake, rankings[n - 1]);
		}
	}
}

TEST(every_tick_ranks_what_came_so_far)
{
	struct fake *fake = create(2, NULL, "sum", 0);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "aab");
	tick(fake, "1\ta\t2\n2\tb\t1\n");
	tick(fake, "1\ta\t2\n2\tb\t1\n");
	spell(fake, "bbc");
	tick(fake, "1\tb\t3\n2\ta\t2\n");
	finish(fake, "1\tb\t3\n2\ta\t2\n");
}

TEST(a_window_forgets)
{
	struct fake *fake = create(9, NULL, "sum", 3);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "aaa");
	tick(fake, "1\ta\t3\n");
	spell(fake, "abb");
	tick(fake, "1\ta\t4\n2\tb\t2\n");
	spell(fake, "c");
	tick(fake, "1\ta\t4\n2\tb\t2\n3\tc\t1\n");
	/* The three of the first tick are gone. */
	spell(fake, "c");
	tick(fake, "1\tb\t2\n2\tc\t2\n3\ta\t1\n");
	tick(fake, "1\tc\t2\n");
	tick(fake, "1\tc\t1\n");
	tick(fake, "");
	spell(fake, "a");
	finish(fake, "1\ta\t1\n");
}

TEST(a_window_of_one_tick)
{
	struct fake *fake = create(9, NULL, "sum", 1);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "aa");
	tick(fake, "1\ta\t2\n");
	spell(fake, "b");
	tick(fake, "1\tb\t1\n");
	finish(fake, "");
}

/* Against counts that are kept in the simplest way. */
TEST(a_rolling_ranking_is_the_sum_of_its_ticks)
{
	enum { TICKS = 60, WINDOW = 7, KEYS = 40 };
	static int counts[TICKS][KEYS];
	struct fake *fake = create(KEYS, NULL, "sum", WINDOW);
	uint32_t seed = 1;
	int t, i, k, rank;
	char word[16], *line;

	CHECK_INT(fake_open(fake), 0);
	for (t = 0; t < TICKS; t++) {
		for (i = 0; i < 100; i++) {
			seed = seed * 1103515245 + 12345;
			k = (int)((seed >> 16) % KEYS);
			/* Half of them come and go. */
			if (k % 2 == 1 && t / 10 % 2 == 1)
				continue;
			counts[t][k]++;
			snprintf(word, sizeof(word), "%03d", k);
			give(fake, word, 1, 1);
		}
		fake_forget(fake);
		CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), 0);
		line = fake->emitted.data;
		for (rank = 1; *line != '\0'; rank++) {
			int sum = 0, s;

			CHECK_INT(strtol(line, &line, 10), rank);
			k = (int)strtol(line, &line, 10);
			for (s = t; s >= 0 && s > t - WINDOW; s--)
				sum += counts[s][k];
			CHECK(sum > 0);
			CHECK_INT(strtol(line, &line, 10), sum);
			line++;
		}
		for (i = 0, k = 0; k < KEYS; k++) {
			int sum = 0, s;

			for (s = t; s >= 0 && s > t - WINDOW; s--)
				sum += counts[s][k];
			i += sum > 0;
		}
		CHECK_INT(rank - 1, i);
	}
	fake_destroy(fake);
}

TEST(numbers_are_summed_or_the_largest_or_the_last)
{
	static const struct {
		const char *of, *take, *expected;
	} cases[] = {
		{ "n", "sum", "1\tb\t7\n2\ta\t6\n" },
		{ "n", "max", "1\tb\t9\n2\ta\t5\n" },
		{ "n", "last", "1\ta\t1\n2\tb\t-2\n" },
		{ "price", "sum", "1\ta\t1.75\n2\tb\t-0.5\n" },
		{ "price", "max", "1\ta\t1.5\n2\tb\t0\n" },
		{ "price", "last", "1\ta\t0.25\n2\tb\t-0.5\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = create(9, cases[i].of, cases[i].take, 0);
		const struct gust_value null[] = { gust_string("c", 1),
						   gust_null(), gust_null() };
		const struct gust_value nan[] = { gust_string("d", 1),
						  gust_null(),
						  gust_float(NAN) };

		CHECK_INT(fake_open(fake), 0);
		CHECK_STR(fake->columns[2].name, cases[i].of);
		give(fake, "a", 5, 1.5);
		give(fake, "b", 9, 0);
		give(fake, "a", 1, 0.25);
		CHECK_INT(fake_give(fake, null, 3), 0);
		CHECK_INT(fake_give(fake, nan, 3), 0);
		give(fake, "b", -2, -0.5);
		finish(fake, cases[i].expected);
	}
}

TEST(the_last_number_of_a_window_is_that_of_its_last_tick)
{
	struct fake *fake = create(9, "n", "last", 2);

	CHECK_INT(fake_open(fake), 0);
	give(fake, "a", 9, 0);
	give(fake, "b", 5, 0);
	tick(fake, "1\ta\t9\n2\tb\t5\n");
	give(fake, "a", 3, 0);
	tick(fake, "1\tb\t5\n2\ta\t3\n");
	tick(fake, "1\ta\t3\n");
	tick(fake, "");
	fake_destroy(fake);
}

TEST(a_sum_stays_at_its_limit)
{
	struct fake *fake = create(9, "n", "sum", 2);

	CHECK_INT(fake_open(fake), 0);
	give(fake, "a", INT64_MAX, 0);
	give(fake, "b", INT64_MIN, 0);
	give(fake, "b", -1, 0);
	tick(fake, "1\ta\t9223372036854775807\n"
		   "2\tb\t-9223372036854775808\n");
	give(fake, "a", INT64_MAX, 0);
	finish(fake, "1\ta\t9223372036854775807\n"
		     "2\tb\t-9223372036854775808\n");
}

TEST(keys_of_several_fields_and_any_bytes)
{
	static const char *const by[] = { "price", "word" };
	struct fake *fake = create(9, NULL, "sum", 0);
	const struct gust_value nul[] = { gust_string("a\0b", 3), gust_int(1),
					  gust_float(0.0) };

	fake_set_list(fake, "by", by, 2);
	fake_set_string(fake, "output", "often");
	CHECK_INT(fake_open(fake), 0);
	CHECK_STR(fake->columns[1].name, "price");
	CHECK_STR(fake->columns[3].name, "often");
	give(fake, "a", 1, 0.0);
	give(fake, "a", 1, -0.0);
	CHECK_INT(fake_give(fake, nul, 3), 0);
	give(fake, "a", 1, 7);
	fake_forget(fake);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "1\t0\ta\t2\n2\t0\ta\0b\t1\n3\t7\ta\t1\n", 26);
	fake_destroy(fake);
}

TEST(no_field_is_one_key)
{
	struct fake *fake = create(9, NULL, "sum", 0);

	fake_set_list(fake, "by", by_word, 0);
	CHECK_INT(fake_open(fake), 0);
	spell(fake, "abc");
	finish(fake, "1\t3\n");
}

TEST(many_keys)
{
	struct fake *fake = create(3, NULL, "sum", 2);
	char word[32];
	int i, round;

	CHECK_INT(fake_open(fake), 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 20000; i++) {
			snprintf(word, sizeof(word), "%d-%d", round, i);
			give(fake, word, 1, 1);
		}
		snprintf(word, sizeof(word), "%d-777", round);
		give(fake, word, 1, 1);
		fake_forget(fake);
		CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), 0);
		CHECK_UINT(fake->emits, 3);
		snprintf(word, sizeof(word), "-777\t2\n");
		CHECK_CONTAINS(fake->emitted.data, word);
	}
	fake_destroy(fake);
}

TEST(the_end_waits_for_room)
{
	struct fake *fake = create(9, NULL, "sum", 0);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "aab");
	fake->room = 0;
	CHECK_INT(fake_finish(fake), GUST_MORE);
	CHECK_UINT(fake->emits, 0);
	fake->room = 100;
	/* A tick in between says nothing. */
	tick(fake, "");
	finish(fake, "1\ta\t2\n2\tb\t1\n");
}

TEST(a_failed_emit_is_told)
{
	struct fake *fake = create(9, NULL, "sum", 1);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "a");
	fake->emit_result = -ENOMEM;
	CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), -ENOMEM);
	fake->emits_until_failure = 0;
	CHECK_INT(fake_finish(fake), -ENOMEM);
	fake_destroy(fake);
}

TEST(the_hash_of_the_grouping_is_used)
{
	struct fake *fake = create(9, NULL, "sum", 0);

	fake->hashed = true;
	fake->hash = 42;
	CHECK_INT(fake_open(fake), 0);
	/* All with one hash, and yet told apart. */
	spell(fake, "abba");
	finish(fake, "1\ta\t2\n2\tb\t2\n");
}

/* A run on that disk. */
static struct fake *create_on(struct ram *disk, const char *of,
			      const char *take, double window)
{
	struct fake *fake = create(9, of, take, window);

	fake->disk = disk;
	return fake;
}

TEST(the_next_run_goes_on_with_what_was_stored)
{
	static const bool hashed[] = { false, true };
	struct fake *fake;
	struct ram *disk;
	size_t i;

	for (i = 0; i < 2; i++) {
		disk = ram_create();
		fake = create_on(disk, NULL, "sum", 0);
		fake->hashed = hashed[i];
		CHECK_INT(fake_open(fake), 0);
		spell(fake, "aab");
		fake_commit(fake);
		spell(fake, "bbb");
		fake_destroy(fake);
		fake = create_on(disk, NULL, "sum", 0);
		fake->hashed = hashed[i];
		CHECK_INT(fake_open(fake), 0);
		spell(fake, "c");
		finish(fake, "1\ta\t2\n2\tb\t1\n3\tc\t1\n");
		ram_destroy(disk);
	}
}

TEST(a_stored_window_forgets)
{
	struct ram *disk = ram_create();
	struct fake *fake = create_on(disk, NULL, "sum", 3);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "aaa");
	tick(fake, "1\ta\t3\n");
	spell(fake, "ab");
	tick(fake, "1\ta\t4\n2\tb\t1\n");
	/* Time went by without any tuple. */
	tick(fake, "1\ta\t4\n2\tb\t1\n");
	fake_commit(fake);
	fake_destroy(fake);
	fake = create_on(disk, NULL, "sum", 3);
	CHECK_INT(fake_open(fake), 0);
	tick(fake, "1\ta\t1\n2\tb\t1\n");
	tick(fake, "");
	fake_commit(fake);
	fake_destroy(fake);
	ram_destroy(disk);
}

TEST(a_stored_number_stays_what_it_was)
{
	struct ram *disk = ram_create();
	struct fake *fake = create_on(disk, "price", "max", 0);

	CHECK_INT(fake_open(fake), 0);
	give(fake, "a", 1, 2.5);
	give(fake, "b", 1, -1.5);
	fake_commit(fake);
	fake_destroy(fake);
	fake = create_on(disk, "price", "max", 0);
	CHECK_INT(fake_open(fake), 0);
	give(fake, "a", 1, 0.5);
	give(fake, "b", 1, 7);
	finish(fake, "1\tb\t7\n2\ta\t2.5\n");
	ram_destroy(disk);
}

TEST(other_rankings_are_refused)
{
	struct ram *disk = ram_create();
	struct fake *fake = create_on(disk, NULL, "sum", 0);

	CHECK_INT(fake_open(fake), 0);
	spell(fake, "a");
	fake_commit(fake);
	fake_destroy(fake);
	fake = create_on(disk, NULL, "sum", 2);
	CHECK_INT(fake_open(fake), -EBADMSG);
	CHECK_STR(fake->error.text,
		  "the state has other rankings than this one, expected those "
		  "of the run before");
	fake_destroy(fake);
	ram_destroy(disk);
}

TEST(wrong_fields_are_refused)
{
	struct fake *fake = create(9, "word", "sum", 0);

	fake_refuse(fake, -EINVAL,
		    "option 'of': field 'word' is string, "
		    "expected int or float");
	fake = create(9, "cuont", "sum", 0);
	fake_refuse(fake, -ENOENT, "no field is named 'cuont'");
}

static const char *const by_country[] = { "country" };
static const struct gust_window_spec minutes = { .type = GUST_TUMBLING,
						 .length = 60000000000,
						 .slide = 60000000000,
						 .keys = by_country,
						 .key_count = 1 };

/* Ranks words by the numbers in `rows`, the second half of them later. */
static struct fake *ranked(const char *of, const char *take,
			   const struct gust_value (*rows)[4], size_t count,
			   const char *expected)
{
	static const struct gust_column input[] = { { "country", GUST_STRING },
						    { "word", GUST_STRING },
						    { "n", GUST_INT },
						    { "price", GUST_FLOAT },
						    { NULL, GUST_NULL } };
	const struct gust_value country = gust_string("is", 2);
	const struct gust_window window = {
		.begin = 0, .end = 60000000, .keys = &country, .key_count = 1
	};
	struct fake *fake = fake_create("bolts/top");
	struct gust_accumulator early, late;
	size_t i;

	fake_input(fake, input);
	fake_set_list(fake, "by", by_word, 1);
	fake_set_number(fake, "n", 2);
	fake_set_string(fake, "of", of);
	fake_set_string(fake, "take", take);
	fake->window = &minutes;
	fake_opened(fake);
	early = fake_accumulator(fake);
	late = fake_accumulator(fake);
	for (i = 0; i < count; i++)
		CHECK_INT(fake_add(fake, i < count / 2 ? &early : &late,
				   rows[i], 4, (int64_t)i),
			  0);
	CHECK_INT(fake_merge(fake, &early, &late), 0);
	CHECK_INT(fake_result(fake, &window, &early), 0);
	CHECK_STR(fake->emitted.data, expected);
	fake_drop(&early);
	fake_drop(&late);
	return fake;
}

TEST(a_window_of_the_topology_has_a_ranking)
{
#define ROW(word, n, price)                                                    \
	{                                                                      \
		{ .type = GUST_STRING, .length = 2, .as.data = "is" },         \
			{ .type = GUST_STRING, .length = 1, .as.data = word }, \
			{ .type = GUST_INT, .as.integer = n },                 \
			{ .type = GUST_FLOAT, .as.number = price },            \
	}
	static const struct gust_value rows[][4] = {
		ROW("b", 5, 1.5), ROW("a", 1, 0.5), ROW("c", 9, -1),
		ROW("b", 1, 0.5), ROW("a", 3, 7),   ROW("d", -1, 1),
	};
	struct fake *fake;

	fake = ranked(NULL, "sum", rows, 6,
		      "is\t0\t60\t1\ta\t2\nis\t0\t60\t2\tb\t2\n");
	CHECK_UINT(fake->column_count, 6);
	CHECK_STR(fake->columns[0].name, "country");
	CHECK_STR(fake->columns[3].name, "rank");
	CHECK_STR(fake->columns[5].name, "count");
	/* There are no others. */
	CHECK_INT(fake->bolt->tick(fake->instance, (void *)fake), 0);
	CHECK_INT(fake_finish(fake), 0);
	CHECK_UINT(fake->emits, 2);
	fake_destroy(fake);
	fake_destroy(ranked("n", "sum", rows, 6,
			    "is\t0\t60\t1\tc\t9\nis\t0\t60\t2\tb\t6\n"));
	fake_destroy(ranked("n", "last", rows, 6,
			    "is\t0\t60\t1\tc\t9\nis\t0\t60\t2\ta\t3\n"));
	fake_destroy(ranked("price", "max", rows, 6,
			    "is\t0\t60\t1\ta\t7\n"
			    "is\t0\t60\t2\tb\t1.5\n"));
	fake_destroy(ranked("n", "sum", rows, 0, ""));
}

TEST(ties_are_told_when_asked_for)
{
	struct fake *fake = create(2, NULL, "sum", 0);

	fake_set_number(fake, "ties", 1);
	fake_opened(fake);
	tick(fake, "");
	spell(fake, "dcbaabzzz");
	tick(fake, "1\tz\t3\n2\ta\t2\n3\tb\t2\n");
	spell(fake, "cd");
	tick(fake, "1\tz\t3\n2\ta\t2\n3\tb\t2\n4\tc\t2\n5\td\t2\n");
	spell(fake, "aaa");
	finish(fake, "1\ta\t5\n2\tz\t3\n");
}

TEST(two_kinds_of_windows_are_refused)
{
	struct fake *fake = create(3, NULL, "sum", 3);

	fake->window = &minutes;
	fake_refuse(fake, -EINVAL,
		    "option 'window' has no meaning beside 'window' of the "
		    "component, expected one of them");
}
