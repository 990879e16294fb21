/* SPDX-License-Identifier: MIT */

#include "worker/poller.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#include "test.h"

/* What was reported. */
struct heard {
	struct poller *poller;
	uint32_t count;
	uint32_t task;
	int fd;
	short events;
	int drop; /* a descriptor of task 2 not to be watched any more */
};

static void hear(void *self, uint32_t task, int fd, short events)
{
	struct heard *heard = self;

	heard->count++;
	heard->task = task;
	heard->fd = fd;
	heard->events = events;
	if (heard->drop >= 0)
		CHECK_INT(poller_watch(heard->poller, 3 - task, heard->drop, 0),
			  0);
}

/* Looks once, without waiting. */
static struct heard look(struct poller *poller)
{
	struct heard heard = { .poller = poller, .drop = -1 };

	poller_wait(poller, 0, hear, &heard);
	return heard;
}

/* A poller whose inbox is an eventfd. */
static int open_poller(struct poller *poller)
{
	int inbox = eventfd(0, EFD_CLOEXEC);

	poller_init(poller);
	CHECK_INT(poller_open(poller, inbox), 0);
	return inbox;
}

TEST(a_time_is_waited_for)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	uint64_t until = clock_now_ns() + 2 * CLOCK_NS_PER_MS;

	poller_wait(&poller, until, hear, NULL);
	CHECK(clock_now_ns() >= until);
	/* One that has passed is not. */
	poller_wait(&poller, 1, hear, NULL);
	poller_fini(&poller);
	close(inbox);
}

TEST(an_inbox_ends_a_wait)
{
	struct poller poller;
	int inbox = open_poller(&poller);

	CHECK_INT(eventfd_write(inbox, 1), 0);
	poller_wait(&poller, UINT64_MAX, hear, NULL);
	poller_wait(&poller, UINT64_MAX, hear, NULL);
	poller_fini(&poller);
	close(inbox);
}

TEST(a_bell_is_heard_once)
{
	struct poller poller;
	int inbox = open_poller(&poller);

	CHECK(!poller_heard(&poller));
	poller_ring(&poller);
	poller_ring(&poller);
	poller_wait(&poller, UINT64_MAX, hear, NULL);
	CHECK(poller_heard(&poller));
	CHECK(!poller_heard(&poller));
	poller_ring(&poller);
	poller_wait(&poller, UINT64_MAX, hear, NULL);
	CHECK(poller_heard(&poller));
	poller_fini(&poller);
	close(inbox);
}

static void *ring(void *data)
{
	poller_ring(data);
	return NULL;
}

TEST(a_bell_ends_a_wait_of_another_thread)
{
	struct poller poller;
	int inbox = open_poller(&poller);

	for (int i = 0; i < 100; i++) {
		pthread_t thread;

		CHECK_INT(pthread_create(&thread, NULL, ring, &poller), 0);
		while (!poller_heard(&poller))
			poller_wait(&poller, UINT64_MAX, hear, NULL);
		pthread_join(thread, NULL);
	}
	poller_fini(&poller);
	close(inbox);
}

TEST(a_watched_descriptor_is_reported_while_it_is_ready)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	struct heard heard;
	int fds[2];
	char byte;

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 7, fds[0], POLLIN), 0);
	CHECK_UINT(look(&poller).count, 0);
	CHECK_INT(write(fds[1], "x", 1), 1);
	for (int i = 0; i < 3; i++) {
		heard = look(&poller);
		CHECK_UINT(heard.count, 1);
		CHECK_UINT(heard.task, 7);
		CHECK_INT(heard.fd, fds[0]);
		CHECK_INT(heard.events, POLLIN);
	}
	CHECK_INT(read(fds[0], &byte, 1), 1);
	CHECK_UINT(look(&poller).count, 0);
	close(fds[1]);
	CHECK_INT(look(&poller).events, POLLHUP);
	CHECK_INT(poller_watch(&poller, 7, fds[0], 0), 0);
	CHECK_UINT(look(&poller).count, 0);
	/* Ending what was never begun is fine. */
	CHECK_INT(poller_watch(&poller, 7, fds[0], 0), 0);
	close(fds[0]);
	poller_fini(&poller);
	close(inbox);
}

TEST(a_watch_can_change)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLIN), 0);
	CHECK_UINT(look(&poller).count, 0);
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLOUT), 0);
	CHECK_INT(look(&poller).events, POLLOUT);
	/* A descriptor that was closed is another one when it comes again. */
	close(fds[1]);
	close(fds[0]);
	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLOUT), 0);
	CHECK_INT(look(&poller).events, POLLOUT);
	close(fds[1]);
	close(fds[0]);
	poller_fini(&poller);
	close(inbox);
}

TEST(two_tasks_watch_one_descriptor)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 1, fds[0], POLLIN), 0);
	CHECK_INT(poller_watch(&poller, 2, fds[0], POLLIN), 0);
	CHECK_INT(write(fds[1], "x", 1), 1);
	CHECK_UINT(look(&poller).count, 2);
	CHECK_INT(look(&poller).fd, fds[0]);
	CHECK_INT(poller_watch(&poller, 1, fds[0], 0), 0);
	CHECK_UINT(look(&poller).count, 1);
	CHECK_UINT(look(&poller).task, 2);
	CHECK_INT(poller_watch(&poller, 2, fds[0], 0), 0);
	CHECK_UINT(look(&poller).count, 0);
	close(fds[1]);
	close(fds[0]);
	poller_fini(&poller);
	close(inbox);
}

TEST(a_watch_that_was_ended_meanwhile_is_not_reported)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	struct heard heard = { .poller = &poller };
	int fds[2];

	/* The first of the two that is reported ends the other's watch. */
	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLOUT), 0);
	CHECK_INT(poller_watch(&poller, 2, fds[1], POLLOUT), 0);
	heard.drop = fds[1];
	poller_wait(&poller, 0, hear, &heard);
	CHECK_UINT(heard.count, 1);
	close(fds[1]);
	close(fds[0]);
	poller_fini(&poller);
	close(inbox);
}

TEST(a_watch_that_is_of_no_use_rests)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	struct heard heard = { .poller = &poller, .drop = -1 };
	uint64_t begun = clock_now_ns(), took;
	uint32_t waits = 0;
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLOUT), 0);
	while (heard.count < 32 + 20) {
		poller_wait(&poller, UINT64_MAX, hear, &heard);
		waits++;
	}
	/* At first at once, then once a millisecond at most. */
	took = clock_now_ns() - begun;
	CHECK(took >= 19 * CLOCK_NS_PER_MS);
	CHECK(waits < 2 * (32 + 21));
	/* Others are not delayed by it. */
	CHECK_INT(eventfd_write(inbox, 1), 0);
	poller_wait(&poller, UINT64_MAX, hear, &heard);
	CHECK_INT(poller_watch(&poller, 1, fds[1], 0), 0);
	heard.count = 0;
	for (int i = 0; i < 3; i++)
		poller_wait(&poller, 1, hear, &heard);
	CHECK_UINT(heard.count, 0);
	/* Begun again, it is fresh. */
	CHECK_INT(poller_watch(&poller, 1, fds[1], POLLOUT), 0);
	poller_wait(&poller, 1, hear, &heard);
	CHECK_UINT(heard.count, 1);
	close(fds[1]);
	close(fds[0]);
	poller_fini(&poller);
	close(inbox);
}

TEST(many_watches)
{
	enum { COUNT = 100 };
	struct poller poller;
	int inbox = open_poller(&poller);
	int fds[COUNT];

	for (uint32_t i = 0; i < COUNT; i++) {
		fds[i] = eventfd(i % 2, EFD_CLOEXEC);
		CHECK_INT(poller_watch(&poller, i, fds[i], POLLIN), 0);
	}
	CHECK_UINT(look(&poller).count, COUNT / 2);
	for (int i = 0; i < COUNT; i++)
		close(fds[i]);
	poller_fini(&poller);
	close(inbox);
}

TEST(files_cannot_be_watched)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	int fd = open("/dev/null", O_RDONLY);

	CHECK_INT(poller_watch(&poller, 1, fd, POLLIN), -EPERM);
	CHECK_INT(poller_watch(&poller, 1, 9999, POLLIN), -EBADF);
	close(fd);
	poller_fini(&poller);
	close(inbox);
}

TEST(a_link_ends_a_wait_until_it_is_forgotten)
{
	struct poller poller;
	int inbox = open_poller(&poller);
	int link = eventfd(1, EFD_CLOEXEC);
	uint64_t until;

	CHECK_INT(poller_await_link(&poller, link), 0);
	poller_wait(&poller, UINT64_MAX, hear, NULL);
	poller_forget_link(&poller, link);
	until = clock_now_ns() + CLOCK_NS_PER_MS;
	poller_wait(&poller, until, hear, NULL);
	CHECK(clock_now_ns() >= until);
	close(link);
	poller_fini(&poller);
	close(inbox);
}
