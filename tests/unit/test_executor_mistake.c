/* SPDX-License-Identifier: MIT */

/* What a plugin may do wrong: it is refused, counted and named. */

#include "stage.h"

TEST(every_mistake_is_counted_and_named)
{
	static const struct {
		enum deed deed;
		int refused;
		uint64_t mistakes, acked;
		const char *said;
	} cases[] = {
		{ DEED_ACK, 0, 0, 1, "" },
		{ DEED_TWICE, 0, 1, 1, "acks a tuple that it does not keep" },
		{ DEED_FOREIGN, 0, 1, 1, "acks a tuple that it does not keep" },
		{ DEED_LEAVE, 0, 3, 0, "flush() left a held tuple" },
		{ DEED_STREAM, -ENOENT, 1, 1, "stream number 7" },
		{ DEED_TYPE, -EINVAL, 1, 1, "emits string to field 'n'" },
		{ DEED_COUNT, -EINVAL, 1, 1, "emits 2 values" },
		{ DEED_LARGE, -EMSGSIZE, 1, 1, "expected at most 1024" },
	};
	struct task_counters c;
	struct stage stage;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_init(&stage, cases[i].deed);
		stage.plan.config.tuple_max_bytes = 1024;
		c = stage_run(&stage);
		CHECK_CONTAINS(stage.said, cases[i].said);
		CHECK_INT(stage.refused, cases[i].refused);
		CHECK_UINT(stage.worker.mistakes, cases[i].mistakes);
		CHECK_UINT(c.trees_acked, cases[i].acked);
		CHECK_UINT(c.dead_lettered, 1 - cases[i].acked);
	}
}

TEST(a_forgotten_tuple_is_named_at_the_end)
{
	struct stage stage;

	stage_init(&stage, DEED_FORGET);
	stage.plan.config.replay_max_attempts = 2;
	stage_run(&stage);
	CHECK_CONTAINS(stage.reason, "'worker' retains it");
	CHECK_STR(stage.said, "never acked or failed 2 tuples that it kept");
}

TEST(a_code_without_a_meaning_fails_the_tuple)
{
	struct task_counters c;
	struct stage stage;

	stage_init(&stage, DEED_CODE);
	c = stage_run(&stage);
	CHECK_UINT(c.dead_lettered, 1);
	CHECK_STR(stage.reason, "execute() returned an unknown code");
}
