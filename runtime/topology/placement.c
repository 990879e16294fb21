/* SPDX-License-Identifier: MIT */

#include "topology/placement.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define SHARED UINT32_MAX

/* A worker before it is known whether it gets a task. */
struct candidate {
	uint32_t host;
	uint32_t slot;
	uint32_t component; /* that it is for; SHARED */
	uint32_t general;   /* executors that have a task, up to the last */
	uint32_t dedicated;
	uint32_t first_executor;
};

struct placing {
	struct plan *plan;
	struct candidate *all; /* those of a host in a row */
	uint32_t count;
	uint32_t *turn;   /* of a component: places in `all` */
	uint32_t *worker; /* by task: its place in `all` */
};

static uint32_t hosts_of(const struct plan *plan)
{
	return plan->host_count > 0 ? plan->host_count : 1;
}

static uint32_t slots_of(const struct plan *plan, uint32_t host)
{
	if (plan->host_count > 0)
		return plan->hosts[host].slots;
	return plan->config.workers > 0 ? plan->config.workers : 1;
}

/* How many hosts a component may be on; see host_in_turn(). */
static uint32_t host_choice(const struct plan *plan,
			    const struct plan_component *component)
{
	if (plan->host_count == 0 || component->host_count == 0)
		return hosts_of(plan);
	return component->host_count;
}

static uint32_t host_in_turn(const struct plan *plan,
			     const struct plan_component *component,
			     uint32_t turn)
{
	if (plan->host_count == 0 || component->host_count == 0)
		return turn;
	return component->hosts[turn];
}

uint32_t placement_choice(const struct plan *plan,
			  const struct plan_component *component)
{
	uint32_t hosts = host_choice(plan, component);
	uint32_t count = 0;
	uint32_t i;

	if (component->isolate)
		return hosts;
	for (i = 0; i < hosts; i++)
		count += slots_of(plan, host_in_turn(plan, component, i));
	return count;
}

static bool may_be_on(const struct plan *plan,
		      const struct plan_component *component, uint32_t host)
{
	uint32_t i;

	for (i = 0; i < host_choice(plan, component); i++)
		if (host_in_turn(plan, component, i) == host)
			return true;
	return false;
}

static void add_worker(struct placing *placing, uint32_t host, uint32_t slot,
		       uint32_t component)
{
	struct candidate *added = &placing->all[placing->count++];

	added->host = host;
	added->slot = slot;
	added->component = component;
}

static void add_workers(struct placing *placing)
{
	const struct plan *plan = placing->plan;
	uint32_t slot;
	uint32_t h;
	uint32_t c;

	for (h = 0; h < hosts_of(plan); h++) {
		for (slot = 0; slot < slots_of(plan, h); slot++)
			add_worker(placing, h, slot, SHARED);
		for (c = 0; c < plan->component_count; c++)
			if (plan->components[c].isolate &&
			    may_be_on(plan, &plan->components[c], h))
				add_worker(placing, h, slot++, c);
	}
}

/* The worker in that slot of those for `component`, or SHARED ones. */
static uint32_t find_worker(const struct placing *placing, uint32_t host,
			    uint32_t slot, uint32_t component)
{
	uint32_t i;

	for (i = 0; i < placing->count; i++)
		if (placing->all[i].host == host &&
		    placing->all[i].component == component &&
		    (component != SHARED || placing->all[i].slot == slot))
			return i;
	return SHARED;
}

/* Lists the workers of a component: hosts in turn, then their slots. */
static uint32_t take_turns(struct placing *placing, uint32_t number)
{
	const struct plan *plan = placing->plan;
	const struct plan_component *component = &plan->components[number];
	uint32_t hosts = host_choice(plan, component);
	uint32_t choice = placement_choice(plan, component);
	uint32_t count = 0;
	uint32_t worker;
	uint32_t slot;
	uint32_t i;

	for (slot = 0; count < choice; slot++)
		for (i = 0; i < hosts; i++) {
			worker = find_worker(
				placing, host_in_turn(plan, component, i), slot,
				component->isolate ? number : SHARED);
			if (worker != SHARED)
				placing->turn[count++] = worker;
		}
	return count;
}

/* Executors are numbered within their worker and kind as yet. */
static void deal_tasks(struct placing *placing, uint32_t number)
{
	struct plan *plan = placing->plan;
	const struct plan_component *component = &plan->components[number];
	uint32_t executors = plan->config.executors;
	uint32_t count = take_turns(placing, number);
	struct candidate *worker;
	struct plan_task *task;
	uint32_t turn;
	uint32_t i;

	for (i = 0; i < component->task_count; i++) {
		turn = i;
		if (component->executor >= 0)
			turn = (uint32_t)component->executor / executors;
		assert(component->executor < 0 || turn < count);
		worker = &placing->all[placing->turn[turn % count]];
		task = &plan->tasks[component->first_task + i];
		placing->worker[component->first_task + i] =
			placing->turn[turn % count];
		if (component->dedicated) {
			task->executor = worker->dedicated++;
			continue;
		}
		task->executor = component->executor >= 0
					 ? (uint32_t)component->executor
					 : i / count;
		task->executor %= executors;
		if (task->executor >= worker->general)
			worker->general = task->executor + 1;
	}
}

static int check_executors(const struct plan *plan, struct gust_error *error)
{
	uint32_t i;

	/* One worker is checked by who knows the lines of the file. */
	for (i = 0; plan->worker_count > 1 && i < plan->worker_count; i++)
		if (plan->workers[i].executor_count > PLAN_EXECUTORS_MAX)
			return gust_error_set(
				error, -E2BIG,
				"worker %u would need %u executors, expected "
				"at most %d, for a process has 512 sockets",
				i, plan->workers[i].executor_count,
				PLAN_EXECUTORS_MAX);
	return 0;
}

/* Numbers the workers that have tasks, and their executors, in a row. */
static int number_workers(struct placing *placing, struct gust_error *error)
{
	struct plan *plan = placing->plan;
	struct plan_worker *worker;
	uint32_t executors = 0;
	struct candidate *from;
	uint32_t i;
	int r;

	for (i = 0; i < placing->count; i++) {
		from = &placing->all[i];
		from->first_executor = plan->executor_count;
		if (from->general > executors)
			executors = from->general;
		if (from->general + from->dedicated == 0 && plan->task_count)
			continue;
		if (plan->worker_count == PLAN_WORKERS_MAX)
			return gust_error_set(error, -E2BIG,
					      "more than %d workers would be "
					      "needed, expected fewer",
					      PLAN_WORKERS_MAX);
		worker = &plan->workers[plan->worker_count++];
		worker->host = from->host;
		worker->slot = from->slot;
		worker->first_executor = plan->executor_count;
		worker->executor_count = from->general + from->dedicated;
		plan->executor_count += worker->executor_count;
		if (plan->task_count == 0)
			break;
	}
	r = check_executors(plan, error);
	if (r == 0)
		plan->config.executors = executors;
	return r;
}

static void number_executors(struct placing *placing)
{
	struct plan *plan = placing->plan;
	const struct candidate *worker;
	uint32_t e;
	uint32_t i;

	for (i = 0; i < plan->task_count; i++) {
		worker = &placing->all[placing->worker[i]];
		plan->tasks[i].executor += worker->first_executor;
		if (plan->components[plan->tasks[i].component].dedicated)
			plan->tasks[i].executor += worker->general;
	}
	for (i = 0; i < plan->worker_count; i++)
		for (e = 0; e < plan->workers[i].executor_count; e++)
			plan->worker_of[plan->workers[i].first_executor + e] =
				i;
}

static void number_hosts(struct plan *plan)
{
	struct plan_host *host;
	uint32_t i;

	for (i = 0; i < plan->host_count; i++) {
		plan->hosts[i].first_worker = 0;
		plan->hosts[i].worker_count = 0;
	}
	for (i = 0; plan->host_count > 0 && i < plan->worker_count; i++) {
		host = &plan->hosts[plan->workers[i].host];
		if (host->worker_count++ == 0)
			host->first_worker = i;
	}
}

static int place(struct placing *placing, struct gust_error *error)
{
	struct plan *plan = placing->plan;
	uint32_t i;
	int r;

	add_workers(placing);
	for (i = 0; i < plan->component_count; i++)
		deal_tasks(placing, i);
	r = number_workers(placing, error);
	if (r < 0)
		return r;
	plan->worker_of =
		calloc(plan->executor_count + 1, sizeof(*plan->worker_of));
	if (plan->worker_of == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	number_executors(placing);
	number_hosts(plan);
	return 0;
}

int placement_derive(struct plan *plan, struct gust_error *error)
{
	struct placing placing = { .plan = plan };
	size_t room = 0;
	uint32_t i;
	int r;

	for (i = 0; i < hosts_of(plan); i++)
		room += slots_of(plan, i) + plan->component_count;
	plan->worker_count = 0;
	plan->executor_count = 0;
	placing.all = calloc(room, sizeof(*placing.all));
	placing.turn = calloc(room, sizeof(*placing.turn));
	placing.worker = calloc(plan->task_count + 1, sizeof(*placing.worker));
	plan->workers = calloc(PLAN_WORKERS_MAX, sizeof(*plan->workers));
	if (placing.all != NULL && placing.turn != NULL &&
	    placing.worker != NULL && plan->workers != NULL)
		r = place(&placing, error);
	else
		r = gust_error_set(error, -ENOMEM, "out of memory");
	free(placing.all);
	free(placing.turn);
	free(placing.worker);
	return r;
}
