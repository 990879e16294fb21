/* SPDX-License-Identifier: MIT */

#include "sim/given.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of its values stand behind them. */
struct given_tuple {
	struct given_tuple *next;
	uint32_t stream;
	uint32_t count;
	struct gust_value values[];
};

static size_t given_size(const struct gust_value *values, uint32_t count)
{
	size_t size =
		sizeof(struct given_tuple) + count * sizeof(struct gust_value);
	uint32_t i;

	for (i = 0; i < count; i++)
		if (values[i].type >= GUST_STRING)
			size += values[i].length;
	return size;
}

int given_add(struct given *given, uint32_t stream,
	      const struct gust_value *values, uint32_t count)
{
	struct given_tuple *tuple = malloc(given_size(values, count));
	char *bytes;
	uint32_t i;

	if (tuple == NULL)
		return -ENOMEM;
	tuple->next = NULL;
	tuple->stream = stream;
	tuple->count = count;
	bytes = (char *)(tuple->values + count);
	for (i = 0; i < count; i++) {
		tuple->values[i] = values[i];
		if (values[i].type < GUST_STRING)
			continue;
		memcpy(bytes, values[i].as.data, values[i].length);
		tuple->values[i].as.data = bytes;
		bytes += values[i].length;
	}
	if (given->first == NULL)
		given->first = tuple;
	else
		given->last->next = tuple;
	given->last = tuple;
	if (given->task != NULL)
		gust_wake(given->task);
	return 0;
}

void given_end(struct given *given)
{
	given->ended = true;
	if (given->task != NULL)
		gust_wake(given->task);
}

static void given_drop(struct given *given)
{
	struct given_tuple *tuple = given->first;

	given->first = tuple->next;
	free(tuple);
}

void given_fini(struct given *given)
{
	while (given->first != NULL)
		given_drop(given);
}

static int given_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct given_instance *instance = self;

	(void)error;
	instance->given->task = task;
	return 0;
}

static int given_next(void *self, struct gust_task *task)
{
	struct given *given = ((struct given_instance *)self)->given;
	struct given_tuple *tuple = given->first;
	int r;

	if (tuple == NULL)
		return given->ended ? GUST_DONE : GUST_WAIT;
	r = gust_emit_values(task, tuple->stream, tuple->values, tuple->count);
	given_drop(given);
	return r < 0 ? r : GUST_EMITTED;
}

static void given_close(void *self)
{
	((struct given_instance *)self)->given->task = NULL;
}

const struct gust_spout given_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "given",
	.summary = "emits what it is given",
	.instance_size = sizeof(struct given_instance),
	.replay = GUST_REPLAY_RECORD,
	.open = given_open,
	.next = given_next,
	.close = given_close,
};
