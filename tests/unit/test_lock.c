/* SPDX-License-Identifier: MIT */

#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static char path[] = "/tmp/gust-test-lock-XXXXXX";

static void make_path(void)
{
	strcpy(path + sizeof(path) - 7, "XXXXXX");
	close(mkstemp(path));
}

TEST(a_lock_is_held_once)
{
	struct lock lock = { 0 }, second = { 0 };
	struct gust_error error = { 0 };
	char expected[100];

	make_path();
	snprintf(expected, sizeof(expected), "'%s' is held by process %ld",
		 path, (long)getpid());
	CHECK_INT(lock_take(&lock, path, NULL), 0);
	CHECK_INT(lock_take(&second, path, &error), -EBUSY);
	CHECK_STR(error.text, expected);
	CHECK(!second.held);
	lock_release(&second);
	lock_release(&lock);
	lock_release(&lock);
	CHECK_INT(lock_take(&second, path, NULL), 0);
	lock_release(&second);
	unlink(path);
}

TEST(the_death_of_the_holder_frees_it)
{
	struct lock lock = { 0 };
	struct gust_error error = { 0 };
	char expected[100];
	int ready[2];
	char byte;
	pid_t child;

	make_path();
	CHECK_INT(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (lock_take(&lock, path, NULL) == 0 &&
		    write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	CHECK_INT(lock_take(&lock, path, &error), -EBUSY);
	snprintf(expected, sizeof(expected), "is held by process %ld",
		 (long)child);
	CHECK_CONTAINS(error.text, expected);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	CHECK_INT(lock_take(&lock, path, NULL), 0);
	lock_release(&lock);
	close(ready[0]);
	close(ready[1]);
	unlink(path);
}

TEST(a_holder_without_a_number_is_another_process)
{
	struct gust_error error = { 0 };
	struct lock lock = { 0 };
	int fd;

	make_path();
	fd = open(path, O_RDWR | O_CLOEXEC);
	CHECK_INT(flock(fd, LOCK_EX), 0);
	CHECK_INT(lock_take(&lock, path, &error), -EBUSY);
	CHECK_CONTAINS(error.text, "' is held by another process");
	close(fd);
	unlink(path);
}

TEST(what_cannot_be_opened_is_said)
{
	struct gust_error error = { 0 };
	struct lock lock = { 0 };

	CHECK_INT(lock_take(&lock, "/no/such/lock", &error), -ENOENT);
	CHECK_STR(error.text, "'/no/such/lock' cannot be opened: No such file "
			      "or directory");
	CHECK(!lock.held);
}
