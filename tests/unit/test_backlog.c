/* SPDX-License-Identifier: MIT */

#include "engine/backlog.h"
#include "test.h"

#define INTERVAL BACKLOG_INTERVAL_NS

TEST(what_is_consumed_waits_no_longer)
{
	struct backlog backlog = { .bytes = 1000 };

	backlog_consumed(&backlog, 400, 5 * INTERVAL);
	CHECK_UINT(backlog.bytes, 600);
	backlog_consumed(&backlog, 600, 9 * INTERVAL);
	CHECK_UINT(backlog.bytes, 0);
}

TEST(a_task_that_consumes_nothing_has_the_least_slack)
{
	struct backlog backlog = { .bytes = 1000 };

	CHECK_UINT(backlog_slack(&backlog, 0), BACKLOG_SLACK_MIN);
	CHECK_UINT(backlog_slack(&backlog, 100 * INTERVAL), BACKLOG_SLACK_MIN);
}

/* Of two intervals, this one and the one before it, the better one counts. */
TEST(slack_is_what_was_consumed_lately)
{
	struct backlog backlog = { .bytes = 1u << 30 };

	backlog_consumed(&backlog, 50000, 10 * INTERVAL);
	backlog_consumed(&backlog, 20000, 11 * INTERVAL - 1);
	CHECK_UINT(backlog_slack(&backlog, 11 * INTERVAL - 1),
		   BACKLOG_SLACK_MIN + 70000);
	CHECK_UINT(backlog_slack(&backlog, 12 * INTERVAL - 1),
		   BACKLOG_SLACK_MIN + 70000);
	backlog_consumed(&backlog, 1000, 11 * INTERVAL);
	CHECK_UINT(backlog_slack(&backlog, 11 * INTERVAL),
		   BACKLOG_SLACK_MIN + 70000);
	backlog_consumed(&backlog, 90000, 11 * INTERVAL + 1);
	CHECK_UINT(backlog_slack(&backlog, 11 * INTERVAL + 1),
		   BACKLOG_SLACK_MIN + 91000);
	/* A new one has begun, and this is the one before it. */
	CHECK_UINT(backlog_slack(&backlog, 12 * INTERVAL),
		   BACKLOG_SLACK_MIN + 91000);
	/* What was before that counts no longer. */
	CHECK_UINT(backlog_slack(&backlog, 13 * INTERVAL), BACKLOG_SLACK_MIN);
}

TEST(a_rest_is_not_remembered_as_work)
{
	struct backlog backlog = { .bytes = 1u << 30 };

	backlog_consumed(&backlog, 70000, 10 * INTERVAL);
	backlog_consumed(&backlog, 10, 12 * INTERVAL);
	CHECK_UINT(backlog_slack(&backlog, 12 * INTERVAL),
		   BACKLOG_SLACK_MIN + 10);
}
