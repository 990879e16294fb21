/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <math.h>

#include <gust/kit/heavy.h>
#include <gust/kit/row.h>

#define KEYS 20000

static const struct heavy_kind all = { HEAVY_SUM, 0 };
static struct buffer row, found;

static int add(struct flat *flat, const struct heavy_kind *kind, int64_t key,
	       struct gust_value number)
{
	const struct gust_value value = gust_int(key);

	row.used = 0;
	CHECK_INT(row_append(&row, &value, 1), 0);
	return heavy_add(flat, kind, (struct gust_text){ row.data, row.used },
			 number);
}

static int rank(const struct flat *flat, size_t most)
{
	return heavy_rank(flat->data, flat->size, most, false, &found);
}

static int64_t key(int i)
{
	const struct heavy_key *keys = (void *)found.data;
	struct gust_value value;

	CHECK(row_read(keys[i].key, &value, 1));
	return value.as.integer;
}

static struct gust_value number(int i)
{
	return ((const struct heavy_key *)(void *)found.data)[i].number;
}

TEST(without_a_limit_it_is_exact)
{
	struct flat flat = flat_heap();
	int64_t i, k;

	CHECK_INT(rank(&flat, 5), 0);
	for (i = 0; i < 300; i++)
		for (k = 0; k <= i; k++)
			CHECK_INT(add(&flat, &all, i, gust_int(2)), 0);
	CHECK_INT(rank(&flat, 1000), 300);
	for (i = 0; i < 300; i++) {
		CHECK_INT(key((int)i), 299 - i);
		CHECK_INT(number((int)i).as.integer, 2 * (300 - i));
	}
	CHECK_INT(rank(&flat, 3), 3);
	CHECK_INT(key(2), 297);
	CHECK_INT(rank(&flat, 0), 0);
	CHECK_UINT(heavy_error(flat.data, flat.size), 0);
	flat_free(&flat);
}

TEST(equal_numbers_are_in_the_order_of_their_keys)
{
	struct flat flat = flat_heap();
	int i;

	for (i = 99; i >= 0; i--)
		CHECK_INT(add(&flat, &all, i - 50, gust_int(1)), 0);
	CHECK_INT(rank(&flat, 10), 10);
	for (i = 0; i < 10; i++)
		CHECK_INT(key(i), i - 50);
	flat_free(&flat);
}

/* Which key comes: some often, many seldom. */
static int64_t draw(uint64_t *seed)
{
	double u;

	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	u = (double)(*seed >> 11) / (double)(UINT64_C(1) << 53);
	return (int64_t)(KEYS * u * u * u * u);
}

/* No count is too high, nor lower than it says; that is within the bound. */
static void check_bounds(const struct flat *flat, const int64_t *counts,
			 int64_t sum, int64_t most)
{
	const int64_t error = (int64_t)heavy_error(flat->data, flat->size);
	int64_t seen[KEYS] = { 0 };
	const int n = rank(flat, KEYS);
	int i;

	CHECK(error <= sum / most);
	CHECK(n <= 2 * most);
	for (i = 0; i < n; i++)
		seen[key(i)] = number(i).as.integer;
	for (i = 0; i < KEYS; i++) {
		CHECK(seen[i] <= counts[i]);
		CHECK(seen[i] + error >= counts[i]);
	}
}

TEST(with_a_limit_it_is_as_exact_as_it_says)
{
	static const uint32_t limits[] = { 1, 10, 100, 1000 };
	struct heavy_kind kind = { HEAVY_SUM, 0 };
	int64_t counts[KEYS];
	uint64_t seed = 5;
	size_t l;
	int64_t i, k;

	for (l = 0; l < 4; l++) {
		struct flat flat = flat_heap();

		kind.most = limits[l];
		memset(counts, 0, sizeof(counts));
		for (i = 0; i < 200000; i++) {
			k = draw(&seed);
			counts[k]++;
			CHECK_INT(add(&flat, &kind, k, gust_int(1)), 0);
		}
		check_bounds(&flat, counts, i, kind.most);
		CHECK(heavy_error(flat.data, flat.size) > 0);
		flat_free(&flat);
	}
}

TEST(parts_are_as_exact_as_the_whole)
{
	const struct heavy_kind kind = { HEAVY_SUM, 100 };
	struct flat whole = flat_heap(), part = flat_heap();
	int64_t counts[KEYS] = { 0 }, i, k;
	uint64_t seed = 9;

	for (i = 0; i < 200000; i++) {
		k = draw(&seed);
		counts[k]++;
		CHECK_INT(add(&part, &kind, k, gust_int(1)), 0);
		if (i % 7777 != 0)
			continue;
		CHECK_INT(heavy_merge(&whole, &kind, part.data, part.size), 0);
		part.size = 0;
	}
	CHECK_INT(heavy_merge(&whole, &kind, part.data, part.size), 0);
	check_bounds(&whole, counts, i, kind.most);
	flat_free(&whole);
	flat_free(&part);
}

TEST(up_to_twice_the_limit_it_is_exact)
{
	const struct heavy_kind kind = { HEAVY_SUM, 50 };
	struct flat flat = flat_heap();
	int i;

	for (i = 0; i < 1000; i++)
		CHECK_INT(add(&flat, &kind, i % 100, gust_int(1)), 0);
	CHECK_UINT(heavy_error(flat.data, flat.size), 0);
	CHECK_INT(rank(&flat, 1000), 100);
	CHECK_INT(add(&flat, &kind, 100, gust_int(1)), 0);
	CHECK_UINT(heavy_error(flat.data, flat.size), 10);
	CHECK_INT(rank(&flat, 1000), 1);
	flat_free(&flat);
}

static void check_take(enum heavy_take take, struct gust_value a,
		       struct gust_value b, struct gust_value expected)
{
	const struct heavy_kind kind = { take, 0 };
	struct flat early = flat_heap(), late = flat_heap();

	CHECK_INT(add(&early, &kind, 1, a), 0);
	CHECK_INT(add(&late, &kind, 1, b), 0);
	CHECK_INT(heavy_merge(&early, &kind, late.data, late.size), 0);
	CHECK_INT(rank(&early, 1), 1);
	CHECK_UINT(number(0).type, expected.type);
	CHECK_INT(number(0).as.integer, expected.as.integer);
	flat_free(&early);
	flat_free(&late);
}

TEST(sums_maxima_and_the_last)
{
	check_take(HEAVY_SUM, gust_int(3), gust_int(-5), gust_int(-2));
	check_take(HEAVY_MAX, gust_int(3), gust_int(-5), gust_int(3));
	check_take(HEAVY_MAX, gust_int(-5), gust_int(3), gust_int(3));
	check_take(HEAVY_LAST, gust_int(3), gust_int(-5), gust_int(-5));
	check_take(HEAVY_SUM, gust_float(0.5), gust_float(1.25),
		   gust_float(1.75));
	check_take(HEAVY_MAX, gust_float(0.5), gust_float(1.25),
		   gust_float(1.25));
	check_take(HEAVY_LAST, gust_float(2.5), gust_float(1.25),
		   gust_float(1.25));
	check_take(HEAVY_SUM, gust_int(INT64_MAX), gust_int(1),
		   gust_int(INT64_MAX));
	check_take(HEAVY_SUM, gust_int(INT64_MIN), gust_int(-1),
		   gust_int(INT64_MIN));
}

TEST(ties_are_told_when_asked_for)
{
	static const int64_t numbers[] = { 5, 3, 9, 3, 5, 3, 1 };
	static const int counts[] = { 0, 1, 3, 3, 6, 6, 6, 7, 7 };
	struct flat flat = flat_heap();
	int i;

	for (i = 6; i >= 0; i--)
		CHECK_INT(add(&flat, &all, i, gust_int(numbers[i])), 0);
	for (i = 0; i <= 8; i++)
		CHECK_INT(heavy_rank(flat.data, flat.size, (size_t)i, true,
				     &found),
			  counts[i]);
	CHECK_INT(heavy_rank(flat.data, flat.size, 5, true, &found), 6);
	CHECK_INT(key(0), 2);
	CHECK_INT(key(2), 4);
	CHECK_INT(key(3), 1);
	CHECK_INT(key(5), 5);
	flat_free(&flat);
}

TEST(long_keys_and_empty_ones)
{
	struct flat flat = flat_heap();
	char *text = calloc(1, 300001);
	struct gust_value value;
	const struct heavy_key *keys;
	int i;

	memset(text, 'x', 300000);
	for (i = 0; i < 4; i++) {
		value = gust_string(text, (size_t)i * 100000);
		row.used = 0;
		CHECK_INT(row_append(&row, &value, 1), 0);
		CHECK_INT(heavy_add(&flat, &all,
				    (struct gust_text){ row.data, row.used },
				    gust_int(i)),
			  0);
	}
	CHECK_INT(rank(&flat, 9), 4);
	keys = (void *)found.data;
	CHECK_UINT(keys[0].key.length, 300008);
	CHECK_UINT(keys[3].key.length, 8);
	free(text);
	flat_free(&flat);
	buffer_destroy(&row);
	buffer_destroy(&found);
}
