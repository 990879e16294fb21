/* SPDX-License-Identifier: MIT */

/*
 * Effects on state, exactly once: topologies of deterministic bolts with
 * durable state and topology.state.dedupe in the simulator, where bolts fail,
 * commits fail and come late, workers die, and whole runs are killed and begin
 * again from positions that were stored some time before. In the end the stores
 * hold just what the records come to.
 *
 *	exact [--seeds N] [--from N] [--seed N] [--expect-failure]
 *
 * as sim; with SIM_TRACE=1 every event of a seed is printed.
 *
 * A record comes to some marks (split), several of one key among them; each is
 * counted by its key (tally), is emitted again under another key and counted
 * once more (total), as is the record itself. Between the two counts it goes
 * one of several ways, see exact.h.
 */

#include "exact.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/keyspace.h"
#include "state/ram.h"

#define EVENTS_MAX 3000000

static const struct gust_column columns[] = {
	{ "key", GUST_INT },
	{ "mark", GUST_INT },
	{ "amount", GUST_INT },
	{ NULL, GUST_NULL },
};

static const uint16_t keys[] = { 0 };

static void fail(struct scene *scene, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fail(struct scene *scene, const char *format, ...)
{
	va_list arguments;

	if (scene->failure != NULL)
		return;
	va_start(arguments, format);
	vsnprintf(scene->text, sizeof(scene->text), format, arguments);
	va_end(arguments);
	scene->failure = scene->text;
}

static void on_position(void *self, uint32_t component, const char *name,
			uint64_t offset)
{
	struct scene *scene = self;

	(void)component;
	scene->told[name[1] - '0'] = offset;
	/* The disk has it now and then. */
	for (uint32_t i = 0; i < SOURCES; i++)
		if (chance(scene, 100))
			scene->stored[i] = scene->told[i];
}

static uint64_t on_resume(void *self, uint32_t component, const char *name)
{
	const struct scene *scene = self;

	(void)component;
	return scene->told[name[1] - '0'];
}

static int on_state(void *self, uint32_t task, struct store **store,
		    struct gust_error *error)
{
	struct scene *scene = self;

	(void)error;
	if (scene->disks[task] == NULL)
		scene->disks[task] = ram_create();
	assert(scene->disks[task] != NULL);
	return ram_open(scene->disks[task], store);
}

static void on_letter(void *self, const struct letter *letter)
{
	fail(self, "a record became a letter: %s", letter->reason);
}

static void on_trace(void *self, uint64_t now_ns, const char *text)
{
	(void)self;
	fprintf(stderr, "%14.6f ms  %s\n", (double)now_ns / 1e6, text);
}

static uint64_t pick(struct scene *scene, const uint64_t *values, size_t count)
{
	return values[random_below(&scene->random, (uint32_t)count)];
}

#define PICK(scene, ...)                                                       \
	pick((scene), (const uint64_t[]){ __VA_ARGS__ },                       \
	     sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void draw_config(struct scene *scene)
{
	struct plan_config *config = &scene->plan.config;

	config->executors = 1 + random_below(&scene->random, 3);
	config->workers = (uint32_t)PICK(scene, 1, 2, 3);
	config->max_spout_pending = PICK(scene, 0, 3, 100);
	config->message_timeout_ns = PICK(scene, 500 * MS, 30000 * MS);
	config->replay_max_attempts = 1000000;
	config->replay_backoff_ns = MS;
	config->replay_hold_ns = 60000 * MS;
	config->retry_max_ns = PICK(scene, 50 * MS, 600000 * MS);
	config->memory_max_bytes = 1 << 28;
	config->tuple_max_bytes = 1 << 20;
	config->credit_bytes = PICK(scene, 0, 1, 300);
	config->drain_timeout_ns = 30000 * MS;
	config->state_commit_ns = PICK(scene, 1 * MS, 100 * MS);
	config->state_commit_tuples = PICK(scene, 1, 5, 10000);
	config->state_dedupe = true;
	config->dead_letters = "unused";
	config->acking = true;
}

static void draw_world(struct scene *scene)
{
	struct sim_config *world = &scene->world;

	world->seed = random_next(&scene->random);
	world->clock_ns = PICK(scene, 0, 10000, 300000);
	world->delay_ns = PICK(scene, 0, 1000, 20 * MS);
	world->commit_ns = PICK(scene, 0, MS, 50 * MS, 300 * MS);
	world->commit_fail = (uint32_t)PICK(scene, 0, 0, 100, 500);
	world->event_ns = MS;
	world->leap_chance = (uint32_t)PICK(scene, 0, 100);
	world->frame_ns = PICK(scene, 0, MS);
	world->frame_loss = (uint32_t)PICK(scene, 0, 100);
	world->failure_ns = PICK(scene, 0, 500 * MS);
	world->deaths = (uint32_t)PICK(scene, 0, 1, 3, 8);
	world->death_ns = PICK(scene, 5 * MS, 100 * MS, 300 * MS);
	world->zombies = (uint32_t)PICK(scene, 0, 300);
	world->restart_ns = PICK(scene, 1000, 50 * MS);
	scene->fail = (uint32_t)PICK(scene, 0, 10, 100);
	scene->again = (uint32_t)PICK(scene, 0, 20);
	scene->records = 5 + random_below(&scene->random, 60);
	for (uint32_t i = 0; i + 1 < RUNS_MAX && chance(scene, 600); i++)
		scene->kills[i] = 1 + random_below(&scene->random, 3000);
}

static void draw_edge(struct scene *scene, uint32_t at, uint32_t stream,
		      uint32_t to, enum plan_grouping grouping)
{
	scene->edges[at] = (struct plan_edge){
		.stream = stream,
		.from = scene->streams[stream].component,
		.to = to,
		.grouping = grouping,
		.keys = keys,
		.key_count = grouping == PLAN_FIELDS ? 1 : 0,
	};
}

/* What stands between the two counts. */
static void draw_way(struct scene *scene)
{
	static const char *const window_keys[] = { "key" };
	struct plan_component *tally = &scene->components[TALLY];

	scene->way = (enum way)random_below(&scene->random, WAYS);
	scene->retains = chance(scene, 300);
	scene->wild = chance(scene, 300);
	/* A batch is of those that came together by chance. */
	if (!scene->wild && scene->way != WAY_BATCHES)
		tally->flags |= GUST_DETERMINISTIC;
	if (scene->way == WAY_TICKS)
		tally->tick_ns = PICK(scene, MS, 30 * MS);
	if (scene->way != WAY_WINDOWS)
		return;
	scene->window.type =
		chance(scene, 300) ? GUST_TUMBLING_COUNT : GUST_TUMBLING;
	scene->window.length = scene->window.type == GUST_TUMBLING
				       ? (int64_t)PICK(scene, MS, 30 * MS)
				       : 3;
	scene->window.slide = scene->window.length;
	scene->window.keys = window_keys;
	scene->window.key_count = 1;
	tally->window = &scene->window;
	tally->late = UINT32_MAX;
	tally->bolt = &exact_windowed;
	tally->flags &= ~GUST_STATE;
}

static void draw_plan(struct scene *scene)
{
	static const char *const ids[] = { "source", "split", "tally",
					   "total" };
	struct plan *plan = &scene->plan;
	const struct gust_error none = { 0 };
	struct gust_error error = none;
	int r;

	for (uint32_t i = 0; i < COMPONENTS; i++) {
		struct plan_component *c = &scene->components[i];

		c->id = ids[i];
		c->kind = i == SOURCE ? PLAN_SPOUT : PLAN_BOLT;
		c->spout = i == SOURCE ? &exact_source : NULL;
		c->bolt = i == SOURCE  ? NULL
			  : i == SPLIT ? &exact_split
				       : &exact_tally;
		c->replay = GUST_REPLAY_POSITION;
		c->flags = GUST_STATE;
		c->executor = -1;
		c->task_count = 1 + random_below(&scene->random, SOURCES);
		c->first_stream = i < TOTAL ? i : 0;
		c->stream_count = i < TOTAL;
		c->message_timeout_ns = plan->config.message_timeout_ns;
		c->max_spout_pending = plan->config.max_spout_pending;
		if (i < TOTAL)
			scene->streams[i] = (struct plan_stream){
				.name = "default",
				.component = i,
				.columns = columns,
				.column_count = 3,
			};
	}
	draw_way(scene);
	draw_edge(scene, 0, SOURCE, SPLIT, PLAN_SHUFFLE);
	draw_edge(scene, 1, SPLIT, TALLY, PLAN_FIELDS);
	draw_edge(scene, 2, TALLY, TOTAL, PLAN_FIELDS);
	draw_edge(scene, 3, SOURCE, TOTAL, PLAN_FIELDS);
	plan->name = "exact";
	plan->components = scene->components;
	plan->component_count = COMPONENTS;
	plan->streams = scene->streams;
	plan->stream_count = 3;
	plan->edges = scene->edges;
	plan->edge_count = 4;
	r = plan_derive(plan, &error);
	assert(r == 0);
}

/* One run; whether it came to its end. */
static bool run(struct scene *scene, uint64_t kill)
{
	struct sim_outside outside = { .self = scene,
				       .letter = on_letter,
				       .position = on_position,
				       .resume = on_resume,
				       .state = on_state,
				       .trace =
					       scene->trace ? on_trace : NULL };
	static struct actor actors[COMPONENTS];
	struct gust_error error = { 0 };
	enum sim_state state = SIM_RUNNING;
	uint64_t events = 0;

	for (uint32_t i = 0; i < COMPONENTS; i++) {
		actors[i] = (struct actor){ .scene = scene, .component = i };
		scene->components[i].instance = &actors[i];
		scene->components[i].instance_size = sizeof(struct actor);
	}
	if (sim_create(&scene->plan, &scene->world, &outside, &scene->sim,
		       &error) < 0) {
		fail(scene, "cannot open: %s", error.text);
		return false;
	}
	while (state == SIM_RUNNING && scene->failure == NULL &&
	       (kill == 0 || events < kill)) {
		state = sim_step(scene->sim);
		if (++events > EVENTS_MAX)
			fail(scene, "there is no end");
	}
	if (state == SIM_STANDSTILL)
		fail(scene, "nothing can happen any more");
	/* A store that failed for too long ends the run; the next goes on. */
	if (state == SIM_DONE && sim_failure(scene->sim) == NULL)
		return sim_destroy(scene->sim), true;
	sim_crash(scene->sim);
	/* What only memory knew is gone with the process. */
	memcpy(scene->told, scene->stored, sizeof(scene->told));
	return false;
}

static uint64_t counted(struct scene *scene, uint32_t component, uint32_t at)
{
	const struct plan_component *c = &scene->components[component];
	struct gust_value value = gust_int(at);
	const struct gust_key key = { .values = &value, .count = 1 };
	struct gust_error error = { 0 };
	uint64_t sum = 0;

	for (uint32_t i = 0; i < c->task_count; i++) {
		struct keyspace_options options = { 0 };
		struct keyspace *keyspace;
		struct gust_state *state;
		int64_t total = 0;
		int r;

		if (scene->disks[c->first_task + i] == NULL)
			continue;
		r = ram_open(scene->disks[c->first_task + i], &options.store);
		assert(r == 0);
		r = keyspace_open(&keyspace, &options, &error);
		assert(r == 0);
		r = keyspace_state(keyspace, "counts", 0, &state, &error);
		assert(r == 0);
		r = gust_state_add(state, &key, 0, &total);
		assert(r >= 0);
		sum += (uint64_t)total;
		keyspace_close(keyspace);
		store_close(options.store);
	}
	return sum;
}

static void check_counts(struct scene *scene, uint32_t component,
			 const uint64_t *expected)
{
	for (uint32_t i = 0; i < KEYS; i++) {
		uint64_t found = counted(scene, component, i);

		if (found != expected[i])
			fail(scene,
			     "'%s' has counted %" PRIu64 " of key %u, expected "
			     "%" PRIu64,
			     scene->components[component].id, found,
			     (unsigned)i, expected[i]);
	}
}

/* Where nobody knows which key something goes on with. */
static void check_sum(struct scene *scene, uint32_t component,
		      const uint64_t *expected)
{
	uint64_t found = 0, sum = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		found += counted(scene, component, i);
		sum += expected[i];
	}
	if (found != sum)
		fail(scene, "'%s' has counted %" PRIu64 ", expected %" PRIu64,
		     scene->components[component].id, found, sum);
}

static void check(struct scene *scene)
{
	uint64_t expected[COMPONENTS][KEYS] = { 0 };

	for (uint32_t s = 0; s < scene->components[SOURCE].task_count; s++)
		for (uint32_t i = 0; i < scene->records; i++) {
			uint64_t mark = record_mark(s, i);

			expected[TOTAL][mark % KEYS]++;
			for (uint32_t k = 0; k < record_count(mark); k++) {
				uint32_t key = mark_key(mark, k);

				expected[TALLY][key]++;
				expected[TOTAL][key_on(key)]++;
			}
		}
	/* Windows count nothing by themselves. */
	if (scene->way != WAY_WINDOWS)
		check_counts(scene, TALLY, expected[TALLY]);
	if (scene->wild)
		check_sum(scene, TOTAL, expected[TOTAL]);
	else
		check_counts(scene, TOTAL, expected[TOTAL]);
}

static bool run_seed(uint64_t seed, bool trace)
{
	static struct scene scene;

	memset(&scene, 0, sizeof(scene));
	random_seed(&scene.random, seed);
	scene.trace = trace;
	draw_config(&scene);
	draw_world(&scene);
	draw_plan(&scene);
	for (uint32_t i = 0; scene.failure == NULL && i < 100; i++)
		if (run(&scene, i < RUNS_MAX ? scene.kills[i] : 0))
			break;
	if (scene.failure == NULL)
		check(&scene);
	if (scene.failure != NULL)
		printf("FAILED seed %" PRIu64 ": %s\n", seed, scene.failure);
	fflush(stdout);
	for (uint32_t i = 0; i < TASKS; i++) {
		ram_destroy(scene.disks[i]);
		free(scene.keeping[i].tuples);
		free(scene.keeping[i].keys);
	}
	plan_fini_derived(&scene.plan);
	return scene.failure == NULL;
}

int main(int argc, char **argv)
{
	const bool trace = getenv("SIM_TRACE") != NULL;
	uint64_t from = 1, count = 500, passed = 0, failed = 0;
	bool expect_failure = false;

	for (int i = 1; i < argc; i++) {
		uint64_t number = 0;

		if (strcmp(argv[i], "--expect-failure") == 0) {
			expect_failure = true;
			continue;
		}
		if (i + 1 < argc)
			number = strtoull(argv[i + 1], NULL, 10);
		if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			return !run_seed(number, trace);
		if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
			count = number;
		else if (i + 1 < argc && strcmp(argv[i], "--from") == 0)
			from = number;
		else
			return fprintf(stderr, "'%s' is not understood\n",
				       argv[i]),
			       2;
		i++;
	}
	for (uint64_t seed = from; seed < from + count; seed++) {
		if (run_seed(seed, false))
			passed++;
		else
			failed++;
		if (failed > 0 && expect_failure)
			break;
	}
	if (expect_failure) {
		passed = failed > 0;
		failed = !passed;
	}
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", passed, failed);
	return failed > 0;
}
