/* SPDX-License-Identifier: MIT */

#include "worker/crew.h"
#include "worker/board.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "channel/exchange.h"
#include "worker/beat.h"
#include "worker/committer.h"
#include "worker/post.h"
#include "worker/seat.h"
#include "worker/worker.h"

static int crew_make_seats(struct crew *crew, struct gust_error *error)
{
	const struct plan *plan = crew->plan;
	uint32_t count = plan->workers[crew->worker].executor_count;

	crew->pulses =
		aligned_alloc(64, plan->executor_count * sizeof(*crew->pulses));
	crew->seats = calloc(count, sizeof(*crew->seats));
	crew->peers = calloc(plan->worker_count, sizeof(*crew->peers));
	if (crew->pulses == NULL || crew->seats == NULL || crew->peers == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	memset(crew->pulses, 0, plan->executor_count * sizeof(*crew->pulses));
	if (plan->worker_count > 1) {
		crew->waits = calloc(plan->task_count, sizeof(*crew->waits));
		if (crew->waits == NULL)
			return gust_error_set(error, -ENOMEM, "out of memory");
	}
	for (; crew->count < count; crew->count++) {
		int r = seat_init(&crew->seats[crew->count], crew,
				  crew->first + crew->count);

		if (r < 0) {
			/* seat_fini() is for it, too. */
			crew->count++;
			return gust_error_set(
				error, r, "cannot set up executor %u: %s",
				(unsigned)(crew->first + crew->count - 1),
				strerror(-r));
		}
	}
	return 0;
}

/* An inbox each. */
static int crew_make_exchange(struct crew *crew, struct gust_error *error)
{
	const struct plan *plan = crew->plan;
	uint32_t count = plan->workers[crew->worker].executor_count;
	uint32_t others = plan->worker_count - 1;

	return exchange_create(count, EXCHANGE_BUFFERED,
			       EXCHANGE_SOCKETS_MAX - others, &crew->exchange,
			       error);
}

int crew_init(struct crew *crew, const struct plan *plan,
	      const struct worker_options *options, struct board *board,
	      struct keeper *keeper, int output, struct gust_error *error)
{
	int r;

	memset(crew, 0, sizeof(*crew));
	crew->plan = plan;
	crew->worker = options->number;
	crew->first = plan->workers[crew->worker].first_executor;
	crew->board = board;
	crew->keeper = keeper;
	stdout_init(&crew->output, output);
	if (plan->worker_count > 1)
		stdout_share(&crew->output, board->output, crew->worker + 1);
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->changed, NULL);
	crew->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (crew->bell < 0)
		return gust_error_set(error, -errno,
				      "cannot open an eventfd: %s",
				      strerror(errno));
	r = committer_create(crew, &crew->committer);
	if (r < 0)
		return gust_error_set(error, r, "out of memory");
	r = crew_make_exchange(crew, error);
	if (r < 0)
		return r;
	r = crew_make_seats(crew, error);
	if (r < 0 || plan->worker_count == 1)
		return r;
	return post_create(crew, options, &crew->post, error);
}

void crew_fini(struct crew *crew)
{
	if (crew->plan == NULL)
		return;
	for (uint32_t i = 0; i < crew->count; i++)
		seat_fini(&crew->seats[i]);
	free(crew->seats);
	/* Executors read their stores up to their end. */
	committer_destroy(crew->committer);
	post_destroy(crew->post);
	free(crew->peers);
	free(crew->pulses);
	free(crew->waits);
	exchange_destroy(crew->exchange);
	if (crew->bell >= 0)
		close(crew->bell);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
	stdout_fini(&crew->output);
	memset(crew, 0, sizeof(*crew));
}

int crew_start(struct crew *crew, struct gust_error *error)
{
	int failed = crew->post != NULL ? post_start(crew->post) : 0;

	if (failed < 0)
		return gust_error_set(error, failed,
				      "cannot start the thread of the links: "
				      "%s",
				      strerror(-failed));
	failed = committer_start(crew->committer);
	if (failed < 0)
		return gust_error_set(error, failed,
				      "cannot start the thread of the stores: "
				      "%s",
				      strerror(-failed));
	for (; crew->started < crew->count; crew->started++) {
		int r = seat_start(&crew->seats[crew->started]);

		if (r < 0)
			return gust_error_set(
				error, r, "cannot start thread %u of %u: %s",
				(unsigned)crew->started + 1,
				(unsigned)crew->count, strerror(-r));
	}
	return 0;
}

void crew_release(struct crew *crew, enum crew_phase phase)
{
	pthread_mutex_lock(&crew->lock);
	crew->phase = phase;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	if (phase == CREW_CANCELLED)
		post_abort(crew->post);
}

void crew_stop(struct crew *crew)
{
	__atomic_fetch_or(&crew->standing, BEAT_STOPPING, __ATOMIC_RELAXED);
	post_ring(crew->post);
	for (uint32_t i = 0; i < crew->count; i++)
		seat_command(&crew->seats[i], SEAT_STOP);
}

void crew_abort(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++)
		seat_command(&crew->seats[i], SEAT_ABORT);
	post_abort(crew->post);
	committer_stop(crew->committer);
}

uint32_t crew_threads(const struct crew *crew)
{
	const struct plan *plan = crew->plan;
	uint32_t host = plan->workers[crew->worker].host;
	uint32_t threads = 0;

	for (uint32_t i = 0; i < plan->worker_count; i++)
		if (plan->workers[i].host == host)
			threads += plan->workers[i].executor_count;
	/* Each post, and the library's thread. */
	return plan->worker_count > 1 ? threads + 2 * plan->worker_count
				      : threads;
}

bool crew_left(const struct crew *crew)
{
	if (crew_load(&crew->left) < crew->started || !post_left(crew->post))
		return false;
	/* Nobody asks for a commit any more. */
	committer_stop(crew->committer);
	return committer_left(crew->committer);
}

uint32_t crew_join(struct crew *crew)
{
	uint32_t left_behind = 0;

	for (uint32_t i = 0; i < crew->started; i++)
		if (!seat_join(&crew->seats[i]))
			left_behind++;
	crew->started = 0;
	if (!post_join(crew->post))
		left_behind++;
	if (!committer_join(crew->committer))
		left_behind++;
	return left_behind;
}

const struct gust_error *crew_error(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++) {
		const struct gust_error *error = seat_error(&crew->seats[i]);

		if (error != NULL)
			return error;
	}
	return crew->error.code != 0 ? &crew->error : NULL;
}

void crew_ring(struct crew *crew)
{
	uint64_t one = 1;
	ssize_t n = write(crew->bell, &one, sizeof(one));

	assert(n == sizeof(one));
}

void crew_hear(struct crew *crew)
{
	uint64_t rings;
	ssize_t n = read(crew->bell, &rings, sizeof(rings));

	assert(n == sizeof(rings) || errno == EAGAIN);
}

/* Those who sleep have nothing to wait for any more. */
static void crew_wake(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++)
		seat_command(&crew->seats[i], 0);
}

uint32_t crew_count(struct crew *crew, uint32_t *count)
{
	uint32_t now = __atomic_add_fetch(count, 1, __ATOMIC_ACQ_REL);

	crew_ring(crew);
	if (count == &crew->left)
		post_ring(crew->post);
	if (count != &crew->done || now != crew->count)
		return now;
	post_ring(crew->post);
	if (crew->post == NULL)
		crew_wake(crew);
	return now;
}

void crew_resume(struct crew *crew)
{
	__atomic_fetch_sub(&crew->done, 1, __ATOMIC_ACQ_REL);
}

void crew_break(struct crew *crew, int code, const char *what)
{
	if (crew_load(&crew->broken) == 0)
		gust_error_set(&crew->error, code, "%s: %s", what,
			       strerror(-code));
	crew_count(crew, &crew->broken);
}

void crew_hear_of(struct crew *crew, uint32_t worker, uint32_t flags,
		  uint64_t movement)
{
	struct crew_peer *peer = &crew->peers[worker];

	__atomic_store_n(&peer->flags, flags, __ATOMIC_RELEASE);
	__atomic_store_n(&peer->movement, movement, __ATOMIC_RELAXED);
	if ((flags & BEAT_STOPPING) != 0 && crew_load(&crew->peer_stops) == 0)
		crew_count(crew, &crew->peer_stops);
}

bool crew_peers_done(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->plan->worker_count; i++)
		if (i != crew->worker &&
		    (crew_load(&crew->peers[i].flags) & BEAT_DONE) == 0)
			return false;
	return true;
}

void crew_end(struct crew *crew)
{
	__atomic_store_n(&crew->over, 1, __ATOMIC_RELEASE);
	crew_ring(crew);
	crew_wake(crew);
}

bool crew_await(struct crew *crew)
{
	enum crew_phase phase;

	pthread_mutex_lock(&crew->lock);
	while (crew->phase == CREW_OPENING)
		pthread_cond_wait(&crew->changed, &crew->lock);
	phase = crew->phase;
	pthread_mutex_unlock(&crew->lock);
	return phase == CREW_RUNNING;
}
