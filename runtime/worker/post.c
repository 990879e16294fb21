/* SPDX-License-Identifier: MIT */

#include "worker/post.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "channel/exchange.h"
#include "channel/frame.h"
#include "channel/inbox.h"
#include "channel/link.h"
#include "channel/message.h"
#include "channel/port.h"
#include "channel/seal.h"
#include "worker/crew.h"
#include "worker/location.h"
#include "worker/notice.h"
#include "worker/peer.h"
#include "worker/signals.h"
#include "worker/worker.h"

/* Messages received from the port, and from the inbox, in a row. */
#define POST_RECEIVE_MAX 64

/* While there is work, descriptors are looked at so often. */
#define POST_POLL_NS (100 * CLOCK_NS_PER_US)

/* How often what is rare is looked at. */
#define POST_LOOK_NS CLOCK_NS_PER_S

static int post_make_lists(struct post *post)
{
	const struct plan *plan = post->crew->plan;

	post->peers = calloc(post->count, sizeof(*post->peers));
	post->dead = calloc(post->count, sizeof(*post->dead));
	post->told = calloc(post->count, sizeof(*post->told));
	post->plugins = calloc(plan->component_count, sizeof(*post->plugins));
	post->names = calloc(plan->component_count, sizeof(*post->names));
	if (post->peers == NULL || post->dead == NULL || post->told == NULL ||
	    post->plugins == NULL || post->names == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->component_count; i++) {
		post->plugins[i] = plan->components[i].plugin_hash;
		post->names[i] = plan->components[i].id;
	}
	return arrival_init(&post->arrival, plan, post->worker);
}

static struct inbox *post_inbox(const struct post *post)
{
	return exchange_inbox(post->crew->exchange, post->crew->count);
}

/* What this process alone needs. */
static int post_open(struct post *post)
{
	int r = post_make_lists(post);

	if (r < 0)
		return r;
	r = lanes_init(&post->lanes, post->crew->exchange);
	if (r < 0)
		return r;
	return poller_open(&post->poller, inbox_fd(post_inbox(post)));
}

static int post_make_seal(struct post *post,
			  const struct worker_options *options,
			  struct gust_error *error)
{
	const struct seal_config config = {
		.key = options->key,
		.worker = post->worker,
		.worker_count = post->count,
		.incarnation = post->incarnation,
	};

	return seal_create(&config, &post->seal, error);
}

static int post_connect(struct post *post, const struct worker_options *options,
			struct gust_error *error)
{
	uint64_t now = clock_now_ns();
	const struct plan *plan = post->crew->plan;
	char address[LOCATION_SIZE];
	int r = post_make_seal(post, options, error);

	if (r < 0)
		return r;
	location_of(plan, options->folder, post->worker, true, address);
	r = seal_allows(options->key, address, error);
	if (r == 0)
		r = port_open(address, SEAL_MESSAGE_MAX, &post->port, error);
	if (r < 0)
		return r;
	r = poller_await_link(&post->poller, port_fd(post->port));
	if (r < 0)
		return gust_error_set(error, r, "cannot wait for a port: %s",
				      strerror(-r));
	for (uint32_t i = 0; i < post->count; i++) {
		if (i == post->worker)
			continue;
		location_of(plan, options->folder, i, false, address);
		r = seal_allows(options->key, address, error);
		if (r == 0)
			r = peer_init(&post->peers[i], post, i, address, now,
				      error);
		if (r < 0)
			return r;
	}
	return 0;
}

int post_create(struct crew *crew, const struct worker_options *options,
		struct post **post, struct gust_error *error)
{
	struct post *made = calloc(1, sizeof(*made));
	int r;

	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	made->crew = crew;
	made->worker = crew->worker;
	made->count = crew->plan->worker_count;
	made->incarnation = options->incarnation;
	errands_init(&made->errands);
	poller_init(&made->poller);
	r = post_open(made);
	if (r < 0)
		gust_error_set(error, r, "cannot set up the links: %s",
			       strerror(-r));
	else
		r = post_connect(made, options, error);
	if (r < 0) {
		post_destroy(made);
		return r;
	}
	*post = made;
	return 0;
}

void post_destroy(struct post *post)
{
	if (post == NULL)
		return;
	for (uint32_t i = 0; post->peers != NULL && i < post->count; i++)
		peer_fini(&post->peers[i]);
	free(post->peers);
	port_close(post->port);
	seal_destroy(post->seal);
	lanes_fini(&post->lanes);
	poller_fini(&post->poller);
	arrival_fini(&post->arrival);
	errands_fini(&post->errands);
	free(post->dead);
	free(post->told);
	free(post->plugins);
	free(post->names);
	free(post);
}

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
		peer_lose(&post->peers[errand->worker], errand->incarnation,
			  errand->reason, now);
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

void post_forward(struct post *post, uint32_t seat, void *message, size_t size)
{
	int r = lanes_send(&post->lanes, seat, message, size);

	/* The sockets for these lanes were opened or are shared. */
	if (r < 0)
		crew_break(post->crew, r, "the post cannot send");
}

void post_notify(struct post *post, const struct notice *notice)
{
	for (uint32_t i = 0; i < post->crew->count; i++) {
		struct notice *copy = message_alloc(sizeof(*copy));

		assert(copy != NULL);
		*copy = *notice;
		copy->size = sizeof(*copy) - MESSAGE_ROOM;
		post_forward(post, i, copy, sizeof(*copy));
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
static void post_take_message(struct post *post, void *message, size_t size,
			      uint64_t now)
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
		  batch->from - crew->first, message, size, now);
}

static void post_receive_inbox(struct post *post, uint64_t now)
{
	struct inbox *inbox = post_inbox(post);
	void *message;
	size_t size;

	for (int i = 0; i < POST_RECEIVE_MAX && inbox_pending(inbox); i++) {
		if (inbox_receive(inbox, &message, &size) < 0)
			return;
		post_take_message(post, message, size, now);
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

/* Warns of what was no frame of a worker. */
static void post_complain(struct post *post, uint64_t now)
{
	struct gust_error error = { 0 };

	if (seal_complains(post->seal, now, &error))
		log_write(LOG_LEVEL_WARN, "%s", error.text);
}

/* Looks at what is rare: strangers, and too many descriptors. */
static void post_look(struct post *post, uint64_t now)
{
	if (now - post->looked_ns < POST_LOOK_NS)
		return;
	post->looked_ns = now;
	post_complain(post, now);
	descriptors_look(&post->descriptors, now);
}

static void post_ready(void *self, uint32_t peer, int fd, short events)
{
	struct post *post = self;

	(void)fd;
	(void)events;
	peer_ready(&post->peers[peer], clock_now_ns());
}

static void post_wait(struct post *post, uint64_t now, uint64_t due)
{
	int r;

	if (!post->drained || inbox_pending(post_inbox(post))) {
		/* There is work; ways that have room again are asked for now
		 * and then. */
		if (now - post->polled_ns < POST_POLL_NS)
			return;
		due = 0;
	}
	post->polled_ns = now;
	r = lanes_await(&post->lanes, &post->poller);
	if (r < 0)
		crew_break(post->crew, r, "the post cannot wait for a channel");
	poller_wait(&post->poller, due, post_ready, post);
}

static void post_work(struct post *post)
{
	for (;;) {
		uint64_t now = clock_now_ns(), due;

		if (course_may_leave(&post->course, post, now))
			return;
		post_obey(post, now);
		post_receive_port(post, now);
		post_receive_inbox(post, now);
		due = post_tick(post, now);
		lanes_flush(&post->lanes, &post->poller);
		course_look(&post->course, post, now);
		post_look(post, now);
		post_wait(post, now, course_due(&post->course, now, due));
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
