/* SPDX-License-Identifier: MIT */

#include "sim/reality.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/node.h"

/* A descriptor that is always ready lets time pass after so many events. */
#define AGAIN_MAX 64u
#define AGAIN_NS 1000000u

/* How much faster than a real clock the simulated one goes. */
#define PACE 100u

int reality_init(struct sim *sim)
{
	struct reality *reality = &sim->reality;

	if (sim->config.quiet_ms == 0)
		return 0;
	reality->thread = thrd_current();
	reality->patient = true;
	if (pipe2(reality->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		sim->config.quiet_ms = 0;
		return -errno;
	}
	return 0;
}

void reality_fini(struct reality *reality)
{
	/* Zero is stdin, which this never opens. */
	if (reality->pipe[1] > 0) {
		(void)close(reality->pipe[0]);
		(void)close(reality->pipe[1]);
	}
	free(reality->polls);
}

bool reality_is_foreign(const struct sim *sim)
{
	return sim->config.quiet_ms > 0 &&
	       !thrd_equal(thrd_current(), sim->reality.thread);
}

void reality_wake(struct sim *sim, uint32_t task)
{
	/* A full pipe holds enough to wake everybody. */
	(void)!write(sim->reality.pipe[1], &task, sizeof(task));
}

/* A watched descriptor that nothing is due for. */
static bool is_asleep(const struct sim_answer *answer)
{
	return answer->kind == SIM_READY && answer->due == UINT64_MAX;
}

/* Lists what to poll: the pipe, then descriptors by their answers' order. */
static uint32_t list_polls(struct sim *sim)
{
	struct reality *reality = &sim->reality;
	uint32_t count = 0;
	uint32_t i;

	if (reality->room < sim->answer_count + 1) {
		struct pollfd *grown;

		grown = realloc(reality->polls,
				(sim->answer_count + 16) * sizeof(*grown));
		if (grown == NULL)
			return 0;
		reality->polls = grown;
		reality->room = sim->answer_count + 16;
	}
	reality->polls[count++] =
		(struct pollfd){ .fd = reality->pipe[0], .events = POLLIN };
	for (i = 0; i < sim->answer_count; i++)
		if (is_asleep(&sim->answers[i]))
			reality->polls[count++] = (struct pollfd){
				.fd = sim->answers[i].fd,
				.events = sim->answers[i].events
			};
	return count;
}

static void set_ready(struct sim *sim, struct sim_answer *answer, short events)
{
	if (answer->seen != sim->now) {
		answer->seen = sim->now;
		answer->again = 0;
	}
	answer->revents = events;
	answer->due = sim->now;
	if (answer->again++ >= AGAIN_MAX)
		answer->due += AGAIN_NS;
}

static bool take_woken(struct sim *sim)
{
	uint32_t task;
	bool any = false;

	while (read(sim->reality.pipe[0], &task, sizeof(task)) ==
	       (ssize_t)sizeof(task)) {
		node_wake_soon(sim, task);
		any = true;
	}
	return any;
}

bool reality_watches(const struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->answer_count; i++)
		if (sim->answers[i].kind == SIM_READY)
			return true;
	return false;
}

bool reality_has_threads(void)
{
	struct stat status;

	/* A folder has a link from itself, one from above, and one from each
	 * folder in it, of which there is one a thread. */
	return stat("/proc/self/task", &status) == 0 && status.st_nlink > 3;
}

int reality_patience(struct sim *sim, uint64_t next)
{
	struct reality *reality = &sim->reality;
	uint64_t most = (uint64_t)sim->config.quiet_ms * 1000000;
	uint64_t wait;

	if (reality->patient || next == UINT64_MAX) {
		reality->patient = false;
		reality->owed_ns = 0;
		return sim->config.quiet_ms;
	}
	reality->owed_ns += (next - sim->now) / PACE;
	if (reality->owed_ns > most)
		reality->owed_ns = most;
	wait = reality->owed_ns / 1000000;
	reality->owed_ns -= wait * 1000000;
	return (int)wait;
}

bool reality_look(struct sim *sim, int wait_ms)
{
	struct reality *reality = &sim->reality;
	uint32_t i, at = 1, answers = sim->answer_count;
	uint32_t count = list_polls(sim);
	bool any = false;

	if (count == 0 || poll(reality->polls, count, wait_ms) <= 0)
		return false;
	for (i = 0; i < answers && at < count; i++) {
		struct sim_answer *answer = &sim->answers[i];

		if (!is_asleep(answer))
			continue;
		if (reality->polls[at].revents != 0) {
			set_ready(sim, answer, reality->polls[at].revents);
			any = true;
		}
		at++;
	}
	if (reality->polls[0].revents != 0 && take_woken(sim))
		any = true;
	reality->patient |= any;
	return any;
}
