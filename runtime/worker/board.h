/* SPDX-License-Identifier: MIT */
#ifndef WORKER_BOARD_H
#define WORKER_BOARD_H

/*
 * What the processes of a run on this machine show each other: a mapping that
 * they inherit, so it outlives a worker that is killed. A run in one process
 * has one, too; whoever shows the run reads it there.
 *
 * Each member has one writer at a time, and all are read and written with
 * relaxed atomics; a text may be torn while it changes, but a NUL ends it.
 * Memory that nobody touches costs nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/executing.h"
#include "engine/executor.h"
#include "topology/plan.h"

#define BOARD_TEXT_SIZE 96

/* Trees beyond so many of an executor have no place here. */
#define BOARD_PLACES 65536

enum board_state {
	BOARD_AWAY,    /* not of this machine, or not started yet */
	BOARD_OPENING, /* opens its components */
	BOARD_OPENED,  /* waits for the others */
	BOARD_RUNNING,
	BOARD_DONE, /* its executors are; it waits for the others */
	BOARD_LEFT, /* it has ended well */
	BOARD_DEAD  /* and will be started again */
};

/* Of a worker: `rss` is its own to write, the rest is the parent's. */
struct board_worker {
	uint32_t state; /* enum board_state */
	int32_t pid;
	uint64_t incarnation;
	uint64_t since_ns; /* when it was started */
	uint64_t restarts;
	uint64_t rss; /* its peak, in bytes */
};

/* A worker's link to a peer, as the worker sees it. */
struct board_link {
	uint64_t met;             /* 0 or 1: it was up once */
	uint64_t up;              /* 0 or 1 */
	uint64_t silent_since_ns; /* when it was last heard; 0: never */
	uint64_t kept_frames, kept_bytes;
	uint64_t repeats, drops;
};

/* The limit of --max-tuples, for all spouts together. */
struct board_limit {
	uint64_t max;    /* 0: none */
	int64_t free;    /* of it, reserved by nobody */
	uint64_t roots;  /* emitted */
	uint32_t enough; /* it was reached */
};

/* What an executor has reserved of the limit, and has counted against it. */
struct board_share {
	int64_t reserved;
	uint64_t roots;
};

struct board {
	const struct plan *plan;
	uint32_t worker_count;
	struct task_counters *tasks;      /* by task */
	struct executing *executing;      /* by executor */
	struct executing_place *places;   /* by executor, BOARD_PLACES each */
	struct task_counters *told;       /* by task of other hosts: copies */
	uint64_t *told_ns;                /* when; 0: never */
	struct executor_usage *usages;    /* by executor: copies */
	struct board_share *shares;       /* by executor */
	char (*reasons)[BOARD_TEXT_SIZE]; /* by task: why it waits; copies */
	/* By component: how often a spout without positions died that had not
	 * come to its end. What it had read by then is lost. */
	uint32_t *bereavements;
	struct board_worker *workers; /* by worker */
	struct board_link *links;     /* [worker * worker_count + peer] */
	struct board_limit *limit;
	uint32_t *output;     /* see stdout_share() */
	uint64_t *started_ns; /* when the run began; 0: not yet */
	uint64_t *ended_ns;   /* when it was over; 0: not yet */
	void *mapping;        /* private */
	size_t size;          /* private */
};

/* Borrows the plan. `max_tuples`: 0 for no limit. -ENOMEM. */
int board_init(struct board *board, const struct plan *plan,
	       uint64_t max_tuples);
/* Takes a zeroed one. */
void board_fini(struct board *board);

/* What executors share here; the pulses are the caller's. */
struct executor_shared board_shared(const struct board *board,
				    struct pulse *pulses);

/* Whether a worker, and so its executors and tasks, is of this host. */
bool board_is_here(const struct board *board, uint32_t worker);

/* The time since the run began, or of the whole run once it is over. */
uint64_t board_elapsed_ns(const struct board *board);

#endif
