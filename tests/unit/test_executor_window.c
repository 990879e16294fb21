/* SPDX-License-Identifier: MIT */

/* When inputs of windows are acked: a spout, a bolt with windows of a number of
 * tuples, and behind that the bolt of the stage. */

#include "stage.h"

#include <gust/window.h>

/* The stage, with the windows in between. */
static struct {
	struct stage stage;
	struct plan_component components[3];
	struct plan_stream streams[4];
	struct plan_edge edges[2];
	struct gust_window_spec spec;
	struct actor actors[3];
	struct task_counters source, windows;
	uint64_t acked_first; /* when the first tree of the spout was */
	uint64_t held_most, spilled_most;
	uint32_t results;
} show;

static int count_add_one(void *self, struct gust_task *task,
			 struct gust_accumulator *accumulator,
			 const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	++*(int64_t *)accumulator->data;
	return 0;
}

static int count_merge(void *self, struct gust_accumulator *into,
		       const struct gust_accumulator *from)
{
	(void)self;
	*(int64_t *)into->data += *(const int64_t *)from->data;
	return 0;
}

static int count_result(void *self, struct gust_task *task,
			const struct gust_window *window,
			const struct gust_accumulator *accumulator)
{
	(void)self;
	(void)window;
	show.results++;
	return gust_emit(task, gust_int(*(const int64_t *)accumulator->data));
}

static const struct gust_windowing counting = {
	.size = sizeof(counting),
	.accumulator_size = sizeof(int64_t),
	.add = count_add_one,
	.merge = count_merge,
	.result = count_result,
};

static const struct gust_bolt counting_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(counting_bolt),
	.name = "counting",
	.instance_size = sizeof(struct actor),
	.windowing = &counting,
};

static int list_whole(void *self, struct gust_task *task,
		      const struct gust_window *window,
		      const struct gust_window_tuples *tuples)
{
	(void)self;
	(void)window;
	show.results++;
	for (size_t i = 0; i < tuples->all_count; i++)
		CHECK_INT(gust_cells(tuples->all[i])->as.integer, (int64_t)i);
	return gust_emit(task, gust_int((int64_t)tuples->all_count));
}

static const struct gust_windowing listing = {
	.size = sizeof(listing),
	.whole = list_whole,
};

static const struct gust_bolt listing_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(listing_bolt),
	.name = "listing",
	.instance_size = sizeof(struct actor),
	.windowing = &listing,
};

/* Windows of `length` tuples; the bolt behind does `deed` with each result. */
static void show_init(uint32_t records, int64_t length, enum deed deed)
{
	struct stage *stage = &show.stage;

	memset(&show, 0, sizeof(show));
	stage_init(stage, deed);
	stage->records = records;
	stage->delay = 500 * MS;
	show.spec.type = GUST_TUMBLING_COUNT;
	show.spec.length = show.spec.slide = length;
	show.components[0] = stage->components[0];
	show.components[1] = stage->components[1];
	show.components[1].id = "windows";
	show.components[1].bolt = &counting_bolt;
	show.components[1].stream_count = 1;
	show.components[1].window = &show.spec;
	show.components[1].late = UINT32_MAX;
	show.components[2] = stage->components[1];
	show.components[2].first_stream = 2;
	show.streams[0] = stage->streams[0];
	show.streams[1] = stage->streams[1];
	show.streams[2] = stage->streams[1];
	show.streams[2].component = 2;
	show.streams[3] = stage->streams[2];
	show.streams[3].component = 2;
	show.edges[0].to = 1;
	show.edges[1].stream = 1;
	show.edges[1].from = 1;
	show.edges[1].to = 2;
	stage->plan.components = show.components;
	stage->plan.component_count = 3;
	stage->plan.streams = show.streams;
	stage->plan.stream_count = 4;
	stage->plan.edges = show.edges;
	stage->plan.edge_count = 2;
}

static void show_look(void)
{
	const struct task_counters *source = sim_counters(show.stage.sim, 0);

	if (source->held_trees > show.held_most)
		show.held_most = source->held_trees;
	if (sim_usage(show.stage.sim)->spilled > show.spilled_most)
		show.spilled_most = sim_usage(show.stage.sim)->spilled;
	if (source->trees_acked > 0 && show.acked_first == 0)
		show.acked_first = sim_now(show.stage.sim);
}

static void show_run(void)
{
	struct stage *stage = &show.stage;
	struct sim_outside outside = { .self = stage,
				       .letter = on_letter,
				       .log = on_log };
	enum sim_state state = SIM_RUNNING;
	struct gust_error error = { 0 };

	for (uint32_t i = 0; i < 3; i++) {
		show.actors[i].stage = stage;
		show.components[i].task_count = 1;
		show.components[i].instance = &show.actors[i];
		show.components[i].instance_size = sizeof(struct actor);
		show.components[i].message_timeout_ns =
			stage->plan.config.message_timeout_ns;
	}
	CHECK_INT(plan_derive(&stage->plan, &error), 0);
	CHECK_INT(sim_create(&stage->plan, &stage->world, &outside, &stage->sim,
			     &error),
		  0);
	for (int i = 0; i < 1000000 && state == SIM_RUNNING; i++) {
		state = sim_step(stage->sim);
		show_look();
	}
	CHECK_INT(state, SIM_DONE);
	show.source = *sim_counters(stage->sim, 0);
	show.windows = *sim_counters(stage->sim, 1);
	CHECK_UINT(show.windows.acked + show.windows.failed,
		   show.windows.executed);
	CHECK_UINT(show.windows.window_tuples, 0);
	CHECK_UINT(sim_destroy(stage->sim), 0);
	plan_fini_derived(&stage->plan);
}

TEST(inputs_are_held_until_the_result_is_processed)
{
	show_init(10, 10, DEED_LATER);
	show_run();
	CHECK_UINT(show.results, 1);
	CHECK_UINT(show.held_most, 10);
	CHECK_UINT(show.source.trees_acked, 10);
	CHECK_UINT(show.source.timed_out, 0);
	CHECK_UINT(show.windows.roots, 1);
	CHECK(show.acked_first >= show.stage.calls[0] + 500 * MS);
}

TEST(held_inputs_do_not_time_out)
{
	show_init(3, 10, DEED_ACK);
	show.stage.pause = 5000 * MS;
	show_run();
	CHECK_UINT(show.results, 1); /* at FLUSH */
	CHECK_UINT(show.source.timed_out, 0);
	CHECK_UINT(show.source.trees_acked, 3);
	CHECK(show.acked_first >= 5000 * MS);
}

TEST(sheaves_are_released_in_the_order_of_their_windows)
{
	/* The first result is there late, the second one at once. */
	show_init(4, 2, DEED_LATER);
	show.stage.deeds[1] = DEED_ACK;
	show.stage.deed_count = 2;
	show_run();
	CHECK_UINT(show.results, 2);
	CHECK_UINT(show.source.trees_acked, 4);
	CHECK_UINT(show.held_most, 4);
	CHECK(show.acked_first >= show.stage.calls[0] + 500 * MS);
}

TEST(a_result_that_fails_is_replayed_and_not_its_inputs)
{
	show_init(4, 4, DEED_FAIL);
	show.stage.deeds[1] = DEED_ACK;
	show.stage.deed_count = 2;
	show_run();
	CHECK_UINT(show.results, 1);
	CHECK_UINT(show.windows.replayed, 1);
	CHECK_UINT(show.source.trees_failed, 0);
	CHECK_UINT(show.source.trees_acked, 4);
	CHECK(show.acked_first >= show.stage.calls[1]);
}

TEST(a_dead_letter_is_what_became_of_the_inputs)
{
	show_init(4, 4, DEED_FAIL);
	show_run();
	CHECK_UINT(show.windows.dead_lettered, 1);
	CHECK_UINT(show.stage.letters, 1);
	CHECK_UINT(show.source.trees_acked, 4);
	CHECK_UINT(show.source.trees_failed, 0);
}

TEST(nothing_is_held_without_tracking)
{
	show_init(4, 4, DEED_ACK);
	show.stage.plan.config.acking = false;
	show_run();
	CHECK_UINT(show.results, 1);
	CHECK_UINT(show.held_most, 0);
	CHECK_UINT(show.windows.acked, 4);
}

TEST(the_pending_limit_leaves_out_what_is_held)
{
	show_init(100, 50, DEED_LATER);
	show.components[0].max_spout_pending = 1;
	show_run();
	CHECK_UINT(show.results, 2);
	CHECK_UINT(show.held_most, 100);
}

TEST(a_whole_window_spills_beyond_half_of_the_share)
{
	show_init(300, 300, DEED_ACK);
	show.components[1].bolt = &listing_bolt;
	show.stage.plan.config.memory_max_bytes = 96 * 1024;
	show.stage.world.spills = true;
	show_run();
	CHECK_UINT(show.results, 1);
	CHECK(show.spilled_most > 100 && show.spilled_most < 300);
	CHECK_UINT(show.windows.retries, 0);
	CHECK_UINT(show.source.trees_acked, 300);
}

TEST(without_room_to_spill_an_input_comes_again)
{
	show_init(300, 300, DEED_ACK);
	show.components[1].bolt = &listing_bolt;
	show.stage.plan.config.memory_max_bytes = 96 * 1024;
	show.stage.world.spills = true;
	show.stage.world.spill_fail = 300;
	show_run();
	CHECK_UINT(show.results, 1);
	CHECK(show.windows.retries > 0);
	CHECK_UINT(show.windows.failed, 0);
	CHECK_UINT(show.source.trees_acked, 300);
}
