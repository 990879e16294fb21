/* SPDX-License-Identifier: MIT */
#ifndef EXEC_ANSWER_H
#define EXEC_ANSWER_H

/*
 * What the program answers: read, understood, emitted and acked.
 */

#include "program.h"

/* Prepares for the task's output. 0 or -errno. */
int answer_open(struct exec *exec, struct gust_task *task);

/*
 * Takes the answers that are there, in so far as there is room for what they
 * emit; all of them if `whole`.
 */
void answer_read(struct exec *exec, struct gust_task *task, bool whole);

#endif
