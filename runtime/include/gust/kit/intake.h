/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_INTAKE_H
#define GUST_KIT_INTAKE_H

/*
 * The files of a spout: which ones there are, which of them this task reads,
 * and their bytes, one file after the other. What is a record, and where it
 * ends, is the spout's affair.
 *
 * Files. `files` names files, patterns, folders and "-" (file_list.h), gzip and
 * zstd are taken off (infile.h). Without `follow` the files are dealt out over
 * the tasks in turn and read in that order, each to its end; what cannot be
 * read fails the run. With `follow` they are read as they grow, all at once,
 * and there is no end: a file may come later, be renamed (then it is read to
 * its end before the one that took its place), or be cut to nothing (then it
 * is read from its beginning again). A file goes to a task by its inode, so
 * that the same task keeps it under any name. inotify says when to look, and a
 * clock, for what it does not see.
 *
 * Positions. A regular file is a source of gust_source(), unless "-" is among
 * the files; offsets count in what is given, also where that is compressed,
 * which must then be read again up to the position. The source's name is the
 * inode and the time at which the file was born, not its path:
 * - A rotated file has another path. By its path, the position of app.log
 *   would be that of the file that took its place, whose first bytes would
 *   be passed over, and the rest of the old one, now app.log.1, be lost.
 * - The inode alone is not enough: file systems give it to the next file as
 *   soon as the old one is gone. Nor is it of use to add the device, whose
 *   number may be another one after a restart of the machine.
 * - A copy, or a file written anew in place of the old one, is another file and
 *   is read from its beginning. That may read records twice, but loses none.
 * Dead letters show the path. Where the file system does not tell when a file
 * was born, the path stands in the name, too, and what was rotated is not found
 * after a restart. A file that was cut is a new source, with a number behind
 * the name.
 *
 * After a restart rotated files are looked for as PATH, one of ".", "-" and
 * "_", digits and such signs: those that an earlier run has not read to their
 * end are read first, and so are those that came between.
 *
 *	intake_declare() -> intake_open() -> in next():
 *	if text is NULL, or has no whole record: return intake_fill();
 *	intake_emit(), intake_reject(), intake_take(); at its end intake_leave()
 *	-> intake_close()
 *
 * One thread. The instance that holds the intake is zeroed at its start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/watch.h>
#include <gust/option.h>
#include <gust/spout.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

/* How much of a record that is rejected is kept with the dead letters. */
#define INTAKE_REJECTED_MAX ((size_t)1024)

/* What was read of a file and not taken yet. */
struct intake_text {
	const char *data;
	size_t length;
	bool ended;      /* nothing follows these bytes in the file */
	uint64_t offset; /* of `data` in the file */
	uint64_t line;   /* in which `data` begins, from 1; if `numbered` */
	const char *path;
	void *state; /* of the spout, for this file; zeroed at its start */
};

struct intake_file;

struct intake {
	/* Options; see INTAKE_OPTIONS. */
	struct gust_list names;
	bool follow;

	/* Set by the spout before intake_open(). */
	bool numbered;     /* lines are counted, from the file's beginning */
	bool headed;       /* see intake_resume() */
	size_t state_size; /* of intake_text.state */
	void (*state_fini)(void *state); /* or NULL */

	/* Of the file that is being read; NULL: none is. */
	struct intake_text *text;

	/* The rest is the intake's own. */
	bool unplaced; /* no file has positions; from intake_declare() */
	bool open;
	struct intake_file **files; /* of this task, in their order */
	size_t count, size;
	size_t turn;       /* of `files`: where to look for the next one */
	char *spare;       /* a buffer that no file has now */
	void *known;       /* with follow: files by identity */
	size_t opened;     /* how many files are open now */
	uint64_t looks;    /* how often it was looked for changes */
	uint64_t looked;   /* when, as gust_now() */
	uint64_t given;    /* bytes of the current file, since its turn came */
	uint64_t watched;  /* when the folders were, as gust_now() */
	uint64_t searched; /* when rotated files were, as gust_now() */
	bool hinted;       /* something may have changed since */
	bool watching;
	struct watch watch;
};

/* The options, for the table of a spout: `owner` is its struct, `member` the
 * intake in it. */
#define INTAKE_OPTIONS(owner, member)                                          \
	{ .name = "files",                                                     \
	  .type = GUST_OPTION_LIST,                                            \
	  .offset = offsetof(struct owner, member.names),                      \
	  .fallback = "\"-\"",                                                 \
	  .help = "files, patterns and folders; \"-\" is standard input" },    \
	{                                                                      \
		.name = "follow", .type = GUST_OPTION_BOOL,                    \
		.offset = offsetof(struct owner, member.follow),               \
		.fallback = "false",                                           \
		.help = "read on for ever, as files grow, are rotated and "    \
			"come"                                                 \
	}

/* In declare(): says whether there are positions. */
int intake_declare(struct intake *intake, struct gust_declaration *about,
		   struct gust_error *error);

/* In open(): finds the files and their positions. `error` is set. */
int intake_open(struct intake *intake, struct gust_task *task,
		struct gust_error *error);

/*
 * Reads on, in this file or another one. The answer is for next() to return:
 * GUST_EMITTED: there may be more bytes, or `ended` has become true, or `text`
 * is another one, or NULL; GUST_WAIT, GUST_DONE; a negative errno, logged.
 */
int intake_fill(struct intake *intake, struct gust_task *task);

/* Takes `n` bytes of which no record is made. */
void intake_take(struct intake *intake, size_t n);

/* Emits a record, which are the first `n` bytes, to the first stream, and
 * takes them. Returns what the emit does. */
int intake_emit(struct intake *intake, struct gust_task *task,
		const struct gust_value *values, size_t count, size_t n);

/*
 * Rejects the record that begins here, of which `length` bytes are there. The
 * reason is preceded by the file and, if `numbered`, the line. Takes nothing.
 */
int intake_reject(struct intake *intake, struct gust_task *task, size_t length,
		  const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * For `headed`, where every file is read from its beginning: goes to the
 * position, if that lies ahead. Where `headed` is false that has been done.
 */
int intake_resume(struct intake *intake, struct gust_task *task);

/* Leaves the file: its text has ended and all of it is dealt with. For next()
 * to return: 0 or -ENOMEM. */
int intake_leave(struct intake *intake, struct gust_task *task);

/*
 * Nothing can be made of the rest of this file, for the reason in `error`.
 * Without `follow` it is logged, and its code, which next() has to return,
 * fails the run. With `follow` the rest is rejected, so that others go on.
 */
int intake_give_up(struct intake *intake, struct gust_task *task,
		   const struct gust_error *error);

/* For ready(). */
int intake_ready(struct intake *intake, struct gust_task *task, int fd);

/* Also after intake_open() has failed, or was not called. */
void intake_close(struct intake *intake);

#endif
