/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "engine/state.h"
#include "starve.h"
#include "test.h"

/*
 * A bolt that gets two streams of spout `a`, and of stream 2 nothing: what they
 * share stands at different places.
 */
static const struct gust_column first[] = {
	{ "word", GUST_STRING },
	{ "n", GUST_INT },
	{ "only", GUST_BOOL },
};
static const struct gust_column second[] = {
	{ "x", GUST_FLOAT },
	{ "n", GUST_FLOAT },
	{ "word", GUST_STRING },
};
static const struct gust_column third[] = { { "other", GUST_INT } };
static struct plan_stream streams[] = {
	{ .name = "default", .columns = first, .column_count = 3 },
	{ .name = "late", .columns = second, .column_count = 3 },
	{ .name = "unread", .columns = third, .column_count = 1 },
};
static const uint16_t keys_first[] = { 0, 1 }, keys_second[] = { 2, 1 };
static struct plan_edge edges[2];
static const struct plan_edge edges_plain[2] = {
	{ .stream = 0,
	  .grouping = PLAN_FIELDS,
	  .keys = keys_first,
	  .key_count = 2 },
	{ .stream = 1,
	  .grouping = PLAN_PARTIAL_KEY,
	  .keys = keys_second,
	  .key_count = 2 },
};
static const uint32_t inputs[] = { 0, 1 };
static struct plan_component components[] = {
	{ .id = "a" },
	{ .id = "b", .inputs = inputs, .input_count = 2 },
};
static const struct plan plan = {
	.streams = streams,
	.stream_count = 3,
	.edges = edges,
	.edge_count = 2,
	.components = components,
	.component_count = 2,
};
static struct executor x = { .plan = &plan };
static struct gust_task task;
static struct gust_error error;

static void begin(void)
{
	memset(&task, 0, sizeof(task));
	memset(&error, 0, sizeof(error));
	memcpy(edges, edges_plain, sizeof(edges));
	task.x = &x;
	task.component = &components[1];
}

/* As the executor does when it is destroyed. */
static void end(void)
{
	for (uint32_t i = 0; i < task.index_count; i++)
		free(task.indexes[i]);
	free(task.indexes);
}

TEST(a_handle_knows_the_place_in_every_stream)
{
	struct gust_field word, again;

	begin();
	CHECK_INT(gust_field(&task, "word", GUST_STRING, &word, &error), 0);
	CHECK_INT(gust_field(&task, "word", GUST_NULL, &again, NULL), 0);
	CHECK_UINT(word.index[0], 0);
	CHECK_UINT(word.index[1], 2);
	CHECK_UINT(word.index[2], GUST_ABSENT);
	CHECK_UINT(again.index[1], 2);
	end();
}

TEST(a_field_must_be_in_every_input)
{
	struct gust_field field = { NULL };

	begin();
	CHECK_INT(gust_field(&task, "only", GUST_BOOL, &field, &error),
		  -ENOENT);
	CHECK_STR(error.text, "stream 'late' of 'a' has no field 'only'");
	CHECK_PTR(field.index, NULL);
	end();
}

TEST(the_nearest_name_is_said)
{
	struct gust_field field;

	begin();
	CHECK_INT(gust_field(&task, "wrod", GUST_NULL, &field, &error),
		  -ENOENT);
	CHECK_STR(error.text, "stream 'default' of 'a' has no field 'wrod'; "
			      "did you mean 'word'?");
	end();
}

TEST(an_optional_field_may_be_missing)
{
	struct gust_field field;

	begin();
	CHECK_INT(gust_field_optional(&task, "only", GUST_BOOL, &field, &error),
		  0);
	CHECK_UINT(field.index[0], 2);
	CHECK_UINT(field.index[1], GUST_ABSENT);
	CHECK_INT(gust_field_optional(&task, "none", GUST_BOOL, &field, &error),
		  0);
	CHECK_UINT(field.index[0], GUST_ABSENT);
	/* But where it is, it has the type. */
	CHECK_INT(gust_field_optional(&task, "only", GUST_INT, &field, &error),
		  -EINVAL);
	end();
}

TEST(types_are_those_asked_for_and_agree)
{
	struct gust_field field;

	begin();
	CHECK_INT(gust_field(&task, "word", GUST_INT, &field, &error), -EINVAL);
	CHECK_STR(error.text, "field 'word' of stream 'default' is string, "
			      "expected int");
	memset(&error, 0, sizeof(error));
	/* Any type, but one. */
	CHECK_INT(gust_field(&task, "n", GUST_NULL, &field, &error), -EINVAL);
	CHECK_STR(error.text, "field 'n' of stream 'late' is float, expected "
			      "int");
	end();
}

TEST(hashes_are_of_use_if_all_inputs_are_grouped_by_the_same)
{
	const char *const both[] = { "word", "n" }, *const swapped[] = {
		"n", "word"
	};

	begin();
	CHECK_BOOL(gust_hashed_by(&task, both, 2), true);
	CHECK_BOOL(gust_hashed_by(&task, both, 1), false);
	CHECK_BOOL(gust_hashed_by(&task, swapped, 2), false);
	edges[1].grouping = PLAN_SHUFFLE;
	CHECK_BOOL(gust_hashed_by(&task, both, 2), false);
	edges[1].grouping = PLAN_FIELDS;
	CHECK_BOOL(gust_hashed_by(&task, both, 2), true);
	edges[0].keys = keys_second;
	CHECK_BOOL(gust_hashed_by(&task, both, 2), false);
	task.component = &components[0];
	CHECK_BOOL(gust_hashed_by(&task, both, 2), false);
	end();
}

TEST(short_memory_is_reported)
{
	for (unsigned long n = 1; starve(n); n++) {
		struct gust_field field;
		int r;

		begin();
		r = gust_field(&task, "word", GUST_STRING, &field, &error);
		if (r == 0)
			r = gust_field(&task, "word", GUST_STRING, &field,
				       &error);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK_INT(error.code, r);
		end();
	}
}
