/* SPDX-License-Identifier: MIT */

#include "worker/access.h"

#include "channel/key.h"
#include "channel/seal.h"
#include "worker/location.h"

/* Where a worker listens, and where the others find it. */
static int access_check(const struct plan *plan, const struct key *key,
			struct gust_error *error)
{
	char address[LOCATION_SIZE];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < 2 * plan->worker_count; i++) {
		location_of(plan, NULL, i / 2, i % 2 != 0, address);
		r = seal_allows(key, address, error);
	}
	return r;
}

int access_open(const struct plan *plan, const char *path, struct key **key,
		struct gust_error *error)
{
	struct key *found = NULL;
	int r;

	if (plan->host_count == 0) {
		key_forget();
		*key = NULL;
		return 0;
	}
	r = key_open(path, &found, error);
	if (r == 0)
		r = access_check(plan, found, error);
	if (r < 0) {
		key_destroy(found);
		return r;
	}
	*key = found;
	return 0;
}
