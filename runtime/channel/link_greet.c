/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "channel/link_state.h"

bool link_put_hello(struct link *link, uint64_t now)
{
	struct frame header = {
		.kind = FRAME_HELLO,
		.size = (uint32_t)link->hello_size,
	};

	return link_put(link, &header, link->hello, now);
}

static bool link_is_up_with(const struct link *link, uint64_t incarnation)
{
	return link->status.up && link->status.peer == incarnation;
}

bool link_put_welcome(struct link *link, uint64_t now)
{
	bool known = link_is_up_with(link, link->welcome);
	struct frame header = {
		.kind = FRAME_WELCOME,
		.flags = known ? 0 : FRAME_ASK,
		.size = (uint32_t)link->hello_size,
		.peer = link->welcome,
	};

	return link_put(link, &header, link->hello, now);
}

void link_answer(struct link *link, uint32_t owed, uint64_t now)
{
	if (now < link->answer_ns)
		return;
	link->answer_ns = now + link->config.beat_ns / 8;
	link->owed |= owed;
	link_pump(link, now);
}

/* Tells once that the two do not fit. */
static void link_tell_refusal(struct link *link, uint64_t incarnation,
			      const char *text, uint64_t now)
{
	if (link->refused == incarnation && strcmp(link->refusal, text) == 0)
		return;
	/* Two in turn would be told for ever. */
	if (link->refused != 0 && now - link->refused_ns < LINK_REFUSAL_NS)
		return;
	link->refused = incarnation;
	link->refused_ns = now;
	snprintf(link->refusal, sizeof(link->refusal), "%s", text);
	link->host.event(link->host.self, LINK_REFUSED, incarnation,
			 link->refusal);
}

static void link_put_refused(struct link *link, uint64_t incarnation,
			     const char *text, uint64_t now)
{
	struct frame header = {
		.kind = FRAME_REFUSED,
		.size = (uint32_t)strlen(text),
		.peer = incarnation,
	};

	link_put(link, &header, text, now);
}

/* Whether who greets holds the same plan; if not, both sides are told. */
static bool link_fits(struct link *link, const struct frame *frame,
		      const void *payload, uint64_t now)
{
	char mine[HELLO_TEXT_SIZE] = "", theirs[HELLO_TEXT_SIZE] = "";
	int r = hello_compare(&link->config.self, link->config.peer, payload,
			      frame->size, mine, theirs);

	if (r == 0)
		return true;
	if (theirs[0] == '\0') {
		link->status.malformed_frames++;
		return false;
	}
	link_put_refused(link, frame->incarnation, theirs, now);
	link_tell_refusal(link, frame->incarnation, mine, now);
	return false;
}

void link_hello(struct link *link, const struct frame *frame,
		const void *payload, uint64_t now)
{
	if (!link_fits(link, frame, payload, now))
		return;
	link->welcome = frame->incarnation;
	link->owed |= LINK_OWED_WELCOME;
	link_pump(link, now);
}

void link_welcome(struct link *link, const struct frame *frame,
		  const void *payload, uint64_t now)
{
	uint32_t owed = frame->flags & FRAME_ASK ? LINK_OWED_WELCOME : 0;

	if (!link_fits(link, frame, payload, now))
		return;
	if (owed != 0)
		link->welcome = frame->incarnation;
	if (!link_is_up_with(link, frame->incarnation) &&
	    link_is_fresh(link, frame)) {
		link_adopt(link, frame->incarnation, owed, now);
	} else if (!link_is_up_with(link, frame->incarnation)) {
		link->status.stale_frames++;
		link_answer(link, LINK_OWED_HELLO, now);
	} else {
		link->owed |= owed;
	}
	link_pump(link, now);
}

void link_refused(struct link *link, const struct frame *frame,
		  const void *payload, uint64_t now)
{
	char text[HELLO_TEXT_SIZE];

	if (link_is_up_with(link, frame->incarnation))
		return;
	snprintf(text, sizeof(text), "%.*s", (int)frame->size,
		 (const char *)payload);
	link_tell_refusal(link, frame->incarnation, text, now);
}

void link_foreign(struct link *link, const struct frame *frame, uint64_t now)
{
	bool older = frame->version < FRAME_VERSION;
	char text[HELLO_TEXT_SIZE];

	snprintf(text, sizeof(text),
		 "worker %u has %s gust, which talks by version %u of the "
		 "links, expected %u as worker %u has: all hosts need the same "
		 "version of gust",
		 (unsigned)link->config.peer, older ? "an older" : "a newer",
		 (unsigned)frame->version, (unsigned)FRAME_VERSION,
		 (unsigned)link->config.self.worker);
	if (frame->kind != FRAME_REFUSED)
		link_put_refused(link, frame->incarnation, text, now);
	link_tell_refusal(link, frame->incarnation, text, now);
}

void link_fenced(struct link *link, const struct frame *frame, uint64_t now)
{
	bool mutual = link_is_buried(link, frame->incarnation);
	char text[64];

	if (!link_is_fresh(link, frame)) {
		link->status.stale_frames++;
		return;
	}
	/* Somebody newer is up, or the other one has the higher number. */
	if (mutual &&
	    (link->status.up || link->config.self.worker < link->config.peer)) {
		link->status.fenced_frames++;
		link->fence = frame->incarnation;
		link_answer(link, LINK_OWED_FENCED, now);
		return;
	}
	snprintf(text, sizeof(text), "worker %u has declared this one dead",
		 (unsigned)link->config.peer);
	link->status.fenced = true;
	link->status.up = false;
	link->status.since_ns = now;
	link->owed = 0;
	link_forget(link);
	link->host.event(link->host.self, LINK_FENCED, frame->incarnation,
			 text);
}
