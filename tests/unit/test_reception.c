/* SPDX-License-Identifier: MIT */

#include "worker/reception.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#include "folder.h"

static struct reception *reception;
static size_t size = 5;

static char *describe(void *self, size_t *n)
{
	char *text = malloc(size + 1);

	(void)self;
	memset(text, 'x', size);
	*n = size;
	return text;
}

static void begin(size_t bytes)
{
	struct gust_error error = { 0 };

	size = bytes;
	(void)folder_path("");
	setenv("XDG_RUNTIME_DIR", folder, 1);
	CHECK_INT(reception_open(&reception, "na me", describe, NULL, &error),
		  0);
}

static int enter(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path),
		 "%.80s/gust/na%%20me.%d.sock", folder, (int)getpid());
	CHECK_INT(connect(fd, (const void *)&address, sizeof(address)), 0);
	return fd;
}

/* How much comes until the end, while the reception is looked after. */
static size_t read_all(int fd)
{
	static char part[65536];
	struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
				 { .fd = reception_fd(reception),
				   .events = POLLIN } };
	size_t sum = 0;
	ssize_t n = 1;

	while (n > 0) {
		CHECK(poll(fds, 2, 10000) > 0);
		if (fds[1].revents != 0)
			reception_look(reception);
		if (fds[0].revents == 0)
			continue;
		n = read(fd, part, sizeof(part));
		CHECK(n >= 0);
		sum += (size_t)n;
	}
	close(fd);
	return sum;
}

TEST(who_asks_is_told)
{
	begin(5);
	CHECK_UINT(read_all(enter()), 5);
	CHECK_UINT(read_all(enter()), 5);
	reception_close(reception);
}

TEST(long_texts_wait_for_those_who_read)
{
	int first, second;

	begin((size_t)3 << 20);
	first = enter();
	second = enter();
	reception_look(reception);
	reception_look(reception);
	CHECK_UINT(read_all(second), (size_t)3 << 20);
	CHECK_UINT(read_all(first), (size_t)3 << 20);
	reception_close(reception);
}

TEST(there_is_room_for_some)
{
	int fds[RECEPTION_GUESTS_MAX], i;

	begin((size_t)3 << 20);
	for (i = 0; i < RECEPTION_GUESTS_MAX; i++) {
		fds[i] = enter();
		reception_look(reception);
	}
	CHECK_UINT(read_all(enter()), 0);
	for (i = 0; i < RECEPTION_GUESTS_MAX; i++)
		close(fds[i]);
	while (poll(&(struct pollfd){ reception_fd(reception), POLLIN, 0 }, 1,
		    0) > 0)
		reception_look(reception);
	CHECK_UINT(read_all(enter()), (size_t)3 << 20);
	reception_close(reception);
}

enum { OPENED = 200 };

/* Knocks at one after the other until it is let in. 1: it was refused, as by
 * what a dead process has left, which `gust status` takes away. */
static void knock(long owner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	for (int i = 0; i < OPENED; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		snprintf(address.sun_path, sizeof(address.sun_path),
			 "%.80s/gust/r%d.%ld.sock", folder, i, owner);
		while (connect(fd, (const void *)&address, sizeof(address)) < 0)
			if (errno == ECONNREFUSED)
				_exit(1);
		close(fd);
	}
	_exit(0);
}

TEST(at_no_time_does_it_look_dead)
{
	struct reception *opened[OPENED];
	int status = 0;
	pid_t pid;

	begin(5);
	reception_close(reception);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		knock((long)getppid());
	}
	for (int i = 0; i < OPENED; i++) {
		char name[16];

		snprintf(name, sizeof(name), "r%d", i);
		CHECK_INT(
			reception_open(&opened[i], name, describe, NULL, NULL),
			0);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(status, 0);
	for (int i = 0; i < OPENED; i++)
		reception_close(opened[i]);
}

TEST(a_folder_of_others_is_refused)
{
	struct gust_error error = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%.200s/gust", folder);
	(void)mkdir(path, 0700);
	CHECK_INT(chmod(path, 0755), 0);
	setenv("XDG_RUNTIME_DIR", folder, 1);
	CHECK(reception_open(&reception, "x", describe, NULL, &error) < 0);
	CHECK_CONTAINS(error.text, "expected mode 0700");
	CHECK_INT(chmod(path, 0700), 0);
}

TEST(nothing_is_nothing)
{
	reception_close(NULL);
	reception_forget(NULL);
	reception_look(NULL);
	CHECK_INT(reception_fd(NULL), -1);
}
