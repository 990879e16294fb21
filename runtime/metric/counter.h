/* SPDX-License-Identifier: MIT */
#ifndef METRIC_COUNTER_H
#define METRIC_COUNTER_H

/*
 * A number that only grows. One thread adds, any thread may read meanwhile. A
 * zeroed counter is at 0.
 */

#include <stdint.h>

#include <gust/task.h>

/* Plugins know it by this name, and add with gust_counter_add(). */
struct gust_counter {
	uint64_t value;
};

uint64_t counter_value(const struct gust_counter *counter);

#endif
