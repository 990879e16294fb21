/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_DEAD_LETTERS_H
#define JOURNAL_DEAD_LETTERS_H

/*
 * The file of dead letters: JSON Lines, one struct dead_letter each, to which
 * every run adds. The first letter creates it. Several threads may write to
 * one struct dead_letters, and several processes to one file.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#include "journal/dead_letter.h"

struct dead_letters;

/*
 * Prepares to write to `path`. Nothing is created yet, but a path that can
 * never be written is found out now, and a file that begins with letters of a
 * newer format is refused (-ENOTSUP). With `sync` each batch is brought to the
 * disk before dead_letters_write() returns. Returns 0 or a negative errno;
 * `*letters` is written on success only.
 */
int dead_letters_open(struct dead_letters **letters, const char *path,
		      bool sync, struct gust_error *error);

/*
 * Appends a batch, all of it or nothing. What a crash has left of a last line
 * is cut off before. Returns 0 or a negative errno; after a failure, such as a
 * full disk, another try may follow.
 */
int dead_letters_write(struct dead_letters *letters,
		       const struct dead_letter *batch, size_t count,
		       struct gust_error *error);

/*
 * For who opened without `sync`: waits until all that was written before the
 * call is on the disk, while others may write on. Does nothing if that is
 * done. Returns 0 or a negative errno.
 */
int dead_letters_sync(struct dead_letters *letters, struct gust_error *error);

/* How many have been written since open. */
uint64_t dead_letters_count(struct dead_letters *letters);

/* Takes NULL. No thread may write any more. */
void dead_letters_close(struct dead_letters *letters);

#endif
