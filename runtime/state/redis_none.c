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
