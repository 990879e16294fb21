/* SPDX-License-Identifier: MIT */
#ifndef LINK_PAIR_H
#define LINK_PAIR_H

/*
 * Two workers with a link between them, on a virtual clock, over a network that
 * misbehaves as it is told, and a judge who knows what must have arrived.
 *
 * A batch says which incarnation sent it, and its number among all that this
 * one has sent. What was sent before a LOST is void; of the rest each one must
 * be delivered once and in order, within one session. A session is between two
 * incarnations and there is at most one. What is found wrong is a CHECK that
 * fails, after the seed was printed.
 *
 * Included once, after test.h.
 */

#include <errno.h>

#include "base/random.h"
#include "channel/link.h"
#include "channel/message.h"

#define PAIR_MS UINT64_C(1000000)
#define PAIR_FLIGHTS_MAX 4096
#define PAIR_LIVES_MAX 256
#define PAIR_LONG (FRAME_BYTES_MAX * 2 + 1000)

/* A frame on its way. */
struct pair_flight {
	uint64_t due;
	uint64_t order; /* of those due at once */
	unsigned to;
	size_t size;
	struct frame *frame; /* with its payload */
};

/* What a batch begins with; it is filled up with its number. */
struct pair_batch {
	uint64_t from; /* incarnation */
	uint64_t number;
};

/* One incarnation of a side. */
struct pair_life {
	uint64_t incarnation;
	uint64_t sent;  /* batches in all */
	uint64_t void_; /* so many of them were lost with a session */
	/* By the other side's life: whether there was a session, the first
	 * batch that belongs to it, and the next one expected over there. */
	bool met[PAIR_LIVES_MAX];
	uint64_t first[PAIR_LIVES_MAX];
	uint64_t next[PAIR_LIVES_MAX];
};

struct pair_side {
	struct pair *pair;
	unsigned number; /* 0 or 1, and the worker's */
	struct link *link;
	struct link_identity identity;
	struct pair_life *lives;
	unsigned life; /* the current one; so many were before */
	bool up;
	unsigned other; /* whose life it is up with */
	bool fenced;
	bool closed;
	bool blocked;
	uint64_t tick;
	uint64_t restart; /* when it starts anew; 0: it runs */
	uint64_t stopped; /* until when, as by SIGSTOP */
	uint64_t losses;  /* over all lives */
	uint64_t fences;
	uint64_t delivered; /* to this side, over all lives */
	uint64_t beats;     /* payloads of heartbeats that came */
	unsigned in_flight; /* towards this side */
	unsigned refusals;
	char refusal[512];
	char lost[512]; /* why */
};

struct pair {
	struct random random;
	uint64_t seed;
	uint64_t now;
	struct pair_side sides[2];
	struct pair_flight flights[PAIR_FLIGHTS_MAX];
	unsigned flying;
	/* The network, by the side towards which it leads. */
	unsigned loss[2]; /* percent */
	unsigned twice;   /* percent that come twice */
	uint64_t delay;
	uint64_t jitter;
	uint64_t cut[2]; /* until when */
	unsigned room;   /* frames in flight, then -EAGAIN */
	bool counters;   /* incarnations have them */
	uint64_t failure_ns;
	uint64_t beat_ns;
	size_t batch_bytes_max;
	uint64_t orders;                   /* frames sent */
	uint64_t kinds[FRAME_REFUSED + 1]; /* taken by the network */
};

static inline unsigned pair_percent(struct pair *pair)
{
	return random_below(&pair->random, 100);
}

static inline void pair_fly(struct pair *pair, unsigned to,
			    const struct frame *header, const void *payload)
{
	struct pair_flight *flight = &pair->flights[pair->flying];
	uint64_t late = pair->jitter > 0
				? random_next(&pair->random) % pair->jitter
				: 0;

	if (pair->flying == PAIR_FLIGHTS_MAX)
		return;
	pair->flying++;
	pair->sides[to].in_flight++;
	flight->due = pair->now + pair->delay + late;
	flight->order = pair->orders++;
	flight->to = to;
	flight->size = sizeof(*header) + header->size;
	flight->frame = malloc(flight->size);
	*flight->frame = *header;
	if (header->size > 0)
		memcpy(flight->frame + 1, payload, header->size);
}

static inline int pair_transmit(void *self, const struct frame *header,
				const void *payload, size_t size)
{
	struct pair_side *side = self;
	struct pair *pair = side->pair;
	unsigned to = !side->number;

	CHECK_UINT(header->size, size);
	CHECK_UINT(header->from, side->number);
	CHECK_UINT(header->to, to);
	if (pair->sides[to].in_flight >= pair->room) {
		side->blocked = true;
		return -EAGAIN;
	}
	pair->kinds[header->kind]++;
	if (pair->now < pair->cut[to] || pair_percent(pair) < pair->loss[to])
		return 0;
	pair_fly(pair, to, header, payload);
	if (pair_percent(pair) < pair->twice)
		pair_fly(pair, to, header, payload);
	return 0;
}

static inline unsigned pair_life_of(struct pair_side *side,
				    uint64_t incarnation)
{
	unsigned i = 0;

	while (i <= side->life && side->lives[i].incarnation != incarnation)
		i++;
	CHECK(i <= side->life);
	return i;
}

static inline void pair_deliver(void *self, const void *data, size_t size)
{
	struct pair_side *side = self;
	struct pair_side *other = &side->pair->sides[!side->number];
	const struct pair_batch *batch = data;
	const unsigned char *rest = (const unsigned char *)(batch + 1);
	struct pair_life *life;

	CHECK_UINT((uintptr_t)data % 8, 0);
	CHECK(size >= sizeof(*batch));
	for (size_t i = 0; i < size - sizeof(*batch); i += 997)
		CHECK_UINT(rest[i], (unsigned char)(batch->number + i));
	life = &other->lives[pair_life_of(other, batch->from)];
	CHECK(side->up);
	CHECK_UINT(side->other, pair_life_of(other, batch->from));
	/* The sender was up first, or it would not have sent. */
	CHECK(life->met[side->life]);
	CHECK_UINT(batch->number, life->next[side->life]);
	life->next[side->life]++;
	side->delivered++;
}

static inline size_t pair_beat(void *self, void *data, size_t room)
{
	struct pair_side *side = self;

	CHECK_UINT(room, FRAME_BEAT_BYTES_MAX);
	memcpy(data, &side->lives[side->life].incarnation, 8);
	return 8;
}

static inline void pair_beaten(void *self, const void *data, size_t size)
{
	struct pair_side *side = self;
	struct pair_side *other = &side->pair->sides[!side->number];
	uint64_t incarnation;

	CHECK_UINT(size, 8);
	memcpy(&incarnation, data, 8);
	CHECK(side->up);
	CHECK_UINT(incarnation, other->lives[side->other].incarnation);
	side->beats++;
}

static inline void pair_event(void *self, enum link_event event,
			      uint64_t incarnation, const char *text)
{
	struct pair_side *side = self;
	struct pair_side *other = &side->pair->sides[!side->number];
	struct pair_life *life = &side->lives[side->life];

	CHECK(text != NULL);
	switch (event) {
	case LINK_UP:
		CHECK(!side->up && !side->fenced);
		side->up = true;
		side->other = pair_life_of(other, incarnation);
		/* At most one session for each pair. */
		CHECK(!life->met[side->other]);
		life->met[side->other] = true;
		life->first[side->other] = life->void_;
		life->next[side->other] = life->void_;
		break;
	case LINK_LOST:
		CHECK(side->up);
		CHECK_UINT(incarnation, other->lives[side->other].incarnation);
		CHECK(text[0] != '\0');
		side->up = false;
		side->losses++;
		life->void_ = life->sent;
		snprintf(side->lost, sizeof(side->lost), "%s", text);
		break;
	case LINK_REFUSED:
		side->refusals++;
		snprintf(side->refusal, sizeof(side->refusal), "%s", text);
		break;
	case LINK_FENCED:
		CHECK(!side->fenced);
		side->fenced = true;
		side->fences++;
		side->up = false;
		break;
	case LINK_CLOSED:
		CHECK(side->up && !side->closed);
		side->closed = true;
		break;
	}
}

/* Makes the link of the side's current life. */
static inline void pair_begin(struct pair_side *side)
{
	struct pair *pair = side->pair;
	struct pair_life *life = &side->lives[side->life];
	struct link_config config = {
		.self = side->identity,
		.peer = !side->number,
		.beat_ns = pair->beat_ns,
		.failure_ns = pair->failure_ns,
		.batch_bytes_max = pair->batch_bytes_max,
	};
	struct link_host host = {
		.self = side,
		.transmit = pair_transmit,
		.deliver = pair_deliver,
		.beat = pair_beat,
		.beaten = pair_beaten,
		.event = pair_event,
	};

	life->incarnation = random_next(&pair->random) | 1;
	if (pair->counters)
		life->incarnation = (uint64_t)(side->life + 1) << 32 |
				    (uint32_t)life->incarnation;
	config.self.incarnation = life->incarnation;
	side->up = side->fenced = side->closed = side->blocked = false;
	side->restart = 0;
	side->stopped = 0;
	side->tick = pair->now;
	CHECK_INT(link_create(&config, &host, pair->now, &side->link), 0);
}

static inline void pair_init(struct pair *pair, uint64_t seed)
{
	memset(pair, 0, sizeof(*pair));
	pair->seed = seed;
	random_seed(&pair->random, seed);
	pair->now = 1000 * PAIR_MS;
	pair->delay = PAIR_MS / 10;
	pair->room = 64;
	pair->counters = true;
	pair->beat_ns = 100 * PAIR_MS;
	pair->failure_ns = 30000 * PAIR_MS;
	for (unsigned i = 0; i < 2; i++) {
		struct pair_side *side = &pair->sides[i];

		side->pair = pair;
		side->number = i;
		side->identity.topology = "test";
		side->identity.worker = i;
		side->lives = calloc(PAIR_LIVES_MAX, sizeof(*side->lives));
	}
}

static inline void pair_start(struct pair *pair)
{
	pair_begin(&pair->sides[0]);
	pair_begin(&pair->sides[1]);
}

/* Nothing of what is on its way arrives. */
static inline void pair_lose_all(struct pair *pair)
{
	for (unsigned i = 0; i < pair->flying; i++)
		free(pair->flights[i].frame);
	pair->flying = 0;
	pair->sides[0].in_flight = pair->sides[1].in_flight = 0;
}

static inline void pair_fini(struct pair *pair)
{
	pair_lose_all(pair);
	for (unsigned i = 0; i < 2; i++) {
		link_destroy(pair->sides[i].link);
		free(pair->sides[i].lives);
	}
}

/* kill -9, and a new life after `pause`. */
static inline void pair_kill(struct pair_side *side, uint64_t pause)
{
	if (side->link == NULL)
		return;
	link_destroy(side->link);
	side->link = NULL;
	side->up = false;
	side->restart = side->pair->now + pause;
	if (side->restart == 0)
		side->restart = 1;
}

static inline void pair_send(struct pair_side *side, size_t size)
{
	struct pair_life *life = &side->lives[side->life];
	struct pair_batch *batch;
	unsigned char *rest;
	char *message;

	if (side->link == NULL || side->fenced || side->stopped != 0)
		return;
	message = message_alloc(80 + sizeof(*batch) + size);
	CHECK(message != NULL);
	batch = (struct pair_batch *)(void *)(message + 80);
	rest = (unsigned char *)(batch + 1);
	batch->from = life->incarnation;
	batch->number = life->sent++;
	for (size_t i = 0; i < size; i += 997)
		rest[i] = (unsigned char)(batch->number + i);
	CHECK_INT(link_send(side->link, message, 80, sizeof(*batch) + size,
			    side->pair->now),
		  0);
}

/* Takes a flight out and hands it over, unless nobody is there. */
static inline void pair_land(struct pair *pair, unsigned at)
{
	struct pair_flight flight = pair->flights[at];
	struct pair_side *side = &pair->sides[flight.to];
	struct pair_side *sender = &pair->sides[!flight.to];

	pair->flights[at] = pair->flights[--pair->flying];
	side->in_flight--;
	if (side->link != NULL) {
		CHECK_INT(frame_check(flight.frame, flight.size, NULL), 0);
		link_receive(side->link, flight.frame, flight.frame + 1,
			     pair->now);
	}
	free(flight.frame);
	if (sender->blocked && sender->link != NULL && sender->stopped == 0) {
		sender->blocked = false;
		link_ready(sender->link, pair->now);
	}
}

/* What of a side is due at `now`. */
static inline void pair_side_step(struct pair_side *side)
{
	struct pair *pair = side->pair;

	if (side->stopped != 0 && pair->now >= side->stopped)
		side->stopped = 0;
	if (side->link != NULL && side->fenced && side->stopped == 0)
		pair_kill(side, 5 * PAIR_MS);
	if (side->restart != 0 && pair->now >= side->restart) {
		side->life++;
		CHECK(side->life < PAIR_LIVES_MAX);
		pair_begin(side);
	}
	if (side->link != NULL && side->stopped == 0 &&
	    pair->now >= side->tick) {
		side->tick = link_tick(side->link, pair->now);
		CHECK(side->tick > pair->now);
	}
}

static inline uint64_t pair_next(const struct pair *pair, uint64_t until)
{
	uint64_t next = until;

	for (unsigned i = 0; i < 2; i++) {
		const struct pair_side *side = &pair->sides[i];
		uint64_t due = side->stopped != 0   ? side->stopped
			       : side->link != NULL ? side->tick
						    : side->restart;

		if (due != 0 && due < next)
			next = due;
	}
	for (unsigned i = 0; i < pair->flying; i++)
		if (pair->sides[pair->flights[i].to].stopped == 0 &&
		    pair->flights[i].due < next)
			next = pair->flights[i].due;
	return next > pair->now ? next : pair->now;
}

static inline bool pair_before(const struct pair_flight *x,
			       const struct pair_flight *y)
{
	return x->due != y->due ? x->due < y->due : x->order < y->order;
}

/* The frame that lands first of those that are due. */
static inline int pair_due(const struct pair *pair)
{
	int first = -1;

	for (unsigned i = 0; i < pair->flying; i++) {
		if (pair->flights[i].due > pair->now ||
		    pair->sides[pair->flights[i].to].stopped != 0)
			continue;
		if (first < 0 ||
		    pair_before(&pair->flights[i], &pair->flights[first]))
			first = (int)i;
	}
	return first;
}

/* Lets `span` go by. */
static inline void pair_run(struct pair *pair, uint64_t span)
{
	uint64_t until = pair->now + span;

	for (;;) {
		int at;

		while ((at = pair_due(pair)) >= 0)
			pair_land(pair, (unsigned)at);
		pair_side_step(&pair->sides[0]);
		pair_side_step(&pair->sides[1]);
		if (pair->now >= until)
			break;
		pair->now = pair_next(pair, until);
	}
}

/* Takes a frame of a kind off the network, if there is one. */
static inline bool pair_take(struct pair *pair, enum frame_kind kind,
			     unsigned to, struct pair_flight *flight)
{
	for (unsigned i = 0; i < pair->flying; i++) {
		*flight = pair->flights[i];
		if (flight->to != to || flight->frame->kind != kind)
			continue;
		pair->flights[i] = pair->flights[--pair->flying];
		pair->sides[to].in_flight--;
		return true;
	}
	return false;
}

/* Whether both are up with each other. */
static inline bool pair_is_up(const struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_side *side = &pair->sides[i];

		if (side->link == NULL || side->stopped != 0 || !side->up ||
		    side->other != pair->sides[!i].life)
			return false;
	}
	return true;
}

/* And nothing is on its way. */
static inline bool pair_is_quiet(const struct pair *pair)
{
	return pair_is_up(pair) &&
	       link_status(pair->sides[0].link)->kept_frames == 0 &&
	       link_status(pair->sides[1].link)->kept_frames == 0;
}

/* Everything that is not void has arrived. */
static inline void pair_judge(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_side *side = &pair->sides[i];
		const struct pair_life *life = &side->lives[side->life];

		CHECK_UINT(life->next[side->other], life->sent);
		CHECK_UINT(link_status(side->link)->kept_bytes, 0);
		CHECK_UINT(link_status(side->link)->waiting_frames, 0);
		CHECK_UINT(link_status(side->link)->malformed_frames, 0);
	}
}

/* Makes the network whole, waits until nothing is on its way, and judges. */
static inline void pair_settle(struct pair *pair)
{
	pair->loss[0] = pair->loss[1] = 0;
	pair->cut[0] = pair->cut[1] = 0;
	while (pair->sides[0].stopped != 0 || pair->sides[1].stopped != 0)
		pair_run(pair, 50 * PAIR_MS);
	/* So long takes who was given up, or looks older than it is. */
	for (unsigned i = 0; i < 80 && !pair_is_up(pair); i++)
		pair_run(pair, 50 * PAIR_MS);
	CHECK(pair_is_up(pair));
	/* A narrow network needs its time. */
	for (unsigned i = 0; i < 4000 && !pair_is_quiet(pair); i++)
		pair_run(pair, 50 * PAIR_MS);
	CHECK(pair_is_quiet(pair));
	pair_judge(pair);
}

#endif
