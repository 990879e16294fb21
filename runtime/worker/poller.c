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

/* How many sleeps in a row a watch may end, and how long it then rests. */
#define POLLER_STREAK 32
#define POLLER_REST_NS CLOCK_NS_PER_MS

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
	uint32_t events;
	uint32_t sleep;  /* the last that it ended */
	uint32_t streak; /* how many in a row until then */
	bool resting;    /* not registered now */
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
	if (r < 0 || inbox_fd < 0)
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

static void poller_unregister(struct poller *poller,
			      const struct poller_watch *watch)
{
	int fd = watch->own >= 0 ? watch->own : watch->fd;

	/* It fails if the descriptor was closed before; that ended it, too. */
	epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static void poller_unwatch(struct poller *poller, struct poller_watch *watch)
{
	if (watch->resting)
		poller->resting--;
	else
		poller_unregister(poller, watch);
	watch->resting = false;
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
	watch->events = wanted;
	watch->streak = 0;
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

uint32_t poller_watches(const struct poller *poller, uint32_t first_task)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < poller->watch_count; i++)
		if (poller->watches[i].used &&
		    poller->watches[i].task >= first_task)
			count++;
	return count;
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

/* Lets a watch rest that keeps ending the sleep of this thread. */
static void poller_tire(struct poller *poller, struct poller_watch *watch)
{
	if (watch->sleep == poller->sleeps)
		return;
	watch->streak =
		watch->sleep + 1 == poller->sleeps ? watch->streak + 1 : 0;
	watch->sleep = poller->sleeps;
	if (watch->streak < POLLER_STREAK)
		return;
	poller_unregister(poller, watch);
	watch->resting = true;
	if (poller->resting++ == 0)
		poller->rest_until_ns = clock_now_ns() + POLLER_REST_NS;
}

/* Watches again what has rested. */
static void poller_rouse(struct poller *poller)
{
	for (uint32_t i = 0; i < poller->watch_count; i++) {
		struct poller_watch *watch = &poller->watches[i];

		if (!watch->used || !watch->resting)
			continue;
		watch->resting = false;
		/* Its streak goes on, unless it has become quiet. */
		watch->sleep = poller->sleeps;
		/* It was registered before, so only its end can refuse it. */
		(void)poller_register(poller, i,
				      watch->own >= 0 ? watch->own : watch->fd,
				      watch->events);
	}
	poller->resting = 0;
}

static void poller_deliver(struct poller *poller,
			   const struct epoll_event *event, poller_ready *ready,
			   void *self)
{
	uint32_t place = (uint32_t)(event->data.u64 >> 32) - POLLER_WATCH;
	struct poller_watch *watch = &poller->watches[place];
	uint32_t version = (uint32_t)event->data.u64;

	/* A callback before this one may have ended the watch. */
	if (!watch->used || watch->version != version)
		return;
	ready(self, watch->task, watch->fd, (short)event->events);
	/* It may have ended it, too, or moved all of them. */
	watch = &poller->watches[place];
	if (watch->used && watch->version == version)
		poller_tire(poller, watch);
}

void poller_wait(struct poller *poller, uint64_t until_ns, poller_ready *ready,
		 void *self)
{
	struct epoll_event events[POLLER_EVENTS];
	int n;

	if (poller->resting > 0) {
		if (clock_now_ns() >= poller->rest_until_ns)
			poller_rouse(poller);
		else if (until_ns > poller->rest_until_ns)
			until_ns = poller->rest_until_ns;
	}
	/* One that only looks is no sleep. */
	poller->sleeps += until_ns != 0;
	n = poller_wait_epoll(poller, events, until_ns);
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
