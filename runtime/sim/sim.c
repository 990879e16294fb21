/* SPDX-License-Identifier: MIT */

#include "sim/sim.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/executing.h"
#include "sim/node.h"
#include "sim/process.h"
#include "sim/reality.h"

static int create_nodes(struct sim *sim, struct gust_error *error)
{
	uint32_t i;
	int r = 0;

	if (sim->processes == NULL)
		return node_create(sim, 0, sim->plan->executor_count, error);
	for (i = 0; r == 0 && i < sim->plan->worker_count; i++)
		r = process_start(sim, i, error);
	return r;
}

int sim_create(const struct plan *plan, const struct sim_config *config,
	       const struct sim_outside *outside, struct sim **sim,
	       struct gust_error *error)
{
	uint32_t count = plan->executor_count;
	struct sim *new = calloc(1, sizeof(*new));
	int r = -ENOMEM;

	if (new == NULL)
		goto fail;
	new->plan = plan;
	new->config = *config;
	if (outside != NULL)
		new->outside = *outside;
	random_seed(&new->random, config->seed);
	new->now = 1000000000; /* 0 means "never" to the engine */
	new->nodes = calloc(count, sizeof(*new->nodes));
	new->ends = count + (plan->worker_count > 1 ? plan->worker_count : 0);
	new->links = calloc((size_t) new->ends *new->ends, sizeof(*new->links));
	new->pulses = aligned_alloc(64, count * sizeof(*new->pulses));
	if (new->nodes == NULL || new->links == NULL || new->pulses == NULL)
		goto fail;
	memset(new->pulses, 0, count * sizeof(*new->pulses));
	new->shared.pulses = new->pulses;
	r = vault_init(new) < 0 ? -ENOMEM : process_init(new);
	if (r < 0)
		goto fail;
	r = reality_init(new);
	if (r < 0)
		goto fail;
	r = create_nodes(new, error);
	if (r < 0)
		goto fail;
	new->now += new->ahead;
	new->ahead = 0;
	*sim = new;
	return 0;
fail:
	if (r == -ENOMEM)
		gust_error_set(error, r, "out of memory");
	sim_destroy(new);
	return r;
}

static uint64_t link_due(const struct sim_link *link)
{
	if (link->first == NULL)
		return UINT64_MAX;
	if (link->held_until > link->first->due)
		return link->held_until;
	return link->first->due;
}

/* Offers what is due at an executor that is not busy, or at a post. */
static void consider(struct sim *sim, enum sim_choice_kind kind, uint32_t index,
		     uint32_t end, uint64_t due, uint64_t *wait)
{
	uint64_t from = process_from(sim, end);

	if (end < sim->plan->executor_count &&
	    from < sim->nodes[end].busy_until)
		from = sim->nodes[end].busy_until;
	node_offer(sim, kind, index, due > from ? due : from, wait);
}

/* Gathers what can happen now; returns when something else will. */
static uint64_t gather(struct sim *sim)
{
	uint64_t wait = UINT64_MAX;
	uint32_t i;

	sim->choice_count = 0;
	for (i = 0; i < sim->plan->executor_count; i++) {
		node_settle(&sim->nodes[i]);
		consider(sim, SIM_TURN, i, i, sim->nodes[i].next, &wait);
	}
	for (i = 0; i < sim->ends * sim->ends; i++)
		if (sim->links[i].first != NULL)
			consider(sim, SIM_DELIVERY, i, i % sim->ends,
				 link_due(&sim->links[i]), &wait);
	for (i = 0; i < sim->answer_count; i++)
		consider(sim, SIM_ANSWER, i, sim->answers[i].executor,
			 sim->answers[i].due, &wait);
	if (sim->processes != NULL)
		process_gather(sim, &wait);
	return wait;
}

/* Something that an executor is called for. */
struct work {
	enum sim_choice_kind kind;
	struct sim_batch *batch;
	struct sim_answer answer;
};

static void give_notice(struct sim_node *node, struct sim_batch *batch)
{
	struct sim *sim = node->sim;

	if (batch->notice.kind == SIM_CHARGE) {
		executor_charge(node->x, batch->notice.root, batch->notice.task,
				"a worker died of it");
		node_release(sim, batch);
		return;
	}
	executor_lost(node->x, batch->notice.worker);
	node_push(sim, node->number,
		  sim->plan->executor_count +
			  sim->plan->worker_of[node->number],
		  batch);
}

static void give_answer(struct sim_node *node, const struct sim_answer *answer)
{
	if (answer->kind == SIM_READY)
		executor_ready(node->x, answer->task, answer->fd,
			       answer->revents != 0 ? answer->revents
						    : answer->events);
	else if (answer->kind == SIM_WOKEN)
		executor_woken(node->x, answer->task);
	else if (answer->kind == SIM_COMMITTED)
		vault_answer(node, answer);
	else
		executor_stored(node->x, answer->token, answer->result);
}

static void do_work(struct sim_node *node, const struct work *work)
{
	node->next = 0;
	if (work->kind == SIM_TURN)
		node->next = executor_step(node->x);
	else if (work->kind == SIM_ANSWER)
		give_answer(node, &work->answer);
	else if (work->batch->notice.kind != SIM_BATCH)
		give_notice(node, work->batch);
	else
		executor_receive(node->x, work->batch + 1, work->batch->sent);
}

static bool survives(struct sim *sim, struct sim_node *node,
		     const struct work *work)
{
	if (setjmp(sim->death) != 0)
		return false;
	do_work(node, work);
	return true;
}

/* Calls an executor; its worker may die of it. */
static void call(struct sim *sim, struct sim_node *node,
		 const struct work *work)
{
	bool survived;

	node_begin(node);
	sim->called = node;
	survived = survives(sim, node, work);
	sim->called = NULL;
	node_end(node);
	if (!survived)
		process_die(sim, sim->plan->worker_of[node->number]);
}

_Noreturn void sim_die(struct sim *sim)
{
	assert(sim->called != NULL && sim->processes != NULL);
	executing_crash(executor_executing(sim->called->x),
			executor_innermost(sim->called->x));
	longjmp(sim->death, 1);
}

static void take_turn(struct sim *sim, struct sim_node *node)
{
	struct work work = { .kind = SIM_TURN };

	if (node->busy_until > sim->now ||
	    process_from(sim, node->number) > sim->now)
		return;
	call(sim, node, &work);
	if (node->next != 0)
		node_trace(sim, "executor %u rests until %lld", node->number,
			   (long long)node->next);
}

static void deliver(struct sim *sim, uint32_t number)
{
	struct sim_link *link = &sim->links[number];
	struct work work = { .kind = SIM_DELIVERY, .batch = link->first };
	uint32_t to = number % sim->ends;

	link->first = work.batch->next;
	work.batch->next = NULL;
	if (to >= sim->plan->executor_count) {
		process_deliver(sim, to - sim->plan->executor_count,
				number / sim->ends, work.batch);
		return;
	}
	node_trace(sim, "executor %u receives %zu bytes", to, work.batch->sent);
	call(sim, &sim->nodes[to], &work);
}

static void answer(struct sim *sim, uint32_t number)
{
	struct work work = { .kind = SIM_ANSWER,
			     .answer = sim->answers[number] };

	if (work.answer.kind == SIM_READY && sim->config.quiet_ms > 0)
		sim->answers[number].due = UINT64_MAX; /* until looked at */
	else if (work.answer.kind == SIM_READY)
		sim->answers[number].due =
			node_soon(sim, sim->config.event_ns) + 1;
	else
		sim->answers[number] = sim->answers[--sim->answer_count];
	call(sim, &sim->nodes[work.answer.executor], &work);
}

static bool all_done(const struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->plan->executor_count; i++)
		if (sim->nodes[i].x != NULL && !executor_done(sim->nodes[i].x))
			return false;
	for (i = 0; i < sim->ends * sim->ends; i++)
		if (sim->links[i].first != NULL)
			return false;
	return sim->aborted || sim->processes == NULL || process_settled(sim);
}

static void happen(struct sim *sim, struct sim_choice choice)
{
	/* The slow one mostly gives way when there is another choice. */
	if (choice.kind == SIM_TURN && sim->choice_count > 1 &&
	    choice.index + 1 == sim->config.slow_executor &&
	    random_below(&sim->random, 16) > 0)
		return;
	if (choice.kind == SIM_TURN)
		take_turn(sim, &sim->nodes[choice.index]);
	else if (choice.kind == SIM_DELIVERY)
		deliver(sim, choice.index);
	else if (choice.kind == SIM_ANSWER)
		answer(sim, choice.index);
	else
		process_happen(sim, choice.index);
}

/* The same; the world may have something to say before time passes. */
static uint64_t gather_real(struct sim *sim, uint64_t until)
{
	uint64_t wait;
	int quiet = 0;

	if (reality_watches(sim))
		reality_look(sim, 0);
	wait = gather(sim);
	if (sim->choice_count > 0)
		return wait;
	if (reality_watches(sim) || reality_has_threads() ||
	    (wait == UINT64_MAX && until == UINT64_MAX))
		quiet = reality_patience(sim, wait < until ? wait : until);
	return reality_look(sim, quiet) ? gather(sim) : wait;
}

/* Leaps to what comes next; false: nothing comes by `until`. What comes may be
 * the loss of a frame, which is nothing. */
static bool leap(struct sim *sim, uint64_t *wait, uint64_t until)
{
	do {
		if (*wait == UINT64_MAX || *wait > until)
			return false;
		sim->now = *wait;
		*wait = gather(sim);
	} while (sim->choice_count == 0);
	return true;
}

/* One event that is due by `until`, if there is one; says so in `*came`. */
static enum sim_state step(struct sim *sim, uint64_t until, bool *came)
{
	uint32_t count = sim->plan->executor_count;
	uint64_t wait;

	*came = false;
	if (all_done(sim))
		return SIM_DONE;
	sim->usage.events++;
	if (node_chance(sim, sim->config.spurious))
		take_turn(sim, &sim->nodes[random_below(&sim->random, count)]);
	wait = sim->config.quiet_ms > 0 ? gather_real(sim, until) : gather(sim);
	if (wait != UINT64_MAX && node_chance(sim, sim->config.leap_chance)) {
		sim->now = wait;
		wait = gather(sim);
	}
	if (sim->choice_count == 0 && !leap(sim, &wait, until))
		return wait == UINT64_MAX ? SIM_STANDSTILL : SIM_RUNNING;
	*came = true;
	happen(sim,
	       sim->choices[random_below(&sim->random, sim->choice_count)]);
	if (!sim->stopped && sim_failure(sim) != NULL)
		sim_stop(sim);
	return SIM_RUNNING;
}

enum sim_state sim_step(struct sim *sim)
{
	bool came;

	return step(sim, UINT64_MAX, &came);
}

enum sim_state sim_run(struct sim *sim, uint64_t until, uint64_t *events)
{
	enum sim_state state = SIM_RUNNING;
	bool came = true;

	while (came && *events > 0) {
		(*events)--;
		state = step(sim, until, &came);
	}
	if (!came && state != SIM_DONE && until != UINT64_MAX) {
		sim->now = until > sim->now ? until : sim->now;
		state = SIM_RUNNING;
	}
	return state;
}

void sim_stop(struct sim *sim)
{
	uint32_t i;

	node_trace(sim, "stop");
	sim->stopped = true;
	for (i = 0; i < sim->plan->executor_count; i++) {
		if (sim->nodes[i].x == NULL)
			continue;
		node_begin(&sim->nodes[i]);
		executor_stop(sim->nodes[i].x);
		node_end(&sim->nodes[i]);
		sim->nodes[i].next = 0;
	}
}

void sim_abort(struct sim *sim)
{
	uint32_t i;

	node_trace(sim, "abort");
	sim->stopped = true;
	sim->aborted = true;
	for (i = 0; i < sim->plan->executor_count; i++) {
		if (sim->nodes[i].x == NULL)
			continue;
		node_begin(&sim->nodes[i]);
		executor_abort(sim->nodes[i].x);
		node_end(&sim->nodes[i]);
		sim->nodes[i].next = 0;
	}
}

size_t sim_destroy(struct sim *sim)
{
	uint32_t i, count;
	size_t left;

	if (sim == NULL)
		return 0;
	count = sim->plan->executor_count;
	for (i = 0; sim->nodes != NULL && i < count; i++)
		if (sim->nodes[i].opened)
			executor_close(sim->nodes[i].x);
	for (i = 0; sim->nodes != NULL && i < count; i++)
		executor_destroy(sim->nodes[i].x);
	vault_fini(sim);
	for (i = 0; sim->links != NULL && i < sim->ends * sim->ends; i++) {
		while (sim->links[i].first != NULL) {
			struct sim_batch *batch = sim->links[i].first;

			sim->links[i].first = batch->next;
			node_release(sim, batch);
		}
	}
	process_fini(sim);
	left = sim->usage.batches_alive + sim->usage.spilled;
	free(sim->nodes);
	free(sim->links);
	free(sim->pulses);
	free(sim->answers);
	free(sim->choices);
	reality_fini(&sim->reality);
	free(sim);
	return left;
}

size_t sim_crash(struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->plan->executor_count; i++)
		sim->nodes[i].opened = false;
	return sim_destroy(sim);
}

const struct gust_error *sim_failure(const struct sim *sim)
{
	const struct gust_error *failure = NULL;
	uint32_t i;

	for (i = 0; failure == NULL && i < sim->plan->executor_count; i++)
		if (sim->nodes[i].x != NULL)
			failure = executor_failure(sim->nodes[i].x);
	return failure;
}

uint64_t sim_now(const struct sim *sim)
{
	return sim->now + sim->ahead;
}

void sim_spend(struct sim *sim, uint64_t ns)
{
	sim->ahead += ns;
}

const struct executor *sim_executor(const struct sim *sim, uint32_t number)
{
	assert(number < sim->plan->executor_count);
	return sim->nodes[number].x;
}

const struct task_counters *sim_counters(const struct sim *sim, uint32_t task)
{
	const struct executor *x;

	assert(task < sim->plan->task_count);
	x = sim->nodes[sim->plan->tasks[task].executor].x;
	return x == NULL ? &sim->shared.counters[task]
			 : executor_counters(x, task);
}

bool sim_stuck(const struct sim *sim)
{
	uint32_t i;

	for (i = 0; i < sim->plan->executor_count; i++)
		if (sim->pulses[i].stuck == PULSE_FULL)
			return true;
	return false;
}

const struct sim_usage *sim_usage(const struct sim *sim)
{
	return &sim->usage;
}
