/* SPDX-License-Identifier: MIT */

/*
 * Timeouts, pauses and replays on a simulated clock: a spout that emits its
 * records, and a bolt that does with each what the test says.
 */

#include <errno.h>

#include "base/clock.h"
#include "sim/sim.h"
#include "test.h"

#define MS CLOCK_NS_PER_MS
#define CALLS 64

enum deed {
	DEED_ACK,    /* returns 0 */
	DEED_FAIL,   /* returns -EIO */
	DEED_FORGET, /* retains, and never acks */
	DEED_LATER,  /* retains, and acks after `delay` */
	DEED_REMIND, /* retains, resets the timeout every `delay`, for ever */
	DEED_COME,   /* the same, and acks the fourth time */
	DEED_HOLD,   /* holds, and acks at flush() */
	DEED_TWICE,  /* retains, and acks two times */
	DEED_SPEND   /* takes `delay` within the call */
};

struct stage {
	struct plan plan;
	struct plan_component components[2];
	struct plan_stream streams[1];
	struct plan_edge edges[1];
	struct sim_config world;
	struct sim *sim;

	/* What the test says. */
	uint32_t records;
	enum deed deeds[8]; /* by call; the last one goes on */
	uint32_t deed_count;
	uint64_t delay;
	uint64_t pause; /* before the last record */

	/* What was seen. */
	uint64_t calls[CALLS]; /* when execute() was called */
	uint32_t call_count;
	uint32_t acks, fails;
	uint64_t last_id;
	uint32_t letters;
	char reason[256];
	uint64_t position;
	uint64_t ticked, tick_pause; /* the last one, the longest between two */
};

struct actor {
	struct stage *stage;
	uint32_t emitted;
	const struct gust_tuple *kept[8];
	uint32_t kept_count;
	uint32_t reminded;
	uint64_t again; /* a failed id, 1 more than it is */
	uint32_t source;
};

static int spout_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct actor *actor = self;
	uint64_t offset;

	(void)error;
	if (actor->stage->components[0].replay != GUST_REPLAY_POSITION)
		return 0;
	return gust_source(task, "source", &actor->source, &offset);
}

static int spout_next(void *self, struct gust_task *task)
{
	struct actor *actor = self;
	struct stage *stage = actor->stage;
	uint64_t number = actor->emitted;

	if (actor->again > 0) {
		number = actor->again - 1;
		actor->again = 0;
		gust_emit_id(task, number, gust_int((int64_t)number));
		return GUST_EMITTED;
	}
	if (actor->emitted == stage->records)
		return GUST_DONE;
	if (stage->pause > 0 && actor->emitted + 1 == stage->records) {
		uint64_t until = gust_now(task) + stage->pause;

		stage->pause = 0;
		return gust_wait_until(task, until);
	}
	actor->emitted++;
	switch (stage->components[0].replay) {
	case GUST_REPLAY_OWN:
		gust_emit_id(task, number, gust_int((int64_t)number));
		break;
	case GUST_REPLAY_POSITION:
		gust_emit_at(task, actor->source, number, number + 1,
			     gust_int((int64_t)number));
		break;
	default:
		gust_emit(task, gust_int((int64_t)number));
	}
	return GUST_EMITTED;
}

static void spout_ack(void *self, struct gust_task *task, uint64_t id)
{
	struct actor *actor = self;

	(void)task;
	actor->stage->acks++;
	actor->stage->last_id = id;
}

static void spout_fail(void *self, struct gust_task *task, uint64_t id)
{
	struct actor *actor = self;

	(void)task;
	actor->stage->fails++;
	actor->again = id + 1;
}

static int keep(struct actor *actor, const struct gust_tuple *kept)
{
	if (kept == NULL || actor->kept_count == 8)
		return -ENOMEM;
	actor->kept[actor->kept_count++] = kept;
	return 0;
}

static int bolt_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct actor *actor = self;
	struct stage *stage = actor->stage;
	uint32_t call = stage->call_count++;
	const struct gust_tuple *kept;
	enum deed deed;

	if (call < CALLS)
		stage->calls[call] = sim_now(stage->sim);
	deed = stage->deeds[call < stage->deed_count ? call
						     : stage->deed_count - 1];
	switch (deed) {
	case DEED_ACK:
		return 0;
	case DEED_FAIL:
		return -EIO;
	case DEED_FORGET:
		return gust_retain(task, in) == NULL ? -ENOMEM : 0;
	case DEED_LATER:
	case DEED_REMIND:
	case DEED_COME:
		gust_timer(task, stage->delay, (uint64_t)deed);
		return keep(actor, gust_retain(task, in));
	case DEED_HOLD:
		return keep(actor, gust_hold(task, in));
	case DEED_TWICE:
		kept = gust_retain(task, in);
		gust_ack(task, kept);
		gust_ack(task, kept);
		return 0;
	case DEED_SPEND:
		sim_spend(stage->sim, stage->delay);
		return 0;
	}
	return -EINVAL;
}

static void release(struct actor *actor, struct gust_task *task)
{
	uint32_t i;

	for (i = 0; i < actor->kept_count; i++)
		gust_ack(task, actor->kept[i]);
	actor->kept_count = 0;
}

static int bolt_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct actor *actor = self;

	if (actor->kept_count == 0)
		return 0;
	if (cookie == DEED_LATER ||
	    (cookie == DEED_COME && ++actor->reminded == 4)) {
		release(actor, task);
		return 0;
	}
	gust_reset_timeout(task, actor->kept[0]);
	/* One that reminds for ever has to end with the test. */
	if (actor->stage->letters == 0)
		gust_timer(task, actor->stage->delay, cookie);
	else
		release(actor, task);
	return 0;
}

static int bolt_tick(void *self, struct gust_task *task)
{
	struct stage *stage = ((struct actor *)self)->stage;
	uint64_t now = gust_now(task);

	if (stage->ticked != 0 && now - stage->ticked > stage->tick_pause)
		stage->tick_pause = now - stage->ticked;
	stage->ticked = now;
	return 0;
}

static int bolt_flush(void *self, struct gust_task *task)
{
	release(self, task);
	return 0;
}

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };

static const struct gust_spout spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "spout",
	.instance_size = sizeof(struct actor),
	.open = spout_open,
	.next = spout_next,
	.ack = spout_ack,
	.fail = spout_fail,
};

static const struct gust_bolt bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "bolt",
	.instance_size = sizeof(struct actor),
	.execute = bolt_execute,
	.tick = bolt_tick,
	.timer = bolt_timer,
	.flush = bolt_flush,
};

/* One record, one executor, a timeout of 1 s, pauses from 100 ms. */
static void stage_init(struct stage *stage, enum deed deed)
{
	struct plan_config *config = &stage->plan.config;

	memset(stage, 0, sizeof(*stage));
	stage->records = 1;
	stage->deeds[0] = deed;
	stage->deed_count = 1;
	config->executors = 1;
	config->message_timeout_ns = 1000 * MS;
	config->message_timeout_max_ns = 20000 * MS;
	config->replay_max_attempts = 3;
	config->replay_backoff_ns = 100 * MS;
	config->replay_hold_ns = 60000 * MS;
	config->retry_max_ns = 600000 * MS;
	config->memory_max_bytes = 1 << 28;
	config->tuple_max_bytes = 1 << 20;
	config->drain_timeout_ns = 30000 * MS;
	config->state_commit_ns = 100 * MS;
	config->acking = true;
	stage->components[0].executor = -1;
	stage->components[1].executor = -1;
	stage->components[0].id = "source";
	stage->components[0].kind = PLAN_SPOUT;
	stage->components[0].spout = &spout;
	stage->components[0].replay = GUST_REPLAY_RECORD;
	stage->components[0].stream_count = 1;
	stage->components[1].id = "worker";
	stage->components[1].kind = PLAN_BOLT;
	stage->components[1].bolt = &bolt;
	stage->components[1].first_stream = 1;
	stage->streams[0].name = "default";
	stage->streams[0].columns = columns;
	stage->streams[0].column_count = 1;
	stage->edges[0].to = 1;
	stage->plan.name = "stage";
	stage->plan.components = stage->components;
	stage->plan.component_count = 2;
	stage->plan.streams = stage->streams;
	stage->plan.stream_count = 1;
	stage->plan.edges = stage->edges;
	stage->plan.edge_count = 1;
}

static void on_letter(void *self, const struct letter *letter)
{
	struct stage *stage = self;

	stage->letters++;
	snprintf(stage->reason, sizeof(stage->reason), "%s", letter->reason);
}

static void on_position(void *self, uint32_t component, const char *source,
			uint64_t offset)
{
	struct stage *stage = self;

	(void)component;
	(void)source;
	stage->position = offset;
}

/* Runs to the end and copies the spout's counters. */
static struct task_counters stage_run(struct stage *stage)
{
	struct sim_outside outside = { .self = stage,
				       .letter = on_letter,
				       .position = on_position };
	static struct actor actors[2];
	struct gust_error error = { 0 };
	struct task_counters counters;
	enum sim_state state = SIM_RUNNING;
	uint32_t i;

	for (i = 0; i < 2; i++) {
		memset(&actors[i], 0, sizeof(actors[i]));
		actors[i].stage = stage;
		stage->components[i].task_count = 1;
		stage->components[i].instance = &actors[i];
		stage->components[i].instance_size = sizeof(struct actor);
		stage->components[i].message_timeout_ns =
			stage->plan.config.message_timeout_ns;
	}
	CHECK_INT(plan_derive(&stage->plan, &error), 0);
	CHECK_INT(sim_create(&stage->plan, &stage->world, &outside, &stage->sim,
			     &error),
		  0);
	for (i = 0; i < 1000000 && state == SIM_RUNNING; i++)
		state = sim_step(stage->sim);
	CHECK_INT(state, SIM_DONE);
	counters = *sim_counters(stage->sim, 0);
	CHECK_UINT(counters.attempts,
		   counters.trees_acked + counters.trees_failed);
	CHECK_UINT(sim_destroy(stage->sim), 0);
	plan_fini_derived(&stage->plan);
	return counters;
}

TEST(every_way_to_end)
{
	static const struct {
		enum deed deeds[4];
		uint32_t deed_count;
		uint64_t delay_ms;
		uint64_t attempts, timed_out, acked, dead;
		const char *reason;
	} cases[] = {
		{ { DEED_ACK }, 1, 0, 1, 0, 1, 0, "" },
		{ { DEED_FAIL }, 1, 0, 3, 0, 0, 1, "Input/output error" },
		{ { DEED_FAIL, DEED_ACK }, 2, 0, 2, 0, 1, 0, "" },
		/* A lost ack times out and says who has it. */
		{ { DEED_FORGET }, 1, 0, 3, 3, 0, 1, "'worker' retains it" },
		{ { DEED_FORGET, DEED_ACK }, 2, 0, 2, 1, 1, 0, "" },
		/* Shorter than the timeout, and longer. */
		{ { DEED_LATER }, 1, 800, 1, 0, 1, 0, "" },
		{ { DEED_LATER, DEED_ACK }, 2, 3000, 2, 1, 1, 0, "" },
		/* The late ack of the first copy comes while the second one
		 * is retained, and must not end it. */
		{ { DEED_LATER, DEED_FORGET, DEED_FAIL },
		  3,
		  1800,
		  3,
		  2,
		  0,
		  1,
		  "Input/output error" },
		/* Progress counts, but not beyond the hard cap. */
		{ { DEED_COME }, 1, 800, 1, 0, 1, 0, "" },
		{ { DEED_REMIND, DEED_FAIL },
		  2,
		  800,
		  3,
		  1,
		  0,
		  1,
		  "Input/output error" },
		/* A call that lasts is no reason to fail, nor is a hold. */
		{ { DEED_SPEND }, 1, 5000, 1, 0, 1, 0, "" },
		{ { DEED_HOLD }, 1, 0, 1, 0, 1, 0, "" },
	};
	struct task_counters c;
	struct stage stage;
	size_t i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_init(&stage, DEED_ACK);
		for (k = 0; k < cases[i].deed_count; k++)
			stage.deeds[k] = cases[i].deeds[k];
		stage.deed_count = cases[i].deed_count;
		stage.delay = cases[i].delay_ms * MS;
		c = stage_run(&stage);
		CHECK_UINT(c.roots, 1);
		CHECK_UINT(c.attempts, cases[i].attempts);
		CHECK_UINT(c.timed_out, cases[i].timed_out);
		CHECK_UINT(c.trees_acked, cases[i].acked);
		CHECK_UINT(c.dead_lettered, cases[i].dead);
		CHECK_UINT(c.replayed, cases[i].attempts - 1);
		CHECK_UINT(stage.letters, cases[i].dead);
		CHECK_CONTAINS(stage.reason, cases[i].reason);
	}
}

TEST(pauses_double)
{
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.plan.config.replay_max_attempts = 5;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 5);
	CHECK_UINT((stage.calls[1] - stage.calls[0]) / MS, 100);
	CHECK_UINT((stage.calls[2] - stage.calls[1]) / MS, 200);
	CHECK_UINT((stage.calls[3] - stage.calls[2]) / MS, 400);
	CHECK_UINT((stage.calls[4] - stage.calls[3]) / MS, 800);
}

TEST(what_is_held_does_not_time_out)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_HOLD);
	stage.records = 3;
	stage.pause = 100000 * MS;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 3);
	CHECK_UINT(c.attempts, 3);
	CHECK_UINT(c.timed_out, 0);
	CHECK(stage.calls[2] - stage.calls[1] >= 100000 * MS);
	/* What is retained so long does. */
	stage_init(&stage, DEED_FORGET);
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage.records = 2;
	stage.pause = 100000 * MS;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 2);
	CHECK_UINT(c.timed_out, 1);
}

TEST(a_timeout_comes_in_time)
{
	struct stage stage;
	uint64_t passed;

	stage_init(&stage, DEED_FORGET);
	stage.plan.config.replay_max_attempts = 2;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 2);
	passed = (stage.calls[1] - stage.calls[0]) / MS;
	/* A timeout and a pause, and up to a quarter of the timeout. */
	CHECK(passed >= 1100 && passed <= 1350);
}

TEST(the_hard_cap_holds)
{
	struct stage stage;
	uint64_t passed;

	stage_init(&stage, DEED_REMIND);
	stage.delay = 500 * MS;
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage.plan.config.message_timeout_max_ns = 5000 * MS;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 2);
	passed = (stage.calls[1] - stage.calls[0]) / MS;
	CHECK(passed >= 5100 && passed <= 5400);
}

TEST(a_second_ack_is_a_mistake_that_counts_for_nothing)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_TWICE);
	stage.records = 5;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 5);
	CHECK_UINT(c.trees_failed, 0);
}

TEST(without_replay_a_failure_is_a_loss)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.components[0].replay = GUST_REPLAY_NONE;
	c = stage_run(&stage);
	CHECK_UINT(c.lost, 1);
	CHECK_UINT(c.dead_lettered, 0);
	CHECK_UINT(stage.call_count, 1);
}

TEST(a_spout_of_its_own_is_told)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_FAIL);
	stage.components[0].replay = GUST_REPLAY_OWN;
	stage.deeds[2] = DEED_ACK;
	stage.deeds[1] = DEED_FAIL;
	stage.deed_count = 3;
	c = stage_run(&stage);
	CHECK_UINT(c.roots, 1);
	CHECK_UINT(c.attempts, 3);
	CHECK_UINT(c.trees_acked, 1);
	CHECK_UINT(stage.fails, 2);
	CHECK_UINT(stage.acks, 1);
	CHECK_UINT(stage.last_id, 0);
}

TEST(a_position_follows_what_is_done)
{
	struct stage stage;

	stage_init(&stage, DEED_ACK);
	stage.components[0].replay = GUST_REPLAY_POSITION;
	stage.records = 7;
	stage.deeds[0] = DEED_FAIL;
	stage.deeds[1] = DEED_ACK;
	stage.deed_count = 2;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 8);
	CHECK_UINT(stage.position, 7);
}
TEST(waiting_in_a_queue_is_not_failing)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_SPEND);
	stage.records = 10;
	stage.delay = 900 * MS;
	stage.plan.config.executors = 2;
	stage.components[1].dedicated = true;
	c = stage_run(&stage);
	CHECK_UINT(c.trees_acked, 10);
	CHECK_UINT(c.timed_out, 0);
}

TEST(ticks_keep_their_time_beside_long_calls)
{
	struct stage stage;

	stage_init(&stage, DEED_SPEND);
	stage.records = 500;
	stage.delay = 4 * MS;
	stage.components[1].tick_ns = 10 * MS;
	stage_run(&stage);
	CHECK_UINT(stage.call_count, 500);
	/* The first calls tell how long they are. */
	CHECK(stage.tick_pause >= 10 * MS && stage.tick_pause <= 50 * MS);
	stage_init(&stage, DEED_SPEND);
	stage.records = 500;
	stage.delay = 4 * MS;
	stage.plan.config.executors = 2;
	stage.components[1].executor = 1;
	stage.components[1].tick_ns = 10 * MS;
	stage_run(&stage);
	CHECK(stage.tick_pause >= 10 * MS && stage.tick_pause <= 50 * MS);
}
