/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "base/random.h"
#include "state/keycode.h"
#include "state/writes.h"

static void add(struct writes *writes, struct gust_text key,
		struct gust_text record)
{
	char *to = writes_add(writes, key.length, record.length);

	CHECK(to != NULL);
	memcpy(to, key.data, key.length);
	memcpy(to + key.length, record.data, record.length);
}

static struct gust_text text(const char *string)
{
	return (struct gust_text){ string, strlen(string) };
}

TEST(what_was_added_is_there)
{
	struct writes writes = { 0 };
	struct write write;

	add(&writes, text("b"), text("two"));
	add(&writes, text("a"), text(""));
	CHECK_UINT(writes.count, 2);
	CHECK_UINT(writes_bytes(&writes), 5);
	write = writes_at(&writes, 0);
	CHECK_MEM(write.key.data, write.key.length, "b", 1);
	CHECK_MEM(write.record.data, write.record.length, "two", 3);
	writes_sort(&writes);
	write = writes_at(&writes, 0);
	CHECK_MEM(write.key.data, write.key.length, "a", 1);
	CHECK_UINT(write.record.length, 0);
	writes_reset(&writes);
	CHECK_UINT(writes.count, 0);
	writes_sort(&writes);
	writes_fini(&writes);
}

TEST(keys_are_sorted)
{
	struct writes writes = { 0 };
	struct random random;
	char key[24] = "visits";

	random_seed(&random, 3);
	for (int round = 0; round < 50; round++) {
		writes_reset(&writes);
		for (int i = 0; i < 300; i++) {
			/* What they have in common is longer and shorter than
			 * the bytes that are looked at first. */
			const size_t common = (size_t)round % 12;
			const size_t n = common + random_below(&random, 11);

			for (size_t j = 0; j < n; j++)
				key[j] =
					j < common
						? 'c'
						: "\0\x01\x80\xff"[random_below(
							  &random, 4)];
			add(&writes, (struct gust_text){ key, n },
			    (struct gust_text){ key, n });
		}
		writes_sort(&writes);
		for (size_t i = 0; i < writes.count; i++) {
			struct write write = writes_at(&writes, i);

			CHECK_MEM(write.record.data, write.record.length,
				  write.key.data, write.key.length);
			if (i > 0)
				CHECK(keycode_compare(
					      writes_at(&writes, i - 1).key,
					      write.key) <= 0);
		}
	}
	writes_fini(&writes);
}
