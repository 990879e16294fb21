/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "topology/build.h"

/* The place of a pin among the hosts; -1 after adding a mistake. */
static int resolve(struct build *build, const struct model_pin *pin)
{
	int number = hosts_find(build->hosts, pin->name);
	const char *nearest;

	if (number >= 0)
		return number;
	nearest = hosts_near(build->hosts, pin->name);
	if (nearest != NULL)
		diagnostics_error(build->diagnostics, &pin->place,
				  "no host is named '%.60s', expected '%s'",
				  pin->name, nearest);
	else
		diagnostics_error(build->diagnostics, &pin->place,
				  "no host is named '%.60s', expected one of "
				  "the hosts file",
				  pin->name);
	return -1;
}

static int pin_component(struct build *build, struct build_component *component)
{
	const struct model_component *model = component->model;
	const struct model_pin *pin;
	uint32_t *hosts;
	int number;

	hosts = arena_calloc(build->arena, model->pin_count + 1,
			     sizeof(*hosts));
	if (hosts == NULL)
		return -ENOMEM;
	component->hosts = hosts;
	for (pin = model->pins; pin != NULL; pin = pin->next) {
		number = resolve(build, pin);
		if (number >= 0)
			hosts[component->host_count++] = (uint32_t)number;
	}
	return 0;
}

static void warn_workers(struct build *build)
{
	const struct place *place =
		config_place(&build->model->config, "topology.workers");

	if (place != NULL)
		diagnostics_warning(build->diagnostics, place,
				    "'topology.workers' has no effect where "
				    "there are hosts, expected 'slots' in the "
				    "hosts file");
}

int build_hosts(struct build *build)
{
	uint32_t i;
	int r = 0;

	if (build->hosts == NULL || build->hosts->count == 0)
		return 0;
	for (i = 0; r == 0 && i < build->component_count; i++)
		r = pin_component(build, &build->components[i]);
	warn_workers(build);
	return r;
}
