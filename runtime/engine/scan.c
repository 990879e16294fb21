/* SPDX-License-Identifier: MIT */

#include "engine/scan.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/ack.h"
#include "engine/count.h"
#include "engine/dating.h"
#include "engine/tree.h"

/* Slots looked at in one go; more go on a millisecond later. */
#define SCAN_SLOTS 65536u
#define SCAN_PERIOD_MAX_NS 250000000u
#define SCAN_PERIOD_MIN_NS 1000000u

/*
 * The greatest age of what waits anywhere. What has just been worked off may
 * have acks still under way, so the value fades with time instead of falling.
 */
static uint64_t scan_lag(struct executor *x)
{
	uint64_t lag = 0, passed = x->now - x->lag_at_ns;

	for (uint32_t i = 0; i < x->plan->executor_count; i++) {
		uint64_t waiting = count_get(&x->pulses[i].waiting_since);
		uint64_t calling = count_get(&x->pulses[i].calling_since);

		if (waiting != 0 && x->now > waiting && x->now - waiting > lag)
			lag = x->now - waiting;
		if (calling != 0 && x->now > calling && x->now - calling > lag)
			lag = x->now - calling;
	}
	x->lag_ns = x->lag_ns > passed ? x->lag_ns - passed : 0;
	x->lag_at_ns = x->now;
	if (lag > x->lag_ns)
		x->lag_ns = lag;
	return x->lag_ns;
}

static void scan_time_out(struct executor *x, struct tree *tree, uint64_t limit,
			  const char *what)
{
	char reason[FAILURE_REASON_MAX + 1];
	uint32_t task = tree->task;
	double seconds = (double)limit / 1e9;

	if (tree->keeper != TREE_NO_KEEPER) {
		uint32_t c = x->plan->tasks[tree->keeper].component;

		task = tree->keeper;
		snprintf(reason, sizeof(reason), "%s %g s, '%s' retains it",
			 what, seconds, x->plan->components[c].id);
	} else {
		snprintf(reason, sizeof(reason), "%s %g s", what, seconds);
	}
	tree_fail(x, tree_root(tree), task, FAILURE_TIMEOUT, reason);
}

static void scan_tree(struct executor *x, struct tree *tree, uint64_t lag)
{
	uint64_t cap = x->plan->config.message_timeout_max_ns;
	uint64_t timeout;

	if (tree->dated)
		dating_expire(x, tree);
	/* A slot that was never used has no task of this executor. */
	if (tree->state != TREE_OPEN || tree->counted_held)
		return;
	timeout = x->by_number[tree->task]->component->message_timeout_ns;
	if (cap != 0 && x->now - tree->began_ns >= cap)
		scan_time_out(x, tree, cap, "not complete after");
	else if (timeout != 0 && x->now - tree->progress_ns >= timeout + lag)
		scan_time_out(x, tree, timeout, "no progress for");
}

/* Tells the owners of what is kept long who keeps it. */
static void scan_kept(struct executor *x)
{
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct gust_task *task = &x->tasks[i];
		uint64_t age = task->component->message_timeout_ns / 2;
		struct kept *kept = task->kept_oldest;

		for (; kept != NULL && x->now - kept->since_ns >= age;
		     kept = kept->younger) {
			if (kept->noted || kept->held)
				continue;
			kept->noted = true;
			for (uint32_t j = 0; j < kept->count; j++)
				ack_note(x, kept->anchors[j].root,
					 task->number);
		}
	}
}

static uint64_t scan_period(const struct executor *x)
{
	uint64_t period = SCAN_PERIOD_MAX_NS;

	for (uint32_t i = 0; i < x->plan->component_count; i++) {
		uint64_t t = x->plan->components[i].message_timeout_ns / 8;

		if (t != 0 && t < period)
			period = t;
	}
	if (x->plan->config.message_timeout_max_ns / 8 < period &&
	    x->plan->config.message_timeout_max_ns != 0)
		period = x->plan->config.message_timeout_max_ns / 8;
	return period < SCAN_PERIOD_MIN_NS ? SCAN_PERIOD_MIN_NS : period;
}

void scan_arm(struct executor *x)
{
	if (x->scan_armed)
		return;
	x->scan_armed = timers_set(&x->timers, x->now + scan_period(x),
				   TIMER_SCAN, 0, 0) == 0;
}

void scan_run(struct executor *x)
{
	struct ledger *ledger = &x->ledger;
	uint32_t slots = ledger->chunk_count * LEDGER_CHUNK;
	uint64_t lag = scan_lag(x), pause = scan_period(x);
	uint32_t end = ledger->scan_at + SCAN_SLOTS;

	if (ledger->scan_at == 0)
		scan_kept(x);
	if (end > slots)
		end = slots;
	for (uint32_t i = ledger->scan_at; i < end; i++)
		scan_tree(x,
			  &ledger->chunks[i / LEDGER_CHUNK][i % LEDGER_CHUNK],
			  lag);
	ledger->scan_at = end == slots ? 0 : end;
	if (ledger->scan_at != 0)
		pause = SCAN_PERIOD_MIN_NS;
	x->scan_armed = false;
	if (ledger->open + x->kept_count > 0)
		x->scan_armed = timers_set(&x->timers, x->now + pause,
					   TIMER_SCAN, 0, 0) == 0;
}
