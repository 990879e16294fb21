/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <math.h>

#include <gust/kit/digest.h>

#define NUMBERS 100000

static const double shares[] = { 0,    0.001, 0.01, 0.1,   0.25, 0.5,
				 0.75, 0.9,   0.99, 0.999, 1 };
#define SHARES (sizeof(shares) / sizeof(shares[0]))

static uint64_t seed;

/* From 0 to 1. */
static double draw(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / (double)(UINT64_C(1) << 53);
}

/* Of several shapes: even, long tails, few values, sorted both ways. */
static double number(int shape, int i)
{
	switch (shape) {
	case 0:
		return draw();
	case 1:
		return exp(8 * draw()) - 4;
	case 2:
		return floor(10 * draw());
	case 3:
		return i;
	case 4:
		return -i;
	default:
		return draw() < 0.5 ? 1e9 * draw() : 1e-9 * draw();
	}
}

static int compare(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

/* What the header promises of the rank, and one number for rounding. */
static void check_rank(const double *sorted, size_t n, double q, double value)
{
	const double slack = 0.028 * sqrt(q * (1 - q)) + 1.5 / (double)n;
	size_t below = 0, upto = 0;

	while (below < n && sorted[below] < value)
		below++;
	for (upto = below; upto < n && sorted[upto] <= value;)
		upto++;
	CHECK((double)below / (double)n <= q + slack);
	CHECK((double)upto / (double)n >= q - slack);
}

static void check_shares(const double *sorted, size_t n,
			 const struct flat *flat)
{
	size_t i;

	for (i = 0; i < SHARES; i++)
		check_rank(sorted, n, shares[i],
			   digest_quantile(flat->data, flat->size, shares[i]));
	CHECK(digest_quantile(flat->data, flat->size, 0) == sorted[0]);
	CHECK(digest_quantile(flat->data, flat->size, 1) == sorted[n - 1]);
}

TEST(ranks_are_within_what_is_promised)
{
	double *all = malloc(NUMBERS * sizeof(*all));
	int shape, i;

	for (shape = 0; shape < 6; shape++) {
		struct flat flat = flat_heap();

		seed = (uint64_t)shape;
		for (i = 0; i < NUMBERS; i++) {
			all[i] = number(shape, i);
			CHECK_INT(digest_add(&flat, all[i]), 0);
		}
		qsort(all, NUMBERS, sizeof(*all), compare);
		check_shares(all, NUMBERS, &flat);
		CHECK(flat.size <= 8224);
		flat_free(&flat);
	}
	free(all);
}

TEST(it_does_not_matter_who_has_added_them)
{
	double *all = malloc(NUMBERS * sizeof(*all));
	int parts, shape, i;

	for (parts = 2; parts <= 1000; parts *= 20)
		for (shape = 0; shape < 6; shape++) {
			struct flat whole = flat_heap(), part = flat_heap();

			seed = 77;
			for (i = 0; i < NUMBERS; i++) {
				all[i] = number(shape, i);
				CHECK_INT(digest_add(&part, all[i]), 0);
				if ((i + 1) % (NUMBERS / parts) != 0)
					continue;
				CHECK_INT(digest_merge(&whole, part.data,
						       part.size),
					  0);
				part.size = 0;
			}
			CHECK_INT(digest_merge(&whole, part.data, part.size),
				  0);
			qsort(all, NUMBERS, sizeof(*all), compare);
			check_shares(all, NUMBERS, &whole);
			flat_free(&whole);
			flat_free(&part);
		}
	free(all);
}

TEST(few_numbers_are_exact)
{
	struct flat flat = flat_heap();
	int i;

	CHECK(isnan(digest_quantile(NULL, 0, 0.5)));
	CHECK_INT(digest_add(&flat, 3), 0);
	CHECK(digest_quantile(flat.data, flat.size, 0) == 3);
	CHECK(digest_quantile(flat.data, flat.size, 0.5) == 3);
	CHECK(digest_quantile(flat.data, flat.size, 1) == 3);
	CHECK_UINT(flat.size, 288);
	CHECK_INT(digest_add(&flat, 1), 0);
	CHECK(digest_quantile(flat.data, flat.size, 0.5) == 2);
	for (i = 4; i <= 102; i++)
		CHECK_INT(digest_add(&flat, i % 2 == 0 ? i : 206 - i), 0);
	/* 1, 3, then the even ones, and the odd ones from 104 on. */
	CHECK(digest_quantile(flat.data, flat.size, 0.5 / 101) == 1);
	CHECK(digest_quantile(flat.data, flat.size, 1.5 / 101) == 3);
	CHECK(digest_quantile(flat.data, flat.size, 2.5 / 101) == 4);
	CHECK(digest_quantile(flat.data, flat.size, 1) == 201);
	flat_free(&flat);
}

TEST(hazen_between_two_numbers)
{
	static const struct {
		double q, expected;
	} cases[] = { { 0, 1 },    { 0.125, 1 }, { 0.25, 1.5 }, { 0.5, 2.5 },
		      { 0.75, 6 }, { 0.875, 9 }, { 1, 9 } };
	struct flat flat = flat_heap();
	size_t i;

	digest_add(&flat, 9);
	digest_add(&flat, 2);
	digest_add(&flat, 1);
	digest_add(&flat, 3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(digest_quantile(flat.data, flat.size, cases[i].q) ==
		      cases[i].expected);
	flat_free(&flat);
}

TEST(what_is_no_number_counts_for_nothing)
{
	struct flat flat = flat_heap();

	CHECK_INT(digest_add(&flat, NAN), 0);
	CHECK_INT(digest_add(&flat, INFINITY), 0);
	CHECK_INT(digest_add(&flat, -INFINITY), 0);
	CHECK_UINT(flat.size, 0);
	flat_free(&flat);
}

TEST(numbers_may_be_as_far_apart_as_they_can)
{
	struct flat flat = flat_heap();
	double value;
	int i;

	for (i = 0; i < 10000; i++)
		CHECK_INT(digest_add(&flat, i % 2 ? 1.7e308 : -1.7e308), 0);
	for (i = 0; i <= 100; i++) {
		value = digest_quantile(flat.data, flat.size, i / 100.0);
		CHECK(isfinite(value));
		CHECK(i < 49 ? value == -1.7e308 : true);
		CHECK(i > 51 ? value == 1.7e308 : true);
	}
	flat_free(&flat);
}
