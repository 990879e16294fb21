/* SPDX-License-Identifier: MIT */

#include "worker/host.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "channel/message.h"
#include "engine/charges.h"
#include "worker/committer.h"
#include "worker/crew.h"
#include "worker/keeper.h"
#include "worker/seat.h"

static uint64_t host_now(void *self)
{
	(void)self;
	return clock_now_ns();
}

static int64_t host_wall(void *self)
{
	(void)self;
	return (int64_t)clock_wall_ns();
}

static void *host_batch_alloc(void *self, size_t size)
{
	char *message = message_alloc(MESSAGE_ROOM + size);

	(void)self;
	return message != NULL ? message + MESSAGE_ROOM : NULL;
}

static void host_batch_free(void *self, void *batch)
{
	(void)self;
	message_free((char *)batch - MESSAGE_ROOM);
}

static void host_send(void *self, uint32_t to, void *batch, size_t size)
{
	seat_send(self, to, batch, size);
}

static void host_store(void *self, const struct letter *letter)
{
	struct seat *seat = self;
	int r = keeper_store(seat->crew->keeper, letter);

	seat_answer(seat, letter->token, r);
}

static void host_position(void *self, uint32_t component, const char *source,
			  uint64_t offset)
{
	const struct seat *seat = self;

	keeper_position(seat->crew->keeper, component, source, offset);
}

static uint64_t host_resume(void *self, uint32_t component, const char *source)
{
	const struct seat *seat = self;

	return keeper_resume(seat->crew->keeper, component, source);
}

static int host_state(void *self, uint32_t task, struct store **store,
		      struct gust_error *error)
{
	const struct seat *seat = self;

	return committer_open(seat->crew->committer, task, store, error);
}

static void host_commit(void *self, uint32_t task, struct store *store,
			struct writes *writes)
{
	struct seat *seat = self;

	(void)store;
	committer_commit(seat->crew->committer, seat, task, writes);
}

static uint32_t host_charges(void *self, uint32_t component, uint64_t source,
			     uint64_t offset, const char **reason)
{
	const struct seat *seat = self;

	return charges_count(seat->crew->charges, component, source, offset,
			     reason);
}

static void *host_spill(void *self, size_t size, struct gust_error *error)
{
	return overflow_take(&((struct seat *)self)->overflow, size, error);
}

static void host_unspill(void *self, void *room)
{
	overflow_give(&((struct seat *)self)->overflow, room);
}

static void host_rest(void *self, size_t size)
{
	overflow_rest(&((struct seat *)self)->overflow, size);
}

static int host_watch(void *self, uint32_t task, int fd, short events)
{
	return seat_watch(self, task, fd, events);
}

static void host_wake(void *self, uint32_t task)
{
	seat_wake(self, task);
}

static ssize_t host_stdout_write(void *self, uint32_t task, const char *data,
				 size_t size)
{
	const struct seat *seat = self;
	struct crew *crew = seat->crew;
	ssize_t n = stdout_write(&crew->output, task, data, size);

	if (n == -EPIPE && crew_load(&crew->no_reader) == 0)
		crew_count(crew, &crew->no_reader);
	return n;
}

static void host_log(void *self, uint32_t task, enum gust_log_level level,
		     const char *text)
{
	const struct seat *seat = self;
	const struct plan *plan = seat->crew->plan;
	const struct plan_task *about = &plan->tasks[task];

	log_component((enum log_level)level,
		      plan->components[about->component].id, (int)about->index,
		      "%s", text);
}

struct executor_host host_of(struct seat *seat)
{
	struct executor_host host = {
		.self = seat,
		.now = host_now,
		.wall = host_wall,
		.batch_alloc = host_batch_alloc,
		.batch_free = host_batch_free,
		.send = host_send,
		.store = host_store,
		.position = host_position,
		.resume = host_resume,
		.watch = host_watch,
		.wake = host_wake,
		.stdout_write = host_stdout_write,
		.log = host_log,
	};

	if (seat->crew->plan->config.state_dir != NULL) {
		host.spill = host_spill;
		host.unspill = host_unspill;
		host.rest = host_rest;
	}
	if (seat->crew->committer != NULL) {
		host.state = host_state;
		host.commit = host_commit;
	}
	/* It would be asked at each emit. */
	if (!charges_none(seat->crew->charges))
		host.charges = host_charges;
	return host;
}
