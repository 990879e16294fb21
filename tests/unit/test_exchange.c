/* SPDX-License-Identifier: MIT */

#include "channel/exchange.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "channel/channel.h"
#include "channel/inbox.h"
#include "channel/message.h"

#include "test.h"

/* Who sent it, and the how many-th to this receiver. */
struct letter {
	uint32_t from;
	uint32_t number;
	const uint32_t *proof; /* holds the number, too */
	char bytes[2000];
};

/* One of some threads that send to each other and receive all the while. */
struct peer {
	struct exchange *exchange;
	pthread_t thread;
	uint32_t number;
	uint32_t rounds;
	uint32_t sent;
	uint32_t received;
	uint32_t *next; /* by sender */
	uint32_t *proofs;
	struct channel *channels;
	uint64_t deadline;
	uint32_t *finished; /* atomic */
};

static void peer_receive(struct peer *peer)
{
	struct inbox *inbox = exchange_inbox(peer->exchange, peer->number);
	void *message;
	size_t size;

	while (inbox_pending(inbox) &&
	       inbox_receive(inbox, &message, &size) == 0) {
		const struct letter *letter = message;

		CHECK_UINT(size, sizeof(*letter));
		/* In the order of the sends, none lost, none twice. */
		CHECK_UINT(letter->number, peer->next[letter->from]);
		CHECK_INT(letter->bytes[1999], 'b');
		/* Nothing but the channel orders this after its write. */
		CHECK_UINT(*letter->proof, letter->number);
		peer->next[letter->from]++;
		peer->received++;
		message_free(message);
	}
}

static void peer_send(struct peer *peer)
{
	uint32_t count = exchange_count(peer->exchange);

	peer->proofs[peer->sent] = peer->sent;
	for (uint32_t i = 0; i < count; i++) {
		struct letter *letter = message_alloc(sizeof(*letter) + 5000);

		CHECK(letter != NULL);
		letter->from = peer->number;
		letter->number = peer->sent;
		letter->proof = &peer->proofs[peer->sent];
		memset(letter->bytes, 'b', sizeof(letter->bytes));
		CHECK_INT(channel_send(&peer->channels[i], letter,
				       sizeof(*letter)),
			  0);
	}
	peer->sent++;
}

static bool peer_flush(struct peer *peer)
{
	bool flushed = true;

	for (uint32_t i = 0; i < exchange_count(peer->exchange); i++)
		if (channel_flush(&peer->channels[i]) < 0)
			flushed = false;
	return flushed;
}

static void peer_wait(struct peer *peer)
{
	struct pollfd entries[64];
	nfds_t n = 1;

	CHECK(clock_now_ns() < peer->deadline);
	entries[0].fd = inbox_fd(exchange_inbox(peer->exchange, peer->number));
	entries[0].events = POLLIN;
	for (uint32_t i = 0; i < exchange_count(peer->exchange); i++) {
		if (channel_queued(&peer->channels[i]) == 0 || n == 64)
			continue;
		entries[n].fd = channel_fd(&peer->channels[i]);
		entries[n++].events = POLLIN;
	}
	poll(entries, n, 10);
}

static void *peer_run(void *data)
{
	struct peer *peer = data;
	uint32_t count = exchange_count(peer->exchange);

	for (;;) {
		bool flushed;

		peer_receive(peer);
		if (peer->sent < peer->rounds) {
			peer_send(peer);
			continue;
		}
		flushed = peer_flush(peer);
		if (flushed && peer->received == peer->rounds * count)
			break;
		peer_wait(peer);
	}
	__atomic_fetch_add(peer->finished, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void peer_start(struct peer *peer, struct exchange *exchange,
		       uint32_t number, uint32_t rounds, uint32_t *finished)
{
	uint32_t count = exchange_count(exchange);

	peer->exchange = exchange;
	peer->number = number;
	peer->rounds = rounds;
	peer->finished = finished;
	peer->deadline = clock_now_ns() + 60 * CLOCK_NS_PER_S;
	peer->next = calloc(count, sizeof(*peer->next));
	peer->proofs = calloc(rounds, sizeof(*peer->proofs));
	peer->channels = calloc(count, sizeof(*peer->channels));
	for (uint32_t i = 0; i < count; i++)
		channel_init(&peer->channels[i], exchange, i);
	CHECK_INT(pthread_create(&peer->thread, NULL, peer_run, peer), 0);
}

static void peer_end(struct peer *peer)
{
	for (uint32_t i = 0; i < exchange_count(peer->exchange); i++)
		channel_fini(&peer->channels[i]);
	free(peer->next);
	free(peer->proofs);
	free(peer->channels);
}

/* All send to all, themselves included, through small buffers. */
static void check_mesh(uint32_t count, uint32_t rounds, uint32_t sockets_max)
{
	struct peer *peers = calloc(count, sizeof(*peers));
	struct exchange *exchange;
	uint32_t finished = 0;

	CHECK_INT(exchange_create(count, 4, sockets_max, &exchange, NULL), 0);
	for (uint32_t i = 0; i < count; i++)
		peer_start(&peers[i], exchange, i, rounds, &finished);
	for (uint32_t i = 0; i < count; i++)
		CHECK_INT(pthread_join(peers[i].thread, NULL), 0);
	CHECK_UINT(finished, count);
	CHECK(exchange_sockets(exchange) <=
	      (sockets_max > 2 * count ? sockets_max : 2 * count));
	for (uint32_t i = 0; i < count; i++)
		peer_end(&peers[i]);
	exchange_destroy(exchange);
	free(peers);
}

TEST(two_fill_each_other)
{
	check_mesh(2, 5000, EXCHANGE_SOCKETS_MAX);
}

TEST(two_fill_each_other_through_shared_links)
{
	check_mesh(2, 2000, 0);
}

TEST(eight_with_a_link_a_pair)
{
	check_mesh(8, 300, EXCHANGE_SOCKETS_MAX);
}

TEST(eight_of_whom_some_share)
{
	check_mesh(8, 300, 40);
}

TEST(sixty_four_share)
{
	check_mesh(64, 20, EXCHANGE_SOCKETS_MAX);
}

TEST(many_exchanges_one_after_the_other)
{
	for (int i = 0; i < 20; i++)
		check_mesh(3, 20, i % 2 == 0 ? EXCHANGE_SOCKETS_MAX : 0);
}

TEST(two_exchanges_do_not_mix)
{
	struct exchange *one, *two;
	struct channel channel;

	CHECK_INT(exchange_create(1, 4, 400, &one, NULL), 0);
	CHECK_INT(exchange_create(1, 4, 400, &two, NULL), 0);
	channel_init(&channel, one, 0);
	CHECK_INT(channel_send(&channel, message_alloc(8), 8), 0);
	CHECK(inbox_pending(exchange_inbox(one, 0)));
	CHECK(!inbox_pending(exchange_inbox(two, 0)));
	channel_fini(&channel);
	exchange_destroy(one);
	exchange_destroy(two);
}

TEST(the_greatest_number_of_executors)
{
	struct exchange *exchange = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(exchange_create(EXCHANGE_EXECUTORS_MAX + 1, 4, 400, &exchange,
				  &error),
		  -E2BIG);
	CHECK_PTR(exchange, NULL);
	CHECK_STR(error.text,
		  "201 executors are too many, expected at most 200");
	CHECK_INT(exchange_create(EXCHANGE_EXECUTORS_MAX, 4, 400, &exchange,
				  NULL),
		  0);
	CHECK_UINT(exchange_sockets(exchange), 2 * EXCHANGE_EXECUTORS_MAX);
	exchange_destroy(exchange);
}

TEST(a_shortage_of_descriptors_is_an_error)
{
	struct rlimit before, tight;
	struct exchange *exchange = NULL;
	struct gust_error error = { 0 };
	int r;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 40;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &tight), 0);
	r = exchange_create(100, 4, 400, &exchange, &error);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK_INT(r, -EMFILE);
	CHECK_PTR(exchange, NULL);
	CHECK_CONTAINS(error.text, "cannot open the channels of 100 executors");
	CHECK_INT(exchange_create(100, 4, 400, &exchange, NULL), 0);
	exchange_destroy(exchange);
}

TEST(nothing_can_be_destroyed)
{
	exchange_destroy(NULL);
}
