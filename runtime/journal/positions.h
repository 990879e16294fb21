/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_POSITIONS_H
#define JOURNAL_POSITIONS_H

/*
 * Where the next run of a topology goes on: for each source of a spout that
 * replays by position, the lowest offset that is not completely processed.
 *
 * Under the state folder stand `NAME.positions.json`, which is replaced as a
 * whole at each commit, and `NAME.lock`, which the run holds while it lasts.
 * Characters of the topology's name that do not suit a file's become %XX.
 *
 * Any thread may call these at any time, but for open and close. Only open and
 * commit touch the disk.
 */

#include <stdint.h>

#include <gust/error.h>

/* The format that is written; older ones are read, newer ones refused. */
#define POSITIONS_FORMAT 1

/* A larger file is refused. */
#define POSITIONS_FILE_MAX ((size_t)1 << 30)

struct positions;

/*
 * Makes the folder if need be, takes the lock, reads what an earlier run left
 * and writes a new incarnation, so that a folder that cannot be written to is
 * found out at the start. Returns 0; -EBUSY if another run holds the lock,
 * whose process the error names; -EBADMSG if the file is damaged; -ENOTSUP if
 * its format is newer; or a negative errno. Nothing is overwritten then.
 * `*positions` is written on success only.
 *
 * Without a folder (NULL) they last as long as the struct: nothing is locked,
 * read or written, and the incarnation stays 0.
 */
int positions_open(struct positions **positions, const char *folder,
		   const char *topology, struct gust_error *error);

/* Counts the runs on this folder from 1. */
uint64_t positions_incarnation(const struct positions *positions);

/* Returns 0 or, for a source that is not known yet, -ENOENT. */
int positions_get(struct positions *positions, const char *component,
		  const char *source, uint64_t *offset);

/*
 * Notes an offset in place of the one before; commit stores it. Returns 0 or
 * -ENOMEM.
 */
int positions_set(struct positions *positions, const char *component,
		  const char *source, uint64_t offset);

/*
 * Calls `tell` for what was set since the last call and is different from what
 * was told then, each source once, with its newest offset. When it returns a
 * negative errno, so does this, and that source and the rest come next time.
 * One thread at a time.
 */
int positions_tell(struct positions *positions,
		   int (*tell)(void *self, const char *component,
			       const char *source, uint64_t offset),
		   void *self);

/*
 * Brings all that was set to the disk; does nothing if that is done. Returns 0
 * or a negative errno; the file is then as it was, and another try may follow.
 */
int positions_commit(struct positions *positions, struct gust_error *error);

/*
 * The same, with something that must be durable before the positions are, such
 * as dead letters that they pass: `first` is called between the moment from
 * which on changes are left to the next commit and the writing. Its failure
 * fails the commit.
 */
int positions_commit_after(struct positions *positions,
			   int (*first)(void *self, struct gust_error *error),
			   void *self, struct gust_error *error);

/* Lets go of the lock, without a commit. Takes NULL. */
void positions_close(struct positions *positions);

#endif
