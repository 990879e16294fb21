/* SPDX-License-Identifier: MIT */

#include "sim/process.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/message.h"
#include "engine/charges.h"
#include "sim/wire.h"

#define PROCESS_BEAT_NS 100000000u
#define PROCESS_FRAMES_MAX 16u
#define PROCESS_PLACES 4096u

/* What can happen, in the upper bits of a choice's index. */
enum process_kind {
	PROCESS_TICK,
	PROCESS_FRAME,
	PROCESS_NEWS,
	PROCESS_RESTART,
	PROCESS_DEATH
};

#define PROCESS_SHIFT 24

static void process_set_limits(struct sim *sim)
{
	struct sim_processes *ps = sim->processes;
	const struct plan *plan = sim->plan;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		ps->columns[i] = plan->streams[i].column_count;
	ps->limits = (struct batch_limits){
		.executors = plan->executor_count,
		.tasks = plan->task_count,
		.streams = plan->stream_count,
		.lines = plan->component_count + plan->edge_count,
		.columns = ps->columns,
	};
}

/* What outlives workers. */
static int process_share(struct sim *sim)
{
	struct executor_shared *shared = &sim->shared;
	uint32_t executors = sim->plan->executor_count;
	uint32_t tasks = sim->plan->task_count;

	shared->counters = calloc(tasks, sizeof(*shared->counters));
	shared->executing = calloc(executors, sizeof(*shared->executing));
	shared->places = calloc((size_t)executors * PROCESS_PLACES,
				sizeof(*shared->places));
	shared->place_count = PROCESS_PLACES;
	shared->waits = calloc(tasks, sizeof(*shared->waits));
	if (shared->counters == NULL || shared->executing == NULL ||
	    shared->places == NULL || shared->waits == NULL)
		return -ENOMEM;
	return 0;
}

int process_init(struct sim *sim)
{
	uint32_t count = sim->plan->worker_count;
	struct sim_processes *ps;

	if (count < 2)
		return 0;
	if (process_share(sim) < 0)
		return -ENOMEM;
	ps = calloc(1, sizeof(*ps));
	if (ps == NULL)
		return -ENOMEM;
	sim->processes = ps;
	ps->count = count;
	ps->list = calloc(count, sizeof(*ps->list));
	ps->peers = calloc((size_t)count * count, sizeof(*ps->peers));
	ps->waits = calloc((size_t)sim->plan->executor_count * count,
			   sizeof(*ps->waits));
	ps->columns = calloc(sim->plan->stream_count + 1, sizeof(uint16_t));
	ps->charges = charges_create();
	if (ps->list == NULL || ps->peers == NULL || ps->waits == NULL ||
	    ps->columns == NULL || ps->charges == NULL ||
	    wire_create(&ps->wire) < 0)
		return -ENOMEM;
	process_set_limits(sim);
	for (uint32_t i = 0; i < count * count; i++)
		ps->peers[i] = (struct sim_peer){ .sim = sim,
						  .worker = i / count,
						  .peer = i % count };
	ps->deaths_left = sim->config.deaths;
	ps->cuts_left = sim->config.cuts;
	ps->death_at = node_soon(sim, sim->config.death_ns);
	return 0;
}

void process_fini(struct sim *sim)
{
	struct sim_processes *ps = sim->processes;

	free(sim->shared.counters);
	free(sim->shared.executing);
	free(sim->shared.places);
	free(sim->shared.waits);
	if (ps == NULL)
		return;
	for (uint32_t i = 0; ps->peers != NULL && i < ps->count * ps->count;
	     i++)
		link_destroy(ps->peers[i].link);
	wire_destroy(ps->wire);
	free(ps->list);
	free(ps->peers);
	free(ps->waits);
	free(ps->columns);
	free(ps->news);
	charges_destroy(ps->charges);
	free(ps);
}

/* To each executor of the worker that may have a use for it. */
static void process_tell(struct sim *sim, uint32_t worker,
			 const struct sim_notice *notice)
{
	const struct plan_worker *w = &sim->plan->workers[worker];

	for (uint32_t i = 0; i < w->executor_count; i++) {
		uint32_t executor = w->first_executor + i;
		struct sim_batch *batch;

		if (notice->kind == SIM_CHARGE &&
		    sim->plan->tasks[notice->root >> 48].executor != executor)
			continue;
		batch = node_batch(sim, 1);
		assert(batch != NULL);
		batch->notice = *notice;
		node_push(sim, process_end(sim, worker), executor, batch);
		if (notice->kind == SIM_LOST)
			(*process_waits(sim, executor, notice->worker))++;
	}
}

struct sim_news *process_news(struct sim *sim, uint32_t to, uint32_t worker,
			      uint64_t incarnation)
{
	struct sim_processes *ps = sim->processes;
	struct sim_news *news;

	if (ps->news_count == ps->news_room) {
		ps->news_room = ps->news_room * 2 + 16;
		ps->news = realloc(ps->news, ps->news_room * sizeof(*news));
		assert(ps->news != NULL);
	}
	news = &ps->news[ps->news_count++];
	*news = (struct sim_news){ .to = to,
				   .worker = worker,
				   .incarnation = incarnation };
	news->due = node_soon(sim, sim->config.restart_ns);
	return news;
}

/* A death that one has declared is one for all. */
static void process_spread(struct sim *sim, uint32_t except, uint32_t worker,
			   uint64_t incarnation)
{
	for (uint32_t i = 0; i < sim->processes->count; i++)
		if (i != except && i != worker)
			process_news(sim, i, worker, incarnation);
}

static void process_event(void *self, enum link_event event,
			  uint64_t incarnation, const char *text)
{
	struct sim_peer *peer = self;
	struct sim *sim = peer->sim;
	struct sim_process *p = &sim->processes->list[peer->worker];

	node_trace(sim, "worker %u: link to %u: event %d of %llx %s",
		   peer->worker, peer->peer, event,
		   (unsigned long long)incarnation, text);
	assert(event != LINK_REFUSED);
	if (event == LINK_FENCED)
		p->fenced = true;
	if (event != LINK_LOST)
		return;
	process_tell(
		sim, peer->worker,
		&(struct sim_notice){ .kind = SIM_LOST, .worker = peer->peer });
	if (sim->config.failure_ns > 0)
		process_spread(sim, peer->worker, peer->peer, incarnation);
}

static void process_take(void *self, const void *data, size_t size)
{
	struct sim_peer *peer = self;
	struct sim *sim = peer->sim;
	const struct batch *batch = data;
	struct gust_error error = { 0 };
	struct sim_batch *copy;
	int r = batch_check(data, size, &sim->processes->limits, &error);

	assert(r == 0);
	assert(sim->plan->worker_of[batch->from] == peer->peer);
	assert(sim->plan->worker_of[batch->to] == peer->worker);
	copy = node_batch(sim, size);
	assert(copy != NULL);
	memcpy(copy + 1, data, size);
	copy->sent = size;
	sim->usage.bytes_sent_alive += size;
	node_push(sim, process_end(sim, peer->worker), batch->to, copy);
}

static int process_connect(struct sim *sim, uint32_t worker)
{
	const struct sim_process *p = &sim->processes->list[worker];
	struct link_host host = { .transmit = wire_transmit,
				  .deliver = process_take,
				  .event = process_event };
	struct link_config config = {
		.self = { .topology = sim->plan->name,
			  .plan_hash = 1,
			  .worker = worker,
			  .incarnation = p->incarnation },
		.beat_ns = PROCESS_BEAT_NS,
		.failure_ns = sim->config.failure_ns,
	};

	for (uint32_t i = 0; i < sim->processes->count; i++) {
		struct sim_peer *peer = process_peer(sim, worker, i);

		if (i == worker)
			continue;
		config.peer = i;
		host.self = peer;
		peer->due = sim->now;
		peer->blocked = 0;
		if (link_create(&config, &host, sim->now, &peer->link) < 0)
			return -ENOMEM;
	}
	return 0;
}

int process_start(struct sim *sim, uint32_t worker, struct gust_error *error)
{
	const struct plan_worker *w = &sim->plan->workers[worker];
	struct sim_process *p = &sim->processes->list[worker];
	uint64_t bits = random_next(&sim->random) >> 32;
	int r;

	p->incarnation = ++p->lives << 32 | bits;
	p->fenced = false;
	p->paused_until = 0;
	node_trace(sim, "worker %u starts as %llx", worker,
		   (unsigned long long)p->incarnation);
	r = process_connect(sim, worker);
	if (r < 0)
		return gust_error_set(error, r, "out of memory");
	p->alive = true;
	return node_create(sim, w->first_executor, w->executor_count, error);
}

uint64_t process_from(const struct sim *sim, uint32_t end)
{
	const struct sim_process *p;
	uint32_t worker;

	if (sim->processes == NULL)
		return 0;
	worker = end < sim->plan->executor_count
			 ? sim->plan->worker_of[end]
			 : end - sim->plan->executor_count;
	p = &sim->processes->list[worker];
	return p->alive ? p->paused_until : UINT64_MAX;
}

static void process_offer(struct sim *sim, enum process_kind kind,
			  uint32_t index, uint32_t worker, uint64_t due,
			  uint64_t *wait)
{
	uint64_t from = 0;

	if (worker != UINT32_MAX)
		from = process_from(sim, process_end(sim, worker));
	if (from == UINT64_MAX)
		return;
	node_offer(sim, SIM_PROCESS, (uint32_t)kind << PROCESS_SHIFT | index,
		   due > from ? due : from, wait);
}

/* The next one of each way. Nobody takes what comes to a worker that is dead,
 * so it is gone at once. */
static void process_offer_frames(struct sim *sim, uint64_t *wait)
{
	const struct sim_processes *ps = sim->processes;

	for (uint32_t i = 0; i < ps->count * ps->count; i++)
		ps->peers[i].offered = false;
	for (uint32_t i = 0; i < wire_count(ps->wire); i++) {
		struct sim_peer *from = wire_from(ps->wire, i);
		uint32_t to = from->peer;

		if (from->offered)
			continue;
		from->offered = true;
		if (process_from(sim, process_end(sim, to)) == UINT64_MAX)
			to = UINT32_MAX;
		process_offer(sim, PROCESS_FRAME, i, to, 0, wait);
	}
}

void process_gather(struct sim *sim, uint64_t *wait)
{
	const struct sim_processes *ps = sim->processes;
	uint64_t next = wire_land(ps->wire, sim->now);

	if (next < *wait)
		*wait = next;
	for (uint32_t i = 0; i < ps->count * ps->count; i++)
		if (ps->peers[i].link != NULL)
			process_offer(sim, PROCESS_TICK, i, ps->peers[i].worker,
				      ps->peers[i].due, wait);
	process_offer_frames(sim, wait);
	for (uint32_t i = 0; i < ps->news_count; i++)
		process_offer(sim, PROCESS_NEWS, i, UINT32_MAX, ps->news[i].due,
			      wait);
	for (uint32_t i = 0; i < ps->count; i++)
		if (!ps->list[i].alive && !sim->aborted)
			process_offer(sim, PROCESS_RESTART, i, UINT32_MAX,
				      ps->list[i].restart_at, wait);
	if (ps->deaths_left > 0)
		process_offer(sim, PROCESS_DEATH, 0, UINT32_MAX, ps->death_at,
			      wait);
}

static void process_tick(struct sim *sim, struct sim_peer *peer)
{
	if (peer->blocked > 0 && peer->blocked <= sim->now) {
		peer->blocked = 0;
		link_ready(peer->link, sim->now);
	}
	peer->due = link_tick(peer->link, sim->now);
	if (peer->blocked > 0 && peer->due > peer->blocked)
		peer->due = peer->blocked;
}

static void process_frame(struct sim *sim, uint32_t index)
{
	struct frame *frame = wire_take(sim->processes->wire, index);
	struct gust_error error = { 0 };
	struct sim_peer *peer = process_peer(sim, frame->to, frame->from);
	int r = frame_check(frame, sizeof(*frame) + frame->size, &error);

	assert(r == 0);
	/* Nobody listens while the worker is dead. */
	if (peer->link != NULL) {
		link_receive(peer->link, frame, frame + 1, sim->now);
		peer->due = sim->now;
	}
	free(frame);
}

/* Some of those that have come the same way, as a post takes them. */
static void process_frames(struct sim *sim, uint32_t index)
{
	struct sim_wire *wire = sim->processes->wire;
	const struct sim_peer *from = wire_from(wire, index);
	uint32_t left = 1 + random_below(&sim->random, PROCESS_FRAMES_MAX);

	while (left > 0 && index < wire_count(wire)) {
		if (wire_from(wire, index) != from) {
			index++;
			continue;
		}
		process_frame(sim, index);
		left--;
	}
}

static void process_learn(struct sim *sim, uint32_t index)
{
	struct sim_processes *ps = sim->processes;
	struct sim_news news = ps->news[index];
	struct sim_peer *peer = process_peer(sim, news.to, news.worker);

	if (peer->link != NULL && ps->list[news.to].paused_until > sim->now) {
		ps->news[index].due = ps->list[news.to].paused_until;
		return;
	}
	ps->news[index] = ps->news[--ps->news_count];
	if (peer->link == NULL)
		return;
	for (uint32_t i = 0; i < news.count; i++)
		process_tell(sim, news.to, &news.charges[i]);
	link_lose(peer->link, news.incarnation, "it died", sim->now);
	peer->due = sim->now;
}

/* One that is drawn dies, or stands still until all others think so. */
static void process_strike(struct sim *sim)
{
	struct sim_processes *ps = sim->processes;
	uint32_t worker = random_below(&sim->random, ps->count);
	struct sim_process *p = &ps->list[worker];

	ps->death_at = node_soon(sim, sim->config.death_ns);
	if (!p->alive || p->paused_until > sim->now)
		return;
	ps->deaths_left--;
	if (!node_chance(sim, sim->config.zombies)) {
		process_die(sim, worker);
		return;
	}
	node_trace(sim, "worker %u stands still", worker);
	p->paused_until = node_soon(sim, sim->config.restart_ns) + 1;
	process_spread(sim, worker, worker, p->incarnation);
}

static void process_restart(struct sim *sim, uint32_t worker)
{
	const struct plan_worker *w = &sim->plan->workers[worker];
	struct gust_error error = { 0 };
	int r = process_start(sim, worker, &error);

	assert(r == 0);
	for (uint32_t i = 0; sim->stopped && i < w->executor_count; i++)
		executor_stop(sim->nodes[w->first_executor + i].x);
}

void process_happen(struct sim *sim, uint32_t index)
{
	struct sim_processes *ps = sim->processes;
	uint32_t at = index & ((1u << PROCESS_SHIFT) - 1);

	switch ((enum process_kind)(index >> PROCESS_SHIFT)) {
	case PROCESS_TICK:
		process_tick(sim, &ps->peers[at]);
		break;
	case PROCESS_FRAME:
		process_frames(sim, at);
		break;
	case PROCESS_NEWS:
		process_learn(sim, at);
		break;
	case PROCESS_RESTART:
		process_restart(sim, at);
		break;
	case PROCESS_DEATH:
		process_strike(sim);
		break;
	}
	for (uint32_t i = 0; i < ps->count; i++)
		if (ps->list[i].alive && ps->list[i].fenced)
			process_die(sim, i);
}

void process_deliver(struct sim *sim, uint32_t worker, uint32_t from,
		     struct sim_batch *batch)
{
	const struct batch *b = (const void *)(batch + 1);
	struct sim_peer *peer;
	uint32_t to;
	void *message;

	if (batch->notice.kind == SIM_LOST) {
		(*process_waits(sim, from, batch->notice.worker))--;
		node_release(sim, batch);
		return;
	}
	to = sim->plan->worker_of[b->to];
	peer = process_peer(sim, worker, to);
	/* It was meant for the one that is lost. */
	if (*process_waits(sim, from, to) == 0) {
		message = message_alloc(batch->sent);
		assert(message != NULL);
		memcpy(message, b, batch->sent);
		(void)link_send(peer->link, message, 0, batch->sent, sim->now);
		peer->due = sim->now;
	}
	node_release(sim, batch);
}

bool process_settled(const struct sim *sim)
{
	const struct sim_processes *ps = sim->processes;

	for (uint32_t i = 0; i < ps->count; i++)
		if (!ps->list[i].alive || ps->list[i].paused_until > sim->now)
			return false;
	for (uint32_t i = 0; i < ps->count * ps->count; i++)
		if (ps->peers[i].link != NULL &&
		    link_status(ps->peers[i].link)->kept_frames > 0)
			return false;
	return true;
}
