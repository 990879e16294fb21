/* SPDX-License-Identifier: MIT */

/* Where hiredis was missing when this was built. */

#include <errno.h>

#include "state/redis.h"

const bool redis_built_in = false;

int redis_open(struct store **store, const struct store_place *place,
	       struct gust_error *error)
{
	(void)store;
	(void)place;
	return gust_error_set(error, -ENOTSUP,
			      "state in 'redis' is not built in, since "
			      "libhiredis-dev was missing");
}

int redis_settle(const struct store_place *place, struct gust_error *error)
{
	return redis_open(NULL, place, error);
}

int redis_promote(const struct store_place *place, uint32_t before,
		  struct gust_error *error)
{
	(void)before;
	return redis_open(NULL, place, error);
}
