/* SPDX-License-Identifier: MIT */

#include "channel/channel.h"

#include <errno.h>
#include <poll.h>

#include "channel/exchange.h"
#include "channel/inbox.h"
#include "channel/message.h"

#include "test.h"

#define BUFFERED 4
#define MESSAGE_BYTES 16384

static bool readable(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return poll(&entry, 1, 0) == 1;
}

static void send_number(struct channel *channel, uint64_t number)
{
	uint64_t *message = message_alloc(MESSAGE_BYTES);

	CHECK(message != NULL);
	memset(message, 0, MESSAGE_BYTES);
	*message = number;
	CHECK_INT(channel_send(channel, message, MESSAGE_BYTES), 0);
}

/* Receives one message and checks that it is `number`. */
static void expect_number(struct inbox *inbox, uint64_t number)
{
	void *message;
	size_t size;

	CHECK_INT(inbox_receive(inbox, &message, &size), 0);
	CHECK_UINT(size, MESSAGE_BYTES);
	CHECK_UINT(*(uint64_t *)message, number);
	message_free(message);
}

TEST(a_socket_is_opened_by_the_first_send)
{
	struct exchange *exchange;
	struct channel channel;

	CHECK_INT(exchange_create(2, BUFFERED, 400, &exchange, NULL), 0);
	CHECK_UINT(exchange_sockets(exchange), 2);
	channel_init(&channel, exchange, 1);
	CHECK_UINT(exchange_sockets(exchange), 2);
	CHECK_INT(channel_fd(&channel), -EBADF);
	CHECK_INT(channel_flush(&channel), 0);
	send_number(&channel, 1);
	CHECK_UINT(exchange_sockets(exchange), 3);
	CHECK(channel_fd(&channel) >= 0);
	expect_number(exchange_inbox(exchange, 1), 1);
	channel_fini(&channel);
	exchange_destroy(exchange);
}

static void check_order_when_full(uint32_t sockets_max)
{
	enum { COUNT = 100 };
	struct exchange *exchange;
	struct channel channel;
	struct inbox *inbox;
	uint64_t next = 0;

	CHECK_INT(exchange_create(2, BUFFERED, sockets_max, &exchange, NULL),
		  0);
	inbox = exchange_inbox(exchange, 1);
	channel_init(&channel, exchange, 1);
	for (uint64_t i = 0; i < COUNT; i++)
		send_number(&channel, i);
	/* The buffer takes what fits and at most two more. */
	CHECK(channel_queued(&channel) >= COUNT - BUFFERED - 2);
	CHECK(channel_queued(&channel) < COUNT);
	CHECK(!readable(channel_fd(&channel)));
	CHECK_INT(channel_flush(&channel), -EAGAIN);
	while (next < COUNT) {
		expect_number(inbox, next++);
		if (channel_queued(&channel) > 0) {
			CHECK(readable(channel_fd(&channel)));
			channel_flush(&channel);
		}
	}
	CHECK_UINT(channel_queued(&channel), 0);
	CHECK_INT(channel_flush(&channel), 0);
	CHECK(!inbox_pending(inbox));
	channel_fini(&channel);
	exchange_destroy(exchange);
}

TEST(messages_keep_their_order_when_the_link_is_full)
{
	check_order_when_full(400);
}

TEST(messages_keep_their_order_when_a_shared_link_is_full)
{
	check_order_when_full(0);
}

TEST(a_message_arrives_where_it_was)
{
	enum { LARGE = 1 << 20 };
	struct exchange *exchange;
	struct channel channel;
	void *sent = message_alloc(LARGE), *message;
	size_t size;

	CHECK_INT(exchange_create(1, BUFFERED, 400, &exchange, NULL), 0);
	channel_init(&channel, exchange, 0);
	CHECK_INT(channel_send(&channel, sent, LARGE), 0);
	CHECK_INT(inbox_receive(exchange_inbox(exchange, 0), &message, &size),
		  0);
	CHECK_PTR(message, sent);
	CHECK_UINT(size, LARGE);
	message_free(message);
	channel_fini(&channel);
	exchange_destroy(exchange);
}

TEST(what_is_on_its_way_is_freed)
{
	struct exchange *exchange;
	struct channel channel;

	CHECK_INT(exchange_create(1, BUFFERED, 400, &exchange, NULL), 0);
	channel_init(&channel, exchange, 0);
	for (uint64_t i = 0; i < 50; i++)
		send_number(&channel, i);
	expect_number(exchange_inbox(exchange, 0), 0);
	channel_flush(&channel);
	send_number(&channel, 50);
	channel_fini(&channel);
	channel_fini(&channel);
	exchange_destroy(exchange);
}
