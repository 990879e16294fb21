/* SPDX-License-Identifier: MIT */
#ifndef PARENT_BROOD_H
#define PARENT_BROOD_H

/*
 * A parent's workers, all together: they are started, begin when all have
 * opened their components, are started again when they die, and are told what
 * concerns all. What has to do with the run as a whole is the parent's, which
 * hears of it through struct brood_host.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "topology/plan.h"
#include "worker/board.h"
#include "worker/gathering.h"
#include "worker/worker.h"

struct brood;

struct brood_host {
	void *self;

	/* A worker said what ends the run: CONTROL_FAILED, CONTROL_BROKEN,
	 * CONTROL_STUCK, CONTROL_NO_READER or CONTROL_ENOUGH. */
	void (*heard)(void *self, const struct control_message *message,
		      const char *text);

	/* A worker has died and cannot be started again. */
	void (*failed)(void *self, const struct gust_error *error);

	/* In a new process: closes what is the parent's. */
	void (*forget)(void *self);
};

/*
 * `count` workers of the plan from `first` on; none is started yet. `options`
 * are those of the workers; board and keeper among them. All is borrowed, and
 * `host` copied. Sets `error`.
 */
int brood_create(const struct plan *plan, const struct worker_options *options,
		 uint32_t first, uint32_t count, const struct brood_host *host,
		 struct brood **brood, struct gust_error *error);
/* Ends those that still live. Takes NULL. */
void brood_destroy(struct brood *brood);

/* In a new process: closes what belongs to the others. */
void brood_forget(const struct brood *brood);

/* Starts all. -errno: some were not started. */
int brood_start(struct brood *brood, struct gust_error *error);

/* Whether they have begun. */
bool brood_running(const struct brood *brood);

/*
 * Those that have not begun close again; those that have end their spouts, or
 * end at once, or are killed. Those that are started later are told, too;
 * after brood_abort() and brood_kill() none is.
 */
void brood_stop(struct brood *brood);
void brood_abort(struct brood *brood);
void brood_kill(struct brood *brood);

/* Whether all have ended for good. */
bool brood_over(const struct brood *brood);

/* Fills in what to poll(2) for: two a worker. Returns how many. */
nfds_t brood_poll(const struct brood *brood, struct pollfd *fds);

/* Does what there is to do; call it after each poll(2). Returns when it wants
 * to be called again, UINT64_MAX for never. */
uint64_t brood_look(struct brood *brood, uint64_t now);

/* Complete once all have ended. */
struct gathering *brood_gathering(const struct brood *brood);

#endif
