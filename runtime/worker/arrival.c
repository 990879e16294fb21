/* SPDX-License-Identifier: MIT */

#include "worker/arrival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int arrival_init(struct arrival *arrival, const struct plan *plan,
		 uint32_t worker)
{
	memset(arrival, 0, sizeof(*arrival));
	arrival->columns =
		calloc(plan->stream_count + 1, sizeof(*arrival->columns));
	if (arrival->columns == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->stream_count; i++)
		arrival->columns[i] = plan->streams[i].column_count;
	arrival->plan = plan;
	arrival->worker = worker;
	arrival->limits.executors = plan->executor_count;
	arrival->limits.tasks = plan->task_count;
	arrival->limits.streams = plan->stream_count;
	/* As the engine numbers its lines: components, then edges. */
	arrival->limits.lines = plan->component_count + plan->edge_count;
	arrival->limits.columns = arrival->columns;
	return 0;
}

void arrival_fini(struct arrival *arrival)
{
	free(arrival->columns);
	memset(arrival, 0, sizeof(*arrival));
}

int arrival_check(const struct arrival *arrival, uint32_t from,
		  const void *data, size_t size, struct gust_error *error)
{
	const uint32_t *worker_of = arrival->plan->worker_of;
	const struct batch *batch = data;
	int r = batch_check(data, size, &arrival->limits, error);

	if (r < 0)
		return r;
	if (worker_of[batch->from] != from)
		return gust_error_set(error, -EBADMSG,
				      "a batch says it is from executor %u, "
				      "which is of worker %u",
				      (unsigned)batch->from,
				      (unsigned)worker_of[batch->from]);
	if (worker_of[batch->to] != arrival->worker)
		return gust_error_set(error, -EBADMSG,
				      "a batch is for executor %u, which is of "
				      "worker %u",
				      (unsigned)batch->to,
				      (unsigned)worker_of[batch->to]);
	return 0;
}
