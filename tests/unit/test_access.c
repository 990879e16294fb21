/* SPDX-License-Identifier: MIT */

#include "worker/access.h"

#include <errno.h>

#include "channel/cipher.h"
#include "channel/key.h"

#include "test.h"

#define DIGITS                                                                 \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static struct plan_worker workers[] = {
	{ .host = 0, .slot = 0 },
	{ .host = 0, .slot = 1 },
	{ .host = 1, .slot = 0 },
};

static struct plan_host hosts[2];

/* Two hosts at the addresses, of which the second may bind elsewhere. */
static struct plan make(const char *one, const char *two, const char *bind)
{
	hosts[0] = (struct plan_host){
		.name = "a", .address = one, .port = 7000, .slots = 2
	};
	hosts[1] = (struct plan_host){ .name = "b",
				       .address = two,
				       .bind = bind,
				       .port = 7100,
				       .slots = 1 };
	return (struct plan){ .hosts = hosts,
			      .host_count = 2,
			      .workers = workers,
			      .worker_count = 3 };
}

static void expect_closed(struct plan plan, const char *text)
{
	struct gust_error error = { 0 };
	struct key *key = NULL;
	int r = access_open(&plan, NULL, &key, &error);

	CHECK_INT(r, cipher_available() ? -EPERM : -ENOSYS);
	CHECK_CONTAINS(error.text, text);
	CHECK(key == NULL);
}

TEST(one_machine_takes_no_key)
{
	struct plan plan = { .workers = workers, .worker_count = 3 };
	struct key *key;

	CHECK_INT(setenv(KEY_VARIABLE, "no key at all", 1), 0);
	CHECK_INT(access_open(&plan, NULL, &key, NULL), 0);
	CHECK(key == NULL);
	CHECK(getenv(KEY_VARIABLE) == NULL);
}

TEST(loopback_takes_none_either)
{
	struct plan plan = make("127.0.0.1", "localhost", "::1");
	struct key *key;

	CHECK_INT(access_open(&plan, NULL, &key, NULL), 0);
	CHECK(key == NULL);
}

TEST(other_addresses_take_one)
{
	expect_closed(make("10.0.0.1", "127.0.0.1", NULL),
		      "'tcp://10.0.0.1:7000' is no loopback address");
	expect_closed(make("127.0.0.1", "b.example.org", "127.0.0.1"),
		      "'tcp://b.example.org:7100' is no loopback");
	expect_closed(make("127.0.0.1", "127.0.0.1", "0.0.0.0"),
		      "'tcp://0.0.0.0:7100' is no loopback");
}

TEST(with_a_key_all_are_allowed)
{
	struct plan plan = make("10.0.0.1", "b.example.org", "0.0.0.0");
	struct key *key = NULL;

	if (!cipher_available())
		return;
	CHECK_INT(setenv(KEY_VARIABLE, DIGITS, 1), 0);
	CHECK_INT(access_open(&plan, NULL, &key, NULL), 0);
	CHECK(key != NULL);
	key_destroy(key);
	CHECK(getenv(KEY_VARIABLE) == NULL);
}
