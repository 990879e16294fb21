/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/link_state.h"
#include "channel/message.h"

#define LINK_RING_MIN 64

static struct link_kept *link_kept_at(const struct link *link, size_t i)
{
	return &link->ring[(link->first + i) & (link->capacity - 1)];
}

static int link_grow(struct link *link)
{
	size_t capacity =
		link->capacity > 0 ? link->capacity * 2 : LINK_RING_MIN;
	struct link_kept *ring = calloc(capacity, sizeof(*ring));

	if (ring == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < link->kept; i++)
		ring[i] = *link_kept_at(link, i);
	free(link->ring);
	link->ring = ring;
	link->capacity = capacity;
	link->first = 0;
	return 0;
}

/* Keeps a batch, or the END, and gives it its numbers. */
static int link_keep(struct link *link, void *message, size_t offset,
		     size_t size)
{
	struct link_kept *kept;

	if (link->kept == link->capacity && link_grow(link) < 0)
		return -ENOMEM;
	kept = link_kept_at(link, link->kept++);
	kept->data = message;
	kept->offset = offset;
	kept->size = size;
	kept->first = link->last + 1;
	kept->frames = size <= FRAME_BYTES_MAX
			       ? 1
			       : (size + FRAME_BYTES_MAX - 1) / FRAME_BYTES_MAX;
	link->last += kept->frames;
	link->status.kept_frames += kept->frames;
	link->status.waiting_frames += kept->frames;
	link->status.kept_bytes += size;
	return 0;
}

int link_send(struct link *link, void *message, size_t offset, size_t size,
	      uint64_t now)
{
	int r = -ESHUTDOWN;

	assert(size > 0);
	if (!link->ending && !link->status.fenced)
		r = link_keep(link, message, offset, size);
	if (r < 0) {
		message_free(message);
		return r;
	}
	link_pump(link, now);
	return 0;
}

void link_queue_end(struct link *link)
{
	if (!link->end_queued && link_keep(link, NULL, 0, 0) == 0)
		link->end_queued = true;
}

/* Frees the first of the kept ones. */
static void link_release(struct link *link)
{
	struct link_kept *kept = link_kept_at(link, 0);

	message_free(kept->data);
	link->status.kept_bytes -= kept->size;
	link->first = (link->first + 1) & (link->capacity - 1);
	link->kept--;
	if (link->cursor > 0)
		link->cursor--;
}

void link_forget(struct link *link)
{
	while (link->kept > 0)
		link_release(link);
	link->first = 0;
	link->cursor = 0;
	link->last = 0;
	link->next = 1;
	link->fresh = 1;
	link->counted = 0;
	link->end_queued = false;
	link->status.kept_frames = 0;
	link->status.waiting_frames = 0;
}

void link_count(struct link *link, uint64_t received)
{
	if (received >= link->fresh) {
		link->status.malformed_frames++;
		return;
	}
	if (received <= link->counted)
		return;
	link->counted = received;
	while (link->kept > 0) {
		const struct link_kept *kept = link_kept_at(link, 0);

		if (kept->first + kept->frames - 1 > received)
			break;
		link_release(link);
	}
	if (link->next <= received) {
		/* All before it is released, so the cursor fits. */
		link->next = received + 1;
		assert(link->cursor == 0);
	}
	link->status.kept_frames = link->last - received;
	link->status.waiting_frames = link->last + 1 - link->next;
}

void link_go_back(struct link *link, uint32_t asked)
{
	if (asked != link->round || link->next == link->counted + 1)
		return;
	link->round++;
	link->status.rounds++;
	link->next = link->counted + 1;
	link->cursor = 0;
	link->status.waiting_frames = link->last + 1 - link->next;
}

bool link_put(struct link *link, struct frame *header, const void *payload,
	      uint64_t now)
{
	int r;

	if (link->blocked)
		return false;
	header->magic = FRAME_MAGIC;
	header->version = FRAME_VERSION;
	header->from = (uint16_t)link->config.self.worker;
	header->to = (uint16_t)link->config.peer;
	header->incarnation = link->config.self.incarnation;
	if (header->number == 0)
		header->number = link->next;
	header->time = now;
	if (header->peer == link->echo_of)
		header->echo = link->echo;
	header->received = link->received;
	header->round = link->round;
	r = link->host.transmit(link->host.self, header, payload, header->size);
	if (r == -EAGAIN) {
		link->blocked = true;
		return false;
	}
	if (link->status.up && header->peer == link->status.peer) {
		link->uncounted = 0;
		link->owed &= (uint32_t)~LINK_OWED_COUNT;
	}
	return true;
}

/* A frame of the session that has no number. */
static bool link_put_control(struct link *link, enum frame_kind kind,
			     uint8_t flags, size_t size, uint64_t now)
{
	struct frame header = {
		.kind = (uint8_t)kind,
		.flags = flags,
		.size = (uint32_t)size,
		.peer = link->status.peer,
		.asked = link->gap_round,
	};

	return link_put(link, &header, size > 0 ? link->beat : NULL, now);
}

static bool link_put_beat(struct link *link, uint64_t now)
{
	size_t size = 0;

	/* What it carries must be of now, not of when it was refused. */
	if (link->blocked)
		return false;
	if (link->host.beat != NULL)
		size = link->host.beat(link->host.self, link->beat,
				       FRAME_BEAT_BYTES_MAX);
	assert(size <= FRAME_BEAT_BYTES_MAX);
	return link_put_control(link, FRAME_BEAT, 0, size, now);
}

static bool link_put_fenced(struct link *link, uint64_t now)
{
	struct frame header = { .kind = FRAME_FENCED, .peer = link->fence };

	return link_put(link, &header, NULL, now);
}

static bool link_put_owed(struct link *link, uint32_t owed, uint64_t now)
{
	switch (owed) {
	case LINK_OWED_WELCOME:
		return link_put_welcome(link, now);
	case LINK_OWED_HELLO:
		return link_put_hello(link, now);
	case LINK_OWED_FENCED:
		return link_put_fenced(link, now);
	case LINK_OWED_REPEAT:
		return link_put_control(link, FRAME_BEAT, FRAME_REPEAT, 0, now);
	case LINK_OWED_BEAT:
		return link_put_beat(link, now);
	case LINK_OWED_COUNT:
		return link_put_control(link, FRAME_BEAT, 0, 0, now);
	default:
		return link_put_control(link, FRAME_ENDED, 0, 0, now);
	}
}

/* The next numbered frame. */
static bool link_put_data(struct link *link, uint64_t now)
{
	const struct link_kept *kept = link_kept_at(link, link->cursor);
	uint64_t part = link->next - kept->first;
	size_t offset = (size_t)part * FRAME_BYTES_MAX;
	size_t size = kept->size - offset;
	bool more = part + 1 < kept->frames;
	struct frame header = {
		.kind = kept->data != NULL ? FRAME_DATA : FRAME_END,
		.flags = more ? FRAME_MORE : 0,
		.size = (uint32_t)(more ? FRAME_BYTES_MAX : size),
		.peer = link->status.peer,
		.number = link->next,
	};
	const char *payload = NULL;

	if (kept->data != NULL)
		payload = (const char *)kept->data + kept->offset + offset;
	if (!link_put(link, &header, payload, now))
		return false;
	if (link->next < link->fresh) {
		link->status.repeated_frames++;
	} else {
		link->fresh++;
		link->status.sent_frames++;
		link->status.sent_bytes += header.size;
	}
	link->next++;
	link->status.waiting_frames--;
	if (!more)
		link->cursor++;
	return true;
}

void link_pump(struct link *link, uint64_t now)
{
	while (link->owed != 0 && !link->blocked && !link->status.fenced) {
		uint32_t owed = link->owed & -link->owed;

		if (!link_put_owed(link, owed, now))
			return;
		link->owed &= ~owed;
	}
	while (link->status.up && !link->blocked && link->next <= link->last)
		if (!link_put_data(link, now))
			return;
}
