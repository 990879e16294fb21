/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

#define MANY 20000

static const struct gust_column columns[] = {
	{ "user", GUST_STRING },
	{ "n", GUST_INT },
	{ "share", GUST_FLOAT },
	{ NULL, GUST_NULL },
};

static const char *const by_user[] = { "user" };
static const char *const by_share[] = { "n", "share" };

static struct fake *create(double probability, double every)
{
	struct fake *fake = fake_create("bolts/sample");

	fake_input(fake, columns);
	fake_set_number(fake, "probability", probability);
	fake_set_number(fake, "every", every);
	fake_set_number(fake, "seed", 1);
	return fake;
}

static bool takes(struct fake *fake, const char *user, int64_t n, double share)
{
	const struct gust_value row[] = { gust_string(user, strlen(user)),
					  gust_int(n), gust_float(share) };
	size_t before = fake->emits;

	CHECK_INT(fake_give(fake, row, 3), 0);
	return fake->emits > before;
}

TEST(all_fields_are_passed_on)
{
	struct fake *fake = create(1, 0);
	const struct gust_value nulls[] = { gust_null(), gust_null(),
					    gust_null() };

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 3);
	CHECK_STR(fake->columns[0].name, "user");
	CHECK_INT(fake->columns[2].type, GUST_FLOAT);
	CHECK(takes(fake, "ann", 7, 0.5));
	CHECK_INT(fake_give(fake, nulls, 3), 0);
	CHECK_STR(fake->emitted.data, "ann\t7\t0.5\nnull\tnull\tnull\n");
	fake_destroy(fake);
}

TEST(every_nth_passes)
{
	struct fake *fake = create(-1, 3);
	int i;

	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 30; i++)
		CHECK_INT(takes(fake, "a", i, 0), i % 3 == 0);
	fake_destroy(fake);
	fake = create(-1, 1);
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 5; i++)
		CHECK(takes(fake, "a", i, 0));
	fake_destroy(fake);
}

/* Which of MANY tuples pass, a bit each; how many in `*count`. */
static uint8_t *passing(double probability, double seed, uint32_t index,
			const char *const *by, size_t by_count, size_t *count)
{
	struct fake *fake = create(probability, 0);
	uint8_t *passed = calloc(MANY, 1);
	char user[32];
	int i;

	fake_set_number(fake, "seed", seed);
	if (by != NULL)
		fake_set_list(fake, "by", by, by_count);
	fake->index = index;
	fake->count = 4;
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < MANY; i++) {
		snprintf(user, sizeof(user), "user-%d", i);
		passed[i] = takes(fake, user, i, i / 3);
	}
	*count = fake->emits;
	fake_destroy(fake);
	return passed;
}

/* Within five times the standard deviation. */
static void check_part(size_t count, double p)
{
	const double off = (double)count - MANY * p;

	CHECK(off * off <= 25 * MANY * p * (1 - p));
}

TEST(a_probability_is_met)
{
	static const double parts[] = { 0, 0.001, 0.25, 0.5, 0.999, 1 };
	size_t i, count;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		free(passing(parts[i], 1, 0, NULL, 0, &count));
		check_part(count, parts[i]);
		free(passing(parts[i], 1, 0, by_user, 1, &count));
		check_part(count, parts[i]);
	}
}

TEST(tasks_and_seeds_draw_differently)
{
	size_t count, i;
	uint8_t *first = passing(0.5, 1, 0, NULL, 0, &count);
	uint8_t *again = passing(0.5, 1, 0, NULL, 0, &count);
	uint8_t *other[] = { passing(0.5, 1, 1, NULL, 0, &count),
			     passing(0.5, 2, 0, NULL, 0, &count) };

	CHECK(memcmp(first, again, MANY) == 0);
	for (i = 0; i < 2; i++) {
		size_t same = 0, k;

		for (k = 0; k < MANY; k++)
			same += first[k] == other[i][k];
		CHECK_NEAR((double)same, MANY / 2.0, 400.0);
		free(other[i]);
	}
	free(first);
	free(again);
}

TEST(a_key_is_always_in_or_out)
{
	size_t count, k;
	uint8_t *first = passing(0.3, 1, 0, by_user, 1, &count);
	uint8_t *task = passing(0.3, 1, 3, by_user, 1, &count);
	uint8_t *seed = passing(0.3, 2, 0, by_user, 1, &count);
	size_t same = 0;

	CHECK(memcmp(first, task, MANY) == 0);
	for (k = 0; k < MANY; k++)
		same += first[k] == seed[k];
	CHECK_NEAR((double)same, MANY * 0.58, 400.0);
	free(first);
	free(task);
	free(seed);
}

TEST(keys_are_typed_values)
{
	struct fake *fake = create(0.5, 0);
	const struct gust_value nulls[] = { gust_null(), gust_null(),
					    gust_null() };
	int i, differ = 0;
	size_t before;

	fake_set_list(fake, "by", by_share, 2);
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 100; i++) {
		CHECK_INT(takes(fake, "a", i, 0.0), takes(fake, "b", i, -0.0));
		differ += takes(fake, "a", i, 1) != takes(fake, "a", i, 2);
	}
	CHECK(differ > 20 && differ < 80);
	before = fake->emits;
	CHECK_INT(fake_give(fake, nulls, 3), 0);
	i = fake->emits > before;
	before = fake->emits;
	CHECK_INT(fake_give(fake, nulls, 3), 0);
	CHECK_INT(fake->emits > before, i);
	fake_destroy(fake);
}

/* The place of a key must not follow from how it is grouped. */
TEST(what_passes_is_spread_over_later_tasks)
{
	size_t count;
	uint8_t *low = passing(0.25, 0, 0, by_user, 1, &count);
	uint8_t *high = passing(0.5, 0, 0, by_user, 1, &count);
	size_t k;

	/* What passes at a quarter also does at a half. */
	for (k = 0; k < MANY; k++)
		CHECK(!low[k] || high[k]);
	free(low);
	free(high);
}

static void refuse(double probability, double every, size_t keys,
		   const char *text)
{
	struct fake *fake = create(probability, every);

	fake_set_list(fake, "by", by_user, keys);
	fake_refuse(fake, -EINVAL, text);
}

TEST(contradictions_are_refused)
{
	refuse(-1, 0, 0,
	       "expected either option 'probability' or option 'every'");
	refuse(0.5, 2, 0,
	       "expected either option 'probability' or option 'every'");
	refuse(-0.5, 0, 0, "option 'probability' is -0.5, expected 0 to 1");
	refuse(-1, 2, 1,
	       "option 'by' goes with 'probability', not with 'every'");
}

TEST(inputs_that_differ_are_refused)
{
	static const struct gust_column fewer[] = { { "user", GUST_STRING },
						    { NULL, GUST_NULL } };
	static const struct gust_column more[] = { { "share", GUST_FLOAT },
						   { "n", GUST_INT },
						   { "user", GUST_STRING },
						   { "x", GUST_INT },
						   { NULL, GUST_NULL } };
	struct fake *fake = create(1, 0);

	fake_input(fake, fewer);
	fake_refuse(fake, -ENOENT, "no field is named 'n'");
	fake = create(1, 0);
	fake_input(fake, more);
	fake_refuse(
		fake, -EINVAL,
		"'upstream' sends 3 fields and 'upstream' sends 4, expected "
		"the same fields from all");
}

TEST(fields_of_other_inputs_may_be_in_another_order)
{
	static const struct gust_column turned[] = { { "share", GUST_FLOAT },
						     { "n", GUST_INT },
						     { "user", GUST_STRING },
						     { NULL, GUST_NULL } };
	const struct gust_value row[] = { gust_float(0.5), gust_int(3),
					  gust_string("bob", 3) };
	struct fake *fake = create(1, 0);
	struct gust_tuple *in;

	fake_input(fake, turned);
	CHECK_INT(fake_open(fake), 0);
	in = fake_tuple(1, row, 3);
	fake->executing = in;
	CHECK_INT(fake->bolt->execute(fake->instance, (void *)fake, in), 0);
	free(in);
	CHECK_STR(fake->emitted.data, "bob\t3\t0.5\n");
	fake_destroy(fake);
}

TEST(a_failed_emit_is_told)
{
	struct fake *fake = create(1, 0);
	const struct gust_value row[] = { gust_string("a\0b", 3), gust_int(0),
					  gust_float(0) };

	CHECK_INT(fake_open(fake), 0);
	fake->emit_result = -ENOMEM;
	CHECK_INT(fake_give(fake, row, 3), -ENOMEM);
	fake_destroy(fake);
}
