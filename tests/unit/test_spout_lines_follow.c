/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_check.h"

#define SECOND UINT64_C(1000000000)

static char folder[64];

/* Begins a test in an empty folder. */
static void begin(void)
{
	char command[200];

	if (folder[0] == '\0') {
		strcpy(folder, "/tmp/test_spout_follow.XXXXXX");
		CHECK(mkdtemp(folder) != NULL);
	}
	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir '%s'", folder,
		 folder);
	CHECK_INT(system(command), 0);
}

__attribute__((destructor)) static void tidy(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

static const char *at(const char *name)
{
	static char paths[8][200];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* Writes text behind what a file has. */
static void add(const char *name, const char *text)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	CHECK_INT(close(fd), 0);
}

static void move(const char *from, const char *to)
{
	CHECK_INT(rename(at(from), at(to)), 0);
}

static struct fake *create(const char *name)
{
	static char path[200];
	static const char *const files[] = { path };
	struct fake *fake = fake_create("spouts/lines");

	snprintf(path, sizeof(path), "%s", at(name));
	fake_set_list(fake, "files", files, 1);
	fake_set_number(fake, "follow", 1);
	return fake;
}

static struct fake *follow(const char *name)
{
	return fake_opened(create(name));
}

/* A second later: all that is to be read is, in some looks. */
static void look(struct fake *fake)
{
	size_t emits;

	fake->now += SECOND;
	do {
		emits = fake->emits;
		CHECK_INT(fake_run(fake, 1000000), GUST_WAIT);
		fake->now += SECOND / 10;
		CHECK_INT(fake_run(fake, 1000000), GUST_WAIT);
	} while (fake->emits > emits);
}

/* What comes in the next second. */
static void expect(struct fake *fake, const char *lines)
{
	fake_forget(fake);
	look(fake);
	CHECK_STR(fake->emitted.data, lines);
}

/* After that a rotated file is left. */
static void linger(struct fake *fake)
{
	look(fake);
	fake->now += 10 * SECOND;
	look(fake);
}

static int descriptors(void)
{
	DIR *open_ones = opendir("/proc/self/fd");
	int n = 0;

	CHECK(open_ones != NULL);
	while (readdir(open_ones) != NULL)
		n++;
	closedir(open_ones);
	return n;
}

TEST(a_file_is_read_as_it_grows)
{
	struct fake *fake;

	begin();
	add("log", "one\ntw");
	fake = follow("log");
	expect(fake, "one\n");
	expect(fake, "");
	add("log", "o\nthree\n");
	expect(fake, "two\nthree\n");
	CHECK_UINT(fake->how.offset, 8);
	CHECK_UINT(fake->how.next, 14);
	fake_destroy(fake);
}

TEST(a_file_may_come_later)
{
	struct fake *fake;

	begin();
	fake = follow("new/log");
	expect(fake, "");
	CHECK_INT(mkdir(at("new"), 0700), 0);
	expect(fake, "");
	add("new/log", "one\n");
	expect(fake, "one\n");
	fake_destroy(fake);
}

TEST(something_that_happens_ends_the_waiting)
{
	struct pollfd ready = { .events = POLLIN };
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	CHECK_UINT(fake->wait_until, fake->now + SECOND);
	ready.fd = fake->watched;
	CHECK(ready.fd >= 0);
	CHECK_INT(poll(&ready, 1, 0), 0);
	add("log", "two\n");
	CHECK_INT(poll(&ready, 1, 0), 1);
	CHECK_INT(fake->spout->ready(fake->instance, (void *)fake,
				     fake->watched, POLLIN),
		  0);
	CHECK_INT(fake->watched, -1);
	expect(fake, "two\n");
	CHECK_INT(poll(&ready, 1, 0), 0);
	move("log", "log.1");
	CHECK_INT(poll(&ready, 1, 0), 1);
	fake_destroy(fake);
}

TEST(without_hints_it_looks_more_often)
{
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	fake->watch_result = -EPERM;
	expect(fake, "one\n");
	CHECK_UINT(fake->wait_until, fake->now + SECOND / 4);
	fake_destroy(fake);
}

TEST(a_rotated_file_is_read_to_its_end_first)
{
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	add("log", "two\n");
	move("log", "log.1");
	add("log.1", "three\n");
	add("log", "four\n");
	expect(fake, "two\nthree\nfour\n");
	CHECK_UINT(fake->source_count, 2);
	CHECK_STR(fake->sources[0].title, at("log.1"));
	CHECK_STR(fake->sources[1].title, at("log"));
	/* Who writes to it may not know yet. */
	add("log.1", "late\n");
	expect(fake, "late\n");
	add("log", "five\n");
	expect(fake, "five\n");
	fake_destroy(fake);
}

TEST(a_file_that_is_gone_for_a_while_is_kept)
{
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	move("log", "log.1");
	linger(fake);
	add("log.1", "two\n");
	expect(fake, "two\n");
	add("log", "three\n");
	expect(fake, "three\n");
	fake_destroy(fake);
}

TEST(half_a_line_comes_when_its_file_is_left)
{
	int before = descriptors();
	struct fake *fake;

	begin();
	add("log", "one\nha");
	fake = follow("log");
	expect(fake, "one\n");
	move("log", "log.1");
	add("log", "two\n");
	expect(fake, "two\n");
	add("log.1", "lf");
	expect(fake, "");
	fake_forget(fake);
	linger(fake);
	CHECK_STR(fake->emitted.data, "half\n");
	/* One is open, inotify is the other. */
	CHECK_INT(descriptors(), before + 2);
	fake_destroy(fake);
	CHECK_INT(descriptors(), before);
}

TEST(rotations_between_two_looks_are_found)
{
	struct fake *fake;

	begin();
	add("log.1", "older\n");
	/* Which one is older goes by when they were born, which is not exact.
	 */
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	add("log", "two\n");
	move("log.1", "log.2");
	move("log", "log.1");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "three\n");
	move("log.2", "log.3");
	move("log.1", "log.2");
	move("log", "log.1");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "four\n");
	move("log", "log-20261121_1200");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "five\n");
	add("log.bak", "no\n");
	add("log.1.gz", "no\n");
	add("logs.1", "no\n");
	expect(fake, "two\nthree\nfour\nfive\n");
	expect(fake, "");
	fake_destroy(fake);
}

TEST(nothing_is_lost_in_a_thousand_rotations)
{
	char name[32], text[32], next[32];
	struct fake *fake;
	unsigned sum = 0;
	int i, before;

	begin();
	fake = follow("log");
	before = descriptors();
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "a%d\n", i);
		add("log", text);
		/* Now and then nobody looks for some rotations. */
		if (i % 7 < 4)
			look(fake);
		snprintf(name, sizeof(name), "log.%d", i);
		move("log", name);
		if (i % 3 == 0)
			look(fake);
		snprintf(next, sizeof(next), "b%d\n", i);
		add(name, next);
		/* Their inodes are soon those of new ones. */
		snprintf(name, sizeof(name), "log.%d", i - 20);
		if (i >= 20)
			CHECK_INT(unlink(at(name)), 0);
	}
	/* The last ones are found when there is one in their place. */
	add("log", "end\n");
	look(fake);
	CHECK_UINT(fake->emits, 2001);
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "a%d\n", i);
		snprintf(next, sizeof(next), "b%d\n", i);
		sum += strstr(fake->emitted.data, text) != NULL;
		sum += strstr(fake->emitted.data, next) != NULL;
	}
	CHECK_UINT(sum, 2000);
	CHECK(descriptors() < before + 150);
	linger(fake);
	CHECK_UINT(fake->emits, 2001);
	CHECK(descriptors() <= before + 2);
	fake_destroy(fake);
}

TEST(a_file_that_was_cut_is_read_anew)
{
	struct fake *fake;

	begin();
	add("log", "one\ntwo\nhal");
	fake = follow("log");
	expect(fake, "one\ntwo\n");
	CHECK_INT(truncate(at("log"), 0), 0);
	add("log", "three\n");
	expect(fake, "hal\nthree\n");
	CHECK_CONTAINS(fake->source, ", cut 1");
	CHECK_UINT(fake->how.offset, 0);
	CHECK_INT(truncate(at("log"), 0), 0);
	expect(fake, "");
	add("log", "four\n");
	expect(fake, "four\n");
	CHECK_CONTAINS(fake->source, ", cut 2");
	fake_destroy(fake);
}

TEST(a_folder_is_watched_for_new_files)
{
	struct fake *fake;

	begin();
	add("b", "two\n");
	add("a", "one\n");
	add(".hidden", "no\n");
	CHECK_INT(mkdir(at("folder"), 0700), 0);
	fake = follow("");
	expect(fake, "one\ntwo\n");
	add(".c", "three\n");
	expect(fake, "");
	move(".c", "c");
	expect(fake, "three\n");
	move("c", "d");
	expect(fake, "");
	add("d", "four\n");
	expect(fake, "four\n");
	fake_destroy(fake);
}

TEST(a_file_may_take_the_place_of_one_that_stays_in_the_folder)
{
	struct fake *fake;

	begin();
	add("a", "one\n");
	fake = follow("");
	expect(fake, "one\n");
	add("a", "two\n");
	move("a", "b");
	add("a", "three\n");
	expect(fake, "two\nthree\n");
	add("b", "four\n");
	expect(fake, "four\n");
	fake_destroy(fake);
}

TEST(a_pattern_is_looked_at_again)
{
	struct fake *fake;

	begin();
	fake = follow("*.log");
	expect(fake, "");
	add("a.log", "one\n");
	add("a.txt", "no\n");
	expect(fake, "one\n");
	move("a.log", "a.log.1");
	add("a.log.1", "two\n");
	add("a.log", "three\n");
	expect(fake, "two\nthree\n");
	fake_destroy(fake);
}

TEST(a_deleted_file_is_given_back)
{
	int before = descriptors();
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	add("log", "two\nha");
	CHECK_INT(unlink(at("log")), 0);
	fake_forget(fake);
	linger(fake);
	CHECK_STR(fake->emitted.data, "two\nha\n");
	CHECK_INT(descriptors(), before + 1);
	add("log", "three\n");
	expect(fake, "three\n");
	fake_destroy(fake);
}

TEST(only_so_many_files_are_open)
{
	int before = descriptors(), i, n = 300;
	struct fake *fake;
	char name[16];

	begin();
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(name, "first\nhal");
	}
	fake = follow("");
	look(fake);
	CHECK_UINT(fake->emits, n);
	CHECK(descriptors() < before + 140);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(name, "f\n");
	}
	look(fake);
	CHECK_UINT(fake->emits, 2 * n);
	CHECK(strstr(fake->emitted.data, "\nf\n") == NULL);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(name, "last\n");
	}
	look(fake);
	CHECK_UINT(fake->emits, 3 * n);
	CHECK(descriptors() < before + 140);
	fake_destroy(fake);
	CHECK_INT(descriptors(), before);
}

TEST(tasks_share_the_files_and_each_is_read_once)
{
	struct fake *fakes[3];
	size_t emits = 0;
	char name[16];
	int i;

	begin();
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d", i);
		add(name, "x\n");
	}
	for (i = 0; i < 3; i++) {
		fakes[i] = create("");
		fakes[i]->index = (uint32_t)i;
		fakes[i]->count = 3;
		CHECK_INT(fake_open(fakes[i]), 0);
		look(fakes[i]);
		emits += fakes[i]->emits;
	}
	CHECK_UINT(emits, 20);
	move("0", "new");
	add("0", "y\n");
	for (i = 0, emits = 0; i < 3; i++) {
		fake_forget(fakes[i]);
		linger(fakes[i]);
		emits += fakes[i]->emits;
		fake_destroy(fakes[i]);
	}
	CHECK_UINT(emits, 1);
}

TEST(a_busy_file_does_not_keep_the_others_away)
{
	static char text[4 * 1024 * 1024 + 1];
	struct fake *fake;
	char *other;

	begin();
	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 99; i < sizeof(text) - 1; i += 100)
		text[i] = '\n';
	add("a", text);
	add("b", "other\n");
	fake = follow("");
	look(fake);
	other = strstr(fake->emitted.data, "other\n");
	CHECK(other != NULL && other - fake->emitted.data < 2 * 1024 * 1024);
	CHECK_UINT(fake->emitted.length, sizeof(text) - 5 + 6);
	fake_destroy(fake);
}

/* Ends a run and begins the next one, where it was. */
static struct fake *again(struct fake *fake, const char *name)
{
	struct fake *next = create(name);

	fake_resume(next, fake);
	next->now = fake->now;
	fake_destroy(fake);
	CHECK_INT(fake_open(next), 0);
	return next;
}

TEST(a_later_run_goes_on)
{
	struct fake *fake;

	begin();
	add("log", "one\ntw");
	fake = follow("log");
	expect(fake, "one\n");
	fake = again(fake, "log");
	expect(fake, "");
	add("log", "o\n");
	expect(fake, "two\n");
	CHECK_INT(truncate(at("log"), 0), 0);
	add("log", "three\n");
	expect(fake, "three\n");
	fake = again(fake, "log");
	add("log", "four\n");
	expect(fake, "four\n");
	/* While it was away, too. */
	add("log", "five\n");
	expect(fake, "five\n");
	CHECK_INT(truncate(at("log"), 0), 0);
	fake = again(fake, "log");
	add("log", "six\n");
	expect(fake, "six\n");
	fake_destroy(fake);
}

TEST(a_later_run_reads_what_was_rotated_meanwhile)
{
	struct fake *fake;

	begin();
	add("log.1", "older\n");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	add("log", "two\nha");
	move("log.1", "log.3");
	move("log", "log.2");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log.1", "three\n");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "four\n");
	fake = again(fake, "log");
	expect(fake, "two\nthree\nfour\n");
	linger(fake);
	expect(fake, "");
	/* All of it is known now. */
	fake = again(fake, "log");
	linger(fake);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(a_first_run_reads_nothing_that_was_rotated)
{
	struct fake *fake;

	begin();
	add("log.2", "older\n");
	add("log.1", "old\n");
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	/* A copy of it, as copytruncate makes them, is none of it. */
	add("log.3", "one\n");
	fake = again(fake, "log");
	expect(fake, "");
	fake_destroy(fake);
}

TEST(copies_of_a_file_that_is_cut_are_not_read)
{
	struct fake *fake;

	begin();
	add("log", "one\n");
	fake = follow("log");
	expect(fake, "one\n");
	move("log", "log.2");
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log", "two\n");
	expect(fake, "two\n");
	linger(fake);
	CHECK_INT(poll(NULL, 0, 20), 0);
	add("log.1", "two\n");
	CHECK_INT(truncate(at("log"), 0), 0);
	add("log", "x\n");
	expect(fake, "x\n");
	fake = again(fake, "log");
	expect(fake, "");
	fake_destroy(fake);
}

TEST(a_file_in_place_of_another_has_no_position)
{
	struct fake *fake;

	begin();
	add("log", "one\ntwo\n");
	fake = follow("log");
	expect(fake, "one\ntwo\n");
	CHECK_INT(poll(NULL, 0, 20), 0);
	CHECK_INT(unlink(at("log")), 0);
	fake_forget(fake);
	/* Its inode is often that of the old one. */
	add("log", "three\nfour\nfive\n");
	fake = again(fake, "log");
	expect(fake, "three\nfour\nfive\n");
	fake_destroy(fake);
}

TEST(a_pipe_is_read_for_ever)
{
	struct fake *fake;
	int out;

	begin();
	CHECK_INT(mkfifo(at("pipe"), 0600), 0);
	fake = follow("pipe");
	expect(fake, "");
	out = open(at("pipe"), O_WRONLY | O_NONBLOCK);
	CHECK(out >= 0);
	CHECK_INT(write(out, "one\nhalf", 8), 8);
	expect(fake, "one\n");
	CHECK_INT(close(out), 0);
	expect(fake, "half\n");
	out = open(at("pipe"), O_WRONLY | O_NONBLOCK);
	CHECK(out >= 0);
	CHECK_INT(write(out, "two\n", 4), 4);
	expect(fake, "two\n");
	CHECK_INT(close(out), 0);
	fake_destroy(fake);
}

TEST(standard_input_has_an_end)
{
	static const char *const file = "-";
	int kept = dup(STDIN_FILENO), in;
	struct fake *fake = fake_create("spouts/lines");

	begin();
	add("in", "one\ntwo");
	in = open(at("in"), O_RDONLY);
	CHECK_INT(dup2(in, STDIN_FILENO), STDIN_FILENO);
	close(in);
	fake_set_list(fake, "files", &file, 1);
	fake_set_number(fake, "follow", 1);
	CHECK_INT(fake_open(fake), 0);
	fake->now += SECOND;
	/* As a pipe it ends; as a file it may grow. */
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "one\n");
	fake_destroy(fake);
	CHECK_INT(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	close(kept);
}

TEST(what_cannot_be_read_is_refused_at_the_start)
{
	struct fake *fake;

	if (geteuid() == 0)
		return;
	begin();
	add("log", "one\n");
	CHECK_INT(chmod(at("log"), 0), 0);
	fake = create("log");
	CHECK_INT(fake_open(fake), -EACCES);
	CHECK_CONTAINS(fake->error.text, "log': Permission denied");
	fake_destroy(fake);
}
