/* SPDX-License-Identifier: MIT */

/* What an executor makes of a worker that is lost, and of a confused one. */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/executing.h"
#include "engine/executor.h"
#include "test.h"
#include "tuple/batch.h"

#define MS CLOCK_NS_PER_MS
#define SENT_MAX 64

/*
 * A spout with positions on executor 0 of worker 0, and a bolt that is alone on
 * executor 1 of worker 1. What goes there is caught.
 */
static struct {
	struct plan plan;
	struct plan_component components[2];
	struct plan_stream streams[1];
	struct plan_edge edges[1];
	uint64_t now;
	struct batch *sent[SENT_MAX];
	uint32_t sent_count;
	uint32_t records;
	char letter[64];
	uint32_t letter_task, letters;
	uint32_t charges;
	struct pulse pulses[2];
	struct task_counters counters[2];
	struct executing executing[2];
	struct executing_place places[2 * 8];
	struct executor_shared shared;
	struct executor *x;
} scene;

struct spout {
	uint32_t source;
	uint64_t offset;
};

static int spout_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct spout *spout = self;

	(void)error;
	return gust_source(task, "place", &spout->source, &spout->offset);
}

static int spout_next(void *self, struct gust_task *task)
{
	struct spout *spout = self;

	if (spout->offset == scene.records)
		return GUST_DONE;
	gust_emit_at(task, spout->source, spout->offset, spout->offset + 1,
		     gust_int((int64_t)spout->offset));
	spout->offset++;
	return GUST_EMITTED;
}

static int bolt_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const struct gust_spout spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "spout",
	.instance_size = sizeof(struct spout),
	.open = spout_open,
	.next = spout_next,
};
static const struct gust_bolt bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "bolt",
	.execute = bolt_execute,
};

static uint64_t host_now(void *self)
{
	(void)self;
	return scene.now;
}

static int64_t host_wall(void *self)
{
	(void)self;
	return (int64_t)scene.now;
}

static void *host_alloc(void *self, size_t size)
{
	(void)self;
	return aligned_alloc(16, (size + 15) & ~(size_t)15);
}

static void host_free(void *self, void *batch)
{
	(void)self;
	free(batch);
}

static void host_send(void *self, uint32_t to, void *batch, size_t size)
{
	(void)self;
	(void)size;
	CHECK_UINT(to, 1);
	CHECK(scene.sent_count < SENT_MAX);
	scene.sent[scene.sent_count++] = batch;
}

static void host_store(void *self, const struct letter *letter)
{
	(void)self;
	scene.letters++;
	scene.letter_task = letter->component;
	snprintf(scene.letter, sizeof(scene.letter), "%s", letter->reason);
}

static void host_position(void *self, uint32_t component, const char *source,
			  uint64_t offset)
{
	(void)self;
	(void)component;
	(void)source;
	(void)offset;
}

static uint64_t host_resume(void *self, uint32_t component, const char *source)
{
	(void)self;
	(void)component;
	(void)source;
	return 0;
}

static uint32_t host_charges(void *self, uint32_t component, uint64_t source,
			     uint64_t offset, const char **reason)
{
	(void)self;
	CHECK_UINT(component, 0);
	CHECK_UINT(source, hash_bytes("place", 5));
	*reason = "it kills";
	return offset == 1 ? scene.charges : 0;
}

static const struct executor_host host = {
	.now = host_now,
	.wall = host_wall,
	.batch_alloc = host_alloc,
	.batch_free = host_free,
	.send = host_send,
	.store = host_store,
	.position = host_position,
	.resume = host_resume,
	.charges = host_charges,
};

static void scene_open(void)
{
	scene.shared = (struct executor_shared){ .pulses = scene.pulses,
						 .counters = scene.counters,
						 .executing = scene.executing,
						 .places = scene.places,
						 .place_count = 8 };
	CHECK_INT(executor_create(&scene.plan, 0, &host, &scene.shared, 1,
				  &scene.x),
		  0);
	CHECK_INT(executor_open(scene.x, NULL), 0);
}

static void scene_init(uint32_t records, uint32_t attempts)
{
	memset(&scene, 0, sizeof(scene));
	scene.now = CLOCK_NS_PER_S;
	scene.records = records;
	scene.plan.name = "scene";
	scene.plan.config.executors = 1;
	scene.plan.config.workers = 1;
	scene.plan.config.replay_max_attempts = attempts;
	scene.plan.config.replay_backoff_ns = 100 * MS;
	scene.plan.config.memory_max_bytes = 1 << 28;
	scene.plan.config.tuple_max_bytes = 1 << 20;
	scene.plan.config.state_commit_ns = 100 * MS;
	scene.plan.config.acking = true;
	scene.plan.components = scene.components;
	scene.plan.component_count = 2;
	scene.plan.streams = scene.streams;
	scene.plan.stream_count = 1;
	scene.plan.edges = scene.edges;
	scene.plan.edge_count = 1;
	scene.components[0] =
		(struct plan_component){ .id = "spout",
					 .kind = PLAN_SPOUT,
					 .spout = &spout,
					 .replay = GUST_REPLAY_POSITION,
					 .executor = -1,
					 .instance_size = sizeof(struct spout),
					 .stream_count = 1,
					 .task_count = 1 };
	scene.components[1] = (struct plan_component){ .id = "bolt",
						       .kind = PLAN_BOLT,
						       .bolt = &bolt,
						       .executor = -1,
						       .isolate = true,
						       .first_stream = 1,
						       .task_count = 1 };
	scene.streams[0] = (struct plan_stream){ .name = "default",
						 .columns = columns,
						 .column_count = 1 };
	scene.edges[0].to = 1;
	CHECK_INT(plan_derive(&scene.plan, NULL), 0);
	CHECK_UINT(scene.plan.worker_count, 2);
	CHECK_UINT(scene.plan.tasks[1].executor, 1);
	scene_open();
}

static void scene_forget(void)
{
	while (scene.sent_count > 0)
		free(scene.sent[--scene.sent_count]);
}

static void scene_fini(void)
{
	scene_forget();
	executor_destroy(scene.x);
	plan_fini_derived(&scene.plan);
}

/* Runs for 10 ms. */
static void scene_run(void)
{
	for (int i = 0; i < 100; i++) {
		(void)executor_step(scene.x);
		scene.now += MS / 10;
	}
}

/* How many sections of a kind were sent; the last one's place. */
static uint32_t scene_count(enum section_kind kind, const struct section **last)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < scene.sent_count; i++) {
		const struct section *s = batch_begin(scene.sent[i]);

		for (; s < batch_end(scene.sent[i]); s = section_next(s)) {
			count += s->kind == kind;
			if (s->kind == kind && last != NULL)
				*last = s;
		}
	}
	return count;
}

static uint64_t scene_root(void)
{
	const struct section *run = NULL;

	CHECK(scene_count(SECTION_RUN, &run) > 0);
	return section_anchors(run)->root;
}

TEST(a_loss_is_no_attempt)
{
	const struct task_counters *c;

	scene_init(3, 1);
	c = executor_counters(scene.x, 0);
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 3);
	for (uint32_t i = 1; i <= 5; i++) {
		scene_forget();
		executor_lost(scene.x, 1);
		scene_run();
		CHECK_UINT(scene_count(SECTION_RUN, NULL), 3);
		CHECK_UINT(c->attempts, 3 * (i + 1));
		CHECK_UINT(c->trees_failed, 3 * i);
		CHECK_UINT(c->replayed, 3 * i);
	}
	CHECK_UINT(c->roots, 3);
	CHECK_UINT(c->open_trees, 3);
	CHECK_UINT(scene.letters, 0);
	scene_fini();
}

/* A tree that it has rooted since may have been here before this was known. */
TEST(the_next_incarnation_is_told)
{
	const struct section *told = NULL;

	scene_init(3, 1);
	scene_run();
	scene_forget();
	executor_lost(scene.x, 1);
	scene_run();
	CHECK_UINT(scene_count(SECTION_LOST, &told), 1);
	CHECK_UINT(told->task, 1);
	scene_fini();
}

TEST(credit_begins_anew)
{
	scene_init(2, 5);
	executor_destroy(scene.x);
	scene.plan.config.credit_bytes = 1;
	scene_open();
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 1);
	scene_forget();
	executor_lost(scene.x, 1);
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 1);
	CHECK_UINT(executor_counters(scene.x, 0)->roots, 1);
	scene_fini();
}

TEST(a_charge_is_an_attempt)
{
	scene_init(1, 1);
	scene_run();
	executor_charge(scene.x, scene_root(), 1, "it killed");
	executor_lost(scene.x, 1);
	scene_run();
	CHECK_UINT(scene.letters, 1);
	CHECK_UINT(scene.letter_task, 1);
	CHECK_STR(scene.letter, "it killed");
	scene_fini();
}

TEST(an_attempt_given_up_since_is_charged_as_well)
{
	uint64_t root;

	scene_init(1, 1);
	scene_run();
	root = scene_root();
	executor_lost(scene.x, 1);
	scene_run();
	CHECK(scene_root() != root);
	executor_charge(scene.x, root, UINT32_MAX, "it killed");
	CHECK_UINT(scene.letters, 1);
	CHECK_STR(scene.letter, "it killed");
	/* Of another tree, and of nobody. */
	executor_charge(scene.x, root + 9, 0, "");
	executor_charge(scene.x, UINT64_MAX, 0, "");
	CHECK_UINT(scene.letters, 1);
	scene_fini();
}

TEST(earlier_deaths_are_attempts)
{
	scene_init(3, 3);
	scene.charges = 2;
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 3);
	scene_fini();
	scene_init(3, 3);
	scene.charges = 3;
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 2);
	CHECK_UINT(scene.letters, 1);
	CHECK_STR(scene.letter, "it kills");
	scene_fini();
}

TEST(who_has_ended_says_so_again)
{
	const struct section *mark = NULL;

	scene_init(0, 3);
	scene_run();
	CHECK_UINT(scene_count(SECTION_MARK, NULL), 2);
	CHECK(executor_done(scene.x));
	scene_forget();
	executor_lost(scene.x, 1);
	scene_run();
	CHECK(executor_done(scene.x));
	CHECK_UINT(scene_count(SECTION_MARK, &mark), 2);
	CHECK_UINT(mark->count, MARK_END);
	/* The next incarnation, too. */
	scene_forget();
	executor_destroy(scene.x);
	CHECK_UINT(scene.counters[0].state, TASK_DONE);
	scene.records = 5;
	scene_open();
	scene_run();
	CHECK_UINT(scene_count(SECTION_RUN, NULL), 0);
	CHECK_UINT(scene_count(SECTION_MARK, NULL), 2);
	CHECK(executor_done(scene.x));
	scene_fini();
}

/* A batch of the other worker, of which one section is to be set. */
static struct section *confuse(struct batch **batch, enum section_kind kind,
			       size_t size)
{
	struct section *section;

	*batch = host_alloc(NULL, sizeof(**batch) + sizeof(*section) + size);
	memset(*batch, 0, sizeof(**batch) + sizeof(*section) + size);
	(*batch)->version = BATCH_VERSION;
	(*batch)->from = 1;
	(*batch)->size = (uint32_t)(sizeof(**batch) + sizeof(*section) + size);
	section = (void *)(*batch + 1);
	section->size = (uint32_t)(sizeof(*section) + size);
	section->kind = (uint16_t)kind;
	section->count = 1;
	return section;
}

TEST(what_a_confused_worker_sends_is_left_out)
{
	const struct executor_usage *usage;
	struct batch_credit *credit;
	struct section *section;
	struct batch *batch;

	scene_init(1, 3);
	usage = executor_usage(scene.x);
	scene_run();
	/* A task that is not here. */
	section = confuse(&batch, SECTION_MARK, 0);
	section->task = 1;
	executor_receive(scene.x, batch, batch->size);
	CHECK_UINT(usage->strays, 1);
	/* A mark of nobody that the task waits for. */
	section = confuse(&batch, SECTION_MARK, 0);
	section->extra = 1;
	executor_receive(scene.x, batch, batch->size);
	scene_run();
	CHECK_UINT(usage->strays, 2);
	/* Credit that was never taken. */
	section = confuse(&batch, SECTION_CREDITS, sizeof(*credit));
	credit = (void *)(section + 1);
	credit->task = 1;
	credit->line = 1;
	credit->bytes = UINT64_MAX;
	executor_receive(scene.x, batch, batch->size);
	CHECK_UINT(usage->strays, 3);
	/* From ourselves, and to another one. */
	confuse(&batch, SECTION_MARK, 0);
	batch->from = 0;
	executor_receive(scene.x, batch, batch->size);
	confuse(&batch, SECTION_MARK, 0);
	batch->to = 1;
	executor_receive(scene.x, batch, batch->size);
	CHECK_UINT(usage->strays, 5);
	scene_fini();
}

TEST(the_position_of_a_charged_root_is_found)
{
	struct executing_charge charges[EXECUTING_CHARGES_MAX],
		*charge = charges;
	uint64_t root;

	scene_init(1, 3);
	scene_run();
	root = scene_root();
	executor_lost(scene.x, 1);
	scene_run();
	/* As if executor 1 died of the first attempt. */
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 1, false, charges),
		0);
	scene.executing[1] =
		(struct executing){ EXECUTING_ROOT, root, 1, 0, 0, { 0 } };
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 1, false, charges),
		1);
	CHECK(charge->positioned);
	CHECK_UINT(charge->task, 1);
	CHECK_UINT(charge->component, 0);
	CHECK_UINT(charge->source, hash_bytes("place", 5));
	CHECK_UINT(charge->offset, 0);
	CHECK(!executing_crashed(&scene.shared, 0, 2));
	scene.executing[0].state = EXECUTING_CRASHED;
	CHECK(executing_crashed(&scene.shared, 0, 2));
	CHECK_UINT(executing_find(&scene.plan, &scene.shared, 1, true, charges),
		   0);
	executing_clear(&scene.shared, 0, 2);
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 1, false, charges),
		0);
	scene_fini();
}

/* The ledger of a derived tree died with the worker, and that of what it stood
 * for lives, or has left its position. */
TEST(a_derived_tree_is_charged_to_what_it_stood_for)
{
	struct executing_charge charges[EXECUTING_CHARGES_MAX];
	const uint64_t derived = UINT64_C(1) << 48 | 2 << 24 | 7;
	uint64_t root;

	scene_init(2, 3);
	scene_run();
	root = scene_root();
	scene.places[8 + 2].root = derived;
	scene.places[8 + 2].inputs[0] = root;
	scene.places[8 + 2].inputs[1] = root - (1 << 24);
	scene.executing[1] =
		(struct executing){ EXECUTING_ROOT, derived, 1, 0, 0, { 0 } };
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 1, false, charges),
		2);
	CHECK_UINT(charges[0].root, root);
	CHECK_UINT(charges[0].task, 1);
	CHECK_UINT(charges[0].component, 0);
	CHECK(charges[0].positioned);
	CHECK_UINT(charges[0].offset, 1);
	/* Where the ledger lives, the tree itself is. */
	scene.executing[0] = scene.executing[1];
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 0, false, charges),
		1);
	CHECK_UINT(charges[0].root, derived);
	CHECK(!charges[0].positioned);
	/* One that stands for itself ends the search. */
	scene.places[8 + 2].inputs[0] = derived;
	scene.places[8 + 2].inputs[1] = derived;
	CHECK_UINT(
		executing_find(&scene.plan, &scene.shared, 1, false, charges),
		1);
	scene_fini();
}

TEST(a_dead_task_leaves_what_comes_again_or_is_lost)
{
	struct task_counters c;

	scene_init(1, 3);
	c = (struct task_counters){ .roots = 10,
				    .trees_acked = 4,
				    .dead_lettered = 1,
				    .attempts = 12,
				    .trees_failed = 3,
				    .open_trees = 5 };
	CHECK_UINT(executor_bury(&scene.plan, 0, &c), 0);
	CHECK_UINT(c.roots, 5);
	CHECK_UINT(c.trees_failed, 8);
	CHECK_UINT(c.open_trees, 0);
	scene.components[0].replay = GUST_REPLAY_RECORD;
	c = (struct task_counters){ .roots = 10, .trees_acked = 4 };
	CHECK_UINT(executor_bury(&scene.plan, 0, &c), 6);
	CHECK_UINT(c.lost, 6);
	c = (struct task_counters){ .roots = 10, .derived_trees = 7 };
	CHECK_UINT(executor_bury(&scene.plan, 1, &c), 3);
	CHECK_UINT(c.roots, 3);
	scene_fini();
}
