/* SPDX-License-Identifier: MIT */

/* too_small: a descriptor that ends before its required callback. */

#include <gust/bolt.h>

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = offsetof(struct gust_bolt, execute),
	.name = "too_small",
};
