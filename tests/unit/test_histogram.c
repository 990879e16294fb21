/* SPDX-License-Identifier: MIT */

#include "metric/histogram.h"

#include <pthread.h>

#include "base/random.h"
#include "test.h"

static struct gust_histogram *make(void)
{
	return calloc(1, sizeof(struct gust_histogram));
}

TEST(an_empty_one_says_zero)
{
	struct gust_histogram *histogram = make();

	CHECK_UINT(histogram_count(histogram), 0);
	CHECK_UINT(histogram_min(histogram), 0);
	CHECK_UINT(histogram_max(histogram), 0);
	CHECK_FLOAT(histogram_mean(histogram), 0.0);
	CHECK_UINT(histogram_quantile(histogram, 0.5), 0);
	free(histogram);
}

TEST(buckets_follow_each_other_without_a_gap)
{
	unsigned last = 0;

	CHECK_UINT(histogram_index(0), 0);
	for (uint64_t value = 1; value < 100000; value++) {
		unsigned index = histogram_index(value);

		CHECK(index == last || index == last + 1);
		last = index;
	}
	for (int bit = 6; bit < 64; bit++) {
		uint64_t power = UINT64_C(1) << bit;

		CHECK_UINT(histogram_index(power),
			   histogram_index(power - 1) + 1);
	}
	CHECK_UINT(histogram_index(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

/* What one value reads as when a larger one hides the exact maximum. */
static uint64_t read_back(uint64_t value)
{
	struct gust_histogram *histogram = make();
	uint64_t result;

	histogram_record(histogram, value);
	histogram_record(histogram, UINT64_MAX);
	result = histogram_quantile(histogram, 0.5);
	free(histogram);
	return result;
}

TEST(small_values_are_exact)
{
	for (uint64_t value = 0; value < 64; value++)
		CHECK_UINT(read_back(value), value);
	CHECK_UINT(read_back(64), 65);
}

TEST(others_are_within_a_32nd)
{
	struct random random;

	random_seed(&random, 1);
	for (int i = 0; i < 2000; i++) {
		uint64_t value = random_next(&random) >> (i % 60);
		uint64_t found = read_back(value);

		CHECK(found >= value);
		CHECK((double)(found - value) <= (double)value / 32);
	}
	CHECK_UINT(read_back(UINT64_MAX), UINT64_MAX);
}

TEST(quantiles_of_one_to_a_thousand)
{
	struct gust_histogram *histogram = make();

	for (uint64_t value = 1; value <= 1000; value++)
		histogram_record(histogram, value);
	CHECK_UINT(histogram_count(histogram), 1000);
	CHECK_UINT(histogram_min(histogram), 1);
	CHECK_UINT(histogram_max(histogram), 1000);
	CHECK_FLOAT(histogram_mean(histogram), 500.5);
	CHECK_UINT(histogram_quantile(histogram, -1), 1);
	CHECK_UINT(histogram_quantile(histogram, 0), 1);
	CHECK_UINT(histogram_quantile(histogram, 0.05), 50);
	CHECK_NEAR((double)histogram_quantile(histogram, 0.5), 500, 16);
	CHECK_NEAR((double)histogram_quantile(histogram, 0.99), 990, 32);
	CHECK_UINT(histogram_quantile(histogram, 1), 1000);
	CHECK_UINT(histogram_quantile(histogram, 2), 1000);
	free(histogram);
}

TEST(a_quantile_is_the_value_at_its_rank)
{
	struct gust_histogram *histogram = make();

	histogram_record(histogram, 1);
	histogram_record(histogram, 2);
	histogram_record(histogram, 3);
	CHECK_UINT(histogram_quantile(histogram, 0.33), 1);
	CHECK_UINT(histogram_quantile(histogram, 0.34), 2);
	CHECK_UINT(histogram_quantile(histogram, 0.66), 2);
	CHECK_UINT(histogram_quantile(histogram, 0.67), 3);
	free(histogram);
}

TEST(the_ends_of_the_range_are_kept)
{
	struct gust_histogram *histogram = make();

	histogram_record(histogram, UINT64_MAX);
	CHECK_UINT(histogram_min(histogram), UINT64_MAX);
	histogram_record(histogram, UINT64_MAX);
	CHECK_UINT(histogram_max(histogram), UINT64_MAX);
	CHECK_UINT(histogram_quantile(histogram, 0.5), UINT64_MAX);
	CHECK_NEAR(histogram_mean(histogram), 0x1p63, 1);
	histogram_record(histogram, 0);
	CHECK_UINT(histogram_min(histogram), 0);
	CHECK_UINT(histogram_quantile(histogram, 0), 0);
	free(histogram);
}

TEST(a_merge_is_as_if_recorded_together)
{
	struct gust_histogram *parts[2] = { make(), make() };
	struct gust_histogram *all = make(), *merged = make();
	struct random random;

	random_seed(&random, 2);
	for (int i = 0; i < 10000; i++) {
		uint64_t value = random_next(&random) >> (i % 64);

		histogram_record(parts[i % 2], value);
		histogram_record(all, value);
	}
	histogram_merge(merged, parts[0]);
	histogram_merge(merged, parts[1]);
	CHECK_MEM(merged, sizeof(*merged), all, sizeof(*all));
	free(parts[0]);
	free(parts[1]);
	free(all);
	free(merged);
}

TEST(plugins_record_or_have_none)
{
	struct gust_histogram *histogram = make();

	gust_histogram_record(histogram, 7);
	gust_histogram_record(NULL, 7);
	CHECK_UINT(histogram_max(histogram), 7);
	CHECK_UINT(histogram_count(histogram), 1);
	free(histogram);
}

static void *record_many(void *data)
{
	for (uint64_t i = 0; i < 200000; i++)
		histogram_record(data, i % 1000);
	return NULL;
}

TEST(another_thread_reads_meanwhile)
{
	struct gust_histogram *histogram = make();
	uint64_t count = 0;
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, record_many, histogram), 0);
	while (count < 200000) {
		uint64_t now = histogram_count(histogram);

		CHECK(now >= count);
		CHECK(histogram_quantile(histogram, 0.9) < 1000);
		CHECK(histogram_mean(histogram) < 1000);
		count = now;
	}
	pthread_join(thread, NULL);
	CHECK_UINT(histogram_max(histogram), 999);
	CHECK_FLOAT(histogram_mean(histogram), 499.5);
	free(histogram);
}
