/* SPDX-License-Identifier: MIT */
#include "engine/keyed.h"

#include <errno.h>
#include <string.h>

#include <gust/state.h>

#include "engine/commit.h"
#include "state/keyspace.h"

static uint64_t keyed_now(void *context)
{
	const struct executor *x = context;

	return x->host.now(x->host.self);
}

int keyed_open(struct gust_task *task, struct keyspace **keyspace,
	       struct gust_error *error)
{
	struct keyspace_options options = {
		.budget = task->x->plan->config.state_memory_max_bytes,
		.now = keyed_now,
		.context = task->x,
	};
	const struct executor_host *host = &task->x->host;
	int r = 0;

	if (task->keyspace == NULL)
		r = commit_open(task, &options.store, error);
	options.undo = options.store != NULL;
	/* The ends of lives are stored by a clock that other runs have. */
	if (options.store != NULL)
		options.since_epoch =
			host->wall(host->self) - (int64_t)host->now(host->self);
	if (r == 0 && task->keyspace == NULL)
		r = keyspace_open(&task->keyspace, &options, error);
	if (r < 0)
		return gust_error_set(error, r, "cannot open the state: %s",
				      strerror(-r));
	*keyspace = task->keyspace;
	return 0;
}

void keyed_close(struct gust_task *task)
{
	keyspace_close(task->keyspace);
	task->keyspace = NULL;
}

const char *keyed_reason(const struct gust_task *task, int code)
{
	if (task->keyspace != NULL &&
	    keyspace_trouble_code(task->keyspace) == code)
		return keyspace_trouble(task->keyspace);
	return strerror(-code);
}

int gust_state(struct gust_task *task, const char *name, uint64_t ttl_ns,
	       struct gust_state **state, struct gust_error *error)
{
	struct keyspace *keyspace = NULL;
	int r;

	/* These are the runtime's own. */
	if (strchr(name, '.') != NULL)
		return gust_error_set(error, -EINVAL,
				      "'%s' is no name of a state, expected "
				      "letters, digits, '-' and '_'",
				      name);
	r = keyed_open(task, &keyspace, error);
	return r < 0 ? r : keyspace_state(keyspace, name, ttl_ns, state, error);
}
