/* SPDX-License-Identifier: MIT */

/*
 * lines: reads text line by line.
 *
 * Emits every line of some files without its newline; a last line without one
 * counts. All other bytes are taken as they are. A name may be a pattern as of
 * the shell (*.log), and "-" is standard input. Files are dealt out over the
 * tasks and read in the order given; pipes and devices are read as they have
 * something to say, and the executor is never blocked by them.
 *
 * Failed lines are emitted again. Files also have positions: with
 * topology.state.dir a later run goes on where an earlier one was. Pipes have
 * none, and where "-" is among the files no file has one. A line that is too
 * long for a tuple is rejected with its place and skipped.
 *
 * Output:
 *	default: line: string
 *
 * Example:
 *	spouts:
 *	  - {id: text, plugin: lines, options: {files: "-"}}
 *	  - id: logs
 *	    plugin: lines
 *	    parallelism: 2
 *	    options: {files: ["2026-*.log", more.txt]}
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gust/spout.h>

#define LINES_BUFFER_SIZE ((size_t)128 * 1024)
/* How much of a line that is too long is kept with the dead letters. */
#define LINES_REJECTED_MAX ((size_t)1024)
#define LINES_POLL_NS (UINT64_C(10) * 1000 * 1000)

/* A file; this task only knows more of its own ones. */
struct lines_file {
	char *path;
	bool positioned;
	uint32_t source; /* where it has positions */
	uint64_t offset; /* where to begin */
};

struct lines {
	struct gust_list names;   /* option */
	bool no_positions;        /* from declare() */
	struct lines_file *files; /* of all tasks */
	size_t file_count, file_size;
	size_t current; /* of `files`; the next one is a task count on */
	int fd;         /* of the current file, or -1 */
	bool polled;    /* it can block */
	bool watching;
	bool ended;   /* it has been read to its end */
	bool skips;   /* the rest of a line that was rejected */
	size_t limit; /* the longest line that fits a tuple */

	char *buffer;
	size_t size;
	size_t start;    /* of the line that comes next */
	size_t searched; /* there is no newline before */
	size_t used;
	uint64_t offset; /* of `start` in the file */
};

static const struct gust_option lines_options[] = {
	{ .name = "files",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct lines, names),
	  .fallback = "\"-\"",
	  .help = "files and patterns; \"-\" is standard input" },
	{ .name = NULL },
};

static const struct gust_column lines_columns[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream lines_streams[] = {
	{ "default", lines_columns },
	{ NULL, NULL },
};

static bool lines_is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int lines_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	struct lines *lines = self;
	size_t i;

	(void)error;
	for (i = 0; i < lines->names.count; i++) {
		if (!lines_is_stdin(lines->names.items[i]))
			continue;
		lines->no_positions = true;
		gust_declare_replay(about, GUST_REPLAY_RECORD);
	}
	return 0;
}

/* Finds out where to begin in a regular file. */
static int lines_locate(struct lines *lines, struct gust_task *task,
			struct lines_file *file, const struct stat *status,
			struct gust_error *error)
{
	int r;

	if (lines->no_positions)
		return 0;
	r = gust_source(task, file->path, &file->source, &file->offset);
	if (r < 0)
		return r;
	file->positioned = true;
	if (file->offset > (uint64_t)status->st_size)
		return gust_error_set(error, -EINVAL,
				      "file '%s' was read up to byte %" PRIu64
				      " by an earlier run, but has %jd bytes",
				      file->path, file->offset,
				      (intmax_t)status->st_size);
	return 0;
}

/* Says now, rather than in the middle of a run, that a file cannot be read. */
static int lines_check(struct lines *lines, struct gust_task *task,
		       struct lines_file *file, struct gust_error *error)
{
	struct stat status;

	if (lines_is_stdin(file->path))
		return 0;
	if (stat(file->path, &status) < 0 || access(file->path, R_OK) < 0)
		return gust_error_set(error, -errno, "cannot read '%s': %s",
				      file->path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return gust_error_set(error, -EISDIR,
				      "'%s' is a directory, expected a file",
				      file->path);
	if (S_ISREG(status.st_mode))
		return lines_locate(lines, task, file, &status, error);
	return 0;
}

/* Adds a file to the list that all tasks share. */
static int lines_add(struct lines *lines, const char *path)
{
	struct lines_file *grown;
	size_t size = lines->file_size == 0 ? 16 : 2 * lines->file_size;
	char *copy;

	if (lines->file_count == lines->file_size) {
		grown = realloc(lines->files, size * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		lines->files = grown;
		lines->file_size = size;
	}
	copy = strdup(path);
	if (copy == NULL)
		return -ENOMEM;
	lines->files[lines->file_count++] = (struct lines_file){ .path = copy };
	return 0;
}

/* Adds the files that a name stands for. */
static int lines_expand(struct lines *lines, const char *name,
			struct gust_error *error)
{
	glob_t found;
	size_t i;
	int r;

	/* A file may have a star in its name. */
	if (strpbrk(name, "*?[") == NULL || access(name, F_OK) == 0)
		return lines_add(lines, name);
	r = glob(name, 0, NULL, &found);
	if (r == GLOB_NOMATCH)
		return gust_error_set(error, -ENOENT, "no file matches '%s'",
				      name);
	if (r != 0)
		return gust_error_set(error, r == GLOB_NOSPACE ? -ENOMEM : -EIO,
				      "cannot expand '%s'", name);
	for (i = 0; i < found.gl_pathc && r == 0; i++)
		r = lines_add(lines, found.gl_pathv[i]);
	globfree(&found);
	return r;
}

static int lines_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Refuses a file that is named twice: two readers would share a position. */
static int lines_check_names(const struct lines *lines,
			     struct gust_error *error)
{
	size_t i, n = lines->file_count;
	const char **sorted = calloc(n + 1, sizeof(*sorted));
	int r = 0;

	if (sorted == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		sorted[i] = lines->files[i].path;
	qsort(sorted, n, sizeof(*sorted), lines_compare);
	for (i = 1; i < n && r == 0; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			r = gust_error_set(error, -EINVAL,
					   "file '%s' is named twice",
					   sorted[i]);
	free(sorted);
	return r;
}

static int lines_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	const size_t head =
		sizeof(struct gust_tuple) + sizeof(struct gust_cell);
	struct lines *lines = self;
	size_t i;
	int r;

	lines->fd = -1;
	/* A NUL follows the bytes, and all is rounded up to 8. */
	lines->limit = ((gust_tuple_max(task) - head) & ~(size_t)7) - 1;
	lines->size = LINES_BUFFER_SIZE;
	lines->buffer = malloc(lines->size);
	if (lines->buffer == NULL)
		return -ENOMEM;
	for (i = 0; i < lines->names.count; i++) {
		r = lines_expand(lines, lines->names.items[i], error);
		if (r < 0)
			return r;
	}
	r = lines_check_names(lines, error);
	lines->current = gust_task_index(task);
	i = lines->current;
	for (; r == 0 && i < lines->file_count; i += gust_task_count(task))
		r = lines_check(lines, task, &lines->files[i], error);
	return r;
}

/* Logs why a file cannot be read any further. */
static int lines_failed(const struct lines *lines, struct gust_task *task)
{
	int r = -errno;

	gust_log(task, GUST_LOG_ERROR, "cannot read '%s': %s",
		 lines->files[lines->current].path, strerror(-r));
	return r;
}

/* Opens the current file and goes to where it is to begin. */
static int lines_begin(struct lines *lines, struct gust_task *task)
{
	const struct lines_file *file = &lines->files[lines->current];
	struct stat status;

	lines->start = 0;
	lines->searched = 0;
	lines->used = 0;
	lines->ended = false;
	lines->skips = false;
	lines->offset = file->offset;
	/* A pipe with a name would wait here for its writer. */
	lines->fd =
		lines_is_stdin(file->path)
			? STDIN_FILENO
			: open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (lines->fd < 0 || fstat(lines->fd, &status) < 0)
		return lines_failed(lines, task);
	lines->polled = !S_ISREG(status.st_mode);
	if (file->offset > 0 &&
	    lseek(lines->fd, (off_t)file->offset, SEEK_SET) < 0)
		return lines_failed(lines, task);
	return 0;
}

/* Leaves the current file for the next one of this task. */
static void lines_end(struct lines *lines, struct gust_task *task)
{
	if (lines->watching)
		gust_watch(task, lines->fd, 0);
	lines->watching = false;
	if (lines->fd != STDIN_FILENO)
		close(lines->fd);
	lines->fd = -1;
	lines->current += gust_task_count(task);
}

/* Makes room behind what is in the buffer. */
static int lines_make_room(struct lines *lines)
{
	char *grown;

	if (lines->start > 0) {
		lines->used -= lines->start;
		lines->searched -= lines->start;
		memmove(lines->buffer, lines->buffer + lines->start,
			lines->used);
		lines->start = 0;
	}
	if (lines->used < lines->size)
		return 0;
	grown = realloc(lines->buffer, 2 * lines->size);
	if (grown == NULL)
		return -ENOMEM;
	lines->buffer = grown;
	lines->size *= 2;
	return 0;
}

/* Waits for a pipe. Some devices cannot be watched; they are looked at. */
static int lines_wait(struct lines *lines, struct gust_task *task)
{
	if (gust_watch(task, lines->fd, POLLIN) < 0)
		return gust_wait_until(task, gust_now(task) + LINES_POLL_NS);
	lines->watching = true;
	return GUST_WAIT;
}

/* Reads on. 0, GUST_WAIT, or a negative errno, which was logged. */
static int lines_fill(struct lines *lines, struct gust_task *task)
{
	struct pollfd poll_fd = { .fd = lines->fd, .events = POLLIN };
	ssize_t n;
	int r;

	/* Standard input may be shared, so it must stay a blocking one. */
	r = lines->polled ? poll(&poll_fd, 1, 0) : 1;
	if (r == 0)
		return lines_wait(lines, task);
	if (r < 0)
		return errno == EINTR ? 0 : lines_failed(lines, task);
	r = lines_make_room(lines);
	if (r < 0)
		return r;
	n = read(lines->fd, lines->buffer + lines->used,
		 lines->size - lines->used);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0 && errno == EAGAIN)
		return lines_wait(lines, task);
	if (n < 0)
		return lines_failed(lines, task);
	lines->used += (size_t)n;
	lines->ended = n == 0;
	return 0;
}

/* Takes `taken` bytes, which hold a line and its end, off the buffer. */
static void lines_take(struct lines *lines, size_t taken)
{
	lines->start += taken;
	lines->searched = lines->start;
	lines->offset += taken;
}

static int lines_reject(const struct lines *lines, struct gust_task *task,
			size_t length)
{
	const struct lines_file *file = &lines->files[lines->current];
	const char *line = lines->buffer + lines->start;
	char reason[200];

	length = length < LINES_REJECTED_MAX ? length : LINES_REJECTED_MAX;
	snprintf(reason, sizeof(reason),
		 "'%.80s': the line at byte %" PRIu64
		 " does not fit into topology.tuple.max.bytes, %zu",
		 file->path, lines->offset, gust_tuple_max(task));
	if (!file->positioned)
		return gust_reject_record(task, line, length, "%s", reason);
	return gust_reject_at(task, file->source, lines->offset, line, length,
			      "%s", reason);
}

/* Emits the line of `length` bytes that takes `taken` with its end. */
static int lines_emit(struct lines *lines, struct gust_task *task,
		      size_t length, size_t taken)
{
	const struct lines_file *file = &lines->files[lines->current];
	const struct gust_value line =
		gust_string(lines->buffer + lines->start, length);
	int r = 0;

	if (lines->skips)
		lines->skips = false;
	else if (length > lines->limit)
		r = lines_reject(lines, task, length);
	else if (file->positioned)
		r = gust_emit_at(task, file->source, lines->offset,
				 lines->offset + taken, line);
	else
		r = gust_emit(task, line);
	lines_take(lines, taken);
	return r;
}

/* Deals with a buffer in which no line ends. */
static int lines_go_on(struct lines *lines, struct gust_task *task)
{
	size_t rest = lines->used - lines->start;
	int r = 0;

	lines->searched = lines->used;
	if (lines->ended) {
		if (rest > 0 || lines->skips)
			r = lines_emit(lines, task, rest, rest);
		lines_end(lines, task);
		return r;
	}
	if (rest > lines->limit && !lines->skips) {
		r = lines_reject(lines, task, rest);
		lines->skips = true;
	}
	if (lines->skips)
		lines_take(lines, rest);
	return r < 0 ? r : lines_fill(lines, task);
}

static int lines_next(void *self, struct gust_task *task)
{
	struct lines *lines = self;
	const char *at, *end;
	int r;

	if (lines->current >= lines->file_count)
		return GUST_DONE;
	if (lines->fd < 0) {
		r = lines_begin(lines, task);
		if (r < 0)
			return r;
	}
	at = lines->buffer + lines->searched;
	end = memchr(at, '\n', lines->used - lines->searched);
	if (end == NULL)
		return lines_go_on(lines, task);
	at = lines->buffer + lines->start;
	return lines_emit(lines, task, (size_t)(end - at),
			  (size_t)(end - at) + 1);
}

/* The watch ends here, since a paused spout would be called for ever. */
static int lines_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct lines *lines = self;

	(void)events;
	if (fd == lines->fd && lines->watching) {
		gust_watch(task, fd, 0);
		lines->watching = false;
	}
	return 0;
}

static void lines_close(void *self)
{
	struct lines *lines = self;
	size_t i;

	for (i = 0; i < lines->file_count; i++)
		free(lines->files[i].path);
	free(lines->files);
	free(lines->buffer);
	if (lines->fd > STDIN_FILENO)
		close(lines->fd);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "lines",
	.summary = "reads text line by line",
	.options = lines_options,
	.streams = lines_streams,
	.instance_size = sizeof(struct lines),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_POSITION,
	.declare = lines_declare,
	.open = lines_open,
	.next = lines_next,
	.ready = lines_ready,
	.close = lines_close,
};
