/* SPDX-License-Identifier: MIT */
#ifndef WORKER_CREW_H
#define WORKER_CREW_H

/*
 * The threads of a worker, one an executor, and what they share; where there
 * are other workers, also the post. The main thread
 * tells them to start, stop or abort; they tell it by ringing its bell that
 * something among the counts below has changed.
 *
 * Design notes. Nobody leaves before all are done: a seat whose executor has
 * ended still empties its inbox, so that the others' sends to it go through,
 * and still sends what it has queued. Only an abort, which goes to all, has
 * them leave at once. Channels are closed by the main thread
 * after all were joined, inboxes after the channels. If a thread hangs in a
 * plugin, nothing of that is touched any more.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "topology/plan.h"
#include "worker/stdout.h"

struct board;
struct charges;
struct committer;
struct exchange;
struct keeper;
struct post;
struct seat;
struct worker_options;

enum crew_phase {
	CREW_OPENING,
	CREW_RUNNING,  /* all were opened */
	CREW_CANCELLED /* not all could be: they close again */
};

/* What another worker told of itself; atomics that the post writes. */
struct crew_peer {
	uint32_t flags; /* see worker/beat.h; 0 while nothing is known */
	uint64_t movement;
};

struct crew {
	const struct plan *plan;
	uint32_t worker; /* its number in the plan */
	uint32_t first;  /* number in the plan of its first executor */
	struct exchange *exchange;
	struct keeper *keeper;         /* borrowed */
	struct committer *committer;   /* NULL: state is in memory */
	struct board *board;           /* borrowed */
	const struct charges *charges; /* borrowed; NULL: none */
	struct pulse *pulses;          /* of all workers, by executor */
	uint64_t *waits; /* by task, see worker/waits.h; NULL where
					* there is no other worker */
	struct stdout_gate output;
	struct seat *seats; /* by executor, from the first one on */
	uint32_t count;     /* of seats */
	uint32_t started;
	struct post *post;       /* NULL: there is no other worker */
	struct crew_peer *peers; /* by worker */
	struct gust_error error; /* of the post */
	int bell;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum crew_phase phase; /* under the lock */

	/* Atomics that the threads write. */
	uint32_t opened;     /* finished opening, well or not */
	uint32_t failed;     /* components that failed, see seat_error() */
	uint32_t broken;     /* threads that can no longer send */
	uint32_t done;       /* executors that are done, for now, or were
			     * aborted */
	uint32_t left;       /* threads at their end */
	uint32_t no_reader;  /* of standard output */
	uint32_t met;        /* all other workers know of this one */
	uint32_t over;       /* all workers are done */
	uint32_t fenced;     /* another worker has given this one up */
	uint32_t peer_stops; /* another worker was told to stop */

	/* What the post tells the others; the main thread writes it. */
	uint32_t standing; /* flags, see worker/beat.h */
	uint64_t movement; /* see worker/watchdog.h */
};

/*
 * Makes the seats and their channels. `output` is the descriptor of standard
 * output; of `options` it reads who this worker is and where the others are.
 * Sets `error`. crew_fini() follows in any case.
 */
int crew_init(struct crew *crew, const struct plan *plan,
	      const struct worker_options *options, struct board *board,
	      struct keeper *keeper, int output, struct gust_error *error);

/* Of a crew that was joined or not started, or a zeroed one. */
void crew_fini(struct crew *crew);

/* Starts the threads, which open their executors and then wait. -errno: some
 * were not started; crew_cancel() and crew_join() must follow. */
int crew_start(struct crew *crew, struct gust_error *error);

/* Has those who wait begin, or close and end. */
void crew_release(struct crew *crew, enum crew_phase phase);

/* As executor_stop() and executor_abort() for all; may be repeated. */
void crew_stop(struct crew *crew);
void crew_abort(struct crew *crew);

/* Joins the threads that are at their end. Returns how many are not. */
uint32_t crew_join(struct crew *crew);

/* How many threads may be busy on this machine. */
uint32_t crew_threads(const struct crew *crew);

/* Whether all threads that were started are at their end. */
bool crew_left(const struct crew *crew);

/* The error of the lowest executor that has one, or NULL. Once `failed` or
 * `broken` says that there is one. */
const struct gust_error *crew_error(const struct crew *crew);

/* For threads: tells the main thread to look. */
void crew_ring(struct crew *crew);

/* For the main thread: the bell is readable when it was rung. */
void crew_hear(struct crew *crew);

static inline uint32_t crew_load(const uint32_t *count)
{
	return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

/* Whether all other workers know of this one: nothing begins before. */
static inline bool crew_met(const struct crew *crew)
{
	return crew->post == NULL || crew_load(&crew->met) != 0;
}

/* For threads: counts one more, and rings. Returns the new count. */
uint32_t crew_count(struct crew *crew, uint32_t *count);

/* For threads: an executor is no longer done, since a worker was lost. */
void crew_resume(struct crew *crew);

/* For the post: it cannot go on; what another worker tells; all are done. */
void crew_break(struct crew *crew, int code, const char *what);
void crew_hear_of(struct crew *crew, uint32_t worker, uint32_t flags,
		  uint64_t movement);
bool crew_peers_done(const struct crew *crew);
void crew_end(struct crew *crew);

/* For threads: waits for crew_release(); whether to run. */
bool crew_await(struct crew *crew);

/* Whether all executors, of all workers, are done, so that nothing is sent any
 * more. */
static inline bool crew_over(const struct crew *crew)
{
	if (crew->post != NULL)
		return crew_load(&crew->over) != 0;
	return crew_load(&crew->done) == crew->count;
}

#endif
