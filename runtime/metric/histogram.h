/* SPDX-License-Identifier: MIT */
#ifndef METRIC_HISTOGRAM_H
#define METRIC_HISTOGRAM_H

/*
 * How values spread, in fixed memory (15 KiB), for any 64-bit values.
 *
 * Buckets are log-linear, as in Gil Tene's HdrHistogram
 * (http://hdrhistogram.org/): 32 equal ones for each power of two, so values
 * below 64 are exact and any other is off by less than 2^-5 of itself.
 *
 * One thread records. Any thread may read meanwhile: all is loaded and stored
 * with relaxed atomics, and what a reader sees may lack the latest values.
 * A zeroed histogram is an empty one.
 */

#include <stdint.h>

#include <gust/task.h>

#define HISTOGRAM_BITS 5
#define HISTOGRAM_PER_OCTAVE (1u << HISTOGRAM_BITS)
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) * HISTOGRAM_PER_OCTAVE)

/* Plugins know it by this name. All members are private. */
struct gust_histogram {
	uint64_t sum; /* stays at UINT64_MAX once it is there */
	uint64_t low; /* the complement of the lowest value; 0 if empty */
	uint64_t high;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Adds to what only the calling thread writes. */
static inline void histogram_add(uint64_t *value, uint64_t amount)
{
	uint64_t before = __atomic_load_n(value, __ATOMIC_RELAXED);

	__atomic_store_n(value, before + amount, __ATOMIC_RELAXED);
}

/* The bucket of a value. */
static inline unsigned histogram_index(uint64_t value)
{
	unsigned shift;

	if (value < HISTOGRAM_PER_OCTAVE)
		return (unsigned)value;
	shift = 63 - HISTOGRAM_BITS - (unsigned)__builtin_clzll(value);
	return (shift << HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* Records a value. The writer's thread only. */
static inline void histogram_record(struct gust_histogram *histogram,
				    uint64_t value)
{
	uint64_t sum = __atomic_load_n(&histogram->sum, __ATOMIC_RELAXED);

	sum = value > UINT64_MAX - sum ? UINT64_MAX : sum + value;
	__atomic_store_n(&histogram->sum, sum, __ATOMIC_RELAXED);
	if (value > histogram->high)
		__atomic_store_n(&histogram->high, value, __ATOMIC_RELAXED);
	if (~value > histogram->low)
		__atomic_store_n(&histogram->low, ~value, __ATOMIC_RELAXED);
	histogram_add(&histogram->buckets[histogram_index(value)], 1);
}

/* Adds the values of `from`, which may be in use, to those of `into`. */
void histogram_merge(struct gust_histogram *into,
		     const struct gust_histogram *from);

/* How many values were recorded. */
uint64_t histogram_count(const struct gust_histogram *histogram);

/* The exact lowest and highest value; 0 when there is none. */
uint64_t histogram_min(const struct gust_histogram *histogram);
uint64_t histogram_max(const struct gust_histogram *histogram);

/* The mean, 0 when there is none; too low once the sum is at its limit. */
double histogram_mean(const struct gust_histogram *histogram);

/*
 * The value that a part `quantile`, from 0 to 1, of all values does not
 * exceed: the upper end of its bucket, but no more than the highest value. 0
 * when there is none.
 */
uint64_t histogram_quantile(const struct gust_histogram *histogram,
			    double quantile);

#endif
