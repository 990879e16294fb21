/* SPDX-License-Identifier: MIT */

#include "base/appender.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "starve.h"
#include "test.h"

#define PREFIX "{\"format\":"

static char path[] = "/tmp/gust-test-appender-XXXXXX";

/* A file with this content, or with NULL a free name. */
static void begin(const char *content)
{
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	close(mkstemp(path));
	if (content == NULL)
		CHECK_INT(unlink(path), 0);
	else
		CHECK_INT(file_replace(path, content, strlen(content), NULL),
			  0);
}

static void end(const char *expected)
{
	char *data = NULL;
	size_t n;

	CHECK_INT(file_read(path, 1 << 24, &data, &n, NULL), 0);
	unlink(path);
	CHECK_MEM(data, n, expected, strlen(expected));
	free(data);
}

static struct appender *open_file(void)
{
	struct appender *appender = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(appender_open(&appender, path, PREFIX, &error), 0);
	CHECK_STR(error.text, "");
	return appender;
}

static void append(struct appender *appender, const char *lines)
{
	CHECK_INT(appender_write(appender, lines, strlen(lines), NULL), 0);
}

TEST(lines_are_appended)
{
	struct appender *appender;

	begin(NULL);
	appender = open_file();
	append(appender, "one\n");
	append(appender, "two\nthree\n");
	append(appender, "");
	CHECK_INT(appender_sync(appender, NULL), 0);
	appender_close(appender);
	appender_close(NULL);
	appender = open_file();
	append(appender, "four\n");
	appender_close(appender);
	end("one\ntwo\nthree\nfour\n");
}

static void check_mended(const char *before, const char *after)
{
	begin(before);
	appender_close(open_file());
	end(after);
}

TEST(a_torn_line_is_cut)
{
	check_mended("", "");
	check_mended("one\n", "one\n");
	check_mended("one\n{\"format\":1, \"ti", "one\n");
	check_mended("one\n{", "one\n");
	check_mended("{\"form", "");
	check_mended("{\"format\":", "");
}

TEST(text_of_somebody_else_is_kept)
{
	check_mended("one\ntwo", "one\ntwo\n");
	check_mended("{\"forma_", "{\"forma_\n");
	check_mended("notes without an end", "notes without an end\n");
}

TEST(a_long_torn_line_is_cut)
{
	static const size_t sizes[] = { 4095, 4096, 4097, 8192, 100000 };
	char *content = malloc(200000);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t n = sizes[i];

		memset(content, 'x', n);
		memcpy(content, PREFIX, strlen(PREFIX));
		content[n] = '\0';
		check_mended(content, "");
		memmove(content + 4, content, n + 1);
		memcpy(content, "one\n", 4);
		check_mended(content, "one\n");
	}
	free(content);
}

TEST(a_full_disk_leaves_whole_lines)
{
	struct rlimit limit = { 4096, RLIM_INFINITY };
	struct gust_error error = { 0 };
	struct appender *appender;
	char large[5000];
	int r;

	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\n';
	signal(SIGXFSZ, SIG_IGN);
	begin("one\n");
	appender = open_file();
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = appender_write(appender, large, sizeof(large), &error);
	append(appender, "two\n");
	limit.rlim_cur = RLIM_INFINITY;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	appender_close(appender);
	CHECK_INT(r, -EFBIG);
	CHECK_CONTAINS(error.text, "cannot be written: File too large");
	end("one\ntwo\n");
}

TEST(a_full_device_is_said)
{
	struct appender *appender = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(appender_open(&appender, "/dev/full", PREFIX, NULL), 0);
	CHECK_INT(appender_write(appender, "x\n", 2, &error), -ENOSPC);
	CHECK_STR(error.text,
		  "'/dev/full' cannot be written: No space left on device");
	CHECK_INT(appender_sync(appender, NULL), 0);
	appender_close(appender);
}

TEST(what_cannot_be_opened_is_said)
{
	struct appender *appender = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(appender_open(&appender, "/no/such/file", PREFIX, &error),
		  -ENOENT);
	CHECK_STR(error.text, "'/no/such/file' cannot be opened for "
			      "appending: No such file or directory");
	CHECK_INT(appender_open(&appender, "/tmp", PREFIX, NULL), -EISDIR);
	CHECK_PTR(appender, NULL);
}

TEST(a_pipe_is_fine)
{
	struct appender *appender = NULL;
	char name[64], got[8];
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[1]);
	CHECK_INT(appender_open(&appender, name, PREFIX, NULL), 0);
	append(appender, "one\n");
	CHECK_INT(appender_sync(appender, NULL), 0);
	CHECK_INT(read(ends[0], got, sizeof(got)), 4);
	CHECK_MEM(got, 4, "one\n", 4);
	appender_close(appender);
	close(ends[0]);
	close(ends[1]);
}

static void append_many(const char *line)
{
	struct appender *appender = NULL;

	if (appender_open(&appender, path, PREFIX, NULL) < 0)
		_exit(1);
	for (int i = 0; i < 300; i++) {
		if (appender_write(appender, line, strlen(line), NULL) < 0)
			_exit(1);
	}
	_exit(0);
}

TEST(processes_share_a_file)
{
	static const char *const lines[] = { PREFIX "1, from one}\n",
					     PREFIX "1, from the other}\n" };
	size_t n, counts[2] = { 0, 0 };
	char *data = NULL;
	int status;

	begin(PREFIX "torn");
	for (int i = 0; i < 2; i++)
		if (fork() == 0)
			append_many(lines[i]);
	while (wait(&status) > 0)
		CHECK_INT(status, 0);
	CHECK_INT(file_read(path, 1 << 24, &data, &n, NULL), 0);
	unlink(path);
	for (char *at = data; at < data + n;) {
		int which = strncmp(at, lines[0], strlen(lines[0])) != 0;

		CHECK(strncmp(at, lines[which], strlen(lines[which])) == 0);
		counts[which]++;
		at += strlen(lines[which]);
	}
	CHECK_UINT(counts[0], 300);
	CHECK_UINT(counts[1], 300);
	free(data);
}

TEST(short_memory_is_said)
{
	unsigned long n;

	for (n = 1; starve(n); n++) {
		struct appender *appender = NULL;
		struct gust_error error = { 0 };
		int r;

		starve_at = 0;
		begin("");
		starve_at = n;
		r = appender_open(&appender, path, PREFIX, &error);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK_INT(error.code, r);
		if (r == 0)
			append(appender, "one\n");
		appender_close(appender);
		end(r == 0 ? "one\n" : "");
	}
	CHECK(n > 3);
}
