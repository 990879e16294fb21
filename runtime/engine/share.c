/* SPDX-License-Identifier: MIT */

#include "engine/share.h"

#include <string.h>

static int share_take(void *self, size_t size, void **room)
{
	struct executor *x = self;

	*room = NULL;
	x->spill_error.code = 0;
	if (share_used(x) < x->kept_limit / 2)
		return 0;
	*room = x->host.spill(x->host.self, size, &x->spill_error);
	return *room == NULL ? x->spill_error.code : 0;
}

static void share_give(void *self, void *room)
{
	const struct executor *x = self;

	x->host.unspill(x->host.self, room);
}

static void share_rest(void *self, size_t size)
{
	const struct executor *x = self;

	x->host.rest(x->host.self, size);
}

void share_init(struct executor *x)
{
	const struct plan *plan = x->plan;

	x->kept_limit =
		plan->config.memory_max_bytes / 2 /
		plan->workers[plan->worker_of[x->number]].executor_count;
	if (x->host.spill == NULL)
		return;
	x->spill = (struct spill){ .self = x,
				   .take = share_take,
				   .give = share_give,
				   .rest = share_rest };
	x->ledger.spill = &x->spill;
}
