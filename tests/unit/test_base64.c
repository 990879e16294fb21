/* SPDX-License-Identifier: MIT */

#include "base/base64.h"

#include <errno.h>

#include "base/random.h"
#include "test.h"

static void check(const char *bytes, const char *expected)
{
	char text[64], back[64];
	size_t n = strlen(bytes), size = 99;

	base64_encode(text, bytes, n);
	text[base64_encoded_size(n)] = '\0';
	CHECK_STR(text, expected);
	CHECK(base64_decoded_size_max(strlen(text)) >= n);
	CHECK_INT(base64_decode(back, &size, text, strlen(text)), 0);
	CHECK_MEM(back, size, bytes, n);
}

TEST(the_vectors_of_rfc_4648)
{
	check("", "");
	check("f", "Zg==");
	check("fo", "Zm8=");
	check("foo", "Zm9v");
	check("foob", "Zm9vYg==");
	check("fooba", "Zm9vYmE=");
	check("foobar", "Zm9vYmFy");
	check("\xff\xef\xbe", "/+++");
}

static void check_refused(const char *text)
{
	char back[64];
	size_t size = 99;

	CHECK_INT(base64_decode(back, &size, text, strlen(text)), -EINVAL);
	CHECK_UINT(size, 99);
}

TEST(other_text_is_refused)
{
	check_refused("Z");
	check_refused("Zg");
	check_refused("Zg=");
	check_refused("Zh==");
	check_refused("Zm9=");
	check_refused("Z===");
	check_refused("====");
	check_refused("Zg==Zg==");
	check_refused("Zm 9v");
	check_refused("Zm-_");
	check_refused("Zm9\n");
	check_refused("Zm9\xe9");
}

TEST(any_bytes_come_back)
{
	unsigned char bytes[300], back[300];
	struct random random;
	char text[400];

	random_seed(&random, 1);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		size_t size = 0;

		for (size_t i = 0; i < n; i++)
			bytes[i] = (unsigned char)random_next(&random);
		base64_encode(text, bytes, n);
		CHECK_INT(base64_decode(back, &size, text,
					base64_encoded_size(n)),
			  0);
		CHECK_MEM(back, size, bytes, n);
	}
}
