/* SPDX-License-Identifier: MIT */

/*
 * count_to: emits n: int, from 0 to below `count`, dealt out over its tasks,
 * `batch` at a call. Every `reject_every`-th number is rejected in place of
 * being emitted. `replay` is how failed numbers come again; with `own` this
 * spout emits them again by itself, for ever.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <gust/spout.h>

struct count_to {
	int64_t count; /* options */
	int64_t batch;
	int64_t reject_every;
	int replay;

	uint64_t number, step;
	uint32_t source;
	uint64_t *failed; /* waits to be emitted again */
	size_t failed_count, failed_size;
	uint64_t open; /* neither acked nor to be emitted again */
};

static const char *const count_to_replays[] = { "none", "record", "position",
						"own", NULL };

static const struct gust_option count_to_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct count_to, count),
	  .help = "how many numbers",
	  .flags = GUST_REQUIRED,
	  .min = 0,
	  .max = 1e12 },
	{ .name = "batch",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct count_to, batch),
	  .fallback = "1",
	  .help = "numbers emitted in one call",
	  .min = 1,
	  .max = 1e6 },
	{ .name = "reject_every",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct count_to, reject_every),
	  .help = "rejects the numbers that this divides; 0: none",
	  .min = 0,
	  .max = 1e12 },
	{ .name = "replay",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct count_to, replay),
	  .fallback = "record",
	  .help = "how failed numbers come again",
	  .choices = count_to_replays },
	{ .name = NULL },
};

static const struct gust_column count_to_columns[] = { { "n", GUST_INT },
						       { NULL, GUST_NULL } };
static const struct gust_stream count_to_streams[] = {
	{ "default", count_to_columns },
	{ NULL, NULL },
};

static int count_to_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct count_to *count_to = self;

	(void)error;
	gust_declare_replay(about, (enum gust_replay)count_to->replay);
	return 0;
}

static int count_to_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct count_to *count_to = self;
	uint64_t offset;
	char name[32];
	int r;

	(void)error;
	count_to->number = gust_task_index(task);
	count_to->step = gust_task_count(task);
	if (count_to->replay != GUST_REPLAY_POSITION)
		return 0;
	snprintf(name, sizeof(name), "part %u", gust_task_index(task));
	r = gust_source(task, name, &count_to->source, &offset);
	count_to->number += offset * count_to->step;
	return r;
}

static int count_to_emit(struct count_to *count_to, struct gust_task *task,
			 uint64_t number)
{
	const struct gust_value value = gust_int((int64_t)number);
	uint64_t offset = number / count_to->step;

	switch (count_to->replay) {
	case GUST_REPLAY_POSITION:
		return gust_emit_at(task, count_to->source, offset, offset + 1,
				    value);
	case GUST_REPLAY_OWN:
		count_to->open++;
		return gust_emit_id(task, number, value);
	default:
		return gust_emit(task, value);
	}
}

static int count_to_reject(struct gust_task *task, uint64_t number)
{
	char text[32];
	int length;

	length = snprintf(text, sizeof(text), "%llu",
			  (unsigned long long)number);
	return gust_reject_record(task, text, (size_t)length,
				  "number %s is not wanted", text);
}

static int count_to_next(void *self, struct gust_task *task)
{
	struct count_to *count_to = self;
	uint64_t number, every = (uint64_t)count_to->reject_every;
	int64_t i;
	int r = 0;

	if (count_to->failed_count > 0)
		return count_to_emit(
			count_to, task,
			count_to->failed[--count_to->failed_count]);
	for (i = 0; i < count_to->batch && r == 0; i++) {
		number = count_to->number;
		if (number >= (uint64_t)count_to->count && i > 0)
			return GUST_EMITTED;
		/* Only its own replays can come after the last number. */
		if (number >= (uint64_t)count_to->count)
			return count_to->open > 0 ? GUST_WAIT : GUST_DONE;
		count_to->number += count_to->step;
		if (every != 0 && number % every == 0)
			r = count_to_reject(task, number);
		else
			r = count_to_emit(count_to, task, number);
	}
	return r;
}

static void count_to_ack(void *self, struct gust_task *task, uint64_t id)
{
	struct count_to *count_to = self;

	(void)id;
	count_to->open--;
	gust_wake(task);
}

static void count_to_fail(void *self, struct gust_task *task, uint64_t id)
{
	struct count_to *count_to = self;
	size_t size = 2 * count_to->failed_size + 16;
	uint64_t *grown;

	if (count_to->failed_count == count_to->failed_size) {
		grown = realloc(count_to->failed, size * sizeof(*grown));
		if (grown == NULL)
			abort();
		count_to->failed = grown;
		count_to->failed_size = size;
	}
	count_to->failed[count_to->failed_count++] = id;
	count_to->open--;
	gust_wake(task);
}

static void count_to_close(void *self)
{
	struct count_to *count_to = self;

	free(count_to->failed);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "count_to",
	.summary = "emits numbers",
	.options = count_to_options,
	.streams = count_to_streams,
	.instance_size = sizeof(struct count_to),
	.replay = GUST_REPLAY_RECORD,
	.declare = count_to_declare,
	.open = count_to_open,
	.next = count_to_next,
	.ack = count_to_ack,
	.fail = count_to_fail,
	.close = count_to_close,
};
