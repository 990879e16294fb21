/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <time.h>

#include <gust/kit/regex.h>

#include "test.h"

static struct regex *compile(const char *pattern)
{
	struct regex *regex = NULL;
	struct gust_error error = { 0 };

	if (regex_compile(&regex, pattern, "pattern", &error) < 0)
		FAIL("%s\n", error.text);
	return regex;
}

static int match(const char *pattern, const char *text, size_t n)
{
	struct regex *regex = compile(pattern);
	int r = regex_match(regex, text, n);

	regex_destroy(regex);
	return r;
}

static void refuse(const char *pattern, const char *text)
{
	struct regex *regex = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(regex_compile(&regex, pattern, "pattern", &error), -EINVAL);
	CHECK_STR(error.text, text);
	CHECK(regex == NULL);
}

TEST(a_pattern_stands_anywhere)
{
	CHECK_INT(match("b+", "abbc", 4), 1);
	CHECK_INT(match("^b+", "abbc", 4), 0);
	CHECK_INT(match("c$", "abbc", 4), 1);
	CHECK_INT(match("^$", "", 0), 1);
	CHECK_INT(match("x", "", 0), 0);
	CHECK_INT(match("(?i)ABC", "xabc", 4), 1);
}

TEST(mistakes_have_a_place)
{
	refuse("(a(b", "option 'pattern': '(a(b' is no pattern: missing "
		       "closing parenthesis, at character 5");
	refuse("a[z-a]", "option 'pattern': 'a[z-a]' is no pattern: range out "
			 "of order in character class, at character 5");
	refuse("\xc3\xa9(",
	       "option 'pattern': '\xc3\xa9(' is no pattern: missing "
	       "closing parenthesis, at character 3");
	refuse("a\xff", "option 'pattern': 'a\xff' is no pattern: UTF-8 error: "
			"illegal byte (0xfe or 0xff), at character 2");
}

TEST(texts_are_utf_8)
{
	CHECK_INT(match("^.$", "\xc3\xa9", 2), 1);
	CHECK_INT(match("^[\xc3\xa9\xc3\xa8]$", "\xc3\xa9", 2), 1);
	CHECK_INT(match("(?i)^\xc3\x89$", "\xc3\xa9", 2), 1);
}

TEST(any_bytes_may_stand_in_a_text)
{
	CHECK_INT(match("^a.b$", "a\0b", 3), 1);
	CHECK_INT(match("a\\x00b", "a\0b", 3), 1);
	CHECK_INT(match("foo", "\xff\xfe foo \x80", 8), 1);
	CHECK_INT(match("^a.b$",
			"a\xff"
			"b",
			3),
		  0);
	CHECK_INT(match(".", "\x80\x80\x80", 3), 0);
}

TEST(named_groups_come_in_their_order)
{
	struct regex *regex = compile("(?<z>a)(?<a>b)?(?<m>c*)");
	struct gust_text found;

	CHECK_UINT(regex_names(regex), 3);
	CHECK_STR(regex_name(regex, 0), "z");
	CHECK_STR(regex_name(regex, 1), "a");
	CHECK_STR(regex_name(regex, 2), "m");
	CHECK_INT(regex_match(regex, "xaccd", 5), 1);
	CHECK(regex_group(regex, 0, &found));
	CHECK_MEM(found.data, found.length, "a", 1);
	CHECK(!regex_group(regex, 1, &found));
	CHECK(regex_group(regex, 2, &found));
	CHECK_MEM(found.data, found.length, "cc", 2);
	CHECK_INT(regex_match(regex, "a", 1), 1);
	CHECK(regex_group(regex, 2, &found));
	CHECK_UINT(found.length, 0);
	regex_destroy(regex);
}

TEST(groups_of_one_name_are_one)
{
	struct regex *regex = compile("(?J)(?:a=(?<v>\\d+)|b=(?<v>\\w+))");
	struct gust_text found;

	CHECK_UINT(regex_names(regex), 1);
	CHECK_INT(regex_match(regex, "b=x", 3), 1);
	CHECK(regex_group(regex, 0, &found));
	CHECK_MEM(found.data, found.length, "x", 1);
	CHECK_INT(regex_match(regex, "a=1", 3), 1);
	CHECK(regex_group(regex, 0, &found));
	CHECK_MEM(found.data, found.length, "1", 1);
	regex_destroy(regex);
}

/* Within a time in which nobody loses patience; without limits these would
 * outlive the machine. */
static void gives_up(const char *pattern, const char *text, size_t n)
{
	const time_t begun = time(NULL);

	CHECK_INT(match(pattern, text, n), -ELOOP);
	CHECK(time(NULL) - begun < 20);
}

TEST(what_takes_for_ever_is_given_up)
{
	const size_t n = 8 * 1024 * 1024;
	char *text = malloc(n);

	memset(text, 'a', n);
	gives_up("(a+)+[bc]", text, 1000);
	gives_up("(*NO_JIT)(a+)+[bc]", text, 1000);
	gives_up("(a|aa)+$b|(a+a+)+[xy]", text, 100000);
	/* Few steps from each place, and a place a byte. */
	gives_up("a*[bc]", text, n);
	free(text);
}

TEST(places_far_behind_are_found)
{
	const size_t n = 1024 * 1024;
	char *text = malloc(n);
	size_t at;

	/* A character may lie across the end of a stretch. */
	for (at = 4090; at < 4100; at++) {
		memset(text, 'x', n);
		memcpy(text + at, "\xe2\x82\xac", 3);
		CHECK_INT(match("\xe2\x82\xac", text, n), 1);
		CHECK_INT(match("\xe2\x82\xacy", text, n), 0);
		CHECK_INT(match("(?<=\xe2\x82\xac)x", text, n), 1);
	}
	memset(text, '\x80', n);
	text[n - 1] = 'e';
	CHECK_INT(match("e$", text, n), 1);
	CHECK_INT(match("^e", text, n), 0);
	free(text);
}
