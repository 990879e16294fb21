/* SPDX-License-Identifier: MIT */

#include "plugin/plugin_list.h"

#include <unistd.h>

#include "test.h"

#define PLUGINS TEST_BUILD_DIR "/tests/plugins"

static const struct plugin_listing *find(const struct plugin_listing *list,
					 size_t count, enum plugin_kind kind,
					 const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].kind == kind && strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

TEST(spouts_come_first_each_by_name)
{
	struct plugin_listing *list;
	size_t count, i;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	CHECK_INT(plugin_list(&list, &count), 0);
	CHECK(count > 0);
	for (i = 1; i < count; i++) {
		CHECK(list[i - 1].kind <= list[i].kind);
		if (list[i - 1].kind == list[i].kind)
			CHECK(strcmp(list[i - 1].name, list[i].name) < 0);
	}
	CHECK(find(list, count, PLUGIN_SPOUT, "nothing") != NULL);
	CHECK_PTR(find(list, count, PLUGIN_BOLT, "nothing"), NULL);
	CHECK_STR(find(list, count, PLUGIN_BOLT, "older")->path,
		  PLUGINS "/bolts/older.so");
	plugin_list_free(list, count);
	plugin_list_free(NULL, 0);
}

/* A folder in which both kinds stand, and things that are neither. */
static void mixed_folder(char *folder)
{
	static const char *const links[][2] = {
		{ PLUGINS "/bolts/older.so", "my_bolt.so" },
		{ PLUGINS "/spouts/nothing.so", "my_spout.so" },
		{ PLUGINS "/no_symbol.so", "neither.so" },
		{ "/dev/null", "empty.so" },
		{ PLUGINS "/bolts/older.so", "older.txt" },
		{ PLUGINS "/bolts/older.so", ".so" },
		{ PLUGINS "/bolts/older.so", ".hidden.so" },
	};
	char path[256];
	size_t i;

	CHECK(mkdtemp(folder) != NULL);
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, links[i][1]);
		CHECK_INT(symlink(links[i][0], path), 0);
	}
}

static void remove_folder(const char *folder)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	CHECK_INT(system(command), 0);
}

TEST(in_a_mixed_folder_the_kind_is_looked_up)
{
	char folder[] = "/tmp/gust-test-XXXXXX";
	struct plugin_listing *list;
	size_t count;

	mixed_folder(folder);
	setenv("GUST_PLUGIN_PATH", folder, 1);
	CHECK_INT(plugin_list(&list, &count), 0);
	CHECK_UINT(count, 2);
	CHECK_INT(list[0].kind, PLUGIN_SPOUT);
	CHECK_STR(list[0].name, "my_spout");
	CHECK_INT(list[1].kind, PLUGIN_BOLT);
	CHECK_STR(list[1].name, "my_bolt");
	plugin_list_free(list, count);
	/* Unless that is not asked for. */
	CHECK_INT(plugin_list_kind(PLUGIN_BOLT, false, &list, &count), 0);
	CHECK_UINT(count, 4);
	plugin_list_free(list, count);
	remove_folder(folder);
}

TEST(an_earlier_folder_hides_a_later_one)
{
	struct plugin_listing *list;
	size_t count, i, found = 0;

	setenv("GUST_PLUGIN_PATH", PLUGINS ":" PLUGINS "/bolts", 1);
	CHECK_INT(plugin_list(&list, &count), 0);
	for (i = 0; i < count; i++)
		found += strcmp(list[i].name, "older") == 0;
	CHECK_UINT(found, 1);
	plugin_list_free(list, count);
}

TEST(there_may_be_no_plugin)
{
	struct plugin_listing *list;
	size_t count;

	setenv("GUST_PLUGIN_PATH", "/nonexistent", 1);
	CHECK_INT(plugin_list_kind(PLUGIN_BOLT, true, &list, &count), 0);
	CHECK_UINT(count, 0);
	plugin_list_free(list, count);
}
