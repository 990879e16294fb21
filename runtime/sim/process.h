/* SPDX-License-Identifier: MIT */
#ifndef SIM_PROCESS_H
#define SIM_PROCESS_H

/*
 * The workers of a plan that has several: each has a post, which passes batches
 * on between its executors and the links to other workers (channel/link.h), as
 * the post of a real worker does; each dies now and then without a word and
 * comes again as another incarnation. A zombie is one that stands still, is
 * declared dead meanwhile, and goes on.
 *
 * The wire between two workers loses, repeats, delays, reorders frames and is
 * cut, see sim/wire.h. The shared counters, and what was being executed,
 * outlive a worker, as they do with a parent. Only the files of this room
 * include this.
 */

#include <stdint.h>

#include "channel/link.h"
#include "sim/node.h"
#include "tuple/batch.h"

#define PROCESS_CHARGES_MAX 16u

/* One end of a link. */
struct sim_peer {
	struct sim *sim;
	uint32_t worker, peer;
	struct link *link;
	uint64_t due;     /* it wants to be called */
	uint64_t blocked; /* sending works again then; 0: it works; UINT64_MAX:
			     * once a frame has arrived */
	uint32_t under_way; /* frames */
	uint64_t last_due;  /* of those that keep their order */
	bool offered;       /* one that has arrived */
	uint64_t cut_until; /* the way from worker to peer */
};

struct sim_process {
	bool alive;
	bool fenced; /* it has to exit */
	uint64_t lives;
	uint64_t incarnation;
	uint64_t restart_at;
	uint64_t paused_until;
};

/* That an incarnation has died, on its way to another worker. */
struct sim_news {
	uint32_t to, worker;
	uint64_t incarnation;
	uint64_t due;
	uint32_t count;
	struct sim_notice charges[PROCESS_CHARGES_MAX];
};

struct charges;
struct sim_wire; /* see sim/wire.h */

struct sim_processes {
	uint32_t count;
	struct sim_process *list;
	struct sim_peer *peers; /* worker * count + peer */
	uint32_t *waits; /* executor * count + peer: notices not answered */
	struct sim_wire *wire;
	struct sim_news *news;
	uint32_t news_count, news_room;
	struct charges *charges; /* what earlier incarnations died of */
	uint64_t death_at;
	uint32_t deaths_left, cuts_left;
	uint16_t *columns;
	struct batch_limits limits;
};

/* Makes the workers of the plan, if there are several; their executors are
 * created by process_start(). 0 or -ENOMEM. */
int process_init(struct sim *sim);
void process_fini(struct sim *sim);

/* Creates and opens the executors of a worker. As sim_create(). */
int process_start(struct sim *sim, uint32_t worker, struct gust_error *error);

/* From when on something can happen at an executor or a post: 0, a time, or
 * UINT64_MAX while its worker is dead. */
uint64_t process_from(const struct sim *sim, uint32_t end);

/* Offers what can happen now. */
void process_gather(struct sim *sim, uint64_t *wait);
void process_happen(struct sim *sim, uint32_t index);

/* A batch or an answer has reached the post of a worker. */
void process_deliver(struct sim *sim, uint32_t worker, uint32_t from,
		     struct sim_batch *batch);

/* The worker of an executor dies. */
void process_die(struct sim *sim, uint32_t worker);

/* News to a worker of the death of another one; to be completed. */
struct sim_news *process_news(struct sim *sim, uint32_t to, uint32_t worker,
			      uint64_t incarnation);

/* Whether nothing is on its way between workers and none is dead. */
bool process_settled(const struct sim *sim);

/* The end of a link at `worker`; how many notices about `peer` an executor has
 * not answered; the post of a worker among the ends. */
static inline struct sim_peer *process_peer(const struct sim *sim,
					    uint32_t worker, uint32_t peer)
{
	return &sim->processes->peers[worker * sim->processes->count + peer];
}

static inline uint32_t *process_waits(const struct sim *sim, uint32_t executor,
				      uint32_t peer)
{
	return &sim->processes->waits[executor * sim->processes->count + peer];
}

static inline uint32_t process_end(const struct sim *sim, uint32_t worker)
{
	return sim->plan->executor_count + worker;
}

#endif
