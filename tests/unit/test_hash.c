/* SPDX-License-Identifier: MIT */

#include "base/hash.h"

#include "test.h"

TEST(the_hash_is_xxh3_and_stays_so)
{
	/* Stored state depends on these values. */
	CHECK_UINT(hash_bytes("", 0), UINT64_C(0x2d06800538d394c2));
	CHECK_UINT(hash_bytes(NULL, 0), hash_bytes("", 0));
	CHECK_UINT(hash_bytes("abc", 3), UINT64_C(0x78af5f94892f3950));
}

TEST(every_length_has_its_own_hash)
{
	static const unsigned char zeros[600];

	for (size_t n = 0; n < sizeof(zeros); n++)
		for (size_t m = 0; m < n; m++)
			CHECK(hash_bytes(zeros, n) != hash_bytes(zeros, m));
}

TEST(a_row_of_values_depends_on_the_order)
{
	uint64_t ab = hash_bytes_from("b", 1, hash_bytes("a", 1));
	uint64_t ba = hash_bytes_from("a", 1, hash_bytes("b", 1));

	CHECK(ab != ba);
}

TEST(pick_covers_the_range_and_no_more)
{
	CHECK_UINT(hash_pick(0, 5), 0);
	CHECK_UINT(hash_pick(UINT64_MAX, 5), 4);
	CHECK_UINT(hash_pick(UINT64_MAX, 1), 0);
	CHECK_UINT(hash_pick(UINT64_MAX, UINT32_MAX), UINT32_MAX - 1);
	CHECK_UINT(hash_pick(UINT64_C(1) << 63, 2), 1);
	CHECK_UINT(hash_pick((UINT64_C(1) << 63) - 1, 2), 0);
}

TEST(pick_is_even)
{
	unsigned seen[10] = { 0 };

	for (uint32_t i = 0; i < 100000; i++)
		seen[hash_pick(hash_bytes(&i, sizeof(i)), 10)]++;
	for (int k = 0; k < 10; k++) {
		CHECK(seen[k] > 9500);
		CHECK(seen[k] < 10500);
	}
}
