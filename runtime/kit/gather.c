/* SPDX-License-Identifier: MIT */

#include <gust/kit/gather.h>

int gather_begin(struct gather *gather, void *self, struct gust_task *task)
{
	int r = 0;

	/* What is partly out must go first: its tuples could never be acked
	 * if more were added for ever. */
	if (gather->written > 0 || gather->bytes.used >= gather->limit)
		r = gather->write(self, task);
	gather->record = gather->bytes.used;
	return r;
}

int gather_end(struct gather *gather, void *self, struct gust_task *task,
	       const struct gust_tuple *in, int r)
{
	if (r == 0)
		r = gust_batch_add(task, in);
	if (r < 0) {
		gather->bytes.used = gather->record;
		return r;
	}
	/* The tuple is in the batch now; the next call tells of trouble. */
	if (gather->bytes.used >= gather->limit)
		(void)gather->write(self, task);
	return 0;
}

void gather_ack(struct gather *gather, struct gust_task *task, size_t n)
{
	if (n == 0)
		return;
	buffer_take(&gather->bytes, n);
	gather->record -= gather->record < n ? gather->record : n;
	gather->written = 0;
	gust_batch_ack(task);
}

void gather_clear(struct gather *gather)
{
	gather->bytes.used = 0;
	gather->written = 0;
	gather->record = 0;
}

void gather_destroy(struct gather *gather)
{
	buffer_destroy(&gather->bytes);
	gather_clear(gather);
}
