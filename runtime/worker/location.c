/* SPDX-License-Identifier: MIT */

#include "worker/location.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void location_of(const struct plan *plan, const char *folder, uint32_t worker,
		 bool bind, char text[LOCATION_SIZE])
{
	const struct plan_worker *at = &plan->workers[worker];
	const struct plan_host *host;
	const char *where;

	if (folder != NULL) {
		snprintf(text, LOCATION_SIZE, "ipc://%s/%u", folder,
			 (unsigned)worker);
		return;
	}
	assert(plan->host_count > 0);
	host = &plan->hosts[at->host];
	where = bind && host->bind != NULL ? host->bind : host->address;
	/* Only addresses of IPv6 have colons. */
	snprintf(text, LOCATION_SIZE,
		 strchr(where, ':') != NULL && where[0] != '[' ? "tcp://[%s]:%u"
							       : "tcp://%s:%u",
		 where, (unsigned)host->port + at->slot);
}
