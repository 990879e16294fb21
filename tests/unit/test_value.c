/* SPDX-License-Identifier: MIT */

#include "test.h"

#include "topology/value.h"

static struct diagnostics diagnostics;

static struct node scalar(const char *text, bool quoted, bool substituted)
{
	return (struct node){ .kind = NODE_SCALAR,
			      .quoted = quoted,
			      .substituted = substituted,
			      .place = { "t", 1, 1 },
			      .text = text,
			      .length = strlen(text),
			      .size = 1,
			      .height = 1 };
}

/* The one mistake since the last call, or "". */
static const char *said(void)
{
	static char text[512];

	text[0] = '\0';
	if (diagnostics.count > 0)
		snprintf(text, sizeof(text), "%s", diagnostics.items[0].text);
	CHECK(diagnostics.count <= 1);
	diagnostics_fini(&diagnostics);
	return text;
}

TEST(strings_are_any_scalars_but_null)
{
	struct node node = scalar("007", false, false);
	const char *text = NULL;

	CHECK(value_string(&node, "k", &diagnostics, &text));
	CHECK_STR(text, "007");
	node = scalar("null", true, false);
	CHECK(value_string(&node, "k", &diagnostics, &text));
	node = scalar("~", false, true);
	CHECK(value_string(&node, "k", &diagnostics, &text));
	node = scalar("~", false, false);
	CHECK(!value_string(&node, "k", &diagnostics, &text));
	CHECK_STR(said(), "'k' is nothing, expected a string");
}

TEST(quotes_make_strings_unless_all_is_substituted)
{
	struct node node = scalar("5", true, true);
	int64_t integer = 0;

	CHECK(value_integer(&node, "k", 0, 9, &diagnostics, &integer));
	CHECK_INT(integer, 5);
	node = scalar("5", true, false);
	CHECK(!value_integer(&node, "k", 0, 9, &diagnostics, &integer));
	CHECK_STR(said(), "'k' is '5' in quotes, expected an integer from 0 to "
			  "9");
}

TEST(bounds_are_included)
{
	struct node node = scalar("9", false, false);
	double number = 0;
	uint64_t size = 0;
	int64_t integer;

	CHECK(value_integer(&node, "k", 9, 9, &diagnostics, &integer));
	CHECK(value_number(&node, "k", 9, 9, &diagnostics, &number));
	CHECK_FLOAT(number, 9.0);
	CHECK(value_size(&node, "k", 9, 9, &diagnostics, &size));
	CHECK_UINT(size, 9);
	CHECK(!value_integer(&node, "k", 10, 11, &diagnostics, &integer));
	said();
	CHECK(!value_number(&node, "k", 0, 8.5, &diagnostics, &number));
	CHECK_STR(said(), "'k' is '9', expected a number from 0 to 8.5");
}

TEST(what_is_broken_is_passed_over)
{
	struct node node = scalar("x", false, false);
	int64_t integer;
	bool truth;

	node.broken = true;
	CHECK(!value_integer(&node, "k", 0, 9, &diagnostics, &integer));
	CHECK(!value_bool(&node, "k", &diagnostics, &truth));
	CHECK(!value_map(&node, "k", &diagnostics));
	CHECK_STR(said(), "");
}

TEST(one_value_serves_as_a_list)
{
	struct node node = scalar("x", false, false);
	const struct node_item *item = NULL;

	CHECK_PTR(value_next(&node, &item), &node);
	CHECK_PTR(value_next(&node, &item), NULL);
	node = scalar("", false, false);
	item = NULL;
	CHECK_PTR(value_next(&node, &item), NULL);
}

TEST(names_can_be_parts_of_file_names)
{
	static const char *const wrong[] = { "a/b", ".a",  "-a",      "__a",
					     "a b", "a\n", "\xc3\xa9" };
	struct node node = scalar("a-B_3.x", false, false);
	const char *name = NULL;
	char text[130];
	size_t i;

	CHECK(value_name(&node, "k", &diagnostics, &name));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		node = scalar(wrong[i], false, false);
		CHECK(!value_name(&node, "k", &diagnostics, &name));
		CHECK_CONTAINS(said(), "expected at most 128 letters");
	}
	memset(text, 'a', 129);
	text[129] = '\0';
	node = scalar(text, false, false);
	CHECK(!value_name(&node, "k", &diagnostics, &name));
	said();
	text[128] = '\0';
	node = scalar(text, false, false);
	CHECK(value_name(&node, "k", &diagnostics, &name));
}
