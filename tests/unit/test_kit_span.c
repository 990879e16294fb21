/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/kit/span.h>

#include "fake_task.h"

TEST(ints_are_rounded_down)
{
	static const struct {
		enum span_times times;
		int64_t ns, expected;
	} cases[] = {
		{ SPAN_NS, -7, -7 },
		{ SPAN_US, 1999, 1 },
		{ SPAN_US, -1, -1 },
		{ SPAN_MS, 1795282908900123456, 1795282908900 },
		{ SPAN_MS, -1000000, -1 },
		{ SPAN_MS, -1000001, -2 },
		{ SPAN_S, 999999999, 0 },
		{ SPAN_S, -999999999, -1 },
		{ SPAN_S, INT64_MAX, 9223372036 },
		{ SPAN_S, INT64_MIN, -9223372037 },
		{ SPAN_NS, INT64_MIN, INT64_MIN },
	};
	char text[SPAN_TEXT_MAX];
	struct gust_value value;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		value = span_time(cases[i].times, cases[i].ns, text);
		CHECK_UINT(value.type, GUST_INT);
		CHECK_INT(value.as.integer, cases[i].expected);
	}
}

TEST(texts_are_in_utc)
{
	static const struct {
		int64_t ns;
		const char *expected;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1795282908900000000, "2026-11-21T17:41:48.900Z" },
		{ 1000, "1970-01-01T00:00:00.000001Z" },
		{ 10, "1970-01-01T00:00:00.000000010Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ -1500000000, "1969-12-31T23:59:58.500Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
	};
	char text[SPAN_TEXT_MAX];
	struct gust_value value;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		value = span_time(SPAN_RFC3339, cases[i].ns, text);
		CHECK_UINT(value.type, GUST_STRING);
		CHECK_UINT(value.length, strlen(cases[i].expected));
		CHECK_STR(text, cases[i].expected);
	}
}

static const struct gust_column input[] = { { "user", GUST_STRING },
					    { "n", GUST_INT },
					    { NULL, GUST_NULL } };

static int declare(struct gust_window_spec spec, struct span *span,
		   struct gust_column *columns, struct gust_error *error)
{
	struct fake fake = { .window = &spec };

	fake_input(&fake, input);
	return span_declare(span, (void *)&fake, columns, error);
}

TEST(keys_have_the_types_of_the_input)
{
	static const char *const keys[] = { "n", "user" };
	const struct gust_window_spec spec = { .keys = keys, .key_count = 2 };
	struct gust_column columns[SPAN_COLUMNS_MAX + 1];
	struct gust_error error = { 0 };
	struct span span = { .times = SPAN_MS };

	CHECK_INT(declare(spec, &span, columns, &error), 4);
	CHECK_STR(columns[0].name, "n");
	CHECK_INT(columns[0].type, GUST_INT);
	CHECK_INT(columns[1].type, GUST_STRING);
	CHECK_STR(columns[2].name, "window_start");
	CHECK_INT(columns[2].type, GUST_INT);
	CHECK_STR(columns[3].name, "window_end");
	span_declare_end(&span, &columns[4]);
	CHECK_PTR(columns[4].name, NULL);
}

TEST(a_window_that_comes_again_says_why)
{
	const struct gust_window_spec specs[] = { { .early = 1 },
						  { .lateness = 1 } };
	const struct gust_window window = { .firing = GUST_LATE };
	struct gust_column columns[SPAN_COLUMNS_MAX + 1];
	struct span span = { .times = SPAN_RFC3339 };
	struct gust_value row[SPAN_COLUMNS_MAX];
	struct gust_error error = { 0 };
	size_t i;

	for (i = 0; i < 2; i++) {
		CHECK_INT(declare(specs[i], &span, columns, &error), 2);
		CHECK_INT(columns[0].type, GUST_STRING);
		span_declare_end(&span, &columns[2]);
		CHECK_STR(columns[2].name, "firing");
		CHECK_PTR(columns[3].name, NULL);
		CHECK_UINT(span_values(&span, &window, row), 2);
		CHECK_UINT(span_values_end(&span, &window, &row[2]), 1);
		CHECK_STR(row[2].as.data, "late");
	}
}

TEST(unknown_keys_and_too_many_are_refused)
{
	static const char *const keys[33] = { "nn" };
	const struct gust_window_spec unknown = { .keys = keys,
						  .key_count = 1 };
	const struct gust_window_spec many = { .keys = keys, .key_count = 33 };
	struct gust_column columns[SPAN_COLUMNS_MAX + 1];
	struct span span = { .times = SPAN_MS };
	struct gust_error error = { 0 }, other = { 0 };

	CHECK_INT(declare(unknown, &span, columns, &error), -ENOENT);
	CHECK_STR(error.text, "no field is named 'nn'");
	CHECK_INT(declare(many, &span, columns, &other), -EINVAL);
	CHECK_STR(other.text, "'keys' of 'window' has 33 fields, expected at "
			      "most 32");
}
