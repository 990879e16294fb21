/* SPDX-License-Identifier: MIT */

#include "journal/dead_letters.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/appender.h"
#include "base/file.h"
#include "journal/exact.h"
#include "journal/letter_reader.h"

struct dead_letters {
	pthread_mutex_t mutex; /* guards the file and the count */
	struct appender *file; /* NULL before the first letter */
	uint64_t count;
	char *path;
	bool sync;
	uint64_t synced; /* of `count`: on the disk, by dead_letters_sync() */
};

static int dead_letters_check_first(const char *path, struct gust_error *error)
{
	struct letter_reader *reader = NULL;
	struct dead_letter first;
	int r = letter_reader_open(&reader, path, error);

	if (r < 0)
		return r;
	r = letter_reader_next(reader, &first, error);
	letter_reader_close(reader);
	return r;
}

/* Finds out early what would go wrong with the first letter. */
static int dead_letters_check(const char *path, struct gust_error *error)
{
	struct gust_error reason = { 0 };
	struct stat status;
	char *folder;
	int r;

	if (stat(path, &status) == 0) {
		if (access(path, W_OK) < 0)
			return -errno;
		if (S_ISDIR(status.st_mode))
			return -EISDIR;
		if (!S_ISREG(status.st_mode) || access(path, R_OK) < 0)
			return 0;
		r = dead_letters_check_first(path, &reason);
		if (r == -ENOTSUP)
			gust_error_set(error, r, "'%s': %s", path, reason.text);
		/* Lines of another kind are no reason not to add to them. */
		return r == -ENOTSUP || r == -ENOMEM ? r : 0;
	}
	folder = file_folder(path);
	if (folder == NULL)
		return -ENOMEM;
	r = access(folder, W_OK | X_OK) < 0 ? -errno : 0;
	free(folder);
	return r;
}

int dead_letters_open(struct dead_letters **letters, const char *path,
		      bool sync, struct gust_error *error)
{
	struct dead_letters *fresh = calloc(1, sizeof(*fresh));
	int r = -ENOMEM;

	if (fresh == NULL)
		goto fail;
	pthread_mutex_init(&fresh->mutex, NULL);
	fresh->sync = sync;
	fresh->path = strdup(path);
	if (fresh->path == NULL)
		goto fail;
	r = dead_letters_check(path, error);
	if (r < 0)
		goto fail;
	*letters = fresh;
	return 0;
fail:
	gust_error_set(error, r,
		       "dead letters cannot be written to '%s': %s, "
		       "expected another file in 'topology.dead.letters'",
		       path, strerror(-r));
	dead_letters_close(fresh);
	return r;
}

/* The text of a batch. */
struct dead_letters_batch {
	char *text;
	size_t n;
	size_t size;
};

static int dead_letters_grow(struct dead_letters_batch *batch, size_t n)
{
	size_t size = batch->size * 2 + n;
	char *text;

	if (n > SIZE_MAX / 2 || batch->size > SIZE_MAX / 4)
		return -ENOMEM;
	text = realloc(batch->text, size);
	if (text == NULL)
		return -ENOMEM;
	batch->text = text;
	batch->size = size;
	return 0;
}

static int dead_letters_add(struct dead_letters_batch *batch,
			    const struct dead_letter *letter)
{
	json_t *json = dead_letter_to_json(letter);
	char *line;
	size_t n;
	int r = -ENOMEM;

	if (json != NULL)
		r = exact_dump(json, EXACT_DUMP_FLAGS, &line, &n);
	json_decref(json);
	if (r < 0)
		return r;
	if (n > batch->size - batch->n)
		r = dead_letters_grow(batch, n);
	if (r == 0) {
		memcpy(batch->text + batch->n, line, n);
		batch->n += n;
	}
	free(line);
	return r;
}

static int dead_letters_encode(struct dead_letters_batch *batch,
			       const struct dead_letter *letters, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = dead_letters_add(batch, &letters[i]);
	return r;
}

static int dead_letters_append(struct dead_letters *letters,
			       const struct dead_letters_batch *batch,
			       struct gust_error *error)
{
	int r = 0;

	if (letters->file == NULL)
		r = appender_open(&letters->file, letters->path,
				  DEAD_LETTER_PREFIX, error);
	if (r == 0)
		r = appender_write(letters->file, batch->text, batch->n, error);
	if (r == 0 && letters->sync)
		r = appender_sync(letters->file, error);
	return r;
}

int dead_letters_write(struct dead_letters *letters,
		       const struct dead_letter *batch, size_t count,
		       struct gust_error *error)
{
	struct dead_letters_batch lines = { NULL, 0, 0 };
	int r;

	if (count == 0)
		return 0;
	r = dead_letters_encode(&lines, batch, count);
	if (r < 0) {
		gust_error_set(error, r, "'%s' cannot be written: %s",
			       letters->path, strerror(-r));
		free(lines.text);
		return r;
	}
	pthread_mutex_lock(&letters->mutex);
	r = dead_letters_append(letters, &lines, error);
	if (r == 0)
		letters->count += count;
	pthread_mutex_unlock(&letters->mutex);
	free(lines.text);
	return r;
}

int dead_letters_sync(struct dead_letters *letters, struct gust_error *error)
{
	struct appender *file;
	uint64_t count;
	int r;

	pthread_mutex_lock(&letters->mutex);
	count = letters->count;
	file = count == letters->synced ? NULL : letters->file;
	pthread_mutex_unlock(&letters->mutex);
	if (file == NULL)
		return 0;
	/* Without the lock: a slow disk must not keep those who write. */
	r = appender_sync(file, error);
	if (r < 0)
		return r;
	pthread_mutex_lock(&letters->mutex);
	letters->synced = count;
	pthread_mutex_unlock(&letters->mutex);
	return 0;
}

uint64_t dead_letters_count(struct dead_letters *letters)
{
	uint64_t count;

	pthread_mutex_lock(&letters->mutex);
	count = letters->count;
	pthread_mutex_unlock(&letters->mutex);
	return count;
}

void dead_letters_close(struct dead_letters *letters)
{
	if (letters == NULL)
		return;
	appender_close(letters->file);
	pthread_mutex_destroy(&letters->mutex);
	free(letters->path);
	free(letters);
}
