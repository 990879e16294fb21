/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "fake_task.h"

#define EVENTS 50000

static struct fake *nexmark_create(double count, uint32_t index, uint32_t tasks)
{
	struct fake *fake = fake_create("spouts/nexmark");

	fake_set_number(fake, "count", count);
	fake_set_number(fake, "start", 1436918400000);
	fake_set_number(fake, "step", 100000);
	fake->index = index;
	fake->count = tasks;
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

/* The stream's name and the text of a line's n-th field, from 0. */
static const char *line_field(const char *line, unsigned n)
{
	while (n-- > 0)
		line = strchr(line, '\t') + 1;
	return line;
}

TEST(a_round_has_a_person_three_auctions_and_46_bids)
{
	struct fake *fake = nexmark_create(EVENTS, 0, 1);
	size_t persons = 0, auctions = 0, bids = 0;
	char *line;

	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, EVENTS);
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	for (line = strtok(fake->emitted.data, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (strncmp(line, "auction:", 8) == 0) {
			/* Ids count from 1000, without a gap. */
			CHECK_INT(strtol(line + 8, NULL, 10),
				  1000 + (long)auctions++);
		} else if (strncmp(line, "bid:", 4) == 0) {
			bids++;
		} else {
			CHECK_INT(strtol(line, NULL, 10),
				  1000 + (long)persons++);
		}
	}
	CHECK_UINT(persons, EVENTS / 50);
	CHECK_UINT(auctions, 3 * EVENTS / 50);
	CHECK_UINT(bids, 46 * EVENTS / 50);
	fake_destroy(fake);
}

TEST(bids_have_hot_auctions_and_bidders)
{
	struct fake *fake = nexmark_create(EVENTS, 0, 1);
	size_t bids = 0, auctions = 0, bidders = 0, dear = 0;
	char *line;

	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	for (line = strtok(fake->emitted.data, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (strncmp(line, "bid:", 4) != 0)
			continue;
		bids++;
		auctions += strtol(line + 4, NULL, 10) % 100 == 0;
		bidders += strtol(line_field(line, 1), NULL, 10) % 100 == 1;
		/* The logarithm of prices is even from 2 to 8. */
		dear += strtol(line_field(line, 2), NULL, 10) >= 100000;
	}
	/* 1/2 and 3/4, and one in a hundred of the others or so. */
	CHECK_NEAR((double)auctions / (double)bids, 0.505, 0.02);
	CHECK_NEAR((double)bidders / (double)bids, 0.7525, 0.02);
	CHECK_NEAR((double)dear / (double)bids, 0.5, 0.02);
	fake_destroy(fake);
}

TEST(events_are_a_step_apart)
{
	struct fake *fake = nexmark_create(101, 0, 1);
	const char *last = "";
	char *line;

	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	for (line = strtok(fake->emitted.data, "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		last = line;
	/* Event 100 is a person again, 10 ms after the first. */
	CHECK_INT(strtoll(line_field(last, 6), NULL, 10), 1436918400010);
	fake_destroy(fake);
}

TEST(any_number_of_tasks_makes_the_same_events)
{
	struct fake *alone = nexmark_create(300, 0, 1), *shared[3];
	char *line, *rest[3] = { NULL }, *mine = NULL;

	CHECK_INT(fake_run(alone, SIZE_MAX), GUST_DONE);
	for (uint32_t i = 0; i < 3; i++) {
		shared[i] = nexmark_create(300, i, 3);
		CHECK_INT(fake_run(shared[i], SIZE_MAX), GUST_DONE);
		CHECK_UINT(shared[i]->emits, 100);
	}
	line = strtok_r(alone->emitted.data, "\n", &mine);
	for (size_t i = 0; i < 300; i++) {
		struct fake *other = shared[i % 3];

		CHECK_STR(line, strtok_r(i < 3 ? other->emitted.data : NULL,
					 "\n", &rest[i % 3]));
		line = strtok_r(NULL, "\n", &mine);
	}
	for (uint32_t i = 0; i < 3; i++)
		fake_destroy(shared[i]);
	fake_destroy(alone);
}

TEST(a_rate_is_a_timetable)
{
	struct fake *fake = fake_create("spouts/nexmark");

	fake_set_number(fake, "count", 100);
	fake_set_number(fake, "rate", 10);
	CHECK_INT(fake_open(fake), 0);
	fake->now = 1000000000;
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_INT(fake_run(fake, 1), GUST_WAIT);
	CHECK_UINT(fake->wait_until, 1100000000);
	fake->now = 1300000000;
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
	CHECK_UINT(fake->emits, 4);
	fake_destroy(fake);
}
