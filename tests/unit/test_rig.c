/* SPDX-License-Identifier: MIT */

#include "sim/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "sim/sim.h"
#include "test.h"

/* A topology of a spout and a bolt that passes numbers on, on two executors. */

#define SECOND 1000000000u

struct pass {
	int by_pipe; /* it passes on when the pipe says so */
};

static int pipe_ends[2];
static int64_t passed_sum;

static int pass_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct pass *pass = self;
	int64_t number = gust_value_at(in, 0).as.integer;

	if (pass->by_pipe == 0)
		return gust_emit(task, gust_int(number));
	passed_sum += number;
	return write(pipe_ends[1], "x", 1) == 1 ? 0 : -EIO;
}

static int pass_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct pass *pass = self;

	(void)error;
	return pass->by_pipe == 0 ? 0 : gust_watch(task, pipe_ends[0], POLLIN);
}

static int pass_ready(void *self, struct gust_task *task, int fd, short events)
{
	char byte;

	(void)self;
	CHECK_INT(events, POLLIN);
	while (read(fd, &byte, 1) == 1)
		continue;
	return gust_emit(task, gust_int(passed_sum));
}

static int pass_tick(void *self, struct gust_task *task)
{
	(void)self;
	return gust_emit(task, gust_int(-1));
}

static const struct gust_bolt pass_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "pass",
	.instance_size = sizeof(struct pass),
	.open = pass_open,
	.execute = pass_execute,
	.tick = pass_tick,
	.ready = pass_ready,
};

/* What is never called: it is replaced. */
static int spout_next(void *self, struct gust_task *task)
{
	(void)self;
	(void)task;
	return -EIO;
}

static const struct gust_spout real_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "real",
	.next = spout_next,
};

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };

struct world {
	struct pass pass;
	struct plan plan;
	struct plan_component components[3];
	struct plan_stream streams[2];
	struct plan_edge edges[2];
	struct rig *rig;
	struct given given;
	struct tap emitted, arrived;
	struct faulty faulty;
	struct sim *sim;
};

static void component_set(struct plan_component *component, const char *id,
			  uint32_t stream, uint32_t streams, uint32_t tasks)
{
	component->id = id;
	component->kind = PLAN_BOLT;
	component->executor = -1;
	component->first_stream = stream;
	component->stream_count = streams;
	component->task_count = tasks;
}

static void config_set(struct plan_config *config)
{
	config->executors = 2;
	config->message_timeout_ns = 30 * (uint64_t)SECOND;
	config->message_timeout_max_ns = 600 * (uint64_t)SECOND;
	config->replay_max_attempts = 3;
	config->replay_backoff_ns = SECOND / 10;
	config->retry_max_ns = 600 * (uint64_t)SECOND;
	config->memory_max_bytes = 64 * 1024 * 1024;
	config->tuple_max_bytes = 1024 * 1024;
	config->acking = true;
}

static void world_init(struct world *world)
{
	struct plan *plan = &world->plan;
	struct gust_error error = { 0 };

	memset(world, 0, sizeof(*world));
	component_set(&world->components[0], "real", 0, 1, 3);
	world->components[0].kind = PLAN_SPOUT;
	world->components[0].spout = &real_spout;
	component_set(&world->components[1], "pass", 1, 1, 1);
	world->components[1].bolt = &pass_bolt;
	world->components[1].instance = &world->pass;
	world->components[1].instance_size = sizeof(world->pass);
	component_set(&world->components[2], "sink", 2, 0, 2);
	world->components[2].bolt = &pass_bolt;
	world->streams[0] =
		(struct plan_stream){ .name = "default", .columns = columns };
	world->streams[1] = (struct plan_stream){ .name = "default",
						  .component = 1,
						  .columns = columns };
	world->edges[0] = (struct plan_edge){ .to = 1 };
	world->edges[1] = (struct plan_edge){ .stream = 1, .from = 1, .to = 2 };
	plan->name = "rig";
	plan->components = world->components;
	plan->component_count = 3;
	plan->streams = world->streams;
	plan->stream_count = 2;
	plan->edges = world->edges;
	plan->edge_count = 2;
	config_set(&plan->config);
	CHECK_INT(plan_derive(plan, &error), 0);
	CHECK_INT(rig_create(plan, 1, &world->rig), 0);
	CHECK_INT(rig_give(world->rig, 0, &world->given), 0);
	CHECK_INT(rig_replace(world->rig, 2, &world->arrived), 0);
	CHECK_INT(rig_listen(world->rig, 1, &world->emitted), 0);
}

static void world_start(struct world *world, int quiet_ms)
{
	struct sim_config config = { .seed = 3, .quiet_ms = quiet_ms };
	struct gust_error error = { 0 };

	CHECK_INT(rig_derive(world->rig, &error), 0);
	CHECK_INT(sim_create(&world->rig->plan, &config, NULL, &world->sim,
			     &error),
		  0);
}

static void world_give(struct world *world, int64_t number)
{
	struct gust_value value = gust_int(number);

	CHECK_INT(given_add(&world->given, 0, &value, 1), 0);
}

static void world_run(struct world *world, uint64_t ns)
{
	uint64_t events = 100000;

	CHECK_INT(sim_run(world->sim, sim_now(world->sim) + ns, &events),
		  SIM_RUNNING);
	CHECK(events > 0);
}

static void world_end(struct world *world)
{
	uint64_t events = 100000;

	given_end(&world->given);
	CHECK_INT(sim_run(world->sim, UINT64_MAX, &events), SIM_DONE);
	CHECK_UINT(sim_destroy(world->sim), 0);
	rig_destroy(world->rig);
	plan_fini_derived(&world->plan);
	given_fini(&world->given);
	tap_fini(&world->emitted);
	tap_fini(&world->arrived);
}

TEST(what_is_given_comes_out)
{
	struct world world;

	world_init(&world);
	world_give(&world, 1);
	world_start(&world, 0);
	world_run(&world, 0);
	CHECK_UINT(world.emitted.count, 1);
	world_give(&world, 2);
	world_give(&world, 3);
	world_run(&world, 0);
	CHECK_UINT(world.emitted.count, 3);
	CHECK_UINT(world.arrived.count, 3);
	CHECK_INT(gust_value_at(world.emitted.items[2], 0).as.integer, 3);
	world_end(&world);
}

TEST(the_clock_goes_as_far_as_it_is_told)
{
	struct world world;
	uint64_t begun;

	world_init(&world);
	world.rig->plan.components[1].tick_ns = 10 * (uint64_t)SECOND;
	world_start(&world, 0);
	begun = sim_now(world.sim);
	world_run(&world, 9 * (uint64_t)SECOND);
	CHECK_UINT(sim_now(world.sim) - begun, 9 * (uint64_t)SECOND);
	CHECK_UINT(world.emitted.count, 0);
	world_run(&world, 12 * (uint64_t)SECOND);
	CHECK_UINT(sim_now(world.sim) - begun, 21 * (uint64_t)SECOND);
	CHECK_UINT(world.emitted.count, 2);
	world_end(&world);
}

TEST(a_bolt_fails_as_it_is_told)
{
	struct world world;

	world_init(&world);
	world.faulty.bolt = world.rig->plan.components[1].bolt;
	world.faulty.every = 2;
	CHECK_INT(rig_break(world.rig, 1, &world.faulty), 0);
	world_start(&world, 0);
	world_give(&world, 1);
	world_give(&world, 2);
	world_run(&world, 0);
	CHECK_UINT(world.emitted.count, 1);
	CHECK_UINT(world.faulty.failed, 1);
	/* It comes again, as the third one. */
	world_run(&world, 10 * (uint64_t)SECOND);
	CHECK_UINT(world.emitted.count, 2);
	CHECK_UINT(world.faulty.seen, 3);
	world_end(&world);
}

TEST(descriptors_are_those_of_the_world)
{
	struct world world;

	CHECK_INT(pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK), 0);
	passed_sum = 0;
	world_init(&world);
	world.pass.by_pipe = 1;
	world_start(&world, 10);
	world_run(&world, SECOND);
	CHECK_UINT(world.emitted.count, 0);
	world_give(&world, 7);
	world_run(&world, 0);
	CHECK_UINT(world.emitted.count, 1);
	CHECK_INT(gust_value_at(world.emitted.items[0], 0).as.integer, 7);
	world_end(&world);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}
