/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

static const struct gust_column columns[] = { { "word", GUST_STRING },
					      { "shelf", GUST_INT },
					      { NULL, GUST_NULL } };

static struct fake *route_create(const struct gust_column *other)
{
	struct fake *fake = fake_create("bolts/route");

	fake_input(fake, columns);
	if (other != NULL)
		fake_input(fake, other);
	fake_set_string(fake, "field", "shelf");
	fake_set_number(fake, "tasks", 4);
	return fake;
}

static void goes_to(struct fake *fake, struct gust_value shelf, int32_t task)
{
	const struct gust_value row[] = { gust_string("a", 1), shelf };

	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_INT(fake->how.direct, task);
	CHECK_UINT(fake->how.stream, 0);
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
}

TEST(a_number_names_the_task)
{
	struct fake *fake = route_create(NULL);

	CHECK_INT(fake_open(fake), 0);
	goes_to(fake, gust_int(3), 3);
	goes_to(fake, gust_int(4), 0);
	goes_to(fake, gust_int(INT64_MAX), 3);
	goes_to(fake, gust_null(), 0);
	CHECK_STR(fake->emitted.data,
		  "a\t3\na\t4\na\t9223372036854775807\na\tnull\n");
	fake_destroy(fake);
}

TEST(a_negative_number_names_a_task_as_well)
{
	struct fake *fake = route_create(NULL);

	CHECK_INT(fake_open(fake), 0);
	goes_to(fake, gust_int(-1), 3);
	goes_to(fake, gust_int(INT64_MIN), 0);
	fake_destroy(fake);
}

TEST(all_inputs_must_have_the_same_fields)
{
	static const struct gust_column longer[] = { { "word", GUST_STRING },
						     { "shelf", GUST_INT },
						     { "more", GUST_INT },
						     { NULL, GUST_NULL } };
	struct fake *fake = route_create(longer);

	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "expected the same fields from all");
	fake_destroy(fake);
	fake = route_create(columns);
	CHECK_INT(fake_declare(fake), 0);
	fake_destroy(fake);
}

TEST(the_field_must_be_an_int)
{
	struct fake *fake = route_create(NULL);

	fake_set_string(fake, "field", "word");
	fake_refuse(fake, -EINVAL, "field 'word' is string, expected int");
}
