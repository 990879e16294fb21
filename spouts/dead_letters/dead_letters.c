/* SPDX-License-Identifier: MIT */

/*
 * dead_letters: emits the dead letters of an earlier run again.
 *
 * Reads a file of dead letters and emits each tuple as its spout did, for a
 * topology that repairs it or sends it through the old one. `outputs:` says
 * what is expected: a stream for each stream of the earlier spout that is
 * wanted ("default" most often), with the fields that are wanted of it. A field
 * that a letter lacks is null. A record of which no tuple could be made goes to
 * the stream "record", whose only field, a string or bytes, takes it as it was.
 *
 * Letters of other streams, of another `component` or without `reason` are
 * passed over. What is no dead letter, or has a field of another type, is
 * rejected with its place. A letter of a newer format ends the run.
 *
 * It reads what is in the file when it starts. With topology.state.dir a later
 * run goes on behind the letters that have been processed, so that each is
 * sent again once; if one fails again, it becomes a dead letter of that run.
 * Only the first task reads.
 *
 * Output:
 *	those of `outputs:`
 *
 * Example:
 *	spouts:
 *	  - id: again
 *	    plugin: dead_letters
 *	    options: {file: shop.dead-letters.jsonl, component: price}
 *	    outputs:
 *	      default: {id: int, name: string}
 *	      record: {line: string}
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/spout.h>

#include "letter.h"

#define DEAD_LETTERS_CHUNK ((size_t)64 * 1024)
/* How much of a bad line is kept with the dead letters. */
#define DEAD_LETTERS_REJECTED_MAX ((size_t)1024)

struct dead_letters {
	const char *path; /* options */
	const char *component;
	const char *reason;

	int fd; /* or -1 */
	uint64_t end;
	uint32_t source;
	uint64_t offset; /* in the file, of the line that comes next */
	struct buffer lines;
	size_t start; /* of that line in `lines` */
	size_t limit; /* the longest line of a tuple that fits */
	bool skips;   /* the rest of a line that was too long */

	struct gust_value *row; /* room for the widest stream */
	struct buffer scratch;  /* what it borrows, besides the line */
	struct gust_counter *emitted, *passed;
};

/* A line on its way. */
struct dead_letters_line {
	const char *text;
	size_t length; /* without its end */
	json_t *json;
};

static const struct gust_option dead_letters_options[] = {
	{ .name = "file",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct dead_letters, path),
	  .help = "the file of dead letters",
	  .flags = GUST_REQUIRED },
	{ .name = "component",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct dead_letters, component),
	  .help = "only what failed in this component; all if left out" },
	{ .name = "reason",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct dead_letters, reason),
	  .help = "only what has this text in its reason; all if left out" },
	{ .name = NULL },
};

static int dead_letters_declare(void *self, struct gust_declaration *about,
				struct gust_error *error)
{
	const struct gust_stream *stream;
	size_t i;

	(void)self;
	if (gust_declared_outputs(about) == 0)
		return gust_error_set(error, -EINVAL,
				      "which fields the letters have is not "
				      "known, expected them in 'outputs:'");
	for (i = 0; i < gust_declared_outputs(about); i++) {
		stream = gust_declared_output(about, i);
		if (strcmp(stream->name, "record") == 0 &&
		    (columns_count(stream->columns) != 1 ||
		     (stream->columns[0].type != GUST_STRING &&
		      stream->columns[0].type != GUST_BYTES)))
			return gust_error_set(error, -EINVAL,
					      "stream 'record' takes whole "
					      "records, expected one field, a "
					      "string or bytes");
	}
	return 0;
}

static int dead_letters_newer(const struct dead_letters *letters,
			      const json_t *json, struct gust_error *error)
{
	return gust_error_set(error, -ENOTSUP,
			      "'%s': the dead letter at byte %" PRIu64
			      " has format %" JSON_INTEGER_FORMAT
			      ", expected at most %d: a newer gust wrote it",
			      letters->path, letters->offset,
			      letter_format(json), LETTER_FORMAT);
}

/* Appends what comes next in the file; nothing at the end. */
static int dead_letters_fill(struct dead_letters *letters)
{
	struct buffer *lines = &letters->lines;
	uint64_t at;
	ssize_t n;
	int r;

	buffer_take(lines, letters->start);
	letters->start = 0;
	at = letters->offset + lines->used;
	if (at >= letters->end)
		return 0;
	r = buffer_reserve(lines, DEAD_LETTERS_CHUNK);
	if (r < 0)
		return r;
	do
		n = pread(letters->fd, lines->data + lines->used,
			  DEAD_LETTERS_CHUNK, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	lines->used += (size_t)n;
	return n > 0;
}

/*
 * Finds the next line. 1; 0 where there is none, for what has no end is still
 * being written; -EMSGSIZE if it is too long, then `line` is its beginning.
 */
static int dead_letters_find(struct dead_letters *letters,
			     struct dead_letters_line *line)
{
	const struct buffer *lines = &letters->lines;
	const char *end = NULL;
	size_t searched = 0;
	int r;

	for (;;) {
		/* Nothing was read yet, or there is nothing. */
		line->text =
			lines->data == NULL ? "" : lines->data + letters->start;
		line->length = lines->used - letters->start;
		if (line->length > searched)
			end = memchr(line->text + searched, '\n',
				     line->length - searched);
		if (end != NULL)
			break;
		if (line->length > letters->limit)
			return -EMSGSIZE;
		searched = line->length;
		r = dead_letters_fill(letters);
		if (r <= 0)
			return r;
	}
	line->length = (size_t)(end - line->text);
	return 1;
}

/* Takes `n` bytes off the lines. */
static void dead_letters_take(struct dead_letters *letters, size_t n)
{
	letters->start += n;
	letters->offset += n;
}

/* So that a file of a newer gust is refused before anything runs. */
static int dead_letters_check(struct dead_letters *letters,
			      struct gust_error *error)
{
	struct dead_letters_line line;
	json_t *json;
	int r = dead_letters_find(letters, &line);

	if (r != 1)
		return r == -EMSGSIZE ? 0 : r;
	json = json_loadb(line.text, line.length, JSON_ALLOW_NUL, NULL);
	if (letter_format(json) > LETTER_FORMAT)
		r = dead_letters_newer(letters, json, error);
	json_decref(json);
	return r < 0 ? r : 0;
}

/* Finds out where to begin. A file that is not the one that an earlier run has
 * read ends before, or has no line that begins there. */
static int dead_letters_locate(struct dead_letters *letters,
			       struct gust_task *task, struct gust_error *error)
{
	char before = '\n';
	int r = gust_source(task, letters->path, &letters->source,
			    &letters->offset);

	if (r < 0)
		return r;
	if (letters->offset > 0 && letters->offset <= letters->end &&
	    pread(letters->fd, &before, 1, (off_t)letters->offset - 1) < 0)
		return gust_error_set(error, -errno, "cannot read '%s': %s",
				      letters->path, strerror(errno));
	if (letters->offset <= letters->end && before == '\n')
		return 0;
	return gust_error_set(error, -EINVAL,
			      "'%s' is another file than that which an earlier "
			      "run has read up to byte %" PRIu64,
			      letters->path, letters->offset);
}

static int dead_letters_open_file(struct dead_letters *letters,
				  struct gust_task *task,
				  struct gust_error *error)
{
	struct stat status;
	int r;

	letters->fd = open(letters->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (letters->fd < 0 || fstat(letters->fd, &status) < 0)
		return gust_error_set(error, -errno, "cannot read '%s': %s",
				      letters->path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return gust_error_set(error, -EINVAL,
				      "'%s' is no regular file, which dead "
				      "letters are read from",
				      letters->path);
	/* What this run adds, should it write to the same file, is left to
	 * the next one. */
	letters->end = (uint64_t)status.st_size;
	r = dead_letters_locate(letters, task, error);
	if (r < 0)
		return r;
	r = dead_letters_check(letters, error);
	if (r < 0)
		gust_error_set(error, r, "cannot read '%s': %s", letters->path,
			       strerror(-r));
	return r;
}

static int dead_letters_open(void *self, struct gust_task *task,
			     struct gust_error *error)
{
	struct dead_letters *letters = self;
	size_t i, width, widest = 1;

	letters->fd = -1;
	/* A byte takes six at most, as \u0000. */
	letters->limit = 8 * gust_tuple_max(task) + DEAD_LETTERS_CHUNK;
	for (i = 0; i < gust_task_outputs(task); i++) {
		width = columns_count(gust_task_output(task, i)->columns);
		widest = width > widest ? width : widest;
	}
	letters->row = calloc(widest, sizeof(*letters->row));
	if (letters->row == NULL)
		return -ENOMEM;
	letters->emitted = gust_counter(task, "letters");
	letters->passed = gust_counter(task, "passed_over");
	if (gust_task_index(task) > 0)
		return 0;
	return dead_letters_open_file(letters, task, error);
}

static int dead_letters_reject(const struct dead_letters *letters,
			       struct gust_task *task,
			       const struct dead_letters_line *line,
			       const char *reason)
{
	const size_t n = line->length < DEAD_LETTERS_REJECTED_MAX
				 ? line->length
				 : DEAD_LETTERS_REJECTED_MAX;

	return gust_reject_at(task, letters->source, letters->offset,
			      line->text, n, "'%.80s' at byte %" PRIu64 ": %s",
			      letters->path, letters->offset, reason);
}

/* The number of the stream that a letter goes to; -1: none wants it. */
static int dead_letters_stream(struct gust_task *task, const json_t *json)
{
	const char *name = letter_stream(json);
	size_t i;

	for (i = 0; name != NULL && i < gust_task_outputs(task); i++)
		if (strcmp(gust_task_output(task, i)->name, name) == 0)
			return (int)i;
	return -1;
}

/* Fills the row. As letter_read(), or -EINVAL for a tuple that is too long. */
static int dead_letters_read(struct dead_letters *letters,
			     struct gust_task *task,
			     const struct dead_letters_line *line,
			     const struct gust_stream *stream,
			     struct gust_error *reason)
{
	const size_t count = columns_count(stream->columns);
	int r;

	/* Values borrow from it, so it must not move. */
	letters->scratch.used = 0;
	r = buffer_reserve(&letters->scratch, line->length + 8 * count);
	if (r == 0)
		r = letter_read(line->json, stream->columns, &letters->scratch,
				letters->row, reason);
	if (r == 0 && columns_size(letters->row, count) > gust_tuple_max(task))
		r = gust_error_set(reason, -EINVAL,
				   "it does not fit into "
				   "topology.tuple.max.bytes, %zu",
				   gust_tuple_max(task));
	return r;
}

static int dead_letters_emit(struct dead_letters *letters,
			     struct gust_task *task,
			     const struct dead_letters_line *line, int number)
{
	const struct gust_stream *stream =
		gust_task_output(task, (size_t)number);
	const struct gust_emission how = { .kind = GUST_EMIT_AT,
					   .stream = (uint32_t)number,
					   .direct = -1,
					   .source = letters->source,
					   .offset = letters->offset,
					   .next = letters->offset +
						   line->length + 1 };
	struct gust_error reason = { 0 };
	int r = dead_letters_read(letters, task, line, stream, &reason);

	if (r == -EINVAL)
		return dead_letters_reject(letters, task, line, reason.text);
	if (r < 0)
		return r;
	gust_counter_add(letters->emitted, 1);
	return gust_emit_with(task, &how, letters->row,
			      columns_count(stream->columns));
}

/* Deals with a line: emits it, rejects it or passes it over. */
static int dead_letters_handle(struct dead_letters *letters,
			       struct gust_task *task,
			       struct dead_letters_line *line)
{
	struct gust_error error = { 0 };
	json_error_t place;
	char reason[300];
	int number;

	line->json =
		json_loadb(line->text, line->length,
			   JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &place);
	if (line->json == NULL &&
	    json_error_code(&place) == json_error_out_of_memory)
		return -ENOMEM;
	if (line->json == NULL) {
		snprintf(reason, sizeof(reason), "this is no dead letter: %s",
			 place.text);
		return dead_letters_reject(letters, task, line, reason);
	}
	if (letter_format(line->json) > LETTER_FORMAT) {
		dead_letters_newer(letters, line->json, &error);
		return gust_give_up(task, error.code, "%s", error.text);
	}
	if (letter_format(line->json) < 1)
		return dead_letters_reject(letters, task, line,
					   "this is no dead letter");
	number = dead_letters_stream(task, line->json);
	if (number >= 0 &&
	    letter_matches(line->json, letters->component, letters->reason))
		return dead_letters_emit(letters, task, line, number);
	gust_counter_add(letters->passed, 1);
	return 0;
}

/* A line that is longer than any letter of a tuple that fits. */
static int dead_letters_skip(struct dead_letters *letters,
			     struct gust_task *task,
			     const struct dead_letters_line *line)
{
	int r = 0;

	if (!letters->skips)
		r = dead_letters_reject(letters, task, line,
					"the line is too long");
	letters->skips = true;
	dead_letters_take(letters, line->length);
	return r;
}

static int dead_letters_next(void *self, struct gust_task *task)
{
	struct dead_letters *letters = self;
	struct dead_letters_line line = { 0 };
	int r;

	if (letters->fd < 0)
		return GUST_DONE;
	r = dead_letters_find(letters, &line);
	if (r == 0)
		return GUST_DONE;
	if (r == -EMSGSIZE)
		return dead_letters_skip(letters, task, &line);
	if (r < 0) {
		return gust_give_up(task, r, "cannot read '%s': %s",
				    letters->path, strerror(-r));
	}
	r = letters->skips ? 0 : dead_letters_handle(letters, task, &line);
	letters->skips = false;
	json_decref(line.json);
	if (r == 0)
		dead_letters_take(letters, line.length + 1);
	return r;
}

static void dead_letters_close(void *self)
{
	struct dead_letters *letters = self;

	if (letters->fd > 0)
		close(letters->fd);
	free(letters->row);
	buffer_destroy(&letters->lines);
	buffer_destroy(&letters->scratch);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "dead_letters",
	.summary = "emits the dead letters of an earlier run again",
	.options = dead_letters_options,
	.instance_size = sizeof(struct dead_letters),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_POSITION,
	.declare = dead_letters_declare,
	.open = dead_letters_open,
	.next = dead_letters_next,
	.close = dead_letters_close,
};
