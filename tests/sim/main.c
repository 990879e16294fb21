/* SPDX-License-Identifier: MIT */

/*
 * Runs random topologies in the simulator, each from a seed, and compares what
 * the engine reports with what the oracle saw.
 *
 *	sim [--seeds N] [--from N] [--seed N] [--expect-failure]
 *
 * --seeds N  so many seeds, 2000 unless told
 * --from N   beginning with that one, 1 unless told
 * --seed N   only that one; with SIM_TRACE=1 every event is printed
 * --expect-failure  for mutants: passes when one of the seeds fails, and stops
 *                   there
 *
 * Seeds run in a child process, so that one that crashes or hangs is named and
 * the others go on.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "effects.h"
#include "oracle.h"
#include "world.h"

/* Without a tuple emitted or executed. */
#define EVENTS_MAX 2000000
#define STUCK_NS (10 * CLOCK_NS_PER_S)
#define TIME_MAX_NS (24 * 3600 * CLOCK_NS_PER_S)
#define SEED_SECONDS 30
#define FAILURES_SHOWN 10

/* For AddressSanitizer: what an emit has in hand is lost when a worker dies of
 * what it calls. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:gust_emit_with\n";
}

static void on_letter(void *self, const struct letter *letter)
{
	struct world *world = self;

	oracle_letter(world->oracle, letter);
}

static void on_position(void *self, uint32_t component, const char *name,
			uint64_t offset)
{
	struct world *world = self;
	struct world_source *source = world_source(world, component, name, 0);
	uint64_t i;

	if (offset > source->count) {
		world_fail(world,
			   "position %" PRIu64 " of '%s' is past its "
			   "end",
			   offset, name);
		return;
	}
	if (offset < source->stored)
		world_fail(world,
			   "position of '%s' goes back from %" PRIu64
			   " to %" PRIu64,
			   name, source->stored, offset);
	for (i = source->stored; i < offset; i++)
		if (!source->settled[i])
			world_fail(world,
				   "position of '%s' passes record "
				   "%" PRIu64 ", which is not complete",
				   name, i);
	source->stored = offset;
}

static uint64_t on_resume(void *self, uint32_t component, const char *name)
{
	struct world *world = self;

	return world_source(world, component, name, 0)->stored;
}

static void on_died(void *self, uint32_t worker)
{
	struct world *world = self;

	world->deaths++;
	world->died[worker] = true;
}

static void on_trace(void *self, uint64_t now_ns, const char *text)
{
	struct world *world = self;

	(void)now_ns;
	world_trace(world, "%s", text);
}

static void interfere(struct world *world)
{
	uint64_t events = sim_usage(world->sim)->events;

	if (world->stop_after > 0 && events == world->stop_after) {
		world->stopped = true;
		sim_stop(world->sim);
	}
	/* The budget is full of held trees: what a worker does then. */
	if (!sim_stuck(world->sim))
		world->unstuck_ns = sim_now(world->sim);
	if (!world->stopped &&
	    sim_now(world->sim) - world->unstuck_ns > STUCK_NS) {
		world->stopped = true;
		sim_stop(world->sim);
	}
	if (world->abort_after > 0 && events == world->abort_after) {
		world->aborted = true;
		if (!world->crash)
			sim_abort(world->sim);
	}
}

/* Ticks and timers alone do not count. */
static void check_progress(struct world *world)
{
	uint64_t events = sim_usage(world->sim)->events;
	uint64_t progress = oracle_progress(world->oracle);

	if (progress != world->progress) {
		world->progress = progress;
		world->progress_at = events;
	}
	if (events - world->progress_at > EVENTS_MAX ||
	    sim_now(world->sim) > TIME_MAX_NS)
		world_fail(world,
			   "there is no end after %" PRIu64 " events and "
			   "%" PRIu64 " s",
			   events, sim_now(world->sim) / CLOCK_NS_PER_S);
}

static void check_end(struct world *world, enum sim_state state)
{
	if (state == SIM_STANDSTILL)
		world_fail(world,
			   "nothing can happen any more, but not all is done%s",
			   sim_stuck(world->sim)
				   ? ": held trees fill the memory"
				   : "");
	if (!world->failed)
		oracle_check_end(world->oracle);
	if (!world->failed && !world->aborted &&
	    sim_failure(world->sim) == NULL)
		effects_check_end(world);
}

/* The last positions are told when the executors are closed. */
static void check_sources(struct world *world)
{
	uint32_t i, k;

	for (i = 0; i < world->source_count; i++) {
		const struct world_source *source = &world->sources[i];

		for (k = 0; k < source->count; k++)
			if (!source->settled[k])
				world_fail(world,
					   "record %" PRIu32 " of '%s' was "
					   "never processed",
					   k, source->name);
		if (source->stored != source->count)
			world_fail(world,
				   "the last position of '%s' is %" PRIu64
				   ", expected %" PRIu32,
				   source->name, source->stored, source->count);
	}
}

/* From an empty engine until it is done. */
static void run_once(struct world *world)
{
	struct sim_outside outside = { .self = world,
				       .letter = on_letter,
				       .position = on_position,
				       .resume = on_resume,
				       .state = effects_state,
				       .frozen = effects_frozen,
				       .stored = effects_stored,
				       .died = on_died,
				       .trace =
					       world->trace ? on_trace : NULL };
	struct gust_error error = { 0 };
	enum sim_state state = SIM_RUNNING;
	size_t left;

	if (world->runs++ > 0)
		effects_forget_outbox(world);
	world->oracle = oracle_create(world);
	if (sim_create(&world->plan, &world->sim_config, &outside, &world->sim,
		       &error) < 0) {
		world_fail(world, "cannot open: %s", error.text);
		goto out;
	}
	world->unstuck_ns = sim_now(world->sim);
	world->progress_at = 0;
	while (!world->failed && state == SIM_RUNNING) {
		interfere(world);
		if (world->aborted && world->crash)
			break;
		state = sim_step(world->sim);
		oracle_check(world->oracle);
		bound_check(world);
		check_progress(world);
	}
	/* A store that fails for too long ends the run. */
	if (state == SIM_DONE && sim_failure(world->sim) != NULL)
		world->stopped = true;
	if (!world->failed && state != SIM_RUNNING)
		check_end(world, state);
	if (world->failed)
		oracle_describe(world->oracle);
	left = state == SIM_RUNNING ? sim_crash(world->sim)
				    : sim_destroy(world->sim);
	world->sim = NULL;
	if (left > 0)
		world_fail(world, "%zu batches were not freed", left);
	if (!world->failed && !world->aborted && !world->stopped &&
	    world->plan.config.acking)
		check_sources(world);
out:
	oracle_destroy(world->oracle);
	world->oracle = NULL;
}

/* The first lines of a trace: what this seed drew. */
static void describe(struct world *world)
{
	const struct plan *plan = &world->plan;
	const struct plan_config *c = &plan->config;
	uint32_t i;

	world_trace(world,
		    "%u executors, credit %" PRIu64 ", pending %" PRIu64
		    ", timeout %" PRIu64 " ms, attempts %u, memory %" PRIu64
		    ", retry %" PRIu64 " ms, acking %d",
		    plan->executor_count, c->credit_bytes, c->max_spout_pending,
		    c->message_timeout_ns / 1000000, c->replay_max_attempts,
		    c->memory_max_bytes, c->retry_max_ns / 1000000, c->acking);
	for (i = 0; i < plan->component_count; i++)
		world_trace(
			world,
			"component %s: tasks %u to %u, rank %u, replay %d, "
			"%u records, tick %" PRIu64 " ms",
			plan->components[i].id, plan->components[i].first_task,
			plan->components[i].first_task +
				plan->components[i].task_count - 1,
			plan->components[i].rank, plan->components[i].replay,
			world->spouts[i].records,
			plan->components[i].tick_ns / 1000000);
	for (i = 0; i < plan->edge_count; i++)
		world_trace(world, "stream %u: %s to %s by %s%s",
			    plan->edges[i].stream,
			    plan->components[plan->edges[i].from].id,
			    plan->components[plan->edges[i].to].id,
			    plan_grouping_name(plan->edges[i].grouping),
			    plan->edges[i].feedback ? ", feedback" : "");
}

/* Returns whether the seed passes; prints why not. */
static bool run_seed(uint64_t seed, bool trace)
{
	static struct world world;

	world_init(&world, seed);
	world.trace = trace;
	describe(&world);
	run_once(&world);
	if (!world.failed && world.aborted && world.restart) {
		world.aborted = false;
		world.stopped = false;
		memset(world.progressed, 0, sizeof(world.progressed));
		world.abort_after = 0;
		world.stop_after = 0;
		run_once(&world);
	}
	if (world.failed)
		printf("FAILED seed %" PRIu64 ": %s\n", seed, world.failure);
	fflush(stdout);
	world_fini(&world);
	return !world.failed;
}

/* What the child tells: which seed it runs, and how many passed. */
struct progress {
	uint64_t seed, passed, failed;
};

/* Of processor time, since other work may slow the machine down. */
static void limit_seconds(time_t seconds)
{
	struct itimerval limit = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &limit, NULL);
}

static void run_seeds(struct progress *progress, uint64_t end, bool first_only)
{
	for (; progress->seed < end; progress->seed++) {
		limit_seconds(SEED_SECONDS);
		if (run_seed(progress->seed, false))
			progress->passed++;
		else
			progress->failed++;
		if (progress->failed > 0 && first_only)
			return;
		if (progress->failed >= FAILURES_SHOWN)
			return;
	}
}

/* Runs the rest in a child; a crash costs its seed only. */
static bool run_child(struct progress *progress, uint64_t end, bool first_only)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	assert(child >= 0);
	if (child == 0) {
		run_seeds(progress, end, first_only);
		exit(0); /* so that leaks are looked for */
	}
	while (waitpid(child, &status, 0) < 0)
		assert(errno == EINTR);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	printf("FAILED seed %" PRIu64 ": %s\n", progress->seed,
	       !WIFSIGNALED(status)          ? "the process ended"
	       : WTERMSIG(status) == SIGPROF ? "it hangs"
					     : strsignal(WTERMSIG(status)));
	progress->failed++;
	progress->seed++;
	return progress->seed < end && !first_only &&
	       progress->failed < FAILURES_SHOWN;
}

static int run_all(uint64_t from, uint64_t count, bool expect_failure)
{
	struct progress *progress =
		mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert(progress != MAP_FAILED);
	progress->seed = from;
	while (run_child(progress, from + count, expect_failure))
		;
	if (expect_failure) {
		bool found = progress->failed > 0;

		printf("%d passed, %d failed\n", found, !found);
		return found ? 0 : 1;
	}
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", progress->passed,
	       progress->failed);
	return progress->failed > 0;
}

int main(int argc, char **argv)
{
	const char *trace = getenv("SIM_TRACE");
	uint64_t from = 1, count = 2000;
	bool expect_failure = false;
	int i;

	for (i = 1; i < argc; i++) {
		uint64_t number = 0;

		if (strcmp(argv[i], "--expect-failure") == 0) {
			expect_failure = true;
			continue;
		}
		if (i + 1 < argc)
			number = strtoull(argv[i + 1], NULL, 10);
		if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			return !run_seed(number, trace != NULL);
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
	return run_all(from, count, expect_failure);
}
