/* SPDX-License-Identifier: MIT */

#include <gust/kit/backoff.h>

#include "test.h"

TEST(a_pause_doubles_up_to_a_limit)
{
	struct backoff backoff = { .least_ns = 100, .most_ns = 900 };

	CHECK_UINT(backoff_next(&backoff), 100);
	CHECK_UINT(backoff_next(&backoff), 200);
	CHECK_UINT(backoff_next(&backoff), 400);
	CHECK_UINT(backoff_next(&backoff), 800);
	CHECK_UINT(backoff_next(&backoff), 900);
	CHECK_UINT(backoff_next(&backoff), 900);
	backoff_reset(&backoff);
	CHECK_UINT(backoff_next(&backoff), 100);
}

TEST(limits_may_be_the_same_or_huge)
{
	struct backoff same = { .least_ns = 5, .most_ns = 5 };
	struct backoff huge = { .least_ns = UINT64_MAX / 2 + 9,
				.most_ns = UINT64_MAX };

	CHECK_UINT(backoff_next(&same), 5);
	CHECK_UINT(backoff_next(&same), 5);
	CHECK_UINT(backoff_next(&huge), UINT64_MAX / 2 + 9);
	CHECK_UINT(backoff_next(&huge), UINT64_MAX);
	CHECK_UINT(backoff_next(&huge), UINT64_MAX);
}
