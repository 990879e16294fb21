/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/snapshot.h"
#include "fixture_plan.h"

/* All that a struct holds besides the counts. */
#define OTHER_BYTES                                                            \
	(2 * sizeof(uint32_t) +                                                \
	 sizeof(((struct task_counters *)0)->state_since) +                    \
	 sizeof(((struct task_counters *)0)->watermark))

TEST(every_count_is_a_member)
{
	size_t i, bytes = OTHER_BYTES;

	for (i = 0; snapshot_members[i].name != NULL; i++)
		bytes += sizeof(uint64_t);
	CHECK_UINT(bytes, sizeof(struct task_counters));
	for (i = 1; snapshot_members[i].name != NULL; i++)
		CHECK_UINT(snapshot_members[i].offset,
			   snapshot_members[i - 1].offset + sizeof(uint64_t));
}

TEST(all_is_copied)
{
	struct task_counters live, copy = { 0 };
	unsigned char *bytes = (unsigned char *)&live;
	size_t i;

	for (i = 0; i < sizeof(live); i++)
		bytes[i] = (unsigned char)(i + 1);
	task_counters_copy(&copy, &live);
	CHECK_MEM(&copy, sizeof(copy), &live, sizeof(live));
}

TEST(the_usage_of_an_executor_is_copied)
{
	struct executor_usage live = { 1, 2, 3, 4, 5, 6 }, copy = { 0 };

	executor_usage_copy(&copy, &live);
	CHECK_MEM(&copy, sizeof(copy), &live, sizeof(live));
}

TEST(sums_are_by_component_and_for_all)
{
	struct fixture_plan fixture;
	struct snapshot snapshot;
	struct task_counters sum;

	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&snapshot, &fixture.plan), 0);
	snapshot.tasks[0].emitted = 1;
	snapshot.tasks[1].emitted = 10;
	snapshot.tasks[2].emitted = 100;
	snapshot.tasks[3].emitted = 1000;
	snapshot.tasks[4].emitted = 10000;
	snapshot_component(&snapshot, 1, &sum);
	CHECK_UINT(sum.emitted, 110);
	snapshot_spouts(&snapshot, &sum);
	CHECK_UINT(sum.emitted, 1);
	snapshot_total(&snapshot, &sum);
	CHECK_UINT(sum.emitted, 11111);
	snapshot_fini(&snapshot);
	plan_fini_derived(&fixture.plan);
}

TEST(latency_is_that_of_the_sample)
{
	struct task_counters counters = { 0 };

	CHECK_FLOAT(snapshot_latency(&counters), 0.0);
	counters.sampled_calls = 4;
	counters.sampled_ns = 10;
	CHECK_FLOAT(snapshot_latency(&counters), 2.5);
}
