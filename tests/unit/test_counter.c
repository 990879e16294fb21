/* SPDX-License-Identifier: MIT */

#include "metric/counter.h"

#include "test.h"

TEST(a_counter_adds_up)
{
	struct gust_counter counter = { 0 };

	CHECK_UINT(counter_value(&counter), 0);
	gust_counter_add(&counter, 3);
	gust_counter_add(&counter, 0);
	gust_counter_add(&counter, UINT64_C(1) << 40);
	CHECK_UINT(counter_value(&counter), (UINT64_C(1) << 40) + 3);
}

TEST(no_counter_takes_it_too)
{
	gust_counter_add(NULL, 1);
}
