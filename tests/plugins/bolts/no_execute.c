/* SPDX-License-Identifier: MIT */

/* no_execute: a bolt without its only required callback. */

#include <gust/bolt.h>

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "no_execute",
};
