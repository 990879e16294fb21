/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/outcome.h"
#include "fixture_plan.h"

TEST(both_equations_are_looked_at)
{
	struct task_counters total = { .roots = 15,
				       .attempts = 9,
				       .trees_acked = 5,
				       .trees_failed = 4,
				       .dead_lettered = 4,
				       .rejected = 3,
				       .lost = 2,
				       .aborted = 1 };
	struct balance balance;

	outcome_balance(&total, &balance);
	CHECK_UINT(balance.ends, 15);
	CHECK_UINT(balance.results, 9);
	CHECK(balance_even(&balance));
	total.roots++;
	outcome_balance(&total, &balance);
	CHECK(!balance_even(&balance));
	total.roots--;
	total.attempts++;
	outcome_balance(&total, &balance);
	CHECK(!balance_even(&balance));
}

TEST(the_slowest_is_blamed_most_and_often_enough)
{
	struct fixture_plan fixture;
	struct snapshot last;
	uint64_t blamed[3] = { 0, 0, 0 };
	struct outcome outcome = { .last = &last, .blamed = blamed };

	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&last, &fixture.plan), 0);
	CHECK_UINT(outcome_slowest(&outcome), UINT32_MAX);
	blamed[1] = 4;
	outcome.looks = 4;
	CHECK_UINT(outcome_slowest(&outcome), UINT32_MAX);
	outcome.looks = 40;
	CHECK_UINT(outcome_slowest(&outcome), UINT32_MAX);
	blamed[1] = 5;
	CHECK_UINT(outcome_slowest(&outcome), 1);
	blamed[2] = 6;
	CHECK_UINT(outcome_slowest(&outcome), 2);
	snapshot_fini(&last);
	plan_fini_derived(&fixture.plan);
}

TEST(busy_is_a_part_of_the_run)
{
	struct fixture_plan fixture;
	struct worker_result result = { 0 };
	struct snapshot last;
	struct outcome outcome = { .last = &last, .result = &result };

	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&last, &fixture.plan), 0);
	last.executors[1].busy_ns = 30;
	CHECK_FLOAT(outcome_busy(&outcome, 1), 0.0);
	result.run_ns = 40;
	CHECK_FLOAT(outcome_busy(&outcome, 1), 0.75);
	result.run_ns = 20;
	CHECK_FLOAT(outcome_busy(&outcome, 1), 1.0);
	snapshot_fini(&last);
	plan_fini_derived(&fixture.plan);
}

TEST(latencies_of_all_tasks_are_merged)
{
	struct fixture_plan fixture;
	struct gust_histogram one = { 0 }, other = { 0 }, *merged;
	const struct gust_histogram *latencies[5] = { NULL, &one, &other };
	struct snapshot last;
	struct outcome outcome = { .last = &last, .latencies = latencies };

	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&last, &fixture.plan), 0);
	histogram_record(&one, 3);
	histogram_record(&other, 5);
	merged = outcome_latency(&outcome, 1);
	CHECK(merged != NULL);
	CHECK_UINT(histogram_count(merged), 2);
	CHECK_UINT(histogram_max(merged), 5);
	free(merged);
	merged = outcome_latency(&outcome, 2);
	CHECK_UINT(histogram_count(merged), 0);
	free(merged);
	snapshot_fini(&last);
	plan_fini_derived(&fixture.plan);
}
