/* SPDX-License-Identifier: MIT */

#include "sim/vault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "sim/node.h"
#include "state/store.h"

int vault_init(struct sim *sim)
{
	sim->vaults = calloc(sim->plan->task_count, sizeof(*sim->vaults));
	return sim->vaults == NULL ? -ENOMEM : 0;
}

void vault_fini(struct sim *sim)
{
	if (sim->vaults != NULL)
		vault_close(sim, 0, sim->plan->executor_count);
	free(sim->vaults);
}

int vault_open(void *self, uint32_t task, struct store **store,
	       struct gust_error *error)
{
	struct sim *sim = ((struct sim_node *)self)->sim;
	int r;

	if (sim->outside.state == NULL)
		return 0;
	r = sim->outside.state(sim->outside.self, task,
			       &sim->vaults[task].store, error);
	if (r == 0)
		*store = sim->vaults[task].store;
	return r;
}

static void vault_store(struct sim *sim, uint32_t task, struct writes *writes)
{
	struct gust_error error = { 0 };
	int r = store_commit(sim->vaults[task].store, writes, &error);

	assert(r == 0);
	node_trace(sim, "task %u: %zu writes are stored", task, writes->count);
	if (sim->outside.stored != NULL)
		sim->outside.stored(sim->outside.self, task);
}

void vault_commit(void *self, uint32_t task, struct store *store,
		  struct writes *writes)
{
	struct sim_node *node = self;
	struct sim *sim = node->sim;
	struct sim_answer answer = { .kind = SIM_COMMITTED,
				     .executor = node->number,
				     .task = task,
				     .writes = writes };

	assert(store == sim->vaults[task].store);
	if (node_chance(sim, sim->config.commit_fail))
		answer.result = -EIO;
	if (!sim->vaults[task].under_way && sim->outside.frozen != NULL)
		sim->outside.frozen(sim->outside.self, task);
	sim->vaults[task].under_way = true;
	/* At once, or as it is answered; also when it is said to have failed.
	 */
	if (node_chance(sim, 500)) {
		vault_store(sim, task, writes);
		answer.writes = NULL;
	}
	answer.due = node_soon(sim, sim->config.commit_ns);
	*node_answer(sim) = answer;
}

void vault_answer(struct sim_node *node, const struct sim_answer *answer)
{
	struct sim *sim = node->sim;

	if (answer->writes != NULL && answer->result == 0)
		vault_store(sim, answer->task, answer->writes);
	if (answer->result == 0)
		sim->vaults[answer->task].under_way = false;
	executor_committed(node->x, answer->task, answer->result,
			   "the disk is full");
}

void vault_close(struct sim *sim, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < sim->plan->task_count; i++) {
		if (sim->plan->tasks[i].executor - first >= count)
			continue;
		store_close(sim->vaults[i].store);
		sim->vaults[i] = (struct vault){ .store = NULL };
	}
}
