/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

#define MS UINT64_C(1000000)

static const struct gust_column columns[] = { { "n", GUST_INT },
					      { "text", GUST_STRING },
					      { NULL, GUST_NULL } };
static const struct gust_column bytes[] = { { "raw", GUST_BYTES },
					    { NULL, GUST_NULL } };

static struct fake *create(double count, double within_ns)
{
	struct fake *fake = fake_create("bolts/batch");

	fake_input(fake, columns);
	fake_input(fake, bytes);
	fake_set_number(fake, "count", count);
	fake_set_number(fake, "within", within_ns);
	fake->now = 1000 * MS;
	return fake;
}

static int give(struct fake *fake, int64_t n, const char *text, size_t length)
{
	const struct gust_value row[] = { gust_int(n),
					  gust_string(text, length) };

	return fake_give(fake, row, 2);
}

TEST(a_full_batch_is_emitted)
{
	struct fake *fake = create(3, 0);
	int i;

	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 7; i++) {
		CHECK_UINT(fake->held, i % 3);
		CHECK_INT(give(fake, i, "x", 1), 0);
	}
	CHECK_STR(fake->emitted.data,
		  "3\t[{\"n\":0,\"text\":\"x\"},{\"n\":1,\"text\":\"x\"},"
		  "{\"n\":2,\"text\":\"x\"}]\n"
		  "3\t[{\"n\":3,\"text\":\"x\"},{\"n\":4,\"text\":\"x\"},"
		  "{\"n\":5,\"text\":\"x\"}]\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 3);
	CHECK_UINT(fake->acked, 6);
	CHECK_UINT(fake->timer_count, 0);
	fake_forget(fake);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_STR(fake->emitted.data, "1\t[{\"n\":6,\"text\":\"x\"}]\n");
	CHECK_UINT(fake->acked, 7);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->emits, 1);
	fake_destroy(fake);
}

TEST(the_first_tuple_does_not_wait_longer_than_said)
{
	struct fake *fake = create(3, 100 * MS);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, 1, "", 0), 0);
	CHECK_INT(fake_advance(fake, 60 * MS), 0);
	CHECK_INT(give(fake, 2, "", 0), 0);
	CHECK_INT(fake_advance(fake, 39 * MS), 0);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_UINT(fake->emits, 1);
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake->timer_count, 0);
	fake_destroy(fake);
}

TEST(full_batches_leave_no_timers_behind)
{
	struct fake *fake = create(1, 100 * MS);
	int i;

	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 1000; i++)
		CHECK_INT(give(fake, i, "", 0), 0);
	CHECK_UINT(fake->timer_count, 1);
	CHECK_INT(fake_advance(fake, 100 * MS), 0);
	CHECK_UINT(fake->timer_count, 0);
	CHECK_UINT(fake->emits, 1000);
	fake_destroy(fake);
}

TEST(the_timer_of_an_earlier_batch_waits_on)
{
	struct fake *fake = create(2, 100 * MS);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, 1, "", 0), 0);
	CHECK_INT(give(fake, 2, "", 0), 0);
	CHECK_INT(fake_advance(fake, 70 * MS), 0);
	CHECK_INT(give(fake, 3, "", 0), 0);
	CHECK_INT(fake_advance(fake, 99 * MS), 0);
	CHECK_UINT(fake->emits, 1);
	CHECK_INT(fake_advance(fake, MS), 0);
	CHECK_UINT(fake->emits, 2);
	fake_destroy(fake);
}

TEST(what_does_not_fit_begins_the_next_batch)
{
	struct fake *fake = create(1000, 0);
	char text[400];
	int i;

	memset(text, 'x', sizeof(text));
	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 5; i++)
		CHECK_INT(give(fake, i, text, sizeof(text)), 0);
	CHECK_UINT(fake->emits, 2);
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->emits, 3);
	CHECK_UINT(fake->acked, 5);
	fake_destroy(fake);
}

/* The fake runtime asserts that no tuple is too long. */
TEST(any_length_fits_or_is_rejected)
{
	struct fake *fake = create(2, 0);
	size_t n, rejected = 0;
	char text[1024];

	memset(text, 'x', sizeof(text));
	fake->tuple_max = 512;
	CHECK_INT(fake_open(fake), 0);
	for (n = 0; n < 600; n++) {
		int r = give(fake, 1, text, n);

		CHECK(r == 0 || r == -EBADMSG);
		rejected += r < 0;
		/* Its neighbours are none the worse for it. */
		CHECK_INT(give(fake, 2, "y", 1), 0);
		CHECK_INT(fake_flush(fake), 0);
	}
	CHECK_UINT(fake->rejected, rejected);
	CHECK(rejected > 150 && rejected < 250);
	CHECK_STR(fake->reason,
		  "in JSON it does not fit into topology.tuple.max.bytes, 512");
	CHECK_UINT(fake->acked, 1200 - rejected);
	fake_destroy(fake);
}

TEST(records_are_json_whatever_the_bytes)
{
	struct fake *fake = create(2, 0);
	const struct gust_value raw = gust_bytes("\0\xff", 2);
	struct gust_tuple *in;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, 1, "a\0\"\xff", 4), 0);
	in = fake_tuple(1, &raw, 1);
	fake->executing = in;
	CHECK_INT(fake->bolt->execute(fake->instance, (void *)fake, in), 0);
	free(in);
	CHECK_STR(fake->emitted.data,
		  "2\t[{\"n\":1,\"text\":\"a\\u0000\\\"\xef\xbf\xbd\"},"
		  "{\"raw\":\"AP8=\"}]\n");
	fake_destroy(fake);
}

TEST(short_memory_fails_tuples_and_loses_none)
{
	struct fake *fake = create(2, 100 * MS);

	CHECK_INT(fake_open(fake), 0);
	fake->keep_fails = true;
	CHECK_INT(give(fake, 1, "", 0), -ENOMEM);
	fake->keep_fails = false;
	CHECK_INT(give(fake, 2, "", 0), 0);
	fake->keep_fails = true;
	CHECK_INT(give(fake, 3, "", 0), -ENOMEM);
	fake->keep_fails = false;
	fake->emit_result = -ENOMEM;
	CHECK_INT(give(fake, 4, "", 0), 0);
	CHECK_UINT(fake->failed, 2);
	CHECK_UINT(fake->held, 0);
	fake->emit_result = 0;
	CHECK_INT(give(fake, 5, "", 0), 0);
	CHECK_INT(give(fake, 6, "", 0), 0);
	CHECK_STR(fake->emitted.data, "2\t[{\"n\":5,\"text\":\"\"},"
				      "{\"n\":6,\"text\":\"\"}]\n");
	fake->timer_result = -ENOMEM;
	fake->timer_count = 0;
	fake_destroy(fake);
}
