/* SPDX-License-Identifier: MIT */

#include "worker/arrival.h"

#include <errno.h>

#include "test.h"

#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct arrival arrival;
static struct {
	struct batch batch;
	struct section mark;
} made;

/* Two workers with an executor each; a batch from the first to the second. */
static void begin(void)
{
	fixture_plan_init_over(&fixture, 2, 1);
	CHECK_UINT(fixture.plan.worker_count, 2);
	CHECK_UINT(fixture.plan.executor_count, 2);
	CHECK_INT(arrival_init(&arrival, &fixture.plan, 1), 0);
	memset(&made, 0, sizeof(made));
	made.batch.size = sizeof(made);
	made.batch.version = BATCH_VERSION;
	made.batch.from = 0;
	made.batch.to = 1;
	made.mark.size = sizeof(made.mark);
	made.mark.kind = SECTION_MARK;
	made.mark.count = MARK_END;
}

static void end(void)
{
	arrival_fini(&arrival);
	plan_fini_derived(&fixture.plan);
}

TEST(a_batch_of_a_peer_for_this_worker_passes)
{
	begin();
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made), NULL), 0);
	end();
}

TEST(nobody_speaks_for_others)
{
	struct gust_error error = { 0 };

	begin();
	made.batch.from = 1;
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made), &error),
		  -EBADMSG);
	CHECK_CONTAINS(error.text, "from executor 1, which is of worker 1");
	end();
}

TEST(what_is_for_others_is_not_taken)
{
	struct gust_error error = { 0 };

	begin();
	made.batch.to = 0;
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made), &error),
		  -EBADMSG);
	CHECK_CONTAINS(error.text, "for executor 0, which is of worker 0");
	end();
}

TEST(what_the_plan_does_not_have_is_refused)
{
	begin();
	made.mark.task = fixture.plan.task_count;
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made), NULL),
		  -EBADMSG);
	made.mark.task = 0;
	made.batch.version = BATCH_VERSION + 1;
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made), NULL),
		  -EPROTO);
	made.batch.version = BATCH_VERSION;
	CHECK_INT(arrival_check(&arrival, 0, &made, sizeof(made) - 8, NULL),
		  -EBADMSG);
	end();
}
