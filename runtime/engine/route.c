/* SPDX-License-Identifier: MIT */

#include "engine/route.h"
#include "engine/count.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/ack.h"
#include "engine/credit.h"
#include "engine/deliver.h"
#include "engine/identity.h"
#include "engine/outlet.h"
#include "engine/volley.h"

/* What is told of a wait is as old as a heartbeat may be, so that a shorter
 * one says nothing. */
#define ROUTE_WAIT_NS 200000000u

/* Whether more of what was sent from here is under way to a task than to
 * another one, beyond what it works off while one looks. */
static bool route_owes(const struct executor *x, const struct route *route,
		       uint32_t place, uint32_t other)
{
	const struct backlog *backlog = &x->backlog[route->first + place];

	return backlog->bytes > x->backlog[route->first + other].bytes +
					backlog_slack(backlog, x->now);
}

/* How long what others have sent to it, too, has waited for a task. */
static uint64_t route_wait(const struct executor *x, const struct route *route,
			   uint32_t place)
{
	if (x->waits == NULL)
		return 0;
	return count_get(&x->waits[route->first + place]);
}

/*
 * Whether a task has fallen so far behind another that it is passed over: by
 * what was sent from here, which is exact, or by what is told of its queue.
 * Such news are old, so that they cannot send more than that to the other one.
 */
static bool route_lags(const struct executor *x, const struct route *route,
		       uint32_t place, uint32_t other)
{
	if (route_owes(x, route, place, other))
		return true;
	return route_wait(x, route, place) >
		       route_wait(x, route, other) + ROUTE_WAIT_NS &&
	       !route_owes(x, route, other, place);
}

static bool route_is_shuffle(enum plan_grouping grouping)
{
	return grouping == PLAN_SHUFFLE || grouping == PLAN_NONE ||
	       grouping == PLAN_LOCAL_OR_SHUFFLE;
}

/* How near a task is: a circle, or NEARBY_CIRCLES for elsewhere. */
static uint32_t route_circle(const struct executor *x, uint32_t task)
{
	const struct plan *plan = x->plan;
	uint32_t there = plan->worker_of[plan->tasks[task].executor];
	uint32_t here = plan->worker_of[x->number];

	if (x->by_number[task] != NULL)
		return NEARBY_EXECUTOR;
	if (there == here)
		return NEARBY_WORKER;
	if (plan->workers[there].host == plan->workers[here].host)
		return NEARBY_HOST;
	return NEARBY_CIRCLES;
}

static int route_init_nearby(struct executor *x, struct route *route)
{
	uint32_t counts[NEARBY_CIRCLES + 1] = { 0 };
	struct nearby *nearby;

	if (route->edge->grouping != PLAN_LOCAL_OR_SHUFFLE)
		return 0;
	nearby = calloc(NEARBY_CIRCLES, sizeof(*nearby));
	route->nearby = nearby;
	if (nearby == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < route->count; i++)
		counts[route_circle(x, route->first + i)]++;
	for (uint32_t c = 0, sum = 0; c < NEARBY_CIRCLES; c++) {
		sum += counts[c];
		if (counts[c] == 0 || (c > 0 && sum == route->count))
			continue;
		nearby[c].places = calloc(counts[c], sizeof(uint32_t));
		if (nearby[c].places == NULL)
			return -ENOMEM;
		for (uint32_t i = 0; i < route->count; i++)
			if (route_circle(x, route->first + i) == c)
				nearby[c].places[nearby[c].count++] = i;
	}
	return 0;
}

/* A feedback edge has a queue of its own, and nobody is called past it. */
static int route_init_called(struct executor *x, struct route *route)
{
	route->called = calloc(route->count, sizeof(struct gust_task *));
	if (route->called == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < route->count && !route->edge->feedback; i++)
		route->called[i] = x->by_number[route->first + i];
	return 0;
}

static int route_init_one(struct executor *x, struct gust_task *task,
			  struct route *route, uint32_t edge)
{
	const struct plan_component *to;

	route->edge = &x->plan->edges[edge];
	route->grouping = (uint32_t)route->edge->grouping;
	route->keys = route->edge->keys;
	route->key_count = route->edge->key_count;
	if (route->key_count == 1)
		route->key_cell = (uint32_t)record_cell_at(route->keys[0]);
	to = &x->plan->components[route->edge->to];
	route->first = to->first_task;
	route->count = to->task_count;
	/* One task is all there is to choose from. */
	if (route->count == 1 && (route_is_shuffle(route->edge->grouping) ||
				  route->edge->grouping == PLAN_ALL))
		route->grouping = PLAN_GLOBAL;
	/* Spread the first tuples of several senders. */
	route->turn = task->index % route->count;
	route->line = route->edge->to;
#ifdef GUST_MUTATE_RANK /* for tests/sim, which must notice */
	route->line = 0;
#endif
	if (route->edge->feedback)
		route->line = credit_feedback_line(x, edge);
	if (route->edge->grouping == PLAN_PARTIAL_KEY) {
		route->sent = calloc(route->count, sizeof(*route->sent));
		if (route->sent == NULL)
			return -ENOMEM;
	}
	if (route_init_called(x, route) != 0)
		return -ENOMEM;
	return route_init_nearby(x, route);
}

static void route_need(struct gust_task *task, const struct route *route)
{
	bool any = route_is_shuffle(route->edge->grouping);

	if (route->edge->feedback)
		return;
	for (uint32_t i = 0; i < task->need_count; i++) {
		if (task->needs[i].line != route->line)
			continue;
		task->needs[i].any = task->needs[i].any && any;
		return;
	}
	task->needs[task->need_count++] =
		(struct need){ .line = route->line, .any = any };
}

/* Whether it leads to a few tasks, of which some are elsewhere. Feedback may be
 * full, which is looked at for each tuple. */
static bool route_spreads(const struct route *route)
{
	bool elsewhere = false;

	if (route->edge->feedback)
		return false;

	for (uint32_t i = 0; i < route->count; i++)
		elsewhere |= route->called[i] == NULL;
	return elsewhere && route->count <= VOLLEY_PLACES;
}

static int route_init_output(struct executor *x, struct gust_task *task,
			     struct output *output, uint32_t stream)
{
	const struct plan_stream *s = &x->plan->streams[stream];

	output->header.stream = (uint16_t)stream;
	output->header.fields = s->column_count;
	output->header.task = task->number;
	output->header.time = GUST_NO_TIME;
	output->timestamp = GUST_ABSENT;
	output->columns = s->columns;
	output->routes = calloc(s->edge_count + 1, sizeof(*output->routes));
	if (output->routes == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->edge_count; i++) {
		struct route *route = &output->routes[output->route_count++];

		if (route_init_one(x, task, route, s->edges[i]) != 0)
			return -ENOMEM;
		output->direct |= route->edge->grouping == PLAN_DIRECT;
		route_need(task, route);
	}
	output->hashed = output->route_count == 1 &&
			 output->routes->grouping == PLAN_FIELDS &&
			 output->routes->key_cell != 0;
	output->spread = output->hashed && route_spreads(output->routes);
	output->plain_count =
		output->direct || x->dedupe ? SIZE_MAX : s->column_count;
	output->identity = identity_stream(task, s->name);
	output->alike = UINT32_MAX;
	return 0;
}

int route_init(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	uint32_t edges = 0;

	task->volley.stream = VOLLEY_NONE;
	task->outputs = calloc(c->stream_count + 1, sizeof(*task->outputs));
	for (uint32_t i = 0; i < c->stream_count; i++)
		edges += x->plan->streams[c->first_stream + i].edge_count;
	task->needs = calloc(edges + 1, sizeof(*task->needs));
	if (task->outputs == NULL || task->needs == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->stream_count; i++) {
		task->output_count++;
		if (route_init_output(x, task, &task->outputs[i],
				      c->first_stream + i) != 0)
			return -ENOMEM;
	}
	return 0;
}

static void route_fini_nearby(struct route *route)
{
	for (uint32_t c = 0; route->nearby != NULL && c < NEARBY_CIRCLES; c++)
		free(route->nearby[c].places);
	free(route->nearby);
}

void route_fini(struct gust_task *task)
{
	for (uint32_t i = 0; i < task->output_count; i++) {
		struct output *output = &task->outputs[i];

		for (uint32_t j = 0; j < output->route_count; j++) {
			free(output->routes[j].called);
			route_fini_nearby(&output->routes[j]);
			free(output->routes[j].sent);
		}
		free(output->routes);
	}
	free(task->outputs);
	free(task->needs);
}

void route_queue(struct executor *x, struct gust_task *from,
		 const struct route *route, uint32_t place,
		 struct gust_tuple *tuple, struct lineage *lineage)
{
	uint32_t number = route->first + place;

	if (route->edge->feedback &&
	    credit_full(x, route->line, x->plan->tasks[number].executor)) {
		lineage_fail(x, lineage, from->number, FAILURE_RETRY,
			     "feedback full");
		return;
	}
	if (outlet_tuple(x, number, route->line, tuple, lineage) != 0)
		lineage_fail(x, lineage, from->number, FAILURE_RETRY,
			     "out of memory");
}

static bool route_lacks(const struct executor *x, const struct route *route,
			uint32_t place)
{
	return credit_full(x, route->line,
			   x->plan->tasks[route->first + place].executor);
}

/* Whether so much waits for a task that it may be passed over at all. */
static bool route_waits(const struct executor *x, const struct route *route,
			uint32_t place)
{
	return x->backlog[route->first + place].bytes > BACKLOG_SLACK_MIN ||
	       route_wait(x, route, place) > ROUTE_WAIT_NS;
}

/*
 * Nobody has room: to the executor with the least under way. Taking turns here
 * would let a slow one gather its share of what every call goes beyond.
 */
static uint32_t route_least(const struct executor *x, const struct route *route)
{
	const uint64_t *under_way = x->lines[route->line].outstanding;
	const struct plan_task *tasks = x->plan->tasks + route->first;
	uint32_t least = route->turn, place = route->turn;

	for (uint32_t i = 1; i < route->count; i++) {
		place = place + 1 == route->count ? 0 : place + 1;
		if (under_way[tasks[place].executor] <
		    under_way[tasks[least].executor])
			least = place;
	}
	return least;
}

/*
 * Even, but of two candidates in a row the second if the first one has fallen
 * behind; those without room only if nobody has any.
 */
static uint32_t route_shuffle(const struct executor *x, struct route *route)
{
	uint32_t n = route->count, tried = 0, first, second;

	if (n == 1)
		return 0;
	first = route->turn;
	/* The commonest case: it neither lacks room nor has fallen behind. */
	if (x->lacking == 0 && !route_waits(x, route, first)) {
		route->turn = first + 1 == n ? 0 : first + 1;
		return first;
	}
	for (; tried < n && route_lacks(x, route, first); tried++)
		first = first + 1 == n ? 0 : first + 1;
	if (tried == n)
		first = route_least(x, route);
	second = first + 1 == n ? 0 : first + 1;
	route->turn = second;
	if (route_lags(x, route, first, second) &&
	    !route_lacks(x, route, second)) {
		route->turn = second + 1 == n ? 0 : second + 1;
		return second;
	}
	return first;
}

/* The one of the two that should get a tuple; `near` if it is all the same. */
static uint32_t route_better(const struct executor *x,
			     const struct route *route, uint32_t near,
			     uint32_t other)
{
	/* Those who run because another executor has room must use it. */
	if (route_lacks(x, route, near) && !route_lacks(x, route, other))
		return other;
	return route_lags(x, route, near, other) ? other : near;
}

static uint32_t route_turn(struct nearby *nearby)
{
	uint32_t place = nearby->places[nearby->turn];

	if (++nearby->turn == nearby->count)
		nearby->turn = 0;
	return place;
}

/* The nearest one, unless it has fallen behind one that is further away. */
static uint32_t route_local(const struct executor *x, struct route *route)
{
	uint32_t chosen = UINT32_MAX;
	uint32_t place;

	for (uint32_t c = 0; c < NEARBY_CIRCLES; c++) {
		if (route->nearby[c].count == 0)
			continue;
		place = route_turn(&route->nearby[c]);
		chosen = chosen == UINT32_MAX
				 ? place
				 : route_better(x, route, chosen, place);
		if (!route_waits(x, route, chosen))
			return chosen;
	}
	place = route_shuffle(x, route);
	return chosen == UINT32_MAX ? place
				    : route_better(x, route, chosen, place);
}

/*
 * Two candidates by two hashes, the one that got less (Nasir et al., "The
 * Power of Both Choices", ICDE 2015).
 */
static __attribute__((noinline)) uint32_t
route_partial(struct route *route, struct gust_tuple *tuple)
{
	uint64_t hash = route_hash(route, tuple);
	uint32_t a = hash_pick(hash, route->count);
	uint32_t b = hash_pick(hash * 0x9e3779b97f4a7c15u, route->count);
	uint32_t chosen = route->sent[b] < route->sent[a] ? b : a;

	tuple->hash = hash;
	route->sent[chosen]++;
	return chosen;
}

uint32_t route_choose(struct executor *x, struct route *route,
		      struct gust_tuple *tuple, int32_t direct)
{
	switch ((enum plan_grouping)route->grouping) {
	case PLAN_SHUFFLE:
	case PLAN_NONE:
		return route_shuffle(x, route);
	case PLAN_LOCAL_OR_SHUFFLE:
		return route_local(x, route);
	case PLAN_PARTIAL_KEY:
		return route_partial(route, tuple);
	case PLAN_ALL:
		return ROUTE_ALL;
	case PLAN_DIRECT:
		/* Other numbers were refused by the emit. */
		assert(direct >= 0 && (uint32_t)direct < route->count);
		return (uint32_t)direct;
	case PLAN_GLOBAL: /* deliver_choose() itself */
	case PLAN_FIELDS:
		break;
	}
	assert(!"a grouping without a choice");
	return 0;
}

void route_all(struct executor *x, struct gust_task *from,
	       const struct route *route, struct gust_tuple *tuple,
	       struct lineage *lineage)
{
	for (uint32_t i = 0; i < route->count; i++)
		deliver_to(x, from, route, i, tuple, lineage);
}

void route_deliver(struct executor *x, struct gust_task *task,
		   struct output *output, struct gust_tuple *tuple,
		   struct lineage *lineage, int32_t direct)
{
	for (uint32_t i = 0; i < output->route_count; i++)
		deliver_along(x, task, &output->routes[i], tuple, lineage,
			      direct);
}
