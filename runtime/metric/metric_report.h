/* SPDX-License-Identifier: MIT */
#ifndef METRIC_METRIC_REPORT_H
#define METRIC_METRIC_REPORT_H

/*
 * Metrics as JSON, for the report of a run. Each function returns a new
 * reference, or NULL when memory is short. Any thread.
 */

#include <stddef.h>

#include <jansson.h>

#include "metric/metric_set.h"

/*
 * {"count", "min", "mean", "max", "p50", "p90", "p99", "p999"}; of an empty
 * histogram {"count": 0} alone. Values above INT64_MAX read as that.
 */
json_t *metric_report_histogram(const struct gust_histogram *histogram);

/*
 * The metrics that the tasks of one component have named for themselves:
 * {"counters": {NAME: sum}, "gauges": {NAME: [one a task]},
 * "histograms": {NAME: all of them merged}}. NULLs among the `count` sets are
 * passed over, and so are kinds of which there are none.
 */
json_t *metric_report_sets(const struct metric_set *const *sets, size_t count);

#endif
