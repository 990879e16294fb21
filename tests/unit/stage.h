/* SPDX-License-Identifier: MIT */

#ifndef TEST_STAGE_H
#define TEST_STAGE_H

/*
 * A stage for tests of the engine on a simulated clock: a spout that emits its
 * records, and a bolt that does with each what the test says. Included once,
 * like test.h.
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
	DEED_SPEND,  /* takes `delay` within the call */
	DEED_WAIT,   /* says not now, until a timer of `delay` is due */
	/* Mistakes. */
	DEED_FOREIGN, /* acks its input, which it does not keep */
	DEED_LEAVE,   /* holds, and leaves that so in flush() */
	DEED_STREAM,  /* emits to a stream that it has not declared */
	DEED_TYPE,    /* emits a text for a number */
	DEED_COUNT,   /* emits a value too many */
	DEED_LARGE,   /* emits more than tuples may hold */
	DEED_CODE     /* returns a code that has no meaning */
};

struct stage {
	struct plan plan;
	struct plan_component components[2];
	struct plan_stream streams[3];
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
	struct task_counters worker;
	struct sim_usage usage;
	uint64_t ended;
	char said[512];              /* what was logged first */
	int refused;                 /* what the last bad emit returned */
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

static int blunder(struct stage *stage, struct gust_task *task,
		   const struct gust_tuple *in, enum deed deed)
{
	static const char text[2000];

	switch (deed) {
	case DEED_FOREIGN:
		gust_ack(task, in);
		return 0;
	case DEED_LEAVE:
		return gust_hold(task, in) == NULL ? -ENOMEM : 0;
	case DEED_STREAM:
		stage->refused = gust_emit_to(task, 7, gust_int(1));
		return 0;
	case DEED_TYPE:
		stage->refused = gust_emit(task, gust_string("1", 1));
		return 0;
	case DEED_COUNT:
		stage->refused = gust_emit(task, gust_int(1), gust_int(2));
		return 0;
	case DEED_LARGE:
		stage->refused = gust_emit_to(task, 1, gust_string(text, 2000));
		return 0;
	case DEED_CODE:
		return 42;
	default:
		return -EINVAL;
	}
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
	case DEED_WAIT:
		if (call == 0)
			gust_timer(task, stage->delay, (uint64_t)deed);
		return actor->reminded > 0 ? 0 : gust_not_now(task, "wait");
	default:
		return blunder(stage, task, in, deed);
	}
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

	if (cookie == DEED_WAIT)
		actor->reminded++;
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
static const struct gust_column text_columns[] = { { "text", GUST_STRING },
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
	stage->components[1].stream_count = 2;
	stage->streams[1] = stage->streams[0];
	stage->streams[1].component = 1;
	stage->streams[2].name = "texts";
	stage->streams[2].component = 1;
	stage->streams[2].columns = text_columns;
	stage->streams[2].column_count = 1;
	stage->edges[0].to = 1;
	stage->plan.name = "stage";
	stage->plan.components = stage->components;
	stage->plan.component_count = 2;
	stage->plan.streams = stage->streams;
	stage->plan.stream_count = 3;
	stage->plan.edges = stage->edges;
	stage->plan.edge_count = 1;
}

static void on_letter(void *self, const struct letter *letter)
{
	struct stage *stage = self;

	stage->letters++;
	snprintf(stage->reason, sizeof(stage->reason), "%s", letter->reason);
}

static void on_log(void *self, uint32_t task, enum gust_log_level level,
		   const char *text)
{
	struct stage *stage = self;

	(void)task;
	(void)level;
	if (stage->said[0] == '\0')
		snprintf(stage->said, sizeof(stage->said), "%s", text);
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
static inline struct task_counters stage_run(struct stage *stage)
{
	struct sim_outside outside = { .self = stage,
				       .letter = on_letter,
				       .position = on_position,
				       .log = on_log };
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
	stage->worker = *sim_counters(stage->sim, 1);
	stage->usage = *sim_usage(stage->sim);
	stage->ended = sim_now(stage->sim);
	CHECK_UINT(counters.attempts,
		   counters.trees_acked + counters.trees_failed);
	CHECK_UINT(sim_destroy(stage->sim), 0);
	plan_fini_derived(&stage->plan);
	return counters;
}

#endif
