/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_LINK_H
#define CHANNEL_LINK_H

/*
 * The conversation with one other worker, over a network that may lose,
 * repeat, delay and reorder frames: batches arrive once and in order, or the
 * other worker is dead. Pure: it has no socket, no thread and no clock. Frames
 * go out and come in through callbacks and calls, and the time is passed in, so
 * that the simulator and the tests run the same code as the workers.
 *
 * A *session* is between one incarnation (life) of this worker and one of the
 * other. HELLO says who we are and is answered by WELCOME; who gets a WELCOME
 * meant for its own incarnation knows that the other one lives now, and is up.
 * Data are numbered within a session and kept until the other side's count,
 * which rides on each frame, has passed them. The receiver takes them in order
 * only. A gap shows by a number, of data or of the next ones in a heartbeat,
 * and is answered with REPEAT; the sender then goes back and starts a new
 * round, and each round goes back once only, however many ask. So a broken
 * connection, a wedge or lost buffers cost a delay, nothing else.
 *
 * A session ends when the other worker was silent for too long, when somebody
 * who knows says so (link_lose()), or when a new incarnation greets. The old
 * one is then dead for good: its frames are answered with FENCED, and who gets
 * that for its own incarnation must exit and start anew. Where two have given
 * each other up, only the one of the higher number has to. All that was queued
 * or kept for the dead one is dropped with it.
 *
 * An incarnation is a number that no life of any worker has twice, and not 0.
 * Frames carry the sender's time and the newest one it has heard, so a WELCOME
 * shows which of our own frames it answers: one that answers nothing that was
 * said since the link went up or down may be a late or replayed frame of an
 * earlier life, and does not count. The same holds for FENCED.
 *
 * Time that this worker did not look at (it was stopped, the machine slept)
 * does not count as the other one's silence.
 *
 * A link belongs to one thread. Callbacks may call link_send(), link_end() and
 * link_status() of the same link, nothing else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channel/frame.h"

struct link;

enum link_event {
	/* A session has begun; `incarnation` is the other one's. */
	LINK_UP,
	/* It has ended, `text` says why; `incarnation` is dead for good. */
	LINK_LOST,
	/* The workers do not fit together, `text` says what differs; both go
	 * on trying. Told once for each incarnation and text. */
	LINK_REFUSED,
	/* This worker was declared dead by the other one: it has to exit, and
	 * to start anew. The link is silent from now on. Told once. */
	LINK_FENCED,
	/* Nothing is on its way in either direction: both ENDs have arrived
	 * and were answered. The link only answers from now on. Told once. */
	LINK_CLOSED
};

/* What both sides must agree on, and who we are. Borrowed for the life of the
 * link. */
struct link_identity {
	const char *topology;
	uint64_t plan_hash;
	const uint64_t *plugins;       /* hashes, by component */
	const char *const *components; /* names, for messages; may be NULL */
	uint32_t plugin_count;
	uint32_t worker;
	uint64_t incarnation;
};

struct link_config {
	struct link_identity self;
	uint32_t peer;       /* the other worker's number */
	uint64_t beat_ns;    /* between heartbeats or greetings: 100 ms */
	uint64_t failure_ns; /* of silence, then it is dead; 0: never */
	/* The longest batch that is put together; a longer one is dropped and
	 * counted. 0: 512 MiB. */
	size_t batch_bytes_max;
};

struct link_host {
	void *self;
	/*
	 * Sends one frame of `size` payload bytes, which are copied; it may
	 * get lost. 0, or -EAGAIN: not now, and link_ready() follows. Any other
	 * error counts as a loss.
	 */
	int (*transmit)(void *self, const struct frame *header,
			const void *payload, size_t size);
	/* A batch as it was sent, between UP and LOST of its session. Borrowed
	 * for the call, aligned as the payload was. */
	void (*deliver)(void *self, const void *batch, size_t size);
	/* Writes what the next heartbeat carries, at most `room` bytes
	 * (FRAME_BEAT_BYTES_MAX), and returns how many. May be NULL. */
	size_t (*beat)(void *self, void *data, size_t room);
	/* What a heartbeat of the other side carried, never nothing; to be
	 * checked. May come late or twice when the network repeats. May be
	 * NULL. */
	void (*beaten)(void *self, const void *data, size_t size);
	/* `text` is never NULL, but may be empty. */
	void (*event)(void *self, enum link_event event, uint64_t incarnation,
		      const char *text);
};

/* Counts go on over sessions. */
struct link_status {
	bool up;
	bool closed;
	bool fenced;
	uint64_t peer;      /* its incarnation while up, else that of before */
	uint64_t since_ns;  /* when it went up or down */
	uint64_t silent_ns; /* since it was last heard, as of the last call */
	/* The newest time of which a frame sent then is known to have arrived,
	 * in any session; before the first one when the link was made. While it
	 * stands still our way to the other side may be broken. */
	uint64_t reached_ns;
	uint64_t kept_frames; /* sent or queued, and not counted yet */
	uint64_t kept_bytes;
	uint64_t waiting_frames; /* of them, not sent yet */
	uint64_t sent_frames;    /* with data, first time */
	uint64_t sent_bytes;
	uint64_t received_frames; /* with data, taken */
	uint64_t received_bytes;
	uint64_t repeated_frames;  /* sent again */
	uint64_t rounds;           /* how often we went back */
	uint64_t duplicate_frames; /* received again */
	uint64_t gaps;             /* how often we asked */
	uint64_t stale_frames;     /* for or of another incarnation */
	uint64_t malformed_frames; /* that no worker of ours sends */
	uint64_t fenced_frames;    /* of incarnations that are dead */
	uint64_t dropped_batches;  /* for a session that ended */
	uint64_t oversized_batches;
	uint64_t ups;
	uint64_t losses;
};

/*
 * Makes a link that is down; the first link_tick() greets. `config` and `host`
 * are copied. `now` is in nanoseconds of a monotonic clock, here and below.
 * -ENOMEM.
 */
int link_create(const struct link_config *config, const struct link_host *host,
		uint64_t now, struct link **link);

/* Says nothing to the other side. Takes NULL. */
void link_destroy(struct link *link);

/*
 * Takes over a message of message_alloc(), whatever the result, of which `size`
 * bytes from `offset` on are the batch, and keeps it until the other side has
 * counted it. While the link is down it
 * waits for whoever comes. Not bounded here: credit is what bounds it. -ENOMEM;
 * -ESHUTDOWN: after link_end(), or the link is fenced.
 */
int link_send(struct link *link, void *message, size_t offset, size_t size,
	      uint64_t now);

/*
 * A frame of the other worker (`header->from` is it) that has passed
 * frame_check() and, where there is a key, is authentic. `payload` holds
 * `header->size` bytes, aligned to 8.
 */
void link_receive(struct link *link, const struct frame *header,
		  const void *payload, uint64_t now);

/*
 * Does what is due. Returns when it wants to be called again, which is in the
 * future; sooner does no harm.
 */
uint64_t link_tick(struct link *link, uint64_t now);

/* Has a heartbeat follow at once, since what `beat` writes has changed. */
void link_beat(struct link *link, uint64_t now);

/* Sending may work again, after -EAGAIN. */
void link_ready(struct link *link, uint64_t now);

/*
 * Somebody who knows says that this incarnation of the other worker is dead,
 * for `reason`. If it is up it is lost; if it was never heard it will not be.
 */
void link_lose(struct link *link, uint64_t incarnation, const char *reason,
	       uint64_t now);

/*
 * No link_send() follows: END goes after what is queued, and to a later
 * incarnation again. Data still come in. LINK_CLOSED tells when the other side
 * has ended, too, and both know it; who waits for that must bound it. May be
 * called again.
 */
void link_end(struct link *link, uint64_t now);

/* Valid as long as the link is, and always of now. */
const struct link_status *link_status(const struct link *link);

#endif
