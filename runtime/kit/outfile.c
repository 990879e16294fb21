/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gust/kit/outfile.h>

#include "outdisk.h"
#include "outleft.h"
#include "outpath.h"
#include "outtail.h"

/* So much is gathered. It makes a wait for the disk worth its while. */
#define OUTFILE_GATHER ((size_t)1024 * 1024)
#define OUTFILE_SECOND UINT64_C(1000000000)

enum outfile_fsync { OUTFILE_BATCH, OUTFILE_FILE, OUTFILE_NEVER };

const char *const outfile_fsyncs[] = { "batch", "file", "never", NULL };

static bool outfile_rotates(const struct outfile *out)
{
	return out->options.rotate_size > 0 || out->options.rotate_every > 0;
}

static uint64_t outfile_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * OUTFILE_SECOND + (uint64_t)now.tv_nsec;
}

int outfile_check(const struct outfile *out,
		  const struct gust_declaration *about,
		  struct gust_error *error)
{
	const char *path = out->options.path;
	const uint32_t tasks = gust_declared_tasks(about);
	int r = outpath_check(path, outfile_rotates(out), error);

	if (r < 0 || tasks == 1 || outpath_has_task(path))
		return r;
	return gust_error_set(error, -EINVAL,
			      "option 'path' is '%s', expected {task} in it, "
			      "since there are %u tasks",
			      path, tasks);
}

/* Has the timer come when the wall clock is at the next multiple. */
static int outfile_arm(struct outfile *out, struct gust_task *task)
{
	const uint64_t every = out->options.rotate_every, now = outfile_now();

	if (every == 0)
		return 0;
	out->due = now - now % every + every;
	return gust_timer(task, out->due - now, 0);
}

static int outfile_names(struct outfile *out)
{
	const struct outpath_values values = { out->task, out->number,
					       out->begun };
	int r = outpath_name(out->options.path, &values, "", &out->name);

	if (r < 0)
		return r;
	return outpath_name(out->options.path, &values,
			    outfile_rotates(out) ? OUTLEFT_SUFFIX : "",
			    &out->path);
}

/* Takes off what may stand after the records that are safe. */
static int outfile_cut(struct outfile *out)
{
	if (ftruncate(out->fd, (off_t)out->size) < 0)
		return -errno;
	out->torn = false;
	return 0;
}

static int outfile_sync(struct outfile *out, enum outfile_fsync policy)
{
	if ((int)policy != out->options.fsync || !out->regular)
		return 0;
	return fdatasync(out->fd) < 0 ? -errno : 0;
}

/* Writes all `n` bytes, or, to a regular file, none. */
static int outfile_put(struct outfile *out, const char *data, size_t n)
{
	ssize_t took;
	int r = out->torn ? outfile_cut(out) : 0;

	while (r == 0 && out->gather.written < n) {
		took = write(out->fd, data + out->gather.written,
			     n - out->gather.written);
		if (took > 0)
			out->gather.written += (size_t)took;
		else if (took == 0 || errno != EINTR)
			r = took == 0 ? -EIO : -errno;
	}
	/* The kernel forgets what it could not write to the disk, so after a
	 * failure here it has to be written anew, too. */
	if (r == 0)
		r = outfile_sync(out, OUTFILE_BATCH);
	if (r < 0 && out->regular) {
		out->gather.written = 0;
		out->torn = true;
		(void)outfile_cut(out);
	}
	if (r < 0)
		return r;
	out->size += n;
	out->gather.written = 0;
	return 0;
}

/* Whether the file begins as every one does. */
static int outfile_check_head(struct outfile *out, struct gust_error *error)
{
	const size_t n = out->head.used;
	char *found = malloc(n + 1);
	ssize_t got = found != NULL ? pread(out->fd, found, n, 0) : -1;
	int r = 0;

	if (got < 0)
		r = gust_error_set(error, -errno, "cannot read '%s': %s",
				   out->path.data, strerror(errno));
	else if ((size_t)got != n ||
		 (n > 0 && memcmp(found, out->head.data, n) != 0))
		r = gust_error_set(error, -EINVAL,
				   "'%s' does not begin with the line '%.*s', "
				   "expected a file with the same columns",
				   out->path.data, (int)n - 1, out->head.data);
	free(found);
	return r;
}

/* Goes on with a file that is not empty, after its last whole record. */
static int outfile_continue(struct outfile *out, struct gust_task *task,
			    struct gust_error *error)
{
	const uint64_t found = out->size;
	int r = outtail_find(out->fd, found, out->quote, &out->size);

	if (r == 0 && out->size < found)
		r = outfile_cut(out);
	if (r < 0)
		return gust_error_set(error, r, "cannot continue '%s': %s",
				      out->path.data, strerror(-r));
	if (out->size > 0)
		r = outfile_check_head(out, error);
	if (r < 0)
		return r;
	if (out->size < found)
		gust_log(task, GUST_LOG_WARN,
			 "'%s' is continued at byte %" PRIu64 "; %" PRIu64
			 " bytes of a torn record were cut",
			 out->path.data, out->size, found - out->size);
	else
		gust_log(task, GUST_LOG_INFO,
			 "'%s' is continued at byte %" PRIu64, out->path.data,
			 out->size);
	return 0;
}

static void outfile_drop(struct outfile *out)
{
	close(out->fd);
	out->is_open = false;
}

/* Readies what outdisk_open() has opened. */
static int outfile_enter(struct outfile *out, struct gust_task *task,
			 struct gust_error *error)
{
	int r = 0;

	out->is_open = true;
	out->regular = S_ISREG(out->about.st_mode);
	out->size = out->regular ? (uint64_t)out->about.st_size : 0;
	out->torn = false;
	out->gather.written = 0;
	if (out->size > 0)
		r = outfile_continue(out, task, error);
	if (r < 0 || out->size > 0)
		return r;
	r = outfile_put(out, out->head.data, out->head.used);
	if (r < 0)
		return gust_error_set(error, r, "cannot write '%s': %s",
				      out->path.data, strerror(-r));
	if (out->options.fsync == OUTFILE_BATCH)
		outdisk_sync_folder(out->path.data);
	return 0;
}

/* Opens the file that is to be written now. */
static int outfile_create(struct outfile *out, struct gust_task *task,
			  struct gust_error *error)
{
	int r;

	out->begun = (time_t)(outfile_now() / OUTFILE_SECOND);
	r = outfile_names(out);
	if (r < 0)
		return gust_error_set(error, r, "memory is short");
	r = outpath_make_folders(out->options.path, out->path.data);
	if (r < 0)
		return gust_error_set(error, r,
				      "cannot make the folders of '%s': %s",
				      out->path.data, strerror(-r));
	r = outdisk_open(out->path.data, true, &out->about, error);
	if (r < 0)
		return r;
	out->fd = r;
	r = outfile_enter(out, task, error);
	if (r < 0)
		outfile_drop(out);
	return r;
}

/* Gives the file its name; where that is taken, the next one. */
static int outfile_publish(struct outfile *out)
{
	struct buffer path = out->path;
	int r;

	out->path = (struct buffer){ 0 };
	while ((r = outdisk_rename(path.data, out->name.data)) == -EEXIST) {
		out->number++;
		r = outfile_names(out);
		if (r < 0)
			break;
	}
	buffer_destroy(&out->path);
	out->path = path;
	return r;
}

/* The file is complete. One without records does not stay in a rotation. */
static int outfile_complete(struct outfile *out)
{
	int r;

	if (!out->is_open)
		return 0;
	r = out->torn ? outfile_cut(out) : 0;
	if (r == 0)
		r = outfile_sync(out, OUTFILE_FILE);
	if (r == 0 && outfile_rotates(out) && out->size <= out->head.used) {
		r = unlink(out->path.data) < 0 ? -errno : 0;
	} else if (r == 0 && outfile_rotates(out)) {
		r = outfile_publish(out);
		out->number += r == 0;
	}
	if (r < 0)
		return r;
	if (out->options.fsync != OUTFILE_NEVER)
		outdisk_sync_folder(out->path.data);
	outfile_drop(out);
	return 0;
}

/* Has a file to write to: the same one, unless somebody took it away. */
static int outfile_ready(struct outfile *out, struct gust_task *task)
{
	if (out->is_open && !outdisk_is(out->path.data, &out->about)) {
		gust_log(task, GUST_LOG_WARN,
			 "'%s' was moved or removed, another one is begun",
			 out->path.data);
		outfile_drop(out);
	}
	return out->is_open ? 0 : outfile_create(out, task, NULL);
}

/* The reason comes first: who shows it may cut it. */
static int outfile_wait(struct outfile *out, struct gust_task *task, int r)
{
	if (!out->waits)
		gust_log(task, GUST_LOG_WARN,
			 "cannot write '%s': %s; it is tried again",
			 out->path.data, strerror(-r));
	out->waits = true;
	return gust_not_now(task, "%s: '%s'", strerror(-r), out->path.data);
}

/* Writes the first `n` bytes that were gathered and acks their tuples. */
static int outfile_write(struct outfile *out, struct gust_task *task, size_t n)
{
	int r;

	if (n == 0)
		return 0;
	r = outfile_ready(out, task);
	if (r == 0)
		r = outfile_put(out, out->gather.bytes.data, n);
	if (r < 0)
		return outfile_wait(out, task, r);
	if (out->waits)
		gust_log(task, GUST_LOG_INFO, "'%s' can be written again",
			 out->path.data);
	out->waits = false;
	gather_ack(&out->gather, task, n);
	return 0;
}

/* The file ends with the first `n` bytes that were gathered. */
static int outfile_turn(struct outfile *out, struct gust_task *task, size_t n)
{
	int r = outfile_write(out, task, n);

	if (r < 0)
		return r;
	r = outfile_complete(out);
	if (r < 0)
		return outfile_wait(out, task, r);
	out->expired = false;
	return 0;
}

int outfile_open(struct outfile *out, struct gust_task *task,
		 struct gust_error *error)
{
	const char *path = out->options.path;
	int r = 0;

	out->task = gust_task_index(task);
	out->gather.limit = OUTFILE_GATHER;
	out->gather.write = outfile_flush;
	if (outfile_rotates(out))
		r = outleft_finish(out, task, &out->number);
	if (r < 0)
		return gust_error_set(error, r,
				      "cannot look for files of '%s': %s", path,
				      strerror(-r));
	out->number++;
	r = outfile_create(out, task, error);
	return r == 0 ? outfile_arm(out, task) : r;
}

int outfile_flush(void *self, struct gust_task *task)
{
	struct outfile *out = self;

	if (out->expired)
		return outfile_turn(out, task, out->gather.bytes.used);
	return outfile_write(out, task, out->gather.bytes.used);
}

int outfile_begin(struct outfile *out, struct gust_task *task)
{
	int r = out->expired ? outfile_flush(out, task) : 0;

	out->gather.record = out->gather.bytes.used;
	return r == 0 ? gather_begin(&out->gather, out, task) : r;
}

/* Whether the newest record is too much for the file that has the others. */
static bool outfile_is_full(const struct outfile *out)
{
	const uint64_t size = out->is_open ? out->size : out->head.used;

	return out->options.rotate_size > 0 &&
	       size + out->gather.bytes.used > out->options.rotate_size &&
	       size + out->gather.record > out->head.used;
}

int outfile_end(struct outfile *out, struct gust_task *task,
		const struct gust_tuple *in, int r)
{
	if (r == 0 && outfile_is_full(out))
		r = outfile_turn(out, task, out->gather.record);
	return gather_end(&out->gather, out, task, in, r);
}

int outfile_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct outfile *out = self;
	const uint64_t now = outfile_now();

	(void)cookie;
	/* The two clocks do not run alike. */
	if (now < out->due)
		return gust_timer(task, out->due - now, 0);
	/* What does not work now does so with the next record. */
	out->expired = true;
	(void)outfile_flush(out, task);
	return outfile_arm(out, task);
}

int outfile_finish(void *self, struct gust_task *task)
{
	struct outfile *out = self;

	return outfile_turn(out, task, out->gather.bytes.used);
}

void outfile_close(void *self)
{
	struct outfile *out = self;

	(void)outfile_complete(out);
	if (out->is_open)
		outfile_drop(out);
	buffer_destroy(&out->head);
	gather_destroy(&out->gather);
	buffer_destroy(&out->name);
	buffer_destroy(&out->path);
}
