/* SPDX-License-Identifier: MIT */
#ifndef METRIC_GAUGE_H
#define METRIC_GAUGE_H

/*
 * A number that goes up and down. One thread sets it, any thread may read
 * meanwhile. A zeroed gauge is at 0.
 */

#include <gust/task.h>

/* Plugins know it by this name, and set it with gust_gauge_set(). */
struct gust_gauge {
	double value;
};

double gauge_value(const struct gust_gauge *gauge);

#endif
