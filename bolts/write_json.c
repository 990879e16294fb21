/* SPDX-License-Identifier: MIT */

/*
 * write_json: writes every tuple to a file as an object of JSON, one a line.
 *
 * An object has all fields of its tuple, in their order, null ones included;
 * the bolt select in front of it leaves some out. Fields of type json stand in
 * it as they are, bytes in base64, nan and the infinities as null. Bytes in
 * strings that are no UTF-8 become U+FFFD.
 *
 * For the path, rotation, `fsync` and what a crash leaves see the manual of
 * write_lines: all of that is the same.
 *
 * Input:
 *	any streams
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: archive
 *	    plugin: write_json
 *	    options:
 *	      path: "archive/{%Y-%m-%d}-{number}.jsonl"
 *	      rotate_size: 100MB
 */

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/object.h>
#include <gust/kit/outfile.h>

struct write_json {
	struct outfile file; /* first, for its callbacks */
};

static const struct gust_option write_json_options[] = {
	OUTFILE_OPTIONS,
	{ .name = NULL },
};

static int write_json_declare(void *self, struct gust_declaration *about,
			      struct gust_error *error)
{
	const struct write_json *json = self;

	return outfile_check(&json->file, about, error);
}

static int write_json_open(void *self, struct gust_task *task,
			   struct gust_error *error)
{
	struct write_json *json = self;

	return outfile_open(&json->file, task, error);
}

static int write_json_execute(void *self, struct gust_task *task,
			      const struct gust_tuple *in)
{
	struct write_json *json = self;
	int r = outfile_begin(&json->file, task);

	if (r == 0)
		r = object_tuple(&json->file.gather.bytes,
				 gust_tuple_input(task, in)->columns, in);
	if (r == 0)
		r = buffer_char(&json->file.gather.bytes, '\n');
	return outfile_end(&json->file, task, in, r);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "write_json",
	.summary = "writes every tuple to a file as an object of JSON",
	.options = write_json_options,
	.instance_size = sizeof(struct write_json),
	.flags = GUST_DEDICATED,
	.declare = write_json_declare,
	.open = write_json_open,
	.execute = write_json_execute,
	.timer = outfile_timer,
	.idle = outfile_flush,
	.flush = outfile_flush,
	.finish = outfile_finish,
	.close = outfile_close,
};
