/* SPDX-License-Identifier: MIT */

#include "worker/gathering.h"

#include <errno.h>

#include "metric/metric_set.h"

#include "test.h"

#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct gathering *gathering;

static void begin(void)
{
	fixture_plan_init(&fixture);
	gathering = gathering_create(&fixture.plan);
	CHECK(gathering != NULL);
}

static void end(void)
{
	gathering_destroy(gathering);
	plan_fini_derived(&fixture.plan);
}

static int take_latency(uint32_t task, uint64_t value)
{
	struct gust_histogram histogram = { 0 };
	struct control_message message = { .kind = CONTROL_LATENCY,
					   .task = task,
					   .size = sizeof(histogram) };

	histogram_record(&histogram, value);
	return gathering_take(gathering, &message, (const char *)&histogram);
}

static int take_metric(enum metric_kind kind, const void *value, size_t size,
		       const char *name)
{
	char text[1024];
	struct control_message message = { .kind = CONTROL_METRIC,
					   .task = 1,
					   .code = (int32_t)kind };

	memcpy(text, value, size);
	strcpy(text + size, name);
	message.size = size + strlen(name);
	return gathering_take(gathering, &message, text);
}

TEST(the_last_of_each_incarnation_is_added_up)
{
	begin();
	CHECK_INT(take_latency(0, 5), 0);
	CHECK_INT(take_latency(0, 7), 0);
	CHECK_PTR(gathering_latency(gathering, 0), NULL);
	gathering_settle(gathering, 0);
	CHECK_UINT(histogram_count(gathering_latency(gathering, 0)), 1);
	CHECK_UINT(histogram_max(gathering_latency(gathering, 0)), 7);
	CHECK_INT(take_latency(0, 9), 0);
	gathering_settle(gathering, 0);
	gathering_settle(gathering, 0);
	CHECK_UINT(histogram_count(gathering_latency(gathering, 0)), 2);
	CHECK_UINT(histogram_max(gathering_latency(gathering, 0)), 9);
	CHECK_PTR(gathering_latency(gathering, 1), NULL);
	end();
}

TEST(metrics_keep_their_kinds)
{
	uint64_t three = 3, four = 4;
	double half = 0.5;
	const struct metric *metric;

	begin();
	CHECK_INT(take_metric(METRIC_COUNTER, &three, 8, "hits"), 0);
	CHECK_INT(take_metric(METRIC_COUNTER, &four, 8, "hits"), 0);
	CHECK_INT(take_metric(METRIC_GAUGE, &half, 8, "load"), 0);
	gathering_settle(gathering, 1);
	CHECK_INT(take_metric(METRIC_COUNTER, &three, 8, "hits"), 0);
	gathering_settle(gathering, 1);
	metric = metric_set_first(gathering_metrics(gathering, 1));
	CHECK_STR(metric->name, "hits");
	CHECK_UINT(counter_value(metric->as.counter), 7);
	metric = metric_next(metric);
	CHECK_STR(metric->name, "load");
	CHECK_FLOAT(gauge_value(metric->as.gauge), 0.5);
	CHECK_PTR(metric_next(metric), NULL);
	end();
}

TEST(nonsense_is_refused)
{
	struct control_message message = { .kind = CONTROL_LATENCY, .task = 5 };
	uint64_t value = 0;

	begin();
	CHECK_INT(gathering_take(gathering, &message, ""), -EBADMSG);
	message.task = 0;
	CHECK_INT(gathering_take(gathering, &message, ""), -EBADMSG);
	CHECK_INT(take_metric(METRIC_COUNTER, &value, 8, ""), -EBADMSG);
	CHECK_INT(take_metric((enum metric_kind)9, &value, 8, "x"), -EBADMSG);
	end();
}
