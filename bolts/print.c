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
 * else to do. A tuple is acked when its line has been written.
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
#include <gust/kit/layout.h>

/* Lines are written when so much has been gathered. */
#define PRINT_GATHER ((size_t)32 * 1024)

struct print {
	const char *text; /* option template, or NULL */

	struct layout layout;
	struct buffer lines; /* whole lines that wait to be written */
	size_t written;      /* so many of the bytes used are out already */
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

static int print_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct print *print = self;
	int r = buffer_reserve(&print->lines, 2 * PRINT_GATHER);

	if (r < 0)
		return r;
	return layout_open(&print->layout, print->text, "template", task,
			   error);
}

/*
 * Writes what was gathered. -EAGAIN: some of it is left; -EPIPE: the reader
 * has gone. Other failures are those of the tuples whose lines are lost.
 */
static int print_write(struct print *print, struct gust_task *task)
{
	ssize_t n;

	while (print->written < print->lines.used) {
		n = gust_stdout_write(task, print->lines.data + print->written,
				      print->lines.used - print->written);
		if (n == 0)
			n = -EAGAIN;
		if (n == -EAGAIN)
			return gust_not_now(task, "standard output is full");
		if (n == -EPIPE)
			return -EPIPE;
		if (n < 0) {
			print->written = 0;
			print->lines.used = 0;
			gust_batch_fail(task, "standard output: %s",
					strerror((int)-n));
			return 0;
		}
		print->written += (size_t)n;
	}
	if (print->lines.used > 0)
		gust_batch_ack(task);
	print->written = 0;
	print->lines.used = 0;
	return 0;
}

static int print_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct print *print = self;
	size_t before;
	int r;

	/* What is partly out must go first: its tuples could never be acked
	 * if more were added for ever. */
	if (print->written > 0 || print->lines.used >= PRINT_GATHER) {
		r = print_write(print, task);
		if (r < 0)
			return r;
	}
	before = print->lines.used;
	r = layout_append(&print->layout, in, &print->lines);
	if (r == 0)
		r = buffer_char(&print->lines, '\n');
	if (r == 0)
		r = gust_batch_add(task, in);
	if (r < 0) {
		print->lines.used = before;
		return r;
	}
	/* The tuple is in the batch now; the next call tells of trouble. */
	if (print->lines.used >= PRINT_GATHER)
		(void)print_write(print, task);
	return 0;
}

static int print_flush(void *self, struct gust_task *task)
{
	return print_write(self, task);
}

static void print_close(void *self)
{
	struct print *print = self;

	layout_close(&print->layout);
	buffer_destroy(&print->lines);
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
	.idle = print_flush,
	.flush = print_flush,
	.close = print_close,
};
