/* SPDX-License-Identifier: MIT */

/* That fake_window.c drives a bolt's windows as the engine does. */

#include "test.h"

#include <errno.h>

#include <gust/window.h>

#include "fake_task.h"

static const struct gust_column columns[] = { { "k", GUST_STRING },
					      { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const char *const keys[] = { "k" };
static const struct gust_window_spec tens = { .type = GUST_TUMBLING,
					      .length = 10,
					      .slide = 10,
					      .keys = keys,
					      .key_count = 1 };

static struct fake *opened(void)
{
	struct fake *fake = fake_create("tests/plugins/bolts/tally");

	fake_input(fake, columns);
	fake_window(fake, &tens);
	fake_set_number(fake, "refuse", 13);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

static int give(struct fake *fake, int64_t time, const char *k, int64_t n)
{
	const struct gust_value values[] = { gust_string(k, 1), gust_int(n) };

	return fake_give_at(fake, time, values, 2);
}

TEST(windows_are_handed_over)
{
	struct fake *fake = opened();

	CHECK_INT(give(fake, 3, "a", 1), 0);
	CHECK_INT(give(fake, 12, "a", 2), 0);
	CHECK_INT(give(fake, 9, "a", 3), 0);
	CHECK_UINT(fake->window_held, 3);
	CHECK(fake_window_bytes(fake) > 0);
	CHECK_INT(fake_watermark(fake, 9), 0);
	CHECK_STR(fake->emitted.data, "");
	CHECK_INT(fake_watermark(fake, 10), 0);
	CHECK_STR(fake->emitted.data, "a\t0\t10\t2\t4\t0\n");
	CHECK_UINT(fake->window_held, 1);
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(give(fake, 4, "a", 3), 1);
	CHECK_UINT(fake->late, 1);
	CHECK_INT(give(fake, 14, "a", 13), -EBADMSG);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_STR(fake->emitted.data,
		  "a\t0\t10\t2\t4\t0\na\t10\t20\t1\t2\t0\n");
	CHECK_UINT(fake->window_held, 0);
	fake_destroy(fake);
}

TEST(windows_wait_for_room)
{
	struct fake *fake = opened();

	CHECK_INT(give(fake, 3, "a", 1), 0);
	fake->room = 0;
	CHECK_INT(fake_watermark(fake, 10), 1);
	CHECK_STR(fake->emitted.data, "");
	fake->room = 1;
	CHECK_INT(fake_watermark(fake, 10), 0);
	CHECK_STR(fake->emitted.data, "a\t0\t10\t1\t1\t0\n");
	fake_destroy(fake);
}
