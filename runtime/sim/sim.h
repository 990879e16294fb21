/* SPDX-License-Identifier: MIT */
#ifndef SIM_SIM_H
#define SIM_SIM_H

/*
 * A topology on a simulated clock and network, in one thread.
 *
 * All executors of a plan run here with the same engine that the worker runs
 * on threads. What happens next is drawn from a seed: a turn of any executor
 * that wants one, the delivery of the oldest batch of any link, the answer
 * about a dead letter, a wake-up, a descriptor that is ready. Links keep their
 * order and take their time, and now and then one is full and holds. The clock
 * moves a little whenever it is read, and leaps to the next due time when
 * nothing else can happen, so hours pass in milliseconds; the same seed gives
 * the same run, as long as the components draw their own chances from it.
 *
 * Use: sim_create(), then sim_step() until it answers something other than
 * SIM_RUNNING, then sim_destroy(). Stopping and aborting may come in between.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "topology/plan.h"

struct sim;

/*
 * What outlives a run or leaves it; all members are optional. They are called
 * from within sim_step(), sim_stop() and sim_create() and must not call back.
 */
struct sim_outside {
	void *self;

	/* A dead letter is stored for good; borrowed for the call. */
	void (*letter)(void *self, const struct letter *letter);

	/* As in struct executor_host. Without resume() all begins at 0. */
	void (*position)(void *self, uint32_t component, const char *source,
			 uint64_t offset);
	uint64_t (*resume)(void *self, uint32_t component, const char *source);

	/* As in struct executor_host; the simulator closes the store when the
	 * executor is gone. Without it state is in memory. frozen(): what the
	 * task has written so far is about to be stored; stored(): it is, which
	 * may come again where it is said to have failed. */
	int (*state)(void *self, uint32_t task, struct store **store,
		     struct gust_error *error);
	void (*frozen)(void *self, uint32_t task);
	void (*stored)(void *self, uint32_t task);

	/* What sinks write; without it, it is dropped. */
	ssize_t (*write)(void *self, uint32_t task, const char *data,
			 size_t size);

	void (*log)(void *self, uint32_t task, enum gust_log_level level,
		    const char *text);

	/* A worker has died. */
	void (*died)(void *self, uint32_t worker);

	/* Every event, in words, when set: for a trace. */
	void (*trace)(void *self, uint64_t now_ns, const char *text);
};

/* How the simulated world behaves. Zero is a fast and faultless one. */
struct sim_config {
	uint64_t seed;
	uint64_t clock_ns;      /* at most, each time the clock is read */
	uint64_t delay_ns;      /* at most, of a batch on its link */
	uint64_t full_ns;       /* at most, that a full link holds */
	uint32_t full_chance;   /* of 1000 batches, that a link is full */
	uint64_t store_ns;      /* at most, until a letter is stored */
	uint32_t store_fail;    /* of 1000 letters that are not stored */
	uint64_t commit_ns;     /* at most, until state is stored */
	uint32_t commit_fail;   /* of 1000 commits that are said to fail */
	bool spills;            /* what memory has no share for may go */
	uint32_t spill_fail;    /* of 1000 times that there is no room for it */
	uint64_t event_ns;      /* at most, until a wake-up or a descriptor */
	uint32_t leap_chance;   /* of 1000 events, that the clock leaps early */
	uint32_t spurious;      /* of 1000 events, a turn nobody asked for */
	uint32_t slow_executor; /* number of one that gets one turn in 16,
				 * counted from 1 */

	/* For a plan of several workers, see sim/process.h. */
	uint32_t frame_loss;   /* of 1000 frames, those that get lost */
	uint32_t frame_repeat; /* of 1000 frames, those that come twice */
	uint64_t frame_ns;     /* at most, of a frame on its way */
	uint32_t frame_astray; /* of 1000 frames, that others overtake */
	uint32_t cut_chance;   /* of 1000 frames, that a way is cut */
	uint64_t cut_ns;       /* at most, for how long */
	uint32_t cuts;         /* at most; then no way is cut any more */
	uint64_t failure_ns;   /* of silence, then a worker is dead; 0: never */
	uint32_t deaths;       /* at most, from outside */
	uint64_t death_ns;     /* at most, until the next one */
	uint32_t zombies;      /* of 1000 of them, that it goes on later */
	uint64_t restart_ns;   /* at most, until a dead one comes again */

	/* Descriptors and threads are those of the real world. Where there
	 * are any, the clock stands until nothing has come from there for so
	 * many real ms, and then goes at most 100 times as fast as a real one,
	 * until something comes. 0: every descriptor is ready, and no thread
	 * may call gust_wake(). */
	int quiet_ms;
};

/*
 * Creates and opens all executors of `plan`, which must outlive the sim.
 * `config` and `outside` are copied; `outside` may be NULL. -ENOMEM, or what
 * the open() of a component returned, with `error` set.
 */
int sim_create(const struct plan *plan, const struct sim_config *config,
	       const struct sim_outside *outside, struct sim **sim,
	       struct gust_error *error);

enum sim_state {
	SIM_RUNNING,
	SIM_DONE,      /* all executors are done and all links are empty */
	SIM_STANDSTILL /* they are not, and nothing can happen any more */
};

/*
 * Lets one event happen. When a component has failed (see sim_failure()), all
 * executors are stopped, as a worker does.
 */
enum sim_state sim_step(struct sim *sim);

/*
 * Lets everything happen that is due by `until`, at most `*events` events,
 * which are counted down, and moves the clock there. SIM_RUNNING: it has come
 * so far, or the events are used up. UINT64_MAX: to the end.
 */
enum sim_state sim_run(struct sim *sim, uint64_t until, uint64_t *events);

/* Ends the spouts of all executors, or all executors at once. */
void sim_stop(struct sim *sim);
void sim_abort(struct sim *sim);

/* Closes and destroys what is left. Takes NULL. Returns the number of batches,
 * and of blocks that were spilled, that nobody gave back: anything but 0 is a
 * leak in the engine. */
size_t sim_destroy(struct sim *sim);

/* As if the process were killed: nothing is told to anybody any more. The same
 * otherwise; what instances hold is lost. */
size_t sim_crash(struct sim *sim);

/* The first failure of a component, or NULL. */
const struct gust_error *sim_failure(const struct sim *sim);

/* The simulated time, and its passing: for a callback that takes long. */
uint64_t sim_now(const struct sim *sim);
void sim_spend(struct sim *sim, uint64_t ns);

/* Within a callback: the worker that runs it crashes there and then. */
_Noreturn void sim_die(struct sim *sim);

/* One of the executors, for its counters; NULL while its worker is dead. */
const struct executor *sim_executor(const struct sim *sim, uint32_t number);
/* The counters of any task; of a dead worker's as others see them. */
const struct task_counters *sim_counters(const struct sim *sim, uint32_t task);

/* Whether an executor says that only held trees fill its memory. */
bool sim_stuck(const struct sim *sim);

struct sim_usage {
	uint64_t events;
	uint64_t batches;          /* sent */
	uint64_t batches_alive;    /* on links and in executors */
	uint64_t bytes_alive;      /* allocated for them */
	uint64_t bytes_sent_alive; /* of those sent, what they hold */
	uint64_t bytes_sent_peak;
	uint64_t spilled;  /* now, in blocks */
	uint64_t deaths;   /* of workers */
	uint64_t charges;  /* of trees, for them */
	uint64_t frames;   /* between workers */
	uint64_t repeated; /* of them, sent once more by the links */
};
const struct sim_usage *sim_usage(const struct sim *sim);

#endif
