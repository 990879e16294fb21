/* SPDX-License-Identifier: MIT */

/*
 * write_lines: writes a line for every tuple to a file.
 *
 * The line is `template` with the value of field NAME in place of every
 * {NAME}; "{{" and "}}" stand for braces. Without a template the line is all
 * fields, separated by tabs. Strings, bytes and json are written as they are,
 * floats so that they read back to the same number, null as nothing.
 *
 * In `path`, {task} stands for the number of the task, which is needed where
 * there are several tasks. A file that is there already is continued, so a
 * second run appends to what the first one has written; remove the file to
 * begin anew. Folders must be there, but for those with {...} in their names.
 *
 * With `rotate_size` or `rotate_every` there are many files: {number} in the
 * path counts them, from 000001, and times as of strftime, such as
 * {%Y-%m-%d}, say when a file was begun, in UTC. A file is NAME.part while it
 * is being written and gets its name when it is complete; it is then never
 * changed again. It is complete when the next record would make it longer than
 * `rotate_size`, at every multiple of `rotate_every` (1h: at each full hour),
 * and at the end. Files without a record do not stay.
 *
 * Tuples are acked when their lines are safe, by `fsync`: `batch` waits for
 * the disk before each ack; `file` and `never` ack what the kernel has taken,
 * which survives the end of gust but not of the machine. After a crash the
 * next run cuts a torn last line off and goes on, or finishes the file, and
 * the log says so. What was written but not acked by then is written again:
 * no line is lost, some may be there twice. While the disk is full or the
 * folder gone, tuples wait and what was half written is taken back.
 *
 * Input:
 *	any streams that have all fields of the template
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: alerts
 *	    plugin: write_lines
 *	    options: {path: alerts.txt, template: "{time} {reason}"}
 *	  - id: archive
 *	    plugin: write_lines
 *	    parallelism: 2
 *	    options:
 *	      path: "archive/{%Y-%m-%d}/log-{task}-{number}.txt"
 *	      rotate_every: 1h
 */

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/layout.h>
#include <gust/kit/outfile.h>

struct write_lines {
	struct outfile file; /* first, for its callbacks */
	const char *text;    /* option template, or NULL */
	struct layout layout;
};

static const struct gust_option write_lines_options[] = {
	OUTFILE_OPTIONS,
	{ .name = "template",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct write_lines, text),
	  .help = "the line, with {NAME} for a field; all fields if left out" },
	{ .name = NULL },
};

static int write_lines_declare(void *self, struct gust_declaration *about,
			       struct gust_error *error)
{
	const struct write_lines *lines = self;
	int r = layout_check(lines->text, "template", about, error);

	return r == 0 ? outfile_check(&lines->file, about, error) : r;
}

static int write_lines_open(void *self, struct gust_task *task,
			    struct gust_error *error)
{
	struct write_lines *lines = self;
	int r = layout_open(&lines->layout, lines->text, "template", task,
			    error);

	return r == 0 ? outfile_open(&lines->file, task, error) : r;
}

static int write_lines_execute(void *self, struct gust_task *task,
			       const struct gust_tuple *in)
{
	struct write_lines *lines = self;
	int r = outfile_begin(&lines->file, task);

	if (r == 0)
		r = layout_append(&lines->layout, in,
				  &lines->file.gather.bytes);
	if (r == 0)
		r = buffer_char(&lines->file.gather.bytes, '\n');
	return outfile_end(&lines->file, task, in, r);
}

static void write_lines_close(void *self)
{
	struct write_lines *lines = self;

	layout_close(&lines->layout);
	outfile_close(&lines->file);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "write_lines",
	.summary = "writes a line for every tuple to a file",
	.options = write_lines_options,
	.instance_size = sizeof(struct write_lines),
	.flags = GUST_DEDICATED,
	.declare = write_lines_declare,
	.open = write_lines_open,
	.execute = write_lines_execute,
	.timer = outfile_timer,
	.idle = outfile_flush,
	.flush = outfile_flush,
	.finish = outfile_finish,
	.close = write_lines_close,
};
