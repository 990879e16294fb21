/* SPDX-License-Identifier: MIT */

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "starve.h"
#include "test.h"

static char folder[] = "/tmp/gust-test-file-XXXXXX";

static char *in_folder(const char *name)
{
	static bool made;

	if (!made)
		CHECK(mkdtemp(folder) != NULL);
	made = true;
	return file_join(folder, name);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* From here on a file cannot grow past `bytes`. */
static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void check_content(const char *path, const char *expected)
{
	char *data = NULL;
	size_t n = 99;

	CHECK_INT(file_read(path, 1 << 20, &data, &n, NULL), 0);
	CHECK_STR(data, expected);
	CHECK_UINT(n, strlen(expected));
	free(data);
}

TEST(names_are_joined_and_split)
{
	static const char *const joined[][3] = {
		{ "a", "b", "a/b" },         { "a/", "b", "a/b" },
		{ "/", "b", "/b" },          { "a", "/b", "/b" },
		{ "a/b", "c/d", "a/b/c/d" },
	};
	static const char *const folders[][2] = {
		{ "a/b", "a" },  { "/b", "/" },  { "b", "." }, { "/a/b", "/a" },
		{ "a//b", "a" }, { "//b", "/" }, { "", "." },
	};

	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		char *path = file_join(joined[i][0], joined[i][1]);

		CHECK_STR(path, joined[i][2]);
		free(path);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = file_folder(folders[i][0]);

		CHECK_STR(path, folders[i][1]);
		free(path);
	}
}

TEST(replace_makes_and_replaces)
{
	char *path = in_folder("replace");
	char *fresh = in_folder("replace.new");
	struct gust_error error = { 0 };

	CHECK_INT(file_replace(path, "one", 3, &error), 0);
	check_content(path, "one");
	CHECK_INT(file_replace(path, "", 0, &error), 0);
	check_content(path, "");
	CHECK(!exists(fresh));
	/* What a crash has left is in nobody's way. */
	CHECK_INT(file_replace(fresh, "torn", 4, NULL), 0);
	CHECK_INT(file_replace(path, "two", 3, &error), 0);
	check_content(path, "two");
	CHECK(!exists(fresh));
	free(fresh);
	free(path);
}

TEST(replace_leaves_the_old_content_on_a_full_disk)
{
	char *path = in_folder("full");
	char *fresh = in_folder("full.new");
	struct gust_error error = { 0 };
	char large[5000];

	memset(large, 'x', sizeof(large));
	CHECK_INT(file_replace(path, "old", 3, NULL), 0);
	limit_file_size(4096);
	CHECK_INT(file_replace(path, large, sizeof(large), &error), -EFBIG);
	limit_file_size(RLIM_INFINITY);
	CHECK_CONTAINS(error.text, path);
	CHECK_CONTAINS(error.text, "cannot be written: File too large");
	check_content(path, "old");
	CHECK(!exists(fresh));
	free(fresh);
	free(path);
}

TEST(replace_says_what_is_wrong)
{
	struct gust_error error = { 0 };

	CHECK_INT(file_replace("/dev/full", "x", 1, &error), -ENOSPC);
	CHECK_STR(error.text,
		  "'/dev/full' cannot be written: No space left on device");
	error.code = 0;
	CHECK_INT(file_replace("/no/such/folder/x", "x", 1, &error), -ENOENT);
	CHECK_CONTAINS(error.text, "'/no/such/folder/x' cannot be written");
	CHECK_INT(file_replace("/tmp", "x", 1, NULL), -EISDIR);
}

TEST(devices_are_written_to_and_not_replaced)
{
	struct stat status;

	CHECK_INT(file_replace("/dev/null", "x", 1, NULL), 0);
	CHECK_INT(stat("/dev/null", &status), 0);
	CHECK(S_ISCHR(status.st_mode));
}

TEST(read_ends_at_its_limit)
{
	char *path = in_folder("limit");
	struct gust_error error = { 0 };
	char *data = NULL;
	size_t n = 99;

	CHECK_INT(file_replace(path, "12345678", 8, NULL), 0);
	CHECK_INT(file_read(path, 8, &data, &n, &error), 0);
	CHECK_MEM(data, n + 1, "12345678", 9);
	free(data);
	data = NULL;
	CHECK_INT(file_read(path, 7, &data, &n, &error), -EFBIG);
	CHECK_CONTAINS(error.text, "limit' is too large, expected at most 7 B");
	CHECK_PTR(data, NULL);
	CHECK_INT(file_read("/dev/zero", 1000000, &data, &n, NULL), -EFBIG);
	CHECK_INT(file_read("/dev/null", 0, &data, &n, NULL), 0);
	CHECK_STR(data, "");
	free(data);
	free(path);
}

TEST(large_files_are_read_whole)
{
	char *path = in_folder("large");
	size_t size = 1000003, n = 0;
	char *data = malloc(size);
	char *read = NULL;

	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i * 7);
	CHECK_INT(file_replace(path, data, size, NULL), 0);
	CHECK_INT(file_read(path, SIZE_MAX, &read, &n, NULL), 0);
	CHECK_UINT(n, size);
	CHECK(memcmp(data, read, size) == 0);
	CHECK_INT(read[size], 0);
	free(read);
	free(data);
	free(path);
}

TEST(read_says_what_is_wrong)
{
	struct gust_error error = { 0 };
	char *data = NULL;
	size_t n;

	CHECK_INT(file_read("/no/such", 10, &data, &n, &error), -ENOENT);
	CHECK_STR(error.text,
		  "'/no/such' cannot be read: No such file or directory");
	error.code = 0;
	CHECK_INT(file_read("/tmp", 10, &data, &n, &error), -EISDIR);
	CHECK_STR(error.text, "'/tmp' cannot be read: Is a directory");
	CHECK_PTR(data, NULL);
}

static void *drain_pipe(void *data)
{
	size_t *total = data;
	int fd = (int)*total;
	char buffer[1000];
	ssize_t n;

	*total = 0;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		*total += (size_t)n;
	return NULL;
}

TEST(write_goes_on_after_a_short_one)
{
	static const char zeros[1000000];
	pthread_t thread;
	size_t total;
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	total = (size_t)ends[0];
	CHECK_INT(pthread_create(&thread, NULL, drain_pipe, &total), 0);
	CHECK_INT(file_write(ends[1], zeros, sizeof(zeros)), 0);
	close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
	CHECK_UINT(total, sizeof(zeros));
	CHECK_INT(file_write(-1, zeros, 1), -EBADF);
	CHECK_INT(file_write(-1, zeros, 0), 0);
}

TEST(folders_are_made_with_those_above)
{
	char *path = in_folder("a//b/c/");
	char *file = in_folder("file");
	char *below = in_folder("file/below");
	struct gust_error error = { 0 };

	CHECK_INT(file_make_folder(path, NULL), 0);
	CHECK(exists(path));
	CHECK_INT(file_make_folder(path, NULL), 0);
	CHECK_INT(file_make_folder("/", NULL), 0);
	CHECK_INT(file_make_folder(".", NULL), 0);
	CHECK_INT(file_make_folder("", NULL), -ENOENT);
	CHECK_INT(file_replace(file, "", 0, NULL), 0);
	CHECK_INT(file_make_folder(file, &error), -ENOTDIR);
	CHECK_CONTAINS(error.text, "file' cannot be made: Not a directory");
	CHECK_INT(file_make_folder(below, NULL), -ENOTDIR);
	CHECK_INT(file_sync_folder(file), -ENOTDIR);
	free(below);
	free(file);
	free(path);
}

TEST(short_memory_is_said)
{
	char *path = in_folder("starved");
	unsigned long n;

	for (n = 1; starve(n); n++) {
		struct gust_error error = { 0 };
		char *data = NULL, *name = NULL;
		size_t size;
		int r;

		r = file_make_folder(folder, &error);
		if (r == 0)
			r = file_replace(path, "one", 3, &error);
		if (r == 0)
			r = file_read(path, 100, &data, &size, &error);
		if (r == 0)
			name = file_join("a", "b");
		if (starve_ends()) {
			CHECK_PTR(name, NULL);
			CHECK(r == 0 || r == -ENOMEM);
			CHECK_INT(error.code, r);
		} else {
			CHECK_STR(name, "a/b");
			CHECK_STR(data, "one");
		}
		free(data);
		free(name);
	}
	CHECK(n > 4);
	free(path);
}

TEST(clean_up)
{
	char *command = NULL;

	CHECK(asprintf(&command, "rm -r %s", folder) > 0);
	CHECK_INT(system(command), 0);
	free(command);
}
