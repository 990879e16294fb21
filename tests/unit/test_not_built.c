/* SPDX-License-Identifier: MIT */

#include "plugin/not_built.h"

#include <errno.h>

#include "test.h"

static const struct not_built table[] = {
	{ "spout", "sqlite", "libsqlite3-dev" },
	{ "bolt", "sqlite", "libsqlite3-dev" },
	{ "bolt", "redis", "libhiredis-dev" },
	{ NULL, NULL, NULL },
};

TEST(kind_and_name_decide)
{
	CHECK_PTR(not_built_find(table, PLUGIN_SPOUT, "sqlite"), &table[0]);
	CHECK_PTR(not_built_find(table, PLUGIN_BOLT, "sqlite"), &table[1]);
	CHECK_PTR(not_built_find(table, PLUGIN_BOLT, "redis"), &table[2]);
	CHECK_PTR(not_built_find(table, PLUGIN_SPOUT, "redis"), NULL);
	CHECK_PTR(not_built_find(table, PLUGIN_BOLT, "redi"), NULL);
}

TEST(the_package_is_named)
{
	struct gust_error error = { 0 };

	CHECK_INT(not_built_refuse(&table[0], &error), -ENOENT);
	CHECK_STR(error.text,
		  "'sqlite' was not built: libsqlite3-dev is missing");
	CHECK_INT(error.code, -ENOENT);
}

TEST(what_was_built_is_not_in_the_table)
{
	CHECK_PTR(not_built_find(not_built_table(), PLUGIN_BOLT, "split"),
		  NULL);
}
