/* SPDX-License-Identifier: MIT */

/*
 * What one call of execute() emits, in whatever mixture, arrives complete and
 * in its order. A bolt emits the fan of a test for its only input; another one
 * writes down what it gets.
 */

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "sim/sim.h"
#include "test.h"
#include "tuple/record.h"

static struct {
	int (*fan)(struct gust_task *task); /* what is emitted */
	const struct gust_tuple *in;        /* in the meantime */
	uint32_t fans;
	char got[65536]; /* by the sink, a line a tuple */
	size_t used;
	uint32_t calls;    /* of the sink */
	uint32_t again_at; /* call number that is answered -EAGAIN */
	uint32_t fail_at;  /* call number that fails */
	uint32_t executors;
	bool unheard; /* nobody subscribes to the texts */
	struct task_counters source, fanned, sunk;
} show;

static int source_next(void *self, struct gust_task *task)
{
	bool *emitted = self;

	if (*emitted)
		return GUST_DONE;
	*emitted = true;
	gust_emit(task, gust_int(1));
	return GUST_EMITTED;
}

static int fan_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	(void)self;
	show.in = in;
	show.fans++;
	return show.fan(task);
}

static int sink_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	const struct gust_value value = gust_value_at(in, 0);
	char *at = show.got + show.used;
	size_t left = sizeof(show.got) - show.used;

	(void)self;
	(void)task;
	show.calls++;
	if (show.calls == show.again_at)
		return -EAGAIN;
	if (show.calls == show.fail_at)
		return -EIO;
	if (value.type == GUST_INT)
		show.used += (size_t)snprintf(at, left, "%d\n",
					      (int)value.as.integer);
	else
		show.used += (size_t)snprintf(at, left, "%.*s\n",
					      (int)value.length, value.as.data);
	return 0;
}

static const struct gust_spout source = { .abi = GUST_SPOUT_ABI,
					  .size = sizeof(source),
					  .name = "source",
					  .next = source_next };
static const struct gust_bolt fan = { .abi = GUST_BOLT_ABI,
				      .size = sizeof(fan),
				      .name = "fan",
				      .execute = fan_execute };
static const struct gust_bolt sink = { .abi = GUST_BOLT_ABI,
				       .size = sizeof(sink),
				       .name = "sink",
				       .execute = sink_execute };

static const struct gust_column numbers[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const struct gust_column texts[] = { { "text", GUST_STRING },
					    { NULL, GUST_NULL } };
static const uint16_t first_field[] = { 0 };

static void show_config(struct plan_config *config)
{
	config->executors = show.executors;
	config->acking = true;
	config->message_timeout_ns = 1000 * CLOCK_NS_PER_MS;
	config->message_timeout_max_ns = 20000 * CLOCK_NS_PER_MS;
	config->replay_max_attempts = 3;
	config->replay_backoff_ns = CLOCK_NS_PER_MS;
	config->retry_max_ns = 60000 * CLOCK_NS_PER_MS;
	config->memory_max_bytes = 1 << 28;
	config->tuple_max_bytes = 1 << 20;
	config->drain_timeout_ns = 30000 * CLOCK_NS_PER_MS;
	config->state_commit_ns = 100 * CLOCK_NS_PER_MS;
}

/* source -> fan; its numbers, and its texts by their value -> sink. */
static const struct plan_component components[] = {
	{ .id = "source",
	  .kind = PLAN_SPOUT,
	  .spout = &source,
	  .replay = GUST_REPLAY_RECORD,
	  .stream_count = 1 },
	{ .id = "fan",
	  .kind = PLAN_BOLT,
	  .bolt = &fan,
	  .first_stream = 1,
	  .stream_count = 2 },
	{ .id = "sink", .kind = PLAN_BOLT, .bolt = &sink, .first_stream = 3 },
};
static const struct plan_stream streams[] = {
	{ .name = "default", .columns = numbers, .column_count = 1 },
	{ .name = "default",
	  .component = 1,
	  .columns = numbers,
	  .column_count = 1 },
	{ .name = "texts",
	  .component = 1,
	  .columns = texts,
	  .column_count = 1 },
};
static const struct plan_edge edges[] = {
	{ .to = 1 },
	{ .stream = 1, .from = 1, .to = 2 },
	{ .stream = 2,
	  .from = 1,
	  .to = 2,
	  .grouping = PLAN_FIELDS,
	  .keys = (uint16_t *)first_field,
	  .key_count = 1 },
};

/* A plan of its own, since running it fills it in. */
static struct plan show_plan(void)
{
	static struct plan_component own[3];
	static struct plan_stream own_streams[3];
	static struct plan_edge own_edges[3];
	static bool instances[3];
	struct plan plan = { .name = "show",
			     .components = own,
			     .component_count = 3,
			     .streams = own_streams,
			     .stream_count = 3,
			     .edges = own_edges,
			     .edge_count = 3 };
	size_t i;

	if (show.unheard)
		plan.edge_count--;
	memcpy(own, components, sizeof(own));
	memcpy(own_streams, streams, sizeof(own_streams));
	memcpy(own_edges, edges, sizeof(own_edges));
	show_config(&plan.config);
	for (i = 0; i < 3; i++) {
		own[i].task_count = 1;
		own[i].executor = -1;
		own[i].instance = &instances[i];
		own[i].instance_size = sizeof(instances[i]);
		own[i].message_timeout_ns = plan.config.message_timeout_ns;
	}
	/* With two executors the sink is not called but sent to. */
	if (show.executors == 2)
		own[2].executor = 1;
	return plan;
}

static void show_run(int (*emit)(struct gust_task *task))
{
	struct sim_outside outside = { 0 };
	enum sim_state state = SIM_RUNNING;
	struct sim_config world = { 0 };
	struct gust_error error = { 0 };
	struct plan plan = show_plan();
	struct sim *sim;
	size_t i;

	show.fan = emit;
	CHECK_INT(plan_derive(&plan, &error), 0);
	CHECK_INT(sim_create(&plan, &world, &outside, &sim, &error), 0);
	for (i = 0; i < 1000000 && state == SIM_RUNNING; i++)
		state = sim_step(sim);
	CHECK_INT(state, SIM_DONE);
	show.source = *sim_counters(sim, 0);
	show.fanned = *sim_counters(sim, 1);
	show.sunk = *sim_counters(sim, 2);
	CHECK_UINT(sim_destroy(sim), 0);
	plan_fini_derived(&plan);
}

static void show_begin(uint32_t executors)
{
	memset(&show, 0, sizeof(show));
	show.executors = executors;
}

static int emit_text(struct gust_task *task, const char *text)
{
	return gust_emit_to(task, 1, gust_string(text, strlen(text)));
}

static int emit_mixture(struct gust_task *task)
{
	const struct gust_emission plain = { .stream = 0, .direct = -1 };

	CHECK_INT(gust_emit(task, gust_int(1)), 0);
	CHECK_INT(emit_text(task, "a"), 0);
	CHECK_INT(emit_text(task, "a text that is not short"), 0);
	CHECK_INT(gust_emit_to(task, 1, gust_null()), 0);
	CHECK_INT(emit_text(task, ""), 0);
	CHECK_INT(gust_emit(task, gust_int(2)), 0);
	CHECK_INT(gust_emit_how(task, plain, gust_int(3)), 0);
	CHECK_INT(gust_emit(task, gust_int(4)), 0);
	return 0;
}

TEST(a_mixture_keeps_its_order)
{
	uint32_t executors;

	for (executors = 1; executors <= 2; executors++) {
		show_begin(executors);
		show_run(emit_mixture);
		CHECK_STR(show.got, "1\na\na text that is not short\n\n\n"
				    "2\n3\n4\n");
		CHECK_UINT(show.fanned.emitted, 8);
		CHECK_UINT(show.fanned.transferred, 8);
		CHECK_UINT(show.sunk.executed, 8);
		CHECK_UINT(show.sunk.acked, 8);
		CHECK_UINT(show.source.trees_acked, 1);
	}
}

static int emit_mistakes(struct gust_task *task)
{
	CHECK_INT(emit_text(task, "before"), 0);
	CHECK_INT(gust_emit_to(task, 1, gust_int(1)), -EINVAL);
	CHECK_INT(gust_emit_to(task, 1, gust_bytes("1", 1)), -EINVAL);
	CHECK_INT(gust_emit_to(task, 1, gust_int(1), gust_int(2)), -EINVAL);
	CHECK_INT(gust_emit_to(task, 2, gust_int(1)), -ENOENT);
	CHECK_INT(emit_text(task, "after"), 0);
	return 0;
}

TEST(a_mistake_takes_nothing_with_it)
{
	show_begin(1);
	show_run(emit_mistakes);
	CHECK_STR(show.got, "before\nafter\n");
	CHECK_UINT(show.fanned.mistakes, 4);
	CHECK_UINT(show.fanned.emitted, 2);
	CHECK_UINT(show.source.trees_acked, 1);
}

static int emit_unheard(struct gust_task *task)
{
	static const char text[1 << 20];

	CHECK_INT(emit_text(task, "nobody"), 0);
	CHECK_INT(gust_emit(task, gust_int(1)), 0);
	CHECK_INT(gust_emit_to(task, 1, gust_null()), 0);
	CHECK_INT(gust_emit_to(task, 1, gust_int(1)), -EINVAL);
	CHECK_INT(gust_emit_to(task, 1, gust_string(text, sizeof(text))),
		  -EMSGSIZE);
	CHECK_INT(emit_text(task, "a text that is not short"), 0);
	CHECK_INT(gust_emit(task, gust_int(2)), 0);
	return 0;
}

TEST(what_nobody_hears_is_emitted)
{
	show_begin(1);
	show.unheard = true;
	show_run(emit_unheard);
	CHECK_STR(show.got, "1\n2\n");
	CHECK_UINT(show.fanned.emitted, 5);
	CHECK_UINT(show.fanned.transferred, 2);
	CHECK_UINT(show.fanned.mistakes, 2);
	CHECK_UINT(show.source.trees_acked, 1);
}

/* A tuple of the stream of texts, as if it were an input. */
static const struct gust_tuple *text_tuple(const char *text, size_t length)
{
	static _Alignas(8) char record[40000];
	const struct gust_value value = gust_string(text, length);
	const struct gust_tuple header = { .stream = 2, .fields = 1 };
	struct gust_tuple *tuple = (void *)record;

	CHECK(record_write(tuple, sizeof(record), &header, texts, &value) > 0);
	return tuple;
}

static int emit_forwards(struct gust_task *task)
{
	static const char text[30000] = "x";
	int i;

	CHECK_INT(gust_emit(task, gust_int(5)), 0);
	CHECK_INT(gust_forward(task, 0, show.in), 0);
	CHECK_INT(gust_forward(task, 1, text_tuple("short", 5)), 0);
	CHECK_INT(emit_text(task, "a"), 0);
	CHECK_INT(gust_forward(task, 1, text_tuple("not so short a text", 19)),
		  0);
	CHECK_INT(gust_forward(task, 1, text_tuple(text, sizeof(text))), 0);
	CHECK_INT(gust_forward(task, 1, text_tuple("", 0)), 0);
	CHECK_INT(gust_forward(task, 1, show.in), -EINVAL);
	CHECK_INT(gust_forward(task, 0, text_tuple("x", 1)), -EINVAL);
	CHECK_INT(gust_forward(task, 2, show.in), -ENOENT);
	for (i = 0; i < 300; i++)
		CHECK_INT(gust_forward(task, 0, show.in), 0);
	CHECK_INT(gust_emit(task, gust_int(6)), 0);
	return 0;
}

TEST(a_record_is_passed_on_as_it_is)
{
	const char *expected = "5\n1\nshort\na\nnot so short a text\nx\n\n1\n";
	uint32_t executors;

	for (executors = 1; executors <= 2; executors++) {
		show_begin(executors);
		show_run(emit_forwards);
		CHECK_MEM(show.got, strlen(expected), expected,
			  strlen(expected));
		CHECK_STR(show.got + show.used - 4, "1\n6\n");
		CHECK_UINT(show.fanned.emitted, 308);
		CHECK_UINT(show.sunk.acked, 308);
		CHECK_UINT(show.fanned.mistakes, 3);
		CHECK_UINT(show.source.trees_acked, 1);
	}
}

static int emit_unheard_forwards(struct gust_task *task)
{
	CHECK_INT(gust_forward(task, 1, text_tuple("nobody", 6)), 0);
	CHECK_INT(gust_forward(task, 1, show.in), -EINVAL);
	CHECK_INT(gust_forward(task, 0, show.in), 0);
	return 0;
}

TEST(what_nobody_hears_is_passed_on)
{
	show_begin(1);
	show.unheard = true;
	show_run(emit_unheard_forwards);
	CHECK_STR(show.got, "1\n");
	CHECK_UINT(show.fanned.emitted, 2);
	CHECK_UINT(show.fanned.transferred, 1);
	CHECK_UINT(show.fanned.mistakes, 1);
}

static int emit_many(struct gust_task *task)
{
	char text[16];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		if (emit_text(task, text) != 0)
			return -EIO;
	}
	return 0;
}

static void check_many(void)
{
	char *at = show.got;
	int i;

	for (i = 0; i < 1000; i++)
		CHECK_INT(strtol(at, &at, 10), i);
	CHECK_STR(at, "\n");
	CHECK_UINT(show.fanned.emitted, 1000);
	CHECK_UINT(show.sunk.acked, 1000);
	CHECK_UINT(show.source.trees_acked, 1);
}

TEST(more_than_a_volley_holds)
{
	show_begin(1);
	show_run(emit_many);
	check_many();
	CHECK_UINT(show.calls, 1000);
}

/* Nothing is called past the tuple that has to wait. */
TEST(not_now_in_the_middle_of_a_volley)
{
	uint32_t at;

	for (at = 1; at < 120; at += 7) {
		show_begin(1);
		show.again_at = at;
		show_run(emit_many);
		check_many();
		CHECK_UINT(show.calls, 1001);
		CHECK_UINT(show.sunk.retries, 1);
	}
}

TEST(a_failure_in_a_volley_is_one_of_its_tree)
{
	show_begin(1);
	show.fail_at = 500;
	show_run(emit_many);
	CHECK_UINT(show.fans, 2);
	CHECK_UINT(show.source.trees_failed, 1);
	CHECK_UINT(show.source.trees_acked, 1);
	CHECK_UINT(show.sunk.executed, 2000);
	CHECK_UINT(show.sunk.failed, 1);
}
