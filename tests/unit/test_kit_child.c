/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <gust/kit/child.h>

#include "fake_task.h"
#include "test.h"

#define LIMIT_MS 60000

static struct child child;

static int hand_ready(void *self, struct gust_task *task, int fd, short events)
{
	(void)self;
	(void)events;
	CHECK(child_ready(&child, task, fd));
	return 0;
}

static int hand_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	(void)self;
	CHECK(child_timer(&child, task, cookie));
	return 0;
}

static const struct gust_bolt hand = { .ready = hand_ready,
				       .timer = hand_timer };
static struct fake fake;

static int start(bool writes, const char *const *words)
{
	struct gust_list command = { words, 0 };

	while (words[command.count] != NULL)
		command.count++;
	memset(&fake, 0, sizeof(fake));
	memset(&child, 0, sizeof(child));
	fake.bolt = &hand;
	return child_start(&child, &command, writes, (void *)&fake,
			   &fake.error);
}

static void start_shell(bool writes, const char *script)
{
	const char *const words[] = { "sh", "-c", script, NULL };

	CHECK_INT(start(writes, words), 0);
}

/* Waits for its end. */
static void await_end(void)
{
	while (child.pid > 0)
		CHECK(fake_poll(&fake, LIMIT_MS));
}

/* What it says until it closes its output, which may take its time. */
static const char *all_of_it(void)
{
	static char said[65536];
	struct pollfd out = { .fd = child.out, .events = POLLIN };
	size_t used = 0;
	ssize_t n;

	do {
		CHECK(poll(&out, 1, LIMIT_MS) == 1);
		n = read(child.out, said + used, sizeof(said) - 1 - used);
		used += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	CHECK_INT(n, 0);
	said[used] = '\0';
	return said;
}

static void status_is(const char *text)
{
	char status[CHILD_STATUS_SIZE];

	await_end();
	CHECK_STR(child_status(&child, status), text);
}

static void finish(void)
{
	child_release(&child, (void *)&fake);
	CHECK_UINT(fake.watch_count, 0);
	child_close(&child);
}

TEST(a_child_reads_and_writes)
{
	const char *const words[] = { "cat", NULL };

	CHECK_INT(start(true, words), 0);
	CHECK_INT(write(child.in, "moo\n", 4), 4);
	child_end_input(&child, (void *)&fake);
	CHECK_STR(all_of_it(), "moo\n");
	status_is("exit status 0");
	CHECK(child_succeeded(&child));
	finish();
}

TEST(arguments_are_no_shell_text)
{
	const char *const words[] = { "printf", "%s|",   "a b", "$HOME",
				      "*",      ";exit", NULL };

	CHECK_INT(start(false, words), 0);
	CHECK_STR(all_of_it(), "a b|$HOME|*|;exit|");
	status_is("exit status 0");
	finish();
}

TEST(neither_end_blocks_the_task)
{
	char block[4096] = { 0 };
	ssize_t n;

	start_shell(true, "read line; exec sleep 1000");
	CHECK_INT(read(child.out, block, 1), -1);
	CHECK_INT(errno, EAGAIN);
	do
		n = write(child.in, block, sizeof(block));
	while (n > 0);
	CHECK_INT(errno, EAGAIN);
	child_close(&child);
}

TEST(without_input_it_reads_an_end)
{
	start_shell(false, "cat; echo done");
	CHECK_INT(child.in, 0);
	CHECK_STR(all_of_it(), "done\n");
	await_end();
	finish();
}

TEST(its_end_is_told_in_words)
{
	start_shell(false, "exit 3");
	status_is("exit status 3");
	CHECK(!child_succeeded(&child));
	finish();
	start_shell(false, "kill -9 $$");
	status_is("signal 9, Killed");
	CHECK(!child_succeeded(&child));
	finish();
}

TEST(what_it_wrote_before_its_end_is_there)
{
	start_shell(false, "echo first; echo second; exit 1");
	await_end();
	CHECK_STR(all_of_it(), "first\nsecond\n");
	finish();
}

TEST(what_cannot_be_run_is_named)
{
	const char *const none[] = { "no-such-program", "x", NULL };
	const char *const one[] = { "python3 -u x.py", NULL };
	const char *const denied[] = { "/etc/passwd", NULL };
	int before = dup(0), after;

	CHECK_INT(start(true, none), -ENOENT);
	CHECK_STR(fake.error.text, "cannot run 'no-such-program': No such "
				   "file or directory");
	CHECK_INT(start(true, one), -ENOENT);
	CHECK_STR(fake.error.text,
		  "cannot run 'python3 -u x.py': No such file or directory, "
		  "expected its arguments as further items of the list");
	CHECK_INT(start(true, denied), -EACCES);
	CHECK_STR(fake.error.text,
		  "cannot run '/etc/passwd': Permission denied");
	after = dup(0);
	CHECK_INT(after, before + 1);
	CHECK_UINT(fake.watch_count, 0);
	close(before);
	close(after);
}

TEST(standard_error_becomes_lines_of_the_log)
{
	struct pollfd end;

	start_shell(false, "printf 'a\\n\\nbad\\nhalf' >&2");
	/* All of it is there before anybody reads. */
	end = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
	CHECK_INT(poll(&end, 1, LIMIT_MS), 1);
	await_end();
	CHECK_UINT(fake.logs, 3);
	CHECK_STR(fake.log, "half");
	finish();
	start_shell(false, "head -c 2500 /dev/zero | tr '\\0' x >&2");
	await_end();
	CHECK_UINT(fake.logs, 3);
	CHECK_UINT(strlen(fake.log), 500);
	finish();
}

TEST(signals_are_as_in_a_new_process)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigset_t set, old;

	sigaction(SIGPIPE, &ignore, &before);
	sigaction(SIGXFSZ, &ignore, &before);
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	start_shell(false, "exec grep -E '^Sig(Blk|Ign)' /proc/self/status");
	CHECK_STR(all_of_it(), "SigBlk:\t0000000000000000\n"
			       "SigIgn:\t0000000000000000\n");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGPIPE, &before, NULL);
	sigaction(SIGXFSZ, &before, NULL);
	await_end();
	finish();
}

TEST(its_end_is_noticed_where_sigchld_is_ignored)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	start_shell(true, "read a; exit 3");
	sigaction(SIGCHLD, &ignore, &before);
	child_end_input(&child, (void *)&fake);
	status_is("an unknown status");
	sigaction(SIGCHLD, &before, NULL);
	CHECK(!child_succeeded(&child));
	finish();
}

TEST(no_descriptor_but_the_three_is_inherited)
{
	int fd = open("/dev/null", O_RDONLY);

	CHECK(fd >= 0);
	start_shell(true, "ls /proc/$$/fd; :");
	child_end_input(&child, (void *)&fake);
	CHECK_STR(all_of_it(), "0\n1\n2\n");
	await_end();
	finish();
	close(fd);
}

TEST(it_has_a_process_group_of_its_own)
{
	char pid[32];

	start_shell(false, "cut -d' ' -f5 /proc/$$/stat");
	snprintf(pid, sizeof(pid), "%d\n", (int)child.pid);
	CHECK_STR(all_of_it(), pid);
	await_end();
	finish();
}

TEST(standard_descriptors_may_be_closed)
{
	int in = dup(0), out = dup(1);

	close(0);
	close(1);
	start_shell(true, "cat");
	CHECK(child.in > 2 && child.out > 2 && child.pidfd > 2);
	dup2(in, 0);
	dup2(out, 1);
	CHECK_INT(write(child.in, "x", 1), 1);
	child_end_input(&child, (void *)&fake);
	CHECK_STR(all_of_it(), "x");
	await_end();
	finish();
	close(in);
	close(out);
}

TEST(one_that_is_asked_to_end_may_do_so_in_its_own_way)
{
	start_shell(true, "trap 'exit 7' TERM; echo; while :; do sleep .01; "
			  "done");
	CHECK_INT(poll(&(struct pollfd){ .fd = child.out, .events = POLLIN }, 1,
		       LIMIT_MS),
		  1);
	child_terminate(&child, (void *)&fake);
	status_is("exit status 7");
	/* Its timer means nothing any more. */
	CHECK(fake_tick(&fake));
	CHECK_UINT(fake.now, CHILD_GRACE_NS);
	finish();
}

TEST(one_that_does_not_want_to_end_is_killed)
{
	start_shell(true, "trap '' TERM; echo; while :; do sleep .01; done");
	CHECK_INT(poll(&(struct pollfd){ .fd = child.out, .events = POLLIN }, 1,
		       LIMIT_MS),
		  1);
	child_terminate(&child, (void *)&fake);
	CHECK(!fake_poll(&fake, 20));
	CHECK(child.pid > 0);
	CHECK(fake_tick(&fake));
	status_is("signal 9, Killed");
	finish();
}

TEST(closing_ends_it_and_its_children)
{
	struct pollfd out;
	char text[32] = { 0 };
	pid_t pid;

	start_shell(true, "trap '' TERM; sleep 1000 & echo $!; wait; wait");
	pid = child.pid;
	out = (struct pollfd){ .fd = child.out, .events = POLLIN };
	CHECK_INT(poll(&out, 1, LIMIT_MS), 1);
	CHECK(read(child.out, text, sizeof(text) - 1) > 0);
	child_close(&child);
	child_close(&child);
	CHECK_INT(kill(pid, 0), -1);
	CHECK_INT(child.out, 0);
}

static void *start_in_a_thread(void *data)
{
	(void)data;
	start_shell(true, "exec sleep 1000");
	return NULL;
}

TEST(it_is_killed_with_the_thread_that_started_it)
{
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, start_in_a_thread, NULL), 0);
	CHECK_INT(pthread_join(thread, NULL), 0);
	status_is("signal 9, Killed");
	finish();
}

TEST(one_that_was_never_started_can_be_closed)
{
	memset(&child, 0, sizeof(child));
	child_close(&child);
	CHECK(fcntl(0, F_GETFD) >= 0);
}
