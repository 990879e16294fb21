/* SPDX-License-Identifier: MIT */

#include "cli/testvalue.h"

#include <math.h>

#include "test.h"
#include "topology/yaml.h"

struct fixture {
	struct arena arena;
	struct diagnostics diagnostics;
	struct variables variables;
	struct yaml yaml;
};

static void fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	arena_init(&fixture->arena, 0);
	yaml_init(&fixture->yaml, &fixture->arena, &fixture->diagnostics,
		  &fixture->variables);
}

static void fixture_fini(struct fixture *fixture)
{
	diagnostics_fini(&fixture->diagnostics);
	arena_fini(&fixture->arena);
}

/* Reads `yaml` as a value of `type`. */
static bool read_value(struct fixture *fixture, const char *yaml,
		       enum gust_type type, struct gust_value *value)
{
	struct gust_column column = { "it", type };
	struct node *node;

	CHECK_INT(yaml_parse(&fixture->yaml, "test", yaml, strlen(yaml), &node),
		  0);
	return testvalue_read(node, &column, &fixture->arena,
			      &fixture->diagnostics, value);
}

/* What is read is printed as `printed`, and that reads as the same. */
static void check_print(const char *yaml, enum gust_type type,
			const char *printed)
{
	struct gust_value value, again;
	struct fixture fixture;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	CHECK(file != NULL);
	fixture_init(&fixture);
	CHECK(read_value(&fixture, yaml, type, &value));
	testvalue_print(file, &value);
	fclose(file);
	CHECK_STR(text, printed);
	CHECK(read_value(&fixture, text, type, &again));
	CHECK(testvalue_equal(&value, &again));
	free(text);
	fixture_fini(&fixture);
}

TEST(values_print_as_what_they_read_as)
{
	check_print("abc", GUST_STRING, "abc");
	check_print("'a: b'", GUST_STRING, "\"a: b\"");
	check_print("'12'", GUST_STRING, "\"12\"");
	check_print("007", GUST_STRING, "\"007\"");
	check_print("''", GUST_STRING, "\"\"");
	check_print("' a'", GUST_STRING, "\" a\"");
	check_print("\"a\\tb\\n\\\"\\\\\"", GUST_STRING,
		    "\"a\\tb\\n\\\"\\\\\"");
	check_print("\"\\0\"", GUST_STRING, "\"\\x00\"");
	check_print("über", GUST_STRING, "über");
	check_print("'null'", GUST_STRING, "\"null\"");
	check_print("'true'", GUST_STRING, "\"true\"");
	check_print("~", GUST_STRING, "null");
	check_print("12", GUST_INT, "12");
	check_print("0x10", GUST_INT, "16");
	check_print("-9223372036854775808", GUST_INT, "-9223372036854775808");
	check_print("true", GUST_BOOL, "true");
	check_print("1", GUST_FLOAT, "1.0");
	check_print("0.1", GUST_FLOAT, "0.1");
	check_print("20", GUST_FLOAT, "20.0");
	check_print("1e300", GUST_FLOAT, "1e+300");
	check_print(".inf", GUST_FLOAT, ".inf");
	check_print(".nan", GUST_FLOAT, ".nan");
	check_print("abc", GUST_BYTES, "abc");
	check_print("{base64: /wA=}", GUST_BYTES, "{base64: /wA=}");
	check_print("{a: [1, x, ~, true, 1.5]}", GUST_JSON,
		    "{\"a\":[1,\"x\",null,true,1.5]}");
	check_print("[]", GUST_JSON, "[]");
	check_print("text", GUST_JSON, "\"text\"");
}

TEST(a_number_is_no_string_and_back)
{
	struct gust_value value;
	struct fixture fixture;

	fixture_init(&fixture);
	CHECK(!read_value(&fixture, "'1'", GUST_INT, &value));
	CHECK(!read_value(&fixture, "1.5", GUST_INT, &value));
	CHECK(!read_value(&fixture, "[1]", GUST_INT, &value));
	CHECK(!read_value(&fixture, "yes", GUST_BOOL, &value));
	CHECK(!read_value(&fixture, "[a]", GUST_STRING, &value));
	CHECK(!read_value(&fixture, "{a: b}", GUST_BYTES, &value));
	CHECK(!read_value(&fixture, "{base64: '*'}", GUST_BYTES, &value));
	CHECK_UINT(fixture.diagnostics.errors, 7);
	fixture_fini(&fixture);
}

static bool same(struct gust_value a, struct gust_value b)
{
	return testvalue_equal(&a, &b);
}

TEST(what_is_equal)
{
	CHECK(same(gust_null(), gust_null()));
	CHECK(!same(gust_null(), gust_int(0)));
	CHECK(!same(gust_int(1), gust_float(1)));
	CHECK(same(gust_float(0.1 + 0.2), gust_float(0.3)));
	CHECK(!same(gust_float(0.1), gust_float(0.1001)));
	CHECK(same(gust_float(NAN), gust_float(NAN)));
	CHECK(!same(gust_float(NAN), gust_float(1)));
	CHECK(!same(gust_float(INFINITY), gust_float(1)));
	CHECK(!same(gust_float(1), gust_float(INFINITY)));
	CHECK(!same(gust_string("ab", 2), gust_string("a", 1)));
	CHECK(!same(gust_string("a", 1), gust_bytes("a", 1)));
	CHECK(same(gust_json("{\"a\":1,\"b\":2}", 13),
		   gust_json("{ \"b\": 2, \"a\": 1 }", 18)));
	CHECK(!same(gust_json("[1]", 3), gust_json("[2]", 3)));
	CHECK(!same(gust_json("[1", 2), gust_json("[2", 2)));
}

TEST(a_part_of_a_string)
{
	struct gust_value part = gust_string("full", 4);
	struct gust_value text = gust_string("the disk is full", 16);

	CHECK(testvalue_within(&part, &text));
	CHECK(!testvalue_within(&text, &part));
}
