/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_SCANNER_H
#define GUST_KIT_SCANNER_H

/*
 * Records out of a stream of bytes that comes in pieces: a pipe, a connection.
 *
 *	line	up to a newline, which is taken off; a NUL or any other byte
 *		is one of the record
 *	length	four bytes, most significant first, say how many follow
 *
 * A record that is longer than the limit is told once, with its beginning, and
 * skipped without being gathered. All zero but for `framing` and `limit` is
 * the beginning; buffers grow with what comes, up to the limit. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <gust/kit/buffer.h>
#include <gust/tuple.h>

enum scanner_framing { SCANNER_LINE, SCANNER_LENGTH };

struct scanner {
	enum scanner_framing framing;
	size_t limit; /* the longest record */

	struct buffer bytes; /* private, as is all that follows */
	size_t start;        /* of the next record in `bytes` */
	size_t searched;     /* there is no newline before */
	size_t skip;         /* bytes of a record of known length to skip */
	bool skips;          /* the rest of a line */
};

void scanner_destroy(struct scanner *scanner);

/*
 * Reads once from `fd`: how much, 0 at the end, -EAGAIN, another -errno. Call
 * it when scanner_next() has said 0; that ends what it has returned.
 */
ssize_t scanner_read(struct scanner *scanner, int fd);

/* Takes bytes in place of reading them. 0 or -ENOMEM. */
int scanner_feed(struct scanner *scanner, const void *data, size_t n);

/*
 * Takes the next record off. 1, with `record`, which is good until the next
 * read; 0 if there is no whole one yet; -EMSGSIZE if it is longer than the
 * limit, with its beginning.
 */
int scanner_next(struct scanner *scanner, struct gust_text *record);

/*
 * After the last byte: takes off what is left without an end. 1, or 0 if
 * nothing is; -EMSGSIZE as above.
 */
int scanner_rest(struct scanner *scanner, struct gust_text *rest);

#endif
