/* SPDX-License-Identifier: MIT */
#ifndef STATE_REDIS_STATE_H
#define STATE_REDIS_STATE_H

/* A store in Redis, as its files share it. */

#include <stddef.h>

#include "state/redis_link.h"
#include "state/store.h"

/* What stands before the task of a hash that is not complete. */
#define REDIS_NEW "new-"

struct redis_store {
	struct store store;
	struct redis_link link; /* of the commits */
	char *where;
	char *key;
	size_t key_length;
	struct redis_word *words; /* room for a command */
	char warning[256];
};

static inline struct redis_word redis_key(const struct redis_store *redis)
{
	return (struct redis_word){ redis->key, redis->key_length };
}

/* Names the hash of a place. 0 or -ENOMEM. */
int redis_name(struct redis_store *redis, const struct store_place *place);

/*
 * Ends a MULTI after which `count` commands were sent. -ESTALE: the hash has
 * been written to since it was watched, and nothing has been done.
 */
int redis_exec(struct redis_store *redis, size_t count,
	       struct gust_error *error);

#endif
