/* SPDX-License-Identifier: MIT */
#ifndef WORKER_GATHERING_H
#define WORKER_GATHERING_H

/*
 * Latencies and metrics of tasks that run in other processes: a worker sends
 * what it has, now and then and at its end, and the parent gathers that. What
 * an incarnation sent last is added to what those before it did.
 */

#include <gust/task.h>

#include "topology/plan.h"
#include "worker/control.h"

struct crew;
struct gathering;
struct metric_set;

/* In a worker: sends what its tasks have. 0 or as control_send(). */
int gathering_send(const struct crew *crew, struct control *control);

/* In the parent. The plan is borrowed. NULL: no memory. */
struct gathering *gathering_create(const struct plan *plan);
void gathering_destroy(struct gathering *gathering);

/* Takes a CONTROL_LATENCY or CONTROL_METRIC. 0, -EBADMSG or -ENOMEM. */
int gathering_take(struct gathering *gathering,
		   const struct control_message *message, const char *text);

/* No more comes from what runs a task now. */
void gathering_settle(struct gathering *gathering, uint32_t task);

/* What was settled, or NULL; until gathering_destroy(). */
const struct gust_histogram *
gathering_latency(const struct gathering *gathering, uint32_t task);
const struct metric_set *gathering_metrics(const struct gathering *gathering,
					   uint32_t task);

#endif
