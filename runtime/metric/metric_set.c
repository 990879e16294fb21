/* SPDX-License-Identifier: MIT */

#include "metric/metric_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct metric_set {
	const struct metric *first;
	const struct metric **last; /* where the next one is hung up */
	size_t count;
};

/* One allocation holds the member, its value and its name. */
struct metric_block {
	struct metric metric;
	union {
		struct gust_counter counter;
		struct gust_gauge gauge;
		struct gust_histogram histogram;
	} value;
};

struct metric_set *metric_set_create(void)
{
	struct metric_set *set = calloc(1, sizeof(*set));

	if (set != NULL)
		set->last = &set->first;
	return set;
}

const struct metric *metric_set_first(const struct metric_set *set)
{
	return __atomic_load_n(&set->first, __ATOMIC_ACQUIRE);
}

const struct metric *metric_next(const struct metric *metric)
{
	return __atomic_load_n(&metric->next, __ATOMIC_ACQUIRE);
}

void metric_set_destroy(struct metric_set *set)
{
	const struct metric *metric, *next;

	if (set == NULL)
		return;
	for (metric = set->first; metric != NULL; metric = next) {
		next = metric->next;
		free((void *)(uintptr_t)metric);
	}
	free(set);
}

size_t metric_size(enum metric_kind kind)
{
	switch (kind) {
	case METRIC_COUNTER:
		return sizeof(struct gust_counter);
	case METRIC_GAUGE:
		return sizeof(struct gust_gauge);
	case METRIC_HISTOGRAM:
		return sizeof(struct gust_histogram);
	}
	return SIZE_MAX;
}

/* Reports are JSON, which takes no other bytes as they are. */
static bool metric_name_is_fine(const char *name)
{
	size_t n = 0;

	for (; name[n] != '\0'; n++) {
		if (name[n] < 0x20 || name[n] > 0x7e || n == METRIC_NAME_MAX)
			return false;
	}
	return n > 0;
}

static const struct metric *
metric_set_add(struct metric_set *set, enum metric_kind kind, const char *name)
{
	size_t name_at =
		offsetof(struct metric_block, value) + metric_size(kind);
	size_t n = strlen(name);
	struct metric *metric;
	char *block;

	if (!metric_name_is_fine(name) || set->count >= METRIC_SET_MAX)
		return NULL;
	block = calloc(1, name_at + n + 1);
	if (block == NULL)
		return NULL;
	metric = (struct metric *)(void *)block;
	metric->name = memcpy(block + name_at, name, n);
	metric->kind = kind;
	/* All the kinds are pointers to the same place. */
	metric->as.counter =
		(void *)(block + offsetof(struct metric_block, value));
	__atomic_store_n(set->last, metric, __ATOMIC_RELEASE);
	set->last = &metric->next;
	set->count++;
	return metric;
}

static const struct metric *
metric_set_get(struct metric_set *set, enum metric_kind kind, const char *name)
{
	const struct metric *metric;

	for (metric = set->first; metric != NULL; metric = metric->next) {
		if (metric->kind == kind && strcmp(metric->name, name) == 0)
			return metric;
	}
	return metric_set_add(set, kind, name);
}

struct gust_counter *metric_set_counter(struct metric_set *set,
					const char *name)
{
	const struct metric *metric = metric_set_get(set, METRIC_COUNTER, name);

	return metric == NULL ? NULL : metric->as.counter;
}

struct gust_gauge *metric_set_gauge(struct metric_set *set, const char *name)
{
	const struct metric *metric = metric_set_get(set, METRIC_GAUGE, name);

	return metric == NULL ? NULL : metric->as.gauge;
}

struct gust_histogram *metric_set_histogram(struct metric_set *set,
					    const char *name)
{
	const struct metric *metric =
		metric_set_get(set, METRIC_HISTOGRAM, name);

	return metric == NULL ? NULL : metric->as.histogram;
}
