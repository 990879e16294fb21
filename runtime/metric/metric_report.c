/* SPDX-License-Identifier: MIT */

#include "metric/metric_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *metric_report_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *metric_report_histogram(const struct gust_histogram *histogram)
{
	static const struct {
		const char *name;
		double quantile;
	} quantiles[] = {
		{ "p50", 0.5 },
		{ "p90", 0.9 },
		{ "p99", 0.99 },
		{ "p999", 0.999 },
	};
	uint64_t count = histogram_count(histogram);
	json_t *report = json_object();
	int r = 0;

	r |= json_object_set_new(report, "count", metric_report_number(count));
	if (count == 0)
		goto done;
	r |= json_object_set_new(
		report, "min", metric_report_number(histogram_min(histogram)));
	r |= json_object_set_new(report, "mean",
				 json_real(histogram_mean(histogram)));
	r |= json_object_set_new(
		report, "max", metric_report_number(histogram_max(histogram)));
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		uint64_t value =
			histogram_quantile(histogram, quantiles[i].quantile);

		r |= json_object_set_new(report, quantiles[i].name,
					 metric_report_number(value));
	}
done:
	if (r == 0)
		return report;
	json_decref(report);
	return NULL;
}

static const struct metric *metric_report_find(const struct metric_set *set,
					       const struct metric *like)
{
	const struct metric *metric;

	if (set == NULL)
		return NULL;
	for (metric = metric_set_first(set); metric != NULL;
	     metric = metric_next(metric)) {
		if (metric->kind == like->kind &&
		    strcmp(metric->name, like->name) == 0)
			return metric;
	}
	return NULL;
}

static json_t *metric_report_counter(const struct metric_set *const *sets,
				     size_t count, const struct metric *like)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct metric *metric = metric_report_find(sets[i], like);

		if (metric != NULL)
			sum += counter_value(metric->as.counter);
	}
	return metric_report_number(sum);
}

static json_t *metric_report_gauge(const struct metric_set *const *sets,
				   size_t count, const struct metric *like)
{
	json_t *values = json_array();
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		const struct metric *metric = metric_report_find(sets[i], like);
		double value;

		if (metric == NULL)
			continue;
		value = gauge_value(metric->as.gauge);
		/* JSON knows no infinity. */
		r |= json_array_append_new(values, isfinite(value)
							   ? json_real(value)
							   : json_null());
	}
	if (r == 0)
		return values;
	json_decref(values);
	return NULL;
}

static json_t *metric_report_merged(const struct metric_set *const *sets,
				    size_t count, const struct metric *like)
{
	struct gust_histogram *sum = calloc(1, sizeof(*sum));
	json_t *report;

	if (sum == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct metric *metric = metric_report_find(sets[i], like);

		if (metric != NULL)
			histogram_merge(sum, metric->as.histogram);
	}
	report = metric_report_histogram(sum);
	free(sum);
	return report;
}

/* Adds a metric of all the sets to `report`, unless it is there already. */
static int metric_report_add(json_t *report,
			     const struct metric_set *const *sets, size_t count,
			     const struct metric *metric)
{
	static const struct {
		const char *name;
		json_t *(*read)(const struct metric_set *const *sets,
				size_t count, const struct metric *like);
	} kinds[] = {
		[METRIC_COUNTER] = { "counters", metric_report_counter },
		[METRIC_GAUGE] = { "gauges", metric_report_gauge },
		[METRIC_HISTOGRAM] = { "histograms", metric_report_merged },
	};
	const char *kind = kinds[metric->kind].name;
	json_t *group = json_object_get(report, kind);

	if (group == NULL) {
		group = json_object();
		if (json_object_set_new(report, kind, group) < 0)
			return -1;
	}
	if (json_object_get(group, metric->name) != NULL)
		return 0;
	return json_object_set_new(
		group, metric->name,
		kinds[metric->kind].read(sets, count, metric));
}

json_t *metric_report_sets(const struct metric_set *const *sets, size_t count)
{
	json_t *report = json_object();
	const struct metric *metric;
	int r = report == NULL ? -1 : 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (sets[i] == NULL)
			continue;
		for (metric = metric_set_first(sets[i]);
		     r == 0 && metric != NULL; metric = metric_next(metric))
			r = metric_report_add(report, sets, count, metric);
	}
	if (r == 0)
		return report;
	json_decref(report);
	return NULL;
}
