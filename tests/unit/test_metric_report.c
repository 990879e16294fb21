/* SPDX-License-Identifier: MIT */

#include "metric/metric_report.h"

#include <math.h>

#include "test.h"

static void check_json(json_t *found, const char *expected)
{
	char *text;

	CHECK(found != NULL);
	text = json_dumps(found, JSON_REAL_PRECISION(15));
	json_decref(found);
	CHECK_STR(text, expected);
	free(text);
}

TEST(histograms_are_reported)
{
	struct gust_histogram *histogram = calloc(1, sizeof(*histogram));
	json_t *report;

	check_json(metric_report_histogram(histogram), "{\"count\": 0}");
	for (uint64_t i = 1; i <= 4; i++)
		histogram_record(histogram, i);
	check_json(metric_report_histogram(histogram),
		   "{\"count\": 4, \"min\": 1, \"mean\": 2.5, \"max\": 4, "
		   "\"p50\": 2, \"p90\": 4, \"p99\": 4, \"p999\": 4}");
	histogram_record(histogram, UINT64_MAX);
	report = metric_report_histogram(histogram);
	CHECK_INT(json_integer_value(json_object_get(report, "max")),
		  INT64_MAX);
	json_decref(report);
	free(histogram);
}

TEST(metrics_of_tasks_are_put_together)
{
	struct metric_set *one = metric_set_create();
	struct metric_set *two = metric_set_create();
	const struct metric_set *sets[] = { one, NULL, two };

	check_json(metric_report_sets(sets, 0), "{}");
	check_json(metric_report_sets(sets, 3), "{}");
	gust_counter_add(metric_set_counter(one, "rows"), 3);
	gust_counter_add(metric_set_counter(two, "rows"), 4);
	gust_counter_add(metric_set_counter(two, "bad"), 1);
	gust_gauge_set(metric_set_gauge(one, "open"), 1.5);
	gust_gauge_set(metric_set_gauge(two, "open"), INFINITY);
	gust_histogram_record(metric_set_histogram(two, "size"), 9);
	gust_histogram_record(metric_set_histogram(one, "size"), 9);
	check_json(metric_report_sets(sets, 3),
		   "{\"counters\": {\"rows\": 7, \"bad\": 1}, "
		   "\"gauges\": {\"open\": [1.5, null]}, "
		   "\"histograms\": {\"size\": {\"count\": 2, \"min\": 9, "
		   "\"mean\": 9.0, \"max\": 9, \"p50\": 9, \"p90\": 9, "
		   "\"p99\": 9, \"p999\": 9}}}");
	metric_set_destroy(one);
	metric_set_destroy(two);
}

static int allocations_left;

static void *scarce_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

TEST(short_memory_gives_no_report)
{
	struct metric_set *set = metric_set_create();
	const struct metric_set *sets[] = { set };
	json_t *report = NULL;
	int n;

	gust_counter_add(metric_set_counter(set, "rows"), 3);
	gust_gauge_set(metric_set_gauge(set, "open"), 1.5);
	gust_histogram_record(metric_set_histogram(set, "size"), 9);
	json_set_alloc_funcs(scarce_malloc, free);
	for (n = 0; report == NULL; n++) {
		CHECK(n < 1000);
		allocations_left = n;
		report = metric_report_sets(sets, 1);
	}
	CHECK(n > 10);
	json_set_alloc_funcs(malloc, free);
	CHECK_UINT(json_object_size(report), 3);
	json_decref(report);
	metric_set_destroy(set);
}
