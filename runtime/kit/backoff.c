/* SPDX-License-Identifier: MIT */

#include <gust/kit/backoff.h>

uint64_t backoff_next(struct backoff *backoff)
{
	uint64_t last = backoff->last_ns;

	if (last == 0)
		last = backoff->least_ns;
	else if (last > backoff->most_ns / 2)
		last = backoff->most_ns;
	else
		last *= 2;
	if (last > backoff->most_ns)
		last = backoff->most_ns;
	backoff->last_ns = last;
	return last;
}

void backoff_reset(struct backoff *backoff)
{
	backoff->last_ns = 0;
}
