/* SPDX-License-Identifier: MIT */
#ifndef METRIC_METRIC_SET_H
#define METRIC_METRIC_SET_H

/*
 * The metrics that a task has named for itself. The task's thread adds to the
 * set and writes to what is in it; any thread may walk through it meanwhile.
 * Nothing is taken out before the set as a whole is destroyed.
 */

#include <stddef.h>

#include "metric/counter.h"
#include "metric/gauge.h"
#include "metric/histogram.h"

/* How many metrics a set takes, and how long a name may be, in bytes. */
#define METRIC_SET_MAX 1024
#define METRIC_NAME_MAX 255

struct metric_set;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* A member of a set; all of it but `next` is fixed from the beginning. */
struct metric {
	const char *name;
	enum metric_kind kind;
	const struct metric *next; /* read it with metric_next() */
	union {
		struct gust_counter *counter;
		struct gust_gauge *gauge;
		struct gust_histogram *histogram;
	} as;
};

/* The bytes of one of that kind; SIZE_MAX if there is no such kind. */
size_t metric_size(enum metric_kind kind);

/* Returns an empty set, or NULL when memory is short. */
struct metric_set *metric_set_create(void);

/* Takes NULL, too. Nobody may read or write the metrics any more. */
void metric_set_destroy(struct metric_set *set);

/*
 * Each gives the metric of that kind and name, a new one if there is none yet;
 * two kinds may share a name. NULL when memory is short, the set is full, or
 * the name is empty, too long or not printable ASCII. The name is copied.
 */
struct gust_counter *metric_set_counter(struct metric_set *set,
					const char *name);
struct gust_gauge *metric_set_gauge(struct metric_set *set, const char *name);
struct gust_histogram *metric_set_histogram(struct metric_set *set,
					    const char *name);

/* Walks through a set in the order of its making; NULL at the end. */
const struct metric *metric_set_first(const struct metric_set *set);
const struct metric *metric_next(const struct metric *metric);

#endif
