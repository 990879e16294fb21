/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <gust/kit/scanner.h>

#include "test.h"

static void feed(struct scanner *scanner, const char *text, size_t n)
{
	CHECK_INT(scanner_feed(scanner, text, n), 0);
}

static void next_is(struct scanner *scanner, const char *text, size_t n)
{
	struct gust_text record;

	CHECK_INT(scanner_next(scanner, &record), 1);
	CHECK_MEM(record.data, record.length, text, n);
}

static void nothing_follows(struct scanner *scanner)
{
	struct gust_text record;

	CHECK_INT(scanner_next(scanner, &record), 0);
}

TEST(lines_come_in_pieces)
{
	struct scanner scanner = { .limit = 100 };
	struct gust_text rest;

	nothing_follows(&scanner);
	feed(&scanner, "one\n\ntw", 7);
	next_is(&scanner, "one", 3);
	next_is(&scanner, "", 0);
	nothing_follows(&scanner);
	feed(&scanner, "o", 1);
	nothing_follows(&scanner);
	feed(&scanner, "\0\r\nlast", 7);
	next_is(&scanner, "two\0\r", 5);
	nothing_follows(&scanner);
	CHECK_INT(scanner_rest(&scanner, &rest), 1);
	CHECK_MEM(rest.data, rest.length, "last", 4);
	CHECK_INT(scanner_rest(&scanner, &rest), 0);
	scanner_destroy(&scanner);
}

TEST(a_line_of_just_the_limit_is_taken)
{
	struct scanner scanner = { .limit = 4 };
	struct gust_text record;

	feed(&scanner, "abcd\nabcde\nx\n", 13);
	next_is(&scanner, "abcd", 4);
	CHECK_INT(scanner_next(&scanner, &record), -EMSGSIZE);
	CHECK_MEM(record.data, record.length, "abcde", 5);
	next_is(&scanner, "x", 1);
	nothing_follows(&scanner);
	scanner_destroy(&scanner);
}

TEST(a_long_line_is_told_once_and_not_gathered)
{
	struct scanner scanner = { .limit = 10 };
	struct gust_text record;
	int i, told = 0;

	for (i = 0; i < 100000; i++) {
		feed(&scanner, "0123456789", 10);
		told += scanner_next(&scanner, &record) == -EMSGSIZE;
	}
	CHECK_INT(told, 1);
	CHECK(scanner.bytes.size < 4096);
	CHECK_INT(scanner_rest(&scanner, &record), 0);
	feed(&scanner, "end\nnext\n", 9);
	next_is(&scanner, "next", 4);
	scanner_destroy(&scanner);
}

TEST(records_may_say_their_length)
{
	struct scanner scanner = { .framing = SCANNER_LENGTH, .limit = 100 };
	static const char bytes[] = "\0\0\0\3a\nb\0\0\0\0\0\0\0\1c\0\0";
	size_t i;

	/* A byte at a time. */
	for (i = 0; i < 6; i++) {
		feed(&scanner, bytes + i, 1);
		nothing_follows(&scanner);
	}
	feed(&scanner, bytes + 6, sizeof(bytes) - 1 - 6);
	next_is(&scanner, "a\nb", 3);
	next_is(&scanner, "", 0);
	next_is(&scanner, "c", 1);
	nothing_follows(&scanner);
	feed(&scanner, "\0\1z", 3);
	next_is(&scanner, "z", 1);
	scanner_destroy(&scanner);
}

TEST(a_record_of_a_length_that_is_too_long_is_skipped)
{
	struct scanner scanner = { .framing = SCANNER_LENGTH, .limit = 4 };
	struct gust_text record;

	feed(&scanner, "\0\0\0\7abc", 7);
	CHECK_INT(scanner_next(&scanner, &record), -EMSGSIZE);
	CHECK_MEM(record.data, record.length, "abc", 3);
	nothing_follows(&scanner);
	CHECK_INT(scanner_rest(&scanner, &record), 0);
	feed(&scanner, "defg\0\0\0\1x", 9);
	next_is(&scanner, "x", 1);
	/* The longest there can be. */
	feed(&scanner, "\xff\xff\xff\xffz", 5);
	CHECK_INT(scanner_next(&scanner, &record), -EMSGSIZE);
	nothing_follows(&scanner);
	scanner_destroy(&scanner);
}

TEST(a_pipe_is_read_in_growing_pieces)
{
	struct scanner scanner = { .limit = 1000000 };
	struct gust_text record;
	char *text = malloc(200001);
	size_t written = 0, reads = 0, lines = 0;
	int ends[2], r;
	ssize_t n;

	memset(text, 'x', 200000);
	text[200000] = '\n';
	CHECK_INT(pipe2(ends, O_NONBLOCK), 0);
	CHECK_INT(scanner_read(&scanner, ends[0]), -EAGAIN);
	while (lines == 0 && reads < 1000) {
		n = write(ends[1], text + written, 200001 - written);
		written += n > 0 ? (size_t)n : 0;
		CHECK(scanner_read(&scanner, ends[0]) > 0);
		reads++;
		r = scanner_next(&scanner, &record);
		CHECK(r >= 0);
		lines += (size_t)r;
	}
	CHECK_UINT(lines, 1);
	CHECK_UINT(record.length, 200000);
	CHECK(reads < 20);
	CHECK_INT(close(ends[1]), 0);
	CHECK_INT(scanner_read(&scanner, ends[0]), 0);
	CHECK_INT(close(ends[0]), 0);
	CHECK_INT(scanner_read(&scanner, ends[0]), -EBADF);
	scanner_destroy(&scanner);
	free(text);
}
