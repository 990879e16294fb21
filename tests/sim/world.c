/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* More than a batch holds. */
#define PAD_MAX 50000

const struct gust_column world_columns[] = {
	{ "id", GUST_INT },     { "key", GUST_INT }, { "hops", GUST_INT },
	{ "pad", GUST_STRING }, { NULL, GUST_NULL },
};

void world_fail(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->failed)
		return;
	world->failed = true;
	va_start(arguments, format);
	vsnprintf(world->failure, sizeof(world->failure), format, arguments);
	va_end(arguments);
	world_trace(world, "FAILURE: %s", world->failure);
}

void world_trace(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (!world->trace)
		return;
	fprintf(stderr, "%14.6f ms  ",
		world->sim == NULL ? 0 : (double)sim_now(world->sim) / 1e6);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

bool world_has_died(const struct world *world, uint32_t task)
{
	const struct plan *plan = &world->plan;

	return world->died[plan->worker_of[plan->tasks[task].executor]];
}

uint32_t world_below(struct world *world, uint32_t n)
{
	return n == 0 ? 0 : random_below(&world->random, n);
}

bool world_chance(struct world *world, uint32_t of_1000)
{
	return of_1000 > 0 && random_below(&world->random, 1000) < of_1000;
}

uint32_t world_between(struct world *world, uint32_t low, uint32_t high)
{
	return low + random_below(&world->random, high - low + 1);
}

struct world_source *world_source(struct world *world, uint32_t component,
				  const char *name, uint32_t count)
{
	struct world_source *source;
	uint32_t i;

	for (i = 0; i < world->source_count; i++)
		if (strcmp(world->sources[i].name, name) == 0)
			return &world->sources[i];
	assert(world->source_count < WORLD_TASKS);
	source = &world->sources[world->source_count++];
	snprintf(source->name, sizeof(source->name), "%s", name);
	source->component = component;
	source->count = count;
	source->settled = calloc(count + 1, 1);
	assert(source->settled != NULL);
	return source;
}

void member_enter(struct member *member)
{
	if (member->inside)
		world_fail(member->world,
			   "a callback of task %u runs inside another",
			   member->task);
	if (!member->opened || member->closed)
		world_fail(member->world,
			   "a callback of task %u runs while "
			   "it is not open",
			   member->task);
	if (member->world->aborted)
		world_fail(member->world,
			   "a callback of task %u runs after "
			   "the abort",
			   member->task);
	member->inside = true;
}

void member_leave(struct member *member)
{
	member->inside = false;
}

/* The task that a direct emit names: one that all subscribers have. */
static int32_t draw_direct(struct world *world, uint32_t number)
{
	const struct plan_stream *stream = &world->plan.streams[number];
	uint32_t i, least = UINT32_MAX;

	if (!world->direct[number] || stream->edge_count == 0)
		return -1;
	for (i = 0; i < stream->edge_count; i++) {
		uint32_t to = world->edges[stream->edges[i]].to;

		if (world->components[to].task_count < least)
			least = world->components[to].task_count;
	}
	return (int32_t)world_below(world, least);
}

uint64_t member_emit(struct member *member, struct gust_task *task,
		     struct gust_emission *how,
		     const struct oracle_emission *emission)
{
	struct world *world = member->world;
	struct oracle_emission told = *emission;
	struct gust_value values[4];
	char pad[PAD_MAX];
	uint64_t number;
	int r;

	told.task = member->task;
	told.stream =
		world->components[member->component].first_stream + how->stream;
	told.direct = draw_direct(world, told.stream);
	how->direct = told.direct;
	number = oracle_emit(world->oracle, &told);
	if (told.own != NULL)
		*told.own = number;
	assert(told.pad <= sizeof(pad));
	memset(pad, (int)('a' + number % 26), told.pad);
	values[COLUMN_ID] = gust_int((int64_t)number);
	values[COLUMN_KEY] = gust_int(told.key);
	values[COLUMN_HOPS] = gust_int(told.hops);
	values[COLUMN_PAD] = gust_string(pad, told.pad);
	world_trace(world, "task %u emits tuple %llu, kind %d, to stream %u",
		    member->task, (unsigned long long)number, told.kind,
		    told.stream);
	r = gust_emit_with(task, how, values, 4);
	if (r < 0)
		world_fail(world, "an emit of task %u returns %d", member->task,
			   r);
	return number;
}
