/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <math.h>

#include <gust/kit/row.h>

static const struct gust_value values[] = {
	{ .type = GUST_NULL },
	{ .type = GUST_BOOL, .as.integer = 0 },
	{ .type = GUST_BOOL, .as.integer = 1 },
	{ .type = GUST_INT, .as.integer = INT64_MIN },
	{ .type = GUST_INT, .as.integer = -1 },
	{ .type = GUST_INT, .as.integer = 256 },
	{ .type = GUST_FLOAT, .as.number = -1.5 },
	{ .type = GUST_FLOAT, .as.number = 0 },
	{ .type = GUST_FLOAT, .as.number = INFINITY },
	{ .type = GUST_STRING, .length = 0, .as.data = "" },
	{ .type = GUST_STRING, .length = 2, .as.data = "a\0" },
	{ .type = GUST_STRING, .length = 2, .as.data = "aa" },
	{ .type = GUST_STRING, .length = 1, .as.data = "b" },
	{ .type = GUST_BYTES, .length = 1, .as.data = "\xff" },
	{ .type = GUST_JSON, .length = 2, .as.data = "{}" },
};
#define VALUES (sizeof(values) / sizeof(values[0]))

static struct gust_text text(const struct buffer *row)
{
	return (struct gust_text){ row->used > 0 ? row->data : "", row->used };
}

TEST(values_read_back)
{
	struct buffer row = { 0 };
	struct gust_value read[VALUES + 1];
	size_t i;

	CHECK_INT(row_append(&row, values, VALUES), 0);
	CHECK(row_read(text(&row), read, VALUES));
	for (i = 0; i < VALUES; i++) {
		CHECK_UINT(read[i].type, values[i].type);
		CHECK_INT(row_compare_values(&read[i], &values[i]), 0);
	}
	CHECK(!row_read(text(&row), read, VALUES - 1));
	CHECK(!row_read(text(&row), read, VALUES + 1));
	buffer_destroy(&row);
}

TEST(they_are_in_order)
{
	struct buffer a = { 0 }, b = { 0 };
	size_t i, k;
	int r;

	for (i = 0; i < VALUES; i++)
		for (k = 0; k < VALUES; k++) {
			a.used = b.used = 0;
			CHECK_INT(row_append(&a, &values[3], 1), 0);
			CHECK_INT(row_append(&b, &values[3], 1), 0);
			CHECK_INT(row_append(&a, &values[i], 1), 0);
			CHECK_INT(row_append(&b, &values[k], 1), 0);
			r = row_compare(text(&a), text(&b));
			CHECK_INT((r > 0) - (r < 0), (i > k) - (i < k));
		}
	buffer_destroy(&a);
	buffer_destroy(&b);
}

TEST(both_zeros_are_one)
{
	const struct gust_value zero = gust_float(0), minus = gust_float(-0.0);
	struct buffer a = { 0 }, b = { 0 };

	CHECK_INT(row_append(&a, &zero, 1), 0);
	CHECK_INT(row_append(&b, &minus, 1), 0);
	CHECK_MEM(a.data, a.used, b.data, b.used);
	buffer_destroy(&a);
	buffer_destroy(&b);
}

TEST(bytes_that_are_no_row_are_refused)
{
	struct buffer row = { 0 };
	struct gust_value read[2];
	size_t n;

	CHECK_INT(row_append(&row, &values[5], 1), 0);
	CHECK_INT(row_append(&row, &values[11], 1), 0);
	for (n = 0; n < row.used; n++)
		CHECK(!row_read((struct gust_text){ row.data, n }, read, 2));
	row.data[0] = 99;
	CHECK(!row_read(text(&row), read, 2));
	row.data[0] = GUST_INT;
	row.data[4] = 7;
	CHECK(!row_read(text(&row), read, 2));
	buffer_destroy(&row);
}
