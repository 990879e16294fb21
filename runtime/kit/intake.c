/* SPDX-License-Identifier: MIT */

#include <gust/kit/intake.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <gust/kit/file_list.h>
#include <gust/kit/utf8.h>

#include "intake_file.h"

/* How often a device that cannot be watched is looked at. */
#define INTAKE_POLL_NS (UINT64_C(10) * 1000 * 1000)
#define INTAKE_REASON_MAX 512

int intake_declare(struct intake *intake, struct gust_declaration *about,
		   struct gust_error *error)
{
	size_t i;

	(void)error;
	for (i = 0; i < intake->names.count; i++) {
		if (!file_list_is_stdin(intake->names.items[i]))
			continue;
		intake->unplaced = true;
		gust_declare_replay(about, GUST_REPLAY_RECORD);
	}
	return 0;
}

static int intake_shorter(const struct intake_file *file, uint64_t size,
			  struct gust_error *error)
{
	return gust_error_set(error, -EINVAL,
			      "file '%s' was read up to byte %" PRIu64
			      " by an earlier run, but has %" PRIu64 " bytes",
			      file->path, file->resume, size);
}

/* Says now, rather than in the middle of a run, that a file cannot be read. */
static int intake_check(struct intake *intake, struct gust_task *task,
			struct intake_file *file, struct gust_error *error)
{
	int found, r;

	if (!file->status.regular)
		return 0;
	r = infile_open(&file->in, file->path, error);
	if (r < 0)
		return r;
	found = infile_seek(&file->in, 0, error);
	infile_close(&file->in);
	if (found < 0 && found != -ESPIPE)
		return found;
	if (intake->unplaced)
		return 0;
	r = intake_locate(task, file);
	if (r == 0 && found == 0 && file->resume > file->status.size)
		r = intake_shorter(file, file->status.size, error);
	return r;
}

/* Takes this task's files out of the list of all. */
static int intake_deal(struct intake *intake, struct gust_task *task,
		       const struct file_list *list, struct gust_error *error)
{
	const struct file_list_item *item;
	struct intake_file *file;
	size_t i;
	int r = 0;

	for (i = gust_task_index(task); i < list->count && r == 0;
	     i += gust_task_count(task)) {
		item = &list->items[i];
		file = intake_add(intake, item->path, &item->status);
		r = file == NULL ? -ENOMEM
				 : intake_check(intake, task, file, error);
	}
	return r;
}

int intake_open(struct intake *intake, struct gust_task *task,
		struct gust_error *error)
{
	struct file_list list = { NULL, 0, 0 };
	int r;

	intake->open = true;
	intake->watch.fd = -1;
	if (intake->follow)
		return follow_open(intake, task, error);
	r = file_list_expand(&list, &intake->names, false, error);
	if (r == 0)
		r = intake_deal(intake, task, &list, error);
	file_list_clear(&list);
	return r;
}

/* Waits for a pipe. Some devices cannot be watched; they are looked at. */
static int intake_wait(struct intake_file *file, struct gust_task *task)
{
	if (gust_watch(task, file->in.fd, POLLIN) < 0)
		return gust_wait_until(task, gust_now(task) + INTAKE_POLL_NS);
	file->watching = true;
	return GUST_WAIT;
}

int intake_fill(struct intake *intake, struct gust_task *task)
{
	struct gust_error error = { 0 };
	struct intake_file *file;
	ssize_t n = 0;

	if (intake->follow)
		return follow_fill(intake, task);
	if (intake->text == NULL) {
		if (intake->turn >= intake->count)
			return GUST_DONE;
		file = intake->files[intake->turn];
		intake->text = &file->text;
		n = intake_begin(intake, file, &error);
	}
	if (n == 0)
		n = intake_read(intake, &error);
	file = intake_current(intake);
	if (n > 0 || n == -EINTR)
		return GUST_EMITTED;
	if (n == -EAGAIN)
		return intake_wait(file, task);
	if (n == 0 && file->passing && file->text.offset < file->resume)
		n = intake_shorter(file, file->text.offset, &error);
	file->text.ended = n == 0;
	return n == 0 ? GUST_EMITTED : intake_give_up(intake, task, &error);
}

void intake_take(struct intake *intake, size_t n)
{
	intake_advance(intake, intake->text, n);
}

int intake_emit(struct intake *intake, struct gust_task *task,
		const struct gust_value *values, size_t count, size_t n)
{
	const struct intake_file *file = intake_current(intake);
	uint64_t offset = file->text.offset;
	const struct gust_emission how = {
		.kind = file->positioned ? GUST_EMIT_AT : GUST_EMIT_PLAIN,
		.direct = -1,
		.source = file->source,
		.offset = offset,
		.next = offset + n,
	};
	int r = gust_emit_with(task, &how, values, count);

	intake_take(intake, n);
	return r;
}

int intake_reject(struct intake *intake, struct gust_task *task, size_t length,
		  const char *format, ...)
{
	const struct intake_file *file = intake_current(intake);
	const struct intake_text *text = intake->text;
	char raw[INTAKE_REASON_MAX], reason[INTAKE_REASON_MAX];
	va_list arguments;
	int n;

	length = length < INTAKE_REJECTED_MAX ? length : INTAKE_REJECTED_MAX;
	n = snprintf(raw, sizeof(raw), "'%.80s'", text->path);
	if (intake->numbered)
		n += snprintf(raw + n, sizeof(raw) - (size_t)n,
			      ", line %" PRIu64, text->line);
	n += snprintf(raw + n, sizeof(raw) - (size_t)n, ": ");
	va_start(arguments, format);
	vsnprintf(raw + n, sizeof(raw) - (size_t)n, format, arguments);
	va_end(arguments);
	/* Reasons quote values, and people read reasons. */
	utf8_readable(raw, reason, sizeof(reason));
	if (!file->positioned)
		return gust_reject_record(task, text->data, length, "%s",
					  reason);
	return gust_reject_at(task, file->source, text->offset, text->data,
			      length, "%s", reason);
}

int intake_resume(struct intake *intake, struct gust_task *task)
{
	struct gust_error error = { 0 };
	int r = intake_jump(intake, intake_current(intake), &error);

	return r < 0 ? intake_give_up(intake, task, &error) : 0;
}

int intake_leave(struct intake *intake, struct gust_task *task)
{
	struct intake_file *file = intake_current(intake);

	if (file->watching)
		gust_watch(task, file->in.fd, 0);
	file->watching = false;
	intake->text = NULL;
	if (intake->follow)
		return follow_leave(intake, task, file);
	intake_shut(intake, file);
	intake->turn++;
	return 0;
}

int intake_give_up(struct intake *intake, struct gust_task *task,
		   const struct gust_error *error)
{
	int r;

	if (error->code == 0 || error->code == -ENOMEM)
		return -ENOMEM;
	if (!intake->follow)
		return gust_give_up(task, error->code, "%s", error->text);
	gust_log(task, GUST_LOG_ERROR, "%s", error->text);
	r = intake_reject(intake, task, intake->text->length, "%s",
			  error->text);
	intake_current(intake)->lost = true;
	return r < 0 ? r : intake_leave(intake, task);
}

/* A watch ends here, since a paused spout would be called for ever. */
int intake_ready(struct intake *intake, struct gust_task *task, int fd)
{
	struct intake_file *file;
	size_t i;

	if (fd == intake->watch.fd && intake->watching) {
		gust_watch(task, fd, 0);
		intake->watching = false;
		intake->hinted = true;
	}
	for (i = 0; i < intake->count; i++) {
		file = intake->files[i];
		if (!file->watching || file->in.fd != fd)
			continue;
		gust_watch(task, fd, 0);
		file->watching = false;
		file->ready = true;
	}
	return 0;
}

void intake_close(struct intake *intake)
{
	size_t i;

	if (!intake->open)
		return;
	for (i = 0; i < intake->count; i++) {
		intake_shut(intake, intake->files[i]);
		free(intake->files[i]->path);
		free(intake->files[i]->place);
		free(intake->files[i]);
	}
	follow_close(intake);
	free(intake->files);
	free(intake->spare);
	intake->open = false;
}
