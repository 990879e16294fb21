/* SPDX-License-Identifier: MIT */

/* Keyed state of the fake runtime: that of the real one, in memory. */

#include "fake_inside.h"

#include <gust/state.h>

#include "state/keyspace.h"

static uint64_t fake_now(void *context)
{
	return ((const struct fake *)context)->now;
}

int gust_state(struct gust_task *task, const char *name, uint64_t ttl_ns,
	       struct gust_state **state, struct gust_error *error)
{
	struct fake *fake = fake_of(task);
	const struct keyspace_options options = { .budget = fake->state_budget,
						  .now = fake_now,
						  .context = fake };
	int r = 0;

	if (fake->keyspace == NULL)
		r = keyspace_open(&fake->keyspace, &options, error);
	return r < 0 ? r
		     : keyspace_state(fake->keyspace, name, ttl_ns, state,
				      error);
}

void fake_forget_state(struct fake *fake)
{
	keyspace_close(fake->keyspace);
	fake->keyspace = NULL;
}
