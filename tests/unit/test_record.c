/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "test.h"
#include "tuple/record.h"

#define COLUMNS 7

static const struct gust_column every[COLUMNS + 1] = {
	{ "b", GUST_BOOL },   { "i", GUST_INT },   { "f", GUST_FLOAT },
	{ "s", GUST_STRING }, { "y", GUST_BYTES }, { "j", GUST_JSON },
	{ "n", GUST_INT },    { NULL, GUST_NULL },
};

/* Fields 0 to 9 of stream 0, for handles. */
static const uint16_t at[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static struct gust_field field(size_t number)
{
	return (struct gust_field){ at + number };
}

/* Builds a record in memory of its exact size; the caller frees it. */
static struct gust_tuple *build(const struct gust_column *columns,
				const struct gust_value *values, uint32_t count)
{
	const struct gust_tuple header = { .fields = (uint16_t)count,
					   .task = 3 };
	size_t size = record_measure(columns, values, count);
	struct gust_tuple *tuple;

	CHECK(size != RECORD_MISFIT);
	CHECK_UINT(size % 8, 0);
	tuple = malloc(size);
	CHECK(tuple != NULL);
	/* What is not written shows. */
	memset(tuple, 0xa5, size);
	CHECK_UINT(record_write(tuple, size, &header, columns, values), size);
	CHECK_UINT(tuple->size, size);
	return tuple;
}

static struct gust_tuple *build_text(const char *text, size_t length)
{
	static const struct gust_column column = { "s", GUST_STRING };
	struct gust_value value = gust_string(text, length);

	return build(&column, &value, 1);
}

TEST(values_of_every_type_come_back)
{
	const struct gust_value values[COLUMNS] = {
		gust_bool(true),     gust_int(INT64_MIN),   gust_float(-0.5),
		gust_string("a", 1), gust_bytes("\0\1", 2), gust_json("{}", 2),
		gust_null(),
	};
	struct gust_tuple *tuple = build(every, values, COLUMNS);

	CHECK_INT(record_check(tuple, tuple->size), 0);
	CHECK_UINT(tuple->fields, COLUMNS);
	CHECK_UINT(tuple->task, 3);
	CHECK_INT(gust_integer(tuple, field(0)), 1);
	CHECK_INT(gust_integer(tuple, field(1)), INT64_MIN);
	CHECK_FLOAT(gust_number(tuple, field(2)), -0.5);
	CHECK_STR(gust_text(tuple, field(3)).data, "a");
	CHECK_MEM(gust_text(tuple, field(4)).data,
		  gust_text(tuple, field(4)).length, "\0\1", 2);
	CHECK_STR(gust_text(tuple, field(5)).data, "{}");
	CHECK(gust_is_null(tuple, field(6)));
	for (size_t i = 0; i < COLUMNS; i++)
		CHECK_UINT(gust_value(tuple, field(i)).type, values[i].type);
	free(tuple);
}

TEST(a_wrong_accessor_reads_nothing)
{
	const struct gust_value values[COLUMNS] = {
		gust_bool(true),    gust_int(7),
		gust_float(2),      gust_string("12345", 5),
		gust_bytes("x", 1), gust_json("1", 1),
		gust_null(),
	};
	struct gust_tuple *tuple = build(every, values, COLUMNS);

	CHECK_INT(gust_integer(tuple, field(3)), 0);
	CHECK_FLOAT(gust_number(tuple, field(3)), 0.0);
	CHECK_UINT(gust_text(tuple, field(1)).length, 0);
	CHECK_STR(gust_text(tuple, field(6)).data, "");
	CHECK_FLOAT(gust_number(tuple, field(1)), 7.0);
	CHECK_INT(gust_integer(tuple, field(2)), 0);
	free(tuple);
}

TEST(texts_of_every_length_have_a_nul_and_zero_padding)
{
	char text[64];

	memset(text, 'x', sizeof(text));
	for (size_t length = 0; length < sizeof(text); length++) {
		struct gust_tuple *tuple = build_text(text, length);
		struct gust_text got = gust_text(tuple, field(0));
		const char *end = (const char *)tuple + tuple->size;

		CHECK_MEM(got.data, got.length, text, length);
		CHECK(end - got.data > (ptrdiff_t)length);
		CHECK(end - got.data <= (ptrdiff_t)length + 8);
		for (const char *p = got.data + length; p < end; p++)
			CHECK_INT(*p, 0);
		CHECK_INT(record_check(tuple, tuple->size), 0);
		free(tuple);
	}
}

TEST(a_short_text_is_the_same_the_short_way)
{
	const struct gust_tuple header = { .fields = 1, .task = 3 };
	char *text = strdup("0123456789abcdef");
	static const uint16_t key = 0;
	uint32_t length;

	CHECK(text != NULL);
	for (length = 0; length < RECORD_SHORT; length++) {
		struct gust_tuple *tuple = build_text(text, length);
		const size_t room = tuple->size + RECORD_SLACK;
		struct gust_tuple *shorter = malloc(room);

		CHECK(shorter != NULL);
		memset(shorter, 0xa5, room);
		CHECK_UINT(record_short_size(length), tuple->size);
		record_write_short(shorter, &header, text, length, true);
		CHECK_UINT(shorter->hash, record_hash(tuple, &key, 1));
		shorter->hash = 0;
		CHECK_MEM(shorter, tuple->size, tuple, tuple->size);
		record_write_short(shorter, &header, text, length, false);
		CHECK_MEM(shorter, tuple->size, tuple, tuple->size);
		free(shorter);
		free(tuple);
	}
	free(text);
}

TEST(a_header_without_fields_is_a_record)
{
	struct gust_tuple *tuple = build(every, NULL, 0);

	CHECK_UINT(tuple->size, sizeof(*tuple));
	CHECK_INT(record_check(tuple, tuple->size), 0);
	CHECK_UINT(tuple->hash, 0);
	CHECK_UINT(tuple->flags, 0);
	CHECK_INT(tuple->time, 0);
	CHECK_UINT(tuple->path, 0);
	free(tuple);
}

TEST(values_must_have_the_types_of_their_columns)
{
	for (uint32_t column = 0; column < 6; column++) {
		for (uint32_t type = GUST_NULL; type <= GUST_JSON + 1; type++) {
			struct gust_value value = { .type = type,
						    .as.data = "" };
			bool fits = type == GUST_NULL ||
				    type == (uint32_t)every[column].type;

			CHECK_BOOL(record_measure(&every[column], &value, 1) !=
					   RECORD_MISFIT,
				   fits);
		}
	}
}

/* Nothing beyond the room is touched, which the address sanitizer sees. */
TEST(what_does_not_fit_is_not_written)
{
	const struct gust_value values[COLUMNS] = {
		gust_bool(true),
		gust_int(1),
		gust_float(2),
		gust_string("a", 1),
		gust_bytes("bcdefghi", 8),
		gust_json("{}", 2),
		gust_null(),
	};
	const struct gust_tuple header = { .fields = COLUMNS };
	size_t size = record_measure(every, values, COLUMNS);

	for (size_t left = 0; left <= size; left += 8) {
		struct gust_tuple *tuple = malloc(left + 1);

		CHECK(tuple != NULL);
		CHECK_UINT(record_write(tuple, left, &header, every, values),
			   left < size ? 0 : size);
		free(tuple);
	}
}

TEST(a_value_of_a_wrong_type_is_not_written)
{
	const struct gust_tuple header = { .fields = 1 };
	struct gust_value value = gust_string("a", 1);
	_Alignas(8) char room[256];

	CHECK_UINT(record_write((void *)room, sizeof(room), &header, &every[1],
				&value),
		   0);
	value = gust_null();
	CHECK_UINT(record_write((void *)room, sizeof(room), &header, &every[1],
				&value),
		   sizeof(struct gust_tuple) + sizeof(struct gust_cell));
}

TEST(a_size_does_not_wrap_around)
{
	const struct gust_column columns[] = { { "a", GUST_BYTES },
					       { "b", GUST_BYTES } };
	const struct gust_value values[] = { gust_bytes("", SIZE_MAX),
					     gust_bytes("", SIZE_MAX) };

	CHECK_UINT(values[0].length, UINT32_MAX);
	CHECK_UINT(record_measure(columns, values, 2),
		   sizeof(struct gust_tuple) + 2 * sizeof(struct gust_cell) +
			   2 * (UINT64_C(1) << 32));
}

TEST(a_record_that_is_cut_is_refused)
{
	struct gust_tuple *tuple = build_text("some text", 9);
	uint32_t whole = tuple->size;

	for (size_t size = 0; size < whole; size++) {
		CHECK_INT(record_check(tuple, size), -EBADMSG);
		if (size < sizeof(tuple->size))
			continue;
		tuple->size = (uint32_t)size;
		CHECK_INT(record_check(tuple, size), -EBADMSG);
		tuple->size = whole;
	}
	CHECK_INT(record_check(tuple, whole), 0);
	free(tuple);
}

/*
 * One thing is wrong, and the rest as it should be. A NUL that follows the
 * record is not its own.
 */
static void check_spoilt(size_t offset, uint64_t value, size_t width)
{
	struct gust_tuple *tuple = build_text("some text", 9);
	uint32_t size = tuple->size;
	uint64_t record[10] = { 0 };

	CHECK_UINT(size, 72);
	memcpy(record, tuple, size);
	memcpy((char *)record + offset, &value, width);
	CHECK_INT(record_check(record, size), -EBADMSG);
	free(tuple);
}

TEST(cells_that_point_outside_are_refused)
{
	const size_t cell = sizeof(struct gust_tuple);
	const size_t length = cell + offsetof(struct gust_cell, length);
	const size_t offset = cell + offsetof(struct gust_cell, as);

	check_spoilt(offsetof(struct gust_tuple, fields), 3, 2);
	check_spoilt(offsetof(struct gust_tuple, fields), UINT16_MAX, 2);
	check_spoilt(offsetof(struct gust_tuple, size), 64, 4);
	check_spoilt(cell, GUST_JSON + 1, 4);
	check_spoilt(cell, UINT32_MAX, 4);
	check_spoilt(length, 16, 4);
	check_spoilt(length, UINT32_MAX, 4);
	check_spoilt(length, 8, 4); /* a byte that is not NUL follows */
	check_spoilt(offset, 0, 8); /* the header */
	check_spoilt(offset, cell, 8);
	check_spoilt(offset, 72, 8);
	check_spoilt(offset, UINT64_MAX, 8);
	check_spoilt(offset, UINT64_MAX - 8, 8);
}

static uint64_t hash_of(struct gust_value value)
{
	const struct gust_column column = { "x", (enum gust_type)value.type };
	const uint16_t key = 0;
	struct gust_tuple *tuple = build(&column, &value, 1);
	uint64_t hash = record_hash(tuple, &key, 1);

	free(tuple);
	return hash;
}

TEST(hashes_tell_types_apart)
{
	const struct gust_value values[] = {
		gust_null(),
		gust_bool(false),
		gust_int(0),
		gust_float(0),
		gust_string("", 0),
		gust_bytes("", 0),
		gust_json("", 0),
		gust_bool(true),
		gust_int(1),
		gust_float(1),
		gust_string("1", 1),
		gust_bytes("1", 1),
		gust_json("1", 1),
		gust_string("\0", 1),
		gust_string("\1\0\0\0\0\0\0\0", 8),
	};
	const size_t n = sizeof(values) / sizeof(values[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(hash_of(values[i]) != hash_of(values[j]));
}

TEST(the_two_zeros_are_one_key)
{
	CHECK_UINT(hash_of(gust_float(-0.0)), hash_of(gust_float(0.0)));
}

/* Written down once: tasks are chosen by them, on every machine, for ever. */
TEST(hashes_stay_what_they_are)
{
	CHECK_UINT(hash_of(gust_string("gust", 4)),
		   UINT64_C(0xa1f182a4d1782c29));
	CHECK_UINT(hash_of(gust_int(42)), UINT64_C(0x26a25328c505b63e));
	CHECK_UINT(hash_of(gust_null()), UINT64_C(0xc77b3abb6f87acd9));
}

TEST(keys_hash_in_their_order_and_alone)
{
	const struct gust_column columns[] = { { "a", GUST_STRING },
					       { "b", GUST_STRING } };
	const struct gust_value ab[] = { gust_string("a", 1),
					 gust_string("b", 1) };
	const struct gust_value abc[] = { gust_string("ab", 2),
					  gust_string("", 0) };
	const uint16_t keys[] = { 0, 1 }, swapped[] = { 1, 0 };
	struct gust_tuple *first = build(columns, ab, 2);
	struct gust_tuple *second = build(columns, abc, 2);

	CHECK(record_hash(first, keys, 2) != record_hash(first, swapped, 2));
	CHECK(record_hash(first, keys, 2) != record_hash(second, keys, 2));
	CHECK_UINT(record_hash(first, keys, 1), hash_of(ab[0]));
	CHECK_UINT(record_hash(first, keys + 1, 1), hash_of(ab[1]));
	CHECK_UINT(record_hash(first, keys, 0), 0);
	free(first);
	free(second);
}

/* What is written passes the check; one that is spoilt may, but is safe. */
TEST(random_bytes_never_make_it_read_outside)
{
	struct random random;
	size_t refused = 0;

	random_seed(&random, 7);
	for (int round = 0; round < 20000; round++) {
		struct gust_tuple *tuple = build_text("spoil me", 8);
		size_t byte = random_next(&random) % tuple->size;
		uint32_t size = tuple->size;

		((char *)tuple)[byte] ^= (char)(1u << random_next(&random) % 8);
		if (record_check(tuple, size) != 0) {
			refused++;
		} else {
			struct gust_value value = gust_value_at(tuple, 0);

			if (tuple->fields > 0 && value.type >= GUST_STRING)
				CHECK_INT(value.as.data[value.length], 0);
		}
		free(tuple);
	}
	CHECK(refused > 0 && refused < 20000);
}
