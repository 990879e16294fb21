/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_LINK_STATE_H
#define CHANNEL_LINK_STATE_H

/*
 * The inside of a link, shared by the files of that name: link.c holds its life
 * and its sessions, link_greet.c how one begins, link_send.c what goes out and
 * is kept, link_receive.c what comes in.
 */

#include "channel/hello.h"
#include "channel/link.h"

/* So many dead incarnations are known; there are that many only where the
 * other worker dies again and again, and then the early ones are long gone. */
#define LINK_GRAVES 64

/* So many bytes are not left uncounted until the next heartbeat; mostly acks or
 * credits go back sooner, and carry the count. */
#define LINK_COUNT_BYTES ((size_t)1 << 20)

/* What is not looked at for longer counts as so much of silence. */
#define LINK_LOOK_NS UINT64_C(1000000000)

/* Refusals are told no more often. */
#define LINK_REFUSAL_NS UINT64_C(1000000000)

/* Who knows that both have ended waits so long for the other to say it, too. */
#define LINK_LINGER_NS UINT64_C(1000000000)

/* What is to be said as soon as the network takes it. */
enum link_owed {
	LINK_OWED_WELCOME = 1,
	LINK_OWED_HELLO = 2,
	LINK_OWED_FENCED = 4,
	LINK_OWED_REPEAT = 8,
	LINK_OWED_BEAT = 16,
	LINK_OWED_COUNT = 32, /* a heartbeat that carries the count alone */
	LINK_OWED_ENDED = 64
};

/* A batch that was not counted yet, or with `data` NULL the END. */
struct link_kept {
	void *data;
	size_t offset; /* of the batch in it */
	size_t size;
	uint64_t first;  /* number of its first frame */
	uint64_t frames; /* at least 1 */
};

struct link {
	struct link_config config;
	struct link_host host;
	struct link_status status;
	void *hello; /* payload of HELLO and WELCOME */
	size_t hello_size;
	void *beat; /* room for the payload of BEAT */

	/* What goes out; a ring of a power of two, or none. */
	struct link_kept *ring;
	size_t capacity;
	size_t first;
	size_t kept;
	size_t cursor;    /* which of the kept ones `next` belongs to */
	uint64_t last;    /* the last number given */
	uint64_t next;    /* to be transmitted next */
	uint64_t fresh;   /* the first number never transmitted */
	uint64_t counted; /* by the other side */
	uint32_t round;
	bool blocked; /* by -EAGAIN */
	bool ending;
	bool end_queued;

	/* What comes in. */
	uint64_t received;  /* numbers in a row */
	uint64_t uncounted; /* bytes since a count was sent */
	bool asked;         /* for a repeat, */
	uint32_t gap_round; /* of this round, */
	uint64_t gap_ns;    /* at this time */
	char *parts;        /* the beginning of a batch */
	size_t parts_size;
	size_t parts_capacity;
	bool parts_oversized;
	bool peer_ended; /* its END is in */
	bool peer_done;  /* its ENDED is in */
	bool settled;    /* both ENDs are in, as far as we know */

	/* Greetings and times. */
	uint32_t owed;
	uint64_t welcome; /* who is owed one */
	uint64_t fence;   /* who is to be told that it is dead */
	uint64_t echo;    /* the newest time heard, */
	uint64_t echo_of; /* of this incarnation */
	uint64_t seen_ns;
	uint64_t beat_ns;
	uint64_t answer_ns; /* when HELLO or FENCED may answer a stray next */
	uint64_t settled_ns;
	uint64_t refused; /* incarnation whose refusal was told */
	uint64_t refused_ns;
	char refusal[HELLO_TEXT_SIZE];
	uint64_t graves[LINK_GRAVES];
	unsigned grave;
};

/* link.c */

/* Begins a session, after the end of the one before it. `owed` is what the
 * other side is to get first. */
void link_adopt(struct link *link, uint64_t incarnation, uint32_t owed,
		uint64_t now);

/* Ends the session that is up, for good. */
void link_drop(struct link *link, const char *text, uint64_t now);

/* Lets an incarnation be dead. */
void link_bury(struct link *link, uint64_t incarnation);

bool link_is_buried(const struct link *link, uint64_t incarnation);

/* Notes the time, which is what silence is made of. */
void link_look(struct link *link, uint64_t now);

/* Whether the frame answers something that we said since we are up or down. */
bool link_is_fresh(const struct link *link, const struct frame *frame);

/* Tells LINK_CLOSED when it is time. */
void link_settle(struct link *link, uint64_t now);

/* link_send.c */

/* Transmits one frame to incarnation `peer`; false: the network is full. */
bool link_put(struct link *link, struct frame *header, const void *payload,
	      uint64_t now);

/* Transmits what is owed, then data, until the network is full. */
void link_pump(struct link *link, uint64_t now);

/* The other side has `received` numbers in a row. */
void link_count(struct link *link, uint64_t received);

/* The other side misses something, as it saw in round `asked`. */
void link_go_back(struct link *link, uint32_t asked);

/* Puts END behind what is queued, as soon as there is memory. */
void link_queue_end(struct link *link);

/* Frees what is kept, and begins to count anew. */
void link_forget(struct link *link);

/* link_greet.c */

/* Each transmits one frame; false: the network is full. */
bool link_put_hello(struct link *link, uint64_t now);
bool link_put_welcome(struct link *link, uint64_t now);

void link_hello(struct link *link, const struct frame *frame,
		const void *payload, uint64_t now);
void link_welcome(struct link *link, const struct frame *frame,
		  const void *payload, uint64_t now);
void link_refused(struct link *link, const struct frame *frame,
		  const void *payload, uint64_t now);
void link_fenced(struct link *link, const struct frame *frame, uint64_t now);
void link_foreign(struct link *link, const struct frame *frame, uint64_t now);

/* Answers a frame of an incarnation that is dead, or unknown: rarely enough
 * that two cannot keep each other busy. */
void link_answer(struct link *link, uint32_t owed, uint64_t now);

#endif
