/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "channel/port.h"
#include "channel/seal.h"
#include "worker/crew.h"
#include "worker/location.h"
#include "worker/peer.h"
#include "worker/post.h"
#include "worker/seat.h"
#include "worker/worker.h"

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

/* What this process alone needs. */
static int post_open(struct post *post)
{
	struct crew *crew = post->crew;
	int r = post_make_lists(post);

	if (r == 0)
		r = poller_open(&post->poller, -1);
	if (r < 0)
		return r;
	post->doors = epoll_create1(EPOLL_CLOEXEC);
	if (post->doors < 0)
		return -errno;
	post->served = crew->count == 1;
	if (post->served)
		r = poller_await_link(&crew->seats[0].poller, post->doors);
	if (r < 0)
		return r;
	post->away = true;
	return poller_await_link(&post->poller, post->doors);
}

static int post_add_door(struct post *post, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(post->doors, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
								     : 0;
}

void post_await(struct post *post, int fd)
{
	/* Without it the next round tries again. */
	(void)post_add_door(post, fd);
}

void post_forget(struct post *post, int fd)
{
	epoll_ctl(post->doors, EPOLL_CTL_DEL, fd, NULL);
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
	r = post_add_door(post, port_fd(post->port));
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
	made->debts = options->debts;
	made->debt_count = options->debt_count;
	made->doors = -1;
	pthread_mutex_init(&made->lock, NULL);
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
	mailbox_fini(&post->mail);
	if (post->doors >= 0)
		close(post->doors);
	poller_fini(&post->poller);
	arrival_fini(&post->arrival);
	errands_fini(&post->errands);
	free(post->dead);
	free(post->told);
	free(post->plugins);
	free(post->names);
	pthread_mutex_destroy(&post->lock);
	free(post);
}
