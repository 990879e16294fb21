/* SPDX-License-Identifier: MIT */
#include "cli/testrig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/testrow.h"
#include "cli/testsetup.h"
#include "topology/value.h"

#define NAMES_MAX 64

struct testrig {
	const struct testfile *file;
	const struct testfile_case *test;
	const struct plan *plan; /* of the topology */
	struct diagnostics *diagnostics;
	struct arena arena;

	/* By component. */
	struct given *givens;
	bool *is_given;
	bool *runs; /* a sink that is not replaced */
	struct faulty *faulties;

	struct testpoint *points;
	uint32_t taps;
	struct rig *rig;
	bool no_memory;
};

/* Where a component is; the plan has one of that name, or there is a mistake
 * in the diagnostics and this is -1. */
static int find_component(struct testrig *rig, const struct node *key,
			  const char *name)
{
	const struct plan *plan = rig->plan;
	const char *names[NAMES_MAX];
	const char *nearest;
	uint32_t i;

	for (i = 0; i < plan->component_count; i++)
		if (strcmp(plan->components[i].id, name) == 0)
			return (int)i;
	for (i = 0; i < plan->component_count && i < NAMES_MAX; i++)
		names[i] = plan->components[i].id;
	nearest = suggest_nearest(name, names, i);
	diagnostics_error(rig->diagnostics, &key->place,
			  "no component is named '%.60s', expected %s%s%s",
			  name, nearest != NULL ? "'" : "",
			  nearest != NULL ? nearest : "one of the topology",
			  nearest != NULL ? "'" : "");
	return -1;
}

/* The stream of a component, as a number of the plan, or -1 as above. */
static int find_stream(struct testrig *rig, uint32_t number, const char *name,
		       const struct node *key)
{
	const struct plan_component *component = &rig->plan->components[number];
	const struct plan_stream *streams =
		rig->plan->streams + component->first_stream;
	char list[256] = "none";
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < component->stream_count; i++) {
		if (strcmp(streams[i].name, name) == 0)
			return (int)(component->first_stream + i);
		if (used < sizeof(list))
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s'%s'",
				used > 0 ? ", " : "one of ", streams[i].name);
	}
	diagnostics_error(rig->diagnostics, &key->place,
			  "'%s' emits no stream '%.60s', expected %s",
			  component->id, name, list);
	return -1;
}

/*
 * Takes `component` or `component/stream` apart; of a plugin by itself the key
 * is only the stream. `*stream` is -1 where none is named. False: a mistake.
 */
static bool find_place(struct testrig *rig, const struct node *key,
		       int *component, int *stream)
{
	const char *slash = strchr(key->text, '/');
	char *name;

	*stream = -1;
	if (testrig_alone(rig)) {
		*component = (int)rig->plan->component_count - 1;
		*stream =
			find_stream(rig, (uint32_t)*component, key->text, key);
		return *stream >= 0;
	}
	name = arena_copy(&rig->arena, key->text,
			  slash != NULL ? (size_t)(slash - key->text)
					: key->length);
	if (name == NULL) {
		rig->no_memory = true;
		return false;
	}
	*component = find_component(rig, key, name);
	if (*component < 0 || slash == NULL)
		return *component >= 0;
	*stream = find_stream(rig, (uint32_t)*component, slash + 1, key);
	return *stream >= 0;
}

bool testrig_alone(const struct testrig *rig)
{
	return rig->file->kind != TESTFILE_TOPOLOGY;
}

/* Goes through the tuples given to one spout; `given` NULL: only checks. */
static void give_tuples(struct testrig *rig, const struct node *list,
			uint32_t stream, struct given *given)
{
	const struct plan_stream *to = &rig->plan->streams[stream];
	uint32_t first = rig->plan->components[to->component].first_stream;
	const struct node_item *item = NULL;
	const struct node *node;
	struct testrow row;
	char text[VALUE_TEXT_SIZE];

	if (!list->broken && list->kind != NODE_LIST && !node_is_null(list)) {
		diagnostics_error(rig->diagnostics, &list->place,
				  "what is given is %s, expected a list of "
				  "tuples",
				  value_describe(list, text));
		return;
	}
	while ((node = value_next(list, &item)) != NULL) {
		struct arena_mark mark = arena_mark(&rig->arena);
		bool good = testrow_read(&row, node, to->columns, true,
					 &rig->arena, rig->diagnostics);

		if (good && given != NULL &&
		    given_add(given, stream - first, row.values,
			      (uint32_t)row.count) < 0)
			rig->no_memory = true;
		arena_release(&rig->arena, mark);
	}
}

/* One entry of `given:` in a test of a topology. */
static void give_spout(struct testrig *rig, const struct node_item *item,
		       bool check)
{
	const struct plan_component *spout;
	int component, stream;

	if (!find_place(rig, item->key, &component, &stream))
		return;
	spout = &rig->plan->components[component];
	if (spout->kind != PLAN_SPOUT || spout->stream_count == 0) {
		diagnostics_error(rig->diagnostics, &item->key->place,
				  "'%s' is no spout that emits, expected one",
				  spout->id);
		return;
	}
	rig->is_given[component] = true;
	if (stream < 0)
		stream = (int)spout->first_stream;
	give_tuples(rig, item->value, (uint32_t)stream,
		    check ? NULL : &rig->givens[component]);
}

/* `check`: nothing is given yet. */
static void give(struct testrig *rig, const struct node *given, bool check)
{
	const struct node_item *item;

	if (given == NULL)
		return;
	if (rig->file->kind == TESTFILE_BOLT) {
		give_tuples(rig, given, 0, check ? NULL : &rig->givens[0]);
		return;
	}
	if (rig->file->kind == TESTFILE_SPOUT) {
		diagnostics_error(rig->diagnostics, &given->place,
				  "a spout is given nothing, expected 'given' "
				  "left out");
		return;
	}
	if (!value_map(given, "given", rig->diagnostics))
		return;
	for (item = given->items; item != NULL; item = item->next)
		give_spout(rig, item, check);
}

int testrig_give(struct testrig *rig, const struct node *given)
{
	give(rig, given, false);
	return rig->no_memory ? -ENOMEM : 0;
}

void testrig_end(struct testrig *rig)
{
	uint32_t i;

	for (i = 0; i < rig->plan->component_count; i++)
		if (rig->is_given[i])
			given_end(&rig->givens[i]);
}

static void read_fault(struct testrig *rig, uint32_t component,
		       const struct node *node)
{
	const struct plan_component *bolt = &rig->plan->components[component];
	const char *text;

	if (bolt->kind != PLAN_BOLT) {
		diagnostics_error(rig->diagnostics, &node->place,
				  "'%s' is a spout, expected a bolt to fail",
				  bolt->id);
		return;
	}
	if (value_string(node, "fail", rig->diagnostics, &text) &&
	    !faulty_parse(&rig->faulties[component], text))
		diagnostics_error(rig->diagnostics, &node->place,
				  "'fail' is '%.60s', expected 'every 3rd', "
				  "'first 2' or 'always'",
				  text);
}

static void read_faults(struct testrig *rig, const struct node *fail)
{
	const struct node_item *item;
	int component;

	if (fail == NULL)
		return;
	if (testrig_alone(rig)) {
		read_fault(rig, rig->plan->component_count - 1, fail);
		return;
	}
	if (!value_map(fail, "fail", rig->diagnostics))
		return;
	for (item = fail->items; item != NULL; item = item->next) {
		component = find_component(rig, item->key, item->key->text);
		if (component >= 0)
			read_fault(rig, (uint32_t)component, item->value);
	}
}

static void read_runs(struct testrig *rig, const struct node *list)
{
	const struct node_item *item = NULL;
	const struct node *node;
	const char *name;
	int component;

	while (list != NULL && (node = value_next(list, &item)) != NULL) {
		if (!value_string(node, "run", rig->diagnostics, &name))
			continue;
		component = find_component(rig, node, name);
		if (component >= 0)
			rig->runs[component] = true;
	}
}

/* Whether a bolt would leave the test: it writes what nobody reads here. */
static bool is_replaced(const struct testrig *rig, uint32_t number)
{
	const struct plan_component *component = &rig->plan->components[number];

	return !testrig_alone(rig) && component->kind == PLAN_BOLT &&
	       component->stream_count == 0 && !rig->runs[number] &&
	       (component->flags & GUST_STDOUT) == 0;
}

static int allocate(struct testrig *rig)
{
	size_t count = rig->plan->component_count + 1;

	rig->givens = calloc(count, sizeof(*rig->givens));
	rig->is_given = calloc(count, sizeof(*rig->is_given));
	rig->runs = calloc(count, sizeof(*rig->runs));
	rig->faulties = calloc(count, sizeof(*rig->faulties));
	return rig->givens == NULL || rig->is_given == NULL ||
			       rig->runs == NULL || rig->faulties == NULL
		       ? -ENOMEM
		       : 0;
}

int testrig_create(const struct testfile *file,
		   const struct testfile_case *test, const struct plan *plan,
		   struct diagnostics *diagnostics, struct testrig **rig)
{
	struct testrig *made = calloc(1, sizeof(*made));
	const struct testfile_step *step;
	int r;

	if (made == NULL)
		return -ENOMEM;
	made->file = file;
	made->test = test;
	made->plan = plan;
	made->diagnostics = diagnostics;
	arena_init(&made->arena, 0);
	r = allocate(made);
	if (r == 0) {
		made->is_given[0] = file->kind == TESTFILE_BOLT;
		for (step = test->steps; step != NULL; step = step->next)
			give(made, step->given, true);
		read_faults(made, test->fail);
		read_runs(made, test->run);
		r = diagnostics->errors > 0 ? -EINVAL : 0;
	}
	if (made->no_memory || diagnostics->no_memory)
		r = -ENOMEM;
	if (r == 0)
		*rig = made;
	else
		testrig_destroy(made);
	return r;
}

static struct testpoint *add_point(struct testrig *rig, uint32_t component,
				   int stream)
{
	const struct plan_component *from = &rig->plan->components[component];
	struct testpoint *point = arena_calloc(&rig->arena, 1, sizeof(*point));

	if (point == NULL) {
		rig->no_memory = true;
		return NULL;
	}
	point->component = component;
	point->sink = stream < 0;
	point->stream = stream < 0 ? 0 : (uint32_t)stream;
	if (stream < 0 || point->stream == from->first_stream)
		point->name = arena_string(&rig->arena, from->id);
	else
		point->name = arena_printf(&rig->arena, "%s/%s", from->id,
					   rig->plan->streams[stream].name);
	point->next = rig->points;
	rig->points = point;
	rig->taps += point->sink ? from->input_count : 1;
	return point;
}

struct testpoint *testrig_point(struct testrig *rig, const struct node *key,
				const struct place *place,
				struct diagnostics *diagnostics)
{
	int component = (int)rig->plan->component_count - 1, stream = -1;
	const struct plan_component *from;
	struct testpoint *point;

	if (key != NULL && !find_place(rig, key, &component, &stream))
		return NULL;
	from = &rig->plan->components[component];
	if (stream < 0 && from->stream_count > 0)
		stream = (int)from->first_stream;
	if (stream < 0 && testrig_alone(rig)) {
		diagnostics_error(diagnostics, place,
				  "'%s' emits nothing, expected 'stdout' or "
				  "another bolt",
				  from->id);
		return NULL;
	}
	for (point = rig->points; point != NULL; point = point->next)
		if (point->component == (uint32_t)component &&
		    point->sink == (stream < 0) &&
		    (point->sink || point->stream == (uint32_t)stream))
			return point;
	return add_point(rig, (uint32_t)component, stream);
}

/* Listens to all that reaches a bolt, unless that is replaced. */
static int tap_sink(struct testrig *rig, struct testpoint *point)
{
	const struct plan_component *component =
		&rig->plan->components[point->component];
	uint32_t i;
	int r = 0;

	if (is_replaced(rig, point->component))
		return rig_replace(rig->rig, point->component, &point->tap);
	for (i = 0; r == 0 && i < component->input_count; i++)
		r = rig_listen(rig->rig,
			       rig->plan->edges[component->inputs[i]].stream,
			       &point->tap);
	return r;
}

static bool has_point(const struct testrig *rig, uint32_t component)
{
	const struct testpoint *point = rig->points;

	while (point != NULL && point->component != component)
		point = point->next;
	return point != NULL;
}

static int set_component(struct testrig *rig, uint32_t i)
{
	struct faulty *faulty = &rig->faulties[i];
	int r = 0;

	if (rig->is_given[i])
		r = rig_give(rig->rig, i, &rig->givens[i]);
	if (r == 0 && is_replaced(rig, i) && !has_point(rig, i))
		r = add_point(rig, i, -1) == NULL ? -ENOMEM
						  : tap_sink(rig, rig->points);
	if (r < 0 || (faulty->every == 0 && faulty->first == 0))
		return r;
	faulty->bolt = rig->rig->plan.components[i].bolt;
	return rig_break(rig->rig, i, faulty);
}

int testrig_finish(struct testrig *rig, struct gust_error *error)
{
	struct testpoint *point;
	uint32_t i;
	int r;

	if (rig->no_memory)
		return -ENOMEM;
	r = rig_create(rig->plan, rig->taps, &rig->rig);
	for (point = rig->points; r == 0 && point != NULL; point = point->next)
		r = point->sink
			    ? tap_sink(rig, point)
			    : rig_listen(rig->rig, point->stream, &point->tap);
	for (i = 0; r == 0 && i < rig->plan->component_count; i++)
		r = set_component(rig, i);
	return r == 0 ? rig_derive(rig->rig, error) : r;
}

void testrig_destroy(struct testrig *rig)
{
	struct testpoint *point;
	uint32_t i;

	if (rig == NULL)
		return;
	rig_destroy(rig->rig);
	for (point = rig->points; point != NULL; point = point->next)
		tap_fini(&point->tap);
	for (i = 0; rig->givens != NULL && i < rig->plan->component_count; i++)
		given_fini(&rig->givens[i]);
	free(rig->givens);
	free(rig->is_given);
	free(rig->runs);
	free(rig->faulties);
	arena_fini(&rig->arena);
	free(rig);
}

const struct plan *testrig_source(const struct testrig *rig)
{
	return rig->plan;
}

const struct plan *testrig_plan(const struct testrig *rig)
{
	return &rig->rig->plan;
}

struct arena *testrig_arena(struct testrig *rig)
{
	return &rig->arena;
}

size_t testrig_captured(const struct testrig *rig)
{
	const struct testpoint *point = rig->points;
	size_t count = 0;

	for (; point != NULL; point = point->next)
		count += point->tap.count;
	return count;
}

const struct gust_column *testrig_columns(const struct testrig *rig,
					  const struct testpoint *point,
					  const struct node *tuple)
{
	const struct plan_component *component =
		&rig->plan->components[point->component];
	const struct gust_input *inputs = component->input_views;
	uint32_t i;

	if (!point->sink)
		return rig->plan->streams[point->stream].columns;
	for (i = 0; i < component->input_count; i++)
		if (testrow_fits(inputs[i].columns, tuple))
			return inputs[i].columns;
	return inputs[0].columns;
}
