/* SPDX-License-Identifier: MIT */

#include "worker/crew.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "channel/exchange.h"
#include "worker/seat.h"

static int crew_make_seats(struct crew *crew, struct gust_error *error)
{
	const struct plan *plan = crew->plan;

	crew->pulses =
		aligned_alloc(64, plan->executor_count * sizeof(*crew->pulses));
	crew->seats = calloc(plan->executor_count, sizeof(*crew->seats));
	if (crew->pulses == NULL || crew->seats == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	memset(crew->pulses, 0, plan->executor_count * sizeof(*crew->pulses));
	for (; crew->count < plan->executor_count; crew->count++) {
		int r = seat_init(&crew->seats[crew->count], crew, crew->count);

		if (r < 0) {
			/* seat_fini() is for it, too. */
			crew->count++;
			return gust_error_set(
				error, r, "cannot set up executor %u: %s",
				(unsigned)crew->count - 1, strerror(-r));
		}
	}
	return 0;
}

int crew_init(struct crew *crew, const struct plan *plan, struct board *board,
	      struct keeper *keeper, int output, struct gust_error *error)
{
	int r;

	memset(crew, 0, sizeof(*crew));
	crew->plan = plan;
	crew->board = board;
	crew->keeper = keeper;
	stdout_init(&crew->output, output);
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->changed, NULL);
	crew->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (crew->bell < 0)
		return gust_error_set(error, -errno,
				      "cannot open an eventfd: %s",
				      strerror(errno));
	r = exchange_create(plan->executor_count, EXCHANGE_BUFFER_BYTES,
			    EXCHANGE_SOCKETS_MAX, &crew->exchange, error);
	if (r < 0)
		return r;
	return crew_make_seats(crew, error);
}

void crew_fini(struct crew *crew)
{
	if (crew->plan == NULL)
		return;
	for (uint32_t i = 0; i < crew->count; i++)
		seat_fini(&crew->seats[i]);
	free(crew->seats);
	free(crew->pulses);
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
}

void crew_stop(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++)
		seat_command(&crew->seats[i], SEAT_STOP);
}

void crew_abort(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++)
		seat_command(&crew->seats[i], SEAT_ABORT);
}

uint32_t crew_join(struct crew *crew)
{
	uint32_t left_behind = 0;

	for (uint32_t i = 0; i < crew->started; i++)
		if (!seat_join(&crew->seats[i]))
			left_behind++;
	crew->started = 0;
	return left_behind;
}

const struct gust_error *crew_error(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++) {
		const struct gust_error *error = seat_error(&crew->seats[i]);

		if (error != NULL)
			return error;
	}
	return NULL;
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

uint32_t crew_count(struct crew *crew, uint32_t *count)
{
	uint32_t now = __atomic_add_fetch(count, 1, __ATOMIC_ACQ_REL);

	crew_ring(crew);
	if (count == &crew->done && now == crew->count)
		/* Those who sleep have nothing to wait for any more. */
		for (uint32_t i = 0; i < crew->count; i++)
			seat_command(&crew->seats[i], 0);
	return now;
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
