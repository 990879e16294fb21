/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_check.h"

#define SECOND UINT64_C(1000000000)

static const struct gust_column columns[] = { { "id", GUST_STRING },
					      { "n", GUST_INT },
					      { NULL, GUST_NULL } };
static const char *const by_id[] = { "id" };

static struct fake *create(bool by)
{
	struct fake *fake = fake_create("bolts/dedupe");

	fake_input(fake, columns);
	fake_set_number(fake, "within", 10e9);
	if (by)
		fake_set_list(fake, "by", by_id, 1);
	return fake;
}

static void give(struct fake *fake, const char *id, int64_t n,
		 const char *expected)
{
	const struct gust_value row[] = { gust_string(id, strlen(id)),
					  gust_int(n) };

	fake_forget(fake);
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_STR(fake->emitted.data, expected);
	CHECK_UINT(fake->held, 0);
}

TEST(the_first_one_goes_through)
{
	struct fake *fake = fake_opened(create(true));

	give(fake, "a", 1, "a\t1\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->acked, 1);
	give(fake, "b", 2, "b\t2\n");
	give(fake, "a", 3, "duplicates: a\t3\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_PLAIN);
	give(fake, "", 3, "\t3\n");
	give(fake, "b", 2, "duplicates: b\t2\n");
	fake_destroy(fake);
}

TEST(without_by_all_fields_are_compared)
{
	struct fake *fake = fake_opened(create(false));

	give(fake, "a", 1, "a\t1\n");
	give(fake, "a", 2, "a\t2\n");
	give(fake, "a", 1, "duplicates: a\t1\n");
	fake_destroy(fake);
}

TEST(after_a_time_it_is_forgotten)
{
	struct fake *fake = fake_opened(create(true));

	fake->now = SECOND;
	give(fake, "a", 1, "a\t1\n");
	fake->now += 9 * SECOND;
	/* What comes meanwhile makes it no longer. */
	give(fake, "a", 2, "duplicates: a\t2\n");
	fake->now += 2 * SECOND;
	give(fake, "a", 3, "a\t3\n");
	give(fake, "a", 4, "duplicates: a\t4\n");
	fake_destroy(fake);
}

TEST(types_and_null_are_told_apart)
{
	const struct gust_value rows[][2] = {
		{ gust_null(), gust_null() },
		{ gust_string("", 0), gust_null() },
		{ gust_string("\0", 1), gust_null() },
		{ gust_null(), gust_int(0) },
	};
	struct fake *fake = fake_opened(create(false));
	size_t i;

	for (i = 0; i < 4; i++)
		CHECK_INT(fake_give(fake, rows[i], 2), 0);
	CHECK_UINT(fake->acked, 4);
	for (i = 0; i < 4; i++)
		CHECK_INT(fake_give(fake, rows[i], 2), 0);
	CHECK_UINT(fake->acked, 4);
	fake_destroy(fake);
}

/* Another attempt with a tuple that did not get through is no duplicate. */
TEST(what_could_not_be_passed_on_was_not_seen)
{
	const struct gust_value row[] = { gust_string("a", 1), gust_int(1) };
	struct fake *fake = fake_opened(create(true));

	fake->keep_fails = true;
	CHECK_INT(fake_give(fake, row, 2), -ENOMEM);
	fake->keep_fails = false;
	fake->emit_result = -ENOMEM;
	fake->emits_until_failure = 0;
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_UINT(fake->failed, 1);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->held, 0);
	fake->emit_result = 0;
	give(fake, "a", 1, "a\t1\n");
	fake_destroy(fake);
}

TEST(a_full_state_is_waited_for)
{
	struct fake *fake = create(true);
	struct gust_value row[] = { gust_string("", 0), gust_int(0) };
	char id[1001];
	int i, r = 0;

	fake->state_budget = 65536;
	fake_opened(fake);
	memset(id, 'x', 1000);
	for (i = 0; i < 1000 && r == 0; i++) {
		snprintf(id, sizeof(id), "%d", i);
		row[0] = gust_string(id, 1000);
		r = fake_give(fake, row, 2);
	}
	CHECK_INT(r, -EAGAIN);
	CHECK_STR(fake->not_now, "the state is full");
	fake->now += 20 * SECOND;
	CHECK_INT(fake_give(fake, row, 2), 0);
	fake_destroy(fake);
}

TEST(unknown_fields_are_refused)
{
	struct fake *fake = create(false);
	static const char *const wrong[] = { "ident" };

	fake_set_list(fake, "by", wrong, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'ident'");
}
