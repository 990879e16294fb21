/* SPDX-License-Identifier: MIT */

/*
 * What a worker and a peer tell each other of themselves, see worker/beat.h.
 */

#include "worker/peer.h"

#include <stdio.h>

#include "base/clock.h"
#include "channel/link.h"
#include "worker/beat.h"
#include "worker/crew.h"
#include "worker/post.h"
#include "worker/waits.h"

size_t peer_beat(void *self, void *data, size_t room)
{
	const struct peer *peer = self;
	const struct post *post = peer->post;
	const struct crew *crew = post->crew;
	struct beat beat = {
		.flags = crew_load(&crew->standing),
		.pulses = crew->count,
		.movement = __atomic_load_n(&crew->movement, __ATOMIC_RELAXED),
		.dead = post->count,
	};
	struct beat_wait waits[BEAT_WAITS_MAX];
	const struct beat_lists lists = {
		.pulses = crew->pulses + crew->first,
		.dead = post->dead,
		.waits = waits,
	};

	beat.waits = (uint16_t)waits_tell(crew->plan, post->worker, crew->waits,
					  waits);
	if (course_is_done(post))
		beat.flags |= BEAT_DONE;
	return beat_write(&beat, &lists, clock_now_ns(), data, room);
}

/* What one worker gave up is dead for all. */
static void peer_bury(struct peer *peer, const uint64_t *dead, uint64_t now)
{
	struct post *post = peer->post;
	char reason[96];

	for (uint32_t i = 0; i < post->count; i++) {
		struct peer *other = &post->peers[i];

		/* A callback of one link must not lose that link itself. */
		if (dead[i] == 0 || other == peer || other->link == NULL ||
		    dead[i] == post->dead[i] ||
		    link_status(other->link)->peer != dead[i])
			continue;
		snprintf(reason, sizeof(reason), "worker %u has given it up",
			 (unsigned)peer->number);
		peer_lose(other, dead[i], reason, now);
	}
}

void peer_beaten(void *self, const void *data, size_t size)
{
	struct peer *peer = self;
	struct post *post = peer->post;
	struct crew *crew = post->crew;
	uint64_t now = clock_now_ns();
	struct beat_charge charges[BEAT_CHARGES_MAX];
	struct beat_wait waits[BEAT_WAITS_MAX];
	const struct beat_lists lists = {
		.pulses = peer_pulses(peer),
		.dead = post->told,
		.waits = waits,
		.charges = charges,
	};
	struct beat beat;

	if (beat_read(data, size, peer_plan(peer)->executor_count, post->count,
		      now, &beat, &lists) < 0)
		return;
	/* Who beats is up, and so will notice when this worker dies. */
	peer->met = true;
	peer->down = false;
	peer->flags = beat.flags;
	peer->movement = beat.movement;
	waits_take(crew->plan, peer->number, waits, beat.waits, crew->waits);
	crew_hear_of(crew, peer->number, beat.flags, beat.movement);
	peer_bury(peer, post->told, now);
}
