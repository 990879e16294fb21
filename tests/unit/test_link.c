/* SPDX-License-Identifier: MIT */

#include "channel/link.h"

#include <errno.h>

#include "test.h"

#include "link_pair.h"

/* One at a time; so a test that fails leaves nothing half done. */
static struct pair pair;
static struct pair_side *const a = &pair.sides[0];
static struct pair_side *const b = &pair.sides[1];

static void begin(void)
{
	pair_init(&pair, 1);
	pair_start(&pair);
}

TEST(both_come_up_and_batches_arrive)
{
	begin();
	pair_send(a, 100);
	pair_run(&pair, 10 * PAIR_MS);
	CHECK(a->up && b->up);
	for (unsigned i = 0; i < 1000; i++) {
		pair_send(a, i);
		pair_send(b, 1000 - i);
	}
	pair_settle(&pair);
	CHECK_UINT(a->delivered, 1000);
	CHECK_UINT(b->delivered, 1001);
	CHECK_UINT(link_status(a->link)->sent_frames, 1001);
	CHECK_UINT(link_status(a->link)->repeated_frames, 0);
	CHECK_UINT(link_status(b->link)->duplicate_frames, 0);
	CHECK_UINT(link_status(a->link)->received_frames, 1000);
	pair_fini(&pair);
}

TEST(what_was_sent_before_anybody_came_arrives)
{
	begin();
	pair_kill(b, 500 * PAIR_MS);
	for (unsigned i = 0; i < 100; i++)
		pair_send(a, i);
	pair_run(&pair, 400 * PAIR_MS);
	CHECK(!a->up);
	CHECK_UINT(link_status(a->link)->kept_frames, 100);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 100);
	pair_fini(&pair);
}

TEST(a_long_batch_travels_in_parts)
{
	begin();
	pair_send(a, FRAME_BYTES_MAX - sizeof(struct pair_batch));
	pair_send(a, FRAME_BYTES_MAX - sizeof(struct pair_batch) + 1);
	pair_send(a, PAIR_LONG);
	pair_send(a, 1);
	pair.loss[1] = 30;
	pair_run(&pair, 2000 * PAIR_MS);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 4);
	CHECK_UINT(link_status(a->link)->sent_frames, 1 + 2 + 3 + 1);
	pair_fini(&pair);
}

TEST(a_batch_that_is_too_long_is_dropped_and_counted)
{
	struct link_status status;

	pair_init(&pair, 1);
	pair.batch_bytes_max = 2 * FRAME_BYTES_MAX;
	pair_start(&pair);
	pair_run(&pair, 10 * PAIR_MS);
	pair_send(a, PAIR_LONG);
	/* The judge is not told that it may be missing. */
	a->lives[0].next[0]++;
	pair_send(a, 2 * FRAME_BYTES_MAX - sizeof(struct pair_batch));
	pair_send(a, 10);
	pair_settle(&pair);
	status = *link_status(b->link);
	CHECK_UINT(status.oversized_batches, 1);
	CHECK_UINT(b->delivered, 2);
	pair_fini(&pair);
}

TEST(one_lost_frame_costs_one_round)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.delay = 5 * PAIR_MS;
	pair.loss[1] = 100;
	pair_send(a, 10);
	pair.loss[1] = 0;
	for (unsigned i = 0; i < 40; i++)
		pair_send(a, 10);
	pair_settle(&pair);
	CHECK_UINT(link_status(a->link)->rounds, 1);
	CHECK_UINT(link_status(b->link)->gaps, 1);
	CHECK_UINT(link_status(a->link)->repeated_frames, 41);
	CHECK_UINT(link_status(b->link)->duplicate_frames, 0);
	pair_fini(&pair);
}

TEST(a_network_that_repeats_does_not_multiply)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.delay = 5 * PAIR_MS;
	pair.twice = 100;
	pair.loss[1] = 100;
	pair_send(a, 10);
	pair.loss[1] = 0;
	for (unsigned i = 0; i < 20; i++)
		pair_send(a, 10);
	pair_settle(&pair);
	CHECK_UINT(link_status(a->link)->rounds, 1);
	CHECK_UINT(link_status(a->link)->repeated_frames, 21);
	pair_fini(&pair);
}

TEST(late_frames_of_an_earlier_round_ask_for_nothing)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.jitter = 20 * PAIR_MS;
	for (unsigned i = 0; i < 40; i++)
		pair_send(a, 10);
	pair_settle(&pair);
	CHECK(link_status(a->link)->rounds > 5);
	CHECK(link_status(b->link)->gaps <= link_status(a->link)->rounds + 2);
	pair_fini(&pair);
}

TEST(a_lost_tail_is_asked_for)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.loss[1] = 100;
	pair_send(a, 10);
	pair_send(a, 10);
	pair.loss[1] = 0;
	pair_run(&pair, 2 * pair.beat_ns);
	CHECK_UINT(b->delivered, 2);
	pair_settle(&pair);
	pair_fini(&pair);
}

TEST(what_has_arrived_is_not_kept_until_a_heartbeat)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	for (unsigned i = 0; i < 32; i++)
		pair_send(a, 32768);
	pair_run(&pair, PAIR_MS);
	CHECK(link_status(a->link)->kept_bytes < (size_t)300 << 10);
	pair_settle(&pair);
	pair_fini(&pair);
}

TEST(who_is_silent_is_given_up)
{
	begin();
	pair.failure_ns = 0;
	pair_kill(a, 0);
	pair_kill(b, 0);
	pair.failure_ns = 3000 * PAIR_MS;
	pair_run(&pair, 10 * PAIR_MS);
	CHECK(a->up && b->up);
	pair.cut[0] = pair.now + 10000 * PAIR_MS; /* towards a only */
	pair_run(&pair, 2900 * PAIR_MS);
	CHECK(a->up && b->up);
	CHECK_NEAR((double)link_status(a->link)->silent_ns, 2.9e9, 0.11e9);
	pair_run(&pair, 300 * PAIR_MS);
	/* b hears that it is dead, and starts anew. */
	CHECK(!a->up);
	CHECK_STR(a->lost, "worker 1 was silent for 3 s");
	CHECK_UINT(a->losses, 1);
	CHECK_UINT(b->life, 2);
	pair_settle(&pair);
	CHECK_UINT(a->life, 1);
	pair_fini(&pair);
}

TEST(of_two_that_gave_each_other_up_one_starts_anew)
{
	pair_init(&pair, 1);
	pair.failure_ns = 1000 * PAIR_MS;
	pair_start(&pair);
	pair_run(&pair, 10 * PAIR_MS);
	pair.cut[0] = pair.cut[1] = pair.now + 5000 * PAIR_MS;
	pair_run(&pair, 4000 * PAIR_MS);
	CHECK(!a->up && !b->up);
	CHECK_UINT(a->life + b->life, 0);
	pair_settle(&pair);
	CHECK_UINT(a->life, 0);
	CHECK_UINT(b->life, 1);
	pair_fini(&pair);
}

TEST(without_a_timeout_silence_is_for_ever)
{
	pair_init(&pair, 1);
	pair.failure_ns = 0;
	pair_start(&pair);
	pair_run(&pair, 10 * PAIR_MS);
	pair.cut[0] = pair.cut[1] = pair.now + 100000 * PAIR_MS;
	pair_send(a, 10);
	pair_run(&pair, 90000 * PAIR_MS);
	CHECK(a->up && b->up);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 1);
	pair_fini(&pair);
}

TEST(time_that_was_slept_through_is_no_silence)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.now += 3600000 * PAIR_MS;
	pair_run(&pair, 1000 * PAIR_MS);
	CHECK(a->up && b->up);
	CHECK_UINT(a->losses + b->losses, 0);
	pair_settle(&pair);
	pair_fini(&pair);
}

TEST(it_shows_that_our_way_is_broken)
{
	begin();
	pair_run(&pair, 1000 * PAIR_MS);
	CHECK(pair.now - link_status(a->link)->reached_ns < 250 * PAIR_MS);
	pair.cut[1] = pair.now + 5000 * PAIR_MS; /* towards b */
	pair_run(&pair, 3000 * PAIR_MS);
	CHECK(pair.now - link_status(a->link)->reached_ns > 2900 * PAIR_MS);
	CHECK(link_status(a->link)->silent_ns < 150 * PAIR_MS);
	/* From there it looks as if all went well, but for the silence. */
	CHECK(link_status(b->link)->silent_ns > 2900 * PAIR_MS);
	pair_run(&pair, 3000 * PAIR_MS);
	CHECK(pair.now - link_status(a->link)->reached_ns < 250 * PAIR_MS);
	pair_fini(&pair);
}

TEST(a_new_life_begins_where_the_old_one_was)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair_kill(b, PAIR_MS);
	pair_send(a, 10);
	pair_run(&pair, 20 * PAIR_MS);
	CHECK(a->up && b->up);
	CHECK_UINT(a->losses, 1);
	CHECK_STR(a->lost, "worker 1 has started anew");
	CHECK_UINT(link_status(a->link)->dropped_batches, 1);
	pair_send(a, 10);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 1);
	CHECK_UINT(link_status(a->link)->repeated_frames, 0);
	pair_fini(&pair);
}

TEST(what_a_new_life_says_first_is_not_lost)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair_kill(b, PAIR_MS);
	pair_run(&pair, PAIR_MS);
	CHECK(b->link != NULL && !b->up);
	pair_send(b, 10);
	pair_run(&pair, PAIR_MS);
	CHECK_UINT(a->delivered, 1);
	CHECK_UINT(link_status(b->link)->repeated_frames, 0);
	pair_fini(&pair);
}

TEST(half_a_batch_dies_with_its_session)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	pair.room = 2; /* the last part has to wait */
	pair.delay = 5 * PAIR_MS;
	pair_send(a, PAIR_LONG);
	pair_run(&pair, 6 * PAIR_MS);
	CHECK_UINT(link_status(b->link)->received_frames, 2);
	pair_kill(a, PAIR_MS);
	pair_lose_all(&pair);
	pair_run(&pair, 100 * PAIR_MS);
	CHECK(a->up && b->up);
	pair_send(a, 10);
	pair_send(a, PAIR_LONG);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 2);
	pair_fini(&pair);
}

TEST(who_is_told_of_a_death_is_rid_of_it)
{
	uint64_t dead;

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	dead = b->lives[0].incarnation;
	pair_kill(b, 1000 * PAIR_MS);
	pair_send(a, 10);
	link_lose(a->link, dead, "killed by SIGSEGV", pair.now);
	CHECK(!a->up);
	CHECK_STR(a->lost, "killed by SIGSEGV");
	/* Those after it are for whoever comes. */
	pair_send(a, 11);
	link_lose(a->link, dead, "again", pair.now);
	CHECK_UINT(a->losses, 1);
	CHECK_UINT(link_status(a->link)->kept_frames, 1);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 1);
	pair_fini(&pair);
}

TEST(who_is_dead_before_it_was_heard_never_comes_up)
{
	pair_init(&pair, 1);
	pair_start(&pair);
	pair_send(a, 10);
	link_lose(a->link, b->lives[0].incarnation, "killed", pair.now);
	CHECK_UINT(a->losses, 0);
	pair_run(&pair, 50 * PAIR_MS);
	/* It lives after all, so it has to start anew. */
	CHECK_UINT(b->life, 1);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 1);
	CHECK(link_status(a->link)->fenced_frames > 0);
	pair_fini(&pair);
}

TEST(a_late_greeting_of_an_earlier_life_does_not_win)
{
	struct pair_flight late;

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	/* The second life's WELCOME arrives when the third one is up. */
	pair_kill(b, PAIR_MS);
	pair.delay = 50 * PAIR_MS;
	while (b->link == NULL || !pair_take(&pair, FRAME_WELCOME, 0, &late))
		pair_run(&pair, PAIR_MS);
	pair.delay = PAIR_MS / 10;
	pair_kill(b, PAIR_MS);
	pair_run(&pair, 500 * PAIR_MS);
	CHECK(a->up && b->up);
	CHECK_UINT(a->other, 2);
	link_receive(a->link, late.frame, late.frame + 1, pair.now);
	CHECK_UINT(a->other, 2);
	CHECK(link_status(a->link)->stale_frames > 0);
	free(late.frame);
	pair_settle(&pair);
	CHECK_UINT(b->life, 2);
	pair_fini(&pair);
}

static const uint64_t plugins[] = { 1, 2 }, other_plugins[] = { 1, 3 };
static const char *const components[] = { "words", "count" };

static void begin_unlike(void (*change)(struct link_identity *))
{
	pair_init(&pair, 1);
	for (unsigned i = 0; i < 2; i++) {
		pair.sides[i].identity.plugins = plugins;
		pair.sides[i].identity.components = components;
		pair.sides[i].identity.plugin_count = 2;
	}
	change(&b->identity);
	pair_start(&pair);
	pair_send(a, 10);
	pair_run(&pair, 1000 * PAIR_MS);
}

/* Both say the same of different things, once; then b is repaired. */
static void expect_refusals(const char *text)
{
	CHECK(!a->up && !b->up);
	CHECK_UINT(a->refusals, 1);
	CHECK_UINT(b->refusals, 1);
	CHECK_CONTAINS(a->refusal, text);
	CHECK_CONTAINS(a->refusal, "worker 1");
	CHECK_CONTAINS(b->refusal, "worker 0");
	b->identity = a->identity;
	b->identity.worker = 1;
	pair_kill(b, PAIR_MS);
	pair_settle(&pair);
	CHECK_UINT(b->delivered, 1);
	pair_fini(&pair);
}

static void change_topology(struct link_identity *identity)
{
	identity->topology = "tset";
}

static void change_plan(struct link_identity *identity)
{
	identity->plan_hash = 5;
}

static void change_plugin(struct link_identity *identity)
{
	identity->plugins = other_plugins;
}

TEST(who_does_not_fit_is_refused_on_both_sides)
{
	begin_unlike(change_topology);
	expect_refusals("topology 'tset', expected 'test'");
	begin_unlike(change_plan);
	expect_refusals("another plan");
	begin_unlike(change_plugin);
	expect_refusals("another plugin for component 'count'");
}

TEST(a_newer_version_is_refused)
{
	struct frame header = {
		.magic = FRAME_MAGIC,
		.version = FRAME_VERSION + 1,
		.kind = FRAME_HELLO,
		.from = 1,
		.incarnation = 5,
	};

	begin();
	CHECK_INT(frame_check(&header, sizeof(header), NULL), 0);
	link_receive(a->link, &header, NULL, pair.now);
	CHECK_CONTAINS(a->refusal,
		       "worker 1 has a newer gust, which talks by version 4 of "
		       "the links, expected 3 as worker 0 has");
	CHECK_UINT(a->refusals, 1);
	CHECK_UINT(pair.flying, 1);
	CHECK_UINT(pair.flights[0].frame->kind, FRAME_REFUSED);
	/* A refusal is not refused. */
	header.kind = FRAME_REFUSED;
	link_receive(a->link, &header, NULL, pair.now);
	CHECK_UINT(pair.flying, 1);
	CHECK_UINT(a->refusals, 1);
	/* Two in turn are not told in turn. */
	for (unsigned i = 0; i < 20; i++) {
		header.incarnation ^= 3;
		link_receive(a->link, &header, NULL, pair.now);
		pair.now += pair.beat_ns;
	}
	CHECK(a->refusals <= 3);
	pair_fini(&pair);
}

/* Who goes back to an earlier gust while the others stay is told so, too. */
TEST(an_older_version_is_refused)
{
	struct frame header = {
		.magic = FRAME_MAGIC,
		.version = FRAME_VERSION - 1,
		.kind = FRAME_HELLO,
		.from = 1,
		.incarnation = 99,
	};

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	CHECK(link_status(a->link)->up);
	CHECK_INT(frame_check(&header, sizeof(header), NULL), 0);
	link_receive(a->link, &header, NULL, pair.now);
	CHECK_CONTAINS(a->refusal,
		       "worker 1 has an older gust, which talks by version 2 "
		       "of the links, expected 3 as worker 0 has: all hosts "
		       "need the same version of gust");
	CHECK_UINT(a->refusals, 1);
	pair_fini(&pair);
}

TEST(what_is_not_for_us_is_left_alone)
{
	struct frame header = {
		.magic = FRAME_MAGIC,
		.version = FRAME_VERSION,
		.kind = FRAME_DATA,
		.size = 8,
		.number = 1,
	};
	uint64_t payload = 0;

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	header.incarnation = b->lives[0].incarnation;
	header.peer = a->lives[0].incarnation;
	header.from = 2;
	link_receive(a->link, &header, &payload, pair.now);
	header.from = 1;
	header.to = 3;
	link_receive(a->link, &header, &payload, pair.now);
	header.to = 0;
	header.peer++;
	link_receive(a->link, &header, &payload, pair.now);
	CHECK_UINT(link_status(a->link)->stale_frames, 3);
	CHECK_UINT(link_status(a->link)->received_frames, 0);
	/* A hello that is cut, and a count of what was never sent. */
	header.peer = 0;
	header.kind = FRAME_HELLO;
	link_receive(a->link, &header, &payload, pair.now);
	CHECK_UINT(link_status(a->link)->malformed_frames, 1);
	header.peer = a->lives[0].incarnation;
	header.kind = FRAME_BEAT;
	header.size = 0;
	header.received = 7;
	link_receive(a->link, &header, &payload, pair.now);
	CHECK_UINT(link_status(a->link)->malformed_frames, 2);
	CHECK(a->up);
	pair_fini(&pair);
}

TEST(both_end_and_know_it)
{
	void *message = message_alloc(8);

	begin();
	pair_send(a, 10);
	link_end(a->link, pair.now);
	CHECK_INT(link_send(a->link, message, 0, 8, pair.now), -ESHUTDOWN);
	pair_run(&pair, 200 * PAIR_MS);
	CHECK(!a->closed && !b->closed);
	/* One that has ended still takes what comes. */
	pair_send(b, 10);
	link_end(b->link, pair.now);
	link_end(b->link, pair.now);
	pair_run(&pair, 10 * PAIR_MS);
	CHECK(a->closed && b->closed);
	CHECK_UINT(a->delivered, 1);
	CHECK_UINT(b->delivered, 1);
	CHECK(link_status(a->link)->closed);
	pair_fini(&pair);
}

TEST(the_last_answer_may_get_lost)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	link_end(a->link, pair.now);
	link_end(b->link, pair.now);
	/* b goes as soon as it knows, before it could tell. */
	while (!b->closed) {
		struct pair_flight lost;

		pair_run(&pair, PAIR_MS / 100);
		while (pair_take(&pair, FRAME_ENDED, 0, &lost))
			free(lost.frame);
	}
	pair_kill(b, 100000 * PAIR_MS);
	pair_run(&pair, 100 * PAIR_MS);
	CHECK(!a->closed);
	pair_run(&pair, 3000 * PAIR_MS);
	CHECK(a->closed);
	CHECK_UINT(a->losses, 0);
	pair_fini(&pair);
}

TEST(a_later_life_hears_the_end_again)
{
	begin();
	link_end(a->link, pair.now);
	pair_run(&pair, 50 * PAIR_MS);
	pair_kill(b, PAIR_MS);
	pair_run(&pair, 250 * PAIR_MS);
	CHECK(a->up && b->up);
	link_end(b->link, pair.now);
	pair_run(&pair, 50 * PAIR_MS);
	CHECK(a->closed && b->closed);
	pair_fini(&pair);
}

TEST(a_later_life_is_not_ended_because_the_one_before_was)
{
	begin();
	pair_run(&pair, 10 * PAIR_MS);
	link_end(b->link, pair.now);
	pair_run(&pair, 50 * PAIR_MS);
	pair_kill(b, PAIR_MS);
	pair_run(&pair, 50 * PAIR_MS);
	pair_send(b, 10);
	link_end(a->link, pair.now);
	pair_run(&pair, 50 * PAIR_MS);
	CHECK_UINT(a->delivered, 1);
	CHECK(!a->closed);
	pair_fini(&pair);
}

TEST(what_is_closed_stays_closed)
{
	begin();
	link_end(a->link, pair.now);
	link_end(b->link, pair.now);
	pair_run(&pair, 50 * PAIR_MS);
	CHECK(a->closed && b->closed);
	pair_kill(b, PAIR_MS);
	pair_run(&pair, 60000 * PAIR_MS);
	CHECK(!b->up && a->up);
	CHECK_UINT(a->losses, 0);
	link_lose(a->link, b->lives[0].incarnation, "killed", pair.now);
	CHECK_UINT(a->losses, 0);
	pair_fini(&pair);
}

TEST(a_zombie_gets_few_answers)
{
	pair_init(&pair, 1);
	pair.failure_ns = 1000 * PAIR_MS;
	pair_start(&pair);
	pair_run(&pair, 10 * PAIR_MS);
	link_lose(b->link, a->lives[0].incarnation, "killed", pair.now);
	pair.kinds[FRAME_FENCED] = 0;
	pair.cut[0] = pair.now + 500 * PAIR_MS;
	for (unsigned i = 0; i < 500; i++) {
		pair_send(a, 10);
		pair_run(&pair, PAIR_MS);
	}
	CHECK(pair.kinds[FRAME_FENCED] > 5);
	CHECK(pair.kinds[FRAME_FENCED] < 60);
	CHECK_UINT(b->delivered, 0);
	pair_settle(&pair);
	pair_fini(&pair);
}

TEST(who_is_up_with_somebody_newer_is_not_fenced_by_the_old_one)
{
	struct pair_flight fence = { 0 };
	uint64_t mine;

	begin();
	/* The life before declares b dead, while a new one is on its way. */
	pair_run(&pair, 10 * PAIR_MS);
	mine = b->lives[0].incarnation;
	link_lose(a->link, mine, "told so", pair.now);
	pair.delay = 5 * PAIR_MS;
	while (!pair_take(&pair, FRAME_FENCED, 1, &fence)) {
		pair_send(b, 10);
		pair_run(&pair, PAIR_MS);
	}
	pair_lose_all(&pair);
	pair_kill(a, PAIR_MS);
	pair_run(&pair, 200 * PAIR_MS);
	CHECK(b->up);
	CHECK_UINT(b->other, 1);
	link_receive(b->link, fence.frame, fence.frame + 1, pair.now);
	CHECK(!b->fenced && b->up);
	/* Not even by one that still lives. */
	fence.frame->echo = pair.now;
	link_receive(b->link, fence.frame, fence.frame + 1, pair.now);
	CHECK(!b->fenced && b->up);
	/* Nor, while nobody is up, by what was said before that. */
	pair_settle(&pair);
	link_lose(b->link, a->lives[1].incarnation, "told so", pair.now);
	fence.frame->echo--;
	link_receive(b->link, fence.frame, fence.frame + 1, pair.now);
	CHECK(!b->fenced);
	fence.frame->echo = pair.now;
	link_receive(b->link, fence.frame, fence.frame + 1, pair.now);
	CHECK(b->fenced);
	free(fence.frame);
	pair_fini(&pair);
}

TEST(a_late_refusal_is_not_told_while_it_is_up)
{
	struct frame header = {
		.magic = FRAME_MAGIC,
		.version = FRAME_VERSION,
		.kind = FRAME_REFUSED,
		.from = 1,
		.size = 3,
		.number = 1,
	};

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	header.incarnation = b->lives[0].incarnation;
	header.peer = a->lives[0].incarnation;
	link_receive(a->link, &header, "why", pair.now);
	CHECK_UINT(a->refusals, 0);
	pair_fini(&pair);
}

TEST(a_replayed_heartbeat_keeps_nobody_alive)
{
	struct pair_flight beat;

	pair_init(&pair, 1);
	pair.failure_ns = 2000 * PAIR_MS;
	pair_start(&pair);
	pair_run(&pair, 10 * PAIR_MS);
	while (!pair_take(&pair, FRAME_BEAT, 0, &beat))
		pair_run(&pair, PAIR_MS / 100);
	pair_run(&pair, 500 * PAIR_MS);
	pair.cut[0] = pair.now + 2500 * PAIR_MS;
	for (unsigned i = 0; i < 22; i++) {
		link_receive(a->link, beat.frame, beat.frame + 1, pair.now);
		pair_run(&pair, 100 * PAIR_MS);
	}
	CHECK_UINT(a->losses, 1);
	free(beat.frame);
	pair_fini(&pair);
}

TEST(an_echo_is_of_our_own_clock)
{
	struct frame header = {
		.magic = FRAME_MAGIC,
		.version = FRAME_VERSION,
		.kind = FRAME_HELLO,
		.from = 1,
		.incarnation = 99,
		.size = 1,
		.number = 1,
	};
	struct pair_flight welcome;

	begin();
	pair_run(&pair, 10 * PAIR_MS);
	/* Somebody with a clock that is far ahead says hello; what b gets next
	 * echoes nothing of it. */
	header.time = UINT64_MAX / 2;
	link_receive(a->link, &header, "x", pair.now);
	pair_send(a, 10);
	CHECK(pair_take(&pair, FRAME_DATA, 1, &welcome));
	CHECK_UINT(welcome.frame->echo, 0);
	free(welcome.frame);
	pair_fini(&pair);
}
