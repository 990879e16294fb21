/* SPDX-License-Identifier: MIT */

#include "plugin/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "test.h"

#define PLUGINS TEST_BUILD_DIR "/tests/plugins"

static struct plugin *opens(enum plugin_kind kind, const char *name)
{
	struct gust_error error = { 0 };
	struct plugin *plugin = NULL;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	plugin_open(kind, name, NULL, &plugin, &error);
	CHECK_STR(error.text, "");
	CHECK(plugin != NULL);
	return plugin;
}

static void refuses(enum plugin_kind kind, const char *name, int code,
		    const char *text)
{
	struct gust_error error = { 0 };
	struct plugin *plugin = NULL;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	CHECK_INT(plugin_open(kind, name, NULL, &plugin, &error), code);
	CHECK_STR(error.text, text);
	CHECK_PTR(plugin, NULL);
	CHECK_INT(plugin_open(kind, name, NULL, &plugin, NULL), code);
}

/* Whether the shared object is still mapped. */
static bool is_loaded(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

	if (handle != NULL)
		dlclose(handle);
	return handle != NULL;
}

/* Comes first: what an earlier test had kept would still be there. */
TEST(closing_unloads_unless_told_otherwise)
{
	struct plugin *plugin;

	unsetenv("GUST_KEEP_PLUGINS");
	plugin = opens(PLUGIN_BOLT, "every_option");
	CHECK(is_loaded(PLUGINS "/bolts/every_option.so"));
	plugin_close(plugin);
	CHECK(!is_loaded(PLUGINS "/bolts/every_option.so"));
	setenv("GUST_KEEP_PLUGINS", "1", 1);
	plugin = opens(PLUGIN_BOLT, "every_option");
	plugin_close(plugin);
	unsetenv("GUST_KEEP_PLUGINS");
	CHECK(is_loaded(PLUGINS "/bolts/every_option.so"));
}

TEST(a_bolt_is_opened_and_described)
{
	struct plugin *plugin = opens(PLUGIN_BOLT, "every_option");

	CHECK_INT(plugin->kind, PLUGIN_BOLT);
	CHECK_STR(plugin->path, PLUGINS "/bolts/every_option.so");
	CHECK_STR(plugin_name(plugin), "every_option");
	CHECK_STR(plugin_summary(plugin), "has an option of each type");
	CHECK_STR(plugin_options(plugin)[1].name, "times");
	CHECK_STR(plugin_streams(plugin)[0].name, "default");
	CHECK(plugin_instance_size(plugin) > 100);
	CHECK_UINT(plugin_flags(plugin), GUST_DETERMINISTIC);
	CHECK(plugin->bolt.execute != NULL);
	CHECK(plugin->spout.next == NULL);
	plugin_close(plugin);
}

TEST(a_spout_is_opened_and_described)
{
	struct plugin *plugin = opens(PLUGIN_SPOUT, "nothing");

	CHECK_INT(plugin->kind, PLUGIN_SPOUT);
	CHECK_STR(plugin_name(plugin), "nothing");
	CHECK_STR(plugin_summary(plugin), "ends at once");
	CHECK_PTR(plugin_options(plugin), NULL);
	CHECK_PTR(plugin_streams(plugin), NULL);
	CHECK_UINT(plugin_instance_size(plugin), 0);
	CHECK_UINT(plugin_flags(plugin), 0);
	CHECK_INT(plugin->spout.next(NULL, NULL), GUST_DONE);
	plugin_close(plugin);
	plugin_close(NULL);
}

TEST(an_older_plugin_lacks_what_came_later)
{
	struct plugin *plugin = opens(PLUGIN_BOLT, "older");

	CHECK(plugin->bolt.execute != NULL);
	CHECK(plugin->bolt.close == NULL);
	CHECK_STR(plugin_summary(plugin), "");
	plugin_close(plugin);
}

TEST(what_is_no_plugin_is_refused)
{
	refuses(PLUGIN_BOLT, PLUGINS "/no_symbol.so", -ENOEXEC,
		"'" PLUGINS "/no_symbol.so' is no bolt: it does not "
		"export 'gust_bolt' (is GUST_EXPORT missing?)");
	refuses(PLUGIN_BOLT, "unresolved", -ENOEXEC,
		"bolt '" PLUGINS "/bolts/unresolved.so' cannot be opened: "
		"undefined symbol: gust_frobnicate, which gust 0.1.0 does not "
		"have");
	refuses(PLUGIN_SPOUT, PLUGINS "/bolts/older.so", -ENOEXEC,
		"'" PLUGINS "/bolts/older.so' is a bolt, but it is used as a "
		"spout");
	refuses(PLUGIN_BOLT, PLUGINS "/spouts/nothing.so", -ENOEXEC,
		"'" PLUGINS "/spouts/nothing.so' is a spout, but it is used as "
		"a bolt");
	refuses(PLUGIN_BOLT, "/dev/null", -ENOEXEC,
		"bolt '/dev/null' cannot be opened: file too short");
	refuses(PLUGIN_BOLT, "/nonexistent/x.so", -ENOENT,
		"bolt '/nonexistent/x.so' cannot be opened: there is no such "
		"file");
}

TEST(a_descriptor_of_another_version_is_refused)
{
	char text[512];

	refuses(PLUGIN_BOLT, "wrong_abi", -EPROTO,
		"'" PLUGINS "/bolts/wrong_abi.so': built for bolt ABI 7, this "
		"runtime has 1");
	refuses(PLUGIN_SPOUT, "wrong_abi", -EPROTO,
		"'" PLUGINS "/spouts/wrong_abi.so': built for spout ABI 7, "
		"this runtime has 1");
	snprintf(text, sizeof(text),
		 "'" PLUGINS "/bolts/too_small.so': struct gust_bolt is %zu "
		 "bytes, expected %zu to %zu in whole words",
		 offsetof(struct gust_bolt, execute),
		 offsetof(struct gust_bolt, tick), sizeof(struct gust_bolt));
	refuses(PLUGIN_BOLT, "too_small", -EPROTO, text);
	snprintf(text, sizeof(text),
		 "'" PLUGINS "/bolts/too_large.so': struct gust_bolt is %zu "
		 "bytes, this runtime has %zu: it was built with newer "
		 "headers",
		 sizeof(struct gust_bolt) + 8, sizeof(struct gust_bolt));
	refuses(PLUGIN_BOLT, "too_large", -EPROTO, text);
}

TEST(a_descriptor_that_contradicts_itself_is_refused)
{
	refuses(PLUGIN_BOLT, "no_execute", -EPROTO,
		"'" PLUGINS "/bolts/no_execute.so': bolt 'no_execute' has no "
		"execute()");
	refuses(PLUGIN_BOLT, "bad_default", -EPROTO,
		"'" PLUGINS "/bolts/bad_default.so': bolt 'bad_default': the "
		"default of option 'times': 'many' is no int, expected a whole "
		"number such as '42'");
	refuses(PLUGIN_SPOUT, "no_fail", -EPROTO,
		"'" PLUGINS "/spouts/no_fail.so': spout 'no_fail' replays by "
		"itself, but has no fail()");
}

TEST(an_unreadable_file_decides_even_if_another_one_follows)
{
	char folder[] = "/tmp/gust-test-XXXXXX";
	struct gust_error error = { 0 };
	struct plugin *plugin;
	char path[256];

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/older.so", folder);
	CHECK_INT(symlink("/dev/null", path), 0);
	snprintf(path, sizeof(path), "%s:%s", folder, PLUGINS);
	setenv("GUST_PLUGIN_PATH", path, 1);
	CHECK_INT(plugin_open(PLUGIN_BOLT, "older", NULL, &plugin, &error),
		  -ENOEXEC);
	CHECK_CONTAINS(error.text,
		       "/older.so' cannot be opened: file too short");
	snprintf(path, sizeof(path), "%s/older.so", folder);
	unlink(path);
	rmdir(folder);
}
