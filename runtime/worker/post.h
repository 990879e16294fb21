/* SPDX-License-Identifier: MIT */
#ifndef WORKER_POST_H
#define WORKER_POST_H

/*
 * A worker's port and its links to the other workers, and the thread that minds
 * them. What executors send to those of other workers goes to the post's
 * mailbox, and what arrives for them goes from the post to theirs. It runs no
 * plugin, so a worker answers heartbeats while one of its executors hangs.
 *
 * All that the post does is done in *rounds*, under its lock. Where a worker
 * has one executor, everything that comes is for that one, and its own thread
 * goes the rounds, between its turns (post_serve()): no other thread has to be
 * woken for a batch. The post's thread then only looks now and then, and takes
 * over when the executor's has not been there for a while: it is in a long
 * call, or has come to its end.
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
 * The functions here are for the main thread unless they say otherwise. All
 * members are private to post.c, course.c and peer.c; those that are no atomics
 * are under the lock.
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
#include "worker/mailbox.h"
#include "worker/poller.h"

struct beat_charge;
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
	struct mailbox mail; /* from the seats */
	struct poller poller;
	int doors;   /* epoll of the port, and of the ways that are full */
	bool served; /* a seat goes the rounds, */
	bool away;   /* but has not been there for a while */
	pthread_mutex_t lock;
	uint32_t asleep;    /* atomic: the seat that serves is, at the doors */
	uint64_t served_ns; /* atomic: when it went its last round */
	struct peer *peers; /* by worker; the own place is empty */
	uint64_t *dead;     /* by worker: incarnations that are */
	uint64_t *told;     /* scratch: as a beat tells them */
	const struct beat_charge *debts; /* borrowed */
	uint32_t debt_count;
	uint64_t *plugins;  /* hashes, by component */
	const char **names; /* by component */
	bool drained;       /* the port was found empty */
	struct course course;
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

/*
 * From the threads of seats: has a message, which is taken over, sent to the
 * worker that its batch is for; or has it heard, if it is a notice.
 */
void post_send(struct post *post, void *message);

/*
 * For a seat that goes the rounds: goes one, unless the post's thread does.
 * Returns when the next one is due; 0 is at once. Before the seat sleeps, and
 * afterwards, it tells so; the post's doors, which are in its poller, wake it.
 */
static inline bool post_is_served(const struct post *post)
{
	return post != NULL && post->served;
}

uint64_t post_serve(struct post *post);

static inline void post_set_asleep(struct post *post, bool asleep)
{
	__atomic_store_n(&post->asleep, asleep, __ATOMIC_RELAXED);
}

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

/* For peer.c, under the lock: gives a message with a batch or notice to a seat,
 * by its number here; tells all seats a notice; begins and ends to wait at the
 * doors for a way that is full. */
struct notice;
void post_forward(struct post *post, uint32_t seat, void *message);
void post_notify(struct post *post, const struct notice *notice);
void post_await(struct post *post, int fd);
void post_forget(struct post *post, int fd);

#endif
