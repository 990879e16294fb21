/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"
#include "folder.h"

static const struct gust_column columns[] = {
	{ "a\"b", GUST_STRING }, { "n", GUST_INT },  { "x", GUST_FLOAT },
	{ "raw", GUST_BYTES },   { "j", GUST_JSON }, { "yes", GUST_BOOL },
	{ NULL, GUST_NULL },
};

static struct fake *json_open(void)
{
	struct fake *fake = fake_create("bolts/write_json");

	fake_input(fake, columns);
	fake_set_string(fake, "path", folder_path("out"));
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

TEST(a_tuple_is_a_line)
{
	struct fake *fake = json_open();
	const struct gust_value row[] = { gust_string("x\n\0\xff", 4),
					  gust_int(-3),
					  gust_float(0.1),
					  gust_bytes("\0\1", 2),
					  gust_json("[1]", 3),
					  gust_bool(true) };
	const struct gust_value nulls[] = { gust_null(), gust_null(),
					    gust_null(), gust_null(),
					    gust_null(), gust_null() };

	CHECK_INT(fake_give(fake, row, 6), 0);
	CHECK_INT(fake_give(fake, nulls, 6), 0);
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 2);
	folder_check("out",
		     "{\"a\\\"b\":\"x\\n\\u0000\xef\xbf\xbd\",\"n\":-3,"
		     "\"x\":0.1,\"raw\":\"AAE=\",\"j\":[1],\"yes\":true}\n"
		     "{\"a\\\"b\":null,\"n\":null,\"x\":null,\"raw\":null,"
		     "\"j\":null,\"yes\":null}\n");
	CHECK_INT(fake_finish(fake), 0);
	fake_destroy(fake);
	folder_clear();
}

TEST(a_torn_object_is_cut)
{
	struct fake *fake;

	folder_write("out", "{}\n{\"a\":", 8);
	fake = json_open();
	CHECK_CONTAINS(fake->log, "5 bytes of a torn record were cut");
	fake_destroy(fake);
	folder_check("out", "{}\n");
	folder_clear();
}

TEST(a_path_that_makes_no_sense_is_refused)
{
	struct fake *fake = fake_create("bolts/write_json");

	fake_input(fake, columns);
	fake_set_string(fake, "path", "{x}");
	CHECK_INT(fake_declare(fake), -EINVAL);
	fake_destroy(fake);
}
