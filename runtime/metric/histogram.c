/* SPDX-License-Identifier: MIT */

#include "metric/histogram.h"

static uint64_t histogram_load(const uint64_t *value)
{
	return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void histogram_raise(uint64_t *to, uint64_t value)
{
	if (value > histogram_load(to))
		__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

void histogram_merge(struct gust_histogram *into,
		     const struct gust_histogram *from)
{
	uint64_t sum = histogram_load(&into->sum);
	uint64_t more = histogram_load(&from->sum);

	sum = more > UINT64_MAX - sum ? UINT64_MAX : sum + more;
	__atomic_store_n(&into->sum, sum, __ATOMIC_RELAXED);
	histogram_raise(&into->high, histogram_load(&from->high));
	histogram_raise(&into->low, histogram_load(&from->low));
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram_add(&into->buckets[i],
			      histogram_load(&from->buckets[i]));
}

uint64_t histogram_count(const struct gust_histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += histogram_load(&histogram->buckets[i]);
	return count;
}

uint64_t histogram_min(const struct gust_histogram *histogram)
{
	uint64_t low = histogram_load(&histogram->low);

	/* Only an empty one, or one of nothing but UINT64_MAX, has none. */
	if (low == 0 && histogram_load(&histogram->high) == 0)
		return 0;
	return ~low;
}

uint64_t histogram_max(const struct gust_histogram *histogram)
{
	return histogram_load(&histogram->high);
}

double histogram_mean(const struct gust_histogram *histogram)
{
	/* The sum first: what is recorded meanwhile must not raise the mean. */
	uint64_t sum = histogram_load(&histogram->sum);
	uint64_t count = histogram_count(histogram);

	if (count == 0)
		return 0;
	return (double)sum / (double)count;
}

/* The highest value that falls into a bucket. */
static uint64_t histogram_upper(unsigned index)
{
	unsigned shift;
	uint64_t step;

	if (index < 2 * HISTOGRAM_PER_OCTAVE)
		return index;
	shift = (index >> HISTOGRAM_BITS) - 1;
	step = index - (shift << HISTOGRAM_BITS);
	/* For the last bucket this wraps around to UINT64_MAX. */
	return ((step + 1) << shift) - 1;
}

/* How many values, at least one, lie at or below the quantile. */
static uint64_t histogram_rank(uint64_t count, double quantile)
{
	double rank;

	if (!(quantile > 0))
		return 1;
	rank = quantile * (double)count;
	if (quantile >= 1 || rank >= (double)count)
		return count;
	if (rank > (double)(uint64_t)rank)
		rank += 1;
	return rank < 1 ? 1 : (uint64_t)rank;
}

uint64_t histogram_quantile(const struct gust_histogram *histogram,
			    double quantile)
{
	uint64_t count = histogram_count(histogram);
	uint64_t high = histogram_max(histogram);
	uint64_t rank, seen = 0, upper;

	if (count == 0)
		return 0;
	rank = histogram_rank(count, quantile);
	/* Counts only grow, so the rank is found even while it is in use. */
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram_load(&histogram->buckets[i]);
		if (seen < rank)
			continue;
		upper = histogram_upper(i);
		return upper < high ? upper : high;
	}
	return high;
}

void gust_histogram_record(struct gust_histogram *histogram, uint64_t value)
{
	if (histogram != NULL)
		histogram_record(histogram, value);
}
