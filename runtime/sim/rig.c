/* SPDX-License-Identifier: MIT */

#include "sim/rig.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Memory that goes with the rig; zeroed, and aligned for any instance. */
static void *take(struct rig *rig, size_t size)
{
	void **grown;
	void *p;

	if (rig->memory_count == rig->memory_room) {
		rig->memory_room = rig->memory_room * 2 + 16;
		grown = realloc(rig->memory, rig->memory_room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		rig->memory = grown;
	}
	size = (size + 16) & ~(size_t)15;
	p = aligned_alloc(16, size);
	if (p == NULL)
		return NULL;
	memset(p, 0, size);
	rig->memory[rig->memory_count++] = p;
	return p;
}

static void *take_copy(struct rig *rig, const void *from, size_t count,
		       size_t size, size_t more)
{
	void *p = take(rig, (count + more) * size);

	if (p != NULL && count > 0)
		memcpy(p, from, count * size);
	return p;
}

int rig_create(const struct plan *plan, uint32_t taps, struct rig **rig)
{
	struct rig *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return -ENOMEM;
	made->plan = *plan;
	made->plan.components =
		take_copy(made, plan->components, plan->component_count,
			  sizeof(*plan->components), taps);
	made->plan.streams = take_copy(made, plan->streams, plan->stream_count,
				       sizeof(*plan->streams), 1);
	made->plan.edges = take_copy(made, plan->edges, plan->edge_count,
				     sizeof(*plan->edges), taps);
	made->plan.tasks = NULL;
	made->plan.workers = NULL;
	made->plan.worker_of = NULL;
	made->plan.config.workers = 1;
	made->plan.hosts = NULL;
	made->plan.host_count = 0;
	if (made->plan.config.executors == 0)
		made->plan.config.executors = 1; /* all had one of their own */
	made->component_room = plan->component_count + taps;
	made->edge_room = plan->edge_count + taps;
	/* What plan_derive() sets is still the other plan's. */
	if (made->plan.components != NULL) {
		made->plan.components[0].inputs = NULL;
		made->plan.components[0].input_views = NULL;
	}
	if (made->plan.streams != NULL)
		made->plan.streams[0].edges = NULL;
	if (made->plan.components == NULL || made->plan.streams == NULL ||
	    made->plan.edges == NULL) {
		rig_destroy(made);
		return -ENOMEM;
	}
	*rig = made;
	return 0;
}

/* Makes a component that of `bolt`, which keeps to itself. */
static int set_tap(struct rig *rig, struct plan_component *component,
		   struct tap *tap)
{
	struct tap_instance *instance = take(rig, sizeof(*instance));

	if (instance == NULL)
		return -ENOMEM;
	instance->tap = tap;
	component->kind = PLAN_BOLT;
	component->bolt = &tap_bolt;
	component->flags = tap_bolt.flags;
	component->dedicated = false;
	component->executor = -1;
	component->instance = instance;
	component->instance_size = sizeof(*instance);
	component->tick_ns = 0;
	return 0;
}

int rig_give(struct rig *rig, uint32_t number, struct given *given)
{
	struct plan_component *component = &rig->plan.components[number];
	struct given_instance *instance = take(rig, sizeof(*instance));

	assert(component->kind == PLAN_SPOUT);
	if (instance == NULL)
		return -ENOMEM;
	instance->given = given;
	component->spout = &given_spout;
	component->flags = 0;
	component->dedicated = false;
	component->executor = -1;
	component->replay = GUST_REPLAY_RECORD;
	component->instance = instance;
	component->instance_size = sizeof(*instance);
	component->task_count = 1;
	return 0;
}

int rig_break(struct rig *rig, uint32_t number, struct faulty *faulty)
{
	struct plan_component *component = &rig->plan.components[number];
	struct faulty_instance *instance;
	struct gust_bolt *bolt = take(rig, sizeof(*bolt));

	assert(component->kind == PLAN_BOLT && faulty->bolt != NULL);
	instance = take(rig, sizeof(*instance) + component->instance_size);
	if (bolt == NULL || instance == NULL)
		return -ENOMEM;
	instance->faulty = faulty;
	if (component->instance_size > 0)
		memcpy(instance + 1, component->instance,
		       component->instance_size);
	faulty_wrap(faulty, bolt);
	component->bolt = bolt;
	component->instance = instance;
	component->instance_size += sizeof(*instance);
	return 0;
}

int rig_replace(struct rig *rig, uint32_t number, struct tap *tap)
{
	assert(rig->plan.components[number].kind == PLAN_BOLT);
	return set_tap(rig, &rig->plan.components[number], tap);
}

int rig_listen(struct rig *rig, uint32_t stream, struct tap *tap)
{
	struct plan *plan = &rig->plan;
	struct plan_component *component;
	struct plan_edge *edge;

	assert(plan->component_count < rig->component_room &&
	       plan->edge_count < rig->edge_room);
	component = &plan->components[plan->component_count];
	if (set_tap(rig, component, tap) < 0)
		return -ENOMEM;
	component->id = "tap";
	component->task_count = 1;
	component->first_stream = plan->stream_count;
	edge = &plan->edges[plan->edge_count++];
	edge->stream = stream;
	edge->from = plan->streams[stream].component;
	edge->to = plan->component_count++;
	edge->grouping = PLAN_GLOBAL;
	return 0;
}

int rig_derive(struct rig *rig, struct gust_error *error)
{
	return plan_derive(&rig->plan, error);
}

void rig_destroy(struct rig *rig)
{
	uint32_t i;

	if (rig == NULL)
		return;
	if (rig->plan.components != NULL && rig->plan.streams != NULL)
		plan_fini_derived(&rig->plan);
	for (i = 0; i < rig->memory_count; i++)
		free(rig->memory[i]);
	free(rig->memory);
	free(rig);
}
