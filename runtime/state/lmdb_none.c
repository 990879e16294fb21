/* SPDX-License-Identifier: MIT */

/* Where LMDB was missing when this was built. */

#include <errno.h>

#include "state/lmdb.h"

const bool lmdb_built_in = false;

int lmdb_open(struct store **store, const struct store_place *place,
	      struct gust_error *error)
{
	(void)store;
	(void)place;
	return gust_error_set(error, -ENOTSUP,
			      "state in 'lmdb' is not built in, since "
			      "liblmdb-dev was missing");
}

int lmdb_settle(const struct store_place *place, struct gust_error *error)
{
	return lmdb_open(NULL, place, error);
}

int lmdb_promote(const struct store_place *place, struct gust_error *error)
{
	return lmdb_open(NULL, place, error);
}
