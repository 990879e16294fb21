/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "channel/link_state.h"

/* Kept for the next long batch. */
#define LINK_PARTS_KEPT ((size_t)4 << 20)

/* Something is missing, as a frame of `round` shows: ask, once a round, and
 * again where that may have got lost. */
static void link_gap(struct link *link, uint32_t round, uint64_t now)
{
	/* A late frame of an earlier round says nothing new. */
	if (link->asked && (int32_t)(round - link->gap_round) < 0)
		round = link->gap_round;
	if (link->asked && link->gap_round == round &&
	    now - link->gap_ns < link->config.beat_ns * 3 / 4)
		return;
	link->asked = true;
	link->gap_round = round;
	link->gap_ns = now;
	link->status.gaps++;
	link->owed |= LINK_OWED_REPEAT;
}

/* Room for `size` more bytes of a batch in parts. */
static bool link_parts_room(struct link *link, size_t size)
{
	size_t wanted = link->parts_size + size;
	size_t capacity = link->parts_capacity;
	char *parts;

	if (wanted <= capacity)
		return true;
	while (capacity < wanted)
		capacity = capacity > 0 ? capacity * 2 : 2 * FRAME_BYTES_MAX;
	parts = realloc(link->parts, capacity);
	if (parts == NULL)
		return false;
	link->parts = parts;
	link->parts_capacity = capacity;
	return true;
}

static void link_parts_done(struct link *link)
{
	link->parts_size = 0;
	link->parts_oversized = false;
	if (link->parts_capacity <= LINK_PARTS_KEPT)
		return;
	free(link->parts);
	link->parts = NULL;
	link->parts_capacity = 0;
}

/* False: there is no memory, so it has to come again. */
static bool link_part(struct link *link, const struct frame *frame,
		      const void *payload)
{
	if (frame->size > link->config.batch_bytes_max - link->parts_size)
		link->parts_oversized = true;
	if (link->parts_oversized)
		return true;
	if (!link_parts_room(link, frame->size))
		return false;
	memcpy(link->parts + link->parts_size, payload, frame->size);
	link->parts_size += frame->size;
	return true;
}

static void link_deliver_parts(struct link *link)
{
	if (link->parts_oversized)
		link->status.oversized_batches++;
	else
		link->host.deliver(link->host.self, link->parts,
				   link->parts_size);
	link_parts_done(link);
}

/* DATA in its turn. */
static void link_take(struct link *link, const struct frame *frame,
		      const void *payload)
{
	bool more = (frame->flags & FRAME_MORE) != 0;
	bool part = more || link->parts_size > 0 || link->parts_oversized ||
		    frame->size > link->config.batch_bytes_max;

	if (part && !link_part(link, frame, payload))
		return;
	link->received++;
	link->status.received_frames++;
	link->status.received_bytes += frame->size;
	link->uncounted += frame->size;
	if (link->uncounted >= LINK_COUNT_BYTES)
		link->owed |= LINK_OWED_COUNT;
	if (!part)
		link->host.deliver(link->host.self, payload, frame->size);
	else if (!more)
		link_deliver_parts(link);
}

static void link_numbered(struct link *link, const struct frame *frame,
			  const void *payload, uint64_t now)
{
	if (frame->number <= link->received) {
		link->status.duplicate_frames++;
		return;
	}
#ifdef GUST_MUTATE_LINK /* for tests, which must notice */
	if (frame->number > link->received + 1)
		link->received = frame->number - 1;
#endif
	if (frame->number > link->received + 1) {
		link_gap(link, frame->round, now);
		return;
	}
	if (link->peer_ended) {
		link->status.malformed_frames++;
		return;
	}
	link->owed &= (uint32_t)~LINK_OWED_REPEAT;
	if (frame->kind == FRAME_DATA) {
		link_take(link, frame, payload);
		return;
	}
	link->received++;
	link->peer_ended = true;
	link->owed |= LINK_OWED_COUNT;
}

static void link_beaten(struct link *link, const struct frame *frame,
			const void *payload, uint64_t now)
{
	if (frame->flags & FRAME_REPEAT)
		link_go_back(link, frame->asked);
	if (frame->number > link->received + 1)
		link_gap(link, frame->round, now);
	if (frame->size > 0 && link->host.beaten != NULL)
		link->host.beaten(link->host.self, payload, frame->size);
}

/* A frame of the session that is up. */
static void link_session(struct link *link, const struct frame *frame,
			 const void *payload, uint64_t now)
{
	link_count(link, frame->received);
	if (frame->kind == FRAME_BEAT)
		link_beaten(link, frame, payload, now);
	else if (frame->kind == FRAME_ENDED)
		link->peer_done = true;
	else
		link_numbered(link, frame, payload, now);
	link_settle(link, now);
	link_pump(link, now);
}

static bool link_is_for_us(const struct link *link, const struct frame *frame)
{
#ifdef GUST_MUTATE_INCARNATION /* for tests, which must notice */
	if (link->status.up)
		return true;
#endif
	return frame->peer == 0 || frame->peer == link->config.self.incarnation;
}

static bool link_is_of_session(const struct link *link,
			       const struct frame *frame)
{
#ifdef GUST_MUTATE_INCARNATION
	if (link->status.up)
		return true;
#endif
	return link->status.up && frame->incarnation == link->status.peer;
}

/* Notes what the frame says of times. */
static void link_hear(struct link *link, const struct frame *frame,
		      uint64_t now)
{
	if (link->echo_of != frame->incarnation) {
		link->echo_of = frame->incarnation;
		link->echo = 0;
	}
	/* What was replayed keeps nobody alive. */
	if (frame->time > link->echo) {
		link->echo = frame->time;
		if (link_is_of_session(link, frame))
			link->status.silent_ns = 0;
	}
	if (frame->peer != 0 && frame->echo > link->status.reached_ns &&
	    frame->echo <= now)
		link->status.reached_ns = frame->echo;
}

static void link_handle(struct link *link, const struct frame *frame,
			const void *payload, uint64_t now)
{
	switch (frame->kind) {
	case FRAME_HELLO:
		link_hello(link, frame, payload, now);
		return;
	case FRAME_WELCOME:
		link_welcome(link, frame, payload, now);
		return;
	case FRAME_REFUSED:
		link_refused(link, frame, payload, now);
		return;
	default:
		break;
	}
	if (link_is_of_session(link, frame)) {
		link_session(link, frame, payload, now);
		return;
	}
	/* It is up with us, but its greeting got lost. */
	link->status.stale_frames++;
	link_answer(link, LINK_OWED_HELLO, now);
}

void link_receive(struct link *link, const struct frame *frame,
		  const void *payload, uint64_t now)
{
	link_look(link, now);
	if (link->status.fenced)
		return;
	if (frame->from != link->config.peer ||
	    frame->to != link->config.self.worker ||
	    !link_is_for_us(link, frame)) {
		link->status.stale_frames++;
		return;
	}
	if (link->status.closed && frame->incarnation != link->status.peer) {
		link->status.stale_frames++;
		return;
	}
	if (frame->version != FRAME_VERSION) {
		link_foreign(link, frame, now);
		return;
	}
	link_hear(link, frame, now);
	if (frame->kind == FRAME_FENCED) {
		link_fenced(link, frame, now);
		return;
	}
	if (link_is_buried(link, frame->incarnation)) {
		link->status.fenced_frames++;
		link->fence = frame->incarnation;
		link_answer(link, LINK_OWED_FENCED, now);
		return;
	}
	link_handle(link, frame, payload, now);
}
