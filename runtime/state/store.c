/* SPDX-License-Identifier: MIT */
#include "state/store.h"

#include <errno.h>

void store_close(struct store *store)
{
	if (store != NULL)
		store->backend->close(store);
}
