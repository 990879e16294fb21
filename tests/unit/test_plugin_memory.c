/* SPDX-License-Identifier: MIT */

#include "plugin/plugin.h"

#include "plugin/declaration.h"
#include "plugin/option.h"
#include "starve.h"
#include "test.h"

#define PLUGINS TEST_BUILD_DIR "/tests/plugins"

TEST(opening_survives_every_failed_allocation)
{
	struct plugin *plugin;
	unsigned long n;
	int r;

	setenv("GUST_PLUGIN_PATH", "/nonexistent:" PLUGINS, 1);
	for (n = 1; starve(n); n++) {
		plugin = NULL;
		r = plugin_open(PLUGIN_BOLT, "every_option", NULL, &plugin,
				NULL);
		if (starve_ends())
			CHECK_INT(r, -ENOMEM);
		else
			CHECK_INT(r, 0);
		plugin_close(plugin);
	}
	CHECK(n > 10);
}

/* Everything that is looked at for a name that is not there. */
TEST(not_finding_survives_every_failed_allocation)
{
	struct gust_error error;
	struct plugin *plugin;
	unsigned long n;
	int r;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	for (n = 1; starve(n); n++) {
		memset(&error, 0, sizeof(error));
		r = plugin_open(PLUGIN_BOLT, "odler", NULL, &plugin, &error);
		if (starve_ends()) {
			CHECK_INT(r, -ENOMEM);
			CHECK_STR(error.text, "memory is short");
		} else {
			CHECK_INT(r, -ENOENT);
		}
	}
	CHECK(n > 10);
}

TEST(listing_survives_every_failed_allocation)
{
	struct plugin_listing *list;
	unsigned long n;
	size_t count;
	int r;

	setenv("GUST_PLUGIN_PATH", PLUGINS ":" PLUGINS "/bolts", 1);
	for (n = 1; starve(n); n++) {
		list = NULL;
		count = 0;
		r = plugin_list(&list, &count);
		if (starve_ends())
			CHECK_INT(r, -ENOMEM);
		else
			CHECK(count > 0);
		plugin_list_free(list, count);
	}
	CHECK(n > 10);
}

static int fill_all(const struct plugin *plugin, void *instance,
		    struct option_memory *memory)
{
	const struct gust_option *option = plugin_options(plugin);
	const char *const items[] = { "k", "l" };
	struct option_given given = { .items = items, .count = 1 };
	int r;

	for (; option->name != NULL; option++) {
		given.keys = option->type == GUST_OPTION_MAP ? items : NULL;
		given.is_list = option->type == GUST_OPTION_LIST;
		if (option->fallback == NULL || given.keys || given.is_list)
			r = option_fill(option, &given, instance, memory, NULL);
		else
			r = option_fill_default(option, instance, memory, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

TEST(filling_survives_every_failed_allocation)
{
	struct option_memory memory = { 0 };
	char instance[512] __attribute__((aligned(16)));
	struct plugin *plugin;
	unsigned long n;
	int r;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	CHECK_INT(plugin_open(PLUGIN_BOLT, "every_option", NULL, &plugin, NULL),
		  0);
	CHECK(plugin_instance_size(plugin) <= sizeof(instance));
	for (n = 1; starve(n); n++) {
		r = fill_all(plugin, instance, &memory);
		if (starve_ends())
			CHECK_INT(r, -ENOMEM);
		else
			CHECK_INT(r, 0);
		option_memory_fini(&memory);
	}
	CHECK(n > 6);
	plugin_close(plugin);
}

static int declare_all(const struct plugin *plugin, void *instance)
{
	static const struct gust_column columns[] = { { "k", GUST_STRING },
						      { NULL, GUST_NULL } };
	static const struct gust_input input = { "text", "default", columns };
	struct gust_declaration *about;
	int r;

	r = declaration_create(&about);
	if (r < 0)
		return r;
	declaration_set_inputs(about, &input, 1);
	r = declaration_call(about, plugin, instance, NULL);
	declaration_destroy(about);
	return r;
}

TEST(declaring_survives_every_failed_allocation)
{
	struct option_memory memory = { 0 };
	char instance[512] __attribute__((aligned(16)));
	struct plugin *plugin;
	unsigned long n;
	int r;

	setenv("GUST_PLUGIN_PATH", PLUGINS, 1);
	CHECK_INT(plugin_open(PLUGIN_BOLT, "every_option", NULL, &plugin, NULL),
		  0);
	CHECK_INT(fill_all(plugin, instance, &memory), 0);
	for (n = 1; starve(n); n++) {
		r = declare_all(plugin, instance);
		if (starve_ends())
			CHECK_INT(r, -ENOMEM);
		else
			CHECK_INT(r, 0);
	}
	CHECK(n > 3);
	option_memory_fini(&memory);
	plugin_close(plugin);
}
