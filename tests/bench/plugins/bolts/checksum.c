/* SPDX-License-Identifier: MIT */

/*
 * checksum: prints how many tuples there were, and what their fields come to
 * in any order, when its input ends.
 *
 * Input:
 *	anything without empty texts
 */

#include <inttypes.h>
#include <stdio.h>

#include <gust/bolt.h>

#include "../../checksum.h"

static int checksum_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	uint64_t row = 0;

	(void)task;
	for (size_t i = 0; i < in->fields; i++) {
		const struct gust_value value = gust_value_at(in, i);

		if (value.type >= GUST_STRING)
			row = checksum_text(row, value.as.data, value.length);
		else if (value.type == GUST_FLOAT)
			row = checksum_float(row, value.as.number);
		else
			row = checksum_number(row, (uint64_t)value.as.integer);
	}
	checksum_row(self, row);
	return 0;
}

static int checksum_finish(void *self, struct gust_task *task)
{
	const struct checksum *sum = self;

	(void)task;
	printf("%" PRIu64 "\t%" PRIu64 "\n", sum->rows, sum->total);
	fflush(stdout);
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "checksum",
	.summary = "prints what tuples come to",
	.instance_size = sizeof(struct checksum),
	.execute = checksum_execute,
	.finish = checksum_finish,
};
