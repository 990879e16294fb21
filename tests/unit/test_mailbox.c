/* SPDX-License-Identifier: MIT */

#include "worker/mailbox.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "channel/message.h"

#include "test.h"

#define SENDERS 3
#define NUMBERS 20000

struct letter {
	char room[MESSAGE_ROOM];
	uint32_t from;
	uint32_t number;
};

static struct mailbox mailbox;
static sem_t bell;

static void put(uint32_t from, uint32_t number)
{
	struct letter *letter = message_alloc(sizeof(*letter));

	letter->from = from;
	letter->number = number;
	if (mailbox_put(&mailbox, letter))
		sem_post(&bell);
}

TEST(what_was_put_in_comes_out_in_its_order)
{
	struct letter *letter;

	CHECK(mailbox_is_empty(&mailbox));
	CHECK_PTR(mailbox_take(&mailbox), NULL);
	for (uint32_t i = 0; i < 3; i++)
		put(0, i);
	CHECK(!mailbox_is_empty(&mailbox));
	letter = mailbox_take(&mailbox);
	CHECK(mailbox_is_empty(&mailbox));
	for (uint32_t i = 0; i < 3; i++) {
		struct letter *next = mailbox_next(letter);

		CHECK_UINT(letter->number, i);
		message_free(letter);
		letter = next;
	}
	CHECK_PTR(letter, NULL);
}

TEST(only_who_dozes_is_woken_and_once)
{
	void *message = message_alloc(MESSAGE_ROOM);

	CHECK(!mailbox_put(&mailbox, message));
	CHECK(!mailbox_doze(&mailbox));
	mailbox_fini(&mailbox);
	CHECK(mailbox_doze(&mailbox));
	CHECK(mailbox_put(&mailbox, message_alloc(MESSAGE_ROOM)));
	CHECK(!mailbox_put(&mailbox, message_alloc(MESSAGE_ROOM)));
	mailbox_fini(&mailbox);
	CHECK(mailbox_doze(&mailbox));
	mailbox_rouse(&mailbox);
	CHECK(!mailbox_put(&mailbox, message_alloc(MESSAGE_ROOM)));
	mailbox_fini(&mailbox);
}

static void *send_all(void *data)
{
	for (uint32_t i = 0; i < NUMBERS; i++)
		put(*(const uint32_t *)data, i);
	return NULL;
}

/* A wake-up that got lost would have it sleep for ever. */
TEST(nobody_oversleeps_what_threads_put_in)
{
	uint32_t numbers[SENDERS], seen[SENDERS] = { 0 }, left = SENDERS;
	pthread_t threads[SENDERS];

	CHECK_INT(sem_init(&bell, 0, 0), 0);
	for (uint32_t i = 0; i < SENDERS; i++) {
		numbers[i] = i;
		CHECK_INT(pthread_create(&threads[i], NULL, send_all,
					 &numbers[i]),
			  0);
	}
	while (left > 0) {
		struct letter *letter = mailbox_take(&mailbox);

		if (letter == NULL && mailbox_doze(&mailbox)) {
			CHECK_INT(sem_wait(&bell), 0);
			mailbox_rouse(&mailbox);
		}
		while (letter != NULL) {
			struct letter *next = mailbox_next(letter);

			CHECK_UINT(letter->number, seen[letter->from]);
			if (++seen[letter->from] == NUMBERS)
				left--;
			message_free(letter);
			letter = next;
		}
	}
	for (uint32_t i = 0; i < SENDERS; i++)
		CHECK_INT(pthread_join(threads[i], NULL), 0);
	sem_destroy(&bell);
}
