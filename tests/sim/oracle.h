/* SPDX-License-Identifier: MIT */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

/*
 * What really happened, kept as sets instead of as an XOR.
 *
 * A *tuple* is one emit. It is owed to each subscribing edge: to one task of
 * it, or to all for the grouping `all`. A *node* is one tuple in one task. A
 * node is complete when the bolt is done with it and all tuples anchored to it
 * are; a tuple is complete when a complete node stands for each task it is
 * owed to. The components of the test tell the oracle before they tell the
 * engine, so at no time may the engine have acked more than what is complete.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

#include "engine/executor.h"

struct oracle;
struct world;

/* What the engine is to make of an emit. */
enum oracle_kind {
	ORACLE_ROOT,    /* from a spout */
	ORACLE_DERIVED, /* of its own, or anchored to something held */
	ORACLE_EITHER,  /* several roots: the engine may do one or the other */
	ORACLE_CHILD,
	ORACLE_LOOSE /* not tracked */
};

struct oracle_emission {
	enum oracle_kind kind;
	uint32_t task;   /* who emits */
	uint32_t stream; /* in the plan */
	uint32_t key;
	uint32_t hops, pad; /* for the tuple's other columns */
	int32_t direct;
	const uint64_t *parents; /* nodes */
	uint32_t parent_count;
	bool again;      /* a spout that replays by itself does so */
	uint64_t *own;   /* where the number goes before the engine runs */
	uint32_t source; /* 1 + number in the world; 0: none */
	uint64_t offset;
};

struct oracle *oracle_create(struct world *world);
void oracle_destroy(struct oracle *oracle);

/* A tuple is about to be emitted; its number, above 0, goes into it. The
 * second: its spout replays it as another tuple. */
uint64_t oracle_emit(struct oracle *oracle,
		     const struct oracle_emission *emission);
void oracle_supersede(struct oracle *oracle, uint64_t tuple);

/* A record is rejected by its spout without a tuple. */
void oracle_reject_record(struct oracle *oracle, uint32_t task);

/* A task gets a tuple, which it had not asked to get again with GUST_MORE or
 * -EAGAIN; returns its node, 0 if something is wrong. */
uint64_t oracle_begin(struct oracle *oracle, uint32_t task,
		      const struct gust_tuple *in, uint64_t tuple,
		      uint32_t key);

/* The bolt is done with a node, or fails it. */
void oracle_done(struct oracle *oracle, uint64_t node);
void oracle_failed(struct oracle *oracle, uint64_t node);

/* A node is to be in so many windows: checked at the end of a run. */
void oracle_expect(struct oracle *oracle, uint64_t node, uint32_t windows);

/* A node was in a window that was handed over; in how many it has been. */
uint32_t oracle_seen(struct oracle *oracle, uint64_t node);

/* Whether a tuple is complete or a letter: asked when a spout is told so. */
bool oracle_ended(const struct oracle *oracle, uint64_t tuple);

/* A dead letter has been stored. */
void oracle_letter(struct oracle *oracle, const struct letter *letter);

/* Whether a task may emit what is complete once more: it has died before its
 * store knew of it. */
bool oracle_repeats(const struct oracle *oracle, uint32_t task);

/* How many tuples have been emitted and executed. */
uint64_t oracle_progress(const struct oracle *oracle);

/* Writes the state of all tasks into the trace. */
void oracle_describe(struct oracle *oracle);

/* What must hold after every event, and at the end of a run. */
void oracle_check(struct oracle *oracle);
void oracle_check_end(struct oracle *oracle);

#endif
