/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_LETTER_READER_H
#define JOURNAL_LETTER_READER_H

/* Reads a file of dead letters, also while it grows. One thread. */

#include <gust/error.h>

#include "journal/dead_letter.h"

struct letter_reader;

/* "-" is standard input. Returns 0 or a negative errno; `*reader` is written
 * on success only. */
int letter_reader_open(struct letter_reader **reader, const char *path,
		       struct gust_error *error);

/*
 * Reads the next letter, which stays until the next call. Returns 1; 0 at the
 * end, where a line without its end is passed over, so that a later call may
 * find it whole; -EBADMSG for a line that is no dead letter and -ENOTSUP for
 * one of a newer format, with the line in the error, after which reading can
 * go on; -ENOMEM or what read(2) gives.
 */
int letter_reader_next(struct letter_reader *reader, struct dead_letter *letter,
		       struct gust_error *error);

/* Takes NULL. */
void letter_reader_close(struct letter_reader *reader);

#endif
