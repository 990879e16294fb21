/* SPDX-License-Identifier: MIT */

#include "sim/node.h"
#include "sim/process.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/charges.h"

void node_trace(struct sim *sim, const char *format, ...)
{
	char text[256];
	va_list arguments;

	if (sim->outside.trace == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	sim->outside.trace(sim->outside.self, sim_now(sim), text);
}

void node_begin(struct sim_node *node)
{
	struct sim *sim = node->sim;
	struct pulse *pulse = &sim->pulses[node->number];

	node_settle(node);
	node->shown = *pulse;
	sim->ahead = 0;
	if (node->busy_until > sim->now) {
		sim->ahead = node->busy_until - sim->now;
		*pulse = node->pulse;
	} else {
		node->shown.calling_since = sim->now;
	}
}

void node_end(struct sim_node *node)
{
	struct sim *sim = node->sim;
	struct pulse *pulse = &sim->pulses[node->number];

	node->pulse = *pulse;
	if (sim->ahead > 0) {
		node->busy_until = sim->now + sim->ahead;
		*pulse = node->shown;
	}
	sim->ahead = 0;
}

void node_settle(struct sim_node *node)
{
	if (node->busy_until == 0 || node->busy_until > node->sim->now)
		return;
	node->busy_until = 0;
	node->sim->pulses[node->number] = node->pulse;
}

uint64_t node_soon(struct sim *sim, uint64_t most)
{
	uint64_t now = sim_now(sim);

	if (most == 0)
		return now;
	return now + (uint64_t)(random_fraction(&sim->random) * (double)most);
}

bool node_chance(struct sim *sim, uint32_t of_1000)
{
	return of_1000 > 0 && random_below(&sim->random, 1000) < of_1000;
}

/* 2026-11-21, and as long as the run lasts. */
static int64_t node_wall(void *self)
{
	const struct sim_node *node = self;

	return INT64_C(1795219200000000000) + (int64_t)sim_now(node->sim);
}

static uint64_t node_now(void *self)
{
	struct sim_node *node = self;
	struct sim *sim = node->sim;

	sim->ahead = node_soon(sim, sim->config.clock_ns) - sim->now;
	return sim_now(sim);
}

struct sim_batch *node_batch(struct sim *sim, size_t size)
{
	struct sim_batch *batch;

	batch = aligned_alloc(16, (sizeof(*batch) + size + 15) & ~(size_t)15);
	if (batch == NULL)
		return NULL;
	batch->next = NULL;
	batch->allocated = size;
	batch->sent = 0;
	batch->due = 0;
	batch->notice.kind = SIM_BATCH;
	sim->usage.batches_alive++;
	sim->usage.bytes_alive += size;
	return batch;
}

static void *node_batch_alloc(void *self, size_t size)
{
	struct sim_batch *batch =
		node_batch(((struct sim_node *)self)->sim, size);

	return batch == NULL ? NULL : batch + 1;
}

void node_release(struct sim *sim, struct sim_batch *batch)
{
	assert(sim->usage.batches_alive > 0);
	sim->usage.batches_alive--;
	sim->usage.bytes_alive -= batch->allocated;
	sim->usage.bytes_sent_alive -= batch->sent;
	free(batch);
}

static void node_batch_free(void *self, void *data)
{
	struct sim_node *node = self;

	node_release(node->sim, (struct sim_batch *)data - 1);
}

static void node_send(void *self, uint32_t to, void *data, size_t size)
{
	struct sim_node *node = self;
	struct sim *sim = node->sim;
	struct sim_batch *batch = (struct sim_batch *)data - 1;
	uint32_t worker = sim->plan->worker_of[to];

	assert(to < sim->plan->executor_count && to != node->number);
	assert(size > 0 && size <= batch->allocated);
	batch->sent = size;
	sim->usage.batches++;
	sim->usage.bytes_sent_alive += size;
	if (sim->usage.bytes_sent_peak < sim->usage.bytes_sent_alive)
		sim->usage.bytes_sent_peak = sim->usage.bytes_sent_alive;
	node_trace(sim, "executor %u sends %zu bytes to %u", node->number, size,
		   to);
	if (worker != sim->plan->worker_of[node->number])
		to = sim->plan->executor_count +
		     sim->plan->worker_of[node->number];
	node_push(sim, node->number, to, batch);
}

void node_push(struct sim *sim, uint32_t from, uint32_t to,
	       struct sim_batch *batch)
{
	struct sim_link *link = &sim->links[from * sim->ends + to];

	batch->next = NULL;
	batch->due = node_soon(sim, sim->config.delay_ns);
	if (link->first == NULL)
		link->first = batch;
	else
		link->last->next = batch;
	link->last = batch;
	if (node_chance(sim, sim->config.full_chance))
		link->held_until = node_soon(sim, sim->config.full_ns);
}

/* Running out of memory here ends the program: it is a tool of tests. */
struct sim_answer *node_answer(struct sim *sim)
{
	if (sim->answer_count == sim->answer_room) {
		sim->answer_room = sim->answer_room * 2 + 16;
		sim->answers = realloc(
			sim->answers, sim->answer_room * sizeof(*sim->answers));
		assert(sim->answers != NULL);
	}
	return &sim->answers[sim->answer_count++];
}

static void node_store(void *self, const struct letter *letter)
{
	struct sim_node *node = self;
	struct sim *sim = node->sim;
	struct sim_answer answer = { .kind = SIM_STORED,
				     .executor = node->number,
				     .task = letter->task,
				     .token = letter->token };

	if (node_chance(sim, sim->config.store_fail))
		answer.result = -ENOSPC;
	else if (sim->outside.letter != NULL)
		sim->outside.letter(sim->outside.self, letter);
	answer.due = node_soon(sim, sim->config.store_ns);
	*node_answer(sim) = answer;
	node_trace(sim, "executor %u stores a letter of task %u: %s (%d)",
		   node->number, letter->task, letter->reason, answer.result);
}

static void node_position(void *self, uint32_t component, const char *source,
			  uint64_t offset)
{
	struct sim *sim = ((struct sim_node *)self)->sim;

	node_trace(sim, "position of '%s' is %llu", source,
		   (unsigned long long)offset);
	if (sim->outside.position != NULL)
		sim->outside.position(sim->outside.self, component, source,
				      offset);
}

static uint64_t node_resume(void *self, uint32_t component, const char *source)
{
	struct sim *sim = ((struct sim_node *)self)->sim;

	if (sim->outside.resume == NULL)
		return 0;
	return sim->outside.resume(sim->outside.self, component, source);
}

static struct sim_answer *
find_answer(struct sim *sim, enum sim_answer_kind kind, uint32_t task, int fd)
{
	uint32_t i;

	for (i = 0; i < sim->answer_count; i++)
		if (sim->answers[i].kind == kind &&
		    sim->answers[i].task == task && sim->answers[i].fd == fd)
			return &sim->answers[i];
	return NULL;
}

static int node_watch(void *self, uint32_t task, int fd, short events)
{
	struct sim_node *node = self;
	struct sim *sim = node->sim;
	struct sim_answer *answer = find_answer(sim, SIM_READY, task, fd);

	if (events == 0) {
		if (answer == NULL)
			return -ENOENT;
		*answer = sim->answers[--sim->answer_count];
		return 0;
	}
	if (answer == NULL)
		answer = node_answer(sim);
	*answer = (struct sim_answer){ .kind = SIM_READY,
				       .executor = node->number,
				       .task = task,
				       .fd = fd,
				       .events = events };
	answer->due = node_soon(sim, sim->config.event_ns) + 1;
	if (sim->config.quiet_ms > 0)
		answer->due = UINT64_MAX; /* until looked at */
	return 0;
}

void node_wake_soon(struct sim *sim, uint32_t task)
{
	struct sim_answer *answer;

	sim->reality.patient = true;
	if (find_answer(sim, SIM_WOKEN, task, 0) != NULL)
		return;
	answer = node_answer(sim);
	*answer = (struct sim_answer){ .kind = SIM_WOKEN,
				       .executor =
					       sim->plan->tasks[task].executor,
				       .task = task };
	answer->due = node_soon(sim, sim->config.event_ns);
}

static void node_wake(void *self, uint32_t task)
{
	struct sim *sim = ((struct sim_node *)self)->sim;

	if (reality_is_foreign(sim))
		reality_wake(sim, task);
	else
		node_wake_soon(sim, task);
}

static ssize_t node_write(void *self, uint32_t task, const char *data,
			  size_t size)
{
	struct sim *sim = ((struct sim_node *)self)->sim;

	if (sim->outside.write == NULL)
		return (ssize_t)size;
	return sim->outside.write(sim->outside.self, task, data, size);
}

static void node_log(void *self, uint32_t task, enum gust_log_level level,
		     const char *text)
{
	struct sim *sim = ((struct sim_node *)self)->sim;

	node_trace(sim, "task %u says: %s", task, text);
	if (sim->outside.log != NULL)
		sim->outside.log(sim->outside.self, task, level, text);
}

static uint32_t node_charges(void *self, uint32_t component, uint64_t source,
			     uint64_t offset, const char **reason)
{
	const struct sim_node *node = self;

	return charges_count(node->sim->processes->charges, component, source,
			     offset, reason);
}

static void *node_spill(void *self, size_t size, struct gust_error *error)
{
	struct sim *sim = ((struct sim_node *)self)->sim;
	void *room = NULL;

	if (!node_chance(sim, sim->config.spill_fail))
		room = malloc(size);
	if (room == NULL) {
		gust_error_set(error, -ENOSPC, "the simulated disk is full");
		return NULL;
	}
	sim->usage.spilled++;
	return room;
}

static void node_unspill(void *self, void *room)
{
	((struct sim_node *)self)->sim->usage.spilled--;
	free(room);
}

static void node_rest(void *self, size_t size)
{
	(void)self;
	(void)size;
}

const struct executor_host node_host = {
	.now = node_now,
	.wall = node_wall,
	.batch_alloc = node_batch_alloc,
	.batch_free = node_batch_free,
	.send = node_send,
	.store = node_store,
	.position = node_position,
	.resume = node_resume,
	.state = vault_open,
	.commit = vault_commit,
	.watch = node_watch,
	.wake = node_wake,
	.stdout_write = node_write,
	.log = node_log,
};

int node_create(struct sim *sim, uint32_t first, uint32_t count,
		struct gust_error *error)
{
	struct executor_host host = node_host;
	uint32_t i;
	int r;

	if (sim->processes != NULL && !charges_none(sim->processes->charges))
		host.charges = node_charges;
	if (sim->config.spills) {
		host.spill = node_spill;
		host.unspill = node_unspill;
		host.rest = node_rest;
	}
	for (i = first; i < first + count; i++) {
		struct sim_node *node = &sim->nodes[i];

		node->sim = sim;
		node->number = i;
		node->next = 0;
		node->busy_until = 0;
		host.self = node;
		r = executor_create(sim->plan, i, &host, &sim->shared,
				    random_next(&sim->random), &node->x);
		if (r < 0)
			return gust_error_set(error, r,
					      "cannot create an executor");
	}
	for (i = first; i < first + count; i++) {
		sim->nodes[i].opened = true;
		r = executor_open(sim->nodes[i].x, error);
		if (r < 0)
			return r;
	}
	return 0;
}

void node_destroy(struct sim *sim, uint32_t first, uint32_t count)
{
	uint32_t i;

	for (i = first; i < first + count; i++) {
		executor_destroy(sim->nodes[i].x);
		sim->nodes[i].x = NULL;
		sim->nodes[i].opened = false;
		memset(&sim->pulses[i], 0, sizeof(sim->pulses[i]));
	}
	vault_close(sim, first, count);
}

static void add_choice(struct sim *sim, enum sim_choice_kind kind,
		       uint32_t index)
{
	if (sim->choice_count == sim->choice_room) {
		sim->choice_room = sim->choice_room * 2 + 16;
		sim->choices = realloc(
			sim->choices, sim->choice_room * sizeof(*sim->choices));
		assert(sim->choices != NULL);
	}
	sim->choices[sim->choice_count].kind = kind;
	sim->choices[sim->choice_count++].index = index;
}

void node_offer(struct sim *sim, enum sim_choice_kind kind, uint32_t index,
		uint64_t due, uint64_t *wait)
{
	if (due <= sim->now)
		add_choice(sim, kind, index);
	else if (due < *wait)
		*wait = due;
}
