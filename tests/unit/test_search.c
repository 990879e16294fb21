/* SPDX-License-Identifier: MIT */

#include "plugin/search.h"

#include <errno.h>
#include <unistd.h>

#include "test.h"

#define PLUGINS TEST_BUILD_DIR "/tests/plugins"

TEST(folders_come_from_the_environment_and_the_binary)
{
	struct search search;

	setenv("GUST_PLUGIN_PATH", "/a::/b", 1);
	CHECK_INT(search_init(&search, PLUGIN_BOLT), 0);
	CHECK_UINT(search.count, 6);
	CHECK_STR(search.folders[0].path, "/a/bolts");
	CHECK_BOOL(search.folders[0].mixed, false);
	CHECK_STR(search.folders[1].path, "/a");
	CHECK_BOOL(search.folders[1].mixed, true);
	CHECK_STR(search.folders[2].path, "/b/bolts");
	CHECK_STR(search.folders[4].path, TEST_BUILD_DIR "/tests/unit/bolts");
	CHECK_BOOL(search.folders[4].mixed, false);
	CHECK_CONTAINS(search.folders[5].path, "/gust/bolts");
	search_fini(&search);
	search_fini(&search);
	unsetenv("GUST_PLUGIN_PATH");
	CHECK_INT(search_init(&search, PLUGIN_SPOUT), 0);
	CHECK_UINT(search.count, 2);
	CHECK_STR(search.folders[0].path, TEST_BUILD_DIR "/tests/unit/spouts");
	search_fini(&search);
}

TEST(a_bare_name_is_found_in_the_first_folder)
{
	char *path;

	setenv("GUST_PLUGIN_PATH", "/nonexistent:" PLUGINS ":" PLUGINS "/bolts",
	       1);
	CHECK_INT(search_find(PLUGIN_BOLT, "older", "/tmp", &path, NULL), 0);
	CHECK_STR(path, PLUGINS "/bolts/older.so");
	free(path);
	setenv("GUST_PLUGIN_PATH", PLUGINS "/bolts", 1);
	CHECK_INT(search_find(PLUGIN_BOLT, "older", NULL, &path, NULL), 0);
	CHECK_STR(path, PLUGINS "/bolts/older.so");
	free(path);
}

TEST(a_path_refers_to_the_folder_of_the_topology)
{
	char *path;

	unsetenv("GUST_PLUGIN_PATH");
	CHECK_INT(search_find(PLUGIN_BOLT, PLUGINS "/bolts/older.so", "/tmp",
			      &path, NULL),
		  0);
	CHECK_STR(path, PLUGINS "/bolts/older.so");
	free(path);
	CHECK_INT(search_find(PLUGIN_BOLT, "bolts/older.so", PLUGINS, &path,
			      NULL),
		  0);
	CHECK_STR(path, PLUGINS "/bolts/older.so");
	free(path);
	CHECK_INT(search_find(PLUGIN_BOLT, "older.so", PLUGINS "/bolts", &path,
			      NULL),
		  0);
	CHECK_STR(path, PLUGINS "/bolts/older.so");
	free(path);
	CHECK_INT(chdir(PLUGINS "/bolts"), 0);
	CHECK_INT(search_find(PLUGIN_BOLT, "older.so", NULL, &path, NULL), 0);
	CHECK_STR(path, "./older.so");
	free(path);
	CHECK_INT(search_find(PLUGIN_BOLT, ".//./older.so", NULL, &path, NULL),
		  0);
	CHECK_STR(path, "./older.so");
	free(path);
	CHECK_INT(
		search_find(PLUGIN_BOLT, "../bolts/older.so", "", &path, NULL),
		0);
	CHECK_STR(path, "./../bolts/older.so");
	free(path);
}

static void refuses(enum plugin_kind kind, const char *name, int code,
		    const char *text)
{
	struct gust_error error = { 0 };
	char *path = NULL;

	CHECK_INT(search_find(kind, name, "/nonexistent", &path, &error), code);
	CHECK_CONTAINS(error.text, text);
	CHECK_PTR(path, NULL);
	CHECK_INT(search_find(kind, name, "/nonexistent", &path, NULL), code);
}

TEST(what_is_not_found_is_explained)
{
	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	refuses(PLUGIN_BOLT, "", -ENOENT, "the name of the bolt is empty");
	refuses(PLUGIN_BOLT, "odler", -ENOENT,
		"no bolt is named 'odler', expected 'older' (tried "
		"'" PLUGINS "/bolts/odler.so', '" PLUGINS "/odler.so', ");
	refuses(PLUGIN_BOLT, "elephant", -ENOENT,
		"no bolt is named 'elephant' (tried '" PLUGINS
		"/bolts/elephant.so'");
	refuses(PLUGIN_SPOUT, "older", -ENOEXEC,
		"'older' is a bolt, but it is used as a spout");
	refuses(PLUGIN_BOLT, "nothing", -ENOEXEC,
		"'nothing' is a spout, but it is used as a bolt");
	refuses(PLUGIN_BOLT, "/nonexistent/x.so", -ENOENT,
		"bolt '/nonexistent/x.so' cannot be opened: there is no such "
		"file");
	refuses(PLUGIN_SPOUT, "x.so", -ENOENT,
		"spout '/nonexistent/x.so' cannot be opened: there is no such "
		"file");
}

TEST(a_long_list_of_paths_is_cut)
{
	struct gust_error error = { 0 };
	char *path, list[2048] = "";
	int i;

	for (i = 0; i < 9; i++)
		strcat(list, ":/a/folder/with/a/name/that/is/rather/long");
	setenv("GUST_PLUGIN_PATH", list, 1);
	CHECK_INT(search_find(PLUGIN_BOLT, "elephant", NULL, &path, &error),
		  -ENOENT);
	CHECK_CONTAINS(error.text, "elephant.so' and 15 more)");
}
