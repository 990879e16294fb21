/* SPDX-License-Identifier: MIT */

#include "worker/gathering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "metric/metric_set.h"
#include "worker/crew.h"
#include "worker/seat.h"

/* What a message about a metric holds: the value, and then its name. */
union gathering_value {
	struct gust_counter counter;
	struct gust_gauge gauge;
	struct gust_histogram histogram;
};

_Static_assert(sizeof(union gathering_value) + METRIC_NAME_MAX <
		       CONTROL_BYTES_MAX,
	       "a metric fits into a message");

/* What came from one incarnation, or was settled. */
struct gathering_share {
	struct gust_histogram *latency;
	struct metric_set *metrics;
};

struct gathering_task {
	struct gathering_share now, settled;
};

struct gathering {
	const struct plan *plan;
	struct gathering_task *tasks;
};

static int gathering_send_metric(struct control *control, uint32_t task,
				 const struct metric *metric)
{
	char text[sizeof(union gathering_value) + METRIC_NAME_MAX];
	size_t size = metric_size(metric->kind), n = strlen(metric->name);
	struct control_message message = { .kind = CONTROL_METRIC,
					   .task = task,
					   .code = (int32_t)metric->kind,
					   .size = size + n };
	struct gust_histogram copy;

	if (metric->kind == METRIC_COUNTER) {
		uint64_t value = counter_value(metric->as.counter);

		memcpy(text, &value, sizeof(value));
	} else if (metric->kind == METRIC_GAUGE) {
		double value = gauge_value(metric->as.gauge);

		memcpy(text, &value, sizeof(value));
	} else {
		memset(&copy, 0, sizeof(copy));
		histogram_merge(&copy, metric->as.histogram);
		memcpy(text, &copy, sizeof(copy));
	}
	memcpy(text + size, metric->name, n);
	return control_send(control, &message, text);
}

static int gathering_send_task(struct control *control,
			       const struct executor *executor, uint32_t task)
{
	const struct gust_histogram *latency = executor_latency(executor, task);
	const struct metric_set *set = executor_metrics(executor, task);
	struct control_message message = { .kind = CONTROL_LATENCY,
					   .task = task,
					   .size = sizeof(*latency) };
	struct gust_histogram copy;
	int r = 0;

	if (latency != NULL && histogram_count(latency) > 0) {
		memset(&copy, 0, sizeof(copy));
		histogram_merge(&copy, latency);
		r = control_send(control, &message, &copy);
	}
	if (set == NULL)
		return r;
	for (const struct metric *metric = metric_set_first(set);
	     r == 0 && metric != NULL; metric = metric_next(metric))
		r = gathering_send_metric(control, task, metric);
	return r;
}

int gathering_send(const struct crew *crew, struct control *control)
{
	int r = 0;

	for (uint32_t i = 0; i < crew->count; i++) {
		const struct seat *seat = &crew->seats[i];
		const struct executor *executor = seat_executor(seat);

		for (uint32_t k = 0;
		     r == 0 && executor != NULL && k < seat->task_count; k++)
			r = gathering_send_task(control, executor,
						seat->tasks[k]);
	}
	return r;
}

struct gathering *gathering_create(const struct plan *plan)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));

	if (gathering == NULL)
		return NULL;
	gathering->plan = plan;
	gathering->tasks =
		calloc(plan->task_count + 1, sizeof(*gathering->tasks));
	if (gathering->tasks != NULL)
		return gathering;
	free(gathering);
	return NULL;
}

static void gathering_clear(struct gathering_share *share)
{
	free(share->latency);
	metric_set_destroy(share->metrics);
	memset(share, 0, sizeof(*share));
}

void gathering_destroy(struct gathering *gathering)
{
	if (gathering == NULL)
		return;
	for (uint32_t i = 0; i < gathering->plan->task_count; i++) {
		gathering_clear(&gathering->tasks[i].now);
		gathering_clear(&gathering->tasks[i].settled);
	}
	free(gathering->tasks);
	free(gathering);
}

/* The latency of a share, an empty one if there was none. */
static struct gust_histogram *gathering_histogram(struct gathering_share *share)
{
	if (share->latency == NULL)
		share->latency = calloc(1, sizeof(*share->latency));
	return share->latency;
}

static struct metric_set *gathering_set(struct gathering_share *share)
{
	if (share->metrics == NULL)
		share->metrics = metric_set_create();
	return share->metrics;
}

static int gathering_take_latency(struct gathering_share *share,
				  const char *text, size_t size)
{
	struct gust_histogram *latency;

	if (size != sizeof(*latency))
		return -EBADMSG;
	latency = gathering_histogram(share);
	if (latency == NULL)
		return -ENOMEM;
	memcpy(latency, text, size);
	return 0;
}

/* Puts a value in the place of what the set has; or adds it, gauges apart. */
static int gathering_put(struct metric_set *set, enum metric_kind kind,
			 const char *name, const union gathering_value *value,
			 bool add)
{
	struct gust_histogram *histogram;
	struct gust_counter *counter;
	struct gust_gauge *gauge;

	switch (kind) {
	case METRIC_COUNTER:
		counter = metric_set_counter(set, name);
		if (counter == NULL)
			return -ENOMEM;
		counter->value =
			value->counter.value + (add ? counter->value : 0);
		return 0;
	case METRIC_GAUGE:
		gauge = metric_set_gauge(set, name);
		if (gauge == NULL)
			return -ENOMEM;
		*gauge = value->gauge;
		return 0;
	case METRIC_HISTOGRAM:
		histogram = metric_set_histogram(set, name);
		if (histogram == NULL)
			return -ENOMEM;
		if (!add)
			memset(histogram, 0, sizeof(*histogram));
		histogram_merge(histogram, &value->histogram);
		return 0;
	}
	return -EBADMSG;
}

static int gathering_take_metric(struct gathering_share *share,
				 const struct control_message *message,
				 const char *text)
{
	enum metric_kind kind = (enum metric_kind)message->code;
	size_t size = metric_size(kind);
	struct metric_set *set = gathering_set(share);
	union gathering_value value;

	if (size > sizeof(value) || message->size <= size)
		return -EBADMSG;
	if (set == NULL)
		return -ENOMEM;
	memcpy(&value, text, size);
	/* A NUL follows each message. */
	return gathering_put(set, kind, text + size, &value, false);
}

int gathering_take(struct gathering *gathering,
		   const struct control_message *message, const char *text)
{
	struct gathering_share *share;

	if (message->task >= gathering->plan->task_count)
		return -EBADMSG;
	share = &gathering->tasks[message->task].now;
	if (message->kind == CONTROL_LATENCY)
		return gathering_take_latency(share, text, message->size);
	return gathering_take_metric(share, message, text);
}

void gathering_settle(struct gathering *gathering, uint32_t task)
{
	struct gathering_share *now = &gathering->tasks[task].now;
	struct gathering_share *settled = &gathering->tasks[task].settled;
	const struct metric *metric = NULL;

	if (now->latency != NULL && gathering_histogram(settled) != NULL)
		histogram_merge(settled->latency, now->latency);
	if (now->metrics != NULL && gathering_set(settled) != NULL)
		metric = metric_set_first(now->metrics);
	for (; metric != NULL; metric = metric_next(metric)) {
		union gathering_value value;

		memcpy(&value, metric->as.counter, metric_size(metric->kind));
		/* Short of memory, a metric is missing in the report. */
		(void)gathering_put(settled->metrics, metric->kind,
				    metric->name, &value, true);
	}
	gathering_clear(now);
}

const struct gust_histogram *
gathering_latency(const struct gathering *gathering, uint32_t task)
{
	return gathering->tasks[task].settled.latency;
}

const struct metric_set *gathering_metrics(const struct gathering *gathering,
					   uint32_t task)
{
	return gathering->tasks[task].settled.metrics;
}
