/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_INFILE_H
#define GUST_KIT_INFILE_H

/*
 * A file that is read from its beginning to its end, or as it grows: what it
 * holds when gzip and zstd are taken off, which its first bytes tell.
 *
 * Offsets count in what is given, not in what is compressed. Regular files,
 * pipes, devices and "-", standard input, which stays a blocking one. Errors
 * name the file, and where it is damaged the byte. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>
#include <gust/kit/inflater.h>

/* What is known of a file without reading it. */
struct infile_status {
	uint64_t device, inode;
	int64_t born; /* ns since 1970; 0 where the file system cannot tell */
	int64_t modified;
	uint64_t size;
	uint32_t links;
	bool regular, directory, fifo;
};

/* All zero but for `fd`, which is -1, is one that is closed. */
struct infile {
	int fd;
	bool regular;
	bool patient;    /* the end may be one for now: the caller sets it */
	uint64_t offset; /* of the byte that is given next */
	uint64_t raw;    /* so many bytes were read of the file itself */

	const char *path;
	enum inflater_format format;
	struct inflater *inflater;
	char head[INFLATER_MAGIC_MAX]; /* that tell the format */
	size_t head_start, head_used;
	char *packed; /* bytes for the inflater */
	size_t packed_start, packed_used;
	bool more;  /* the inflater may have more of the bytes it has taken */
	int broken; /* what the inflater said, which is told after its bytes */
	char reason[128];
};

/* Follows symbolic links; a negative errno. */
int infile_look(const char *path, struct infile_status *status);

/* The same of a file that is open. */
int infile_look_again(const struct infile *infile,
		      struct infile_status *status);

/* Whether this process has it open for writing, too. */
bool infile_is_written(const struct infile *infile);

/* Whether both are the same file, and not only at the same place. */
bool infile_same(const struct infile_status *a, const struct infile_status *b);

/*
 * Opens a file that is closed; `path` is borrowed until infile_close(). A
 * negative errno sets `error`.
 */
int infile_open(struct infile *infile, const char *path,
		struct gust_error *error);

/*
 * Gives up to `size` bytes and returns how many. 0: the end, for now if it is
 * patient; -EAGAIN: a pipe has nothing at the moment; -EINTR: call again, it
 * has been long enough. Others set `error`: -EBADMSG, where compressed data
 * are damaged or, unless it is patient, incomplete; -ENOTSUP, where gust was
 * built without the library; -ENOMEM and what read(2) says.
 */
ssize_t infile_read(struct infile *infile, char *data, size_t size,
		    struct gust_error *error);

/*
 * Makes `offset` the next byte. -ESPIPE: the file has to be read up to there,
 * because it is compressed or a pipe; others set `error`, as above.
 */
int infile_seek(struct infile *infile, uint64_t offset,
		struct gust_error *error);

/* Goes back to the beginning of a regular file. A negative errno, as above. */
int infile_rewind(struct infile *infile, struct gust_error *error);

/* Closes it, if it is open; standard input stays. */
void infile_close(struct infile *infile);

#endif
