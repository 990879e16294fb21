/* SPDX-License-Identifier: MIT */

#include "metric/gauge.h"

#include <math.h>

#include "test.h"

TEST(a_gauge_shows_the_last_value)
{
	struct gust_gauge gauge = { 0 };

	CHECK_FLOAT(gauge_value(&gauge), 0.0);
	gust_gauge_set(&gauge, 2.5);
	CHECK_FLOAT(gauge_value(&gauge), 2.5);
	gust_gauge_set(&gauge, -1e300);
	CHECK_FLOAT(gauge_value(&gauge), -1e300);
	gust_gauge_set(&gauge, NAN);
	CHECK(isnan(gauge_value(&gauge)));
}

TEST(no_gauge_takes_it_too)
{
	gust_gauge_set(NULL, 1);
}
