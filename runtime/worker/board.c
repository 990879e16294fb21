/* SPDX-License-Identifier: MIT */

#include "worker/board.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

#define BOARD_ALIGN ((size_t)64)

/* What the board consists of, in the order of the mapping. */
enum board_part {
	PART_LIMIT,
	PART_OUTPUT,
	PART_STARTED,
	PART_ENDED,
	PART_TASKS,
	PART_TOLD,
	PART_TOLD_NS,
	PART_EXECUTING,
	PART_PLACES,
	PART_USAGES,
	PART_SHARES,
	PART_REASONS,
	PART_BEREAVEMENTS,
	PART_WORKERS,
	PART_LINKS,
	PART_COUNT
};

static void board_measure(const struct board *board, size_t bytes[PART_COUNT])
{
	size_t tasks = board->plan->task_count;
	size_t executors = board->plan->executor_count;
	size_t workers = board->worker_count;

	bytes[PART_LIMIT] = sizeof(*board->limit);
	bytes[PART_OUTPUT] = sizeof(*board->output);
	bytes[PART_STARTED] = sizeof(*board->started_ns);
	bytes[PART_ENDED] = sizeof(*board->ended_ns);
	bytes[PART_TASKS] = tasks * sizeof(*board->tasks);
	bytes[PART_TOLD] = tasks * sizeof(*board->told);
	bytes[PART_TOLD_NS] = tasks * sizeof(*board->told_ns);
	bytes[PART_EXECUTING] = executors * sizeof(*board->executing);
	bytes[PART_PLACES] = executors * BOARD_PLACES * sizeof(*board->places);
	bytes[PART_USAGES] = executors * sizeof(*board->usages);
	bytes[PART_SHARES] = executors * sizeof(*board->shares);
	bytes[PART_REASONS] = tasks * sizeof(*board->reasons);
	bytes[PART_BEREAVEMENTS] =
		board->plan->component_count * sizeof(*board->bereavements);
	bytes[PART_WORKERS] = workers * sizeof(*board->workers);
	bytes[PART_LINKS] = workers * workers * sizeof(*board->links);
}

static void board_point(struct board *board, const size_t at[PART_COUNT])
{
	char *base = board->mapping;

	board->limit = (void *)(base + at[PART_LIMIT]);
	board->output = (void *)(base + at[PART_OUTPUT]);
	board->started_ns = (void *)(base + at[PART_STARTED]);
	board->ended_ns = (void *)(base + at[PART_ENDED]);
	board->tasks = (void *)(base + at[PART_TASKS]);
	board->told = (void *)(base + at[PART_TOLD]);
	board->told_ns = (void *)(base + at[PART_TOLD_NS]);
	board->executing = (void *)(base + at[PART_EXECUTING]);
	board->places = (void *)(base + at[PART_PLACES]);
	board->usages = (void *)(base + at[PART_USAGES]);
	board->shares = (void *)(base + at[PART_SHARES]);
	board->reasons = (void *)(base + at[PART_REASONS]);
	board->bereavements = (void *)(base + at[PART_BEREAVEMENTS]);
	board->workers = (void *)(base + at[PART_WORKERS]);
	board->links = (void *)(base + at[PART_LINKS]);
}

int board_init(struct board *board, const struct plan *plan,
	       uint64_t max_tuples)
{
	size_t bytes[PART_COUNT], at[PART_COUNT];

	memset(board, 0, sizeof(*board));
	board->plan = plan;
	board->worker_count = plan->worker_count;
	board_measure(board, bytes);
	for (int i = 0; i < PART_COUNT; i++) {
		at[i] = board->size;
		board->size +=
			(bytes[i] + BOARD_ALIGN - 1) & ~(BOARD_ALIGN - 1);
	}
	board->mapping =
		mmap(NULL, board->size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (board->mapping == MAP_FAILED) {
		memset(board, 0, sizeof(*board));
		return -ENOMEM;
	}
	board_point(board, at);
	board->limit->max = max_tuples;
	board->limit->free =
		max_tuples < INT64_MAX ? (int64_t)max_tuples : INT64_MAX;
	return 0;
}

void board_fini(struct board *board)
{
	if (board->mapping != NULL)
		munmap(board->mapping, board->size);
	memset(board, 0, sizeof(*board));
}

struct executor_shared board_shared(const struct board *board,
				    struct pulse *pulses)
{
	struct executor_shared shared = {
		.pulses = pulses,
		.counters = board->tasks,
	};

	/* What is being executed is for who outlives a worker: their parent.
	 * To say it costs a twentieth of the shortest way of a tuple. */
	if (board->worker_count > 1) {
		shared.executing = board->executing;
		shared.places = board->places;
		shared.place_count = BOARD_PLACES;
	}
	return shared;
}

bool board_is_here(const struct board *board, uint32_t worker)
{
	return board->plan->host_count == 0 ||
	       __atomic_load_n(&board->workers[worker].state,
			       __ATOMIC_RELAXED) != BOARD_AWAY;
}

uint64_t board_elapsed_ns(const struct board *board)
{
	uint64_t started = __atomic_load_n(board->started_ns, __ATOMIC_RELAXED);
	uint64_t ended = __atomic_load_n(board->ended_ns, __ATOMIC_RELAXED);

	if (started == 0)
		return 0;
	return (ended != 0 ? ended : clock_now_ns()) - started;
}
