/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "fake_task.h"

TEST(all_is_taken)
{
	static const struct gust_column columns[] = { { "a", GUST_STRING },
						      { NULL, GUST_NULL } };
	struct fake *fake = fake_create("bolts/null");

	fake_input(fake, columns);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give_string(fake, ""), 0);
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_UINT(fake->batched, 0);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}
