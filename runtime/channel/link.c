/* SPDX-License-Identifier: MIT */

#include "channel/link.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel/link_state.h"

#define LINK_BATCH_BYTES_MAX ((size_t)512 << 20)

static int link_prepare(struct link *link)
{
	link->hello_size = hello_size(&link->config.self);
	link->hello = calloc(1, link->hello_size);
	link->beat = calloc(1, FRAME_BEAT_BYTES_MAX);
	if (link->hello == NULL || link->beat == NULL)
		return -ENOMEM;
	hello_write(&link->config.self, link->hello);
	return 0;
}

int link_create(const struct link_config *config, const struct link_host *host,
		uint64_t now, struct link **link)
{
	struct link *made;

	assert(config->self.incarnation != 0 && config->beat_ns > 0);
	assert(config->self.worker <= UINT16_MAX &&
	       config->peer <= UINT16_MAX &&
	       config->self.worker != config->peer);
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->config = *config;
	made->host = *host;
	if (made->config.batch_bytes_max == 0)
		made->config.batch_bytes_max = LINK_BATCH_BYTES_MAX;
	made->next = 1;
	made->fresh = 1;
	made->seen_ns = now;
	made->beat_ns = now;
	made->answer_ns = now;
	made->status.since_ns = now;
	made->status.reached_ns = now;
	if (link_prepare(made) < 0) {
		link_destroy(made);
		return -ENOMEM;
	}
	*link = made;
	return 0;
}

void link_destroy(struct link *link)
{
	if (link == NULL)
		return;
	link_forget(link);
	free(link->ring);
	free(link->parts);
	free(link->hello);
	free(link->beat);
	free(link);
}

const struct link_status *link_status(const struct link *link)
{
	return &link->status;
}

void link_look(struct link *link, uint64_t now)
{
	uint64_t unseen = now > link->seen_ns ? now - link->seen_ns : 0;

	link->seen_ns += unseen;
	link->status.silent_ns += unseen < LINK_LOOK_NS ? unseen : LINK_LOOK_NS;
}

bool link_is_buried(const struct link *link, uint64_t incarnation)
{
	for (unsigned i = 0; i < LINK_GRAVES; i++)
		if (link->graves[i] == incarnation)
			return true;
	return false;
}

void link_bury(struct link *link, uint64_t incarnation)
{
	if (link_is_buried(link, incarnation))
		return;
	link->graves[link->grave] = incarnation;
	link->grave = (link->grave + 1) % LINK_GRAVES;
}

bool link_is_fresh(const struct link *link, const struct frame *frame)
{
	return frame->echo >= link->status.since_ns;
}

/* What was received belongs to a session only. */
static void link_forget_received(struct link *link)
{
	link->received = 0;
	link->uncounted = 0;
	link->asked = false;
	link->parts_size = 0;
	link->parts_oversized = false;
	link->peer_ended = false;
	link->peer_done = false;
	link->settled = false;
}

void link_drop(struct link *link, const char *text, uint64_t now)
{
	uint64_t incarnation = link->status.peer;

	assert(link->status.up);
	link_bury(link, incarnation);
	link->status.up = false;
	link->status.since_ns = now;
	link->status.losses++;
	link->owed = 0;
	link_forget_received(link);
	for (size_t i = 0; i < link->kept; i++) {
		size_t at = (link->first + i) & (link->capacity - 1);

		link->status.dropped_batches += link->ring[at].data != NULL;
	}
	link_forget(link);
	link->host.event(link->host.self, LINK_LOST, incarnation, text);
}

void link_adopt(struct link *link, uint64_t incarnation, uint32_t owed,
		uint64_t now)
{
	char text[64];

	if (link->status.up) {
		snprintf(text, sizeof(text), "worker %u has started anew",
			 (unsigned)link->config.peer);
		link_drop(link, text, now);
	}
	link->status.up = true;
	link->status.peer = incarnation;
	link->status.since_ns = now;
	link->status.silent_ns = 0;
	link->status.ups++;
	link->fence = 0;
	/* The heartbeat says that we are up. */
	link->owed = owed | LINK_OWED_BEAT;
	link->host.event(link->host.self, LINK_UP, incarnation, "");
}

void link_lose(struct link *link, uint64_t incarnation, const char *reason,
	       uint64_t now)
{
	if (incarnation == 0 || link->status.closed || link->status.fenced)
		return;
	link_look(link, now);
	if (link->status.up && link->status.peer == incarnation)
		link_drop(link, reason, now);
	else
		link_bury(link, incarnation);
	link_pump(link, now);
}

/* Gives up who was silent for too long. */
static void link_give_up(struct link *link, uint64_t now)
{
	uint64_t silent = link->status.silent_ns;
	char text[64];

	if (!link->status.up || link->status.closed ||
	    link->config.failure_ns == 0 || silent < link->config.failure_ns)
		return;
	snprintf(text, sizeof(text), "worker %u was silent for %" PRIu64 " s",
		 (unsigned)link->config.peer, silent / UINT64_C(1000000000));
	link->fence = link->status.peer;
	link_drop(link, text, now);
}

static void link_close(struct link *link)
{
	link->status.closed = true;
	link->host.event(link->host.self, LINK_CLOSED, link->status.peer, "");
}

void link_settle(struct link *link, uint64_t now)
{
	if (!link->status.up || !link->end_queued || !link->peer_ended ||
	    link->counted != link->last)
		return;
	if (!link->settled) {
		link->settled = true;
		link->settled_ns = now;
		link->owed |= LINK_OWED_ENDED;
	}
	if (link->status.closed)
		return;
	if (link->peer_done || now - link->settled_ns >= LINK_LINGER_NS)
		link_close(link);
}

void link_end(struct link *link, uint64_t now)
{
	if (link->ending)
		return;
	link->ending = true;
	link_look(link, now);
	link_queue_end(link);
	link_pump(link, now);
}

/* What each heartbeat says. */
static uint32_t link_due(const struct link *link)
{
	if (link->status.up)
		return LINK_OWED_BEAT |
		       (link->settled ? (uint32_t)LINK_OWED_ENDED : 0);
	return LINK_OWED_HELLO |
	       (link->fence != 0 ? (uint32_t)LINK_OWED_FENCED : 0);
}

uint64_t link_tick(struct link *link, uint64_t now)
{
	link_look(link, now);
	if (link->status.fenced)
		return now + link->config.beat_ns;
	link_give_up(link, now);
	if (link->ending && !link->end_queued)
		link_queue_end(link);
	if (now >= link->beat_ns) {
		link->beat_ns = now + link->config.beat_ns;
		link->owed |= link_due(link);
		/* Nobody may have told that it works again. */
		link->blocked = false;
	}
	link_settle(link, now);
	link_pump(link, now);
	return link->beat_ns;
}

void link_beat(struct link *link, uint64_t now)
{
	link_look(link, now);
	if (!link->status.up)
		return;
	link->owed |= LINK_OWED_BEAT;
	link_pump(link, now);
}

void link_ready(struct link *link, uint64_t now)
{
	link_look(link, now);
	link->blocked = false;
	link_pump(link, now);
}
