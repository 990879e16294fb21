/* SPDX-License-Identifier: MIT */

#include "channel/inbox.h"

#include <errno.h>
#include <poll.h>

#include "channel/channel.h"
#include "channel/exchange.h"
#include "channel/message.h"

#include "test.h"

static bool readable(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return poll(&entry, 1, 0) == 1;
}

static void send_number(struct channel *channel, uint64_t number)
{
	uint64_t *message = message_alloc(4096);

	CHECK(message != NULL);
	*message = number;
	CHECK_INT(channel_send(channel, message, sizeof(number)), 0);
}

TEST(an_empty_inbox_has_nothing)
{
	struct inbox *inbox;
	void *message;
	size_t size;

	CHECK_INT(inbox_create("inproc://test/empty", 16, &inbox), 0);
	CHECK_STR(inbox_address(inbox), "inproc://test/empty");
	CHECK(!inbox_pending(inbox));
	CHECK(!inbox_waiting(inbox));
	CHECK(!readable(inbox_fd(inbox)));
	CHECK_INT(inbox_receive(inbox, &message, &size), -EAGAIN);
	inbox_destroy(inbox);
}

TEST(an_address_is_taken_once)
{
	struct inbox *inbox, *other = NULL;

	CHECK_INT(inbox_create("inproc://test/twice", 16, &inbox), 0);
	CHECK_INT(inbox_create("inproc://test/twice", 16, &other), -EADDRINUSE);
	CHECK_PTR(other, NULL);
	inbox_destroy(inbox);
	CHECK_INT(inbox_create("inproc://test/twice", 16, &inbox), 0);
	inbox_destroy(inbox);
}

TEST(what_is_sent_arrives_and_shows)
{
	struct exchange *exchange;
	struct channel channel;
	struct inbox *inbox;
	void *message;
	size_t size;

	CHECK_INT(exchange_create(1, 16, 400, &exchange, NULL), 0);
	inbox = exchange_inbox(exchange, 0);
	channel_init(&channel, exchange, 0);
	send_number(&channel, 42);
	CHECK(inbox_pending(inbox));
	CHECK(inbox_waiting(inbox));
	CHECK(readable(inbox_fd(inbox)));
	CHECK_INT(inbox_receive(inbox, &message, &size), 0);
	CHECK_UINT(size, sizeof(uint64_t));
	CHECK_UINT((uintptr_t)message % 16, 0);
	CHECK_UINT(*(uint64_t *)message, 42);
	message_free(message);
	CHECK(!inbox_pending(inbox));
	CHECK(!inbox_waiting(inbox));
	CHECK(!readable(inbox_fd(inbox)));
	channel_fini(&channel);
	exchange_destroy(exchange);
}

/* Its sender has not come to count it yet. */
TEST(what_is_on_its_way_is_not_waiting)
{
	struct inbox *inbox;

	CHECK_INT(inbox_create("inproc://test/way", 16, &inbox), 0);
	inbox_hand_over(inbox);
	CHECK(inbox_pending(inbox));
	CHECK(!inbox_waiting(inbox));
	inbox_sent(inbox);
	CHECK(inbox_waiting(inbox));
	inbox_destroy(inbox);
}

TEST(an_inbox_without_a_name_is_destroyed)
{
	inbox_destroy(NULL);
}
