/* SPDX-License-Identifier: MIT */

/*
 * Design notes.
 *
 * A *look* compares what is there with what is known: it expands the names,
 * recognizes files by their identity, and finds those that have grown, were
 * cut, or are no longer at their path. inotify only says that a look may be
 * worthwhile, so nothing depends on what it tells, or forgets to tell.
 *
 * A file that has lost its path is *rotated*. It is *drained* when a look finds
 * nothing more in it, and only then is the file in its place begun. Who wrote
 * to it may do so for a while, until it has opened the new one; so the rotated
 * one stays open and is looked at until it has been quiet for some seconds.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gust/kit/file_list.h>

#include "intake_file.h"

/* A look is due after that, without a hint, too. */
#define FOLLOW_POLL_NS (UINT64_C(1000) * 1000 * 1000)
/* The same where there will be no hints. */
#define FOLLOW_BLIND_NS (UINT64_C(250) * 1000 * 1000)
/* How long a rotated file must have been quiet to be left. */
#define FOLLOW_LINGER_NS (UINT64_C(10) * 1000 * 1000 * 1000)
/* Between two looks, at least and for each file, so that looking is not all
 * that is done, and what comes in small pieces is read together. */
#define FOLLOW_PACE_NS (UINT64_C(1000) * 1000)
#define FOLLOW_PACE_FILE_NS (UINT64_C(20) * 1000)
/* More files than that are open only if all of them have something to say. */
#define FOLLOW_OPEN_MAX 128
/* So much of a file is read before the turn of another one comes. */
#define FOLLOW_TURN_BYTES (UINT64_C(1024) * 1024)

/* A file is where the names lead. */
static int follow_found(struct intake *intake, struct gust_task *task,
			const struct file_list_item *item)
{
	struct intake_file *file;
	int r;

	r = known_meet(intake, task, item->path, &item->status, &file);
	if (r < 0)
		return r;
	if (file != NULL) {
		file->seen = intake->looks;
		file->rotated = false;
		file->drained = false;
		return 0;
	}
	r = known_add(intake, task, item->path, &item->status, &file);
	if (r < 0)
		return r;
	file->origin = item->origin;
	file->place = strdup(item->path);
	if (file->place == NULL)
		return -ENOMEM;
	file->seen = intake->looks;
	return item->status.regular ? rotation_succeed(intake, task, file) : 0;
}

/* A file that is not at its path any more. */
static void follow_check_rotated(struct intake_file *file, uint64_t now)
{
	if (!file->rotated)
		file->quiet = now;
	file->rotated = true;
	if (file->ready)
		return;
	file->drained = true;
	/* One that was not found when it was to be opened may be found yet. */
	if (now - file->quiet < FOLLOW_LINGER_NS)
		file->left = file->in.fd < 0 && file->begun;
	else if (file->in.fd < 0 || file->foreign)
		file->left = true;
	else if ((file->origin != FILE_LIST_NAMED || file->followed ||
		  file->status.links == 0)) {
		file->in.patient = false;
		file->ready = true;
	}
}

/* Has a file anything new? */
static void follow_check(const struct intake *intake, struct intake_file *file)
{
	struct infile_status status;

	if (file->left || file->lost)
		return;
	if (file->foreign) {
		file->ready = false;
		if (file->seen != intake->looks)
			follow_check_rotated(file, intake->looked);
		return;
	}
	if (!file->in.regular && file->in.fd >= 0) {
		file->ready = true;
		return;
	}
	if (file->in.fd >= 0 && infile_look_again(&file->in, &status) == 0) {
		file->status = status;
		file->cut = status.size < file->in.raw;
		if (status.size != file->in.raw) {
			file->ready = true;
			file->quiet = intake->looked;
		}
	}
	if (file->seen != intake->looks)
		follow_check_rotated(file, intake->looked);
	else if (!file->begun)
		file->ready = true;
	/* It may be somewhere else in the same folder. */
	if (file->followed && !file->ready)
		file->drained = true;
}

/* Watches the folders of the names, also those that have come since. */
static void follow_watch(struct intake *intake)
{
	const char *name, *slash;
	char *folder;
	size_t i;

	for (i = 0; i < intake->names.count; i++) {
		name = intake->names.items[i];
		if (watch_folder(&intake->watch, name) == 0)
			continue;
		slash = strrchr(name, '/');
		folder = slash == NULL ? strdup(".")
				       : strndup(name, (size_t)(slash - name) +
							       (slash == name));
		if (folder != NULL)
			watch_folder(&intake->watch, folder);
		free(folder);
	}
}

static int follow_look(struct intake *intake, struct gust_task *task,
		       struct gust_error *error)
{
	struct file_list list = { NULL, 0, 0 };
	uint64_t now = gust_now(task);
	size_t i, count;
	int r;

	if (intake->looks == 0 || now - intake->watched >= FOLLOW_POLL_NS) {
		follow_watch(intake);
		intake->watched = now;
	}
	intake->hinted = false;
	intake->looked = now;
	intake->looks++;
	watch_clear(&intake->watch);
	r = file_list_expand(&list, &intake->names, true, error);
	for (i = 0; i < list.count && r == 0; i++)
		r = follow_found(intake, task, &list.items[i]);
	file_list_clear(&list);
	count = r == 0 ? intake->count : 0;
	for (i = 0; i < count; i++)
		follow_check(intake, intake->files[i]);
	return r < 0 ? r : rotation_again(intake, task);
}

/* Says now, rather than in the middle of a run, what cannot be read. */
static int follow_try_name(const char *name, struct gust_error *error)
{
	if (file_list_is_stdin(name) || file_list_is_pattern(name) ||
	    access(name, R_OK) == 0 || errno == ENOENT)
		return 0;
	return gust_error_set(error, -errno, "cannot read '%s': %s", name,
			      strerror(errno));
}

static int follow_try(const struct intake_file *file, struct gust_error *error)
{
	struct infile in = { .fd = -1 };
	struct gust_error own = { 0 };
	int r;

	if (!file->status.regular || file->foreign)
		return 0;
	r = infile_open(&in, file->path, &own);
	if (r == 0)
		r = infile_seek(&in, 0, &own);
	infile_close(&in);
	/* It may have got another name just now. */
	if (r == 0 || r == -ESPIPE || r == -ENOENT)
		return 0;
	return own.code == 0 ? r : gust_error_set(error, r, "%s", own.text);
}

int follow_open(struct intake *intake, struct gust_task *task,
		struct gust_error *error)
{
	size_t i;
	int r = 0;

	/* Without hints it looks more often. */
	(void)watch_open(&intake->watch);
	for (i = 0; i < intake->names.count && r == 0; i++)
		r = follow_try_name(intake->names.items[i], error);
	if (r == 0)
		r = follow_look(intake, task, error);
	for (i = 0; i < intake->count && r == 0; i++)
		r = follow_try(intake->files[i], error);
	return r;
}

static bool follow_may_begin(const struct intake_file *file)
{
	const struct intake_file *after = file->after;

	if (!file->ready || file->lost || file->foreign)
		return false;
	return file->begun || after == NULL || after->drained || after->left ||
	       after->lost || after->foreign;
}

/* Makes the next file that has something the current one. */
static bool follow_pick(struct intake *intake)
{
	struct intake_file *file;
	size_t i;

	for (i = 0; i < intake->count; i++) {
		file = intake->files[(intake->turn + i) % intake->count];
		if (!follow_may_begin(file))
			continue;
		intake->turn = (intake->turn + i) % intake->count;
		intake->text = &file->text;
		intake->given = 0;
		return true;
	}
	return false;
}

/* Turns to the other files. */
static int follow_park(struct intake *intake)
{
	struct intake_file *file = intake_current(intake);

	intake_shrink(intake, file);
	intake->text = NULL;
	intake->turn++;
	return GUST_EMITTED;
}

/* Closes the file that has been quiet longest, if too many are open. */
static void follow_spare(struct intake *intake)
{
	struct intake_file *file, *quiet = NULL;
	size_t i;

	if (intake->opened < FOLLOW_OPEN_MAX)
		return;
	for (i = 0; i < intake->count; i++) {
		file = intake->files[i];
		if (file->in.fd >= 0 && file->in.regular && !file->ready &&
		    (file->text.length == 0 ||
		     file->in.format == INFLATER_PLAIN) &&
		    (quiet == NULL || file->quiet < quiet->quiet))
			quiet = file;
	}
	if (quiet == NULL)
		return;
	quiet->raw = quiet->in.raw;
	infile_close(&quiet->in);
	intake->opened--;
}

/* Opens the current file. 0, or -EAGAIN: it is tried again later. */
static int follow_begin(struct intake *intake, struct gust_task *task)
{
	struct intake_file *file = intake_current(intake);
	struct gust_error error = { 0 };
	int r;

	follow_spare(intake);
	r = intake_begin(intake, file, &error);
	if (r == 0) {
		file->refused = false;
		return 0;
	}
	if (error.code == 0)
		return r;
	/* It may have got another name just now. */
	if (r != -ENOENT && !file->refused)
		gust_log(task, GUST_LOG_ERROR, "%s", error.text);
	file->refused = r != -ENOENT;
	file->ready = false;
	follow_park(intake);
	return -EAGAIN;
}

/* Nothing is left to be read for now, or for ever. */
static int follow_rest(struct intake *intake, struct gust_task *task)
{
	uint64_t pause = FOLLOW_BLIND_NS;
	struct intake_file *file;
	size_t i, piped = 0;

	for (i = 0; i < intake->names.count; i++)
		piped += file_list_is_stdin(intake->names.items[i]);
	if (piped == intake->names.count && intake->count <= piped &&
	    (intake->count == 0 || intake->files[0]->left ||
	     intake->files[0]->foreign))
		return GUST_DONE;
	if (intake->watch.fd >= 0 && !intake->watching &&
	    gust_watch(task, intake->watch.fd, POLLIN) == 0)
		intake->watching = true;
	if (intake->watching)
		pause = FOLLOW_POLL_NS;
	for (i = 0; i < intake->count; i++) {
		file = intake->files[i];
		if (file->in.fd < 0 || file->in.regular)
			continue;
		if (gust_watch(task, file->in.fd, POLLIN) == 0)
			file->watching = true;
		else
			pause = FOLLOW_BLIND_NS;
	}
	return gust_wait_until(task, intake->looked + pause);
}

/* Finds a file to read. 0: there is one; else what next() returns. */
static int follow_choose(struct intake *intake, struct gust_task *task)
{
	uint64_t pace = FOLLOW_PACE_NS + intake->count * FOLLOW_PACE_FILE_NS;
	uint64_t now = gust_now(task);
	struct gust_error error = { 0 };
	int r;

	if (follow_pick(intake))
		return 0;
	if (now - intake->looked < pace)
		return gust_wait_until(task, intake->looked + pace);
	r = follow_look(intake, task, &error);
	if (r < 0 && error.code != 0)
		return gust_give_up(task, r, "%s", error.text);
	if (r < 0)
		return r;
	return follow_pick(intake) ? 0 : follow_rest(intake, task);
}

/* The current file has come to an end, for now or for good. */
static int follow_ended(struct intake *intake)
{
	struct intake_file *file = intake_current(intake);

	if (file->passing && file->text.offset < file->resume)
		file->cut = true;
	else if (file->in.patient) {
		file->ready = false;
		/* What was written before it lost its place has been read. */
		file->drained = file->rotated || file->followed;
		return follow_park(intake);
	}
	file->text.ended = true;
	return GUST_EMITTED;
}

static int follow_read(struct intake *intake, struct gust_task *task)
{
	struct intake_file *file = intake_current(intake);
	struct gust_error error = { 0 };
	ssize_t n = intake_read(intake, &error);

	if (n == -EINTR)
		return GUST_EMITTED;
	if (n == 0)
		return follow_ended(intake);
	if (n == -EAGAIN) {
		file->ready = false;
		return follow_park(intake);
	}
	if (n < 0)
		return intake_give_up(intake, task, &error);
	intake->given += (uint64_t)n;
	return GUST_EMITTED;
}

int follow_fill(struct intake *intake, struct gust_task *task)
{
	struct gust_error error = { 0 };
	struct intake_file *file;
	int r = 0;

	/* A file that never ends must not keep the others away. */
	if (intake->text != NULL && intake->given >= FOLLOW_TURN_BYTES) {
		follow_park(intake);
		if (intake->hinted ||
		    gust_now(task) - intake->looked >= FOLLOW_POLL_NS)
			r = follow_look(intake, task, &error);
	}
	if (r == 0 && intake->text == NULL)
		r = follow_choose(intake, task);
	if (r != 0)
		return r;
	file = intake_current(intake);
	if (file->cut && !file->begun) {
		intake->text = NULL;
		return follow_leave(intake, task, file);
	}
	if (file->cut) {
		file->text.ended = true;
		return GUST_EMITTED;
	}
	if (file->in.fd < 0)
		r = follow_begin(intake, task);
	if (r < 0)
		return r == -EAGAIN ? GUST_EMITTED : r;
	return follow_read(intake, task);
}

int follow_leave(struct intake *intake, struct gust_task *task,
		 struct intake_file *file)
{
	uint64_t raw = file->in.raw, offset = file->text.offset;

	intake_shut(intake, file);
	intake->turn++;
	if (file->cut) {
		file->cut = false;
		file->raw = 0;
		file->ready = true;
		return intake_renew(task, file);
	}
	file->ready = false;
	file->left = true;
	file->raw = raw;
	file->resume = offset;
	/* Its inode may soon be that of another file. */
	if (file->status.links == 0 && file->status.regular)
		known_drop(intake, file);
	return 0;
}

void follow_close(struct intake *intake)
{
	known_close(intake);
	watch_close(&intake->watch);
}
