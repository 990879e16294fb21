/* SPDX-License-Identifier: MIT */

#include "metric/metric_set.h"

#include <pthread.h>

#include "starve.h"
#include "test.h"

TEST(the_same_name_gives_the_same_metric)
{
	struct metric_set *set = metric_set_create();
	char name[] = "rows";
	struct gust_counter *rows = metric_set_counter(set, name);

	name[0] = 'c';
	CHECK(rows != NULL);
	CHECK_PTR(metric_set_counter(set, "rows"), rows);
	CHECK(metric_set_counter(set, "cows") != rows);
	CHECK((void *)metric_set_gauge(set, "rows") != (void *)rows);
	CHECK((void *)metric_set_histogram(set, "rows") != (void *)rows);
	gust_counter_add(rows, 2);
	CHECK_UINT(counter_value(metric_set_counter(set, "rows")), 2);
	metric_set_destroy(set);
	metric_set_destroy(NULL);
}

TEST(metrics_are_listed_in_the_order_of_their_making)
{
	struct metric_set *set = metric_set_create();
	const struct metric *metric;

	CHECK_PTR(metric_set_first(set), NULL);
	gust_histogram_record(metric_set_histogram(set, "latency"), 7);
	gust_gauge_set(metric_set_gauge(set, "open"), 1.5);
	gust_counter_add(metric_set_counter(set, "rows"), 3);

	metric = metric_set_first(set);
	CHECK_STR(metric->name, "latency");
	CHECK_INT(metric->kind, METRIC_HISTOGRAM);
	CHECK_UINT(histogram_max(metric->as.histogram), 7);
	metric = metric_next(metric);
	CHECK_STR(metric->name, "open");
	CHECK_INT(metric->kind, METRIC_GAUGE);
	CHECK_FLOAT(gauge_value(metric->as.gauge), 1.5);
	metric = metric_next(metric);
	CHECK_STR(metric->name, "rows");
	CHECK_INT(metric->kind, METRIC_COUNTER);
	CHECK_UINT(counter_value(metric->as.counter), 3);
	CHECK_PTR(metric_next(metric), NULL);
	metric_set_destroy(set);
}

TEST(names_and_numbers_are_bounded)
{
	struct metric_set *set = metric_set_create();
	char name[METRIC_NAME_MAX + 2];

	memset(name, 'x', sizeof(name));
	name[METRIC_NAME_MAX + 1] = '\0';
	CHECK_PTR(metric_set_counter(set, name), NULL);
	name[METRIC_NAME_MAX] = '\0';
	CHECK(metric_set_counter(set, name) != NULL);
	CHECK_PTR(metric_set_counter(set, ""), NULL);
	CHECK_PTR(metric_set_gauge(set, "a\nb"), NULL);
	CHECK_PTR(metric_set_gauge(set, "caf\xe9"), NULL);
	for (int i = 1; i < METRIC_SET_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK(metric_set_gauge(set, name) != NULL);
	}
	CHECK_PTR(metric_set_gauge(set, "one more"), NULL);
	CHECK(metric_set_gauge(set, "n1") != NULL);
	metric_set_destroy(set);
}

static void *add_many(void *set)
{
	char name[16];

	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		gust_counter_add(metric_set_counter(set, name), 1);
	}
	return NULL;
}

TEST(another_thread_walks_meanwhile)
{
	struct metric_set *set = metric_set_create();
	pthread_t thread;
	int count;

	CHECK_INT(pthread_create(&thread, NULL, add_many, set), 0);
	do {
		const struct metric *metric = metric_set_first(set);

		for (count = 0; metric != NULL; count++) {
			CHECK_INT(metric->name[0], 'n');
			CHECK(counter_value(metric->as.counter) <= 1);
			metric = metric_next(metric);
		}
	} while (count < 500);
	pthread_join(thread, NULL);
	metric_set_destroy(set);
}

TEST(short_memory_gives_null)
{
	unsigned long n;

	for (n = 1; starve(n); n++) {
		struct metric_set *set = metric_set_create();
		bool whole = set != NULL;

		if (set != NULL) {
			whole &= metric_set_counter(set, "rows") != NULL;
			whole &= metric_set_gauge(set, "open") != NULL;
			whole &= metric_set_histogram(set, "size") != NULL;
		}
		CHECK_BOOL(starve_ends(), !whole);
		metric_set_destroy(set);
	}
	CHECK(n > 4);
}
