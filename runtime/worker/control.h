/* SPDX-License-Identifier: MIT */
#ifndef WORKER_CONTROL_H
#define WORKER_CONTROL_H

/*
 * Messages between a parent and a worker: a socket pair of SOCK_SEQPACKET, of
 * which each has an end. They are of one host, one program and one plan, so a
 * message is a struct as it stands in memory; its size is checked all the
 * same, because a child may die or write nonsense at any time.
 *
 * control_send() is for one thread at a time at each end; so is receiving.
 */

#include <stddef.h>
#include <stdint.h>

/* A message, text and all. */
#define CONTROL_BYTES_MAX 32768

enum control_kind {
	/* To a worker. */
	CONTROL_RUN,    /* all have opened; those that come later run at once */
	CONTROL_CANCEL, /* one could not open: close again */
	CONTROL_STOP,
	CONTROL_ABORT,
	CONTROL_CHARGE, /* `root` of this worker, text: the reason; before the
			 * CONTROL_LOST of the same death */
	CONTROL_LOST,   /* `worker` has died with `incarnation`; text: why */

	/* To the parent. */
	CONTROL_OPENED,
	CONTROL_FAILED, /* a component failed: `code`, text; in opening, too */
	CONTROL_BROKEN, /* the machine failed: the worker aborts */
	CONTROL_STUCK,  /* the watchdog says so: `code`, text */
	CONTROL_NO_READER, /* of standard output */
	CONTROL_ENOUGH,    /* the limit of the board was reached */
	CONTROL_DONE,      /* its own executors are done */
	CONTROL_POSITION,  /* `number` of component `task`, text: the source */
	CONTROL_LATENCY,   /* of `task`: text is a struct gust_histogram */
	CONTROL_METRIC,    /* of `task`, see worker/showing.h */
	CONTROL_RESULT,    /* the last one: the worker leaves in peace;
			    * `number`: its peak RSS */
	CONTROL_KINDS
};

/* What is not mentioned at a kind is 0. */
struct control_message {
	uint32_t kind;
	uint32_t worker;
	uint32_t task;
	int32_t code;
	uint64_t incarnation;
	uint64_t root;
	uint64_t number;
	uint64_t size; /* of the text, or whatever bytes follow */
};

struct control;

/* Both ends; both are non-blocking and closed on exec. -errno. */
int control_pair(struct control **parent, struct control **child);
/* Closes this end. Takes NULL. */
void control_close(struct control *control);

/* Readable when control_receive() has something, or at the end of file. */
int control_fd(const struct control *control);

/*
 * Sends a message with `message->size` bytes of `text`. The parent never
 * waits: what a stopped worker does not take is queued, see control_flush().
 * A worker waits for its parent. 0, -EPIPE when nobody is there any more,
 * -EMSGSIZE, -ENOMEM.
 */
int control_send(struct control *control, const struct control_message *message,
		 const void *text);

/* Sends what was queued: 0, -EAGAIN while there is something left, -EPIPE. */
int control_flush(struct control *control);

/* What to poll(2) the descriptor for. */
short control_events(const struct control *control);

/*
 * Receives a message; a NUL follows `*text`, which lasts until the next call.
 * 1, 0: none now, -EPIPE: the other end was closed, -EBADMSG: nonsense.
 */
int control_receive(struct control *control, struct control_message *message,
		    const char **text);

#endif
