/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_TOPOLOGY_H
#define TOPOLOGY_TOPOLOGY_H

/*
 * From a YAML file to a checked plan, in one call: what `gust run`, `gust
 * check` and `gust graph` begin with.
 */

#include <stddef.h>

#include "topology/diagnostics.h"
#include "topology/plan.h"
#include "topology/substitute.h"

struct model;
struct yaml;

/* What to load. Everything is borrowed for the call. */
struct topology_request {
	const char *path;
	const char *hosts;          /* path of the hosts file; NULL: none */
	struct variables variables; /* -D name=value; `used` is set where a
				     * file names it */

	/* --set topology.key=value: these win over the file's `config`, later
	 * ones over earlier ones. */
	const struct variable *settings;
	size_t setting_count;

	/*
	 * Makes the model instead of reading `path`, which then only names
	 * where mistakes of the whole are. As model_load(). Optional.
	 */
	int (*read)(void *self, struct yaml *yaml, struct model *model);

	/* Changes the model before --set is applied and it is built. 0, also
	 * after mistakes, or -ENOMEM. Optional. */
	int (*change)(void *self, struct yaml *yaml, struct model *model);

	void *self;
};

/* A plan with all that it points to: names, instances, open plugins. */
struct topology;

/*
 * Reads the file and its includes, opens the plugins, fills their options,
 * calls their declare() and checks everything that can be known before
 * anything runs. All mistakes are added to `diagnostics`, which the caller has
 * initialised and prints (diagnostics_sort() has been called), also when the
 * result is 0: there may be warnings.
 *
 * Returns 0 when nothing but warnings was found; -EINVAL when there are
 * mistakes; -ENOMEM. `*topology` is set on success only. It keeps nothing of
 * `diagnostics`.
 */
int topology_load(const struct topology_request *request,
		  struct diagnostics *diagnostics, struct topology **topology);

/* Lives as long as the topology; see plan.h. */
const struct plan *topology_plan(const struct topology *topology);

/* Frees the plan and closes the plugins. Takes NULL. */
void topology_destroy(struct topology *topology);

#endif
