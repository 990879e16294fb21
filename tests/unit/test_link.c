/* SPDX-License-Identifier: MIT */

#include "channel/link.h"

#include <errno.h>

#include "test.h"

#include "link_pair.h"

/* One at a time; so a test that fails leaves nothing half done. */
static struct pair pair;
static struct pair_side *const a = &pair.sides[0];
static struct pair_side *const b = &pair.sides[1];

static void begin(void)
{
	pair_init(&pair, 1);
	pair_start(&pair);
}

TEST(both_come_up_and_batches_arrive)
{
	begin();
	pair_send(a, 100);
	pair_run(&pair, 10 * PAIR_MS);
	CHECK(a->up && b->up);
	for (unsigned i = 0; i < 1000; i++) {
		pair_send(a, i);
		pair_send(b, 1000 - i);
	}
	pair_settle(&pair);
	CHECK_UINT(a->delivered, 1000);
	CHECK_UINT(b->delivered, 1001);
	CHECK_UINT(link_status(a->link)->sent_frames, 1001);
	CHECK_UINT(link_status(a->link)->repeated_frames, 0);
	CHECK_UINT(link_status(b->link)->duplicate_frames, 0);
	CHECK_UINT(link_status(a->link)->received_frames, 1000);
	pair_fini(&pair);
}
