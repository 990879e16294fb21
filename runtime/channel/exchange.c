/* SPDX-License-Identifier: MIT */

#include "channel/exchange.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>

#include "channel/inbox.h"
#include "channel/message.h"
#include "channel/socket.h"
#include "topology/plan.h"

/* So that what does not fit is found when the topology is checked. */
_Static_assert(PLAN_EXECUTORS_MAX <= EXCHANGE_EXECUTORS_MAX,
	       "a plan may have more executors than there are sockets for");

/* How one executor is reached. */
struct exchange_seat {
	struct inbox *inbox;
	int shared; /* a PUSH, or -1 */
};

struct exchange {
	uint32_t count;
	uint32_t sockets_max;
	uint32_t sockets; /* open or about to be; atomic */
	int *retired;     /* sockets to be closed with it: `sockets_max` */
	uint32_t retired_count; /* atomic */
	struct exchange_seat *seats;
};

static int exchange_open_push(struct exchange *exchange, uint32_t to)
{
	int s = nn_socket(AF_SP, NN_PUSH);
	int r;

	if (s < 0)
		return -nn_errno();
	if (nn_connect(s, inbox_address(exchange->seats[to].inbox)) < 0) {
		r = -nn_errno();
		socket_close(s);
		return r;
	}
	return s;
}

/* Counts one more socket, unless that would be too many. */
static bool exchange_reserve(struct exchange *exchange)
{
	uint32_t before =
		__atomic_fetch_add(&exchange->sockets, 1, __ATOMIC_RELAXED);

	if (before < exchange->sockets_max)
		return true;
	__atomic_fetch_sub(&exchange->sockets, 1, __ATOMIC_RELAXED);
	return false;
}

static int exchange_open_seat(struct exchange *exchange, uint32_t number,
			      uint32_t buffered, bool share)
{
	struct exchange_seat *seat = &exchange->seats[number];
	char address[64];
	int r;

	/* Addresses are known process-wide; this one is unique in it. */
	snprintf(address, sizeof(address), "inproc://gust/%" PRIxPTR "/%u",
		 (uintptr_t)exchange, (unsigned)number);
	r = inbox_create(address, buffered, &seat->inbox);
	if (r < 0)
		return r;
	exchange->sockets++;
	if (!share)
		return 0;
	r = exchange_open_push(exchange, number);
	if (r < 0)
		return r;
	seat->shared = r;
	exchange->sockets++;
	return 0;
}

static int exchange_open(struct exchange *exchange, uint32_t buffered)
{
	uint64_t count = exchange->count;
	/* An inbox each, and a PUSH for each pair, oneself included. */
	bool share = count + count * count > exchange->sockets_max;

	for (uint32_t i = 0; i < exchange->count; i++) {
		int r = exchange_open_seat(exchange, i, buffered, share);

		if (r < 0)
			return r;
	}
	return 0;
}

int exchange_create(uint32_t count, uint32_t buffered, uint32_t sockets_max,
		    struct exchange **exchange, struct gust_error *error)
{
	struct exchange *made;
	int r = -ENOMEM;

	assert(count > 0);
	if (count > EXCHANGE_EXECUTORS_MAX)
		return gust_error_set(
			error, -E2BIG,
			"%u executors are too many, expected at most %u",
			(unsigned)count, (unsigned)EXCHANGE_EXECUTORS_MAX);
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		goto fail;
	made->sockets_max = sockets_max;
	made->retired = calloc(sockets_max + 1, sizeof(*made->retired));
	if (made->retired == NULL)
		goto fail;
	made->seats = calloc(count, sizeof(*made->seats));
	if (made->seats == NULL)
		goto fail;
	for (; made->count < count; made->count++)
		made->seats[made->count].shared = -1;
	r = exchange_open(made, buffered);
	if (r < 0)
		goto fail;
	*exchange = made;
	return 0;
fail:
	exchange_destroy(made);
	return gust_error_set(error, r,
			      "cannot open the channels of %u executors: %s",
			      (unsigned)count, strerror(-r));
}

/* What the library still has are pointers: it would not free what is there. */
static void exchange_discard(struct inbox *inbox)
{
	void *message;
	size_t size;

	while (inbox_receive(inbox, &message, &size) == 0)
		message_free(message);
}

void exchange_destroy(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	for (uint32_t i = 0; i < exchange->count; i++)
		if (exchange->seats[i].inbox != NULL)
			exchange_discard(exchange->seats[i].inbox);
	/* Every PUSH goes before any PULL. */
	for (uint32_t i = 0; i < exchange->retired_count; i++)
		socket_close(exchange->retired[i]);
	for (uint32_t i = 0; i < exchange->count; i++)
		if (exchange->seats[i].shared >= 0)
			socket_close(exchange->seats[i].shared);
	for (uint32_t i = 0; i < exchange->count; i++)
		inbox_destroy(exchange->seats[i].inbox);
	free(exchange->retired);
	free(exchange->seats);
	free(exchange);
}

uint32_t exchange_count(const struct exchange *exchange)
{
	return exchange->count;
}

struct inbox *exchange_inbox(const struct exchange *exchange, uint32_t number)
{
	assert(number < exchange->count);
	return exchange->seats[number].inbox;
}

uint32_t exchange_sockets(const struct exchange *exchange)
{
	return __atomic_load_n(&exchange->sockets, __ATOMIC_RELAXED);
}

int exchange_connect(struct exchange *exchange, uint32_t to, bool *shared)
{
	struct exchange_seat *seat;
	int r = -EMFILE;

	assert(to < exchange->count);
	seat = &exchange->seats[to];
	if (exchange_reserve(exchange)) {
		r = exchange_open_push(exchange, to);
		if (r >= 0) {
			*shared = false;
			return r;
		}
		__atomic_fetch_sub(&exchange->sockets, 1, __ATOMIC_RELAXED);
	}
	if (seat->shared < 0)
		return r;
	*shared = true;
	return seat->shared;
}

void exchange_disconnect(struct exchange *exchange, int socket, bool shared)
{
	uint32_t at;

	if (shared)
		return;
	at = __atomic_fetch_add(&exchange->retired_count, 1, __ATOMIC_RELAXED);
	assert(at < exchange->sockets_max);
	exchange->retired[at] = socket;
}
