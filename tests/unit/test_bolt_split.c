/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column line[] = { { "line", GUST_STRING },
					   { NULL, GUST_NULL } };

static struct fake *split_create(const char *separators)
{
	struct fake *fake = fake_create("bolts/split");

	fake_input(fake, line);
	fake_set_string(fake, "field", "line");
	fake_set_string(fake, "output", "word");
	fake_set_string(fake, "separators", separators);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

TEST(words_are_what_whitespace_parts)
{
	struct fake *fake = split_create(NULL);

	CHECK_INT(fake_give_string(fake, "the cow"), 0);
	CHECK_INT(fake_give_string(fake, " \t\v\f\r\njumped\r\n"), 0);
	CHECK_STR(fake->emitted.data, "the\ncow\njumped\n");
	CHECK_STR(fake->columns[0].name, "word");
	CHECK_INT(fake->columns[0].type, GUST_STRING);
	fake_destroy(fake);
}

TEST(there_are_no_empty_words)
{
	struct fake *fake = split_create(NULL);

	CHECK_INT(fake_give_string(fake, ""), 0);
	CHECK_INT(fake_give_string(fake, "   "), 0);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(other_bytes_are_taken_as_they_are)
{
	struct fake *fake = split_create(NULL);

	/* NUL, half a character, and the NBSP and NEL that C does not part. */
	CHECK_INT(fake_give_bytes(fake, "a\0b \xc3 \xc2\xa0x\x85", 10), 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "a\0b\n\xc3\n\xc2\xa0x\x85\n", 11);
	fake_destroy(fake);
}

TEST(null_has_no_words)
{
	struct fake *fake = split_create(NULL);
	struct gust_value null = gust_null();

	CHECK_INT(fake_give(fake, &null, 1), 0);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

TEST(separators_may_be_chosen)
{
	struct fake *fake = split_create(",;");

	CHECK_INT(fake_give_string(fake, "a b,;c,"), 0);
	CHECK_STR(fake->emitted.data, "a b\nc\n");
	fake_destroy(fake);
}

TEST(a_long_line_is_cut_in_several_calls)
{
	struct fake *fake = split_create(NULL);
	const size_t length = 100000;
	char *text = malloc(length);
	struct gust_value value;
	struct gust_tuple *in;
	int r, calls = 0;
	size_t i;

	for (i = 0; i < length; i++)
		text[i] = i % 2 == 0 ? 'x' : ' ';
	value = gust_string(text, length);
	in = fake_tuple(0, &value, 1);
	fake->room = 0;
	do {
		r = fake->bolt->execute(fake->instance, (void *)fake, in);
		calls++;
	} while (r == GUST_MORE);
	CHECK_INT(r, 0);
	CHECK(calls > 10);
	CHECK_UINT(fake->emits, length / 2);
	/* The next tuple begins at its beginning. */
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_UINT(fake->emits, length / 2 + 1);
	free(in);
	free(text);
	fake_destroy(fake);
}

TEST(a_failed_emit_fails_the_tuple)
{
	struct fake *fake = split_create(NULL);

	fake->emit_result = -ENOMEM;
	fake->emits_until_failure = 1;
	CHECK_INT(fake_give_string(fake, "a b c"), -ENOMEM);
	fake->emit_result = 0;
	fake_forget(fake);
	CHECK_INT(fake_give_string(fake, "a b c"), 0);
	CHECK_STR(fake->emitted.data, "a\nb\nc\n");
	fake_destroy(fake);
}

TEST(the_field_must_be_there_and_a_string)
{
	static const struct gust_column number[] = { { "line", GUST_INT },
						     { NULL, GUST_NULL } };
	struct fake *fake = fake_create("bolts/split");

	fake_input(fake, number);
	fake_set_string(fake, "field", "lime");
	fake_set_string(fake, "output", "word");
	CHECK_INT(fake_declare(fake), -ENOENT);
	memset(&fake->error, 0, sizeof(fake->error));
	fake_set_string(fake, "field", "line");
	fake_refuse(fake, -EINVAL, "field 'line' is int, expected string");
}
