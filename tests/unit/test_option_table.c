/* SPDX-License-Identifier: MIT */

#include "plugin/option_table.h"

#include <errno.h>
#include <math.h>

#include "test.h"

struct instance {
	int64_t integer;
	bool truth;
	int choice;
	const char *string;
	struct gust_list list;
	struct gust_map map;
	uint64_t amount;
};

#define AT(member) offsetof(struct instance, member)

static const char *const modes[] = { "running", "final", NULL };

/* Checks a table of one option. */
static void refuses(struct gust_option option, const char *text)
{
	const struct gust_option table[] = { option, { 0 } };
	struct gust_error error = { 0 };

	CHECK_INT(option_table_check(table, sizeof(struct instance), &error),
		  -EPROTO);
	CHECK_STR(error.text, text);
}

static struct gust_option integer(void)
{
	const struct gust_option option = { .name = "n",
					    .type = GUST_OPTION_INT,
					    .offset = AT(integer) };

	return option;
}

TEST(a_table_may_be_missing_or_empty)
{
	const struct gust_option table[] = { { 0 } };

	CHECK_INT(option_table_check(NULL, 0, NULL), 0);
	CHECK_INT(option_table_check(table, 0, NULL), 0);
}

TEST(a_good_table_passes)
{
	const struct gust_option table[] = {
		{ "n", GUST_OPTION_INT, AT(integer), "5", "", 0, 1, 5, NULL },
		{ "t", GUST_OPTION_BOOL, AT(truth), "true", "", 0, 0, 0, NULL },
		{ "e", GUST_OPTION_ENUM, AT(choice), "final", "", 0, 0, 0,
		  modes },
		{ "s", GUST_OPTION_STRING, AT(string), NULL, "",
		  GUST_REQUIRED | GUST_SECRET, 0, 0, NULL },
		{ "l", GUST_OPTION_LIST, AT(list), "a, b", "", 0, 0, 0, NULL },
		{ "m", GUST_OPTION_MAP, AT(map), "a: b", "", 0, 0, 0, NULL },
		{ "d", GUST_OPTION_DURATION, AT(amount), "1s", "", 0, 1,
		  INFINITY, NULL },
		{ 0 },
	};
	struct gust_error error = { 0 };

	option_table_check(table, sizeof(struct instance), &error);
	CHECK_STR(error.text, "");
	CHECK_INT(error.code, 0);
}

TEST(names_types_and_members_are_checked)
{
	struct gust_option option = integer();

	option.name = "";
	refuses(option, "'' is no name for an option, expected a word");
	option.name = "two words";
	refuses(option,
		"'two words' is no name for an option, expected a word");
	option = integer();
	option.type = (enum gust_option_type)10;
	refuses(option, "option 'n' has the type 10, expected one of enum "
			"gust_option_type");
	option = integer();
	option.offset = sizeof(struct instance) - 4;
	refuses(option, "option 'n' lies outside of the instance: 8 bytes at "
			"offset 68, but instance_size is 72");
	option.offset = (size_t)-1;
	refuses(option, "option 'n' lies outside of the instance: 8 bytes at "
			"offset 18446744073709551615, but instance_size is 72");
	option.offset = 4;
	refuses(option, "option 'n' is misaligned: offset 4, expected a "
			"multiple of 8 for type int");
	option = integer();
	option.flags = 4;
	refuses(option, "option 'n' has the flags 0x4, of which this runtime "
			"knows 0x3");
}

TEST(choices_belong_to_enums)
{
	const char *const none[] = { NULL };
	const char *const twice[] = { "a", "b", "a", NULL };
	struct gust_option option = integer();

	option.choices = modes;
	refuses(option, "option 'n' has choices, but its type is int");
	option.type = GUST_OPTION_ENUM;
	option.choices = NULL;
	refuses(option, "option 'n' is an enum without choices");
	option.choices = none;
	refuses(option, "option 'n' is an enum without choices");
	option.choices = twice;
	refuses(option, "option 'n' has the choice 'a' twice");
}

TEST(bounds_belong_to_numbers)
{
	struct gust_option option = integer();

	option.min = 5;
	option.max = 4;
	refuses(option, "option 'n' has a min of 5 above its max of 4");
	option.min = NAN;
	refuses(option, "option 'n' has a min of nan above its max of 4");
	option.type = GUST_OPTION_BOOL;
	refuses(option, "option 'n' has bounds, but its type is bool");
}

TEST(defaults_parse_and_are_in_range)
{
	struct gust_option option = integer();

	option.fallback = "many";
	refuses(option, "the default of option 'n': 'many' is no int, expected "
			"a whole number such as '42'");
	option.fallback = "9";
	option.min = 1;
	option.max = 5;
	refuses(option, "the default of option 'n': '9' is out of range, "
			"expected 1 to 5");
	option.fallback = "3";
	option.flags = GUST_REQUIRED;
	refuses(option, "option 'n' is required and has a default, '3'");
	option = integer();
	option.type = GUST_OPTION_MAP;
	option.fallback = "a: b, c";
	refuses(option, "the default of option 'n': 'a: b, c' is no map, "
			"expected 'key: value, ...'");
	option.type = GUST_OPTION_LIST;
	option.fallback = "'a, b";
	refuses(option, "the default of option 'n': ''a, b' is no list, "
			"expected 'a, b, ...'");
	option.type = GUST_OPTION_STRING;
	option.fallback = "\"a";
	refuses(option, "the default of option 'n': '\"a' is no string, "
			"expected '\"text\"'");
}

TEST(no_two_options_share_a_name_or_a_member)
{
	struct gust_option table[] = { integer(), integer(), { 0 } };
	struct gust_error error = { 0 };

	table[1].offset = AT(amount);
	CHECK_INT(option_table_check(table, sizeof(struct instance), &error),
		  -EPROTO);
	CHECK_STR(error.text, "option 'n' stands twice");
	error.code = 0;
	table[1].name = "m";
	table[1].type = GUST_OPTION_BOOL;
	table[1].offset = AT(integer) + 7;
	CHECK_INT(option_table_check(table, sizeof(struct instance), &error),
		  -EPROTO);
	CHECK_STR(error.text, "options 'n' and 'm' share a member, at offset "
			      "7");
}

TEST(a_table_without_an_end_is_refused)
{
	static struct gust_option table[OPTION_TABLE_MAX + 1];
	static char names[OPTION_TABLE_MAX + 1][8];
	struct gust_error error = { 0 };
	size_t i;

	for (i = 0; i <= OPTION_TABLE_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "o%zu", i);
		table[i].name = names[i];
		table[i].type = GUST_OPTION_INT;
		table[i].offset = 8 * i;
	}
	CHECK_INT(option_table_check(table, 4096, &error), -EPROTO);
	CHECK_STR(error.text,
		  "more than 256 options; is the end of the table missing?");
}
