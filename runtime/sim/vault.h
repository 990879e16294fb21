/* SPDX-License-Identifier: MIT */
#ifndef SIM_VAULT_H
#define SIM_VAULT_H

/*
 * The stores of simulated tasks: commits that take their time, fail, or are
 * told to have failed although they are stored; one that is under way when its
 * worker dies may have been stored or not. Only the files of this room include
 * this.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

struct sim;
struct sim_answer;
struct sim_node;
struct store;
struct writes;

/* Of a task. */
struct vault {
	struct store *store; /* NULL: none is open */
	bool under_way;      /* a commit, until it has succeeded */
};

/* 0 or -ENOMEM. Then fini, at any time. */
int vault_init(struct sim *sim);
void vault_fini(struct sim *sim);

/* As in struct executor_host; `self` is a struct sim_node. */
int vault_open(void *self, uint32_t task, struct store **store,
	       struct gust_error *error);
void vault_commit(void *self, uint32_t task, struct store *store,
		  struct writes *writes);

/* A commit is answered now: stores it, unless that was done or it fails. */
void vault_answer(struct sim_node *node, const struct sim_answer *answer);

/* Closes the stores of the tasks of some executors, which are gone. */
void vault_close(struct sim *sim, uint32_t first, uint32_t count);

#endif
