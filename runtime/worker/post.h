/* SPDX-License-Identifier: MIT */
#ifndef WORKER_POST_H
#define WORKER_POST_H

/*
 * The thread that owns a worker's port and its links to the other workers.
 * What executors send to those of other workers goes to the post's inbox, and
 * what arrives for them goes from the post to theirs. It runs no plugin, so a
 * worker answers heartbeats while one of its executors hangs.
 *
 * When a peer is lost, the post tells each seat by a notice, in the order of
 * the batches. Until a seat has answered, what it sends for that peer was meant
 * for the one that died, and is dropped.
 *
 * A worker executes nothing before each peer has met its incarnation; else a
 * tree could die with a worker of which the tree's spout never knew. It ends
 * when its own executors and those of all peers are done, and each link has
 * said goodbye.
 *
 * The functions here are for the main thread. All members are private to
 * post.c, course.c and peer.c.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "channel/message.h"
#include "worker/arrival.h"
#include "worker/course.h"
#include "worker/descriptors.h"
#include "worker/errands.h"
#include "worker/lanes.h"
#include "worker/poller.h"

struct crew;
struct peer;
struct port;
struct seal;
struct worker_options;

struct post {
	struct crew *crew;
	uint32_t worker; /* its number */
	uint32_t count;  /* of all workers */
	uint64_t incarnation;
	struct arrival arrival;
	struct port *port;
	void *arriving; /* what a link is being given */
	struct seal *seal;
	struct lanes lanes;
	struct poller poller;
	struct peer *peers; /* by worker; the own place is empty */
	uint64_t *dead;     /* by worker: incarnations that are */
	uint64_t *told;     /* scratch: as a beat tells them */
	uint64_t *plugins;  /* hashes, by component */
	const char **names; /* by component */
	bool drained;       /* the port was found empty */
	struct course course;
	uint64_t polled_ns; /* when descriptors were last looked at */
	uint64_t looked_ns; /* when what is rare was looked at */
	struct descriptors descriptors;
	pthread_t thread;
	bool started;

	struct errands errands;

	uint32_t aborted; /* atomic */
	uint32_t left;    /* atomic: the thread has come to its end */
};

/*
 * Opens the port of the worker that `crew` is, and the links to all others.
 * `options` says where they are. Sets `error`.
 */
int post_create(struct crew *crew, const struct worker_options *options,
		struct post **post, struct gust_error *error);
/* Once it was joined, or never started. Takes NULL. */
void post_destroy(struct post *post);

int post_start(struct post *post);

/* Whether the thread has come to its end, or was never started. */
bool post_left(const struct post *post);

/* Joins it; false if it has not. Takes NULL, as those around. */
bool post_join(struct post *post);

/* Has the thread look at the crew's counts. */
void post_ring(struct post *post);

/* Has it leave at once. */
void post_abort(struct post *post);

/*
 * Somebody who knows says that an incarnation of a worker has died, and before
 * that, which trees are charged with the death; see executor_charge() and
 * executor_lost().
 */
void post_charge(struct post *post, uint64_t root, uint32_t task,
		 const char *reason);
void post_lost(struct post *post, uint32_t worker, uint64_t incarnation,
	       const char *reason);

/* The message that is being received, if its payload is `data`: it is the
 * caller's then. Else NULL. */
static inline void *post_keep(struct post *post, const void *data)
{
	char *message = post->arriving;

	if (message == NULL || message + MESSAGE_ROOM != data)
		return NULL;
	post->arriving = NULL;
	return message;
}

/* Gives a message with a batch or notice to a seat, by its number here; and
 * tells all seats a notice. For peer.c, on the post's thread. */
struct notice;
void post_forward(struct post *post, uint32_t seat, void *message, size_t size);
void post_notify(struct post *post, const struct notice *notice);

#endif
