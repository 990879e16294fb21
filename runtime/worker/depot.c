/* SPDX-License-Identifier: MIT */

#include "worker/depot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "engine/move.h"
#include "state/reshard.h"

#define DEPOT_REDIS "redis://127.0.0.1:6379"

/* A server that is away when a store is to be opened is asked so many times. */
#define DEPOT_TRIES 100
#define DEPOT_PAUSE_NS 100000000L

int depot_place(const struct plan *plan, uint32_t component,
		struct store_place *place, char **where,
		struct gust_error *error)
{
	const struct plan_component *c = &plan->components[component];
	const char *provider = plan->config.state_provider;
	const bool address = strncmp(provider, "redis:", 6) == 0;
	int r;

	memset(place, 0, sizeof(*place));
	r = store_kind_named(address ? "redis" : provider, &place->kind, error);
	if (r < 0)
		return r;
	if (place->kind == STORE_REDIS)
		*where = strdup(address ? provider : DEPOT_REDIS);
	else
		*where = strdup(plan->config.state_dir);
	if (*where == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	place->where = *where;
	place->topology = plan->name;
	place->component = c->id;
	place->tasks = c->task_count;
	return 0;
}

/* Whether the server was away and is to be asked again; after a pause. */
static bool depot_again(const struct store_place *place, int r, int *tries,
			struct gust_error *error)
{
	const struct timespec pause = { .tv_nsec = DEPOT_PAUSE_NS };

	if (r != -EAGAIN || place->kind != STORE_REDIS ||
	    ++*tries == DEPOT_TRIES)
		return false;
	if (*tries == 1)
		log_component(LOG_LEVEL_WARN, place->component, -1,
			      "%s; it is tried again", error->text);
	memset(error, 0, sizeof(*error));
	(void)nanosleep(&pause, NULL);
	return true;
}

int depot_open(const struct plan *plan, uint32_t task, struct store **store,
	       struct gust_error *error)
{
	struct store_place place;
	char *where = NULL;
	int tries = 0;
	int r = depot_place(plan, plan->tasks[task].component, &place, &where,
			    error);

	place.task = plan->tasks[task].index;
	if (r == 0)
		do
			r = store_open(store, &place, error);
		while (depot_again(&place, r, &tries, error));
	free(where);
	return r;
}

static void depot_tell(const struct store_place *place,
		       const struct reshard *result)
{
	if (result->before == 0 || result->before == place->tasks)
		return;
	log_component(LOG_LEVEL_INFO, place->component, -1,
		      "its state is that of %" PRIu32 " tasks now, and was "
		      "that of %" PRIu32 ": %zu keys",
		      place->tasks, result->before, result->keys);
	if (result->conflicts > 0)
		log_component(LOG_LEVEL_WARN, place->component, -1,
			      "%zu keys were in several tasks, and that of "
			      "one was kept",
			      result->conflicts);
}

int depot_settle(const struct plan *plan, struct gust_error *error)
{
	struct store_place place;
	struct move move = { .component = NULL };
	struct reshard result;
	char *where;
	int r = 0, tries = 0;

	if (plan->config.state_provider == NULL || plan->host_count > 1)
		return 0;
	for (uint32_t i = 0; r == 0 && i < plan->component_count; i++) {
		where = NULL;
		r = depot_place(plan, i, &place, &where, error);
		if (r == 0)
			r = move_init(&move, plan, i);
		if (r == 0)
			do
				r = reshard(&place, reshard_fields(plan, i),
					    &move.rules, &result, error);
			while (depot_again(&place, r, &tries, error));
		if (r == 0)
			depot_tell(&place, &result);
		move_fini(&move);
		free(where);
	}
	return r;
}
