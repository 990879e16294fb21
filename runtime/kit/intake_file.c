/* SPDX-License-Identifier: MIT */

#include "intake_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct intake_file *intake_add(struct intake *intake, const char *path,
			       const struct infile_status *status)
{
	size_t size = intake->size == 0 ? 16 : 2 * intake->size;
	struct intake_file **grown;
	struct intake_file *file;

	if (intake->count == intake->size) {
		grown = realloc(intake->files,
				size * sizeof(struct intake_file *));
		if (grown == NULL)
			return NULL;
		intake->files = grown;
		intake->size = size;
	}
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->path = strdup(path);
	if (file->path == NULL) {
		free(file);
		return NULL;
	}
	file->status = *status;
	file->in.fd = -1;
	intake->files[intake->count++] = file;
	return file;
}

/* The name of a file as a source; why it is this one stands in the header. */
static void intake_name(const struct intake_file *file, char *name, size_t size)
{
	const struct infile_status *status = &file->status;
	int n;

	if (status->born != 0)
		n = snprintf(name, size,
			     "inode %" PRIu64 ", born %" PRId64 ".%09" PRId64,
			     status->inode, status->born / 1000000000,
			     status->born % 1000000000);
	else
		n = snprintf(name, size, "inode %" PRIu64 " at %s",
			     status->inode, file->path);
	if (file->generation > 0 && (size_t)n < size)
		snprintf(name + n, size - (size_t)n, ", cut %" PRIu32,
			 file->generation);
}

static int intake_source(struct gust_task *task, struct intake_file *file)
{
	char name[8192];

	intake_name(file, name, sizeof(name));
	return gust_source(task, name, &file->source, &file->resume);
}

int intake_locate(struct gust_task *task, struct intake_file *file)
{
	struct intake_file next = *file;
	int r = intake_source(task, file);

	/* The last source that was begun is the one that goes on. */
	while (r == 0 && file->resume > 0) {
		next.generation = file->generation + 1;
		r = intake_source(task, &next);
		if (r < 0 || next.resume == 0)
			break;
		file->generation = next.generation;
		file->source = next.source;
		file->resume = next.resume;
	}
	if (r == 0)
		r = gust_source_title(task, file->source, file->path);
	file->positioned = r == 0;
	return r;
}

int intake_renew(struct gust_task *task, struct intake_file *file)
{
	int r = 0;

	do {
		file->generation++;
		file->resume = 0;
		if (file->positioned)
			r = intake_source(task, file);
	} while (r == 0 && file->resume > 0);
	if (r == 0 && file->positioned)
		r = gust_source_title(task, file->source, file->path);
	return r;
}

void intake_count(struct intake_text *text, size_t n)
{
	const char *at = text->data, *end = at + n;

	while (at < end &&
	       (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		text->line++;
		at++;
	}
}

/* Drops what lies before the position, as far as it has been read. */
static void intake_pass(const struct intake *intake, struct intake_file *file)
{
	struct intake_text *text = &file->text;
	uint64_t rest;

	if (!file->passing || text->offset >= file->resume)
		return;
	rest = file->resume - text->offset;
	intake_advance(intake, text,
		       rest < text->length ? (size_t)rest : text->length);
}

int intake_jump(const struct intake *intake, struct intake_file *file,
		struct gust_error *error)
{
	struct intake_text *text = &file->text;
	int r;

	file->passing = true;
	intake_pass(intake, file);
	if (text->offset >= file->resume || intake->numbered)
		return 0;
	r = infile_seek(&file->in, file->resume, error);
	if (r == 0)
		text->offset = file->resume;
	return r == -ESPIPE ? 0 : r;
}

/* Gives a file what it needs to be read. */
static int intake_prepare(struct intake *intake, struct intake_file *file)
{
	if (file->begun)
		return 0;
	file->text = (struct intake_text){ .data = "", .line = 1 };
	file->text.state = calloc(1, intake->state_size + 1);
	if (file->text.state == NULL)
		return -ENOMEM;
	file->begun = true;
	file->passing = false;
	return 0;
}

int intake_begin(struct intake *intake, struct intake_file *file,
		 struct gust_error *error)
{
	bool again = file->begun;
	struct infile_status found;
	int r;

	r = infile_open(&file->in, file->path, error);
	if (r < 0)
		return r;
	intake->opened++;
	r = infile_look_again(&file->in, &found);
	/* Between finding and opening it another one may have come. */
	if (r == 0 && file->status.regular &&
	    !infile_same(&found, &file->status))
		r = gust_error_set(error, -ENOENT,
				   "cannot read '%s': it is another file now",
				   file->path);
	/* It would never come to its end. */
	if (r == 0 && found.regular && !intake->follow &&
	    infile_is_written(&file->in))
		r = gust_error_set(error, -EBUSY,
				   "cannot read '%s': this run writes to it",
				   file->path);
	if (r < 0) {
		intake->opened--;
		infile_close(&file->in);
		return r;
	}
	file->in.patient = intake->follow && file->in.regular;
	r = intake_prepare(intake, file);
	file->text.path = file->path;
	if (r < 0)
		return r;
	if (!again)
		return intake->headed ? 0 : intake_jump(intake, file, error);
	r = infile_seek(&file->in, file->text.offset + file->text.length,
			error);
	if (r == -ESPIPE) {
		file->resume = file->text.offset;
		file->passing = true;
		file->text.offset = 0;
		file->text.line = 1;
		r = 0;
	}
	return r;
}

/* Makes room behind what is in the buffer. */
static int intake_make_room(struct intake *intake, struct intake_file *file)
{
	struct intake_text *text = &file->text;
	char *grown;

	if (file->buffer == NULL) {
		file->buffer = intake->spare != NULL
				       ? intake->spare
				       : malloc(INTAKE_BUFFER_SIZE);
		if (file->buffer == NULL)
			return -ENOMEM;
		intake->spare = NULL;
		file->size = INTAKE_BUFFER_SIZE;
	}
	if (text->length > 0 && text->data != file->buffer)
		memmove(file->buffer, text->data, text->length);
	text->data = file->buffer;
	if (text->length < file->size)
		return 0;
	grown = realloc(file->buffer, 2 * file->size);
	if (grown == NULL)
		return -ENOMEM;
	file->buffer = grown;
	text->data = grown;
	file->size *= 2;
	return 0;
}

ssize_t intake_read(struct intake *intake, struct gust_error *error)
{
	struct intake_file *file = intake_current(intake);
	struct intake_text *text = &file->text;
	ssize_t n;
	int r;

	r = intake_make_room(intake, file);
	if (r < 0)
		return r;
	n = infile_read(&file->in, file->buffer + text->length,
			file->size - text->length, error);
	if (n > 0) {
		text->length += (size_t)n;
		intake_pass(intake, file);
	}
	return n;
}

/* Takes the buffer of a file away. */
static void intake_give_back(struct intake *intake, struct intake_file *file)
{
	if (intake->spare == NULL && file->size == INTAKE_BUFFER_SIZE)
		intake->spare = file->buffer;
	else
		free(file->buffer);
	file->buffer = NULL;
	file->size = 0;
	file->text.data = "";
}

void intake_shrink(struct intake *intake, struct intake_file *file)
{
	struct intake_text *text = &file->text;
	char *small;

	if (file->buffer == NULL || text->length == 0) {
		intake_give_back(intake, file);
		return;
	}
	if (text->length > file->size / 2)
		return;
	memmove(file->buffer, text->data, text->length);
	text->data = file->buffer;
	small = realloc(file->buffer, text->length);
	if (small == NULL)
		return;
	file->buffer = small;
	file->size = text->length;
	text->data = small;
}

void intake_shut(struct intake *intake, struct intake_file *file)
{
	if (file->in.fd >= 0)
		intake->opened--;
	infile_close(&file->in);
	if (file->begun && intake->state_fini != NULL)
		intake->state_fini(file->text.state);
	free(file->text.state);
	file->text.state = NULL;
	file->text.length = 0;
	file->begun = false;
	intake_give_back(intake, file);
}
