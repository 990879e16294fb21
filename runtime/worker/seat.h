/* SPDX-License-Identifier: MIT */
#ifndef WORKER_SEAT_H
#define WORKER_SEAT_H

/*
 * One executor and its thread: it carries batches and events to the executor
 * and lets it work in turns. Of the functions here seat_command(),
 * seat_executor() and seat_error() may be called by the main thread while the
 * seat's thread runs; the rest before it starts, after it was joined, or by
 * that thread itself.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <gust/error.h>

#include "engine/executor.h"
#include "worker/lanes.h"
#include "worker/mailbox.h"
#include "worker/overflow.h"
#include "worker/poller.h"
#include "worker/spin.h"

struct commit_answer;
struct crew;

/* Commands; more than one may have been given. */
#define SEAT_STOP 1u
#define SEAT_ABORT 2u

/* A letter that was stored, or not. */
struct seat_answer {
	uint64_t token;
	int result;
};

struct seat {
	struct crew *crew;
	uint32_t number;
	struct executor *executor; /* atomic */
	pthread_t thread;
	struct poller poller;
	struct lanes lanes;
	struct mailbox mail; /* from the post */

	uint32_t *tasks; /* of this executor, by number */
	uint32_t task_count;
	uint32_t spout_count; /* spouts' tasks come first */
	uint32_t *woken;      /* atomic flags, one a task */

	struct seat_answer *answers;
	uint32_t answer_count, answer_room;

	/* Of the committer's thread, see seat_committed(). */
	pthread_mutex_t lock;
	struct commit_answer *commits;

	uint32_t bolt_watches; /* atomic: descriptors that bolts watch */
	uint32_t commands;     /* atomic bits */
	bool stopped;
	bool aborted;
	bool done;
	bool drained;       /* the inbox was found empty */
	uint64_t polled_ns; /* when descriptors were last looked at */
	struct spin spin;
	struct overflow overflow;

	struct gust_error error;
	uint32_t has_error; /* atomic; `error` is then complete */
	uint32_t left;      /* atomic: the thread has come to its end */
	int32_t thread_id;  /* atomic: as the kernel knows it; 0: not yet */
};

/* 0 or -errno; seat_fini() follows in any case. */
int seat_init(struct seat *seat, struct crew *crew, uint32_t number);
/* Destroys the executor, too. Takes a zeroed one. */
void seat_fini(struct seat *seat);

int seat_start(struct seat *seat);

/* Joins a thread that has come to its end; false if it has not. */
bool seat_join(struct seat *seat);

/* Adds to the commands and wakes the thread. */
void seat_command(struct seat *seat, uint32_t commands);

/* NULL before it was created. */
const struct executor *seat_executor(const struct seat *seat);

/* What failed first here, or NULL. */
const struct gust_error *seat_error(const struct seat *seat);

/* For the executor's host, on the seat's thread. */
void seat_send(struct seat *seat, uint32_t to, void *batch, size_t size);
void seat_answer(struct seat *seat, uint64_t token, int result);

int seat_watch(struct seat *seat, uint32_t task, int fd, short events);

/*
 * In a run with a limit, see seat_limit.c: takes a share of what may still be
 * emitted, for one step; then counts what was emitted and gives back the rest.
 * Returns when the next share should be taken, at most `next`: 0 at once.
 */
void seat_reserve(struct seat *seat);
uint64_t seat_settle(struct seat *seat, uint64_t next);

/* From the post: a message with a batch or notice, which is taken over. */
void seat_post(struct seat *seat, void *message);
/* From the committer's thread: a commit of a task of this seat is stored, or
 * is not. */
void seat_committed(struct seat *seat, struct commit_answer *answer);

/* Tells the executor of those. */
void seat_give_commits(struct seat *seat);

/* From any thread: has a task of this seat woken. */
void seat_wake(struct seat *seat, uint32_t task);

#endif
