/* SPDX-License-Identifier: MIT */

/*
 * faulty: a bolt with one fault, FAULT, which the suite must find.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gust/bolt.h>

#define IS(fault) (strcmp(FAULT, fault) == 0)

struct faulty {
	int64_t times;
	struct gust_field line;
	char *buffer;
};

static const struct gust_option faulty_options[] = {
	{ .name = "times",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct faulty, times),
	  .fallback = "1",
	  .help = HELP },
	{ .name = NULL },
};

static int faulty_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	enum gust_type type;

	(void)self;
	if (IS("declare_without_reason"))
		return gust_declared_type(about, "line", &type, NULL);
	return gust_declared_type(about, "line", &type, error);
}

static int faulty_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct faulty *faulty = self;

	faulty->buffer = malloc(16);
	if (faulty->buffer == NULL && !IS("open_unchecked"))
		return -ENOMEM;
	faulty->buffer[0] = '\0';
	if (IS("open_leak") && dup(2) < 0)
		return -errno;
	return gust_field(task, "line", GUST_STRING, &faulty->line, error);
}

static int faulty_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	const struct faulty *faulty = self;
	const struct gust_tuple *kept;

	if (IS("execute_crash") && gust_is_null(in, faulty->line))
		abort();
	if (IS("stdout_unsaid"))
		gust_stdout_write(task, "a\n", 2);
	if (IS("double_ack")) {
		kept = gust_retain(task, in);
		gust_ack(task, kept);
		gust_ack(task, kept);
	}
	return 0;
}

static void faulty_close(void *self)
{
	struct faulty *faulty = self;

	if (IS("close_crash"))
		faulty->buffer[0] = '\0';
	if (IS("close_foreign"))
		close(0);
	free(faulty->buffer);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = NAME,
	.summary = SUMMARY,
	.options = faulty_options,
	.instance_size = sizeof(struct faulty),
	.declare = faulty_declare,
	.open = faulty_open,
	.execute = faulty_execute,
	.close = faulty_close,
};
