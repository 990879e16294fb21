/* SPDX-License-Identifier: MIT */

#include "worker/showing.h"

#include <stdio.h>
#include <string.h>

#include "worker/board.h"
#include "worker/crew.h"
#include "worker/seat.h"

static void showing_reason(char into[BOARD_TEXT_SIZE],
			   const struct executor *executor, uint32_t task)
{
	const struct task_counters *counters =
		executor_counters(executor, task);

	if (__atomic_load_n(&counters->state, __ATOMIC_RELAXED) != TASK_WAITING)
		return;
	/* The last byte is never written, so that a NUL always ends it. */
	snprintf(into, BOARD_TEXT_SIZE, "%s", executor_reason(executor, task));
}

void showing_update(struct board *board, const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++) {
		const struct seat *seat = &crew->seats[i];
		const struct executor *executor = seat_executor(seat);

		if (executor == NULL)
			continue;
		executor_usage_copy(&board->usages[seat->number],
				    executor_usage(executor));
		for (uint32_t k = 0; k < seat->task_count; k++) {
			uint32_t task = seat->tasks[k];

			showing_reason(board->reasons[task], executor, task);
		}
	}
}

uint64_t showing_peak_rss(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	char line[256];

	if (status == NULL)
		return 0;
	while (fgets(line, sizeof(line), status) != NULL &&
	       sscanf(line, "VmHWM: %lu", &kib) != 1)
		;
	fclose(status);
	return (uint64_t)kib * 1024;
}
