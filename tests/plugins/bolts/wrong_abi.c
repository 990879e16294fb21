/* SPDX-License-Identifier: MIT */

/* wrong_abi: built against headers of another time; it has nothing but the
 * two members that may be read. */

#include <gust/bolt.h>

struct wrong_abi {
	uint32_t abi;
	uint32_t size;
};

extern const struct wrong_abi gust_bolt_of_another_time __asm__("gust_bolt");
GUST_EXPORT const struct wrong_abi gust_bolt_of_another_time = {
	.abi = GUST_BOLT_ABI + 6,
	.size = 4096,
};
