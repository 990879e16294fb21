/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <time.h>

#include "fake_task.h"
#include "server.h"

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n"

static const struct gust_column columns[] = {
	{ "id", GUST_INT },
	{ "name", GUST_STRING },
	{ NULL, GUST_NULL },
};

static struct fake *poll_create(const char *url)
{
	struct fake *fake = fake_create("spouts/http_poll");

	fake_set_string(fake, "url", url);
	fake_set_number(fake, "timeout", 30e9);
	fake_set_number(fake, "answer_max", 100000);
	fake_set_number(fake, "retries", 5);
	return fake;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Runs until it says something else than to wait, or is due again after a
 * pause, which passes. libcurl goes by a clock of its own. */
static int go_on(struct fake *fake)
{
	const time_t end = seconds() + 20;
	int r = fake_run(fake, 1000);

	while (r == GUST_WAIT && fake->wait_until <= fake->now) {
		CHECK(seconds() < end);
		if (!fake_poll(fake, 2) && fake_advance(fake, 1000000) < 0)
			FAIL("a timer fails");
		r = fake_run(fake, 1000);
	}
	return r;
}

/* The same, over all pauses. */
static int run_all(struct fake *fake)
{
	int r = go_on(fake);

	while (r == GUST_WAIT) {
		fake->now = fake->wait_until;
		r = go_on(fake);
	}
	return r;
}

static void begin(struct fake *fake)
{
	int r = fake_open(fake);

	CHECK_STR(fake->error.text, "");
	CHECK_INT(r, 0);
}

TEST(an_answer_is_emitted_whole)
{
	static const char *const answers[] = {
		OK "\r\n {\"a\": [1, 2.5, null], \"b\": \"x\\u0000\"}\n"
	};
	struct fake *fake;

	server_begin(answers, 1);
	fake = poll_create(server_url("/all"));
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data,
		  "{\"a\":[1,2.5,null],\"b\":\"x\\u0000\"}\n");
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	CHECK_CONTAINS(server_requests[0], "GET /all HTTP/1.1\r\n");
	fake_destroy(fake);
}

TEST(each_record_of_an_array_is_emitted)
{
	static const char *const answers[] = { OK "\r\n[1, [2], \"x\", null]",
					       OK "\r\n[]" };
	struct fake *fake;
	int i;

	server_begin(answers, 2);
	for (i = 0; i < 2; i++) {
		fake = poll_create(server_url("/"));
		fake->room = 0;
		begin(fake);
		CHECK_INT(run_all(fake), GUST_DONE);
		CHECK_STR(fake->emitted.data,
			  i == 0 ? "1\n[2]\n\"x\"\nnull\n" : "");
		fake_destroy(fake);
	}
	server_end();
}

TEST(members_become_columns)
{
	static const char *const answers[] = {
		OK "Transfer-Encoding: chunked\r\n\r\n"
		   "1d\r\n{\"data\": {\"items\": [{\"id\": 1,\r\n"
		   "35\r\n \"name\": \"\xc3\xbc\", \"more\": 1}, "
		   "{\"name\": null}, {\"id\": 3}]\r\n"
		   "2\r\n}}\r\n0\r\n\r\n"
	};
	struct fake *fake;

	server_begin(answers, 1);
	fake = poll_create(server_url("/"));
	fake_output(fake, "default", columns);
	fake_set_string(fake, "records", "data.items");
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data, "1\t\xc3\xbc\nnull\tnull\n3\tnull\n");
	fake_destroy(fake);
}

TEST(what_is_no_record_is_rejected)
{
	static const char *const answers[] = {
		OK "\r\n[{\"id\": \"x\", \"name\": \"a\"}, 7, {\"id\": 2}]"
	};
	struct fake *fake;

	server_begin(answers, 1);
	fake = poll_create(server_url("/"));
	fake_output(fake, "default", columns);
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data, "2\tnull\n");
	CHECK_UINT(fake->rejected, 2);
	CHECK_CONTAINS(fake->reason, "/: the record is no object");
	CHECK_STR(fake->rejected_data.data, "{\"id\":\"x\",\"name\":\"a\"}7");
	fake_destroy(fake);
}

TEST(a_record_that_is_too_long_is_rejected)
{
	static const char *const answers[] = {
		OK "\r\n[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", 1]"
	};
	struct fake *fake;

	server_begin(answers, 1);
	fake = poll_create(server_url("/"));
	fake->tuple_max = 128;
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data, "1\n");
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

/* An answer that is rejected as a whole. */
static void reject(const char *answer, const char *records, const char *text)
{
	struct fake *fake;

	server_begin(&answer, 1);
	fake = poll_create(server_url("/x?token=secret"));
	fake_set_string(fake, "records", records);
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, text);
	CHECK(strstr(fake->reason, "secret") == NULL);
	fake_destroy(fake);
}

TEST(what_is_no_answer_is_rejected)
{
	reject(OK "\r\n{\"a\": ", NULL, "/: no JSON: ");
	reject(OK "\r\n", NULL, "/: no JSON: ");
	reject(OK "\r\n\"\xff\xfe\"", NULL, "/: no JSON: ");
	reject(OK "\r\n{\"a\": {\"b\": 1}}", "a.c",
	       "/: the answer has no 'a.c'");
	reject(OK "\r\n[]", "a", "/: the answer has no 'a'");
}

TEST(it_asks_again_with_what_the_server_said)
{
	static const char *const answers[] = {
		OK "ETag: \"v1\"\r\nlast-modified: Sat, 21 Nov 2026 10:00:00 "
		   "GMT\r\n\r\n[1]",
		"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
		OK "\r\n[2]",
		OK "\r\n[3]",
	};
	struct fake *fake;
	int i;

	server_begin(answers, 4);
	fake = poll_create(server_url("/"));
	fake_set_number(fake, "interval", 5e9);
	begin(fake);
	for (i = 0; i < 4; i++) {
		CHECK_INT(go_on(fake), GUST_WAIT);
		CHECK_UINT(fake->wait_until, fake->now + 5000000000);
		fake->now = fake->wait_until;
	}
	server_end();
	CHECK_STR(fake->emitted.data, "1\n2\n3\n");
	CHECK(strstr(server_requests[0], "If-") == NULL);
	CHECK_CONTAINS(server_requests[1], "\r\nIf-None-Match: \"v1\"\r\n");
	CHECK_CONTAINS(server_requests[1],
		       "\r\nIf-Modified-Since: Sat, 21 Nov 2026 10:00:00 "
		       "GMT\r\n");
	CHECK_CONTAINS(server_requests[2], "\r\nIf-None-Match: \"v1\"\r\n");
	CHECK(strstr(server_requests[3], "If-") == NULL);
	fake_destroy(fake);
}

TEST(positions_tell_what_is_new)
{
	static const char *const answers[] = {
		OK
		"\r\n[{\"id\": 7}, {\"id\": 3}, {\"id\": \"x\"}, {\"id\": 2}, "
		"{\"id\": 5}, {\"id\": 5}]",
		OK "\r\n[{\"id\": 7}, {\"id\": 9}, {\"id\": 3}]",
	};
	struct fake *fake;

	server_begin(answers, 2);
	fake = poll_create(server_url("/?token=secret"));
	fake_set_string(fake, "position", "id");
	fake_set_number(fake, "interval", 5e9);
	fake->resume = 3;
	begin(fake);
	CHECK_INT(go_on(fake), GUST_WAIT);
	fake->now = fake->wait_until;
	CHECK_INT(go_on(fake), GUST_WAIT);
	server_end();
	CHECK_STR(fake->emitted.data,
		  "{\"id\":3}\n{\"id\":5}\n{\"id\":7}\n{\"id\":9}\n");
	CHECK_INT(fake->replay, GUST_REPLAY_POSITION);
	CHECK_UINT(fake->how.offset, 9);
	CHECK_UINT(fake->how.next, 10);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "member 'id' is no integer");
	CHECK(strstr(fake->source, "secret") == NULL);
	fake_destroy(fake);
}

TEST(a_server_in_trouble_is_asked_again)
{
	static const char *const answers[] = {
		"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\nsorry",
		"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\n\r\n",
		NULL,
		"HTTP/1.1 429 Slow down\r\n\r\n",
		OK "Content-Length: 100\r\n\r\n[1",
		OK "\r\n[1]",
	};
	struct fake *fake;

	server_begin(answers, 6);
	fake = poll_create(server_url("/"));
	begin(fake);
	CHECK_INT(go_on(fake), GUST_WAIT);
	CHECK_UINT(fake->wait_until, fake->now + 500000000);
	CHECK_CONTAINS(fake->log, "/: the answer is 500; it is asked again in "
				  "0.5 s");
	fake->now = fake->wait_until;
	CHECK_INT(go_on(fake), GUST_WAIT);
	CHECK_UINT(fake->wait_until, fake->now + 120000000000);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data, "1\n");
	CHECK_UINT(fake->logs, 5);
	fake_destroy(fake);
}

/* A fetch that fails at once. */
static void fails(const char *const *answers, size_t count, const char *path,
		  const char *text)
{
	struct fake *fake;

	server_begin(answers, count);
	fake = poll_create(server_url(path));
	begin(fake);
	CHECK_INT(run_all(fake), -EIO);
	server_end();
	CHECK_CONTAINS(fake->log, text);
	CHECK(strstr(fake->log, "secret") == NULL);
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->logs, 1);
	fake_destroy(fake);
}

TEST(what_will_not_work_later_fails_the_run)
{
	static const char *const missing[] = {
		"HTTP/1.1 404 Not Found\r\n\r\n"
	};
	static const char *const insecure[] = {
		"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/x\r\n\r\n"
	};
	static char huge[200000];
	static const char *const long_answer[] = { huge };

	fails(missing, 1, "/x?key=secret", "/: the answer is 404");
	fails(insecure, 1, "/x?key=secret", "/: Unsupported protocol");
	strcpy(huge, OK "\r\n");
	memset(huge + strlen(huge), ' ', 150000);
	fails(long_answer, 1, "/", "/: the answer is longer than 100000 bytes");
}

TEST(a_server_that_says_nothing_is_given_up)
{
	static const char *const answers[] = { SERVER_SILENCE };
	struct fake *fake;

	server_begin(answers, 1);
	fake = poll_create(server_url("/"));
	fake_set_number(fake, "timeout", 50e6);
	fake_set_number(fake, "retries", 0);
	begin(fake);
	CHECK_INT(run_all(fake), -EIO);
	server_end();
	CHECK_CONTAINS(fake->log, "/: no answer within 0.05 s");
	fake_destroy(fake);
}

TEST(nobody_at_home_is_tried_some_times)
{
	struct fake *fake;

	server_begin(NULL, 0);
	server_end();
	fake = poll_create(server_url("/"));
	fake_set_number(fake, "retries", 2);
	begin(fake);
	CHECK_INT(run_all(fake), -EIO);
	CHECK_UINT(fake->logs, 3);
	CHECK_CONTAINS(fake->log, "/: Couldn't connect to server");
	fake_destroy(fake);

	fake = poll_create(server_url("/"));
	fake_set_number(fake, "retries", 0);
	fake_set_number(fake, "interval", 7e9);
	begin(fake);
	CHECK_INT(go_on(fake), GUST_WAIT);
	CHECK_UINT(fake->wait_until, fake->now + 7000000000);
	fake_destroy(fake);
}

/* The run with a header, over one redirect to `to`. */
static struct fake *redirected(const char *to)
{
	static const char *const keys[] = { "X-Key", "Empty" };
	static const char *const values[] = { "secret", "" };
	static char first[512];
	static const char *answers[] = { first, OK "\r\n[1]" };
	char url[256];
	struct fake *fake;

	server_begin(answers, 2);
	snprintf(url, sizeof(url), to, server_port);
	snprintf(first, sizeof(first),
		 "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\nover there", url);
	fake = poll_create(server_url("/a"));
	fake_set_map(fake, "headers", keys, values, 2);
	begin(fake);
	CHECK_INT(run_all(fake), GUST_DONE);
	server_end();
	CHECK_STR(fake->emitted.data, "1\n");
	CHECK_CONTAINS(server_requests[0], "\r\nX-Key: secret\r\n");
	CHECK_CONTAINS(server_requests[0], "\r\nEmpty:\r\n");
	CHECK_CONTAINS(server_requests[1], "GET /b HTTP/1.1\r\n");
	return fake;
}

TEST(redirects_are_followed_and_headers_stay_with_their_server)
{
	fake_destroy(redirected("/b"));
	CHECK_CONTAINS(server_requests[1], "\r\nX-Key: secret\r\n");
	fake_destroy(redirected("http://127.0.0.1:%d/b"));
	CHECK_CONTAINS(server_requests[1], "\r\nX-Key: secret\r\n");
	fake_destroy(redirected("http://localhost:%d/b"));
	CHECK(strstr(server_requests[1], "X-Key") == NULL);
}

TEST(redirects_come_to_an_end)
{
	static const char to[] =
		"HTTP/1.1 307 Again\r\nLocation: /again\r\n\r\n";
	static const char *const answers[] = { to, to, to, to, to, to };

	fails(answers, 6, "/", "/: the answer is 307");
	CHECK_UINT(server_so_far(), 6);
}

TEST(one_task_asks)
{
	struct fake *fake = poll_create("http://127.0.0.1:9/");

	fake->index = 1;
	fake->count = 2;
	begin(fake);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	fake_destroy(fake);
}

TEST(a_request_under_way_can_be_left)
{
	static const char *const answers[] = { SERVER_SILENCE };
	struct fake *fake;
	time_t end = seconds() + 20;

	server_begin(answers, 1);
	fake = poll_create(server_url("/"));
	begin(fake);
	CHECK_INT(fake_run(fake, 10), GUST_WAIT);
	while (server_so_far() == 0) {
		CHECK(seconds() < end);
		if (!fake_poll(fake, 2))
			fake_advance(fake, 1000000);
	}
	fake_destroy(fake);
	server_end();
}

static void misdeclare(struct fake *fake, const char *text)
{
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, text);
	CHECK(strstr(fake->error.text, "secret") == NULL);
	fake_destroy(fake);
}

TEST(mistakes_in_options_are_found_without_the_server)
{
	static const char *const names[] = { "X-Good", "X Bad" };
	static const char *const values[] = { "secret", "secret" };
	static const char *const lines[] = { "a\r\nX-Other: secret", "b" };
	struct fake *fake;

	misdeclare(poll_create("me:secret@example.com"),
		   "option 'url' is no URL that can be used, expected http:// "
		   "or https://");
	misdeclare(poll_create("ftp://me:secret@example.com"), "option 'url'");
	misdeclare(poll_create("file:///etc/passwd"), "option 'url'");
	misdeclare(poll_create("http://example.com/a secret"), "option 'url'");
	misdeclare(poll_create(""), "option 'url'");
	fake = poll_create("https://me:secret@example.com/");
	fake_set_map(fake, "headers", names, values, 2);
	misdeclare(fake, "option 'headers': number 2 is no header");
	fake = poll_create("https://example.com/");
	fake_set_map(fake, "headers", names, lines, 1);
	misdeclare(fake, "option 'headers': number 1 is no header");
	fake = poll_create("https://example.com/");
	fake_output(fake, "a", columns);
	fake_output(fake, "b", columns);
	misdeclare(fake, "there are 2 streams in 'outputs', expected one");
}

TEST(a_file_of_certificates_that_is_missing_is_told)
{
	struct fake *fake = poll_create("https://example.com/");

	fake_set_string(fake, "ca", "/nowhere/ca.pem");
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text, "option 'ca': '/nowhere/ca.pem': No such "
				    "file or directory");
	fake_destroy(fake);
}
