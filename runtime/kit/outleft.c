/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outdisk.h"
#include "outleft.h"
#include "outpath.h"
#include "outtail.h"

/* Finishes an open file. `*cut` says how much of it was torn. */
static int outleft_close(const struct outfile *out, int fd, const char *path,
			 uint64_t size, uint64_t *cut)
{
	const size_t length = strlen(path) - strlen(OUTLEFT_SUFFIX);
	uint64_t whole = 0;
	char *name;
	int r = outtail_find(fd, size, out->quote, &whole);

	*cut = size - whole;
	if (r == 0 && whole <= out->head.used)
		return unlink(path) < 0 ? -errno : 0;
	if (r == 0 && *cut > 0 && ftruncate(fd, (off_t)whole) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		return r;
	name = strndup(path, length);
	if (name == NULL)
		return -ENOMEM;
	r = outdisk_rename(path, name);
	if (r == 0)
		outdisk_sync_folder(name);
	free(name);
	return r;
}

static void outleft_take(const struct outfile *out, struct gust_task *task,
			 const char *path)
{
	struct gust_error error = { 0 };
	struct stat about;
	uint64_t cut = 0;
	int fd, r;

	fd = outdisk_open(path, false, &about, &error);
	if (fd < 0) {
		gust_log(task, GUST_LOG_WARN, "%s; it is left as it is",
			 error.text);
		return;
	}
	r = outleft_close(out, fd, path, (uint64_t)about.st_size, &cut);
	close(fd);
	if (r < 0)
		gust_log(task, GUST_LOG_WARN,
			 "cannot finish '%s' of an earlier run: %s", path,
			 strerror(-r));
	else
		gust_log(task, GUST_LOG_INFO,
			 "finished '%s' of an earlier run; %" PRIu64
			 " bytes of a torn record were cut",
			 path, cut);
}

/* Goes through the files with that suffix; those in progress are finished. */
static int outleft_scan(const struct outfile *out, struct gust_task *task,
			const char *suffix, uint64_t *number)
{
	const uint32_t tasks = gust_task_count(task);
	struct outpath_values values;
	glob_t found;
	size_t i;
	int r = outpath_find(out->options.path, suffix, &found);

	for (i = 0; r == 0 && i < found.gl_pathc; i++) {
		if (!outpath_matches(out->options.path, found.gl_pathv[i],
				     suffix, &values))
			continue;
		if (values.task == out->task && values.number > *number)
			*number = values.number;
		if (suffix[0] != '\0' && values.task % tasks == out->task)
			outleft_take(out, task, found.gl_pathv[i]);
	}
	globfree(&found);
	return r;
}

int outleft_finish(const struct outfile *out, struct gust_task *task,
		   uint64_t *number)
{
	int r;

	*number = 0;
	r = outleft_scan(out, task, OUTLEFT_SUFFIX, number);
	if (r == 0)
		r = outleft_scan(out, task, "", number);
	return r;
}
