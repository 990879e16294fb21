/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

static const struct gust_column word[] = { { "word", GUST_STRING },
					   { NULL, GUST_NULL } };

static struct fake *exclaim_create(const char *suffix)
{
	struct fake *fake = fake_create("bolts/exclaim");

	fake_input(fake, word);
	fake_set_string(fake, "field", "word");
	fake_set_string(fake, "suffix", suffix);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

TEST(a_suffix_is_appended)
{
	struct fake *fake = exclaim_create("!!!");
	struct gust_value null = gust_null();

	CHECK_INT(fake_give_string(fake, "nathan"), 0);
	CHECK_INT(fake_give_string(fake, ""), 0);
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give(fake, &null, 1), 0);
	CHECK_STR(fake->emitted.data, "nathan!!!\n!!!\na!!!\nnull\n");
	CHECK_STR(fake->columns[0].name, "word");
	fake_destroy(fake);
}

TEST(the_suffix_may_be_empty)
{
	struct fake *fake = exclaim_create("");

	CHECK_INT(fake_give_string(fake, ""), 0);
	CHECK_INT(fake_give_bytes(fake, "a\0b", 3), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "\na\0b\n", 5);
	fake_destroy(fake);
}
