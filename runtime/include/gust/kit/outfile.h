/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_OUTFILE_H
#define GUST_KIT_OUTFILE_H

/*
 * Files that sinks write records to: what write_lines, write_csv and write_json
 * mean by a path, a rotation and a safe record.
 *
 * Records are gathered and written together, when there are enough of them or
 * nothing else is to do; then, by the policy `fsync`, the disk is waited for,
 * and their tuples are acked. Where that fails for now (a full disk, a folder
 * that is gone) the file is cut back to what was safe before, the sink answers
 * "not now", and the same records are written again later.
 *
 * A file has one writer: it is locked. Without a rotation it is written in
 * place and a later run goes on after its last whole record. With a rotation
 * the file that is being written is NAME.part, and becomes NAME when it is
 * finished; what an earlier run left as NAME.part is cut and finished in
 * open().
 *
 *	struct write_lines {
 *		struct outfile file;
 *		...
 *	};
 *	static const struct gust_option options[] = {
 *		OUTFILE_OPTIONS,
 *		...
 *	execute():
 *		r = outfile_begin(&it->file, task);
 *		if (r == 0)
 *			r = ... append a record to it->file.gather.bytes
 *		return outfile_end(&it->file, task, in, r);
 *
 * The thread of the task. Files are on local disks: writing may block briefly,
 * so a bolt with this says GUST_DEDICATED.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/gather.h>

/* What the runtime fills, and the entries for it in a table of options. */
struct outfile_options {
	const char *path;
	uint64_t rotate_size;
	uint64_t rotate_every; /* ns */
	int fsync;             /* index into outfile_fsyncs */
};

extern const char *const outfile_fsyncs[];
#define OUTFILE_OPTIONS                                                        \
	{ .name = "path",                                                      \
	  .type = GUST_OPTION_STRING,                                          \
	  .offset = offsetof(struct outfile, options.path),                    \
	  .help = "the file, with {task}, {number} and times as "              \
		  "{%Y-%m-%d} filled in",                                      \
	  .flags = GUST_REQUIRED },                                            \
		{ .name = "rotate_size",                                       \
		  .type = GUST_OPTION_SIZE,                                    \
		  .offset = offsetof(struct outfile, options.rotate_size),     \
		  .help = "another file is begun before one is longer" },      \
		{ .name = "rotate_every",                                      \
		  .type = GUST_OPTION_DURATION,                                \
		  .offset = offsetof(struct outfile, options.rotate_every),    \
		  .help = "another file is begun at every multiple of this "   \
			  "time in UTC" },                                     \
	{                                                                      \
		.name = "fsync", .type = GUST_OPTION_ENUM,                     \
		.offset = offsetof(struct outfile, options.fsync),             \
		.fallback = "batch",                                           \
		.help = "when the disk is waited for: before tuples are "      \
			"acked, when a file is finished, or never",            \
		.choices = outfile_fsyncs                                      \
	}

/* It is the first member of an instance. */
struct outfile {
	struct outfile_options options;

	/* Set before outfile_open(). */
	struct buffer head; /* what a file begins with, such as a header line */
	char quote; /* line ends within these end no record; 0: there is none */

	struct gather gather; /* records, one or more lines each */

	/* The rest is nobody else's. */
	struct buffer name, path; /* at the end, and while it is written */
	uint32_t task;
	uint64_t number;
	time_t begun;
	uint64_t due; /* when the file expires, ns since 1970 */
	bool expired;
	bool is_open; /* then there are: */
	int fd;
	bool regular;
	bool torn;     /* there may be bytes after `size` */
	bool waits;    /* for the disk, which the log was told */
	uint64_t size; /* what is in it for good */
	struct stat about;
};

/* In declare(): whether the options go together. -EINVAL sets `error`. */
int outfile_check(const struct outfile *out,
		  const struct gust_declaration *about,
		  struct gust_error *error);

/* In open(): finishes what an earlier run left, and opens the first file. */
int outfile_open(struct outfile *out, struct gust_task *task,
		 struct gust_error *error);

/*
 * Before and after a record is appended to `gather.bytes`. Both return what
 * execute() has to: -EAGAIN where what was gathered has to be written first and
 * cannot be. outfile_end() is called in any case; `r` says how the appending
 * went, and if that is negative, there was no record so far as the file knows.
 */
int outfile_begin(struct outfile *out, struct gust_task *task);
int outfile_end(struct outfile *out, struct gust_task *task,
		const struct gust_tuple *in, int r);

/*
 * These stand in the descriptor as they are: idle() and flush(), which write
 * what was gathered, timer(), which is for the next file of a rotation,
 * finish(), after which the last file is complete, and close(), which also
 * takes what was never opened.
 */
int outfile_flush(void *self, struct gust_task *task);
int outfile_timer(void *self, struct gust_task *task, uint64_t cookie);
int outfile_finish(void *self, struct gust_task *task);
void outfile_close(void *self);

#endif
