/* SPDX-License-Identifier: MIT */
#ifndef KIT_INTAKE_FILE_H
#define KIT_INTAKE_FILE_H

/*
 * One file of an intake, for the files of the intake alone.
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/kit/file_list.h>
#include <gust/kit/infile.h>
#include <gust/kit/intake.h>

#define INTAKE_BUFFER_SIZE ((size_t)128 * 1024)

struct intake_file {
	struct intake_text text; /* first: intake->text is its address */
	struct infile in;
	struct infile_status status; /* when it was looked at last */
	char *path;
	bool begun; /* it has a state */
	bool left;  /* read to its end, as far as one knows */
	bool lost;  /* given up */

	bool positioned;
	uint32_t source;
	uint32_t generation; /* how often it was cut */
	uint64_t resume;     /* the position */
	bool passing;        /* what comes before that is passed over */

	char *buffer;
	size_t size;

	/* With follow. */
	enum file_list_origin origin;
	char *place;   /* the path at which it was found; NULL: by rotation */
	bool foreign;  /* another task reads it */
	bool refused;  /* it cannot be opened, which was logged */
	bool ready;    /* there may be bytes to read */
	bool watching; /* a pipe */
	bool cut;      /* it is shorter than what was read */
	bool rotated;  /* it is not where it was */
	bool followed; /* by another file, in its place */
	bool drained;  /* read to its end after that */
	uint64_t seen; /* the look at which it was at its path */
	uint64_t searched; /* the look at which others were, beside its place */
	uint64_t quiet;    /* since when it has not grown */
	uint64_t raw;      /* how much was read of it when it was closed */
	struct intake_file *after; /* to be read before this one */
};

static inline struct intake_file *intake_current(const struct intake *intake)
{
	return (struct intake_file *)(void *)intake->text;
}

/* Makes a file of this task; `path` is copied. NULL: memory is short. */
struct intake_file *intake_add(struct intake *intake, const char *path,
			       const struct infile_status *status);

/* Finds the position of a file, 0 for a new one. 0 or -ENOMEM. */
int intake_locate(struct gust_task *task, struct intake_file *file);

/* Makes another source of a file that was cut. 0 or -ENOMEM. */
int intake_renew(struct gust_task *task, struct intake_file *file);

/* Opens a file, or opens it again, where it was left. */
int intake_begin(struct intake *intake, struct intake_file *file,
		 struct gust_error *error);

/* Goes to the position, at once or while reading on. */
int intake_jump(const struct intake *intake, struct intake_file *file,
		struct gust_error *error);

/* Reads into the current file's buffer. More than 0: so many bytes; else as
 * infile_read(). */
ssize_t intake_read(struct intake *intake, struct gust_error *error);

/* Counts the lines that end in the first `n` bytes. */
void intake_count(struct intake_text *text, size_t n);

/* Moves on in the text. */
static inline void intake_advance(const struct intake *intake,
				  struct intake_text *text, size_t n)
{
	assert(n <= text->length);
	if (intake->numbered)
		intake_count(text, n);
	text->data += n;
	text->length -= n;
	text->offset += n;
}

/* Leaves a file no more memory than what stands in it takes. */
void intake_shrink(struct intake *intake, struct intake_file *file);

/* Frees what a file has, but not the file; its turn may come again. */
void intake_shut(struct intake *intake, struct intake_file *file);

/* With `follow`: adds a file, and says where it stands. 0 or -ENOMEM. */
int known_add(struct intake *intake, struct gust_task *task, const char *path,
	      const struct infile_status *status, struct intake_file **added);

/*
 * With `follow`: there is a file at `path`. `*known` is the one that it is, or
 * NULL; its path may have been another one, and its turn may come again. 0 or
 * -ENOMEM.
 */
int known_meet(struct intake *intake, struct gust_task *task, const char *path,
	       const struct infile_status *status, struct intake_file **known);

/* With `follow`: frees a file that has been deleted, or forgets all of them. */
void known_drop(struct intake *intake, struct intake_file *file);
void known_close(struct intake *intake);

/* With `follow`: a new file was found; adds those that were rotated before it
 * came, and says after which of them it is to be read. 0 or -ENOMEM. */
int rotation_succeed(struct intake *intake, struct gust_task *task,
		     struct intake_file *file);

/* With `follow`, at a look: adds those that a look before has missed, since
 * they were renamed meanwhile. 0 or -ENOMEM. */
int rotation_again(struct intake *intake, struct gust_task *task);

/* With `follow`, in intake_follow.c; each does what intake_NAME() does. */
int follow_open(struct intake *intake, struct gust_task *task,
		struct gust_error *error);
int follow_fill(struct intake *intake, struct gust_task *task);
int follow_leave(struct intake *intake, struct gust_task *task,
		 struct intake_file *file);
void follow_close(struct intake *intake);

#endif
