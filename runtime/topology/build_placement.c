/* SPDX-License-Identifier: MIT */

#include <sched.h>
#include <stdio.h>

#include "topology/build.h"

#define EXECUTORS_DEFAULT_MAX 12
#define EXECUTORS_OF_HOSTS 4

bool build_is_dedicated(const struct build_component *component)
{
	if (component->model->dedicated_given)
		return component->model->dedicated;
	return component->plugin != NULL &&
	       (plugin_flags(component->plugin) & GUST_DEDICATED);
}

/* The cores that this process may use. */
static uint32_t count_cores(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	count = CPU_COUNT(&set);
	if (count < 1)
		return 1;
	return count < EXECUTORS_DEFAULT_MAX ? (uint32_t)count
					     : EXECUTORS_DEFAULT_MAX;
}

/*
 * Without a number in the file the workers share the cores, and there are as
 * many as `executor:` asks for. Hosts must come to the same number, whatever
 * their cores.
 */
uint32_t build_executors(const struct build *build)
{
	uint32_t workers = (uint32_t)build->model->config.values.workers;
	uint64_t given = build->model->config.values.executors;
	uint32_t count;
	uint32_t i;

	if (given > 0)
		return (uint32_t)given;
	count = (count_cores() + workers - 1) / workers;
	if (build->hosts != NULL)
		count = EXECUTORS_OF_HOSTS;
	for (i = 0; i < build->component_count; i++)
		if (build->components[i].model->executor >= (int32_t)count)
			count = (uint32_t)build->components[i].model->executor +
				1;
	return count;
}

/* How many workers a component may be on; see placement_choice(). */
static uint64_t count_workers(const struct build *build,
			      const struct build_component *component)
{
	uint64_t slots = 0;
	uint32_t count;
	uint32_t i;

	if (build->hosts == NULL)
		return component->model->isolate
			       ? 1
			       : build->model->config.values.workers;
	count = component->host_count > 0 ? component->host_count
					  : build->hosts->count;
	if (component->model->isolate)
		return count;
	for (i = 0; i < count; i++)
		slots += build->hosts
				 ->items[component->host_count > 0
						 ? component->hosts[i]
						 : i]
				 .slots;
	return slots;
}

/* Pins go on over the workers: N is of worker N / executors. */
static void check_executor(struct build *build,
			   const struct build_component *component,
			   uint32_t executors)
{
	const struct model_component *model = component->model;
	uint64_t workers = count_workers(build, component);

	if (model->executor < (int64_t)(executors * workers))
		return;
	if (workers > 1)
		diagnostics_error(build->diagnostics, &model->executor_place,
				  "'executor' is %d, expected one from 0 to "
				  "%llu, as there are %llu workers with %u "
				  "executors each",
				  model->executor,
				  (unsigned long long)(executors * workers - 1),
				  (unsigned long long)workers, executors);
	else
		diagnostics_error(build->diagnostics, &model->executor_place,
				  "'executor' is %d, expected one from 0 to "
				  "%u, as 'topology.executors' is %u",
				  model->executor, executors - 1, executors);
}

/* Whether it is one process; else plan_derive() says where it is full. */
static bool is_one_worker(const struct build *build)
{
	uint32_t i;

	if (build->hosts != NULL)
		return false;
	for (i = 0; i < build->component_count; i++)
		if (build->components[i].model->isolate)
			return false;
	return build->model->config.values.workers == 1;
}

/* Executors that get a task which is not dedicated. */
static uint32_t count_shared(const struct build *build, uint32_t executors)
{
	const struct build_component *component;
	uint32_t shared = 0;
	uint32_t used;
	uint32_t i;

	for (i = 0; i < build->component_count; i++) {
		component = &build->components[i];
		if (build_is_dedicated(component))
			continue;
		used = component->model->executor >= 0
			       ? (uint32_t)component->model->executor + 1
			       : component->model->tasks;
		if (used > shared)
			shared = used;
	}
	return shared < executors ? shared : executors;
}

static void check_threads(struct build *build, uint64_t dedicated,
			  const struct model_component *largest,
			  uint32_t shared)
{
	const struct place *place;

	if (dedicated + shared <= PLAN_EXECUTORS_MAX)
		return;
	place = largest != NULL ? &largest->tasks_place : NULL;
	if (largest == NULL || shared > largest->tasks)
		place = config_place(&build->model->config,
				     "topology.executors");
	if (place == NULL)
		place = &build->model->name_place;
	diagnostics_error(
		build->diagnostics, place,
		"%llu executors would be needed, %llu of them for "
		"dedicated tasks, expected at most %d, for a process has 512 "
		"sockets",
		(unsigned long long)dedicated + shared,
		(unsigned long long)dedicated, PLAN_EXECUTORS_MAX);
}

void build_placement(struct build *build)
{
	const struct model_component *largest = NULL; /* of the dedicated */
	uint32_t executors = build_executors(build);
	const struct model_component *most = NULL;
	const struct model_component *model;
	uint64_t dedicated = 0;
	uint64_t tasks = 0;
	uint32_t i;

	for (i = 0; i < build->component_count; i++) {
		model = build->components[i].model;
		check_executor(build, &build->components[i], executors);
		tasks += model->tasks;
		if (most == NULL || model->tasks > most->tasks)
			most = model;
		if (!build_is_dedicated(&build->components[i]))
			continue;
		dedicated += model->tasks;
		if (largest == NULL || model->tasks > largest->tasks)
			largest = model;
	}
	if (tasks > MODEL_TASKS_MAX)
		diagnostics_error(build->diagnostics, &most->tasks_place,
				  "there are %llu tasks, expected at most %d",
				  (unsigned long long)tasks, MODEL_TASKS_MAX);
	if (is_one_worker(build))
		check_threads(build, dedicated, largest,
			      count_shared(build, executors));
}
