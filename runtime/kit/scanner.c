/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <gust/kit/scanner.h>

#define SCANNER_READ ((size_t)4096)
#define SCANNER_READ_MAX ((size_t)128 * 1024)
#define SCANNER_HEAD ((size_t)4)

/* How much of a record that is too long is told. */
#define SCANNER_TOLD_MAX ((size_t)1024)

void scanner_destroy(struct scanner *scanner)
{
	buffer_destroy(&scanner->bytes);
	scanner->start = 0;
	scanner->searched = 0;
}

static size_t scanner_left(const struct scanner *scanner)
{
	return scanner->bytes.used - scanner->start;
}

static void scanner_take(struct scanner *scanner, size_t n)
{
	scanner->start += n;
	scanner->searched = scanner->start;
}

/* Moves what is left to the front: nothing that was returned is used now. */
static void scanner_compact(struct scanner *scanner)
{
	buffer_take(&scanner->bytes, scanner->start);
	scanner->searched -= scanner->start;
	scanner->start = 0;
}

ssize_t scanner_read(struct scanner *scanner, int fd)
{
	struct buffer *bytes = &scanner->bytes;
	bool full = bytes->used == bytes->size;
	ssize_t n;

	scanner_compact(scanner);
	/* Who sends much gets a larger buffer, as does a long record. */
	if (bytes->used == bytes->size ||
	    (full && bytes->size < SCANNER_READ_MAX))
		n = buffer_reserve(bytes, bytes->size < SCANNER_READ
						  ? SCANNER_READ
						  : bytes->size);
	else
		n = 0;
	if (n < 0)
		return n;
	do
		n = read(fd, bytes->data + bytes->used,
			 bytes->size - bytes->used);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	bytes->used += (size_t)n;
	return n;
}

int scanner_feed(struct scanner *scanner, const void *data, size_t n)
{
	scanner_compact(scanner);
	return buffer_append(&scanner->bytes, data, n);
}

static struct gust_text scanner_text(const struct scanner *scanner, size_t from,
				     size_t n)
{
	struct gust_text text;

	text.data = n > 0 ? scanner->bytes.data + from : "";
	text.length = n;
	return text;
}

static int scanner_too_long(const struct scanner *scanner, size_t from,
			    size_t n, struct gust_text *record)
{
	n = n < SCANNER_TOLD_MAX ? n : SCANNER_TOLD_MAX;
	*record = scanner_text(scanner, from, n);
	return -EMSGSIZE;
}

static int scanner_next_line(struct scanner *scanner, struct gust_text *record)
{
	const size_t from = scanner->start, end = scanner->bytes.used;
	const char *at = NULL;
	bool skips = scanner->skips;
	size_t n;

	if (scanner->searched < end)
		at = memchr(scanner->bytes.data + scanner->searched, '\n',
			    end - scanner->searched);
	n = at == NULL ? end - from : (size_t)(at - scanner->bytes.data) - from;
	scanner->searched = end;
	if (at == NULL && n <= scanner->limit && !skips)
		return 0;
	scanner_take(scanner, at == NULL ? n : n + 1);
	scanner->skips = at == NULL;
	/* The rest of one that has been told. */
	if (skips)
		return at == NULL ? 0 : scanner_next_line(scanner, record);
	if (n > scanner->limit)
		return scanner_too_long(scanner, from, n, record);
	*record = scanner_text(scanner, from, n);
	return 1;
}

/* Skips what is there of a record that was too long; whether all of it. */
static bool scanner_skip(struct scanner *scanner)
{
	size_t n = scanner_left(scanner);

	n = n < scanner->skip ? n : scanner->skip;
	scanner_take(scanner, n);
	scanner->skip -= n;
	return scanner->skip == 0;
}

static int scanner_next_length(struct scanner *scanner,
			       struct gust_text *record)
{
	const unsigned char *head;
	size_t from, n;

	if (!scanner_skip(scanner) || scanner_left(scanner) < SCANNER_HEAD)
		return 0;
	head = (const unsigned char *)scanner->bytes.data + scanner->start;
	n = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
	    (size_t)head[2] << 8 | head[3];
	from = scanner->start + SCANNER_HEAD;
	if (n > scanner->limit) {
		scanner_take(scanner, SCANNER_HEAD);
		scanner->skip = n;
		scanner_skip(scanner);
		return scanner_too_long(scanner, from, scanner->start - from,
					record);
	}
	if (scanner_left(scanner) - SCANNER_HEAD < n)
		return 0;
	scanner_take(scanner, SCANNER_HEAD + n);
	*record = scanner_text(scanner, from, n);
	return 1;
}

int scanner_next(struct scanner *scanner, struct gust_text *record)
{
	if (scanner->framing == SCANNER_LENGTH)
		return scanner_next_length(scanner, record);
	return scanner_next_line(scanner, record);
}

int scanner_rest(struct scanner *scanner, struct gust_text *rest)
{
	const size_t from = scanner->start, n = scanner_left(scanner);

	/* Nothing is left of one that is skipped. */
	if (n == 0)
		return 0;
	scanner_take(scanner, n);
	*rest = scanner_text(scanner, from, n);
	return 1;
}
