/* SPDX-License-Identifier: MIT */

/*
 * collect: appends a line "TASK VALUE" for every tuple to a file, at once and
 * whole, where VALUE is its first field, an int or a string. It survives what
 * happens to the process afterwards.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gust/bolt.h>

struct collect {
	const char *path; /* option */

	int fd;
	uint32_t index;
};

static const struct gust_option collect_options[] = {
	{ .name = "path",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct collect, path),
	  .help = "the file",
	  .flags = GUST_REQUIRED },
	{ .name = NULL },
};

static int collect_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct collect *collect = self;

	collect->index = gust_task_index(task);
	collect->fd = open(collect->path,
			   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (collect->fd < 0)
		return gust_error_set(error, -errno, "cannot write '%s': %s",
				      collect->path, strerror(errno));
	return 0;
}

static int collect_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct collect *collect = self;
	struct gust_value value = gust_value_at(in, 0);
	char line[4096];
	int length;

	(void)task;
	if (value.type == GUST_INT)
		length = snprintf(line, sizeof(line), "%u %" PRId64 "\n",
				  collect->index, value.as.integer);
	else
		length = snprintf(line, sizeof(line), "%u %s\n", collect->index,
				  value.type >= GUST_STRING ? value.as.data
							    : "");
	if (length >= (int)sizeof(line))
		return -EMSGSIZE;
	return write(collect->fd, line, (size_t)length) == length ? 0 : -EIO;
}

static void collect_close(void *self)
{
	struct collect *collect = self;

	if (collect->fd > 0)
		close(collect->fd);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "collect",
	.summary = "appends a line for every tuple to a file",
	.options = collect_options,
	.instance_size = sizeof(struct collect),
	.open = collect_open,
	.execute = collect_execute,
	.close = collect_close,
};
