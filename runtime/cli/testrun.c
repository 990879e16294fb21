/* SPDX-License-Identifier: MIT */
#include "cli/testrun.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/testcheck.h"
#include "cli/testrig.h"
#include "cli/testworld.h"

/* How long the world is given to answer, when nothing else can happen. */
#define QUIET_MS 200

/* Where a case ends that would not by itself: so many events, so many real
 * seconds. */
#define EVENTS_MAX 100000000u
#define SECONDS_MAX 60
#define EVENTS_CHUNK 1000u

/* What comes out is kept in memory, so it is bounded. */
#define TUPLES_MAX 1000000u

struct run {
	const struct testfile_case *test;
	struct testrig *rig;
	struct testworld world;
	struct sim *sim;
	FILE *report;
	bool failed; /* a component has, or the run does not end */
};

/* Says who is not done, and why. */
static void describe_open(struct run *run)
{
	const struct plan *plan = testrig_plan(run->rig);
	uint32_t own = testrig_source(run->rig)->component_count;
	const struct task_counters *counters;
	const char *reason;
	uint32_t i;

	for (i = 0; i < plan->task_count; i++) {
		counters = sim_counters(run->sim, i);
		/* Taps stand behind what the topology has. */
		if (counters->state == TASK_DONE ||
		    plan->tasks[i].component >= own)
			continue;
		reason = executor_reason(
			sim_executor(run->sim, plan->tasks[i].executor), i);
		fprintf(run->report, "    '%s' has not ended%s%s",
			plan->components[plan->tasks[i].component].id,
			reason[0] != '\0' ? ": " : "", reason);
		if (counters->open_trees > 0)
			fprintf(run->report, "; %" PRIu64 " tuples are open",
				counters->open_trees);
		fputc('\n', run->report);
	}
}

static void give_up(struct run *run, const char *why)
{
	run->failed = true;
	fprintf(run->report, "  it does not come to %s\n", why);
	describe_open(run);
}

/* Lets everything happen up to `until`, or to the end. */
static void run_until(struct run *run, uint64_t until)
{
	bool to_end = until == UINT64_MAX;
	uint64_t deadline = clock_now_ns() + SECONDS_MAX * CLOCK_NS_PER_S;
	uint64_t left = EVENTS_MAX, chunk;
	enum sim_state state;

	while (!run->failed) {
		chunk = EVENTS_CHUNK;
		state = sim_run(run->sim, until, &chunk);
		left -= EVENTS_CHUNK - chunk;
		if (state == SIM_STANDSTILL) {
			give_up(run, "an end: nothing can happen any more");
		} else if (sim_stuck(run->sim)) {
			give_up(run, "an end: the memory for tuples is used up "
				     "by those that are held");
		} else if (testrig_captured(run->rig) + run->world.lines.count >
			   TUPLES_MAX) {
			give_up(run, "an end: more than 1000000 tuples have "
				     "come; 'stop: true' would stop its "
				     "spouts");
		} else if (chunk > 0) {
			return;
		} else if (left < EVENTS_CHUNK || clock_now_ns() > deadline) {
			give_up(run, to_end ? "an end; 'stop: true' would stop "
					      "its spouts"
					    : "rest");
		}
	}
}

static uint64_t lost_tuples(const struct run *run)
{
	const struct plan *plan = testrig_plan(run->rig);
	uint64_t lost = 0;
	uint32_t i;

	for (i = 0; i < plan->task_count; i++)
		lost += sim_counters(run->sim, i)->lost;
	return lost;
}

/* What no test need ask for. */
static void check_counters(struct run *run)
{
	const struct plan *plan = testrig_plan(run->rig);
	const struct task_counters *counters;
	uint64_t lost = lost_tuples(run);
	uint32_t i;

	if (lost > 0)
		fprintf(run->report,
			"  %" PRIu64 " tuples were lost: a spout cannot emit "
			"them again\n",
			lost);
	for (i = 0; i < plan->task_count; i++) {
		counters = sim_counters(run->sim, i);
		if (counters->mistakes > 0)
			fprintf(run->report,
				"  '%s' made %" PRIu64 " mistakes, which the "
				"log names\n",
				plan->components[plan->tasks[i].component].id,
				counters->mistakes);
	}
}

/* Compares how the run has failed, if it has, with what was expected. */
static void check_error(struct run *run, const char *found)
{
	const char *expected = run->test->error;

	if (found != NULL && expected != NULL &&
	    strstr(found, expected) != NULL)
		return;
	if (found != NULL && expected == NULL)
		fprintf(run->report, "  it failed: %s\n", found);
	else if (found != NULL)
		fprintf(run->report,
			"  it failed: %s\n    expected in it: '%s'\n", found,
			expected);
	else if (expected != NULL)
		fprintf(run->report,
			"  it did not fail, expected a failure with '%s'\n",
			expected);
}

static void check_step(struct run *run, const struct testfile_step *step)
{
	struct testcheck check = { .rig = run->rig,
				   .world = &run->world,
				   .report = run->report };

	if (step->last)
		testworld_end_line(&run->world);
	testcheck_step(&check, step);
	run->failed |= check.no_memory;
}

static void do_step(struct run *run, const struct testfile_step *step)
{
	if (testrig_give(run->rig, step->given) < 0) {
		fputs("  memory was short\n", run->report);
		run->failed = true;
		return;
	}
	if (step->last && step->advance_ns == 0 && !step->stop)
		testrig_end(run->rig);
	else
		run_until(run, sim_now(run->sim));
	if (step->advance_ns > 0)
		run_until(run, sim_now(run->sim) + step->advance_ns);
	if (step->stop)
		sim_stop(run->sim);
	if (step->stop && !step->last)
		run_until(run, sim_now(run->sim));
	if (step->last) {
		testrig_end(run->rig);
		run_until(run, UINT64_MAX);
	}
	if (!run->failed)
		check_step(run, step);
}

static void do_steps(struct run *run)
{
	const struct testfile_step *step = run->test->steps;
	const struct gust_error *failure;

	for (; step != NULL && !run->failed; step = step->next)
		do_step(run, step);
	failure = sim_failure(run->sim);
	check_error(run, failure != NULL ? failure->text : NULL);
	check_counters(run);
}

static void run_sim(struct run *run)
{
	struct sim_config config = { .seed = 1, .quiet_ms = QUIET_MS };
	struct sim_outside outside = testworld_outside(&run->world);
	struct gust_error error = { 0 };
	size_t leaked;

	if (sim_create(testrig_plan(run->rig), &config, &outside, &run->sim,
		       &error) < 0) {
		check_error(run, error.text);
		return;
	}
	do_steps(run);
	leaked = sim_destroy(run->sim);
	if (leaked > 0)
		fprintf(run->report, "  gust has lost %zu batches\n", leaked);
}

/* Reads what all steps expect, so that it is known where to listen. */
static int prepare(struct run *run, struct diagnostics *diagnostics)
{
	struct testcheck check = { .rig = run->rig,
				   .diagnostics = diagnostics };
	const struct testfile_step *step = run->test->steps;
	struct gust_error error = { 0 };
	int r;

	for (; step != NULL; step = step->next)
		testcheck_step(&check, step);
	if (check.no_memory || diagnostics->no_memory)
		return -ENOMEM;
	if (diagnostics->errors > 0)
		return -EINVAL;
	r = testrig_finish(run->rig, &error);
	if (r < 0 && r != -ENOMEM)
		diagnostics_error(diagnostics, &run->test->place, "%s",
				  error.text);
	return r;
}

int testrun_case(const struct testfile *file, const struct testfile_case *test,
		 const struct plan *plan, struct diagnostics *diagnostics,
		 FILE *report)
{
	struct run run = { .test = test, .report = report };
	int r;

	r = testrig_create(file, test, plan, diagnostics, &run.rig);
	if (r < 0)
		return r;
	r = prepare(&run, diagnostics);
	if (r < 0) {
		testrig_destroy(run.rig);
		return r;
	}
	testworld_init(&run.world, testrig_plan(run.rig));
	run_sim(&run);
	if (ftell(report) > 0)
		testworld_print_log(&run.world, report);
	r = run.world.failed ? -ENOMEM : 0;
	testworld_fini(&run.world);
	testrig_destroy(run.rig);
	return r;
}
