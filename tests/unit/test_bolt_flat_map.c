/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = {
	{ "text", GUST_STRING },
	{ "n", GUST_INT },
	{ NULL, GUST_NULL },
};

static const struct gust_column words[] = {
	{ "word", GUST_STRING },
	{ "place", GUST_INT },
	{ NULL, GUST_NULL },
};

static const struct gust_column numbers[] = {
	{ "number", GUST_INT },
	{ NULL, GUST_NULL },
};

static struct fake *flat_create(const char *script)
{
	struct fake *fake = fake_create("bolts/flat_map");

	fake_input(fake, columns);
	fake_output(fake, "default", words);
	fake_set_string(fake, "script", script);
	fake_set_number(fake, "memory", 16 << 20);
	fake_set_number(fake, "steps", 2000000);
	return fake;
}

static struct fake *flat_open(const char *script)
{
	struct fake *fake = flat_create(script);

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 2);
	return fake;
}

static int give(struct fake *fake, const char *text, int64_t n)
{
	const struct gust_value row[] = { gust_string(text, strlen(text)),
					  gust_int(n) };

	return fake_give(fake, row, 2);
}

TEST(a_script_emits_none_one_or_many)
{
	struct fake *fake = flat_open("for i, w in ipairs(split(text)) do\n"
				      "  emit{word = w, place = i + n}\n"
				      "end");

	CHECK_INT(give(fake, "a bc d", 0), 0);
	CHECK_INT(give(fake, "", 0), 0);
	CHECK_INT(give(fake, "e", 5), 0);
	CHECK_STR(fake->emitted.data, "a\t1\nbc\t2\nd\t3\ne\t6\n");
	fake_destroy(fake);
}

TEST(a_script_emits_to_several_streams)
{
	struct fake *fake = flat_create("emit{place = 1, word = text}\n"
					"emit('numbers', {number = n})");

	fake_output(fake, "numbers", numbers);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a", 7), 0);
	CHECK_STR(fake->emitted.data, "a\t1\nnumbers: 7\n");
	fake_destroy(fake);
}

TEST(what_is_left_out_is_null)
{
	struct fake *fake = flat_open("emit{place = n} emit{word = text}");

	CHECK_INT(give(fake, "a", 1), 0);
	CHECK_STR(fake->emitted.data, "null\t1\na\tnull\n");
	fake_destroy(fake);
}

TEST(much_comes_when_there_is_room)
{
	struct fake *fake =
		flat_open("for i = 1, n do emit{word = 'w', place = i} end");
	const struct gust_value row[] = { gust_string("", 0),
					  gust_int(100000) };
	struct gust_tuple *in = fake_tuple(0, row, 2);
	size_t i;
	int r;

	fake->room = 0;
	for (i = 0; i < 99999; i++) {
		r = fake->bolt->execute(fake->instance, (void *)fake, in);
		CHECK_INT(r, GUST_MORE);
		CHECK_UINT(fake->emits, i + 1);
	}
	fake->room = 1;
	r = fake->bolt->execute(fake->instance, (void *)fake, in);
	CHECK_INT(r, 0);
	CHECK_UINT(fake->emits, 100000);
	CHECK_CONTAINS(fake->emitted.data, "w\t1\nw\t2\n");
	CHECK_CONTAINS(fake->emitted.data, "w\t99999\nw\t100000\n");
	free(in);
	/* The next tuple begins anew. */
	fake_forget(fake);
	CHECK_INT(give(fake, "", 2), 0);
	CHECK_STR(fake->emitted.data, "w\t1\nw\t2\n");
	fake_destroy(fake);
}

TEST(a_script_that_fails_emits_nothing)
{
	struct fake *fake = flat_open("emit{place = 1}\n"
				      "emit{place = text}");

	CHECK(give(fake, "a", 1) < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_UINT(fake->emits, 0);
	CHECK_STR(fake->reason, "option 'script', line 2: emit: field 'place' "
				"is the string 'a', expected int");
	fake_destroy(fake);
}

TEST(a_loop_that_emits_ends)
{
	struct fake *fake =
		flat_open("repeat emit{word = text, place = 1} until n == 1");

	CHECK(give(fake, "a", 0) < 0);
	CHECK_UINT(fake->dead, 1);
	CHECK_CONTAINS(fake->reason, "option 'script', line 1: ");
	CHECK_CONTAINS(fake->reason, " more than ");
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(give(fake, "b", 1), 0);
	CHECK_STR(fake->emitted.data, "b\t1\n");
	fake_destroy(fake);
}

TEST(an_emit_that_fails_fails_the_tuple)
{
	struct fake *fake = flat_open("emit{place = 1} emit{place = 2}");

	fake->emit_result = -ENOMEM;
	fake->emits_until_failure = 1;
	CHECK_INT(give(fake, "a", 1), -ENOMEM);
	fake->emit_result = 0;
	fake_forget(fake);
	CHECK_INT(give(fake, "a", 1), 0);
	CHECK_STR(fake->emitted.data, "null\t1\nnull\t2\n");
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_anything_runs)
{
	struct fake *fake = flat_create("emit{word = text");

	fake_refuse(fake, -EINVAL,
		    "option 'script', line 1, column 17: '}' expected near "
		    "<eof>");

	fake = flat_create("emit{}");
	fake->output_count = 0;
	fake_refuse(fake, -EINVAL,
		    "'outputs' is missing, expected the fields that the script "
		    "emits, as in 'outputs: {default: {word: string}}'");
}
