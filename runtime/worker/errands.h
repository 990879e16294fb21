/* SPDX-License-Identifier: MIT */
#ifndef WORKER_ERRANDS_H
#define WORKER_ERRANDS_H

/*
 * What the main thread has to say to the post, in its order: which trees are
 * charged with a death, and who has died.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tuple/batch.h"

struct errand {
	struct errand *next;
	bool lost; /* a worker was; else a tree is charged */
	uint32_t worker;
	uint64_t incarnation;
	uint64_t root;
	uint32_t task;
	char reason[FAILURE_REASON_MAX];
};

/* All members are private. */
struct errands {
	pthread_mutex_t lock;
	struct errand *first, **last;
};

void errands_init(struct errands *errands);
void errands_fini(struct errands *errands);

/* Adds one. There must be memory for it: without it trees would be lost until
 * they time out. */
void errands_charge(struct errands *errands, uint64_t root, uint32_t task,
		    const char *reason);
void errands_lost(struct errands *errands, uint32_t worker,
		  uint64_t incarnation, const char *reason);

/* Takes all; the caller frees each. */
struct errand *errands_take(struct errands *errands);

#endif
