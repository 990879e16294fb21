/* SPDX-License-Identifier: MIT */

/* Keyed state of the fake runtime: that of the real one, in memory or on a disk
 * that is memory. */

#include "fake_inside.h"

#include <assert.h>

#include <gust/state.h>

#include "state/keyspace.h"
#include "state/ram.h"

static uint64_t fake_now(void *context)
{
	return ((const struct fake *)context)->now;
}

int gust_state(struct gust_task *task, const char *name, uint64_t ttl_ns,
	       struct gust_state **state, struct gust_error *error)
{
	struct fake *fake = fake_of(task);
	struct keyspace_options options = { .budget = fake->state_budget,
					    .now = fake_now,
					    .context = fake };
	int r = 0;

	if (fake->keyspace == NULL && fake->disk != NULL)
		r = ram_open(fake->disk, &fake->store);
	options.store = fake->store;
	options.undo = fake->store != NULL;
	if (r == 0 && fake->keyspace == NULL)
		r = keyspace_open(&fake->keyspace, &options, error);
	return r < 0 ? r
		     : keyspace_state(fake->keyspace, name, ttl_ns, state,
				      error);
}

int fake_state_ends(struct fake *fake, int r)
{
	if (fake->store == NULL || fake->keyspace == NULL)
		return r;
	if (r < 0)
		keyspace_undo(fake->keyspace);
	keyspace_begin(fake->keyspace);
	return r;
}

void fake_commit(struct fake *fake)
{
	struct writes writes = { .count = 0 };
	struct gust_error error = { 0 };
	int r;

	assert(fake->store != NULL);
	r = keyspace_freeze(fake->keyspace, &writes);
	if (r == 0)
		r = store_commit(fake->store, &writes, &error);
	assert(r == 0);
	keyspace_committed(fake->keyspace);
	writes_fini(&writes);
}

void fake_forget_state(struct fake *fake)
{
	keyspace_close(fake->keyspace);
	fake->keyspace = NULL;
	if (fake->store != NULL)
		fake->store->backend->close(fake->store);
	fake->store = NULL;
}
