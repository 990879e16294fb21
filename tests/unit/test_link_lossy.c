/* SPDX-License-Identifier: MIT */

/*
 * Two links over networks and lives that a seed makes up: loss, repeats,
 * reordering, cuts, kills, stops. The judge is link_pair.h. GUST_SEEDS=N runs
 * so many seeds a kind, GUST_SEED=N only that one.
 */

#include "channel/link.h"

#include <sys/wait.h>

#include "test.h"

#include "link_pair.h"

#define SEEDS 600
#define NOBODY UINT64_MAX

enum trouble {
	TROUBLE_CUTS = 1,  /* shorter than the failure timeout */
	TROUBLE_KILLS = 2, /* of either side */
	TROUBLE_STOPS = 4, /* SIGSTOP, and longer than the timeout */
	TROUBLE_LONG = 8   /* cuts that are longer */
};

static struct pair pair;
static uint64_t restarts, losses, fences;
/* What runs; it stands when a check has failed. */
static uint64_t running = NOBODY;
static unsigned running_kinds;

static struct pair_side *either(void)
{
	return &pair.sides[random_below(&pair.random, 2)];
}

static void make_network(void)
{
	struct random *random = &pair.random;
	static const unsigned losses_of[] = { 0, 0, 2, 20, 50 };

	pair.loss[0] = losses_of[random_below(random, 5)];
	pair.loss[1] = losses_of[random_below(random, 5)];
	pair.twice = random_below(random, 3) == 0 ? 20 : 0;
	pair.delay = random_below(random, 2) ? PAIR_MS / 20 : 10 * PAIR_MS;
	pair.jitter = random_below(random, 2) ? 0 : 30 * PAIR_MS;
	pair.room = 1 + random_below(random, random_below(random, 2) ? 4 : 60);
	pair.counters = random_below(random, 4) != 0;
}

static void cut(uint64_t most)
{
	uint64_t until = pair.now + random_next(&pair.random) % most;
	unsigned way = random_below(&pair.random, 3);

	if (way != 1)
		pair.cut[0] = until;
	if (way != 0)
		pair.cut[1] = until;
}

/* kill -9; as a parent does, somebody may tell the other side, at once. */
static void kill_one(void)
{
	struct pair_side *side = either();
	struct pair_side *other = &pair.sides[!side->number];
	uint64_t incarnation = side->lives[side->life].incarnation;

	if (side->link == NULL)
		return;
	pair_kill(side, random_next(&pair.random) % (300 * PAIR_MS));
	restarts++;
	if (other->link != NULL && other->stopped == 0 &&
	    random_below(&pair.random, 2))
		link_lose(other->link, incarnation, "killed", pair.now);
}

static void stop_one(void)
{
	struct pair_side *side = either();

	if (side->link != NULL && side->stopped == 0)
		side->stopped = pair.now + random_next(&pair.random) %
						   (3 * pair.failure_ns);
}

static void trouble(unsigned kinds)
{
	unsigned what = random_below(&pair.random, 150);

	if (what == 0 && (kinds & TROUBLE_CUTS))
		cut(pair.failure_ns / 2);
	if (what == 1 && (kinds & TROUBLE_LONG))
		cut(2 * pair.failure_ns);
	if ((what == 2 || what == 3) && (kinds & TROUBLE_KILLS))
		kill_one();
	if ((what == 4 || what == 5) && (kinds & TROUBLE_STOPS))
		stop_one();
}

static void send_some(void)
{
	size_t size = random_below(&pair.random, 200);

	if (random_below(&pair.random, 2000) == 0)
		size = PAIR_LONG;
	for (unsigned n = random_below(&pair.random, 4); n > 0; n--)
		pair_send(either(), size);
}

/* Both end, with data on the way, and leave as soon as they know. */
static void end_both(void)
{
	uint64_t sent[2];

	pair.loss[0] = pair.loss[1] = random_below(&pair.random, 2) ? 20 : 0;
	for (unsigned i = random_below(&pair.random, 20); i > 0; i--)
		send_some();
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_side *side = &pair.sides[i];

		link_end(side->link, pair.now);
		sent[i] = side->lives[side->life].sent;
		pair_run(&pair, random_next(&pair.random) % (300 * PAIR_MS));
	}
	for (unsigned n = 0; n < 1000; n++) {
		for (unsigned i = 0; i < 2; i++)
			if (pair.sides[i].closed)
				pair_kill(&pair.sides[i], UINT32_MAX * PAIR_MS);
		pair_run(&pair, 5 * PAIR_MS);
	}
	CHECK(pair.sides[0].closed && pair.sides[1].closed);
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_side *side = &pair.sides[i];

		CHECK_UINT(side->lives[side->life].next[pair.sides[!i].life],
			   sent[i]);
	}
}

static void run_seed(uint64_t seed, unsigned kinds)
{
	pair_init(&pair, seed);
	make_network();
	if (kinds & (TROUBLE_STOPS | TROUBLE_LONG))
		pair.failure_ns = 2000 * PAIR_MS;
	pair_start(&pair);
	for (unsigned i = 0; i < 400; i++) {
		send_some();
		trouble(kinds);
		pair_run(&pair, random_next(&pair.random) % (15 * PAIR_MS));
	}
	pair_settle(&pair);
	losses += pair.sides[0].losses + pair.sides[1].losses;
	fences += pair.sides[0].fences + pair.sides[1].fences;
	/* A delay is not a death. */
	if ((kinds & ~(unsigned)TROUBLE_CUTS) == 0)
		CHECK_UINT(pair.sides[0].losses + pair.sides[1].losses, 0);
	end_both();
	pair_fini(&pair);
}

static void tell_seed(void)
{
	if (running != NOBODY)
		fprintf(stderr, "that was GUST_SEED=%" PRIu64 " of kind %u\n",
			running, running_kinds);
	running = NOBODY;
}

static void run_seeds(unsigned kinds)
{
	const char *count = getenv("GUST_SEEDS");
	const char *one = getenv("GUST_SEED");
	uint64_t seed = one != NULL ? strtoull(one, NULL, 10) : 0;
	uint64_t end = one != NULL     ? seed + 1
		       : count != NULL ? strtoull(count, NULL, 10)
				       : SEEDS;

	tell_seed();
	atexit(tell_seed);
	restarts = losses = fences = 0;
	for (; seed < end; seed++) {
		running = seed;
		running_kinds = kinds;
		run_seed(seed, kinds);
	}
	running = NOBODY;
}

/* Whether there is enough to say that it was not vacuous. */
static bool complete(void)
{
	return getenv("GUST_SEED") == NULL && getenv("GUST_SEEDS") == NULL;
}

TEST(a_bad_network_costs_only_time)
{
	run_seeds(0);
	CHECK_UINT(losses, 0);
}

TEST(a_cut_shorter_than_the_timeout_loses_nothing)
{
	run_seeds(TROUBLE_CUTS);
	CHECK_UINT(losses, 0);
}

TEST(lives_end_and_begin)
{
	run_seeds(TROUBLE_CUTS | TROUBLE_KILLS);
	if (complete())
		CHECK(restarts > 1000 && losses > 500);
}

TEST(who_was_stopped_comes_back_as_somebody_else)
{
	run_seeds(TROUBLE_STOPS);
	if (complete())
		CHECK(losses > 100 && fences > 100);
}

TEST(everything_at_once)
{
	run_seeds(TROUBLE_CUTS | TROUBLE_KILLS | TROUBLE_STOPS | TROUBLE_LONG);
	if (complete())
		CHECK(restarts > 1000 && losses > 500 && fences > 20);
}

#ifndef MUTANT
static void expect_found(const char *mutant)
{
	char command[1024];
	int r;

	/* A test that fails leaves its memory as it is. */
	snprintf(command, sizeof(command),
		 "ASAN_OPTIONS=detect_leaks=0 %s/tests/unit/link_mutant_%s "
		 ">/dev/null 2>&1",
		 TEST_BUILD_DIR, mutant);
	r = system(command);
	CHECK(WIFEXITED(r));
	CHECK_INT(WEXITSTATUS(r), 1);
}

TEST(planted_mistakes_are_found)
{
	expect_found("link");
	expect_found("incarnation");
}
#endif
