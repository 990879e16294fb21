/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_task.h"

static char folder[64];

/* Writes a file into a new folder and returns its path. */
static const char *put(const char *name, const void *data, size_t length)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];
	FILE *file;

	if (folder[0] == '\0') {
		strcpy(folder, "/tmp/test_spout_lines.XXXXXX");
		CHECK(mkdtemp(folder) != NULL);
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	if (data != NULL) {
		file = fopen(path, "w");
		CHECK(file != NULL);
		CHECK_UINT(fwrite(data, 1, length, file), length);
		CHECK_INT(fclose(file), 0);
	}
	return path;
}

__attribute__((destructor)) static void tidy(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

static struct fake *lines_create(const char *const *files, size_t count)
{
	struct fake *fake = fake_create("spouts/lines");

	fake_set_list(fake, "files", files, count);
	return fake;
}

/* Reads one file of that content to its end. */
static struct fake *lines_read(const void *data, size_t length)
{
	const char *path = put("text", data, length);
	struct fake *fake = lines_create(&path, 1);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	return fake;
}

TEST(lines_come_without_their_newlines)
{
	struct fake *fake = lines_read("one\n\ntwo \r\nlast", 15);

	CHECK_STR(fake->emitted.data, "one\n\ntwo \r\nlast\n");
	CHECK_UINT(fake->emits, 4);
	fake_destroy(fake);
}

TEST(an_empty_file_has_no_lines)
{
	struct fake *fake = lines_read("", 0);

	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
	fake = lines_read("\n", 1);
	CHECK_UINT(fake->emits, 1);
	fake_destroy(fake);
}

TEST(bytes_pass_through)
{
	struct fake *fake = lines_read("a\0b\xff\xc3\n\0\n", 8);

	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "a\0b\xff\xc3\n\0\n", 8);
	fake_destroy(fake);
}

TEST(positions_are_offsets)
{
	struct fake *fake = lines_read("one\ntwo\nlast", 12);

	CHECK_INT(fake->replay, GUST_REPLAY_POSITION);
	CHECK_INT(fake->how.kind, GUST_EMIT_AT);
	CHECK_UINT(fake->how.source, 7);
	CHECK_UINT(fake->how.offset, 8);
	CHECK_UINT(fake->how.next, 12);
	CHECK_CONTAINS(fake->sources[0].name, "inode ");
	CHECK_UINT(fake->source_count, 1);
	CHECK_STR(fake->sources[0].title, put("text", NULL, 0));
	fake_destroy(fake);
}

TEST(a_later_run_goes_on_at_its_position)
{
	const char *path = put("text", "one\ntwo\nlast", 12);
	struct fake *fake = lines_create(&path, 1);

	fake->resume = 4;
	CHECK_INT(fake_open(fake), 0);
	/* The first call reads. */
	CHECK_INT(fake_run(fake, 2), GUST_EMITTED);
	CHECK_UINT(fake->how.offset, 4);
	CHECK_UINT(fake->how.next, 8);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "two\nlast\n");
	fake_destroy(fake);

	fake = lines_create(&path, 1);
	fake->resume = 12;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(a_file_that_shrank_is_refused)
{
	const char *path = put("text", "one\n", 4);
	struct fake *fake = lines_create(&path, 1);

	fake->resume = 5;
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text,
		       "was read up to byte 5 by an earlier run, but has 4 "
		       "bytes");
	fake_destroy(fake);
}

TEST(long_and_short_lines_cross_the_buffer)
{
	enum { SIZE = 3000000 };
	char *text = malloc(SIZE);
	struct fake *fake;
	size_t i, at = 0, length = 1;

	/* Lines of 1, 8, 57... bytes, up to more than two buffers. */
	memset(text, 'x', SIZE);
	while (at + length < SIZE) {
		at += length;
		text[at++] = '\n';
		length = length * 7 % 400009;
	}
	for (i = 0; i < SIZE; i++)
		if (text[i] != '\n')
			text[i] = (char)('a' + i % 26);
	fake = lines_read(text, SIZE);
	CHECK(fake->emitted.length == SIZE + (text[SIZE - 1] != '\n'));
	CHECK(memcmp(fake->emitted.data, text, SIZE) == 0);
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
	free(text);
}

TEST(a_line_too_long_for_a_tuple_is_rejected)
{
	enum { LONG = 5000000 };
	char *text = malloc(LONG + 8);
	const char *path;
	struct fake *fake;

	memset(text, 'y', LONG + 8);
	memcpy(text, "one\n", 4);
	memcpy(text + LONG + 3, "\ntwo\n", 5);
	path = put("text", text, LONG + 8);
	fake = lines_create(&path, 1);
	fake->tuple_max = 300000;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_STR(fake->emitted.data, "one\ntwo\n");
	CHECK_UINT(fake->how.offset, LONG + 4);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "/text': the line at byte 4 does not fit");
	CHECK_CONTAINS(fake->reason, "300000");
	CHECK_UINT(fake->rejected_data.length, 1024);
	fake_destroy(fake);
	free(text);
}

/* A tuple of one string has 56 bytes more than it, and its NUL. */
TEST(the_longest_line_fits_and_one_more_byte_does_not)
{
	char text[1024 + 1];
	size_t length;
	const char *path;
	struct fake *fake;

	memset(text, 'z', sizeof(text));
	for (length = 1024 - 57; length <= 1024 - 55; length++) {
		path = put("text", text, length);
		fake = lines_create(&path, 1);
		fake->tuple_max = 1024;
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
		CHECK_UINT(fake->emits, length == 1024 - 57);
		CHECK_UINT(fake->rejected, length != 1024 - 57);
		fake_destroy(fake);
	}
}

TEST(a_long_last_line_is_rejected_once)
{
	char *text = malloc(1000000);
	const char *path;
	struct fake *fake;

	memset(text, 'z', 1000000);
	path = put("text", text, 1000000);
	fake = lines_create(&path, 1);
	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
	free(text);
}

TEST(files_are_dealt_out_over_the_tasks)
{
	const char *files[5];
	char name[8], text[8];
	struct fake *fake;
	int i;

	for (i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		snprintf(text, sizeof(text), "%d\n", i);
		files[i] = put(name, text, 2);
	}
	for (i = 0; i < 6; i++) {
		fake = lines_create(files, 5);
		fake->index = (uint32_t)i;
		fake->count = 6;
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_run(fake, 100), GUST_DONE);
		CHECK_UINT(fake->emits, i < 5);
		fake_destroy(fake);
	}
	fake = lines_create(files, 5);
	fake->index = 1;
	fake->count = 2;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "1\n3\n");
	fake_destroy(fake);
}

TEST(patterns_stand_for_files_in_order)
{
	const char *pattern;
	struct fake *fake;

	put("g2.txt", "two\n", 4);
	put("g1.txt", "one\n", 4);
	put("g[x].txt", "star\n", 5);
	pattern = put("g?.txt", NULL, 0);
	fake = lines_create(&pattern, 1);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "one\ntwo\n");
	fake_destroy(fake);
	pattern = put("g[x].txt", NULL, 0);
	fake = lines_create(&pattern, 1);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "star\n");
	fake_destroy(fake);
}

static void refuse(const char *const *files, size_t count, int code,
		   const char *text)
{
	struct fake *fake = lines_create(files, count);

	CHECK_INT(fake_open(fake), code);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(what_cannot_be_read_is_refused)
{
	const char *twice[2];
	const char *path = put("none", NULL, 0);

	refuse(&path, 1, -ENOENT, "none': No such file or directory");
	path = put("none-*", NULL, 0);
	refuse(&path, 1, -ENOENT, "no file matches '");
	path = put("none/none", NULL, 0);
	refuse(&path, 1, -ENOENT, "none': No such file or directory");
	twice[0] = put("text", "x", 1);
	twice[1] = twice[0];
	refuse(twice, 2, -EINVAL, "/text' is named twice");
}

TEST(a_pipe_is_waited_for)
{
	const char *path = put("pipe", NULL, 0);
	struct fake *fake = lines_create(&path, 1);
	int out;

	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(fake_open(fake), 0);
	/* Nobody writes yet. */
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK(fake->watched >= 0);
	CHECK_INT(fake->watched_events, POLLIN);
	out = open(path, O_WRONLY);
	CHECK(out >= 0);
	CHECK_INT(write(out, "one\ntw", 6), 6);
	CHECK_INT(fake->spout->ready(fake->instance, (void *)fake,
				     fake->watched, POLLIN),
		  0);
	CHECK_INT(fake->watched, -1);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "one\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	CHECK_INT(write(out, "o\nlast", 6), 6);
	CHECK_INT(close(out), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_INT(fake->watched, -1);
	CHECK_STR(fake->emitted.data, "one\ntwo\nlast\n");
	fake_destroy(fake);
}

TEST(what_cannot_be_watched_is_looked_at)
{
	const char *path = put("pipe2", NULL, 0);
	struct fake *fake = lines_create(&path, 1);

	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(fake_open(fake), 0);
	fake->watch_result = -EPERM;
	fake->now = 5;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->wait_until, 10000005);
	fake_destroy(fake);
}

TEST(standard_input_has_no_positions_and_stays_open)
{
	const char *file = "-";
	struct fake *fake = lines_create(&file, 1);
	int ends[2], kept = dup(STDIN_FILENO);

	CHECK_INT(pipe(ends), 0);
	CHECK_INT(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	CHECK_INT(close(ends[0]), 0);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_INT(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
	CHECK_INT(write(ends[1], "a\nb\n", 4), 4);
	CHECK_INT(close(ends[1]), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "a\nb\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	fake_destroy(fake);
	CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	CHECK_INT(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	CHECK_INT(close(kept), 0);
}

/* Else every line would come again and again. */
TEST(a_file_that_is_written_to_is_refused)
{
	const char *path = put("own", "x\n", 2);
	FILE *writer = fopen(path, "a");
	struct fake *fake = lines_create(&path, 1);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), -EBUSY);
	CHECK_CONTAINS(fake->log, "own': this run writes to it");
	fake_destroy(fake);
	CHECK_INT(fclose(writer), 0);
	fake = lines_create(&path, 1);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_UINT(fake->emits, 1);
	fake_destroy(fake);
}

TEST(a_failed_read_is_logged_with_the_file)
{
	const char *path = put("gone", "x\n", 2);
	struct fake *fake = lines_create(&path, 1);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(fake_run(fake, 100), -ENOENT);
	CHECK_CONTAINS(fake->log, "gone': No such file or directory");
	fake_destroy(fake);
}
