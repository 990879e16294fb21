/* SPDX-License-Identifier: MIT */

/* Which tasks local_or_shuffle finds near, and when it looks further. */

#include "base/clock.h"
#include "sim/sim.h"
#include "test.h"

#define TASKS_MAX 6
#define FEW 60 /* too few for anybody to fall behind */
#define MANY 3000

static uint32_t seen[TASKS_MAX]; /* tuples, by task of the bolt */
static uint64_t spend[TASKS_MAX];
static uint32_t records, left;
static struct sim *sim;

static int spout_next(void *self, struct gust_task *task)
{
	(void)self;
	if (left-- == 0) {
		left = 0;
		return GUST_DONE;
	}
	gust_emit(task, gust_int(left));
	return GUST_EMITTED;
}

static int bolt_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	uint32_t index = gust_task_index(task);

	(void)self;
	(void)in;
	seen[index]++;
	if (spend[index] > 0)
		sim_spend(sim, spend[index]);
	return 0;
}

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const struct gust_spout spout = { .abi = GUST_SPOUT_ABI,
					 .size = sizeof(struct gust_spout),
					 .name = "spout",
					 .next = spout_next };
static const struct gust_bolt bolt = { .abi = GUST_BOLT_ABI,
				       .size = sizeof(struct gust_bolt),
				       .name = "bolt",
				       .execute = bolt_execute };

static struct plan_component components[2];
static struct plan_stream stream;
static struct plan_edge edge;
static struct plan_host hosts[2];
static struct plan plan;

/* A spout and a bolt with so many tasks. */
static void prepare(uint32_t workers, uint32_t executors, uint32_t tasks)
{
	struct plan_config config = {
		.executors = executors,
		.workers = workers,
		.message_timeout_ns = 30 * CLOCK_NS_PER_S,
		.message_timeout_max_ns = 600 * CLOCK_NS_PER_S,
		.replay_max_attempts = 3,
		.replay_hold_ns = 60 * CLOCK_NS_PER_S,
		.retry_max_ns = 600 * CLOCK_NS_PER_S,
		.memory_max_bytes = 1 << 28,
		.tuple_max_bytes = 1 << 20,
		.drain_timeout_ns = 30 * CLOCK_NS_PER_S,
		.state_commit_ns = 100 * CLOCK_NS_PER_MS,
		.acking = true,
	};

	memset(seen, 0, sizeof(seen));
	memset(spend, 0, sizeof(spend));
	records = FEW;
	memset(components, 0, sizeof(components));
	components[0].id = "spout";
	components[0].spout = &spout;
	components[0].replay = GUST_REPLAY_RECORD;
	components[0].stream_count = 1;
	components[0].task_count = 1;
	components[0].executor = -1;
	components[0].message_timeout_ns = config.message_timeout_ns;
	components[1].id = "bolt";
	components[1].kind = PLAN_BOLT;
	components[1].bolt = &bolt;
	components[1].first_stream = 1;
	components[1].task_count = tasks;
	components[1].executor = -1;
	stream.name = "default";
	stream.columns = columns;
	edge.to = 1;
	edge.grouping = PLAN_LOCAL_OR_SHUFFLE;
	memset(&plan, 0, sizeof(plan));
	plan.name = "near";
	plan.config = config;
	plan.components = components;
	plan.component_count = 2;
	plan.streams = &stream;
	plan.stream_count = 1;
	plan.edges = &edge;
	plan.edge_count = 1;
}

static void run(void)
{
	const struct sim_outside outside = { 0 };
	const struct sim_config world = { .seed = 1 };
	enum sim_state state = SIM_RUNNING;
	struct gust_error error = { 0 };
	uint32_t sum = 0;
	uint32_t i;

	left = records;
	CHECK_INT(plan_derive(&plan, &error), 0);
	CHECK_INT(sim_create(&plan, &world, &outside, &sim, &error), 0);
	for (i = 0; i < 1000000 && state == SIM_RUNNING; i++)
		state = sim_step(sim);
	CHECK_INT(state, SIM_DONE);
	CHECK_UINT(sim_destroy(sim), 0);
	plan_fini_derived(&plan);
	for (i = 0; i < TASKS_MAX; i++)
		sum += seen[i];
	CHECK_UINT(sum, records);
}

TEST(the_own_executor_comes_first)
{
	prepare(2, 2, 4);
	run();
	CHECK_UINT(seen[0], FEW);
}

/* The spout's executor has no other task; task 0 is beside it. */
TEST(the_own_worker_comes_second)
{
	prepare(2, 1, 2);
	components[0].dedicated = true;
	run();
	CHECK_UINT(seen[0], FEW);
}

/* Tasks 0 and 2 are on the spout's host, in other workers. */
TEST(the_own_host_comes_third)
{
	prepare(1, 1, 3);
	plan.hosts = hosts;
	plan.host_count = 2;
	hosts[0].name = "a";
	hosts[0].slots = 2;
	hosts[1].name = "b";
	hosts[1].slots = 1;
	components[0].isolate = true;
	run();
	CHECK_UINT(seen[0], FEW / 2);
	CHECK_UINT(seen[1], 0);
}

TEST(one_process_with_nobody_near_is_even)
{
	prepare(1, 1, 6);
	components[0].dedicated = true;
	components[1].dedicated = true;
	run();
	for (uint32_t i = 0; i < 6; i++)
		CHECK_UINT(seen[i], FEW / 6);
}

TEST(who_has_fallen_behind_is_passed_over)
{
	prepare(2, 1, 2);
	components[0].dedicated = true;
	spend[0] = 10 * CLOCK_NS_PER_MS;
	records = MANY;
	/* So that not all is on its way before anything is known. */
	plan.config.credit_bytes = 16384;
	run();
	CHECK(seen[0] > 0);
	CHECK(seen[1] > MANY / 4 * 3);
}
