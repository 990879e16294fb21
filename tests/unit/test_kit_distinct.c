/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <math.h>

#include <gust/kit/distinct.h>

/* The finaliser of MurmurHash3: it spreads a count over all bits. */
static uint64_t hash(uint64_t n)
{
	n = (n ^ n >> 33) * UINT64_C(0xff51afd7ed558ccd);
	n = (n ^ n >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return n ^ n >> 33;
}

static double estimate(const struct flat *flat)
{
	return (double)distinct_estimate(flat->data, flat->size);
}

TEST(few_values_are_exact)
{
	struct flat flat = flat_heap();
	uint64_t i, k;

	CHECK_UINT(distinct_estimate(NULL, 0), 0);
	for (i = 1; i <= 1000; i++)
		for (k = 1; k <= 3; k++) {
			CHECK_INT(distinct_add(&flat, hash(i)), 0);
			CHECK_UINT(distinct_estimate(flat.data, flat.size), i);
		}
	CHECK(flat.size <= 8200);
	flat_free(&flat);
}

/* 1.04 / sqrt(2^14) is one standard deviation: none of some hundred estimates
 * is off by four, and their mean square is about one. */
TEST(the_error_is_that_of_the_paper)
{
	static const uint64_t counts[] = { 1537,  3000,  10000, 30000,
					   41000, 80000, 200000 };
	const double sigma = 1.04 / sqrt(1 << 14);
	double off, squares = 0, sum = 0;
	size_t i, runs = 0;
	uint64_t start, n;

	for (start = 1; start <= 30; start++) {
		struct flat flat = flat_heap();

		for (n = 0, i = 0; i < 7; i++) {
			for (; n < counts[i]; n++)
				distinct_add(&flat, hash(start << 40 | n));
			off = (estimate(&flat) / (double)n - 1) / sigma;
			CHECK(fabs(off) < 4);
			squares += off * off;
			sum += off;
			runs++;
		}
		CHECK_UINT(flat.size, 8 + (1 << 14));
		flat_free(&flat);
	}
	/* Within smaller counts it is better than that. */
	CHECK(sqrt(squares / (double)runs) < 1.2);
	CHECK(sqrt(squares / (double)runs) > 0.3);
	CHECK(fabs(sum / (double)runs) < 0.3);
}

TEST(what_is_merged_is_as_if_added)
{
	static const uint64_t counts[] = { 0, 1, 12, 13, 500, 2000, 100000 };
	size_t a, b;
	uint64_t i;

	for (a = 0; a < 7; a++)
		for (b = 0; b < 7; b++) {
			struct flat left = flat_heap(), right = flat_heap();
			struct flat all = flat_heap();

			for (i = 0; i < counts[a]; i++) {
				distinct_add(&left, hash(i));
				distinct_add(&all, hash(i));
			}
			/* Half of the lesser are in both. */
			for (i = counts[a] / 2; i < counts[a] / 2 + counts[b];
			     i++) {
				distinct_add(&right, hash(i));
				distinct_add(&all, hash(i));
			}
			CHECK_INT(distinct_merge(&left, right.data, right.size),
				  0);
			CHECK_UINT(distinct_estimate(left.data, left.size),
				   distinct_estimate(all.data, all.size));
			flat_free(&left);
			flat_free(&right);
			flat_free(&all);
		}
}

TEST(the_order_does_not_matter)
{
	struct flat up = flat_heap(), down = flat_heap();
	uint64_t i;

	for (i = 0; i < 5000; i++) {
		distinct_add(&up, hash(i));
		distinct_add(&down, hash(4999 - i));
	}
	CHECK_MEM(up.data, up.size, down.data, down.size);
	flat_free(&up);
	flat_free(&down);
}

TEST(extreme_hashes_are_values_as_others)
{
	struct flat flat = flat_heap();
	uint64_t i;

	CHECK_INT(distinct_add(&flat, 0), 0);
	CHECK_INT(distinct_add(&flat, 0), 0);
	CHECK_UINT(distinct_estimate(flat.data, flat.size), 1);
	CHECK_INT(distinct_add(&flat, UINT64_MAX), 0);
	CHECK_UINT(distinct_estimate(flat.data, flat.size), 2);
	for (i = 0; i < 2000; i++)
		distinct_add(&flat, hash(i));
	distinct_add(&flat, 0);
	distinct_add(&flat, UINT64_MAX);
	CHECK(fabs(estimate(&flat) / 2002 - 1) < 0.03);
	flat_free(&flat);
}
