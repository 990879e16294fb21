/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "line", GUST_STRING },
	{ "file", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_column outputs[] = {
	{ "id", GUST_INT },    { "file", GUST_STRING }, { "name", GUST_STRING },
	{ "rest", GUST_JSON }, { NULL, GUST_NULL },
};

static struct fake *prepare(void)
{
	static const char *const keep[] = { "file" };
	struct fake *fake = fake_create("bolts/parse_json");

	fake_input(fake, columns);
	fake_output(fake, "default", outputs);
	fake_set_string(fake, "field", "line");
	fake_set_list(fake, "keep", keep, 1);
	return fake;
}

static int give(struct fake *fake, const char *line, size_t n)
{
	const struct gust_value row[] = { gust_string(line, n),
					  gust_string("f", 1) };

	return fake_give(fake, row, 2);
}

static int give_text(struct fake *fake, const char *line)
{
	return give(fake, line, strlen(line));
}

TEST(members_become_fields)
{
	struct fake *fake = prepare();

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "{\"id\": 5, \"name\": \"tea\", \"x\": 1, "
				  "\"file\": [1], \"rest\": {\"a\": [1.5]}}"),
		  0);
	CHECK_INT(give_text(fake, " {\"id\": null, \"name\": 1.5}\n"), 0);
	CHECK_INT(give_text(fake, "{}"), 0);
	CHECK_STR(fake->emitted.data, "5\tf\ttea\t{\"a\":[1.5]}\n"
				      "null\tf\t1.5\tnull\n"
				      "null\tf\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(what_is_no_object_is_rejected)
{
	static const char *const texts[] = { "",
					     "x",
					     "[1]",
					     "{\"id\":1",
					     "{} x",
					     "\xff",
					     "{\"id\":\"5\"}",
					     "{\"id\":1.5}",
					     "{\"name\":[]}" };
	struct fake *fake = prepare();
	size_t i;

	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CHECK(give_text(fake, texts[i]) < 0);
		CHECK_UINT(fake->rejected, i + 1);
	}
	CHECK_STR(fake->reason, "member 'name' is an array, expected string");
	CHECK(give(fake, "{}\0{}", 5) < 0);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(give(fake, "{\"name\":\"a\\u0000b\"}", 19), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "null\tf\ta\0b\tnull\n", 16);
	fake_destroy(fake);
}

TEST(null_is_rejected)
{
	const struct gust_value row[] = { gust_null(), gust_null() };
	struct fake *fake = prepare();

	CHECK_INT(fake_open(fake), 0);
	CHECK(fake_give(fake, row, 2) < 0);
	CHECK_STR(fake->reason, "field 'line' is null");
	fake_destroy(fake);
}

TEST(the_unparsed_are_kept_aside)
{
	struct fake *fake = prepare();

	fake_set_string(fake, "unparsed", "stream");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "[]"), 0);
	CHECK_INT(give_text(fake, "{\"id\":1}"), 0);
	CHECK_STR(fake->emitted.data, "unparsed: []\tf\tnot an object of JSON\n"
				      "1\tf\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(paths_lead_deeper)
{
	static const char *const keys[] = { "id", "name" };
	static const char *const paths[] = { "order.items.1.id", "who" };
	struct fake *fake = prepare();

	fake_set_map(fake, "paths", keys, paths, 2);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give_text(fake, "{\"order\":{\"items\":[{},{\"id\":7}]},"
				  "\"who\":\"x\",\"rest\":1,\"name\":[]}"),
		  0);
	CHECK_INT(give_text(fake, "{\"order\":{\"items\":[{}]}}"), 0);
	CHECK_INT(give_text(fake, "{\"order\":5,\"id\":8}"), 0);
	CHECK(give_text(fake, "{\"who\":{}}") < 0);
	CHECK_STR(fake->reason, "member 'name' is an object, expected string");
	CHECK_STR(fake->emitted.data, "7\tf\tx\t1\n"
				      "null\tf\tnull\tnull\n"
				      "null\tf\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(deep_and_huge_texts)
{
	struct fake *fake = prepare();
	const size_t n = 1000000;
	char *text = malloc(n);

	CHECK_INT(fake_open(fake), 0);
	memset(text, '[', n);
	CHECK(give(fake, text, n) < 0);
	memset(text, 'x', n);
	memcpy(text, "{\"name\":\"", 9);
	memcpy(text + n - 2, "\"}", 2);
	CHECK_INT(give(fake, text, n), 0);
	CHECK_UINT(fake->emitted.length, n - 11 + strlen("null\tf\t\tnull\n"));
	free(text);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	static const char *const keys[] = { "id" };
	static const char *const unknown[] = { "city" };
	static const char *const kept[] = { "file" };
	static const char *const paths[] = { "a..b" };
	static const char *const good[] = { "a.b" };
	static const struct gust_column wrong[] = { { "file", GUST_INT },
						    { NULL, GUST_NULL } };
	struct fake *fake = prepare();

	fake->output_count = 0;
	fake_refuse(
		fake, -EINVAL,
		"its fields are not known, expected them in 'outputs', such as "
		"outputs: {default: {id: int, name: string}}");
	fake = prepare();
	fake_set_map(fake, "paths", keys, paths, 1);
	fake_refuse(
		fake, -EINVAL,
		"option 'paths': 'a..b' is no path, expected names with dots "
		"between them");
	fake = prepare();
	fake_set_map(fake, "paths", unknown, good, 1);
	fake_refuse(
		fake, -EINVAL,
		"option 'paths': field 'city' is not in 'outputs', expected it "
		"there, with its type");
	fake = prepare();
	fake_set_map(fake, "paths", kept, good, 1);
	fake_refuse(
		fake, -EINVAL,
		"option 'paths': field 'file' is in 'keep', expected one of "
		"both");
	fake = prepare();
	fake->outputs[0].columns = wrong;
	fake_refuse(
		fake, -EINVAL,
		"field 'file' of 'outputs' is int, expected string, as in the "
		"input");
}
