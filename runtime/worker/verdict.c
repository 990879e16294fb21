/* SPDX-License-Identifier: MIT */

#include "worker/verdict.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "worker/board.h"

#define VERDICT_FAILED 1
#define VERDICT_DEAD_LETTERS 3
#define VERDICT_SIGNALLED 128

/* What a later end must exceed to count: the order of enum worker_end does
 * not serve, since a failure while a run drains is what a user must see. */
static int verdict_weight(enum worker_end end)
{
	switch (end) {
	case WORKER_ENDED:
		return 0;
	case WORKER_STOPPED:
		return 1;
	case WORKER_OVERDUE:
		return 2;
	case WORKER_STUCK:
		return 3;
	case WORKER_FAILED:
		return 4;
	case WORKER_NO_READER:
		return 5;
	case WORKER_ABORTED:
		return 6;
	}
	return 0;
}

void verdict_end(struct worker_result *result, enum worker_end end,
		 const char *format, ...)
{
	va_list arguments;

	if (verdict_weight(end) <= verdict_weight(result->end))
		return;
	result->end = end;
	va_start(arguments, format);
	vsnprintf(result->reason, sizeof(result->reason), format, arguments);
	va_end(arguments);
}

/* Of a run that came to a regular end. */
static int verdict_by_counters(const struct board *board)
{
	uint64_t lost = 0, dead_lettered = 0;

	for (uint32_t i = 0; i < board->plan->task_count; i++) {
		const struct task_counters *counters = &board->tasks[i];

		lost += __atomic_load_n(&counters->lost, __ATOMIC_RELAXED);
		dead_lettered += __atomic_load_n(&counters->dead_lettered,
						 __ATOMIC_RELAXED);
	}
	for (uint32_t i = 0; i < board->plan->component_count; i++)
		lost += board->bereavements[i];
	if (lost > 0)
		return VERDICT_FAILED;
	return dead_lettered > 0 ? VERDICT_DEAD_LETTERS : 0;
}

void verdict_close(struct worker_result *result, const struct board *board)
{
	switch (result->end) {
	case WORKER_ENDED:
	case WORKER_STOPPED:
		result->exit_code = verdict_by_counters(board);
		break;
	case WORKER_OVERDUE:
	case WORKER_ABORTED:
		result->exit_code =
			VERDICT_SIGNALLED +
			(result->signal != 0 ? result->signal : SIGTERM);
		break;
	case WORKER_FAILED:
	case WORKER_STUCK:
		result->exit_code = VERDICT_FAILED;
		break;
	case WORKER_NO_READER:
		result->exit_code = VERDICT_SIGNALLED + SIGPIPE;
		break;
	}
}
