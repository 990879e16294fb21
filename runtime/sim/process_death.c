/* SPDX-License-Identifier: MIT */

/*
 * The death of a worker: who is charged with it, what is gone, who hears of it.
 */

#include "sim/process.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/charges.h"
#include "engine/executing.h"

static void process_charge_position(struct sim *sim,
				    const struct executing_charge *found)
{
	int r = charges_add(sim->processes->charges, found->component,
			    found->source, found->offset,
			    "the worker died of it");

	assert(r == 0);
}

/* Returns whether others are to be told, with that in `*told`. */
static bool process_charge_one(struct sim *sim, uint32_t worker,
			       const struct executing_charge *found,
			       struct sim_notice *told)
{
	uint32_t task = (uint32_t)(found->root >> 48);
	uint32_t owner = sim->plan->worker_of[sim->plan->tasks[task].executor];

	sim->usage.charges++;
	node_trace(sim, "root %llx is charged (%d)",
		   (unsigned long long)found->root, found->positioned);
	*told = (struct sim_notice){ .kind = SIM_CHARGE,
				     .root = found->root,
				     .task = found->task };
	if (owner == worker && found->positioned)
		process_charge_position(sim, found);
	return owner != worker;
}

/* What its executors were executing: each tree once. Returns how many charges
 * others are to be told. */
static uint32_t process_charge(struct sim *sim, uint32_t worker,
			       struct sim_notice *told)
{
	const struct plan_worker *w = &sim->plan->workers[worker];
	bool crashed = executing_crashed(&sim->shared, w->first_executor,
					 w->executor_count);
	uint64_t seen[PROCESS_CHARGES_MAX];
	uint32_t seen_count = 0, count = 0;

	for (uint32_t i = 0; i < w->executor_count; i++) {
		struct executing_charge found[EXECUTING_CHARGES_MAX];
		uint32_t n =
			executing_find(sim->plan, &sim->shared,
				       w->first_executor + i, crashed, found);

		for (uint32_t j = 0; j < n; j++) {
			uint32_t k = 0;

			while (k < seen_count && seen[k] != found[j].root)
				k++;
			if (k < seen_count || k == PROCESS_CHARGES_MAX)
				continue;
			seen[seen_count++] = found[j].root;
			count += process_charge_one(sim, worker, &found[j],
						    &told[count]);
		}
	}
	executing_clear(&sim->shared, w->first_executor, w->executor_count);
	return count;
}

static void process_drop_link(struct sim *sim, struct sim_link *link)
{
	while (link->first != NULL) {
		struct sim_batch *batch = link->first;

		link->first = batch->next;
		node_release(sim, batch);
	}
	link->held_until = 0;
}

/* What its executors had on their ways to each other, and to its post. */
static void process_forget(struct sim *sim, uint32_t worker)
{
	const struct plan_worker *w = &sim->plan->workers[worker];
	uint32_t post = process_end(sim, worker), kept = 0;

	for (uint32_t i = 0; i < w->executor_count; i++) {
		uint32_t from = w->first_executor + i;

		for (uint32_t to = 0; to < sim->ends; to++)
			process_drop_link(sim,
					  &sim->links[from * sim->ends + to]);
		process_drop_link(sim, &sim->links[post * sim->ends + from]);
		for (uint32_t k = 0; k < sim->processes->count; k++)
			*process_waits(sim, from, k) = 0;
	}
	for (uint32_t i = 0; i < sim->answer_count; i++)
		if (sim->plan->worker_of[sim->answers[i].executor] != worker)
			sim->answers[kept++] = sim->answers[i];
	sim->answer_count = kept;
}

void process_die(struct sim *sim, uint32_t worker)
{
	const struct plan_worker *w = &sim->plan->workers[worker];
	struct sim_process *p = &sim->processes->list[worker];
	struct sim_notice charges[PROCESS_CHARGES_MAX];
	uint32_t count = process_charge(sim, worker, charges);

	node_trace(sim, "worker %u dies", worker);
	sim->usage.deaths++;
	node_destroy(sim, w->first_executor, w->executor_count);
	process_forget(sim, worker);
	for (uint32_t i = 0; i < sim->processes->count; i++) {
		struct sim_peer *peer = process_peer(sim, worker, i);
		struct sim_news *news;

		if (i == worker)
			continue;
		sim->usage.repeated += link_status(peer->link)->repeated_frames;
		link_destroy(peer->link);
		peer->link = NULL;
		news = process_news(sim, i, worker, p->incarnation);
		news->count = count;
		memcpy(news->charges, charges, count * sizeof(*charges));
	}
	for (uint32_t i = 0; i < sim->plan->task_count; i++)
		if (sim->plan->worker_of[sim->plan->tasks[i].executor] ==
		    worker)
			executor_bury(sim->plan, i, &sim->shared.counters[i]);
	p->alive = false;
	p->restart_at = node_soon(sim, sim->config.restart_ns) + 1;
	if (sim->outside.died != NULL)
		sim->outside.died(sim->outside.self, worker);
}
