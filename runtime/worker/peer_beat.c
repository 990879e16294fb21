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
#include "worker/notice.h"
#include "worker/post.h"
#include "worker/tidings.h"
#include "worker/waits.h"

static bool peer_has_ledger(const struct plan *plan, uint64_t root,
			    uint32_t worker)
{
	return root >> 48 < plan->task_count &&
	       plan->worker_of[plan->tasks[root >> 48].executor] == worker;
}

/* What an earlier life of this worker died of, of trees that are the peer's.
 * Returns how many. */
static uint32_t peer_debts(const struct peer *peer, struct beat_charge *charges)
{
	const struct post *post = peer->post;
	uint32_t count = 0;

	for (uint32_t i = 0; i < post->debt_count; i++)
		if (peer_has_ledger(post->crew->plan, post->debts[i].root,
				    peer->number))
			charges[count++] = post->debts[i];
	return count;
}

/* The same of the peer. Each of its heartbeats says so, but it died once. */
static void peer_charge(struct peer *peer, const struct beat_charge *charges,
			uint32_t count)
{
	struct post *post = peer->post;

	if (count == 0 || charges->incarnation == peer->charged)
		return;
	peer->charged = charges->incarnation;
	for (uint32_t i = 0; i < count; i++) {
		struct notice notice = { .kind = NOTICE_CHARGE,
					 .root = charges[i].root,
					 .task = charges[i].task };

		if (!peer_has_ledger(post->crew->plan, notice.root,
				     post->worker))
			continue;
		snprintf(notice.reason, sizeof(notice.reason), "%s",
			 charges[i].reason);
		post_notify(post, &notice);
	}
}

size_t peer_beat(void *self, void *data, size_t room)
{
	struct peer *peer = self;
	const struct post *post = peer->post;
	const struct crew *crew = post->crew;
	struct beat beat = {
		.flags = crew_load(&crew->standing),
		.pulses = crew->count,
		.movement = __atomic_load_n(&crew->movement, __ATOMIC_RELAXED),
		.dead = post->count,
	};
	struct beat_charge charges[BEAT_CHARGES_MAX];
	struct beat_wait waits[BEAT_WAITS_MAX];
	struct beat_task tasks[BEAT_TASKS_MAX];
	const struct beat_lists lists = {
		.pulses = crew->pulses + crew->first,
		.dead = post->dead,
		.waits = waits,
		.charges = charges,
		.tasks = tasks,
	};
	uint64_t now = clock_now_ns();

	beat.charges = (uint16_t)peer_debts(peer, charges);
	beat.waits = (uint16_t)waits_tell(crew->plan, post->worker, crew->waits,
					  waits);
	if (tidings_wanted(crew->plan, post->worker, peer->number))
		beat.tasks = tidings_tell(crew->board, post->worker,
					  &peer->telling, now, tasks);
	if (course_is_done(post))
		beat.flags |= BEAT_DONE;
	return beat_write(&beat, &lists, now, data, room);
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
	struct beat_task tasks[BEAT_TASKS_MAX];
	const struct beat_lists lists = {
		.pulses = peer_pulses(peer),
		.dead = post->told,
		.waits = waits,
		.charges = charges,
		.tasks = tasks,
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
	tidings_take(crew->board, peer->number, tasks, beat.tasks, now);
	crew_hear_of(crew, peer->number, beat.flags, beat.movement);
	peer_bury(peer, post->told, now);
	peer_charge(peer, charges, beat.charges);
}
