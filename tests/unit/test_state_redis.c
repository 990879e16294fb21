/* SPDX-License-Identifier: MIT */
#include "state_bench.h"

#include <errno.h>

#include "state/redis_link.h"
#include "state/store_head.h"

static struct bench bench;

/* false: there is no server, and nothing to test. */
static bool begin(void)
{
	if (!redis_server_is_there())
		return false;
	memset(&bench, 0, sizeof(bench));
	bench.now = 1000;
	bench_begin(&bench, "redis");
	return true;
}

static bool begin_open(void)
{
	if (!begin())
		return false;
	bench_open(&bench);
	return true;
}

static void configure(const char *what)
{
	char line[128];

	snprintf(line, sizeof(line), "CONFIG SET %s\r\n", what);
	CHECK_STR(redis_server_ask(line), "+OK\r\n");
}

static int open_again(struct gust_error *error)
{
	memset(error, 0, sizeof(*error));
	return store_open(&bench.store, &bench.place, error);
}

static void check_address(const char *where, const char *name, const char *user,
			  const char *password)
{
	struct gust_error error = { 0 };
	struct redis_link link;
	int r = redis_link_init(&link, where, &error);

	if (r < 0)
		FAIL("%s: %s", where, error.text);
	CHECK_STR(link.name, name);
	CHECK_STR(link.user, user);
	CHECK_STR(link.password, password);
	redis_link_fini(&link);
}

TEST(addresses_are_read)
{
	check_address("redis://h", "redis://h:6379/0", NULL, NULL);
	check_address("redis://h/", "redis://h:6379/0", NULL, NULL);
	check_address("redis://h:1/7", "redis://h:1/7", NULL, NULL);
	check_address("redis://[::1]:5", "redis://::1:5/0", NULL, NULL);
	check_address("redis://:p:w@h", "redis://h:6379/0", NULL, "p:w");
	check_address("redis://u:p@w@h:2", "redis://h:2/0", "u", "p@w");
	check_address("redis://word@h", "redis://h:6379/0", NULL, "word");
	check_address("unix:/run/redis", "unix:/run/redis", NULL, NULL);
}

TEST(wrong_addresses_are_refused)
{
	static const char *const wrong[][2] = {
		{ "h:6379", "has another form" },
		{ "redis://", "names no host" },
		{ "redis://:secret@", "names no host" },
		{ "redis://h:", "has a wrong port" },
		{ "redis://h:0", "has a wrong port" },
		{ "redis://h:65536", "has a wrong port" },
		{ "redis://h/x", "has a wrong number" },
		{ "unix:", "names no path" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gust_error error = { 0 };
		struct redis_link link;

		CHECK_INT(redis_link_init(&link, wrong[i][0], &error), -EINVAL);
		CHECK_CONTAINS(error.text, wrong[i][1]);
		CHECK(strstr(error.text, "secret") == NULL);
		redis_link_fini(&link);
	}
}

TEST(a_server_that_dies_and_returns)
{
	struct gust_error error = { 0 };

	if (!begin_open())
		return;
	bench_put(&bench, "a", "1");
	bench_commit(&bench);
	bench_put(&bench, "b", "2");
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	redis_server_kill();
	for (int i = 0; i < 3; i++) {
		memset(&error, 0, sizeof(error));
		CHECK_INT(store_commit(bench.store, &bench.writes, &error),
			  -EAGAIN);
		CHECK_CONTAINS(error.text, "is away: ");
	}
	/* What is in memory can be used meanwhile. */
	CHECK_STR(bench_get(&bench, "a"), "1");
	bench_put(&bench, "c", "3");
	redis_server_start();
	memset(&error, 0, sizeof(error));
	if (store_commit(bench.store, &bench.writes, &error) < 0)
		FAIL("%s", error.text);
	keyspace_committed(bench.keyspace);
	bench_reopen(&bench);
	CHECK_STR(bench_all(&bench), "a=1 b=2 c=3");
	bench_close(&bench);
	redis_server_kill();
	CHECK_INT(open_again(&error), -EAGAIN);
	CHECK_CONTAINS(error.text, "is away: Connection refused");
	redis_server_start();
	bench_open(&bench);
	bench_end(&bench);
}

TEST(a_server_that_has_lost_the_state_is_found_out)
{
	struct gust_error error = { 0 };

	if (!begin_open())
		return;
	bench_put(&bench, "a", "1");
	bench_commit(&bench);
	redis_server_empty();
	bench_put(&bench, "a", "2");
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -EBADMSG);
	CHECK_CONTAINS(error.text,
		       "'gust:bench:count:0' in redis://127.0.0.1:");
	CHECK_CONTAINS(error.text, "has vanished");
	bench_end(&bench);
}

TEST(an_older_opening_is_refused)
{
	struct gust_error error = { 0 };
	struct store *newer;

	if (!begin_open())
		return;
	bench_put(&bench, "a", "1");
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	CHECK_INT(store_open(&newer, &bench.place, &error), 0);
	CHECK_UINT(newer->incarnation, 2);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -ESTALE);
	CHECK_CONTAINS(error.text, "has been opened anew by another process");
	CHECK_INT(store_commit(newer, &bench.writes, &error), 0);
	store_close(newer);
	bench_close(&bench);
	bench_open(&bench);
	CHECK_STR(bench_all(&bench), "a=1");
	bench_end(&bench);
}

TEST(a_full_server_is_said_and_harms_nothing)
{
	struct gust_error error = { 0 };
	char key[16];

	if (!begin_open())
		return;
	bench_put(&bench, "a", "1");
	bench_commit(&bench);
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		bench_put(&bench, key, "a value of some length");
	}
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	configure("maxmemory 1");
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -ENOSPC);
	CHECK_CONTAINS(error.text, "says: OOM command not allowed");
	CHECK_STR(redis_server_ask("HLEN gust:bench:count:0\r\n"), ":2\r\n");
	configure("maxmemory 0");
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), 0);
	CHECK_STR(redis_server_ask("HLEN gust:bench:count:0\r\n"), ":3002\r\n");
	keyspace_committed(bench.keyspace);
	bench_reopen(&bench);
	CHECK_STR(bench_get(&bench, "2999"), "a value of some length");
	bench_end(&bench);
}

TEST(a_server_that_is_not_durable_is_warned_of)
{
	if (!begin_open())
		return;
	CHECK_STR(bench.store->warning, NULL);
	bench_close(&bench);
	configure("appendfsync everysec");
	bench_open(&bench);
	CHECK_CONTAINS(bench.store->warning,
		       "is not durable: it has 'appendonly yes' and "
		       "'appendfsync everysec', expected 'yes' and 'always'");
	configure("appendfsync always");
	bench_end(&bench);
}

TEST(a_password_is_given_and_kept_secret)
{
	struct gust_error error;
	char where[128];

	if (!begin())
		return;
	configure("requirepass sesame");
	CHECK_INT(open_again(&error), -EACCES);
	snprintf(where, sizeof(where), "redis://:wrong@127.0.0.1:%d/3",
		 redis_server_port);
	bench.place.where = where;
	CHECK_INT(open_again(&error), -EACCES);
	CHECK(strstr(error.text, "wrong") == NULL);
	snprintf(where, sizeof(where), "redis://:sesame@127.0.0.1:%d/3",
		 redis_server_port);
	bench_open(&bench);
	bench_put(&bench, "a", "1");
	bench_reopen(&bench);
	CHECK_STR(bench_all(&bench), "a=1");
	redis_server_ask("AUTH sesame\r\nCONFIG SET requirepass \"\"\r\n");
	bench_end(&bench);
	redis_server_kill();
	redis_server_start();
}

TEST(what_is_something_else_is_refused)
{
	struct gust_error error;

	if (!begin())
		return;
	redis_server_ask("SET gust:bench:count:0 text\r\n");
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "WRONGTYPE");
	redis_server_empty();
	redis_server_ask("HSET gust:bench:count:0 a b c d\r\n");
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "does not say what it is");
	CHECK_STR(redis_server_ask("HLEN gust:bench:count:0\r\n"), ":2\r\n");
	redis_server_empty();
	bench.place.read_only = true;
	CHECK_INT(open_again(&error), -ENOENT);
	bench.place.read_only = false;
	bench_open(&bench);
	bench_close(&bench);
	bench.place.tasks = 3;
	CHECK_INT(open_again(&error), -EBUSY);
	bench_end(&bench);
}

TEST(a_newer_format_is_refused)
{
	struct gust_error error;

	if (!begin_open())
		return;
	bench_write(&bench,
		    (struct gust_text){ STORE_HEAD_KEY, STORE_HEAD_KEY_LENGTH },
		    (struct gust_text){ "\2\0\0\0more", 8 });
	bench_close(&bench);
	CHECK_INT(open_again(&error), -ENOTSUP);
	CHECK_CONTAINS(error.text, "has format 2, this gust reads up to 1");
	bench_end(&bench);
}

TEST(a_damaged_record_is_found_when_it_is_opened)
{
	struct keyspace_options with = { .store = NULL };
	struct gust_error error = { 0 };
	struct keyspace *keyspace;

	if (!begin_open())
		return;
	bench_write(&bench, (struct gust_text){ "test\0\006a\0", 8 },
		    (struct gust_text){ "\x7f", 1 });
	bench_close(&bench);
	CHECK_INT(open_again(&error), 0);
	with.store = bench.store;
	CHECK_INT(keyspace_open(&keyspace, &with, &error), -EBADMSG);
	CHECK_STR(error.text, "a record of the store is damaged");
	bench_end(&bench);
}
