/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_check.h"

#define LIMIT_MS 60000

static const char *const *command;

static struct fake *exec_create(const char *const *words, const char *restart)
{
	struct fake *fake = fake_create("spouts/exec");
	size_t count = 0;

	command = words;
	while (words[count] != NULL)
		count++;
	fake_set_list(fake, "command", words, count);
	fake_set_string(fake, "restart", restart);
	return fake;
}

/* Opens one that runs a script of the shell. */
static struct fake *shell(const char *script, const char *restart)
{
	static const char *words[] = { "sh", "-c", NULL, NULL };
	struct fake *fake;

	words[2] = script;
	fake = exec_create(words, restart);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

/*
 * Calls next() until it says something else than that it emits or waits for
 * the program; for a time, too.
 */
static int run(struct fake *fake)
{
	int r;

	for (;;) {
		fake->wait_until = 0;
		r = fake_run(fake, SIZE_MAX);
		if (r != GUST_WAIT || fake->wait_until != 0)
			return r;
		CHECK(fake_poll(fake, LIMIT_MS));
	}
}

TEST(lines_are_emitted_to_the_end)
{
	struct fake *fake = shell("printf 'one\\n\\ntwo\\r\\nhalf'", "never");

	CHECK_INT(run(fake), GUST_DONE);
	CHECK_STR(fake->emitted.data, "one\n\ntwo\r\nhalf\n");
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	CHECK_UINT(fake->watch_count, 0);
	CHECK_STR(fake->log, "'sh' has ended with exit status 0");
	fake_destroy(fake);
}

TEST(nothing_is_an_end_too)
{
	struct fake *fake = shell(":", "on-failure");

	CHECK_INT(run(fake), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(bytes_are_taken_as_they_are)
{
	struct fake *fake = shell("printf 'a\\000b\\377\\n'", "never");

	CHECK_INT(run(fake), GUST_DONE);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "a\0b\xff\n", 5);
	fake_destroy(fake);
}

TEST(lines_that_do_not_fit_are_rejected)
{
	struct fake *fake = fake_create("spouts/exec");
	static const char *const words[] = {
		"sh", "-c",
		"echo a; head -c 100000000 /dev/zero | tr '\\0' z; echo; "
		"echo b; head -c 5000 /dev/zero",
		NULL
	};

	fake_destroy(fake);
	fake = exec_create(words, "never");
	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(run(fake), GUST_DONE);
	CHECK_STR(fake->emitted.data, "a\nb\n");
	CHECK_UINT(fake->rejected, 2);
	CHECK(fake->rejected_data.length <= 2048);
	CHECK_STR(fake->reason,
		  "a line of more than 4039 bytes is too long for a tuple");
	fake_destroy(fake);
}

TEST(a_new_program_begins_with_a_new_line)
{
	static const char *const words[] = {
		"sh", "-c",
		"echo a; head -c 5000 /dev/zero | tr '\\0' z; exit 1", NULL
	};
	struct fake *fake = exec_create(words, "on-failure");

	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(run(fake), GUST_WAIT);
	fake->now = fake->wait_until;
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "a\na\n");
	CHECK_UINT(fake->rejected, 2);
	fake_destroy(fake);
}

TEST(lines_that_just_fit_are_taken)
{
	struct fake *fake;
	static const char *const words[] = {
		"sh", "-c",
		"head -c 4039 /dev/zero | tr '\\0' z; echo; "
		"head -c 4040 /dev/zero | tr '\\0' z",
		NULL
	};

	fake = exec_create(words, "never");
	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(run(fake), GUST_DONE);
	CHECK_UINT(fake->emits, 1);
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

TEST(a_failed_program_fails_the_run_or_is_started_again)
{
	struct fake *fake = shell("echo a; exit 3", "never");

	CHECK_INT(run(fake), -EIO);
	CHECK_STR(fake->emitted.data, "a\n");
	CHECK_STR(fake->log, "'sh' has ended with exit status 3");
	fake_destroy(fake);

	fake = shell("echo a; exit 3", "on-failure");
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_UINT(fake->wait_until, 100000000);
	CHECK_STR(fake->log, "'sh' has ended with exit status 3, again in "
			     "0.1 s");
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "a\n");
	CHECK_UINT(fake_counter(fake, "restarts"), 0);
	fake->now = fake->wait_until;
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "a\na\n");
	CHECK_UINT(fake->wait_until, 300000000);
	CHECK_UINT(fake_counter(fake, "restarts"), 1);
	fake_destroy(fake);
}

TEST(pauses_grow_up_to_half_a_minute)
{
	struct fake *fake = shell("exit 1", "on-failure");
	uint64_t begun = 0;
	int i;

	for (i = 0; i < 12; i++) {
		begun = fake->now;
		CHECK_INT(run(fake), GUST_WAIT);
		fake->now = fake->wait_until;
	}
	CHECK_UINT(fake->wait_until - begun, 30000000000);
	fake_destroy(fake);
}

TEST(one_that_has_run_for_long_is_started_again_soon)
{
	struct fake *fake = shell("exit 1", "on-failure");

	CHECK_INT(run(fake), GUST_WAIT);
	fake->now = fake->wait_until;
	/* Starts it. */
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	fake->now += 11000000000;
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_UINT(fake->wait_until - fake->now, 100000000);
	fake_destroy(fake);
}

TEST(always_means_after_success_too)
{
	struct fake *fake = shell("echo a", "always");
	int i;

	for (i = 0; i < 3; i++) {
		CHECK_INT(run(fake), GUST_WAIT);
		CHECK_UINT(fake->wait_until - fake->now, 100000000);
		fake->now = fake->wait_until;
	}
	CHECK_STR(fake->emitted.data, "a\na\na\n");
	fake_destroy(fake);
}

TEST(one_that_closes_its_output_and_goes_on_is_asked_to_end)
{
	struct fake *fake = shell("echo a; exec >&-; exec sleep 1000", "never");

	while (fake->timer_count == 0) {
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
		if (fake->timer_count == 0)
			CHECK(fake_poll(fake, LIMIT_MS));
	}
	CHECK(fake_tick(fake));
	CHECK_INT(run(fake), -EIO);
	CHECK_STR(fake->log, "'sh' has ended with signal 15, Terminated");
	CHECK_STR(fake->emitted.data, "a\n");
	fake_destroy(fake);
}

TEST(one_that_leaves_children_behind_has_ended)
{
	struct fake *fake = shell("sleep 1000 & echo $!", "never");

	CHECK_INT(run(fake), GUST_DONE);
	CHECK_UINT(fake->emits, 1);
	kill(atoi(fake->emitted.data), SIGKILL);
	fake_destroy(fake);
}

TEST(a_stop_ends_the_program)
{
	struct fake *fake = shell("echo a; exec sleep 1000", "always");

	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
	fake->spout->deactivate(fake->instance, (void *)fake);
	while (strstr(fake->log, "Terminated") == NULL) {
		CHECK(fake_poll(fake, LIMIT_MS));
		(void)fake_run(fake, SIZE_MAX);
	}
	fake_destroy(fake);
}

TEST(what_cannot_be_run_fails_open)
{
	static const char *const words[] = { "no-such-program", NULL };
	static const char *const empty[] = { "", NULL };
	struct fake *fake = exec_create(words, "always");

	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text, "cannot run 'no-such-program': No such "
				    "file or directory");
	fake_destroy(fake);
	fake = exec_create(empty, "always");
	fake_refuse(fake, -EINVAL,
		    "option 'command' names no program, "
		    "expected a list such as [date, -u]");
	fake = exec_create(empty + 1, "always");
	CHECK_INT(fake_declare(fake), -EINVAL);
	fake_destroy(fake);
}

TEST(one_that_vanishes_is_looked_for_again)
{
	char path[] = "/tmp/test-exec-XXXXXX";
	static const char *words[] = { NULL, NULL };
	struct fake *fake;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, "#!/bin/sh\nexit 1\n", 17), 17);
	CHECK_INT(fchmod(fd, 0700), 0);
	close(fd);
	words[0] = path;
	fake = exec_create(words, "on-failure");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_INT(unlink(path), 0);
	fake->now = fake->wait_until;
	CHECK_INT(run(fake), GUST_WAIT);
	CHECK_CONTAINS(fake->log, "No such file or directory, again in 0.2 s");
	fake_destroy(fake);
}
