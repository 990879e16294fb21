/* SPDX-License-Identifier: MIT */
#ifndef STATE_REDIS_H
#define STATE_REDIS_H

/*
 * Stores in a Redis server (https://redis.io): a hash a task, by the name
 * `gust:TOPOLOGY:COMPONENT:INDEX`, with a field a record and one for its head.
 * A commit is one MULTI, with a WATCH over the hash, so that nobody else can
 * have written to it meanwhile. It survives the machine's death only if the
 * server has `appendonly yes` and `appendfsync always`; where it has not, the
 * store carries a warning.
 *
 * WHERE is redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER], with 6379 and
 * database 0, or unix:PATH. No message has the password.
 */

#include <gust/error.h>

#include "state/store.h"

extern const bool redis_built_in;

/* For reshard(): takes away new stores that are not complete; and has new ones
 * take the place of those of `before` tasks, as a whole. */
int redis_settle(const struct store_place *place, struct gust_error *error);
int redis_promote(const struct store_place *place, uint32_t before,
		  struct gust_error *error);

/* As store_open(). */
int redis_open(struct store **store, const struct store_place *place,
	       struct gust_error *error);

#endif
