/* SPDX-License-Identifier: MIT */

/*
 * print: writes a line for every tuple to standard output.
 *
 * The line is `template` with the value of field NAME in place of every
 * {NAME}; "{{" and "}}" stand for braces. Without a template the line is all
 * fields, separated by tabs. Strings, bytes and json are written as they are,
 * floats so that they read back to the same number, null as nothing.
 *
 * Lines are gathered and written together, at the latest when there is nothing
 * else to do. A tuple is acked when its line has been written. A disk that is
 * full is waited for, and so is a file that may not grow (`ulimit -f`).
 *
 * Input:
 *	any streams that have all fields of the template
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: print
 *	    plugin: print
 *	    options: {template: "{word}\t{count}"}
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/gather.h>
#include <gust/kit/layout.h>

/* Lines are written when so much has been gathered. */
#define PRINT_GATHER ((size_t)32 * 1024)

struct print {
	const char *text; /* option template, or NULL */

	struct layout layout;
	struct gather lines; /* whole ones */
};

static const struct gust_option print_options[] = {
	{ .name = "template",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct print, text),
	  .help = "the line, with {NAME} for a field; all fields if left out" },
	{ .name = NULL },
};

static int print_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct print *print = self;

	return layout_check(print->text, "template", about, error);
}

/*
 * Writes what was gathered. -EAGAIN: some of it is left; -EPIPE: the reader
 * has gone. Other failures are those of the tuples whose lines are lost.
 */
static int print_write(void *self, struct gust_task *task)
{
	struct print *print = self;
	struct gather *lines = &print->lines;
	ssize_t n;

	while (lines->written < lines->bytes.used) {
		n = gust_stdout_write(task, lines->bytes.data + lines->written,
				      lines->bytes.used - lines->written);
		if (n == 0 || n == -EAGAIN)
			return gust_not_now(task, "standard output is full");
		if (n == -ENOSPC || n == -EDQUOT || n == -EFBIG)
			return gust_not_now(task, "standard output: %s",
					    strerror((int)-n));
		if (n == -EPIPE)
			return -EPIPE;
		if (n < 0) {
			gather_clear(lines);
			gust_batch_fail(task, "standard output: %s",
					strerror((int)-n));
			return 0;
		}
		lines->written += (size_t)n;
	}
	gather_ack(lines, task, lines->bytes.used);
	return 0;
}

static int print_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct print *print = self;
	int r = buffer_reserve(&print->lines.bytes, 2 * PRINT_GATHER);

	if (r < 0)
		return r;
	print->lines.limit = PRINT_GATHER;
	print->lines.write = print_write;
	return layout_open(&print->layout, print->text, "template", task,
			   error);
}

static int print_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct print *print = self;
	int r = gather_begin(&print->lines, print, task);

	if (r == 0)
		r = layout_append(&print->layout, in, &print->lines.bytes);
	if (r == 0)
		r = buffer_char(&print->lines.bytes, '\n');
	return gather_end(&print->lines, print, task, in, r);
}

static void print_close(void *self)
{
	struct print *print = self;

	layout_close(&print->layout);
	gather_destroy(&print->lines);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "print",
	.summary = "writes a line for every tuple to standard output",
	.options = print_options,
	.instance_size = sizeof(struct print),
	.flags = GUST_STDOUT,
	.declare = print_declare,
	.open = print_open,
	.execute = print_execute,
	.idle = print_write,
	.flush = print_write,
	.close = print_close,
};
