/* SPDX-License-Identifier: MIT */

#include "channel/outlet.h"

#include <errno.h>
#include <poll.h>

#include "channel/exchange.h"
#include "channel/inbox.h"
#include "channel/message.h"

#include "test.h"

#define BUFFER_BYTES 65536
#define MESSAGE_BYTES 16384

static bool readable(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return poll(&entry, 1, 0) == 1;
}

static void send_number(struct outlet *outlet, uint64_t number)
{
	uint64_t *message = message_alloc(MESSAGE_BYTES);

	CHECK(message != NULL);
	memset(message, 0, MESSAGE_BYTES);
	*message = number;
	CHECK_INT(outlet_send(outlet, message, MESSAGE_BYTES), 0);
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
	struct outlet outlet;

	CHECK_INT(exchange_create(2, BUFFER_BYTES, 400, &exchange, NULL), 0);
	CHECK_UINT(exchange_sockets(exchange), 2);
	outlet_init(&outlet, exchange, 1);
	CHECK_UINT(exchange_sockets(exchange), 2);
	CHECK_INT(outlet_fd(&outlet), -EBADF);
	CHECK_INT(outlet_flush(&outlet), 0);
	send_number(&outlet, 1);
	CHECK_UINT(exchange_sockets(exchange), 3);
	CHECK(outlet_fd(&outlet) >= 0);
	expect_number(exchange_inbox(exchange, 1), 1);
	outlet_fini(&outlet);
	CHECK_UINT(exchange_sockets(exchange), 2);
	exchange_destroy(exchange);
}

static void check_order_when_full(uint32_t sockets_max)
{
	enum { COUNT = 100 };
	struct exchange *exchange;
	struct outlet outlet;
	struct inbox *inbox;
	uint64_t next = 0;

	CHECK_INT(
		exchange_create(2, BUFFER_BYTES, sockets_max, &exchange, NULL),
		0);
	inbox = exchange_inbox(exchange, 1);
	outlet_init(&outlet, exchange, 1);
	for (uint64_t i = 0; i < COUNT; i++)
		send_number(&outlet, i);
	/* The buffer takes what fits and at most two more. */
	CHECK(outlet_queued(&outlet) >=
	      COUNT - BUFFER_BYTES / MESSAGE_BYTES - 2);
	CHECK(outlet_queued(&outlet) < COUNT);
	CHECK(!readable(outlet_fd(&outlet)));
	CHECK_INT(outlet_flush(&outlet), -EAGAIN);
	while (next < COUNT) {
		expect_number(inbox, next++);
		if (outlet_queued(&outlet) > 0) {
			CHECK(readable(outlet_fd(&outlet)));
			outlet_flush(&outlet);
		}
	}
	CHECK_UINT(outlet_queued(&outlet), 0);
	CHECK_INT(outlet_flush(&outlet), 0);
	CHECK(!inbox_pending(inbox));
	outlet_fini(&outlet);
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

TEST(a_message_larger_than_the_buffer_passes)
{
	struct exchange *exchange;
	struct outlet outlet;
	void *message = message_alloc(16 * BUFFER_BYTES);
	size_t size;

	CHECK_INT(exchange_create(1, BUFFER_BYTES, 400, &exchange, NULL), 0);
	outlet_init(&outlet, exchange, 0);
	CHECK_INT(outlet_send(&outlet, message, 16 * BUFFER_BYTES), 0);
	CHECK_INT(inbox_receive(exchange_inbox(exchange, 0), &message, &size),
		  0);
	CHECK_UINT(size, 16 * BUFFER_BYTES);
	message_free(message);
	outlet_fini(&outlet);
	exchange_destroy(exchange);
}

TEST(what_is_queued_is_freed)
{
	struct exchange *exchange;
	struct outlet outlet;

	CHECK_INT(exchange_create(1, BUFFER_BYTES, 400, &exchange, NULL), 0);
	outlet_init(&outlet, exchange, 0);
	for (uint64_t i = 0; i < 50; i++)
		send_number(&outlet, i);
	expect_number(exchange_inbox(exchange, 0), 0);
	outlet_flush(&outlet);
	send_number(&outlet, 50);
	outlet_fini(&outlet);
	outlet_fini(&outlet);
	exchange_destroy(exchange);
}
