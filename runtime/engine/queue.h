/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

/*
 * Queues: what arrives becomes work of its tasks, and control is served.
 *
 * A task with work stands in the ring of its rank. Work of one task is done
 * strictly in the order of arrival.
 */

#include "engine/state.h"

int queue_init(struct executor *x);

/* Frees all work and batches. */
void queue_fini(struct executor *x);

/* Takes a batch over: serves control, queues runs and marks. Called while no
 * callback is on the stack; the own batch may come under one. */
void queue_receive(struct executor *x, struct batch *batch);

/*
 * Keeps a tuple that was called directly and is to be called again: it gets a
 * run of its own in front of the queue. Draws an edge id. 0 or -ENOMEM.
 */
int queue_again(struct executor *x, struct gust_task *task,
		const struct gust_tuple *tuple, struct lineage *lineage);

/* What waits came from a worker that is lost: nobody is given its credit, and
 * the marks in it count for nothing. */
void queue_lost(struct executor *x, uint32_t worker);

/* Goes on to the next run of packed tuples, of which there is one. */
void queue_next_run(struct work *work);

/* Takes the finished first work out, gives its credit back and frees it. */
void queue_pop(struct executor *x, struct gust_task *task);

/* Puts a task into the ring of its rank, at its end; takes it out. */
void queue_ready(struct executor *x, struct gust_task *task);
void queue_unready(struct executor *x, struct gust_task *task);

#endif
