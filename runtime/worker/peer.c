/* SPDX-License-Identifier: MIT */

#include "worker/peer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "channel/frame.h"
#include "channel/link.h"
#include "channel/message.h"
#include "channel/seal.h"
#include "channel/way.h"
#include "worker/board.h"
#include "worker/crew.h"
#include "worker/notice.h"
#include "worker/post.h"
#include "worker/waits.h"

#define PEER_BEAT_NS (100 * CLOCK_NS_PER_MS)

/* How often the state of a link is looked at. */
#define PEER_LOOK_NS (50 * CLOCK_NS_PER_MS)

_Static_assert(MESSAGE_ROOM == sizeof(struct frame),
	       "a frame that arrives is a message as it is");

/* Silence that is worth a word, and how often. */
#define PEER_SILENT_NS (2 * CLOCK_NS_PER_S)
#define PEER_AGAIN_NS (30 * CLOCK_NS_PER_S)

/* Silence after which what was sent there counts as waiting. */
#define PEER_QUIET_NS (5 * PEER_BEAT_NS)

/* When nothing of ours has arrived for so long, the way may be wedged; and each
 * time that healing it was in vain the next one waits for twice as long. */
#define PEER_HEAL_NS CLOCK_NS_PER_S
#define PEER_HEAL_MAX_NS (8 * CLOCK_NS_PER_S)

/* Other complaints about one peer. */
#define PEER_COMPLAINT_NS (10 * CLOCK_NS_PER_S)

/* "worker 2", or "worker 2 on host 'b'". */
static void peer_name(const struct peer *peer, char *text, size_t size)
{
	const struct plan *plan = peer->post->crew->plan;
	int used = snprintf(text, size, "worker %u", (unsigned)peer->number);

	if (plan->host_count > 0 && (size_t)used < size)
		snprintf(text + used, size - (size_t)used, " on host '%s'",
			 plan->hosts[plan->workers[peer->number].host].name);
}

/* Whether one more line about it may be written now. */
static bool peer_may_complain(struct peer *peer, uint64_t now)
{
	if (peer->complaint_ns != 0 &&
	    now - peer->complaint_ns < PEER_COMPLAINT_NS)
		return false;
	peer->complaint_ns = now;
	return true;
}

const struct plan_worker *peer_plan(const struct peer *peer)
{
	return &peer->post->crew->plan->workers[peer->number];
}

struct pulse *peer_pulses(const struct peer *peer)
{
	return peer->post->crew->pulses + peer_plan(peer)->first_executor;
}

static void peer_store(uint64_t *value, uint64_t to)
{
	__atomic_store_n(value, to, __ATOMIC_RELAXED);
}

/* Has a round begin when the way has room. */
static void peer_await(struct peer *peer)
{
	if (peer->blocked)
		return;
	peer->blocked = true;
	post_await(peer->post, way_fd(peer->way));
}

static int peer_transmit(void *self, const struct frame *header,
			 const void *payload, size_t size)
{
	struct peer *peer = self;
	struct seal *seal = peer->post->seal;
	void *room = way_room(peer->way, seal_room(seal, size));

	if (room == NULL) {
		peer_await(peer);
		return -EAGAIN;
	}
	way_commit(peer->way, seal_frame(seal, header, payload, room));
	/* What the socket did not take is held, and nothing may follow. */
	if (way_flush(peer->way) < 0)
		peer_await(peer);
	return 0;
}

static void peer_deliver(void *self, const void *data, size_t size)
{
	struct peer *peer = self;
	struct post *post = peer->post;
	const struct batch *batch = data;
	struct gust_error error = { 0 };
	char *message;
	char name[96];

	if (arrival_check(&post->arrival, peer->number, data, size, &error) <
	    0) {
		peer->refused++;
		if (!peer_may_complain(peer, clock_now_ns()))
			return;
		peer_name(peer, name, sizeof(name));
		log_write(LOG_LEVEL_ERROR, "%s sent nonsense: %s", name,
			  error.text);
		return;
	}
	message = post_keep(post, data);
	if (message == NULL) {
		message = message_alloc(MESSAGE_ROOM + size);
		/* As the engine does: what has arrived cannot be put off. */
		assert(message != NULL);
		memcpy(message + MESSAGE_ROOM, data, size);
	}
	post_forward(post, batch->to - post->crew->first, message);
}

static void peer_up(struct peer *peer)
{
	char name[96];

	if (peer->said_ns == 0)
		return;
	peer->said_ns = 0;
	peer_name(peer, name, sizeof(name));
	log_write(LOG_LEVEL_INFO, "%s is there", name);
}

static void peer_lost(struct peer *peer, uint64_t incarnation,
		      const char *reason)
{
	struct post *post = peer->post;
	struct crew *crew = post->crew;
	struct notice notice = { .kind = NOTICE_LOST, .worker = peer->number };
	char name[96];

	post->dead[peer->number] = incarnation;
	peer->flags = 0;
	peer->down = false;
	crew_hear_of(crew, peer->number, 0, 0);
	peer_name(peer, name, sizeof(name));
	if (peer->told)
		log_write(LOG_LEVEL_DEBUG, "%s is lost: %s", name, reason);
	else if (peer_may_complain(peer, clock_now_ns()))
		log_write(LOG_LEVEL_WARN, "%s is lost: %s", name, reason);
	snprintf(notice.reason, sizeof(notice.reason), "worker lost: %s",
		 reason);
	for (uint32_t i = 0; i < crew->count; i++)
		peer->unheard[i]++;
	peer->unheard_count += crew->count;
	post_notify(post, &notice);
}

static void peer_event(void *self, enum link_event event, uint64_t incarnation,
		       const char *text)
{
	struct peer *peer = self;
	char name[96];

	peer_name(peer, name, sizeof(name));
	switch (event) {
	case LINK_UP:
		peer_up(peer);
		break;
	case LINK_LOST:
		peer_lost(peer, incarnation, text);
		break;
	case LINK_REFUSED:
		log_write(LOG_LEVEL_ERROR, "%s does not fit: %s", name, text);
		break;
	case LINK_FENCED:
		log_write(LOG_LEVEL_ERROR,
			  "%s has given this worker up, which must start anew",
			  name);
		crew_count(peer->post->crew, &peer->post->crew->fenced);
		break;
	case LINK_CLOSED:
		break;
	}
}

static int peer_make_link(struct peer *peer, uint64_t now)
{
	const struct post *post = peer->post;
	const struct plan *plan = post->crew->plan;
	const struct link_config config = {
		.self = { .topology = plan->name,
			  .plan_hash = plan->hash,
			  .plugins = post->plugins,
			  .components = post->names,
			  .plugin_count = plan->component_count,
			  .worker = post->worker,
			  .incarnation = post->incarnation },
		.peer = peer->number,
		.beat_ns = PEER_BEAT_NS,
		.failure_ns = plan->config.worker_timeout_ns,
	};
	const struct link_host host = {
		.self = peer,
		.transmit = peer_transmit,
		.deliver = peer_deliver,
		.beat = peer_beat,
		.beaten = peer_beaten,
		.event = peer_event,
	};

	return link_create(&config, &host, now, &peer->link);
}

int peer_init(struct peer *peer, struct post *post, uint32_t number,
	      const char *address, uint64_t now, struct gust_error *error)
{
	int r;

	memset(peer, 0, sizeof(*peer));
	peer->post = post;
	peer->number = number;
	peer->healed_ns = now;
	peer->unheard = calloc(post->crew->count, sizeof(*peer->unheard));
	if (peer->unheard == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	r = way_open(address, &peer->way, error);
	if (r < 0)
		return r;
	r = peer_make_link(peer, now);
	if (r < 0)
		return gust_error_set(error, r, "cannot make a link: %s",
				      strerror(-r));
	return 0;
}

void peer_fini(struct peer *peer)
{
	link_destroy(peer->link);
	way_close(peer->way);
	free(peer->unheard);
	memset(peer, 0, sizeof(*peer));
}

void peer_send(struct peer *peer, uint32_t seat, void *message, size_t size,
	       uint64_t now)
{
	if (peer->unheard[seat] > 0) {
		/* For one who is dead. */
		peer->dropped++;
		message_free(message);
		return;
	}
	peer->touched = true;
	/* It fails after goodbye, or when this worker is fenced. */
	(void)link_send(peer->link, message, MESSAGE_ROOM, size, now);
}

void peer_receive(struct peer *peer, const struct frame *frame, uint64_t now)
{
	peer->touched = true;
	link_receive(peer->link, frame, frame_payload(frame), now);
}

void peer_heard(struct peer *peer, uint32_t seat)
{
	assert(peer->unheard[seat] > 0);
	peer->unheard[seat]--;
	peer->unheard_count--;
}

void peer_lose(struct peer *peer, uint64_t incarnation, const char *reason,
	       uint64_t now)
{
	peer->touched = true;
	link_lose(peer->link, incarnation, reason, now);
}

/* Goes on where the way was full. */
static void peer_unblock(struct peer *peer, uint64_t now)
{
	if (!peer->blocked || way_flush(peer->way) < 0)
		return;
	post_forget(peer->post, way_fd(peer->way));
	peer->blocked = false;
	peer->touched = true;
	link_ready(peer->link, now);
}

/* Tells the board. */
static void peer_show(const struct peer *peer, const struct link_status *status,
		      uint64_t now)
{
	const struct board *board = peer->post->crew->board;
	struct board_link *shown =
		&board->links[(size_t)peer->post->worker * board->worker_count +
			      peer->number];
	uint64_t since = now > status->silent_ns ? now - status->silent_ns : 1;

	peer_store(&shown->met, peer->met);
	peer_store(&shown->up, status->up);
	peer_store(&shown->silent_since_ns, since);
	peer_store(&shown->kept_frames, status->kept_frames);
	peer_store(&shown->kept_bytes, status->kept_bytes);
	peer_store(&shown->repeats, status->repeated_frames);
	peer_store(&shown->drops,
		   status->dropped_batches + peer->dropped + peer->refused);
}

void peer_tell(struct peer *peer, uint64_t now)
{
	peer->touched = true;
	link_beat(peer->link, now);
}

/* What was sent to a peer that is not there waits. */
static void peer_mark_down(struct peer *peer, const struct link_status *status,
			   uint64_t now)
{
	struct pulse *pulses = peer_pulses(peer);
	const struct crew *crew = peer->post->crew;
	uint64_t since;

	if (status->up && status->silent_ns < PEER_QUIET_NS)
		return;
	waits_silent(crew->plan, peer->number, status->silent_ns, crew->waits);
	if (peer->down)
		return;
	peer->down = true;
	since = now > status->silent_ns ? now - status->silent_ns : 1;
	for (uint32_t i = 0; i < peer_plan(peer)->executor_count; i++) {
		struct pulse *pulse = &pulses[i];

		peer_store(&pulse->waiting_since, since);
		peer_store(&pulse->calling_since, 0);
		peer_store(&pulse->stuck, PULSE_MOVES);
		peer_store(&pulse->alarms, 0);
	}
}

/* Says so when it is waited for. */
static void peer_mind(struct peer *peer, const struct link_status *status,
		      uint64_t now)
{
	const char *problem = way_problem(peer->way);
	char name[96];

	if (status->silent_ns < PEER_SILENT_NS || status->closed) {
		if (peer->said_ns != 0 && status->up)
			peer_up(peer);
		return;
	}
	if (peer->said_ns != 0 && now - peer->said_ns < PEER_AGAIN_NS)
		return;
	peer->said_ns = now;
	peer_name(peer, name, sizeof(name));
	log_write(LOG_LEVEL_WARN, "waiting for %s: %.0f s%s%s", name,
		  (double)status->silent_ns / CLOCK_NS_PER_S,
		  problem != NULL ? ": " : "", problem != NULL ? problem : "");
}

/* Connects anew when nothing has got through for a while. */
static void peer_heal(struct peer *peer, const struct link_status *status,
		      uint64_t now)
{
	/* A slow network is behind all the time, but moves. */
	if (status->reached_ns != peer->reached_ns) {
		peer->reached_ns = status->reached_ns;
		peer->moved_ns = now;
		if (peer->reached_ns >= peer->healed_ns)
			peer->heal_wait_ns = PEER_HEAL_NS;
	}
	if (status->closed || now < peer->moved_ns + peer->heal_wait_ns)
		return;
	peer->moved_ns = now;
	peer->healed_ns = now;
	if (peer->heal_wait_ns < PEER_HEAL_MAX_NS)
		peer->heal_wait_ns *= 2;
	(void)way_heal(peer->way);
}

uint64_t peer_tick(struct peer *peer, uint64_t now)
{
	peer_unblock(peer, now);
	if (peer->touched || now >= peer->due_ns) {
		peer->touched = false;
		peer->due_ns = link_tick(peer->link, now);
	}
	return peer->due_ns;
}

void peer_look(struct peer *peer, uint64_t now)
{
	const struct link_status *status;

	if (now - peer->looked_ns < PEER_LOOK_NS)
		return;
	peer->looked_ns = now;
	status = link_status(peer->link);
	peer_mark_down(peer, status, now);
	peer_mind(peer, status, now);
	peer_heal(peer, status, now);
	peer_show(peer, status, now);
}

void peer_end(struct peer *peer, uint64_t now)
{
	peer->touched = true;
	link_end(peer->link, now);
}

bool peer_ended(const struct peer *peer)
{
	const struct link_status *status = link_status(peer->link);

	return status->closed || !status->up;
}
