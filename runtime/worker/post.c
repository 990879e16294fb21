/* SPDX-License-Identifier: MIT */

#include "worker/post.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "channel/frame.h"
#include "channel/message.h"
#include "channel/port.h"
#include "channel/seal.h"
#include "worker/crew.h"
#include "worker/location.h"
#include "worker/notice.h"
#include "worker/peer.h"
#include "worker/seat.h"
#include "worker/signals.h"

/* Messages received from the port, and from the inbox, in a row. */
#define POST_RECEIVE_MAX 64

/* A seat that has not been there for so long is away; and how often the post's
 * thread looks whether it is. */
#define POST_AWAY_NS (20 * CLOCK_NS_PER_MS)
#define POST_TURN_NS (50 * CLOCK_NS_PER_MS)

/* How often what is rare is looked at. */
#define POST_LOOK_NS CLOCK_NS_PER_S

void post_ring(struct post *post)
{
	if (post != NULL)
		poller_ring(&post->poller);
}

void post_abort(struct post *post)
{
	if (post == NULL)
		return;
	__atomic_store_n(&post->aborted, 1, __ATOMIC_RELEASE);
	poller_ring(&post->poller);
}

void post_charge(struct post *post, uint64_t root, uint32_t task,
		 const char *reason)
{
	if (post == NULL)
		return;
	errands_charge(&post->errands, root, task, reason);
	poller_ring(&post->poller);
}

void post_lost(struct post *post, uint32_t worker, uint64_t incarnation,
	       const char *reason)
{
	if (post == NULL || worker >= post->count || worker == post->worker)
		return;
	errands_lost(&post->errands, worker, incarnation, reason);
	poller_ring(&post->poller);
}

static void post_obey_one(struct post *post, const struct errand *errand,
			  uint64_t now)
{
	struct notice notice = { .kind = NOTICE_CHARGE,
				 .root = errand->root,
				 .task = errand->task };

	if (errand->lost) {
		post->peers[errand->worker].told = true;
		peer_lose(&post->peers[errand->worker], errand->incarnation,
			  errand->reason, now);
		post->peers[errand->worker].told = false;
		return;
	}
	memcpy(notice.reason, errand->reason, sizeof(notice.reason));
	post_notify(post, &notice);
}

static void post_obey(struct post *post, uint64_t now)
{
	struct errand *errand, *next;

	if (!poller_heard(&post->poller))
		return;
	for (errand = errands_take(&post->errands); errand != NULL;
	     errand = next) {
		next = errand->next;
		post_obey_one(post, errand, now);
		free(errand);
	}
}

void post_send(struct post *post, void *message)
{
	if (mailbox_put(&post->mail, message))
		poller_ring(&post->poller);
}

void post_forward(struct post *post, uint32_t seat, void *message)
{
	seat_post(&post->crew->seats[seat], message);
}

void post_notify(struct post *post, const struct notice *notice)
{
	for (uint32_t i = 0; i < post->crew->count; i++) {
		struct notice *copy = message_alloc(sizeof(*copy));

		assert(copy != NULL);
		*copy = *notice;
		copy->size = sizeof(*copy) - MESSAGE_ROOM;
		post_forward(post, i, copy);
	}
}

static void post_take_frame(struct post *post, void *message, size_t size,
			    uint64_t now)
{
	const struct frame *frame = message;

	post->arriving = message;
	/* Strangers may write what they like: post_look() says so. */
	if (seal_open(post->seal, message, &size, NULL) == 0)
		peer_receive(&post->peers[frame->from], frame, now);
	message_free(post->arriving);
	post->arriving = NULL;
}

static void post_receive_port(struct post *post, uint64_t now)
{
	void *message;
	size_t size;

	post->drained = false;
	for (int i = 0; i < POST_RECEIVE_MAX; i++) {
		int r = port_receive(post->port, &message, &size);

		if (r < 0) {
			post->drained = true;
			return;
		}
		post_take_frame(post, message, size, now);
	}
}

/* A batch or a notice of a seat of this worker. */
static void post_take_message(struct post *post, void *message, uint64_t now)
{
	const struct crew *crew = post->crew;
	const struct batch *batch = notice_batch(message);
	const struct notice *notice = message;

	if (notice_is(message)) {
		assert(notice->kind == NOTICE_HEARD);
		peer_heard(&post->peers[notice->worker], notice->from);
		message_free(message);
		return;
	}
	peer_send(&post->peers[crew->plan->worker_of[batch->to]],
		  batch->from - crew->first, message, batch->size, now);
}

static void post_take_mail(struct post *post, uint64_t now)
{
	void *next;

	for (void *message = mailbox_take(&post->mail); message != NULL;
	     message = next) {
		next = mailbox_next(message);
		post_take_message(post, message, now);
	}
}

static uint64_t post_tick(struct post *post, uint64_t now)
{
	uint64_t due = UINT64_MAX;

	for (uint32_t i = 0; i < post->count; i++) {
		uint64_t next;

		if (i == post->worker)
			continue;
		next = peer_tick(&post->peers[i], now);
		due = next < due ? next : due;
	}
	return due;
}

/* Warns of what was no frame of a worker. Whose it was nobody knows, but where
 * it came in. */
static void post_complain(struct post *post, uint64_t now)
{
	const struct plan *plan = post->crew->plan;
	struct gust_error error = { 0 };
	char port[LOCATION_SIZE] = "the port";

	if (!seal_complains(post->seal, now, &error))
		return;
	if (plan->host_count > 0)
		location_of(plan, NULL, post->worker, true, port);
	log_write(LOG_LEVEL_WARN, "%s: %s", port, error.text);
}

/* Looks at what is rare: the state of the links, strangers, and too many
 * descriptors. */
static void post_look(struct post *post, uint64_t now)
{
	for (uint32_t i = 0; i < post->count; i++)
		if (i != post->worker)
			peer_look(&post->peers[i], now);
	if (now - post->looked_ns < POST_LOOK_NS)
		return;
	post->looked_ns = now;
	post_complain(post, now);
	descriptors_look(&post->descriptors, now);
}

/* All that may be to do; returns when there is more. */
static uint64_t post_round(struct post *post, uint64_t now)
{
	uint64_t due;

	post_obey(post, now);
	post_receive_port(post, now);
	post_take_mail(post, now);
	due = post_tick(post, now);
	course_look(&post->course, post, now);
	return post->drained ? course_due(&post->course, now, due) : 0;
}

/* Who waits at the doors: the seat that serves, or the post's thread, too. */
static void post_set_away(struct post *post, bool away)
{
	int r = 0;

	if (away == post->away)
		return;
	post->away = away;
	if (away)
		r = poller_await_link(&post->poller, post->doors);
	else
		poller_forget_link(&post->poller, post->doors);
	if (r < 0)
		crew_break(post->crew, r, "the post cannot wait for a channel");
}

static void post_unlock(struct post *post)
{
	int r = pthread_mutex_unlock(&post->lock);

	assert(r == 0);
}

uint64_t post_serve(struct post *post)
{
	uint64_t now = clock_now_ns(), due;

	if (pthread_mutex_trylock(&post->lock) != 0) {
		/* So that it goes another round, if this one is too early. */
		poller_ring(&post->poller);
		return now + CLOCK_NS_PER_MS;
	}
	post_set_away(post, false);
	due = post_round(post, now);
	post_unlock(post);
	__atomic_store_n(&post->served_ns, now, __ATOMIC_RELAXED);
	return due;
}

/* Whether the seat that serves has left it to this thread. */
static bool post_is_away(const struct post *post, uint64_t now)
{
	uint64_t served = __atomic_load_n(&post->served_ns, __ATOMIC_RELAXED);

	return !post->served ||
	       (__atomic_load_n(&post->asleep, __ATOMIC_RELAXED) == 0 &&
		now > served + POST_AWAY_NS);
}

static void post_wait(struct post *post, bool away, uint64_t due)
{
	uint64_t turn = clock_now_ns() + POST_TURN_NS;

	if (due > turn)
		due = turn;
	/* While somebody serves, who sends does not ring. */
	if (away && !mailbox_doze(&post->mail))
		return;
	poller_wait(&post->poller, due, NULL, NULL);
	mailbox_rouse(&post->mail);
}

static void post_work(struct post *post)
{
	bool leave = false;

	while (!leave) {
		uint64_t now, due = 0;
		bool away;

		pthread_mutex_lock(&post->lock);
		now = clock_now_ns();
		leave = course_may_leave(&post->course, post, now);
		if (!leave) {
			due = post_round(post, now);
			post_look(post, now);
		}
		away = post_is_away(post, now);
		post_set_away(post, away);
		post_unlock(post);
		if (!leave && due != 0)
			post_wait(post, away, due);
	}
}

static void *post_main(void *data)
{
	struct post *post = data;

	signals_block();
	post_work(post);
	post_complain(post, UINT64_MAX);
	__atomic_store_n(&post->left, 1, __ATOMIC_RELEASE);
	crew_ring(post->crew);
	return NULL;
}

int post_start(struct post *post)
{
	int r = pthread_create(&post->thread, NULL, post_main, post);

	if (r != 0)
		return -r;
	post->started = true;
	pthread_setname_np(post->thread, "gust-post");
	return 0;
}

bool post_left(const struct post *post)
{
	return post == NULL || !post->started ||
	       __atomic_load_n(&post->left, __ATOMIC_ACQUIRE) != 0;
}

bool post_join(struct post *post)
{
	int r;

	if (post == NULL || !post->started)
		return true;
	if (!post_left(post))
		return false;
	r = pthread_join(post->thread, NULL);
	assert(r == 0);
	post->started = false;
	return true;
}
