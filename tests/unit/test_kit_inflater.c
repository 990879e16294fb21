/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/kit/inflater.h>

#include "packed.h"

static struct packed packed;
static char text[300000];
static char out[4 * sizeof(text)];

/* Whether this build has a library. */
static bool has(enum inflater_format format)
{
	struct gust_error error = { 0 };
	struct inflater *inflater;

	if (inflater_create(&inflater, format, &error) == 0) {
		inflater_destroy(inflater);
		return true;
	}
	CHECK_CONTAINS(error.text, "this gust was built without ");
	return false;
}

static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i * i % 26);
	packed.used = 0;
}

/* Takes `packed` apart, given and taken in pieces; how many bytes it holds. */
static int inflate_all(enum inflater_format format, size_t in, size_t room,
		       size_t *made, bool *whole, struct gust_error *error)
{
	struct inflater *inflater;
	size_t at = 0, n, took, got;
	int r;

	*made = 0;
	CHECK_INT(inflater_create(&inflater, format, NULL), 0);
	do {
		n = packed.used - at < in ? packed.used - at : in;
		CHECK(*made + room <= sizeof(out));
		r = inflater_run(inflater, packed.data + at, n, &took,
				 out + *made, room, &got, error);
		CHECK(took <= n && got <= room);
		at += took;
		*made += got;
	} while (r == 0 && (at < packed.used || got == room));
	*whole = inflater_whole(inflater);
	inflater_destroy(inflater);
	return r;
}

static void holds(enum inflater_format format, size_t expected)
{
	static const size_t sizes[] = { 1, 7, 4096, 1000000 };
	size_t i, made;
	bool whole;

	for (i = 0; i < 4; i++) {
		CHECK_INT(inflate_all(format, sizes[i], 1000, &made, &whole,
				      NULL),
			  0);
		CHECK_UINT(made, expected);
		CHECK(whole);
		CHECK(memcmp(out, text, expected) == 0);
	}
	CHECK_INT(inflate_all(format, 4096, 1, &made, &whole, NULL), 0);
	CHECK_UINT(made, expected);
}

TEST(formats_are_told_by_their_first_bytes)
{
	CHECK_INT(inflater_detect("", 0), INFLATER_UNSURE);
	CHECK_INT(inflater_detect("\x1f", 1), INFLATER_UNSURE);
	CHECK_INT(inflater_detect("\x1f\x8b", 2), INFLATER_UNSURE);
	CHECK_INT(inflater_detect("\x1f\x8b\x08", 3), INFLATER_GZIP);
	CHECK_INT(inflater_detect("\x1f\x8b\x07", 3), INFLATER_PLAIN);
	CHECK_INT(inflater_detect("\x1f\x1f", 2), INFLATER_PLAIN);
	CHECK_INT(inflater_detect("(", 1), INFLATER_UNSURE);
	CHECK_INT(inflater_detect("(b)", 3), INFLATER_PLAIN);
	CHECK_INT(inflater_detect("\x28\xb5\x2f\xfd", 4), INFLATER_ZSTD);
	CHECK_INT(inflater_detect("P", 1), INFLATER_UNSURE);
	CHECK_INT(inflater_detect("Pa", 2), INFLATER_PLAIN);
	CHECK_INT(inflater_detect("\x5a\x2a\x4d\x18", 4), INFLATER_ZSTD);
	CHECK_INT(inflater_detect("line", 4), INFLATER_PLAIN);
	CHECK_INT(inflater_detect("\n", 1), INFLATER_PLAIN);
}

TEST(members_of_gzip_are_one_text)
{
	if (!has(INFLATER_GZIP))
		return;
	fill();
	packed_gzip(&packed, text, 100000);
	packed_gzip(&packed, text + 100000, 0);
	packed_gzip(&packed, text + 100000, 100);
	packed_bytes(&packed, "\0\0\0\0\0\0\0", 7);
	packed_gzip(&packed, text + 100100, 199900);
	packed_bytes(&packed, "\0\0\0", 3);
	holds(INFLATER_GZIP, sizeof(text));
}

TEST(frames_of_zstd_are_one_text)
{
	if (!has(INFLATER_ZSTD))
		return;
	fill();
	packed_bytes(&packed, "\x5a\x2a\x4d\x18\x03\0\0\0abc", 11);
	packed_zstd(&packed, text, 100000);
	packed_zstd(&packed, text + 100000, 1);
	packed_bytes(&packed, "\x50\x2a\x4d\x18\0\0\0\0", 8);
	packed_zstd(&packed, text + 100001, 199999);
	holds(INFLATER_ZSTD, sizeof(text));
}

/* Every byte short: what is there comes out, and it is not whole. */
static void ends_early(enum inflater_format format, size_t most)
{
	size_t full = packed.used, made, last = 0;
	bool whole;

	for (packed.used = 1; packed.used < full; packed.used++) {
		CHECK_INT(inflate_all(format, 7, 100, &made, &whole, NULL), 0);
		CHECK(!whole);
		CHECK(made >= last && made <= 300);
		CHECK(memcmp(out, text, made) == 0);
		last = made;
	}
	CHECK_UINT(last, most);
}

TEST(data_that_end_too_early_are_not_whole)
{
	fill();
	if (has(INFLATER_GZIP)) {
		packed_gzip(&packed, text, 300);
		ends_early(INFLATER_GZIP, 300);
	}
	packed.used = 0;
	if (has(INFLATER_ZSTD)) {
		packed_zstd(&packed, text, 300);
		ends_early(INFLATER_ZSTD, 299);
	}
}

static void damaged(enum inflater_format format, size_t made_before)
{
	struct gust_error error = { 0 };
	size_t made;
	bool whole;

	CHECK_INT(inflate_all(format, 4096, 1000, &made, &whole, &error),
		  -EBADMSG);
	CHECK_UINT(made, made_before);
	CHECK(memcmp(out, text, made) == 0);
	CHECK(error.text[0] != '\0');
}

TEST(damage_is_found_after_what_comes_before_it)
{
	fill();
	if (has(INFLATER_GZIP)) {
		packed_gzip(&packed, text, 5000);
		packed.data[10 + 5 + 10] ^= 1;
		out[0] = '\0';
		text[10] ^= 1;
		damaged(INFLATER_GZIP, 5000);
		text[10] ^= 1;
		packed.used = 0;
		packed_gzip(&packed, text, 5000);
		packed_bytes(&packed, "rubbish", 7);
		damaged(INFLATER_GZIP, 5000);
	}
	packed.used = 0;
	if (has(INFLATER_ZSTD)) {
		packed_zstd(&packed, text, 5000);
		packed_bytes(&packed, "rubbish", 7);
		damaged(INFLATER_ZSTD, 5000);
	}
}

TEST(random_bytes_do_no_harm)
{
	enum inflater_format format;
	struct gust_error error;
	uint64_t seed = 1;
	size_t made, i, round;
	bool whole;

	for (round = 0; round < 2000; round++) {
		format = round % 2 == 0 ? INFLATER_GZIP : INFLATER_ZSTD;
		if (!has(format))
			continue;
		fill();
		if (format == INFLATER_GZIP)
			packed_gzip(&packed, text, 200);
		else
			packed_zstd(&packed, text, 200);
		for (i = 0; i < 3; i++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			packed.data[(seed >> 33) % packed.used] =
				(char)(seed >> 55);
		}
		memset(&error, 0, sizeof(error));
		if (inflate_all(format, 64, 512, &made, &whole, &error) < 0)
			CHECK_INT(error.code, -EBADMSG);
	}
}
