/* SPDX-License-Identifier: MIT */

#include "plugin/option_list.h"

#include <errno.h>

#include "test.h"

static struct option_memory memory;

static struct gust_list list(const char *text)
{
	struct gust_list result;

	CHECK_INT(option_list_split(&memory, text, &result), 0);
	return result;
}

TEST(a_list_is_split_at_commas)
{
	struct gust_list found = list(" a,b c ,, d");

	CHECK_UINT(found.count, 4);
	CHECK_STR(found.items[0], "a");
	CHECK_STR(found.items[1], "b c");
	CHECK_STR(found.items[2], "");
	CHECK_STR(found.items[3], "d");
	CHECK_UINT(list("").count, 0);
	CHECK_UINT(list("  ").count, 0);
	CHECK_UINT(list("one").count, 1);
	CHECK_UINT(list(",").count, 2);
	CHECK_UINT(list("a,").count, 2);
	option_memory_fini(&memory);
}

static void refuses_list(const char *text)
{
	struct gust_list found;

	CHECK_INT(option_list_split(&memory, text, &found), -EINVAL);
}

TEST(parts_may_be_in_quotes)
{
	struct gust_list found = list("\"-\", 'it''s, so' , \"a\\tb\\\"\"");
	struct gust_map map;

	CHECK_UINT(found.count, 3);
	CHECK_STR(found.items[0], "-");
	CHECK_STR(found.items[1], "it's, so");
	CHECK_STR(found.items[2], "a\tb\"");
	CHECK_INT(option_map_split(&memory, "'a:b': \"c,d\"", &map), 0);
	CHECK_UINT(map.count, 1);
	CHECK_STR(map.keys[0], "a:b");
	CHECK_STR(map.values[0], "c,d");
	refuses_list("\"a");
	refuses_list("'a");
	refuses_list("'a' b, c");
	refuses_list("\"\\q\"");
	refuses_list("\"\\");
	option_memory_fini(&memory);
}

static const char *string(const char *text)
{
	const char *found;

	CHECK_INT(option_string_read(&memory, text, &found), 0);
	return found;
}

TEST(a_string_may_be_in_quotes)
{
	const char *found;

	CHECK_STR(string("\"!!!\""), "!!!");
	CHECK_STR(string("''"), "");
	CHECK_STR(string(" a, b "), " a, b ");
	CHECK_STR(string("it's"), "it's");
	CHECK_INT(option_string_read(&memory, "\"a\" b", &found), -EINVAL);
	option_memory_fini(&memory);
}

TEST(a_map_is_split_at_commas_and_colons)
{
	struct gust_map map;

	CHECK_INT(option_map_split(&memory, "a : b, c:d:e , f:", &map), 0);
	CHECK_UINT(map.count, 3);
	CHECK_STR(map.keys[0], "a");
	CHECK_STR(map.values[0], "b");
	CHECK_STR(map.keys[1], "c");
	CHECK_STR(map.values[1], "d:e");
	CHECK_STR(map.keys[2], "f");
	CHECK_STR(map.values[2], "");
	CHECK_INT(option_map_split(&memory, "", &map), 0);
	CHECK_UINT(map.count, 0);
	CHECK_INT(option_map_split(&memory, "a", &map), -EINVAL);
	CHECK_INT(option_map_split(&memory, ": a", &map), -EINVAL);
	option_memory_fini(&memory);
}

TEST(copies_do_not_need_the_original)
{
	char one[] = "one", two[] = "two";
	const char *const items[] = { one, two };
	const char *text;
	struct gust_list found;
	struct gust_map map;

	CHECK_INT(option_list_copy(&memory, items, 2, &found), 0);
	CHECK_INT(option_map_copy(&memory, items, items, 2, &map), 0);
	text = option_string_copy(&memory, one);
	one[0] = two[0] = 'X';
	CHECK_STR(text, "one");
	CHECK_UINT(found.count, 2);
	CHECK_STR(found.items[0], "one");
	CHECK_STR(found.items[1], "two");
	CHECK_STR(map.keys[1], "two");
	CHECK_STR(map.values[0], "one");
	CHECK_INT(option_list_copy(&memory, NULL, 0, &found), 0);
	CHECK_UINT(found.count, 0);
	option_memory_fini(&memory);
	option_memory_fini(&memory);
}
