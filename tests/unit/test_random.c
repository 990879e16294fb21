/* SPDX-License-Identifier: MIT */

#include "base/random.h"

#include "test.h"

TEST(the_generator_is_xoshiro256_starstar)
{
	struct random random = { { 1, 2, 3, 4 } };

	/* The first outputs of the authors' program from this state. */
	CHECK_UINT(random_next(&random), UINT64_C(11520));
	CHECK_UINT(random_next(&random), UINT64_C(0));
	CHECK_UINT(random_next(&random), UINT64_C(1509978240));
	CHECK_UINT(random_next(&random), UINT64_C(1215971899390074240));
}

TEST(a_seed_is_spread_by_splitmix64)
{
	struct random random;

	random_seed(&random, UINT64_C(1234567));
	/* The first outputs of splitmix64 from this seed. */
	CHECK_UINT(random.state[0], UINT64_C(6457827717110365317));
	CHECK_UINT(random.state[1], UINT64_C(3203168211198807973));
	CHECK_UINT(random.state[2], UINT64_C(9817491932198370423));
	CHECK_UINT(random.state[3], UINT64_C(4593380528125082431));
}

TEST(two_seeds_of_the_system_differ)
{
	struct random a, b;

	CHECK_INT(random_seed_os(&a), 0);
	CHECK_INT(random_seed_os(&b), 0);
	CHECK(memcmp(&a, &b, sizeof(a)) != 0);
}

TEST(below_stays_below_and_reaches_all)
{
	unsigned seen[7] = { 0 };
	struct random random;

	random_seed(&random, 1);
	for (int i = 0; i < 70000; i++) {
		uint32_t k = random_below(&random, 7);

		CHECK(k < 7);
		seen[k]++;
	}
	for (int k = 0; k < 7; k++) {
		CHECK(seen[k] > 9500);
		CHECK(seen[k] < 10500);
	}
	CHECK_UINT(random_below(&random, 1), 0);
}

TEST(a_fraction_is_below_one)
{
	double sum = 0;
	struct random random;

	random_seed(&random, 2);
	for (int i = 0; i < 10000; i++) {
		double x = random_fraction(&random);

		CHECK(x >= 0 && x < 1);
		sum += x;
	}
	CHECK_NEAR(sum / 10000, 0.5, 0.02);
}
