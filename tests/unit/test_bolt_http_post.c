/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <time.h>

#include "fake_check.h"
#include "server.h"

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthanks"
#define STATUS(line) "HTTP/1.1 " line "\r\nConnection: close\r\n\r\n"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },
	{ "word", GUST_STRING },
	{ "raw", GUST_BYTES },
	{ NULL, GUST_NULL },
};

static struct fake *post_create(const char *url)
{
	struct fake *fake = fake_create("bolts/http_post");

	fake_input(fake, columns);
	fake_set_string(fake, "url", url);
	fake_set_number(fake, "timeout", 30e9);
	fake_set_number(fake, "batch", 3);
	fake_set_number(fake, "requests", 2);
	return fake;
}

static int give(struct fake *fake, int64_t id, const char *word)
{
	const struct gust_value row[] = { gust_int(id),
					  gust_string(word, strlen(word)),
					  gust_bytes("\0\1", 2) };

	return fake_give(fake, row, 3);
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Lets things happen until so many tuples are done with. libcurl goes by a
 * clock of its own; pauses of the bolt pass at once. */
static void until_done(struct fake *fake, size_t count)
{
	const time_t end = seconds() + 20;

	while (fake->acked + fake->failed + fake->dead + fake->rejected <
	       count) {
		CHECK(seconds() < end);
		if (!fake_poll(fake, 2))
			fake_tick(fake);
	}
	CHECK_UINT(fake->acked + fake->failed + fake->dead + fake->rejected,
		   count);
}

/* The same until so many requests have got their answers, without pauses. */
static void until_asked(struct fake *fake, size_t count)
{
	const time_t end = seconds() + 20;

	while (server_so_far() < count) {
		CHECK(seconds() < end);
		if (!fake_poll(fake, 2))
			fake_advance(fake, 1000000);
	}
}

static const char *body(int request)
{
	return strstr(server_requests[request], "\r\n\r\n") + 4;
}

TEST(a_full_batch_is_sent_and_acked_with_its_answer)
{
	static const char *const answers[] = { OK, OK };
	struct fake *fake;

	server_begin(answers, 2);
	fake = fake_opened(post_create(server_url("/in?a=b")));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b\"\n"), 0);
	CHECK_UINT(fake->held, 2);
	CHECK_INT(give(fake, 3, "c"), 0);
	CHECK_UINT(fake->acked, 0);
	until_done(fake, 3);
	CHECK_UINT(fake->acked, 3);
	CHECK_UINT(fake->held, 0);
	CHECK_INT(give(fake, 4, ""), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 4);
	server_end();
	CHECK_CONTAINS(server_requests[0], "POST /in?a=b HTTP/1.1\r\n");
	CHECK_CONTAINS(server_requests[0],
		       "\r\nContent-Type: application/json\r\n");
	CHECK_STR(body(0), "[{\"id\":1,\"word\":\"a\",\"raw\":\"AAE=\"},"
			   "{\"id\":2,\"word\":\"b\\\"\\n\",\"raw\":\"AAE=\"},"
			   "{\"id\":3,\"word\":\"c\",\"raw\":\"AAE=\"}]");
	CHECK_STR(body(1), "[{\"id\":4,\"word\":\"\",\"raw\":\"AAE=\"}]");
	fake_destroy(fake);
}

/* Sends two tuples and returns the bolt. */
static struct fake *sent(const char *form, const char *field, size_t requests)
{
	static const char *const answers[] = { OK, OK };
	struct fake *fake;

	server_begin(answers, requests);
	fake = post_create(server_url("/"));
	fake_set_string(fake, "body", form);
	fake_set_string(fake, "field", field);
	fake_set_number(fake, "requests", 1);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 2);
	CHECK_UINT(fake->acked, 2);
	server_end();
	return fake;
}

TEST(bodies_have_several_forms)
{
	fake_destroy(sent("lines", NULL, 1));
	CHECK_CONTAINS(server_requests[0],
		       "\r\nContent-Type: application/x-ndjson\r\n");
	CHECK_STR(body(0), "{\"id\":1,\"word\":\"a\",\"raw\":\"AAE=\"}\n"
			   "{\"id\":2,\"word\":\"b\",\"raw\":\"AAE=\"}\n");
	fake_destroy(sent("lines", "word", 1));
	CHECK_CONTAINS(server_requests[0],
		       "\r\nContent-Type: text/plain; charset=utf-8\r\n");
	CHECK_STR(body(0), "a\nb\n");
	fake_destroy(sent("array", "word", 1));
	CHECK_STR(body(0), "[\"a\",\"b\"]");
	fake_destroy(sent("single", NULL, 2));
	CHECK_STR(body(0), "{\"id\":1,\"word\":\"a\",\"raw\":\"AAE=\"}");
	CHECK_STR(body(1), "{\"id\":2,\"word\":\"b\",\"raw\":\"AAE=\"}");
	fake_destroy(sent("single", "raw", 2));
	CHECK_CONTAINS(server_requests[0],
		       "\r\nContent-Type: application/octet-stream\r\n");
	CHECK_CONTAINS(server_requests[0], "\r\nContent-Length: 2\r\n");
}

TEST(headers_and_method_are_as_asked_for)
{
	static const char *const keys[] = { "X-Key", "content-type" };
	static const char *const values[] = { "secret", "text/x" };
	static const char *const answers[] = { OK };
	struct fake *fake;

	server_begin(answers, 1);
	fake = post_create(server_url("/"));
	fake_set_map(fake, "headers", keys, values, 2);
	fake_set_string(fake, "method", "PUT");
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 1);
	server_end();
	CHECK_CONTAINS(server_requests[0], "PUT / HTTP/1.1\r\n");
	CHECK_CONTAINS(server_requests[0], "\r\nX-Key: secret\r\n");
	CHECK_CONTAINS(server_requests[0], "\r\ncontent-type: text/x\r\n");
	CHECK(strstr(server_requests[0], "application/json") == NULL);
	fake_destroy(fake);
}

TEST(tuples_with_different_urls_go_in_different_requests)
{
	static const char *const answers[] = { OK, OK, OK };
	struct fake *fake;

	server_begin(answers, 3);
	fake = post_create(server_url("/{word}?id=x"));
	fake_set_number(fake, "requests", 1);
	fake_set_string(fake, "field", "id");
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "a"), 0);
	CHECK_INT(give(fake, 3, "../&?"), 0);
	/* One is under way and one waits. */
	CHECK_INT(give(fake, 4, "a"), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, "requests are under way to the server");
	until_done(fake, 2);
	CHECK_INT(give(fake, 4, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 4);
	server_end();
	CHECK_CONTAINS(server_requests[0], "POST /a?id=x HTTP/1.1\r\n");
	CHECK_STR(body(0), "[1,2]");
	CHECK_CONTAINS(server_requests[1], "POST /..%2F%26%3F?id=x HTTP/1.1");
	CHECK_STR(body(1), "[3]");
	CHECK_STR(body(2), "[4]");
	fake_destroy(fake);
}

TEST(what_makes_no_url_is_rejected)
{
	struct fake *fake = fake_opened(post_create("http://a b/{word}"));

	CHECK_INT(give(fake, 1, "a"), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->held, 0);
	CHECK_INT(fake_flush(fake), 0);
	fake_destroy(fake);
}

TEST(no_more_requests_are_under_way_than_may_be)
{
	static const char *const answers[] = { SERVER_SILENCE };
	struct fake *fake;
	int i, r = 0;

	server_begin(answers, 1);
	fake = fake_opened(post_create(server_url("/")));
	for (i = 0; i < 100 && r == 0; i++)
		r = give(fake, i, "a");
	CHECK_INT(r, -EAGAIN);
	/* Two requests, and one that waits. */
	CHECK_UINT(fake->held, 9);
	CHECK_INT(i, 10);
	CHECK_INT(fake_flush(fake), -EAGAIN);
	CHECK_INT(fake_idle(fake), 0);
	until_asked(fake, 1);
	CHECK_UINT(fake->acked, 0);
	fake_destroy(fake);
	server_end();
}

TEST(flush_waits_for_the_answers)
{
	static const char *const answers[] = { OK };
	struct fake *fake;

	server_begin(answers, 1);
	fake = fake_opened(post_create(server_url("/")));
	CHECK_INT(fake_flush(fake), 0);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_flush(fake), -EAGAIN);
	until_done(fake, 1);
	CHECK_INT(fake_flush(fake), 0);
	server_end();
	fake_destroy(fake);
}

TEST(a_server_in_trouble_is_waited_for)
{
	static const char *const answers[] = {
		STATUS("503 Busy"),
		NULL,
		"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n\r\n",
		STATUS("408 Late"),
		OK,
	};
	struct fake *fake;
	uint64_t begun;

	server_begin(answers, 5);
	fake = fake_opened(post_create(server_url("/x?key=secret")));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_asked(fake, 1);
	while (fake_idle(fake) == 0)
		fake_poll(fake, 2);
	CHECK_CONTAINS(fake->not_now, "/: the answer is 503");
	CHECK(strstr(fake->not_now, "secret") == NULL);
	CHECK_UINT(fake->logs, 1);
	CHECK_CONTAINS(fake->log, "/: the answer is 503; it is tried again");
	CHECK_UINT(fake->acked + fake->failed + fake->dead, 0);
	begun = fake->now;
	until_done(fake, 1);
	server_end();
	CHECK_UINT(fake->acked, 1);
	CHECK_UINT(fake->failed + fake->dead, 0);
	/* 0.25 s, 0.5 s, 7 s as it was asked to, 2 s. */
	CHECK(fake->now - begun > 9000000000);
	CHECK_CONTAINS(fake->log, "answers again");
	CHECK_STR(body(0), body(4));
	fake_destroy(fake);
}

TEST(one_answer_that_is_no_answer_is_one_line)
{
	static const char *const answers[] = { STATUS("503 Busy"), OK };
	struct fake *fake;

	server_begin(answers, 2);
	fake = fake_opened(post_create(server_url("/")));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 1);
	server_end();
	CHECK_UINT(fake->acked, 1);
	CHECK_UINT(fake->logs, 1);
	CHECK_CONTAINS(fake->log, "/: the answer is 503; it is tried again");
	fake_destroy(fake);
}

TEST(nobody_at_home_is_waited_for)
{
	struct fake *fake;
	int i, r = 0;

	server_begin(NULL, 0);
	server_end();
	fake = fake_opened(post_create(server_url("/")));
	for (i = 0; i < 100 && r == 0; i++) {
		r = give(fake, i, "a");
		fake_poll(fake, 1);
		fake_advance(fake, 1000);
	}
	CHECK_INT(r, -EAGAIN);
	while (fake_idle(fake) == 0)
		if (!fake_poll(fake, 2))
			fake_advance(fake, 1000000);
	CHECK_CONTAINS(fake->not_now, "/: Couldn't connect to server");
	CHECK_INT(fake_flush(fake), -EAGAIN);
	CHECK_UINT(fake->acked + fake->failed + fake->dead, 0);
	CHECK_UINT(fake->held, 9);
	fake_destroy(fake);
}

TEST(a_refused_batch_is_taken_apart)
{
	static const char *const answers[] = { STATUS("400 Bad"), OK,
					       STATUS("422 Worse"), OK };
	struct fake *fake;

	server_begin(answers, 4);
	fake = post_create(server_url("/x?key=secret"));
	fake_set_string(fake, "field", "id");
	fake_set_number(fake, "requests", 1);
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(give(fake, 3, "c"), 0);
	until_done(fake, 3);
	server_end();
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake->dead, 1);
	CHECK_CONTAINS(fake->reason, "/: the answer is 422");
	CHECK(strstr(fake->reason, "secret") == NULL);
	CHECK_STR(body(0), "[1,2,3]");
	CHECK_STR(body(1), "[1]");
	CHECK_STR(body(2), "[2]");
	CHECK_STR(body(3), "[3]");
	CHECK_INT(fake_flush(fake), 0);
	fake_destroy(fake);
}

TEST(other_refusals_are_of_all)
{
	static const char *const answers[] = {
		STATUS("404 Not Found"),
		"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n",
	};
	struct fake *fake;

	server_begin(answers, 2);
	fake = post_create(server_url("/"));
	fake_set_string(fake, "refused", "fail");
	fake_opened(fake);
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(give(fake, 2, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 2);
	CHECK_UINT(fake->failed, 2);
	CHECK_CONTAINS(fake->reason, "/: the answer is 404");
	CHECK_INT(give(fake, 3, "c"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 3);
	CHECK_CONTAINS(fake->reason, "/: the answer is 302");
	server_end();
	fake_destroy(fake);
}

TEST(a_long_answer_does_no_harm)
{
	static char huge[300000];
	static const char *const answers[] = { huge };
	struct fake *fake;

	strcpy(huge, OK);
	memset(huge + strlen(huge), 'x', 200000);
	server_begin(answers, 1);
	fake = fake_opened(post_create(server_url("/")));
	CHECK_INT(give(fake, 1, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	until_done(fake, 1);
	CHECK_UINT(fake->acked, 1);
	server_end();
	fake_destroy(fake);
}

static void misdeclare(struct fake *fake, const char *text)
{
	CHECK(fake_declare(fake) < 0);
	CHECK_CONTAINS(fake->error.text, text);
	CHECK(strstr(fake->error.text, "secret") == NULL);
	fake_destroy(fake);
}

TEST(mistakes_in_options_are_found_without_the_server)
{
	static const char *const names[] = { "X Bad" };
	static const char *const values[] = { "secret" };
	struct fake *fake;

	misdeclare(post_create("example.com/secret"),
		   "option 'url' does not begin with http:// or https://");
	misdeclare(post_create("http://a secret/"),
		   "option 'url' is no URL that can be used");
	misdeclare(post_create("http://example.com/{wrod}"),
		   "no field is named 'wrod'");
	fake = post_create("http://example.com/{word}");
	fake_set_map(fake, "headers", names, values, 1);
	misdeclare(fake, "option 'headers': number 1 is no header");
	fake = post_create("http://example.com/");
	fake_set_string(fake, "field", "rwa");
	misdeclare(fake, "no field is named 'rwa'");
}
