/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/jsontext.h"

static void check_text(const char *text, const char *expected)
{
	json_t *json = jsontext(text);

	CHECK_STR(json_string_value(json), expected);
	json_decref(json);
}

TEST(utf8_stays)
{
	check_text("", "");
	check_text("a\xc3\xa4\xe2\x82\xac", "a\xc3\xa4\xe2\x82\xac");
}

TEST(other_bytes_become_question_marks)
{
	check_text("\xff", "?");
	check_text("a\xc3", "a?");
	check_text("\xc3(\xc3\xa4\xe2\x82", "?(\xc3\xa4??");
}

TEST(null_is_null)
{
	json_t *json = jsontext(NULL);

	CHECK(json_is_null(json));
	json_decref(json);
}
