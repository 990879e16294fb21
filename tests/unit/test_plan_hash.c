/* SPDX-License-Identifier: MIT */

#include "topology/plan_hash.h"

#include "test.h"

#include "fixture_plan.h"

static struct fixture_plan f;
static uint64_t before;

static void begin(void)
{
	fixture_plan_init(&f);
	before = f.plan.hash;
}

/* The plan was changed; derives it anew. */
static uint64_t end(void)
{
	uint64_t hash;

	plan_fini_derived(&f.plan);
	CHECK_INT(plan_derive(&f.plan, NULL), 0);
	hash = f.plan.hash;
	plan_fini_derived(&f.plan);
	return hash;
}

#define CHECK_COUNTS(change)                                                   \
	do {                                                                   \
		begin();                                                       \
		change;                                                        \
		CHECK(end() != before);                                        \
	} while (0)

#define CHECK_COUNTS_NOT(change)                                               \
	do {                                                                   \
		begin();                                                       \
		change;                                                        \
		CHECK_UINT(end(), before);                                     \
	} while (0)

/* Hosts of different machines compare it, and of different releases as long as
 * nothing that counts is added. */
TEST(it_is_the_same_everywhere)
{
	begin();
	CHECK_UINT(end(), UINT64_C(0xcb3fd8b346fe5fd0));
}

TEST(names_count)
{
	static const struct gust_column other[] = { { "word", GUST_JSON },
						    { NULL, GUST_NULL } };
	static const struct gust_bolt bolt = { .name = "splitter" };

	CHECK_COUNTS(f.plan.name = "word");
	CHECK_COUNTS(f.components[1].id = "spli");
	CHECK_COUNTS(f.components[1].bolt = &bolt);
	CHECK_COUNTS(f.streams[1].name = "word");
	CHECK_COUNTS(f.streams[1].columns = other);
	CHECK_COUNTS(f.streams[1].columns = fixture_line);
}

TEST(edges_count)
{
	CHECK_COUNTS(f.edges[1].grouping = PLAN_PARTIAL_KEY);
	CHECK_COUNTS(f.edges[1].key_count = 0);
	CHECK_COUNTS(f.edges[0].feedback = true);
	CHECK_COUNTS(f.plan.edge_count = 1);
}

TEST(placement_counts)
{
	static const uint32_t second[] = { 1 };
	static struct plan_host hosts[] = { { .name = "a", .slots = 1 },
					    { .name = "b", .slots = 1 } };

	CHECK_COUNTS(f.components[1].task_count = 1);
	CHECK_COUNTS(f.components[1].executor = 1);
	CHECK_COUNTS(f.components[1].dedicated = true);
	CHECK_COUNTS(f.components[1].isolate = true);
	CHECK_COUNTS(f.plan.config.executors = 1);
	CHECK_COUNTS(f.plan.config.workers = 2);
	CHECK_COUNTS(f.plan.hosts = hosts; f.plan.host_count = 2);
	begin();
	f.plan.hosts = hosts;
	f.plan.host_count = 2;
	before = end();
	f.components[0].hosts = second;
	f.components[0].host_count = 1;
	CHECK(end() != before);
}

TEST(settings_count)
{
	CHECK_COUNTS(f.plan.config.acking = !f.plan.config.acking);
	CHECK_COUNTS(f.plan.config.tuple_max_bytes++);
	CHECK_COUNTS(f.plan.config.worker_timeout_ns++);
	CHECK_COUNTS(f.components[1].tick_ns++);
	CHECK_COUNTS(f.components[0].replay = GUST_REPLAY_NONE);
	CHECK_COUNTS(f.components[1].options_hash++);
}

TEST(what_a_host_has_for_itself_does_not_count)
{
	CHECK_COUNTS_NOT(f.plan.config.dead_letters = "/elsewhere");
	CHECK_COUNTS_NOT(f.plan.config.state_dir = "/elsewhere");
	CHECK_COUNTS_NOT(f.components[1].plugin_hash++);
	CHECK_COUNTS_NOT(f.plan.config.workers = 1);
}
