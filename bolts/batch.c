/* SPDX-License-Identifier: MIT */

/*
 * batch: gathers tuples and emits many as one.
 *
 * A batch is emitted when it has `count` tuples, when its first tuple is
 * `within` old, when another one would not fit into topology.tuple.max.bytes,
 * or when the inputs have come to an end. Its `records` is an array of JSON
 * with an object for each tuple, in the order they came: floats that are not
 * finite are null in it, bytes are base64, and bytes of a string that are no
 * UTF-8 become U+FFFD.
 *
 * The tuples are held meanwhile: their trees do not time out, and do not count
 * against topology.max.spout.pending. They are acked when the batch has been
 * processed. If it fails it is emitted again as it was. A tuple that is too
 * long for any batch is rejected.
 *
 * Input:
 *	any streams
 * Output:
 *	default: count: int, records: json
 *
 * Example:
 *	bolts:
 *	  - {id: batch, plugin: batch, options: {count: 500, within: 2s}}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/object.h>

struct batch {
	int64_t most; /* options */
	uint64_t within;

	const struct gust_tuple **kept; /* room for `most` */
	size_t count;
	struct buffer records; /* "[{...},{...}", or empty */
	size_t limit;          /* the longest that fits a tuple */
	uint64_t began;        /* when the first tuple came */
	bool waiting;          /* a timer is to come */
};

static const struct gust_option batch_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct batch, most),
	  .fallback = "100",
	  .help = "how many tuples a batch has at most",
	  .min = 1,
	  .max = 1000000 },
	{ .name = "within",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct batch, within),
	  .fallback = "1s",
	  .help = "how long the first tuple of a batch may wait; 0: for ever",
	  .min = 0,
	  .max = 30 * 86400e9 },
	{ .name = NULL },
};

static const struct gust_column batch_columns[] = {
	{ "count", GUST_INT },
	{ "records", GUST_JSON },
	{ NULL, GUST_NULL },
};

static const struct gust_stream batch_streams[] = {
	{ "default", batch_columns },
	{ NULL, NULL },
};

static int batch_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct batch *batch = self;

	(void)error;
	batch->limit = columns_text_max(gust_tuple_max(task), 2);
	batch->kept = calloc((size_t)batch->most, sizeof(*batch->kept));
	return batch->kept != NULL ? 0 : -ENOMEM;
}

/* Emits what was gathered. What cannot be emitted fails. */
static void batch_send(struct batch *batch, struct gust_task *task)
{
	size_t i;
	int r;

	if (batch->count == 0)
		return;
	r = buffer_char(&batch->records, ']');
	if (r == 0)
		r = gust_emit_anchored(
			task, 0, batch->kept, batch->count,
			gust_int((int64_t)batch->count),
			gust_json(batch->records.data, batch->records.used));
	for (i = 0; i < batch->count; i++)
		if (r == 0)
			gust_ack(task, batch->kept[i]);
		else
			gust_fail(task, batch->kept[i],
				  "the batch could not be emitted");
	batch->count = 0;
	batch->records.used = 0;
}

/* One timer at a time: small batches may come by the thousand. */
static int batch_wait(struct batch *batch, struct gust_task *task, uint64_t ns)
{
	int r;

	if (batch->waiting || batch->within == 0)
		return 0;
	r = gust_timer(task, ns, 0);
	batch->waiting = r == 0;
	return r;
}

/* Appends `in` as an object behind the others. */
static int batch_write(struct batch *batch, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct buffer *records = &batch->records;
	const size_t before = records->used;
	int r = buffer_char(records, batch->count == 0 ? '[' : ',');

	if (r == 0)
		r = object_tuple(records, gust_tuple_input(task, in)->columns,
				 in);
	/* The bracket at the end counts, too. */
	if (r == 0 && records->used + 1 > batch->limit)
		r = -EMSGSIZE;
	if (r < 0)
		records->used = before;
	return r;
}

static int batch_take(struct batch *batch, struct gust_task *task,
		      const struct gust_tuple *in)
{
	const struct gust_tuple *kept;
	size_t before = batch->records.used;
	int r = batch_write(batch, task, in);

	if (r == -EMSGSIZE && batch->count > 0) {
		batch_send(batch, task);
		before = 0;
		r = batch_write(batch, task, in);
	}
	if (r == -EMSGSIZE)
		return gust_reject(task, in,
				   "in JSON it does not fit into "
				   "topology.tuple.max.bytes, %zu",
				   gust_tuple_max(task));
	if (r == 0)
		r = batch_wait(batch, task, batch->within);
	kept = r == 0 ? gust_hold(task, in) : NULL;
	if (kept == NULL) {
		batch->records.used = before;
		return r < 0 ? r : -ENOMEM;
	}
	if (batch->count == 0)
		batch->began = gust_now(task);
	batch->kept[batch->count++] = kept;
	return 0;
}

static int batch_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct batch *batch = self;
	int r = batch_take(batch, task, in);

	if (batch->count == (size_t)batch->most)
		batch_send(batch, task);
	return r;
}

static int batch_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct batch *batch = self;
	const uint64_t now = gust_now(task);

	(void)cookie;
	batch->waiting = false;
	if (batch->count == 0)
		return 0;
	/* It may be the timer of an earlier batch. */
	if (now - batch->began < batch->within)
		return batch_wait(batch, task,
				  batch->began + batch->within - now);
	batch_send(batch, task);
	return 0;
}

static int batch_flush(void *self, struct gust_task *task)
{
	batch_send(self, task);
	return 0;
}

static void batch_close(void *self)
{
	struct batch *batch = self;

	free(batch->kept);
	buffer_destroy(&batch->records);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "batch",
	.summary = "gathers tuples and emits many as one",
	.options = batch_options,
	.streams = batch_streams,
	.instance_size = sizeof(struct batch),
	.open = batch_open,
	.execute = batch_execute,
	.timer = batch_timer,
	.flush = batch_flush,
	.close = batch_close,
};
