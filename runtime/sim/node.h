/* SPDX-License-Identifier: MIT */
#ifndef SIM_NODE_H
#define SIM_NODE_H

/*
 * The inside of a simulation: the executors, what is on its way between them,
 * and the host that each of them sees. Only sim.c and node.c include this.
 */

#include <setjmp.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "sim/reality.h"
#include "sim/sim.h"
#include "sim/vault.h"

/* What a worker's post and its executors tell each other between batches. */
enum sim_notice_kind { SIM_BATCH, SIM_LOST, SIM_CHARGE };

struct sim_notice {
	enum sim_notice_kind kind;
	uint32_t worker; /* lost; the answer says the same */
	uint64_t root;   /* charged */
	uint32_t task;
};

/* What stands before a batch's bytes. */
struct sim_batch {
	alignas(16) struct sim_batch *next;
	size_t allocated;
	size_t sent; /* 0 until then */
	uint64_t due;
	struct sim_notice notice; /* of kind 0: it is a batch */
};

/* From one executor or post to another: first in, first out. */
struct sim_link {
	struct sim_batch *first, *last;
	uint64_t held_until; /* it is full */
};

struct sim_node {
	struct sim *sim;
	uint32_t number;
	struct executor *x;
	bool opened;
	uint64_t next; /* when it wants a turn; UINT64_MAX: never */

	/* Its last call lasts until then; meanwhile the others go on, and see
	 * the pulse of one that is at work. */
	uint64_t busy_until;
	struct pulse pulse; /* after it */
	struct pulse shown; /* until then */
};

/* What comes from outside: the answer about a letter or a commit, a wake-up, a
 * ready descriptor, which comes again and again until its watch ends. */
enum sim_answer_kind { SIM_STORED, SIM_WOKEN, SIM_READY, SIM_COMMITTED };

struct sim_answer {
	enum sim_answer_kind kind;
	uint32_t executor;
	uint32_t task;
	uint64_t due;
	uint64_t token;
	int result;
	struct writes *writes; /* yet to be stored; else NULL */
	int fd;
	short events;
	short revents;  /* what reality says, or 0 */
	uint32_t again; /* so often it was ready at one moment of the clock */
	uint64_t seen;  /* that moment */
};

/* One thing that can happen now. */
enum sim_choice_kind { SIM_TURN, SIM_DELIVERY, SIM_ANSWER, SIM_PROCESS };

struct sim_choice {
	enum sim_choice_kind kind;
	uint32_t index;
};

struct sim_processes; /* see sim/process.h */

struct sim {
	const struct plan *plan;
	struct sim_config config;
	struct sim_outside outside;
	struct random random;
	uint64_t now;
	uint64_t ahead; /* how far the executor that is called now is */
	bool stopped, aborted;

	struct sim_node *nodes;
	struct executor_shared shared;
	struct pulse *pulses;
	struct sim_link *links; /* from * ends + to */
	uint32_t ends; /* executors, and behind them a post a worker, if there
			* are several */
	struct vault *vaults;            /* by task */
	struct sim_processes *processes; /* NULL: there is one worker */
	struct sim_node *called;
	jmp_buf death; /* of `called` */

	struct sim_answer *answers;
	uint32_t answer_count, answer_room;
	struct sim_choice *choices;
	uint32_t choice_count, choice_room;

	struct reality reality;
	struct sim_usage usage;
};

/* Appends to the end of a link; a notice needs no bytes. */
struct sim_batch *node_batch(struct sim *sim, size_t size);
void node_push(struct sim *sim, uint32_t from, uint32_t to,
	       struct sim_batch *batch);

/* A new answer, whose members the caller sets. */
struct sim_answer *node_answer(struct sim *sim);

/* Has the task woken soon, once. */
void node_wake_soon(struct sim *sim, uint32_t task);

/* Creates and opens executors, and has them vanish without a word. */
int node_create(struct sim *sim, uint32_t first, uint32_t count,
		struct gust_error *error);
void node_destroy(struct sim *sim, uint32_t first, uint32_t count);

/* Offers something to happen when it is due, or else lowers `*wait` to when it
 * will be. */
void node_offer(struct sim *sim, enum sim_choice_kind kind, uint32_t index,
		uint64_t due, uint64_t *wait);

/* The host of an executor; `self` is its struct sim_node. */
extern const struct executor_host node_host;

/* Around every call of an executor: it takes its own time, while the clock of
 * the others stands. */
void node_begin(struct sim_node *node);
void node_end(struct sim_node *node);

/* What has come to its end by now. */
void node_settle(struct sim_node *node);

/* A time of up to `most` from now; true in `of_1000` cases of 1000. */
uint64_t node_soon(struct sim *sim, uint64_t most);
bool node_chance(struct sim *sim, uint32_t of_1000);

/* Frees a batch and counts it out. */
void node_release(struct sim *sim, struct sim_batch *batch);

/* Writes a line of the trace, if anybody reads it. */
void node_trace(struct sim *sim, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
