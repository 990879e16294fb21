/* SPDX-License-Identifier: MIT */

/*
 * Start-up when memory is short. Once it runs, the engine rather aborts than
 * loses an ack.
 */

#include "worker/crew.h"

#include <errno.h>

#include "starve.h"
#include "test.h"

#include "fixture_run.h"

static void begin_small(void)
{
	begin(1);
	add_spout("numbers", 2, -1, 20);
	add_bolt("pass", 2, -1, 0, DEED_PASS);
	add_bolt("sum", 1, -1, 1, DEED_SUM);
}

TEST(a_run_that_cannot_be_set_up_says_so)
{
	unsigned long n;

	for (n = 1; starve(n); n++) {
		struct gust_error error = { 0 };
		struct worker *worker = NULL;
		unsigned long at = starve_at;
		int r;

		starve_at = 0;
		begin_small();
		CHECK_INT(plan_derive(&made.plan, NULL), 0);
		starve_at = at;
		r = worker_create(&made.plan, NULL, &worker, &error);
		if (starve_ends()) {
			CHECK_INT(r, -ENOMEM);
			CHECK(error.text[0] != '\0');
		} else {
			CHECK_INT(r, 0);
		}
		worker_destroy(worker);
		plan_fini_derived(&made.plan);
	}
	CHECK(n > 10);
}

static bool hit; /* an allocation has failed during start-up */

static void end_of_starving(void)
{
	if (starve_at == 0)
		return;
	hit = starve_count >= starve_at;
	starve_at = 0;
}

/* Runs with the n-th allocation of start-up failing; whether one did. */
static bool run_starved(unsigned long n)
{
	struct worker *worker;

	starve_at = 0;
	begin_small();
	started = end_of_starving;
	CHECK_INT(plan_derive(&made.plan, NULL), 0);
	CHECK_INT(worker_create(&made.plan, NULL, &worker, NULL), 0);
	hit = false;
	starve_at = n;
	worker_run(worker, &made.result);
	end_of_starving();
	starve_through = !hit;
	CHECK_UINT(made.result.left_behind, 0);
	finish(worker);
	return hit;
}

TEST(a_run_that_cannot_start_says_so)
{
	unsigned long n;

	for (n = 1; starve(n); n++) {
		bool failed = run_starved(n);

		if (made.result.end == WORKER_FAILED) {
			CHECK(failed);
			CHECK(made.result.error.text[0] != '\0');
			CHECK_INT(made.result.exit_code, 1);
			CHECK_UINT(seen.count, 0);
			continue;
		}
		/* A thread can do without a stack for crashes. */
		CHECK_INT(made.result.end, WORKER_ENDED);
		CHECK_INT(made.result.exit_code, 0);
		CHECK_UINT(seen.count, 40);
	}
	CHECK(n > 10);
}
