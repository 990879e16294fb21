/* SPDX-License-Identifier: MIT */
#include "state/store.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "state/lmdb.h"
#include "state/redis.h"

bool store_built_in(enum store_kind kind)
{
	if (kind == STORE_LMDB)
		return lmdb_built_in;
	return kind == STORE_MEMORY || redis_built_in;
}

int store_kind_named(const char *name, enum store_kind *kind,
		     struct gust_error *error)
{
	static const char *const names[] = { "memory", "lmdb", "redis" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*kind = (enum store_kind)i;
		return 0;
	}
	return gust_error_set(error, -EINVAL,
			      "no provider of state is named '%s', expected "
			      "memory, lmdb or redis",
			      name);
}

int store_open(struct store **store, const struct store_place *place,
	       struct gust_error *error)
{
	assert(place->kind != STORE_MEMORY);
	if (place->kind == STORE_LMDB)
		return lmdb_open(store, place, error);
	return redis_open(store, place, error);
}

void store_close(struct store *store)
{
	if (store != NULL)
		store->backend->close(store);
}
