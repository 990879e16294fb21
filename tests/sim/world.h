/* SPDX-License-Identifier: MIT */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

/*
 * One random topology with all that belongs to it: the plan, the chances by
 * which its components misbehave, the simulated network, and the oracle that
 * watches. Everything follows from one seed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/spout.h>
#include <gust/window.h>

#include "base/random.h"
#include "sim/sim.h"
#include "topology/plan.h"

#define WORLD_COMPONENTS 9
#define WORLD_STREAMS 32
#define WORLD_EDGES 48
#define WORLD_TASKS 64 /* nine components of up to five tasks */
#define WORLD_KEYS 16
#define WORLD_WORKERS 4

/* Hops of a tuple that came of a record that kills. */
#define WORLD_POISON 1000u

struct oracle;

/* What every tuple carries: the columns of all streams. */
enum world_column { COLUMN_ID, COLUMN_KEY, COLUMN_HOPS, COLUMN_PAD };

/* How a bolt behaves: chances are of 1000 calls. */
struct bolt_habits {
	uint32_t children; /* at most, a call */
	uint32_t burst;    /* children of a rare call */
	uint32_t burst_chance;
	uint32_t fail, reject, dead, again;
	uint32_t poison_key; /* always fails; WORLD_KEYS: none does */
	uint32_t retain, hold, batch;
	uint32_t settle; /* that a call also ends some of what is kept */
	uint32_t loose;  /* that a child is not anchored */
	uint32_t own;    /* that tick(), timer() and so on emit */
	uint32_t crash;  /* that its worker dies in the call */
	uint32_t stall;  /* that a call takes long */
	uint64_t stall_ns;
	uint64_t retain_ns; /* at most */
	bool more;          /* asks for room and returns GUST_MORE */
	bool finish_emits;
	bool idle_settles;
	bool state;   /* it counts in durable state */
	uint32_t pad; /* bytes, at most, in an emitted tuple */
};

struct spout_habits {
	enum gust_replay replay;
	uint32_t records;
	uint32_t at_once; /* records, at most, a call */
	uint32_t wait;    /* chance of a call to emit nothing for a while */
	uint32_t loose;   /* chance of a record not to be tracked */
	uint32_t reject;  /* chance of a record to be rejected at once */
	uint32_t broken;  /* chance of a call to end the run */
	uint32_t sources; /* of a task, that replays by position */
	uint32_t pad;
};

/* What the instance of every component begins with. */
struct member {
	struct world *world;
	uint32_t component;
	uint32_t task;
	bool inside; /* one of its callbacks runs */
	bool opened, closed;
};

/* How far a source is done with: it outlives a run. */
struct world_source {
	char name[32];
	uint32_t component;
	uint32_t count;   /* of its records */
	uint8_t *settled; /* a flag a record */
	uint64_t stored;  /* the position */
};

/* Of a bolt's task, see effects.h. Nodes that are counted, and are not; so
 * many by key. */
struct world_effects {
	struct ram *disk; /* what outlives a run */
	uint64_t *fresh, *frozen;
	size_t fresh_count, fresh_room, frozen_count, frozen_room;
	size_t late_count; /* after finish() */
	uint64_t counts[WORLD_KEYS];
	uint64_t frozen_counts[WORLD_KEYS];
	uint64_t stored_counts[WORLD_KEYS];
};

struct world {
	uint64_t seed;
	struct random random;
	struct plan plan;
	struct plan_component components[WORLD_COMPONENTS];
	struct plan_stream streams[WORLD_STREAMS];
	struct plan_edge edges[WORLD_EDGES];
	char ids[WORLD_COMPONENTS][16];
	char stream_names[WORLD_STREAMS][16];
	bool direct[WORLD_STREAMS];
	bool loop[WORLD_STREAMS]; /* its subscribers are upstream */
	struct bolt_habits bolts[WORLD_COMPONENTS];
	struct spout_habits spouts[WORLD_COMPONENTS];
	struct gust_window_spec windows[WORLD_COMPONENTS];
	uint32_t overlaps[WORLD_COMPONENTS]; /* windows that a tuple is in */
	uint32_t runs;   /* how many have begun; a restart is another one */
	uint64_t tuples; /* emitted in earlier ones: event time goes on */
	void *instances[WORLD_COMPONENTS];
	bool timed;    /* see times.h */
	bool punctual; /* nothing may be late */
	struct plan_timestamp timestamps[WORLD_COMPONENTS];
	struct stamp *stamp;
	uint32_t hops_max;
	bool has_loop;
	bool patient; /* bolts keep much, and nothing times out */

	struct sim_config sim_config;
	struct sim *sim;
	struct oracle *oracle;
	uint64_t budget;                  /* tuples that bolts may still emit */
	uint64_t stop_after, abort_after; /* events; 0: never */
	bool crash;                       /* instead of an abort */
	bool restart;                     /* after an abort */
	bool aborted, stopped;
	uint32_t deaths;                  /* of workers */
	bool died[WORLD_WORKERS];         /* which of them */
	uint32_t crashes_left;            /* that bolts cause by chance */
	uint32_t progressed[WORLD_TASKS]; /* of spouts without positions */
	uint64_t poison;  /* offset of a record that kills; UINT64_MAX: none */
	uint64_t *bounds; /* of bound_check(), by executor and component */
	uint64_t progress, progress_at; /* see oracle_progress(), events */
	uint64_t unstuck_ns; /* the last time that it was not stuck */

	struct world_effects effects[WORLD_TASKS];
	uint64_t *nodes[WORLD_TASKS]; /* of the window that is handed over */

	struct world_source sources[WORLD_TASKS];
	uint32_t source_count;

	bool trace;
	bool failed; /* the first failure stands in `failure` */
	char failure[512];
};

/* Draws a topology from `seed`. */
void world_init(struct world *world, uint64_t seed);
void world_fini(struct world *world);

/* Gives a bolt windows, or not. */
void world_draw_windows(struct world *world, uint32_t component);

/* Says what went wrong; the first one counts. */
void world_fail(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A line of the trace. */
void world_trace(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether the worker of a task has died. */
bool world_has_died(const struct world *world, uint32_t task);

/* Draws: below n; true in `of_1000` cases of 1000; between both inclusive. */
uint32_t world_below(struct world *world, uint32_t n);
bool world_chance(struct world *world, uint32_t of_1000);
uint32_t world_between(struct world *world, uint32_t low, uint32_t high);

/* The source with that name, for a task of a component; made if need be. */
struct world_source *world_source(struct world *world, uint32_t component,
				  const char *name, uint32_t count);

/*
 * What may wait in the queues of a component's tasks on one executor, in
 * bytes, by the rule of credit; UINT64_MAX where the window is not known.
 */
uint64_t bound_queued(const struct world *world, uint32_t executor,
		      uint32_t component);

/* Fails the world when more is waiting, anywhere. */
void bound_check(struct world *world);

/* The columns of all streams, and the descriptors of all components. */
extern const struct gust_column world_columns[];
extern const struct gust_bolt world_bolt;
extern const struct gust_spout world_spout;

/* A callback begins or ends: none runs inside another of its instance. */
void member_enter(struct member *member);
void member_leave(struct member *member);

/*
 * Emits a tuple to stream `number` of the member's component, and tells the
 * oracle before. `how` holds the kind, anchors, position or id; `parents` are
 * the oracle's nodes that it is anchored to. Returns the tuple's number.
 */
struct oracle_emission;
uint64_t member_emit(struct member *member, struct gust_task *task,
		     struct gust_emission *how,
		     const struct oracle_emission *emission);

#endif
