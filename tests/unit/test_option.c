/* SPDX-License-Identifier: MIT */

#include "plugin/option.h"

#include <errno.h>

#include "test.h"

struct instance {
	const char *string;
	int64_t integer;
	double number;
	bool truth;
	uint64_t duration;
	uint64_t size;
	int choice;
	struct gust_list list;
	struct gust_map map;
};

#define AT(member) offsetof(struct instance, member)

static const char *const modes[] = { "running", "final", NULL };
static const struct gust_option table[] = {
	{ "string", GUST_OPTION_STRING, AT(string), NULL, "", GUST_REQUIRED, 0,
	  0, NULL },
	{ "int", GUST_OPTION_INT, AT(integer), "3", "", 0, 0, 0, NULL },
	{ "float", GUST_OPTION_FLOAT, AT(number), "0.5", "", 0, 0, 0, NULL },
	{ "bool", GUST_OPTION_BOOL, AT(truth), "true", "", 0, 0, 0, NULL },
	{ "duration", GUST_OPTION_DURATION, AT(duration), "2s", "", 0, 0, 0,
	  NULL },
	{ "size", GUST_OPTION_SIZE, AT(size), "1KiB", "", 0, 0, 0, NULL },
	{ "enum", GUST_OPTION_ENUM, AT(choice), "final", "", 0, 0, 0, modes },
	{ "list", GUST_OPTION_LIST, AT(list), "a, b", "", 0, 0, 0, NULL },
	{ "map", GUST_OPTION_MAP, AT(map), "a: b", "", 0, 0, 0, NULL },
	{ 0 },
};

static struct instance instance;
static struct option_memory memory;

static int fill(const char *name, const struct option_given *given,
		struct gust_error *error)
{
	return option_fill(option_find(table, name), given, &instance, &memory,
			   error);
}

/* Gives a scalar. */
static void give(const char *name, const char *text)
{
	const struct option_given given = { .name = name,
					    .items = &text,
					    .count = 1 };

	CHECK_INT(fill(name, &given, NULL), 0);
}

static void begin(void)
{
	option_memory_fini(&memory);
	memset(&instance, 0, sizeof(instance));
}

TEST(options_are_found_by_name)
{
	CHECK_PTR(option_find(table, "float"), &table[2]);
	CHECK_PTR(option_find(table, "flota"), NULL);
	CHECK_PTR(option_find(NULL, "float"), NULL);
	CHECK_STR(option_near(table, "flota"), "float");
	CHECK_STR(option_near(table, "elephant"), NULL);
	CHECK_STR(option_near(NULL, "float"), NULL);
}

TEST(types_have_names)
{
	size_t i;

	/* Each option above has the name of its type. */
	for (i = 0; table[i].name != NULL; i++)
		CHECK_STR(option_type_name(table[i].type), table[i].name);
	CHECK_STR(option_type_name((enum gust_option_type)0), "unknown");
	CHECK_STR(option_type_name((enum gust_option_type)10), "unknown");
}

TEST(every_type_is_filled)
{
	begin();
	give("string", "a, b");
	give("int", "-5");
	give("float", "2.5");
	give("bool", "true");
	give("duration", "3ms");
	give("size", "2k");
	give("enum", "final");
	CHECK_STR(instance.string, "a, b");
	CHECK_INT(instance.integer, -5);
	CHECK_FLOAT(instance.number, 2.5);
	CHECK_BOOL(instance.truth, true);
	CHECK_UINT(instance.duration, 3000000);
	CHECK_UINT(instance.size, 2048);
	CHECK_INT(instance.choice, 1);
	begin();
}

TEST(lists_and_maps_are_filled)
{
	const char *const items[] = { "x", "y", "z" };
	const char *const keys[] = { "k", "l" };
	const struct option_given list = { .items = items,
					   .count = 3,
					   .is_list = 1 };
	const struct option_given map = { .items = items,
					  .keys = keys,
					  .count = 2 };

	begin();
	CHECK_INT(fill("list", &list, NULL), 0);
	CHECK_UINT(instance.list.count, 3);
	CHECK_STR(instance.list.items[2], "z");
	CHECK_INT(fill("map", &map, NULL), 0);
	CHECK_UINT(instance.map.count, 2);
	CHECK_STR(instance.map.keys[1], "l");
	CHECK_STR(instance.map.values[1], "y");
	/* One value is a list of one, and is not split. */
	give("list", "a, b");
	CHECK_UINT(instance.list.count, 1);
	CHECK_STR(instance.list.items[0], "a, b");
	begin();
}

TEST(defaults_are_filled)
{
	size_t i;

	begin();
	for (i = 0; table[i].name != NULL; i++)
		CHECK_INT(option_fill_default(&table[i], &instance, &memory,
					      NULL),
			  0);
	CHECK_STR(instance.string, NULL);
	CHECK_INT(instance.integer, 3);
	CHECK_FLOAT(instance.number, 0.5);
	CHECK_BOOL(instance.truth, true);
	CHECK_UINT(instance.duration, 2000000000);
	CHECK_UINT(instance.size, 1024);
	CHECK_INT(instance.choice, 1);
	CHECK_UINT(instance.list.count, 2);
	CHECK_STR(instance.list.items[1], "b");
	CHECK_UINT(instance.map.count, 1);
	CHECK_STR(instance.map.values[0], "b");
	begin();
}

TEST(null_is_as_if_not_given)
{
	const struct option_given null = { .is_null = 1 };
	struct gust_error error = { 0 };

	begin();
	CHECK_INT(fill("int", &null, NULL), 0);
	CHECK_INT(instance.integer, 3);
	CHECK_INT(fill("string", &null, &error), -EINVAL);
	CHECK_STR(error.text, "option 'string' is required, but it is null");
	begin();
}

static void refuses(const char *name, const struct option_given *given,
		    const char *text)
{
	struct gust_error error = { 0 };
	struct instance before = instance;

	CHECK_INT(fill(name, given, &error), -EINVAL);
	CHECK_STR(error.text, text);
	CHECK_MEM(&instance, sizeof(instance), &before, sizeof(before));
}

TEST(the_wrong_shape_or_value_is_refused)
{
	const char *const items[] = { "x", "y" };
	const struct option_given scalar = { .items = items, .count = 1 };
	const struct option_given list = { .items = items,
					   .count = 2,
					   .is_list = 1 };
	const struct option_given map = { .items = items,
					  .keys = items,
					  .count = 2 };

	begin();
	refuses("int", &list,
		"option 'int': found a list, expected one value "
		"of type int");
	refuses("string", &map,
		"option 'string': found a map, expected one "
		"value of type string");
	refuses("list", &map,
		"option 'list': found a map, expected a list "
		"such as [a, b]");
	refuses("map", &scalar,
		"option 'map': found one value, expected a map "
		"such as {key: value}");
	refuses("map", &list,
		"option 'map': found a list, expected a map such "
		"as {key: value}");
	refuses("int", &scalar,
		"option 'int': 'x' is no int, expected a whole "
		"number such as '42'");
	begin();
}
