/* SPDX-License-Identifier: MIT */

#include "oracle.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sets.h"

/* Makes room for one more element; the test ends when memory is short. */
static void *grown(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room * 2 + 64;
	array = realloc(array, *room * size);
	assert(array != NULL);
	return array;
}

struct oracle *oracle_create(struct world *world)
{
	struct oracle *oracle = calloc(1, sizeof(*oracle));

	assert(oracle != NULL);
	oracle->world = world;
	/* Number 0 is nobody; of tuples, those of earlier runs are, too. */
	oracle->tuple_first = world->tuples + 1;
	oracle->tuple_count = oracle->tuple_first;
	oracle->tuple_room = oracle->tuple_first;
	oracle->tuples = grown(NULL, oracle->tuple_count, &oracle->tuple_room,
			       sizeof(*oracle->tuples));
	oracle->nodes =
		grown(NULL, 0, &oracle->node_room, sizeof(*oracle->nodes));
	oracle->node_count = 1;
	return oracle;
}

void oracle_destroy(struct oracle *oracle)
{
	if (oracle == NULL)
		return;
	oracle->world->tuples = oracle->tuple_count - 1;
	free(oracle->tuples);
	free(oracle->nodes);
	free(oracle->debts);
	free(oracle->parents);
	free(oracle);
}

static bool is_root(const struct tuple *tuple)
{
	return tuple->kind == ORACLE_ROOT || tuple->kind == ORACLE_DERIVED ||
	       tuple->kind == ORACLE_EITHER;
}

static void node_child_complete(struct oracle *oracle, uint64_t number);

/* The tuple needs nothing any more: its parents have one worry less. */
static void settle_tuple(struct oracle *oracle, struct tuple *tuple)
{
	struct world *world = oracle->world;
	uint32_t i;

	if (tuple->source > 0)
		world->sources[tuple->source - 1].settled[tuple->offset] = 1;
	for (i = 0; i < tuple->parent_count; i++)
		node_child_complete(oracle,
				    oracle->parents[tuple->parents + i]);
}

static void complete_tuple(struct oracle *oracle, struct tuple *tuple)
{
	if (tuple->complete)
		return;
	tuple->complete = true;
	if (is_root(tuple))
		oracle->tallies[tuple->task].complete++;
	if (!tuple->lettered)
		settle_tuple(oracle, tuple);
}

static void try_node(struct oracle *oracle, struct node *node)
{
	struct tuple *tuple = &oracle->tuples[node->tuple];
	struct debt *debt = &oracle->debts[node->debt];
	const struct plan_edge *edge = &oracle->world->edges[debt->edge];
	uint32_t bit;

	if (node->complete || node->failed || !node->done || node->children > 0)
		return;
	node->complete = true;
	bit = edge->grouping == PLAN_ALL ? 1u << node->index : 1;
	if ((debt->open & bit) == 0)
		return;
	debt->open &= ~bit;
	if (debt->open == 0 && --tuple->debts_open == 0)
		complete_tuple(oracle, tuple);
}

static void node_child_complete(struct oracle *oracle, uint64_t number)
{
	struct node *node = &oracle->nodes[number];

	assert(node->children > 0);
	node->children--;
	try_node(oracle, node);
}

static void add_debts(struct oracle *oracle, struct tuple *tuple)
{
	const struct plan *plan = &oracle->world->plan;
	const struct plan_stream *stream = &plan->streams[tuple->stream];
	uint32_t i;

	tuple->debts = (uint32_t)oracle->debt_count;
	tuple->debts_open = stream->edge_count;
	for (i = 0; i < stream->edge_count; i++) {
		const struct plan_edge *edge = &plan->edges[stream->edges[i]];
		uint32_t tasks = plan->components[edge->to].task_count;
		struct debt debt = { .edge = stream->edges[i], .open = 1 };

		if (edge->grouping == PLAN_ALL)
			debt.open = (1u << tasks) - 1;
		oracle->debts = grown(oracle->debts, oracle->debt_count,
				      &oracle->debt_room, sizeof(debt));
		oracle->debts[oracle->debt_count++] = debt;
	}
}

static void add_parents(struct oracle *oracle, struct tuple *tuple,
			const struct oracle_emission *emission)
{
	uint32_t i;

	tuple->parents = oracle->parent_count;
	tuple->parent_count = emission->parent_count;
	for (i = 0; i < emission->parent_count; i++) {
		oracle->parents =
			grown(oracle->parents, oracle->parent_count,
			      &oracle->parent_room, sizeof(*oracle->parents));
		oracle->parents[oracle->parent_count++] = emission->parents[i];
		oracle->nodes[emission->parents[i]].children++;
	}
}

uint64_t oracle_emit(struct oracle *oracle,
		     const struct oracle_emission *emission)
{
	struct tally *tally = &oracle->tallies[emission->task];
	struct tuple tuple = { .kind = emission->kind,
			       .task = emission->task,
			       .stream = emission->stream,
			       .key = emission->key,
			       .direct = emission->direct,
			       .source = emission->source,
			       .offset = emission->offset };

	if (!oracle->world->plan.config.acking)
		tuple.kind = ORACLE_LOOSE;
	add_debts(oracle, &tuple);
	if (tuple.kind != ORACLE_LOOSE)
		add_parents(oracle, &tuple, emission);
	tally->emits++;
	if (!emission->again && is_root(&tuple)) {
		tally->roots_max++;
		tally->roots_min += tuple.kind != ORACLE_EITHER;
	}
	oracle->tuples = grown(oracle->tuples, oracle->tuple_count,
			       &oracle->tuple_room, sizeof(tuple));
	oracle->tuples[oracle->tuple_count] = tuple;
	if (tuple.debts_open == 0)
		complete_tuple(oracle, &oracle->tuples[oracle->tuple_count]);
	return oracle->tuple_count++;
}

void oracle_supersede(struct oracle *oracle, uint64_t tuple)
{
	oracle->tuples[tuple].superseded = true;
}

void oracle_reject_record(struct oracle *oracle, uint32_t task)
{
	oracle->tallies[task].roots_min++;
	oracle->tallies[task].roots_max++;
	oracle->tallies[task].rejected_records++;
}

/* A second copy is right for the root of a tree only, which may be replayed. */
static bool may_repeat(const struct oracle *oracle, const struct tuple *tuple)
{
	return is_root(tuple) &&
	       (oracle->world->deaths > 0 ||
		sim_counters(oracle->world->sim, tuple->task)->replayed > 0);
}

static void check_order(struct oracle *oracle, uint64_t number, uint32_t task,
			bool feedback)
{
	const struct tuple *tuple = &oracle->tuples[number];
	uint64_t *last = &oracle->last[tuple->task][task][feedback];

	if (may_repeat(oracle, tuple))
		return;
	if (number <= *last)
		world_fail(oracle->world,
			   "task %u got tuple %" PRIu64 " of task %u after "
			   "tuple %" PRIu64 ", which was emitted later",
			   task, number, tuple->task, *last);
	*last = number;
}

static void check_grouping(struct oracle *oracle, const struct tuple *tuple,
			   uint32_t number, uint32_t index)
{
	const struct plan_edge *edge = &oracle->world->edges[number];
	uint8_t *homes = oracle->homes[number][tuple->key];
	bool wrong = false;

	if (edge->grouping == PLAN_GLOBAL)
		wrong = index != 0;
	if (edge->grouping == PLAN_DIRECT)
		wrong = index != (uint32_t)tuple->direct;
	if (edge->grouping == PLAN_FIELDS ||
	    edge->grouping == PLAN_PARTIAL_KEY) {
		uint32_t most = edge->grouping == PLAN_FIELDS ? 1 : 2;
		uint32_t i = 0;

		while (i < most && homes[i] != 0 && homes[i] != index + 1)
			i++;
		wrong = i == most;
		if (!wrong)
			homes[i] = (uint8_t)(index + 1);
	}
	if (wrong)
		world_fail(oracle->world,
			   "a tuple with key %u went to index %u by '%s'",
			   tuple->key, index,
			   plan_grouping_name(edge->grouping));
}

/* Finds what the tuple owes to the task's component; NULL: nothing. */
static struct debt *find_debt(struct oracle *oracle, const struct tuple *tuple,
			      uint32_t component)
{
	const struct plan *plan = &oracle->world->plan;
	uint32_t i;

	for (i = 0; i < plan->streams[tuple->stream].edge_count; i++) {
		struct debt *debt = &oracle->debts[tuple->debts + i];

		if (plan->edges[debt->edge].to == component)
			return debt;
	}
	return NULL;
}

static bool check_tuple(struct oracle *oracle, uint32_t task,
			const struct gust_tuple *in, uint64_t number,
			uint32_t key)
{
	const struct tuple *tuple;

	if (number < oracle->tuple_first || number >= oracle->tuple_count) {
		world_fail(oracle->world,
			   "task %u got tuple %" PRIu64
			   ", which nobody emitted",
			   task, number);
		return false;
	}
	tuple = &oracle->tuples[number];
	if (tuple->stream == in->stream && tuple->task == in->task &&
	    tuple->key == key)
		return true;
	world_fail(oracle->world,
		   "tuple %" PRIu64 " of task %u, stream %u, key %u arrived "
		   "as one of task %u, stream %u, key %u",
		   number, tuple->task, tuple->stream, tuple->key, in->task,
		   in->stream, key);
	return false;
}

uint64_t oracle_begin(struct oracle *oracle, uint32_t task,
		      const struct gust_tuple *in, uint64_t number,
		      uint32_t key)
{
	const struct plan_task *place = &oracle->world->plan.tasks[task];
	struct node node = { .tuple = number, .index = place->index };
	struct tuple *tuple;
	struct debt *debt;
	const struct plan_edge *edge;

	if (!check_tuple(oracle, task, in, number, key))
		return 0;
	tuple = &oracle->tuples[number];
	debt = find_debt(oracle, tuple, place->component);
	if (debt == NULL) {
		world_fail(oracle->world,
			   "task %u got tuple %" PRIu64
			   ", to which it does not subscribe",
			   task, number);
		return 0;
	}
	edge = &oracle->world->edges[debt->edge];
	if ((edge->grouping == PLAN_ALL ? debt->called & (1u << place->index)
					: debt->called) != 0 &&
	    !may_repeat(oracle, tuple))
		world_fail(oracle->world,
			   "task %u got tuple %" PRIu64 " a second time", task,
			   number);
	debt->called |= 1u << place->index;
	check_order(oracle, number, task, edge->feedback);
	check_grouping(oracle, tuple, debt->edge, place->index);
	node.debt = (uint32_t)(debt - oracle->debts);
	oracle->nodes = grown(oracle->nodes, oracle->node_count,
			      &oracle->node_room, sizeof(node));
	oracle->nodes[oracle->node_count] = node;
	oracle->tallies[task].nodes++;
	return oracle->node_count++;
}

void oracle_done(struct oracle *oracle, uint64_t node)
{
	oracle->nodes[node].done = true;
	try_node(oracle, &oracle->nodes[node]);
}

void oracle_failed(struct oracle *oracle, uint64_t node)
{
	oracle->nodes[node].failed = true;
}

void oracle_expect(struct oracle *oracle, uint64_t node, uint32_t windows)
{
	oracle->nodes[node].windows_due = windows;
}

uint32_t oracle_seen(struct oracle *oracle, uint64_t node)
{
	return ++oracle->nodes[node].windows;
}

bool oracle_ended(const struct oracle *oracle, uint64_t tuple)
{
	return oracle->tuples[tuple].complete || oracle->tuples[tuple].lettered;
}

void oracle_letter(struct oracle *oracle, const struct letter *letter)
{
	struct tally *tally = &oracle->tallies[letter->task];
	uint32_t most = oracle->world->plan.config.replay_max_attempts;
	struct tuple *tuple;
	uint64_t number;

	/* The attempt that was under way as an earlier one was charged. */
	if (oracle->world->deaths > 0)
		most++;
	tally->letters[letter->kind]++;
	if ((letter->tuple != NULL) == (letter->attempts == 0) ||
	    letter->attempts > most)
		world_fail(oracle->world,
			   "a letter counts %" PRIu32 " attempts",
			   letter->attempts);
	if (letter->tuple == NULL)
		return;
	number = (uint64_t)gust_value_at(letter->tuple, COLUMN_ID).as.integer;
	if (number < oracle->tuple_first || number >= oracle->tuple_count) {
		world_fail(oracle->world,
			   "a letter holds tuple %" PRIu64
			   ", which nobody emitted",
			   number);
		return;
	}
	tuple = &oracle->tuples[number];
	if (tuple->task != letter->task || !is_root(tuple)) {
		world_fail(oracle->world,
			   "tuple %" PRIu64 " of a letter of "
			   "task %u roots no tree there",
			   number, letter->task);
		return;
	}
	if (tuple->lettered && oracle_repeats(oracle, letter->task))
		return;
	if (tuple->lettered) {
		world_fail(oracle->world,
			   "tuple %" PRIu64 " became a letter twice", number);
		return;
	}
	tuple->lettered = true;
	if (!tuple->complete)
		settle_tuple(oracle, tuple);
}
