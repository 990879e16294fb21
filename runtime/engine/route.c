/* SPDX-License-Identifier: MIT */

#include "engine/route.h"
#include "engine/count.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/ack.h"
#include "engine/credit.h"
#include "engine/direct.h"
#include "engine/outlet.h"
#include "tuple/record.h"

/* Whether `task` has fallen so far behind `other` that it is passed over. */
static bool route_lags(const struct executor *x, uint32_t task, uint32_t other)
{
	const struct backlog *backlog = &x->backlog[task];

	return backlog->bytes >
	       x->backlog[other].bytes + backlog_slack(backlog, x->now);
}

static bool route_is_shuffle(enum plan_grouping grouping)
{
	return grouping == PLAN_SHUFFLE || grouping == PLAN_NONE ||
	       grouping == PLAN_LOCAL_OR_SHUFFLE;
}

static int route_init_locals(struct executor *x, struct route *route)
{
	if (route->edge->grouping != PLAN_LOCAL_OR_SHUFFLE)
		return 0;
	route->locals = calloc(route->count, sizeof(*route->locals));
	if (route->locals == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < route->count; i++)
		if (x->by_number[route->first + i] != NULL)
			route->locals[route->local_count++] = route->first + i;
	return 0;
}

static int route_init_one(struct executor *x, struct gust_task *task,
			  struct route *route, uint32_t edge)
{
	const struct plan_component *to;

	route->edge = &x->plan->edges[edge];
	to = &x->plan->components[route->edge->to];
	route->first = to->first_task;
	route->count = to->task_count;
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
	return route_init_locals(x, route);
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

static int route_init_output(struct executor *x, struct gust_task *task,
			     struct output *output, uint32_t stream)
{
	const struct plan_stream *s = &x->plan->streams[stream];

	output->header.stream = (uint16_t)stream;
	output->header.fields = s->column_count;
	output->header.task = task->number;
	output->column_count = s->column_count;
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
	return 0;
}

int route_init(struct executor *x, struct gust_task *task)
{
	const struct plan_component *c = task->component;
	uint32_t edges = 0;

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

void route_fini(struct gust_task *task)
{
	for (uint32_t i = 0; i < task->output_count; i++) {
		struct output *output = &task->outputs[i];

		for (uint32_t j = 0; j < output->route_count; j++) {
			free(output->routes[j].locals);
			free(output->routes[j].sent);
		}
		free(output->routes);
	}
	free(task->outputs);
	free(task->needs);
}

/* To one task: by a call if nothing stands before it, else by the queue. */
static void route_send(struct executor *x, struct gust_task *from,
		       const struct route *route, uint32_t number,
		       struct gust_tuple *tuple, struct lineage *lineage)
{
	struct gust_task *to = x->by_number[number];

	count_add(&from->counters.transferred, 1);
	if (to != NULL && !x->unwinding && to->frame == NULL &&
	    to->head == NULL && to->incoming == 0 && !route->edge->feedback &&
	    credit_room(x, to)) {
		direct_call(x, to, tuple, lineage);
		return;
	}
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
			uint32_t task)
{
	return credit_full(x, route->line, x->plan->tasks[task].executor);
}

/*
 * Even, but of two candidates in a row the second if the first one has fallen
 * behind; those without room only if nobody has any.
 */
static uint32_t route_shuffle(const struct executor *x, struct route *route)
{
	uint32_t n = route->count, first, second;

	if (n == 1)
		return route->first;
	first = route->turn;
	for (uint32_t i = 0;
	     i < n && route_lacks(x, route, route->first + first); i++)
		first = first + 1 == n ? 0 : first + 1;
	second = first + 1 == n ? 0 : first + 1;
	route->turn = second;
	if (route_lags(x, route->first + first, route->first + second) &&
	    !route_lacks(x, route, route->first + second)) {
		route->turn = second + 1 == n ? 0 : second + 1;
		return route->first + second;
	}
	return route->first + first;
}

static uint32_t route_local(const struct executor *x, struct route *route)
{
	uint32_t local, other;

	if (route->local_count == 0)
		return route_shuffle(x, route);
	local = route->locals[route->local_turn];
	if (++route->local_turn == route->local_count)
		route->local_turn = 0;
	if (x->backlog[local].bytes <= BACKLOG_SLACK_MIN)
		return local;
	other = route_shuffle(x, route);
	return route_lags(x, local, other) ? other : local;
}

/*
 * Two candidates by two hashes, the one that got less (Nasir et al., "The
 * Power of Both Choices", ICDE 2015).
 */
static uint32_t route_partial(struct route *route, uint64_t hash)
{
	uint32_t a = hash_pick(hash, route->count);
	uint32_t b = hash_pick(hash * 0x9e3779b97f4a7c15u, route->count);
	uint32_t chosen = route->sent[b] < route->sent[a] ? b : a;

	route->sent[chosen]++;
	return route->first + chosen;
}

static void route_all(struct executor *x, struct gust_task *from,
		      const struct route *route, struct gust_tuple *tuple,
		      struct lineage *lineage)
{
	for (uint32_t i = 0; i < route->count; i++)
		route_send(x, from, route, route->first + i, tuple, lineage);
}

static void route_one(struct executor *x, struct gust_task *from,
		      struct route *route, struct gust_tuple *tuple,
		      struct lineage *lineage, int32_t direct)
{
	const struct plan_edge *edge = route->edge;
	uint32_t to = route->first;

	tuple->hash = 0;
	switch (edge->grouping) {
	case PLAN_SHUFFLE:
	case PLAN_NONE:
		to = route_shuffle(x, route);
		break;
	case PLAN_LOCAL_OR_SHUFFLE:
		to = route_local(x, route);
		break;
	case PLAN_FIELDS:
		tuple->hash = record_hash(tuple, edge->keys, edge->key_count);
		to += hash_pick(tuple->hash, route->count);
		break;
	case PLAN_PARTIAL_KEY:
		tuple->hash = record_hash(tuple, edge->keys, edge->key_count);
		to = route_partial(route, tuple->hash);
		break;
	case PLAN_ALL:
		route_all(x, from, route, tuple, lineage);
		return;
	case PLAN_GLOBAL:
		break;
	case PLAN_DIRECT:
		if (direct < 0 || (uint32_t)direct >= route->count)
			return; /* the emit has been refused before */
		to += (uint32_t)direct;
		break;
	}
	route_send(x, from, route, to, tuple, lineage);
}

void route_deliver(struct executor *x, struct gust_task *task,
		   struct output *output, struct gust_tuple *tuple,
		   struct lineage *lineage, int32_t direct)
{
	for (uint32_t i = 0; i < output->route_count; i++)
		route_one(x, task, &output->routes[i], tuple, lineage, direct);
}
