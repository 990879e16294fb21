/* SPDX-License-Identifier: MIT */

#include "metric/gauge.h"

double gauge_value(const struct gust_gauge *gauge)
{
	double value;

	__atomic_load(&gauge->value, &value, __ATOMIC_RELAXED);
	return value;
}

void gust_gauge_set(struct gust_gauge *gauge, double value)
{
	if (gauge != NULL)
		__atomic_store(&gauge->value, &value, __ATOMIC_RELAXED);
}
