/* SPDX-License-Identifier: MIT */

#include "engine/lost.h"

#include <assert.h>

#include "engine/credit.h"
#include "engine/mark.h"
#include "engine/outlet.h"
#include "engine/queue.h"
#include "engine/tree.h"
#include "engine/watermark.h"

/* In which the others may learn of it, too. */
#define LOST_PAUSE_NS 5000000u

/* Who has waited for what was held to fail. */
static void lost_checked(struct executor *x)
{
	watermark_again(x);
	for (uint32_t i = 0; i < x->task_count; i++)
		mark_check(x, &x->tasks[i]);
}

/* All that is open may have an edge there. */
static void lost_trees(struct executor *x)
{
	uint32_t slots = x->ledger.chunk_count * LEDGER_CHUNK;

#ifdef GUST_MUTATE_LOST /* for tests/sim, which must notice */
	return;
#endif
	for (uint32_t i = 0; i < slots; i++) {
		struct tree *tree =
			&x->ledger.chunks[i / LEDGER_CHUNK][i % LEDGER_CHUNK];

		if (tree->state == TREE_OPEN)
			tree_lost(x, tree);
	}
}

static void lost_arm(struct executor *x)
{
	if (x->lost_armed)
		return;
	x->lost_armed = timers_set(&x->timers, x->now + LOST_PAUSE_NS,
				   TIMER_LOST, 0, 0) == 0;
	if (x->lost_armed)
		return;
	lost_trees(x);
	lost_checked(x);
}

void lost_told(struct executor *x)
{
#ifdef GUST_MUTATE_TELL /* for tests/sim, which must notice */
	return;
#endif
	if (x->ledger.open > 0)
		lost_arm(x);
}

void lost_again(struct executor *x)
{
	x->lost_armed = false;
	lost_trees(x);
	lost_checked(x);
}

void executor_lost(struct executor *x, uint32_t worker)
{
	const struct plan *plan = x->plan;

	assert(worker != plan->worker_of[x->number]);
	if (x->aborted)
		return;
	x->now = x->host.now(x->host.self);
	queue_lost(x, worker);
	for (uint32_t i = 0; i < plan->executor_count; i++) {
		if (plan->worker_of[i] == worker) {
			outlet_drop(x, i);
			credit_forget(x, i);
		}
		/* Its next life, too: what that one has rooted may have come
		 * here by way of others before this was known. */
		if (i != x->number)
			outlet_lost(x, i, worker);
	}
	mark_forget(x, worker);
	lost_arm(x);
	mark_repeat(x, worker);
}
