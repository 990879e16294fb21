/* SPDX-License-Identifier: MIT */

/* wrong_abi: a spout of another time; see the bolt of that name. */

#include <gust/spout.h>

struct wrong_abi {
	uint32_t abi;
	uint32_t size;
};

extern const struct wrong_abi gust_spout_of_another_time __asm__("gust_spout");
GUST_EXPORT const struct wrong_abi gust_spout_of_another_time = {
	.abi = GUST_SPOUT_ABI + 6,
	.size = 4096,
};
