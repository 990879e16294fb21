/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "fake_check.h"
#include "folder.h"

static const struct gust_column columns[] = { { "line", GUST_STRING },
					      { "n", GUST_INT },
					      { NULL, GUST_NULL } };

/* What the disk says instead of what it would: the plugin finds these here. */
static int sync_code, write_code;
static size_t write_takes = SIZE_MAX; /* of all calls together */

int fdatasync(int fd)
{
	if (sync_code == 0)
		return (int)syscall(SYS_fdatasync, fd);
	errno = sync_code;
	return -1;
}

ssize_t write(int fd, const void *data, size_t n)
{
	if (write_code != 0 && write_takes == 0) {
		errno = write_code;
		return -1;
	}
	n = n < write_takes ? n : write_takes;
	write_takes -= write_code != 0 ? n : 0;
	return syscall(SYS_write, fd, data, n);
}

static struct fake *lines_create(const char *path)
{
	struct fake *fake = fake_create("bolts/write_lines");

	fake_input(fake, columns);
	fake_set_string(fake, "path", path);
	fake_set_string(fake, "template", "{line}");
	return fake;
}

/* Opened with a file in the folder, which is empty but for what is put there
 * before. */
static struct fake *lines_open(const char *name)
{
	return fake_opened(lines_create(folder_path(name)));
}

static int give(struct fake *fake, const char *text)
{
	const struct gust_value row[] = { gust_string(text, strlen(text)),
					  gust_int(7) };

	return fake_give(fake, row, 2);
}

static void lines_end(struct fake *fake)
{
	CHECK_INT(fake_flush(fake), 0);
	CHECK_INT(fake_finish(fake), 0);
	fake_destroy(fake);
}

TEST(lines_are_acked_when_they_are_written)
{
	struct fake *fake = lines_open("out");

	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(give(fake, "b"), 0);
	CHECK_UINT(fake->acked, 0);
	folder_check("out", "");
	CHECK_INT(fake_idle(fake), 0);
	folder_check("out", "a\nb\n");
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->batches_acked, 1);
	lines_end(fake);
	folder_clear();
}

TEST(without_a_template_all_fields_are_written)
{
	struct fake *fake = lines_create(folder_path("out"));
	const struct gust_value nulls[] = { gust_null(), gust_null() };

	fake_set_string(fake, "template", NULL);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a b"), 0);
	CHECK_INT(fake_give(fake, nulls, 2), 0);
	lines_end(fake);
	folder_check("out", "a b\t7\n\t\n");
	folder_clear();
}

TEST(bytes_are_raw)
{
	struct fake *fake = lines_open("out");
	const struct gust_value row[] = { gust_string("a\0\xff", 3),
					  gust_null() };
	char found[8];
	int fd;

	CHECK_INT(fake_give(fake, row, 2), 0);
	lines_end(fake);
	fd = open(folder_path("out"), O_RDONLY | O_CLOEXEC);
	CHECK_INT(read(fd, found, sizeof(found)), 4);
	CHECK_MEM(found, 4, "a\0\xff\n", 4);
	close(fd);
	folder_clear();
}

TEST(much_is_written_before_the_task_rests)
{
	struct fake *fake = lines_open("out");
	char *line = malloc(100001);
	struct stat about;
	int i;

	memset(line, 'x', 100000);
	line[100000] = '\0';
	for (i = 0; i < 12; i++)
		CHECK_INT(give(fake, line), 0);
	CHECK_UINT(fake->batches_acked, 1);
	CHECK(fake->acked >= 10 && fake->acked < 12);
	lines_end(fake);
	CHECK_INT(stat(folder_path("out"), &about), 0);
	CHECK_INT(about.st_size, 12 * 100001);
	free(line);
	folder_clear();
}

TEST(a_file_is_continued)
{
	struct fake *fake;

	folder_write("out", "old\n", 4);
	fake = lines_open("out");
	CHECK_CONTAINS(fake->log, "is continued at byte 4");
	CHECK_INT(give(fake, "new"), 0);
	lines_end(fake);
	folder_check("out", "old\nnew\n");
	folder_clear();
}

TEST(a_torn_line_is_cut)
{
	struct fake *fake;

	folder_write("out", "old\ntor", 7);
	fake = lines_open("out");
	CHECK_CONTAINS(fake->log, "is continued at byte 4; 3 bytes of a torn "
				  "record were cut");
	CHECK_INT(give(fake, "new"), 0);
	lines_end(fake);
	folder_check("out", "old\nnew\n");
	folder_write("out", "torn", 4);
	lines_end(lines_open("out"));
	folder_check("out", "");
	folder_clear();
}

TEST(a_torn_line_may_be_long)
{
	char *text = malloc(300000);
	struct fake *fake;

	memset(text, 'x', 300000);
	memcpy(text, "old\n", 4);
	folder_write("out", text, 300000);
	fake = lines_open("out");
	lines_end(fake);
	folder_check("out", "old\n");
	free(text);
	folder_clear();
}

TEST(what_cannot_be_written_is_refused_at_once)
{
	struct fake *fake = lines_create("/no/such/folder/out");

	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text, "cannot write '/no/such/folder/out': No "
				    "such file or directory");
	fake_destroy(fake);
	fake = lines_create("/proc/self");
	CHECK_INT(fake_open(fake), -EISDIR);
	fake_destroy(fake);
	CHECK_INT(mkfifo(folder_path("pipe"), 0600), 0);
	fake = lines_create(folder_path("pipe"));
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "is not a file");
	fake_destroy(fake);
	folder_clear();
}

TEST(a_file_has_one_writer)
{
	struct fake *first = lines_open("out");
	struct fake *second = lines_create(folder_path("out"));

	CHECK_INT(fake_open(second), -EBUSY);
	CHECK_CONTAINS(second->error.text,
		       "is being written by another task or process");
	fake_destroy(second);
	lines_end(first);
	lines_end(lines_open("out"));
	folder_clear();
}

TEST(several_tasks_need_several_files)
{
	struct fake *fake = lines_create(folder_path("out"));

	fake->count = 2;
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text,
		       "expected {task} in it, since there are 2 tasks");
	fake_destroy(fake);
	fake = lines_create(folder_path("{{{task}}}/out"));
	fake->count = 2;
	fake->index = 1;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	lines_end(fake);
	folder_check("{1}/out", "a\n");
	folder_clear();
}

/* The disk is full: nothing of the line stays, and all of it comes later. */
TEST(a_full_disk_is_waited_for)
{
	struct rlimit limit, before;
	struct fake *fake;

	signal(SIGXFSZ, SIG_IGN);
	fake = lines_open("out");
	CHECK_INT(give(fake, "first"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 8;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK_INT(give(fake, "second"), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_INT(fake_flush(fake), -EAGAIN);
	CHECK_INT(fake_finish(fake), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, "File too large: '/tmp/");
	CHECK_CONTAINS(fake->log, "out': File too large; it is tried again");
	folder_check("out", "first\n");
	CHECK_UINT(fake->acked, 1);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
	CHECK_INT(fake_flush(fake), 0);
	folder_check("out", "first\nsecond\n");
	CHECK_UINT(fake->acked, 2);
	CHECK_CONTAINS(fake->log, "out' can be written again");
	lines_end(fake);
	folder_clear();
}

/* After that the kernel takes the pages for clean: they are written anew. */
TEST(what_could_not_be_synced_is_written_anew)
{
	struct fake *fake = lines_open("out");

	CHECK_INT(give(fake, "first"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(give(fake, "second"), 0);
	sync_code = EIO;
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, "Input/output error: '/tmp/");
	folder_check("out", "first\n");
	CHECK_UINT(fake->acked, 1);
	sync_code = 0;
	CHECK_INT(fake_idle(fake), 0);
	folder_check("out", "first\nsecond\n");
	CHECK_UINT(fake->acked, 2);
	lines_end(fake);
	folder_clear();
}

TEST(no_half_line_stays)
{
	struct fake *fake = lines_open("out");
	size_t takes;

	for (takes = 0; takes < 6; takes++) {
		write_code = ENOSPC;
		write_takes = takes;
		CHECK_INT(give(fake, "ab"), 0);
		CHECK_INT(fake_idle(fake), -EAGAIN);
		folder_check("out", "");
		CHECK_UINT(fake->acked, 0);
	}
	write_code = 0;
	write_takes = SIZE_MAX;
	CHECK_INT(fake_idle(fake), 0);
	folder_check("out", "ab\nab\nab\nab\nab\nab\n");
	lines_end(fake);
	folder_clear();
}

TEST(short_writes_are_gone_on_with)
{
	struct fake *fake = lines_open("out");

	CHECK_INT(give(fake, "abcdef"), 0);
	write_takes = 2;
	CHECK_INT(fake_idle(fake), 0);
	write_takes = SIZE_MAX;
	folder_check("out", "abcdef\n");
	lines_end(fake);
	folder_clear();
}

TEST(a_line_of_100_megabytes)
{
	const size_t length = 100 * 1000 * 1000;
	struct fake *fake = lines_create("/dev/null");
	char *line = malloc(length);
	const struct gust_value row[] = { gust_string(line, length),
					  gust_null() };

	memset(line, 'x', length);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_UINT(fake->acked, 1);
	free(line);
	lines_end(fake);
}

TEST(a_full_disk_stops_the_input)
{
	struct fake *fake = lines_create("/dev/full");
	char line[10001];
	int i, r = 0;

	memset(line, 'x', 10000);
	line[10000] = '\0';
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 1000 && r == 0; i++)
		r = give(fake, line);
	CHECK_INT(r, -EAGAIN);
	CHECK(i > 50 && i < 200);
	CHECK_UINT(fake->batched, i - 1);
	CHECK_INT(give(fake, line), -EAGAIN);
	CHECK_UINT(fake->batched, i - 1);
	CHECK_STR(fake->not_now, "No space left on device: '/dev/full'");
	CHECK_UINT(fake->acked, 0);
	fake_destroy(fake);
}

TEST(a_file_that_was_moved_is_left_alone)
{
	struct fake *fake = lines_open("out");

	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(rename(folder_path("out"), folder_path("moved")), 0);
	CHECK_INT(give(fake, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_CONTAINS(fake->log, "was moved or removed, another one is begun");
	folder_check("moved", "a\n");
	folder_check("out", "b\n");
	lines_end(fake);
	folder_clear();
}

TEST(a_folder_that_is_gone_is_waited_for)
{
	struct fake *fake;

	CHECK_INT(mkdir(folder_path("sub"), 0777), 0);
	fake = lines_open("sub/out");
	CHECK_INT(unlink(folder_path("sub/out")), 0);
	CHECK_INT(rmdir(folder_path("sub")), 0);
	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, "No such file or directory");
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(mkdir(folder_path("sub"), 0777), 0);
	CHECK_INT(fake_idle(fake), 0);
	folder_check("sub/out", "a\n");
	lines_end(fake);
	folder_clear();
}

TEST(files_are_rotated_by_size)
{
	struct fake *fake = lines_create(folder_path("{number}.txt"));

	fake_set_number(fake, "rotate_size", 6);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "aa"), 0);
	CHECK_INT(give(fake, "bb"), 0);
	CHECK(folder_has("000001.txt.part"));
	CHECK_INT(give(fake, "c"), 0);
	/* The third line was too much: the first file is complete. */
	folder_check("000001.txt", "aa\nbb\n");
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(give(fake, "longer than a file"), 0);
	CHECK_INT(give(fake, "d"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 5);
	folder_check("000004.txt.part", "d\n");
	lines_end(fake);
	folder_check("000002.txt", "c\n");
	folder_check("000003.txt", "longer than a file\n");
	folder_check("000004.txt", "d\n");
	CHECK_UINT(folder_count(""), 4);
	folder_clear();
}

TEST(a_line_that_must_wait_is_written_once)
{
	struct fake *fake = lines_create(folder_path("sub/{number}"));

	CHECK_INT(mkdir(folder_path("sub"), 0777), 0);
	fake_set_number(fake, "rotate_size", 4);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(rename(folder_path("sub"), folder_path("gone")), 0);
	CHECK_INT(give(fake, "bcd"), -EAGAIN);
	CHECK_INT(give(fake, "bcd"), -EAGAIN);
	CHECK_UINT(fake->batched, 1);
	CHECK_INT(rename(folder_path("gone"), folder_path("sub")), 0);
	CHECK_INT(give(fake, "bcd"), 0);
	lines_end(fake);
	folder_check("sub/000001", "a\n");
	folder_check("sub/000002", "bcd\n");
	folder_clear();
}

TEST(files_without_a_record_do_not_stay)
{
	struct fake *fake = lines_create(folder_path("{number}.txt"));

	fake_set_number(fake, "rotate_size", 6);
	CHECK_INT(fake_open(fake), 0);
	CHECK(folder_has("000001.txt.part"));
	lines_end(fake);
	CHECK_UINT(folder_count(""), 0);
}

TEST(files_are_rotated_by_time)
{
	struct fake *fake = lines_create(folder_path("{number}-{%Y}.txt"));
	char name[64];
	time_t now = time(NULL);

	fake_set_number(fake, "rotate_every", 10e6);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	strftime(name, sizeof(name), "000001-%Y.txt", gmtime(&now));
	while (!folder_has(name) && time(NULL) < now + 20)
		CHECK(fake_tick(fake));
	folder_check(name, "a\n");
	CHECK_UINT(fake->acked, 1);
	/* Nothing is there until another record comes. */
	CHECK(fake_tick(fake));
	CHECK_UINT(folder_count(""), 1);
	CHECK_INT(give(fake, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(folder_count(""), 2);
	lines_end(fake);
	strftime(name, sizeof(name), "000002-%Y.txt", gmtime(&now));
	folder_check(name, "b\n");
	folder_clear();
}

/* The clock of timers may run faster than that of the wall. */
TEST(a_timer_that_comes_early_does_nothing)
{
	struct fake *fake = lines_create(folder_path("{number}"));

	fake_set_number(fake, "rotate_every", 1e18);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	CHECK(fake_tick(fake));
	CHECK_UINT(fake->acked, 0);
	CHECK(folder_has("000001.part"));
	CHECK_UINT(fake->timer_count, 1);
	lines_end(fake);
	folder_clear();
}

TEST(a_rotation_that_fails_is_made_up_for)
{
	struct fake *fake = lines_create(folder_path("sub/{number}"));
	const time_t begin = time(NULL);

	CHECK_INT(mkdir(folder_path("sub"), 0777), 0);
	fake_set_number(fake, "rotate_every", 10e6);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(rename(folder_path("sub"), folder_path("gone")), 0);
	while (fake->not_now[0] == '\0' && time(NULL) < begin + 20)
		CHECK(fake_tick(fake));
	CHECK_CONTAINS(fake->not_now, "No such file or directory");
	CHECK_INT(give(fake, "b"), -EAGAIN);
	CHECK_INT(rename(folder_path("gone"), folder_path("sub")), 0);
	CHECK_INT(give(fake, "b"), 0);
	folder_check("sub/000001", "a\n");
	lines_end(fake);
	folder_check("sub/000002", "b\n");
	folder_clear();
}

static struct fake *numbered(void)
{
	struct fake *fake =
		lines_create(folder_path("{task}-{%Y%m%d}-{number}.txt"));

	fake_set_number(fake, "rotate_size", 1000);
	return fake;
}

TEST(what_an_earlier_run_left_is_finished)
{
	struct fake *fake = numbered();

	folder_write("0-20010101-000007.txt.part", "a\nb\ntorn", 8);
	folder_write("0-20010101-000008.txt.part", "torn", 4);
	folder_write("0-20010102-000003.txt", "x\n", 2);
	/* None of its own. */
	folder_write("0-2001-000009.txt.part", "torn", 4);
	folder_write("x-20010101-000009.txt.part", "torn", 4);
	folder_write("0-20010101-000010.csv.part", "torn", 4);
	CHECK_INT(fake_open(fake), 0);
	CHECK_CONTAINS(fake->log, "finished '/tmp/");
	folder_check("0-20010101-000007.txt", "a\nb\n");
	CHECK(!folder_has("0-20010101-000007.txt.part"));
	CHECK(!folder_has("0-20010101-000008.txt.part"));
	CHECK(!folder_has("0-20010101-000008.txt"));
	folder_check("0-2001-000009.txt.part", "torn");
	folder_check("x-20010101-000009.txt.part", "torn");
	folder_check("0-20010101-000010.csv.part", "torn");
	CHECK_UINT(folder_count(""), 6);
	lines_end(fake);
	folder_clear();
}

TEST(numbers_go_on_where_they_were)
{
	struct fake *fake = lines_create(folder_path("{task}{number}"));

	folder_write("0000041", "a\n", 2);
	folder_write("0000043.part", "b\n", 2);
	folder_write("1000099", "c\n", 2);
	fake_set_number(fake, "rotate_size", 1000);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "d"), 0);
	lines_end(fake);
	folder_check("0000043", "b\n");
	folder_check("0000044", "d\n");
	CHECK_UINT(folder_count(""), 4);
	folder_clear();
}

TEST(what_tasks_left_that_are_no_more_is_finished)
{
	struct fake *fake = numbered();

	folder_write("2-20010101-000001.txt.part", "a\n", 2);
	folder_write("3-20010101-000001.txt.part", "b\n", 2);
	fake->count = 2;
	fake->index = 1;
	CHECK_INT(fake_open(fake), 0);
	folder_check("3-20010101-000001.txt", "b\n");
	CHECK(folder_has("2-20010101-000001.txt.part"));
	lines_end(fake);
	folder_clear();
}

TEST(what_another_process_writes_is_left_alone)
{
	struct fake *fake = numbered();
	int fd;

	folder_write("0-20010101-000001.txt.part", "a\ntorn", 6);
	fd = open(folder_path("0-20010101-000001.txt.part"),
		  O_RDWR | O_CLOEXEC);
	CHECK_INT(flock(fd, LOCK_EX), 0);
	CHECK_INT(fake_open(fake), 0);
	CHECK_CONTAINS(fake->log, "another task or process; it is left");
	folder_check("0-20010101-000001.txt.part", "a\ntorn");
	lines_end(fake);
	close(fd);
	folder_clear();
}

TEST(a_name_that_is_taken_is_not_replaced)
{
	struct fake *fake = lines_create(folder_path("{number}"));

	fake_set_number(fake, "rotate_size", 1000);
	CHECK_INT(fake_open(fake), 0);
	folder_write("000001", "mine", 4);
	CHECK_INT(give(fake, "a"), 0);
	lines_end(fake);
	folder_check("000001", "mine");
	folder_check("000002", "a\n");
	CHECK_UINT(folder_count(""), 2);
	folder_clear();
}

/* The run was aborted: what is in the file is whole, and all of it is there. */
TEST(a_file_is_finished_even_if_the_run_is_not)
{
	struct fake *fake = lines_create(folder_path("{number}"));

	fake_set_number(fake, "rotate_size", 1000);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(give(fake, "b"), 0);
	fake_destroy(fake);
	folder_check("000001", "a\n");
	folder_clear();
}

TEST(policies_that_do_not_wait_for_the_disk)
{
	const char *const policies[] = { "file", "never" };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct fake *fake = lines_create(folder_path("out"));

		fake_set_string(fake, "fsync", policies[i]);
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(give(fake, "a"), 0);
		CHECK_INT(fake_idle(fake), 0);
		CHECK_UINT(fake->acked, 1);
		lines_end(fake);
		folder_check("out", "a\n");
		folder_clear();
	}
}

static void refuse(const char *path, double rotate_size, const char *text)
{
	struct fake *fake = lines_create(path);

	fake_set_number(fake, "rotate_size", rotate_size);
	fake_refuse(fake, -EINVAL, text);
}

TEST(paths_that_make_no_sense_are_refused)
{
	refuse("", 0, "option 'path' is '', expected the path of a file");
	refuse("a/", 0, "option 'path' is 'a/', expected the path of a file");
	refuse("a{taks}", 0,
	       "option 'path' is 'a{taks}', expected {task}, {number} or a "
	       "time such as {%Y-%m-%d} between braces, or '{{' and '}}'");
	refuse("a}b", 0,
	       "option 'path' is 'a}b', expected {task}, {number} or a "
	       "time such as {%Y-%m-%d} between braces, or '{{' and '}}'");
	refuse("a{%x}", 0,
	       "option 'path' has the time '{%x}', expected one of '%' and a "
	       "letter of 'YmdHMSjFT'");
	refuse("a{%Y%}", 0,
	       "option 'path' has the time '{%Y%}', expected one of '%' and a "
	       "letter of 'YmdHMSjFT'");
	refuse("a", 9,
	       "option 'path' is 'a', expected {number} in it, which tells the "
	       "files of a rotation apart");
	refuse("a{number}", 0,
	       "option 'path' has {number}, expected 'rotate_size' or "
	       "'rotate_every' with it");
}
