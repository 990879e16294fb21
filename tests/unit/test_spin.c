/* SPDX-License-Identifier: MIT */

#include "worker/spin.h"

#include "base/clock.h"
#include "channel/inbox.h"
#include "channel/message.h"
#include "worker/mailbox.h"

#include "test.h"

static struct inbox *inbox;
static struct mailbox mailbox;

static void begin(struct spin *spin, uint32_t threads)
{
	CHECK_INT(inbox_create("inproc://test/spin", 16, &inbox), 0);
	spin_init(spin, threads);
}

/* How many sleeps are left to themselves before it waits again. */
static uint32_t rests(struct spin *spin)
{
	uint32_t count = spin->rest;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t before = clock_now_ns();

		CHECK(!spin_wait(spin, inbox, &mailbox, before - 1));
		CHECK_UINT(spin->rest, count - i - 1);
	}
	return count;
}

TEST(a_message_ends_the_wait)
{
	struct spin spin;

	begin(&spin, 2);
	spin.pays = true;
	inbox_sent(inbox);
	CHECK(spin_wait(&spin, inbox, &mailbox, UINT64_MAX));
	CHECK_UINT(spin.rest, 0);
	inbox_destroy(inbox);
}

TEST(so_does_one_in_the_mailbox)
{
	struct spin spin;

	begin(&spin, 2);
	spin.pays = true;
	mailbox_put(&mailbox, message_alloc(MESSAGE_ROOM));
	CHECK(spin_wait(&spin, inbox, &mailbox, UINT64_MAX));
	mailbox_fini(&mailbox);
	inbox_destroy(inbox);
}

TEST(who_waits_in_vain_waits_more_rarely)
{
	struct spin spin;
	uint32_t expected[] = { 1, 3, 7, 15, 31, 63, 63 };

	begin(&spin, 2);
	spin.pays = true;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		CHECK(!spin_wait(&spin, inbox, &mailbox, UINT64_MAX));
		CHECK_UINT(rests(&spin), expected[i]);
	}
	inbox_sent(inbox);
	CHECK(spin_wait(&spin, inbox, &mailbox, UINT64_MAX));
	CHECK_UINT(spin.failures, 0);
	inbox_destroy(inbox);
}

TEST(it_does_not_wait_beyond_its_time)
{
	uint64_t began = clock_now_ns();
	struct spin spin;

	begin(&spin, 2);
	spin.pays = true;
	CHECK(!spin_wait(&spin, inbox, &mailbox, began));
	CHECK_UINT(spin.rest, 1);
	inbox_destroy(inbox);
}

TEST(threads_that_share_a_core_do_not_wait)
{
	struct spin spin;

	begin(&spin, 100000);
	CHECK(!spin.pays);
	inbox_sent(inbox);
	CHECK(!spin_wait(&spin, inbox, &mailbox, UINT64_MAX));
	CHECK_UINT(spin.rest, 0);
	spin_init(&spin, 1);
	CHECK(!spin.pays);
	inbox_destroy(inbox);
}
