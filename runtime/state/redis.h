/* SPDX-License-Identifier: MIT */
#ifndef STATE_REDIS_H
#define STATE_REDIS_H

#include <gust/error.h>

#include "state/store.h"

extern const bool redis_built_in;

/* As store_open(). */
int redis_open(struct store **store, const struct store_place *place,
	       struct gust_error *error);

#endif
