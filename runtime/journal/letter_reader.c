/* SPDX-License-Identifier: MIT */

#include "journal/letter_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "journal/exact.h"

struct letter_reader {
	FILE *file;
	char *path;
	char *line; /* of getline() */
	size_t size;
	size_t number; /* of the line, from 1 */
	json_t *json;  /* of the letter that was read last */
	struct arena arena;
};

int letter_reader_open(struct letter_reader **reader, const char *path,
		       struct gust_error *error)
{
	struct letter_reader *fresh = calloc(1, sizeof(*fresh));
	struct stat status;
	int r = -ENOMEM;

	if (fresh == NULL)
		goto fail;
	arena_init(&fresh->arena, 0);
	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	fresh->path = strdup(path);
	if (fresh->path == NULL)
		goto fail;
	fresh->file = fopen(path, "re");
	if (fresh->file == NULL) {
		r = -errno;
		goto fail;
	}
	if (fstat(fileno(fresh->file), &status) == 0 &&
	    S_ISDIR(status.st_mode)) {
		r = -EISDIR;
		gust_error_set(error, r,
			       "'%s' is a folder, expected a file of dead "
			       "letters, such as NAME.dead-letters.jsonl",
			       path);
		goto fail;
	}
	*reader = fresh;
	return 0;
fail:
	gust_error_set(error, r, "'%s' cannot be read: %s", path, strerror(-r));
	letter_reader_close(fresh);
	return r;
}

static int letter_reader_fail(const struct letter_reader *reader, int r,
			      const struct gust_error *reason,
			      struct gust_error *error)
{
	if (error != NULL && error->code == 0) {
		snprintf(error->source, sizeof(error->source), "%s",
			 reader->path);
		error->line = (int)reader->number;
		error->column = reason->column;
	}
	return gust_error_set(error, r, "%s", reason->text);
}

/* Returns the length of the next whole line, 0 if there is none yet. */
static ssize_t letter_reader_line(struct letter_reader *reader,
				  struct gust_error *error)
{
	off_t start = ftello(reader->file);
	ssize_t n;
	int r;

	errno = 0;
	n = getline(&reader->line, &reader->size, reader->file);
	if (n < 0 && !feof(reader->file)) {
		r = errno != 0 ? -errno : -EIO;
		return gust_error_set(error, r, "'%s' cannot be read: %s",
				      reader->path, strerror(-r));
	}
	if (n > 0 && reader->line[n - 1] == '\n') {
		reader->number++;
		return n;
	}
	/* A writer may be about to end it. A pipe cannot go back, but has
	 * come to its end. */
	clearerr(reader->file);
	if (start >= 0)
		fseeko(reader->file, start, SEEK_SET);
	return 0;
}

static int letter_reader_parse(struct letter_reader *reader, size_t n,
			       struct dead_letter *letter,
			       struct gust_error *error)
{
	struct gust_error reason = { 0 };
	json_error_t place;
	int r;

	arena_reset(&reader->arena);
	json_decref(reader->json);
	reader->json = NULL;
	r = exact_load(&reader->json, reader->line, n, &place);
	if (r == -ENOMEM)
		gust_error_set(&reason, r, "%s", strerror(-r));
	if (r == -EBADMSG) {
		reason.column = place.column;
		gust_error_set(&reason, r, "this is no dead letter: %s",
			       place.text);
	}
	if (r < 0)
		return letter_reader_fail(reader, r, &reason, error);
	r = dead_letter_from_json(reader->json, &reader->arena, letter,
				  &reason);
	if (r < 0)
		return letter_reader_fail(reader, r, &reason, error);
	return 1;
}

int letter_reader_next(struct letter_reader *reader, struct dead_letter *letter,
		       struct gust_error *error)
{
	ssize_t n = letter_reader_line(reader, error);

	if (n <= 0)
		return (int)n;
	return letter_reader_parse(reader, (size_t)n, letter, error);
}

void letter_reader_close(struct letter_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->file != NULL)
		fclose(reader->file);
	json_decref(reader->json);
	arena_fini(&reader->arena);
	free(reader->path);
	free(reader->line);
	free(reader);
}
