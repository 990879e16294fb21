/* SPDX-License-Identifier: MIT */

#include "engine/executor.h"

void executor_lost(struct executor *x, uint32_t worker, const char *reason)
{
	(void)x;
	(void)worker;
	(void)reason;
}
