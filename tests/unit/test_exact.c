/* SPDX-License-Identifier: MIT */

#include "journal/exact.h"

#include <errno.h>
#include <math.h>

#include "base/random.h"
#include "test.h"

static struct arena arena;

/* The value as a line of JSON holds it, in the arena. */
static struct gust_value through_text(struct gust_value value, char **dumped)
{
	json_t *json = exact_from_value(&value), *again;
	struct gust_value back = gust_int(77);

	CHECK(json != NULL);
	*dumped = json_dumps(json, EXACT_DUMP_FLAGS | JSON_ENCODE_ANY);
	json_decref(json);
	again = json_loads(*dumped, EXACT_LOAD_FLAGS | JSON_DECODE_ANY, NULL);
	CHECK(again != NULL);
	CHECK_INT(exact_to_value(again, &arena, &back), 0);
	if (back.type >= GUST_STRING)
		back.as.data = arena_copy(&arena, back.as.data, back.length);
	json_decref(again);
	return back;
}

static void check(struct gust_value value, const char *text)
{
	char *dumped = NULL;
	struct gust_value back = through_text(value, &dumped);

	if (text != NULL)
		CHECK_STR(dumped, text);
	free(dumped);
	CHECK_INT(back.type, value.type);
	if (value.type >= GUST_STRING)
		CHECK_MEM(back.as.data, back.length, value.as.data,
			  value.length);
	else if (value.type == GUST_FLOAT)
		CHECK_FLOAT(back.as.number, value.as.number);
	else
		CHECK_INT(back.as.integer, value.as.integer);
	arena_fini(&arena);
}

TEST(plain_values_are_plain_json)
{
	arena_init(&arena, 0);
	check(gust_null(), "null");
	check(gust_bool(true), "true");
	check(gust_bool(false), "false");
	check(gust_int(-7), "-7");
	check(gust_int(INT64_MAX), "9223372036854775807");
	check(gust_int(INT64_MIN), "-9223372036854775808");
	check(gust_string("caf\xc3\xa9 \"x\"", 9), "\"caf\xc3\xa9 \\\"x\\\"\"");
	check(gust_string("", 0), "\"\"");
	check(gust_string(NULL, 0), "\"\"");
	check(gust_string("a\0b\n", 4), "\"a\\u0000b\\n\"");
}

TEST(floats_stay_floats_to_the_last_bit)
{
	struct random random;

	arena_init(&arena, 0);
	check(gust_float(5), "5.0");
	check(gust_float(-0.0), "-0.0");
	check(gust_float(0.1), NULL);
	check(gust_float(1e22), NULL);
	check(gust_float(5e-324), NULL);
	check(gust_float(1.7976931348623157e308), NULL);
	check(gust_float(NAN), "{\"float\":\"nan\"}");
	check(gust_float(INFINITY), "{\"float\":\"inf\"}");
	check(gust_float(-INFINITY), "{\"float\":\"-inf\"}");
	random_seed(&random, 1);
	for (int i = 0; i < 10000; i++) {
		uint64_t bits = random_next(&random);
		double number;

		memcpy(&number, &bits, sizeof(number));
		if (!isnan(number))
			check(gust_float(number), NULL);
	}
}

TEST(other_bytes_are_tagged)
{
	arena_init(&arena, 0);
	check(gust_string("\xff\xef\xbe", 3), "{\"base64\":\"/+++\"}");
	check(gust_string("\xc0\x80", 2), NULL);
	check(gust_string("\xed\xa0\x80", 3), NULL);
	check(gust_string("cut \xe2\x82", 6), NULL);
	check(gust_bytes("foo", 3), "{\"bytes\":\"Zm9v\"}");
	check(gust_bytes("", 0), "{\"bytes\":\"\"}");
	check(gust_json("{ \"a\":1.0}", 10), "{\"json\":\"{ \\\"a\\\":1.0}\"}");
	check(gust_json("\xff", 1), "{\"json\":{\"base64\":\"/w==\"}}");
}

static int read_value(const char *text, struct gust_value *value)
{
	json_t *json =
		json_loads(text, EXACT_LOAD_FLAGS | JSON_DECODE_ANY, NULL);
	int r;

	CHECK(json != NULL);
	r = exact_to_value(json, &arena, value);
	json_decref(json);
	return r;
}

TEST(what_was_not_written_here_is_refused)
{
	static const char *const texts[] = {
		"[]",
		"{}",
		"{\"bytes\":\"Zg\"}",
		"{\"bytes\":1}",
		"{\"base64\":\"=\"}",
		"{\"float\":\"1\"}",
		"{\"float\":1}",
		"{\"json\":null}",
		"{\"other\":\"x\"}",
		"{\"bytes\":\"\",\"json\":\"\"}",
		"{\"json\":{\"bytes\":\"\"}}",
	};
	struct gust_value value = gust_int(77);

	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_INT(read_value(texts[i], &value), -EINVAL);
	CHECK_INT(exact_to_value(NULL, &arena, &value), -EINVAL);
	CHECK_INT(value.as.integer, 77);
	arena_fini(&arena);
}

static void check_unsigned(uint64_t number, const char *text)
{
	json_t *json = exact_from_unsigned(number);
	char *dumped = json_dumps(json, EXACT_DUMP_FLAGS | JSON_ENCODE_ANY);
	uint64_t back = 77;

	CHECK_STR(dumped, text);
	CHECK_INT(exact_to_unsigned(json, &back), 0);
	CHECK_UINT(back, number);
	json_decref(json);
	free(dumped);
}

TEST(unsigned_numbers_have_64_bits)
{
	static const char *const wrong[] = {
		"", "0", "-1", "+1", " 1", "1 ", "x", "18446744073709551616"
	};
	uint64_t number = 77;
	json_t *json;

	check_unsigned(0, "0");
	check_unsigned(INT64_MAX, "9223372036854775807");
	check_unsigned((uint64_t)INT64_MAX + 1, "\"9223372036854775808\"");
	check_unsigned(UINT64_MAX, "\"18446744073709551615\"");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json = json_string(wrong[i]);
		CHECK_INT(exact_to_unsigned(json, &number), -EINVAL);
		json_decref(json);
	}
	json = json_integer(-1);
	CHECK_INT(exact_to_unsigned(json, &number), -EINVAL);
	json_decref(json);
	CHECK_INT(exact_to_unsigned(NULL, &number), -EINVAL);
	CHECK_UINT(number, 77);
}

TEST(text_is_ended_by_a_nul)
{
	json_t *json = exact_from_text("\xff", 1);
	struct gust_text text;

	arena_init(&arena, 0);
	CHECK_INT(exact_to_text(json, &arena, &text), 0);
	CHECK_MEM(text.data, text.length + 1, "\xff", 2);
	CHECK_INT(exact_to_text(NULL, &arena, &text), -EINVAL);
	json_decref(json);
	arena_fini(&arena);
}

static int allocations_left;

static void *scarce_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

TEST(short_memory_gives_null)
{
	static const char data[] = "\xff";
	const struct gust_value values[] = {
		gust_float(NAN),
		gust_string(data, 1),
		gust_json(data, 1),
	};

	for (size_t i = 0; i < 3; i++) {
		json_t *json = NULL;
		int n;

		json_set_alloc_funcs(scarce_malloc, free);
		for (n = 0; json == NULL && n < 100; n++) {
			allocations_left = n;
			json = exact_from_value(&values[i]);
		}
		json_set_alloc_funcs(malloc, free);
		CHECK(n > 2);
		CHECK(json != NULL);
		json_decref(json);
	}
}
