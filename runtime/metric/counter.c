/* SPDX-License-Identifier: MIT */

#include "metric/counter.h"

uint64_t counter_value(const struct gust_counter *counter)
{
	return __atomic_load_n(&counter->value, __ATOMIC_RELAXED);
}

void gust_counter_add(struct gust_counter *counter, uint64_t amount)
{
	if (counter == NULL)
		return;
	/* There is one writer, so this needs no locked instruction. */
	__atomic_store_n(&counter->value, counter_value(counter) + amount,
			 __ATOMIC_RELAXED);
}
