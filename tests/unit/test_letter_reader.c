/* SPDX-License-Identifier: MIT */

#include "journal/letter_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "starve.h"
#include "test.h"

#define LINE(attempts)                                                         \
	"{\"format\":1,\"time\":\"2026-11-21T12:00:00.123Z\","                 \
	"\"topology\":\"wordcount\",\"component\":\"count\",\"task\":0,"       \
	"\"kind\":\"failed\",\"reason\":\"why not\",\"attempts\":" attempts    \
	",\"fields\":{\"word\":\"gust\"},\"later\":[1]}\n"

static char path[64];

static void append(const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_INT(file_write(fd, text, strlen(text)), 0);
	close(fd);
}

static struct letter_reader *begin(const char *content)
{
	struct letter_reader *reader = NULL;

	strcpy(path, "/tmp/gust-test-reader-XXXXXX");
	close(mkstemp(path));
	append(content);
	CHECK_INT(letter_reader_open(&reader, path, NULL), 0);
	return reader;
}

static void end(struct letter_reader *reader)
{
	letter_reader_close(reader);
	unlink(path);
}

static void check_letter(struct letter_reader *reader, uint32_t attempts)
{
	struct dead_letter letter;
	struct gust_error error = { 0 };

	CHECK_INT(letter_reader_next(reader, &letter, &error), 1);
	CHECK_STR(error.text, "");
	CHECK_UINT(letter.attempts, attempts);
	CHECK_STR(letter.reason, "why not");
	CHECK_UINT(letter.field_count, 1);
	CHECK_STR(letter.fields[0].name, "word");
	CHECK_MEM(letter.fields[0].value.as.data, letter.fields[0].value.length,
		  "gust", 4);
}

static void check_end(struct letter_reader *reader)
{
	struct dead_letter letter;
	struct gust_error error = { 0 };

	CHECK_INT(letter_reader_next(reader, &letter, &error), 0);
	CHECK_STR(error.text, "");
}

TEST(letters_are_read_in_order)
{
	struct letter_reader *reader = begin(LINE("1") LINE("2"));

	check_letter(reader, 1);
	check_letter(reader, 2);
	check_end(reader);
	check_end(reader);
	end(reader);
	letter_reader_close(NULL);
}

TEST(an_empty_file_has_none)
{
	struct letter_reader *reader = begin("");

	check_end(reader);
	end(reader);
}

TEST(a_growing_file_is_followed)
{
	struct letter_reader *reader = begin(LINE("1") "{\"format\":");

	check_letter(reader, 1);
	check_end(reader);
	append(&LINE("2")[strlen("{\"format\":")]);
	check_letter(reader, 2);
	check_end(reader);
	append(LINE("3"));
	check_letter(reader, 3);
	check_end(reader);
	end(reader);
}

static void check_bad(struct letter_reader *reader, int code, int line,
		      const char *message)
{
	struct dead_letter letter;
	struct gust_error error = { 0 };

	CHECK_INT(letter_reader_next(reader, &letter, &error), code);
	CHECK_CONTAINS(error.text, message);
	CHECK_INT(error.line, line);
	CHECK_STR(error.source, path);
}

TEST(a_bad_line_is_named_and_passed_over)
{
	struct letter_reader *reader =
		begin(LINE("1") "not JSON\n"
				"{\"format\":1}\n" LINE("4") "{\"format\":9}\n"
							     "\n" LINE("7"));

	check_letter(reader, 1);
	check_bad(reader, -EBADMSG, 2, "this is no dead letter: ");
	check_bad(reader, -EBADMSG, 3, "'time' is missing");
	check_letter(reader, 4);
	check_bad(reader, -ENOTSUP, 5, "has format 9, expected at most 1");
	check_bad(reader, -EBADMSG, 6, "this is no dead letter: ");
	check_letter(reader, 7);
	check_end(reader);
	end(reader);
}

TEST(what_cannot_be_read_is_said)
{
	struct letter_reader *reader = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(letter_reader_open(&reader, "/no/such", &error), -ENOENT);
	CHECK_STR(error.text,
		  "'/no/such' cannot be read: No such file or directory");
	CHECK_PTR(reader, NULL);
	error.code = 0;
	CHECK_INT(letter_reader_open(&reader, "/tmp", &error), -EISDIR);
	CHECK_STR(error.text, "'/tmp' is a folder, expected a file of dead "
			      "letters, such as NAME.dead-letters.jsonl");
	CHECK_PTR(reader, NULL);
}

TEST(short_memory_is_said)
{
	unsigned long n;

	for (n = 1; starve(n); n++) {
		struct letter_reader *reader = NULL;
		struct gust_error error = { 0 };
		struct dead_letter letter;
		int r;

		starve_at = 0;
		reader = begin(LINE("1"));
		letter_reader_close(reader);
		reader = NULL;
		starve_at = n;
		r = letter_reader_open(&reader, path, &error);
		if (r == 0)
			r = letter_reader_next(reader, &letter, &error);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 1);
		CHECK_INT(error.code, r < 0 ? r : 0);
		end(reader);
	}
	CHECK(n > 1);
}
