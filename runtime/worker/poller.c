/* SPDX-License-Identifier: MIT */

#include "worker/poller.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define POLLER_EVENTS 64

/* What an event is of: the upper half of its data. Above that, a watch. */
enum { POLLER_INBOX, POLLER_BELL, POLLER_LINK, POLLER_WATCH };

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
		       EPOLLPRI == POLLPRI && EPOLLERR == POLLERR &&
		       EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP,
	       "events of poll(2) are those of epoll(7)");

struct poller_watch {
	bool used;
	uint32_t task;
	int fd;
	int own; /* a duplicate, where two tasks watch one descriptor; or -1 */
	uint32_t version; /* tells an event of an earlier use of this place */
};

void poller_init(struct poller *poller)
{
	memset(poller, 0, sizeof(*poller));
	poller->epoll = -1;
	poller->bell = -1;
}

static int poller_add(struct poller *poller, int fd, uint32_t events,
		      uint32_t kind, uint32_t value)
{
	struct epoll_event event;

	memset(&event, 0, sizeof(event));
	event.events = events;
	event.data.u64 = (uint64_t)kind << 32 | value;
	return epoll_ctl(poller->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
								       : 0;
}

int poller_open(struct poller *poller, int inbox_fd)
{
	int r;

	poller->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll < 0)
		return -errno;
	poller->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (poller->bell < 0)
		return -errno;
	r = poller_add(poller, poller->bell, EPOLLIN, POLLER_BELL, 0);
	if (r < 0)
		return r;
	return poller_add(poller, inbox_fd, EPOLLIN, POLLER_INBOX, 0);
}

void poller_fini(struct poller *poller)
{
	for (uint32_t i = 0; i < poller->watch_count; i++)
		if (poller->watches[i].used && poller->watches[i].own >= 0)
			close(poller->watches[i].own);
	free(poller->watches);
	if (poller->bell >= 0)
		close(poller->bell);
	if (poller->epoll >= 0)
		close(poller->epoll);
	poller_init(poller);
}

/* The place of a watch, or of the first free one, or a new one, or -ENOMEM. */
static int64_t poller_find(struct poller *poller, uint32_t task, int fd)
{
	struct poller_watch *watches;
	uint32_t count = poller->watch_count;
	int64_t empty = -1;

	for (uint32_t i = 0; i < count; i++) {
		const struct poller_watch *watch = &poller->watches[i];

		if (!watch->used)
			empty = empty < 0 ? (int64_t)i : empty;
		else if (watch->task == task && watch->fd == fd)
			return i;
	}
	if (empty >= 0)
		return empty;
	watches = reallocarray(poller->watches, count ? 2 * (size_t)count : 8,
			       sizeof(*watches));
	if (watches == NULL)
		return -ENOMEM;
	poller->watches = watches;
	poller->watch_count = count ? 2 * count : 8;
	memset(watches + count, 0,
	       (poller->watch_count - count) * sizeof(*watches));
	return count;
}

static void poller_unwatch(struct poller *poller, struct poller_watch *watch)
{
	int fd = watch->own >= 0 ? watch->own : watch->fd;

	/* It fails if the descriptor was closed before; that ended it, too. */
	epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, NULL);
	if (watch->own >= 0)
		close(watch->own);
	watch->used = false;
	watch->version++;
}

/* Registers the watch at `place`, through a duplicate if there is one. */
static int poller_register(struct poller *poller, uint32_t place, int fd,
			   uint32_t events)
{
	uint32_t version = poller->watches[place].version;

	return poller_add(poller, fd, events, POLLER_WATCH + place, version);
}

int poller_watch(struct poller *poller, uint32_t task, int fd, short events)
{
	int64_t place = poller_find(poller, task, fd);
	uint32_t wanted = (uint16_t)events;
	struct poller_watch *watch;
	int r;

	if (place < 0)
		return (int)place;
	watch = &poller->watches[place];
	if (watch->used)
		poller_unwatch(poller, watch);
	if (events == 0)
		return 0;
	watch->task = task;
	watch->fd = fd;
	watch->own = -1;
	r = poller_register(poller, (uint32_t)place, fd, wanted);
	if (r == -EEXIST) {
		watch->own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (watch->own < 0)
			return -errno;
		r = poller_register(poller, (uint32_t)place, watch->own,
				    wanted);
		if (r < 0)
			close(watch->own);
	}
	watch->used = r == 0;
	return r;
}

int poller_await_link(struct poller *poller, int fd)
{
	return poller_add(poller, fd, EPOLLIN, POLLER_LINK, 0);
}

void poller_forget_link(struct poller *poller, int fd)
{
	epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static int poller_wait_epoll(struct poller *poller, struct epoll_event *events,
			     uint64_t until_ns)
{
	uint64_t now = until_ns == UINT64_MAX ? 0 : clock_now_ns();
	uint64_t wait_ns = until_ns > now ? until_ns - now : 0;
	uint64_t wait_ms = wait_ns / CLOCK_NS_PER_MS + 1;

#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
	struct timespec timeout;
	int n;

	timeout.tv_sec = (time_t)(wait_ns / CLOCK_NS_PER_S);
	timeout.tv_nsec = (long)(wait_ns % CLOCK_NS_PER_S);
	n = epoll_pwait2(poller->epoll, events, POLLER_EVENTS,
			 until_ns == UINT64_MAX ? NULL : &timeout, NULL);
	/* Kernels before 5.11 lack it, and some sandboxes refuse it. */
	if (n >= 0 || (errno != ENOSYS && errno != EPERM))
		return n;
#endif
#endif
	if (wait_ms > 3600000)
		wait_ms = 3600000;
	return epoll_wait(poller->epoll, events, POLLER_EVENTS,
			  until_ns == UINT64_MAX ? -1
			  : wait_ns == 0         ? 0
						 : (int)wait_ms);
}

static void poller_deliver(struct poller *poller,
			   const struct epoll_event *event, poller_ready *ready,
			   void *self)
{
	uint32_t place = (uint32_t)(event->data.u64 >> 32) - POLLER_WATCH;
	struct poller_watch *watch = &poller->watches[place];

	/* A callback before this one may have ended the watch. */
	if (!watch->used || watch->version != (uint32_t)event->data.u64)
		return;
	ready(self, watch->task, watch->fd, (short)event->events);
}

void poller_wait(struct poller *poller, uint64_t until_ns, poller_ready *ready,
		 void *self)
{
	struct epoll_event events[POLLER_EVENTS];
	int n = poller_wait_epoll(poller, events, until_ns);

	for (int i = 0; i < n; i++) {
		uint32_t kind = (uint32_t)(events[i].data.u64 >> 32);
		uint64_t rings;

		if (kind >= POLLER_WATCH) {
			poller_deliver(poller, &events[i], ready, self);
		} else if (kind == POLLER_BELL) {
			ssize_t r = read(poller->bell, &rings, sizeof(rings));

			assert(r == sizeof(rings) || errno == EAGAIN);
		}
	}
}

void poller_ring(struct poller *poller)
{
	uint64_t one = 1;
	ssize_t n;

	if (__atomic_exchange_n(&poller->rung, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	n = write(poller->bell, &one, sizeof(one));
	assert(n == sizeof(one));
}

bool poller_heard(struct poller *poller)
{
	if (__atomic_load_n(&poller->rung, __ATOMIC_RELAXED) == 0)
		return false;
	return __atomic_exchange_n(&poller->rung, 0, __ATOMIC_ACQ_REL) != 0;
}
