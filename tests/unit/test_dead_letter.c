/* SPDX-License-Identifier: MIT */

#include "journal/dead_letter.h"

#include <errno.h>
#include <math.h>

#include "journal/exact.h"
#include "test.h"

static char *to_text(const struct dead_letter *letter)
{
	json_t *json = dead_letter_to_json(letter);
	char *text;

	CHECK(json != NULL);
	text = json_dumps(json, EXACT_DUMP_FLAGS);
	json_decref(json);
	return text;
}

static void check_text(const struct dead_letter *letter, const char *expected)
{
	char *text = to_text(letter);

	CHECK_STR(text, expected);
	free(text);
}

static const struct dead_letter plain = {
	.time = "2026-11-21T12:00:00.123Z",
	.topology = "wordcount",
	.component = "count",
	.task = 3,
	.stream = "default",
	.kind = "failed",
	.reason = "no such word",
	.attempts = 5,
};

TEST(a_letter_is_one_object)
{
	static const struct dead_letter_field fields[] = {
		{ "word", { GUST_STRING, 4, { .data = "gust" } } },
		{ "n", { GUST_INT, 0, { .integer = -1 } } },
	};
	struct dead_letter letter = plain;

	letter.source = "a.txt";
	letter.offset = UINT64_MAX;
	letter.fields = fields;
	letter.field_count = 2;
	check_text(&letter,
		   "{\"format\":1,\"time\":\"2026-11-21T12:00:00.123Z\","
		   "\"topology\":\"wordcount\",\"component\":\"count\","
		   "\"task\":3,\"stream\":\"default\",\"kind\":\"failed\","
		   "\"reason\":\"no such word\",\"attempts\":5,"
		   "\"source\":\"a.txt\",\"offset\":\"18446744073709551615\","
		   "\"fields\":{\"word\":\"gust\",\"n\":-1}}");
}

TEST(a_raw_record_has_no_fields)
{
	struct dead_letter letter = plain;

	letter.stream = NULL;
	letter.kind = "rejected";
	letter.attempts = 0;
	letter.data = "1;2;\"";
	letter.size = 5;
	check_text(&letter,
		   "{\"format\":1,\"time\":\"2026-11-21T12:00:00.123Z\","
		   "\"topology\":\"wordcount\",\"component\":\"count\","
		   "\"task\":3,\"kind\":\"rejected\","
		   "\"reason\":\"no such word\",\"attempts\":0,"
		   "\"record\":\"1;2;\\\"\"}");
}

TEST(the_time_is_now_if_none_is_given)
{
	struct dead_letter letter = plain;
	char *text;

	letter.time = NULL;
	text = to_text(&letter);
	CHECK(strncmp(text, DEAD_LETTER_PREFIX, strlen(DEAD_LETTER_PREFIX)) ==
	      0);
	CHECK_CONTAINS(text, "\"time\":\"20");
	CHECK_CONTAINS(text, "Z\",\"topology\"");
	free(text);
}

static void check_same_value(const struct gust_value *found,
			     const struct gust_value *expected)
{
	CHECK_INT(found->type, expected->type);
	if (expected->type >= GUST_STRING)
		CHECK_MEM(found->as.data, found->length, expected->as.data,
			  expected->length);
	else if (expected->type == GUST_FLOAT)
		CHECK_FLOAT(found->as.number, expected->as.number);
	else
		CHECK_INT(found->as.integer, expected->as.integer);
}

static void check_same(const struct dead_letter *found,
		       const struct dead_letter *expected)
{
	CHECK_STR(found->time, expected->time);
	CHECK_STR(found->topology, expected->topology);
	CHECK_STR(found->component, expected->component);
	CHECK_UINT(found->task, expected->task);
	CHECK_STR(found->stream, expected->stream);
	CHECK_STR(found->kind, expected->kind);
	CHECK_STR(found->reason, expected->reason);
	CHECK_UINT(found->attempts, expected->attempts);
	CHECK_STR(found->source, expected->source);
	CHECK_UINT(found->offset, expected->offset);
	CHECK_UINT(found->field_count, expected->field_count);
	for (size_t i = 0; i < expected->field_count; i++) {
		CHECK_STR(found->fields[i].name, expected->fields[i].name);
		check_same_value(&found->fields[i].value,
				 &expected->fields[i].value);
	}
	CHECK(found->data == NULL || expected->data != NULL);
	if (expected->data != NULL)
		CHECK_MEM(found->data, found->size, expected->data,
			  expected->size);
}

static void check_round(const struct dead_letter *letter)
{
	struct dead_letter found;
	char *text = to_text(letter);
	json_t *json = json_loads(text, EXACT_LOAD_FLAGS, NULL);
	struct gust_error error = { 0 };
	struct arena arena;

	arena_init(&arena, 0);
	CHECK(json != NULL);
	CHECK_INT(dead_letter_from_json(json, &arena, &found, &error), 0);
	CHECK_STR(error.text, "");
	check_same(&found, letter);
	json_decref(json);
	arena_fini(&arena);
	free(text);
}

TEST(a_letter_comes_back_as_it_was)
{
	const struct dead_letter_field fields[] = {
		{ "null", gust_null() },
		{ "truth", gust_bool(true) },
		{ "int", gust_int(INT64_MIN) },
		{ "whole", gust_float(1e15) },
		{ "nan", gust_float(NAN) },
		{ "inf", gust_float(-INFINITY) },
		{ "text", gust_string("a\0b", 3) },
		{ "latin", gust_string("caf\xe9", 4) },
		{ "bytes", gust_bytes("\0\1\2\xff", 4) },
		{ "json", gust_json("{\"a\": 1.00}", 11) },
		{ "", gust_string("", 0) },
	};
	struct dead_letter letter = plain;

	check_round(&letter);
	letter.fields = fields;
	letter.field_count = sizeof(fields) / sizeof(fields[0]);
	letter.source = "caf\xe9.txt";
	letter.offset = UINT64_MAX - 1;
	letter.reason = "row '\xff'\n";
	check_round(&letter);
	letter = plain;
	letter.data = "\0\xff";
	letter.size = 2;
	check_round(&letter);
	letter.data = "";
	letter.size = 0;
	letter.task = UINT32_MAX;
	letter.attempts = UINT32_MAX;
	check_round(&letter);
}

TEST(fields_are_those_of_the_tuple)
{
	static const struct gust_column columns[] = { { "word", GUST_STRING },
						      { "n", GUST_INT },
						      { NULL, GUST_NULL } };
	struct {
		struct gust_tuple tuple;
		struct gust_cell cells[2];
		char bytes[8];
	} record = { 0 };
	struct dead_letter_field fields[2];

	record.tuple.size = sizeof(record);
	record.tuple.fields = 2;
	record.cells[0].type = GUST_STRING;
	record.cells[0].length = 4;
	record.cells[0].as.offset =
		(uint64_t)((char *)record.bytes - (char *)&record);
	memcpy(record.bytes, "gust", 5);
	record.cells[1].type = GUST_INT;
	record.cells[1].as.integer = 7;
	dead_letter_fields(fields, &record.tuple, columns);
	CHECK_STR(fields[0].name, "word");
	CHECK_MEM(fields[0].value.as.data, fields[0].value.length, "gust", 4);
	CHECK_STR(fields[1].name, "n");
	CHECK_INT(fields[1].value.as.integer, 7);
}

static void check_refused(const char *text, int code, const char *message)
{
	struct dead_letter letter = { .attempts = 77 };
	json_t *json = json_loads(text, EXACT_LOAD_FLAGS, NULL);
	struct gust_error error = { 0 };
	struct arena arena;

	CHECK(json != NULL);
	arena_init(&arena, 0);
	CHECK_INT(dead_letter_from_json(json, &arena, &letter, &error), code);
	CHECK_STR(error.text, message);
	CHECK_UINT(letter.attempts, 77);
	arena_fini(&arena);
	json_decref(json);
}

TEST(what_is_no_letter_is_refused)
{
	check_refused("{}", -EBADMSG,
		      "this is no dead letter, expected a JSON object that "
		      "begins with '{\"format\":'");
	check_refused("[]", -EBADMSG,
		      "this is no dead letter, expected a JSON object that "
		      "begins with '{\"format\":'");
	check_refused("{\"format\":2}", -ENOTSUP,
		      "the dead letter has format 2, expected at most 1: a "
		      "newer gust wrote it");
	check_refused("{\"format\":1}", -EBADMSG,
		      "'time' is missing, expected a string");
	check_refused("{\"format\":1,\"time\":5}", -EBADMSG,
		      "'time' is wrong, expected a string");
}

/* A good letter's text with one member put in place of another. */
static void check_member(const char *name, const char *value,
			 const char *message)
{
	char *text = to_text(&plain), *changed;
	json_t *json = json_loads(text, EXACT_LOAD_FLAGS, NULL);

	if (value == NULL)
		json_object_del(json, name);
	else
		json_object_set_new(json, name,
				    json_loads(value, JSON_DECODE_ANY, NULL));
	changed = json_dumps(json, EXACT_DUMP_FLAGS);
	check_refused(changed, -EBADMSG, message);
	free(changed);
	json_decref(json);
	free(text);
}

TEST(each_member_is_checked)
{
	check_member("topology", NULL,
		     "'topology' is missing, expected a string");
	check_member("component", "null",
		     "'component' is wrong, expected a string");
	check_member("task", "-1",
		     "'task' is wrong, expected a number from 0 on");
	check_member("task", "4294967296",
		     "'task' is wrong, expected a number from 0 on");
	check_member("stream", "1", "'stream' is wrong, expected a string");
	check_member("kind", NULL, "'kind' is missing, expected a string");
	check_member("reason", "[]", "'reason' is wrong, expected a string");
	check_member("attempts", "1.5",
		     "'attempts' is wrong, expected a number from 0 on");
	check_member("source", "\"x\"",
		     "'offset' is missing, expected a number from 0 on");
	check_member("fields", NULL, "'fields' is missing, expected an object");
	check_member("fields", "[]", "'fields' is wrong, expected an object");
	check_member("fields", "{\"a\": [1]}",
		     "'fields' is wrong, expected values of known types");
	check_member("record", "5", "'record' is wrong, expected a string");
}

static int allocations_left;

static void *scarce_malloc(size_t size)
{
	return allocations_left-- > 0 ? malloc(size) : NULL;
}

TEST(short_memory_gives_null)
{
	const struct dead_letter_field fields[] = {
		{ "x", gust_bytes("x", 1) },
	};
	struct dead_letter letter = plain;
	json_t *json = NULL;
	int n;

	letter.source = "a.txt";
	letter.fields = fields;
	letter.field_count = 1;
	json_set_alloc_funcs(scarce_malloc, free);
	for (n = 0; json == NULL && n < 1000; n++) {
		allocations_left = n;
		json = dead_letter_to_json(&letter);
	}
	json_set_alloc_funcs(malloc, free);
	CHECK(n > 20);
	CHECK(json != NULL);
	json_decref(json);
}
