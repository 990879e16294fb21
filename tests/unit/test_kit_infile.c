/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <gust/kit/infile.h>

#include "packed.h"

static struct packed packed;
static char path[64];

__attribute__((destructor)) static void tidy(void)
{
	if (path[0] != '\0')
		unlink(path);
}

static struct infile put(const void *data, size_t n)
{
	struct infile infile = { .fd = -1 };
	int fd;

	if (path[0] == '\0') {
		strcpy(path, "/tmp/test_kit_infile.XXXXXX");
		close(mkstemp(path));
	}
	fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, data, n), n);
	CHECK_INT(close(fd), 0);
	CHECK_INT(infile_open(&infile, path, NULL), 0);
	return infile;
}

/* What comes next, without the calls that give nothing. */
static ssize_t next(struct infile *infile, char *data, size_t size,
		    struct gust_error *error)
{
	ssize_t n;

	do
		n = infile_read(infile, data, size, error);
	while (n == -EINTR);
	return n;
}

static void expect(struct infile *infile, const char *text)
{
	char data[64];
	size_t n = 0;
	ssize_t r;

	while ((r = next(infile, data + n, sizeof(data) - n, NULL)) > 0)
		n += (size_t)r;
	CHECK_INT(r, 0);
	CHECK_MEM(data, n, text, strlen(text));
}

TEST(a_plain_file_is_given_from_any_offset)
{
	struct infile infile = put("one\ntwo\n", 8);

	CHECK(infile.regular);
	expect(&infile, "one\ntwo\n");
	CHECK_UINT(infile.offset, 8);
	CHECK_INT(infile_seek(&infile, 5, NULL), 0);
	expect(&infile, "wo\n");
	CHECK_INT(infile_rewind(&infile, NULL), 0);
	CHECK_UINT(infile.offset, 0);
	expect(&infile, "one\ntwo\n");
	infile_close(&infile);
	CHECK_INT(infile.fd, -1);
	infile_close(&infile);
}

TEST(a_packed_file_has_to_be_read_up_to_an_offset)
{
	struct gust_error error = { 0 };
	struct infile infile;
	char data[64];

	packed.used = 0;
	packed_gzip(&packed, "one\ntwo\n", 8);
	infile = put(packed.data, packed.used);
	if (next(&infile, data, 3, &error) == 3) {
		CHECK_MEM(data, 3, "one", 3);
		CHECK_UINT(infile.offset, 3);
		CHECK_INT(infile_seek(&infile, 5, NULL), -ESPIPE);
		expect(&infile, "\ntwo\n");
		CHECK_UINT(infile.raw, packed.used);
		CHECK_INT(infile_rewind(&infile, NULL), 0);
		expect(&infile, "one\ntwo\n");
	} else {
		CHECK_INT(error.code, -ENOTSUP);
	}
	infile_close(&infile);
}

TEST(a_patient_reader_waits_for_the_bytes_that_tell_the_format)
{
	struct infile infile = put("\x1f\x8b", 2);
	char data[8];

	infile.patient = true;
	CHECK_INT(next(&infile, data, 8, NULL), 0);
	infile.patient = false;
	CHECK_INT(next(&infile, data, 8, NULL), 2);
	CHECK_MEM(data, 2, "\x1f\x8b", 2);
	infile_close(&infile);
}

TEST(what_a_file_is_does_not_go_by_its_name)
{
	struct infile infile = put("x", 1), other;
	struct infile_status first, second;
	char moved[80];

	CHECK_INT(infile_look(path, &first), 0);
	CHECK(first.regular && !first.directory && !first.fifo);
	CHECK_UINT(first.size, 1);
	CHECK_UINT(first.links, 1);
	snprintf(moved, sizeof(moved), "%s.moved", path);
	CHECK_INT(rename(path, moved), 0);
	CHECK_INT(infile_look(moved, &second), 0);
	CHECK(infile_same(&first, &second));
	CHECK_INT(infile_look_again(&infile, &second), 0);
	CHECK(infile_same(&first, &second));
	close(open(path, O_WRONLY | O_CREAT, 0600));
	other = put("x", 1);
	CHECK_INT(infile_look(path, &second), 0);
	CHECK(!infile_same(&first, &second));
	infile_close(&infile);
	infile_close(&other);
	unlink(moved);
	CHECK_INT(infile_look(moved, &first), -ENOENT);
	CHECK_INT(infile_look("/tmp", &first), 0);
	CHECK(first.directory);
}

TEST(errors_name_the_file)
{
	struct infile infile = { .fd = -1 };
	struct gust_error error = { 0 };
	char byte;

	CHECK_INT(infile_open(&infile, "/no/such", &error), -ENOENT);
	CHECK_STR(error.text,
		  "cannot read '/no/such': No such file or directory");
	memset(&error, 0, sizeof(error));
	CHECK_INT(infile_open(&infile, "/tmp", NULL), 0);
	CHECK_INT(next(&infile, &byte, 1, &error), -EISDIR);
	CHECK_STR(error.text, "cannot read '/tmp': Is a directory");
	infile_close(&infile);
}

TEST(standard_input_is_not_closed)
{
	struct infile infile = { .fd = -1 };

	CHECK_INT(infile_open(&infile, "-", NULL), 0);
	infile_close(&infile);
	CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}
