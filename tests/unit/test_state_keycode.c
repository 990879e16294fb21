/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>

#include "base/random.h"
#include "state/keycode.h"
#include "tuple/record.h"
#include "tuple/value.h"

#define STRING(text) gust_string((text), sizeof(text) - 1)

/* Encodes a key into new memory, and checks the size that was foretold. */
static struct gust_text encode(const struct gust_value *values, size_t count)
{
	const size_t size = keycode_size(values, count);
	char *data = malloc(size + 1);

	CHECK_PTR(keycode_encode(data, values, count), data + size);
	return (struct gust_text){ data, size };
}

static void release(struct gust_text text)
{
	free((char *)(uintptr_t)text.data);
}

/* Single values in their order. */
static struct gust_value ordered[40];

static size_t make_ordered(void)
{
	const struct gust_value all[] = {
		gust_null(),          gust_bool(false),
		gust_bool(true),      gust_int(INT64_MIN),
		gust_int(-256),       gust_int(-1),
		gust_int(0),          gust_int(1),
		gust_int(255),        gust_int(256),
		gust_int(INT64_MAX),  gust_float(-INFINITY),
		gust_float(-DBL_MAX), gust_float(-1.5),
		gust_float(-DBL_MIN), gust_float(0),
		gust_float(DBL_MIN),  gust_float(1),
		gust_float(1.5),      gust_float(DBL_MAX),
		gust_float(INFINITY), gust_float(NAN),
		STRING(""),           STRING("\0"),
		STRING("\0\0"),       STRING("\0\1"),
		STRING("\0\xff"),     STRING("\1"),
		STRING("a"),          STRING("a\0"),
		STRING("a\0b"),       STRING("aa"),
		STRING("b"),          STRING("\xff"),
		STRING("\xff\0"),     STRING("\xff\xff"),
		gust_bytes("", 0),    gust_bytes("a", 1),
		gust_json("1", 1),
	};
	const size_t count = sizeof(all) / sizeof(all[0]);

	memcpy(ordered, all, sizeof(all));
	return count;
}

TEST(bytes_are_in_the_order_of_the_values)
{
	const size_t count = make_ordered();

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			struct gust_text a = encode(&ordered[i], 1);
			struct gust_text b = encode(&ordered[j], 1);
			const int order = keycode_compare(a, b);

			if ((order < 0) != (i < j) || (order > 0) != (i > j))
				FAIL("values %zu and %zu: %d", i, j, order);
			CHECK_BOOL(value_same(&ordered[i], &ordered[j]),
				   i == j);
			release(a);
			release(b);
		}
	}
}

TEST(earlier_values_come_first)
{
	const struct gust_value rows[][2] = {
		{ STRING("a"), STRING("z") },
		{ STRING("a\0"), STRING("a") },
		{ STRING("a\0"), gust_bytes("", 0) },
		{ STRING("a\0\xff"), gust_null() },
		{ STRING("ab"), gust_null() },
		{ gust_bytes("", 0), gust_int(-1) },
		{ gust_bytes("", 0), gust_int(7) },
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);

	for (size_t i = 0; i + 1 < count; i++) {
		struct gust_text a = encode(rows[i], 2);
		struct gust_text b = encode(rows[i + 1], 2);
		struct gust_text first = encode(rows[i], 1);

		CHECK(keycode_compare(a, b) < 0);
		CHECK(keycode_compare(first, a) < 0);
		release(a);
		release(b);
		release(first);
	}
}

/* Reads a key back and compares it. */
static void read_back(const struct gust_value *values, size_t count)
{
	struct gust_text code = encode(values, count);
	struct gust_value *found;
	size_t found_count, room;
	char *texts;

	CHECK_INT(keycode_check(code.data, code.length, &found_count, &room),
		  0);
	CHECK_UINT(found_count, count);
	found = calloc(count + 1, sizeof(*found));
	texts = malloc(room + 1);
	keycode_decode(code.data, code.length, found, texts);
	for (size_t i = 0; i < count; i++) {
		CHECK(value_same(&found[i], &values[i]));
		if (values[i].type < GUST_STRING)
			continue;
		CHECK_UINT((uintptr_t)(found[i].as.data - texts) % 8, 0);
		CHECK_INT(found[i].as.data[found[i].length], 0);
	}
	free(found);
	free(texts);
	release(code);
}

TEST(what_was_written_is_read)
{
	const size_t count = make_ordered();

	for (size_t i = 0; i <= count; i++)
		read_back(ordered, i);
}

TEST(any_values_are_read_back_and_stay_in_order)
{
	struct random random;
	char text[2][12];

	random_seed(&random, 7);
	for (int round = 0; round < 20000; round++) {
		struct gust_value values[2];
		struct gust_text a, b;
		int expected;

		for (int i = 0; i < 2; i++) {
			const size_t n = random_next(&random) % 12;

			for (size_t j = 0; j < n; j++)
				text[i][j] =
					"\0\1a\xff"[random_next(&random) % 4];
			values[i] = gust_string(text[i], n);
		}
		read_back(values, 2);
		a = encode(&values[0], 1);
		b = encode(&values[1], 1);
		expected = keycode_compare(
			(struct gust_text){ text[0], values[0].length },
			(struct gust_text){ text[1], values[1].length });
		CHECK_BOOL(keycode_compare(a, b) < 0, expected < 0);
		CHECK_BOOL(keycode_compare(a, b) > 0, expected > 0);
		release(a);
		release(b);
	}
}

TEST(minus_zero_is_zero)
{
	const struct gust_value zero = gust_float(0), minus = gust_float(-0.0);
	struct gust_text a = encode(&zero, 1), b = encode(&minus, 1);

	CHECK(value_same(&zero, &minus));
	CHECK_UINT(keycode_hash(&zero, 1), keycode_hash(&minus, 1));
	CHECK_INT(keycode_compare(a, b), 0);
	release(a);
	release(b);
}

TEST(what_is_no_key_is_refused)
{
	static const struct gust_text bad[] = {
		{ "\0", 1 },
		{ "\x09", 1 },
		{ "\xff", 1 },
		{ "\x04", 1 },
		{ "\x04\0\0\0\0\0\0\0", 8 },
		{ "\x06", 1 },
		{ "\x06"
		  "a",
		  2 },
		{ "\x06"
		  "a\0\xff",
		  4 },
		{ "\x01\x0a", 2 },
	};
	size_t count, room;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(keycode_check(bad[i].data, bad[i].length, &count,
					&room),
			  -EBADMSG);
	CHECK_INT(keycode_check("", 0, &count, &room), 0);
	CHECK_UINT(count, 0);
}

/* The hash of a key is that of the tuples that are grouped by it. */
TEST(the_hash_is_that_of_the_grouping)
{
	const struct gust_value values[] = { gust_int(-3), STRING("word"),
					     gust_null(), gust_float(-0.0),
					     gust_bool(true) };
	const uint16_t keys[] = { 0, 1, 2, 3, 4 };
	struct {
		struct gust_tuple tuple;
		struct gust_cell cells[5];
		char text[8];
	} in = { .tuple = { .size = sizeof(in), .fields = 5 }, .text = "word" };

	for (size_t i = 0; i < 5; i++) {
		in.cells[i].type = values[i].type;
		in.cells[i].length = values[i].length;
		in.cells[i].as.integer = values[i].as.integer;
	}
	in.cells[1].as.offset = (uint64_t)(in.text - (char *)&in);
	for (uint32_t count = 1; count <= 5; count++)
		CHECK_UINT(keycode_hash(values, count),
			   record_hash(&in.tuple, keys, count));
	CHECK_UINT(keycode_hash(&values[1], 1), record_hash_text("word", 4));
}
