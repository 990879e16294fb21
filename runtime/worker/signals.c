/* SPDX-License-Identifier: MIT */

#include "worker/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "worker/crash.h"

/* Within this, the same signal twice is one. */
#define SIGNALS_SETTLE_MS 100

int signals_begin(struct signals *signals, bool parent)
{
	struct sigaction ignore, normal;
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGTERM);
	signals->fd = -1;
	if (!parent)
		signals->fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0 && !parent)
		return -errno;
	pthread_sigmask(SIG_BLOCK, &taken, &signals->before);
	memset(&ignore, 0, sizeof(ignore));
	memset(&normal, 0, sizeof(normal));
	ignore.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &ignore, &signals->pipe_before);
	sigaction(SIGXFSZ, &ignore, &signals->size_before);
	/* Ignored, it would keep the exit status of children from plugins. */
	normal.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &normal, &signals->child_before);
	return 0;
}

void signals_end(struct signals *signals)
{
	/* One that nobody has taken must not kill whoever comes after. */
	while (signals_take(signals) > 0)
		;
	if (signals->fd >= 0)
		close(signals->fd);
	sigaction(SIGPIPE, &signals->pipe_before, NULL);
	sigaction(SIGXFSZ, &signals->size_before, NULL);
	sigaction(SIGCHLD, &signals->child_before, NULL);
	pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
}

int signals_fd(const struct signals *signals)
{
	return signals->fd;
}

int signals_take(struct signals *signals)
{
	struct signalfd_siginfo info;
	ssize_t n;

	do {
		n = read(signals->fd, &info, sizeof(info));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(info) ? (int)info.ssi_signo : 0;
}

int signals_settle(struct signals *signals, int number)
{
	struct pollfd entry = { .fd = signals->fd, .events = POLLIN };
	int again = 0;

	if (poll(&entry, 1, SIGNALS_SETTLE_MS) > 0)
		again = signals_take(signals);
	return again == number ? 0 : again;
}

void signals_block(void)
{
	sigset_t blocked;

	sigfillset(&blocked);
	sigdelset(&blocked, SIGSEGV);
	sigdelset(&blocked, SIGBUS);
	sigdelset(&blocked, SIGFPE);
	sigdelset(&blocked, SIGILL);
	sigdelset(&blocked, SIGABRT);
	sigdelset(&blocked, SIGTRAP);
	sigdelset(&blocked, CRASH_ASK);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

const char *signals_name(int number)
{
	return number == SIGINT ? "SIGINT" : "SIGTERM";
}
