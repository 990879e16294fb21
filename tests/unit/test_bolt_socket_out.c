/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_check.h"

#define LIMIT_MS 60000
#define MS UINT64_C(1000000)

static const struct gust_column columns[] = { { "word", GUST_STRING },
					      { "count", GUST_INT },
					      { NULL, GUST_NULL } };

/* A server on a free port, or at the port of `like`. */
static int serve(int type, char url[64], int like)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof(in);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), yes = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons((uint16_t)like);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	CHECK_INT(bind(fd, (void *)&in, sizeof(in)), 0);
	if (type == SOCK_STREAM)
		CHECK_INT(listen(fd, 8), 0);
	CHECK_INT(getsockname(fd, (void *)&in, &size), 0);
	snprintf(url, 64, "%s://127.0.0.1:%d",
		 type == SOCK_STREAM ? "tcp" : "udp", ntohs(in.sin_port));
	return fd;
}

static int port_of(const char *url)
{
	return atoi(strrchr(url, ':') + 1);
}

static struct fake *out_create(const char *url, const char *template,
			       const char *framing)
{
	struct fake *fake = fake_create("bolts/socket_out");

	fake_input(fake, columns);
	fake_set_string(fake, "connect", url);
	fake_set_string(fake, "template", template);
	fake_set_string(fake, "framing", framing);
	return fake;
}

static struct fake *opened(const char *url, const char *template)
{
	return fake_opened(out_create(url, template, "line"));
}

static int give(struct fake *fake, const char *word, int64_t count)
{
	const struct gust_value row[] = { gust_string(word, strlen(word)),
					  gust_int(count) };

	return fake_give(fake, row, 2);
}

/* Gives a tuple until it is taken, while the time passes. */
static void insist(struct fake *fake, const char *word)
{
	int r;

	while ((r = give(fake, word, 1)) == -EAGAIN)
		CHECK(fake_poll(fake, 10) || fake_tick(fake) ||
		      fake_poll(fake, LIMIT_MS));
	CHECK_INT(r, 0);
}

/* Has all written that was gathered. */
static void flush(struct fake *fake)
{
	int r;

	while ((r = fake_flush(fake)) == -EAGAIN)
		CHECK(fake_poll(fake, 10) || fake_tick(fake) ||
		      fake_poll(fake, LIMIT_MS));
	CHECK_INT(r, 0);
}

static int take(int server)
{
	struct pollfd come = { .fd = server, .events = POLLIN };
	int fd;

	CHECK_INT(poll(&come, 1, LIMIT_MS), 1);
	fd = accept(server, NULL, NULL);
	CHECK(fd >= 0);
	return fd;
}

/* What comes next is this. */
static void hears(int fd, const char *text, size_t n)
{
	struct pollfd come = { .fd = fd, .events = POLLIN };
	char heard[4096];
	size_t used = 0;
	ssize_t r;

	while (used < n) {
		CHECK_INT(poll(&come, 1, LIMIT_MS), 1);
		r = recv(fd, heard + used, sizeof(heard) - used, 0);
		CHECK(r >= 0);
		used += (size_t)r;
		if (r == 0)
			break;
	}
	CHECK_MEM(heard, used, text, n);
}

TEST(lines_follow_the_template)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = opened(url, "{word} {count}");

	CHECK_INT(give(fake, "cow", 3), 0);
	CHECK_INT(give(fake, "", -1), 0);
	CHECK_UINT(fake->acked, 0);
	flush(fake);
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake->batches_acked, 1);
	peer = take(server);
	hears(peer, "cow 3\n -1\n", 10);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake_counter(fake, "connections"), 1);
	fake_destroy(fake);
	hears(peer, "", 0);
	close(peer);
	close(server);
}

TEST(without_a_template_they_are_objects)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = opened(url, NULL);

	CHECK_INT(give(fake, "a\nb", 3), 0);
	flush(fake);
	peer = take(server);
	hears(peer, "{\"word\":\"a\\nb\",\"count\":3}\n", 26);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(lengths_may_come_before)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = out_create(url, "{word}", "length");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "a\nb", 3), 0);
	CHECK_INT(give(fake, "", 3), 0);
	flush(fake);
	peer = take(server);
	hears(peer, "\0\0\0\3a\nb\0\0\0\0", 11);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(a_newline_within_a_line_is_rejected)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = opened(url, "{word}");

	CHECK_INT(give(fake, "a", 1), 0);
	CHECK_INT(give(fake, "b\nc", 1), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "the text has a newline in it");
	CHECK_INT(give(fake, "d", 1), 0);
	flush(fake);
	peer = take(server);
	hears(peer, "a\nd\n", 4);
	CHECK_UINT(fake->acked, 2);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(who_is_away_is_waited_for)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer, i;
	uint64_t before = 0;
	struct fake *fake;

	close(server);
	fake = opened(url, "{word}");
	CHECK_INT(give(fake, "a", 1), 0);
	CHECK_INT(fake_idle(fake), -EAGAIN);
	while (strstr(fake->not_now, "is away") == NULL) {
		CHECK(fake_poll(fake, LIMIT_MS) || fake_tick(fake));
		CHECK_INT(fake_flush(fake), -EAGAIN);
	}
	CHECK_CONTAINS(fake->not_now, " is away: Connection refused");
	CHECK_CONTAINS(fake->log, " is away: Connection refused");
	CHECK_UINT(fake->logs, 1);
	/* The pauses double. */
	for (i = 0; i < 12; i++) {
		before = fake->now;
		do
			CHECK(fake_poll(fake, 10) || fake_tick(fake) ||
			      fake_poll(fake, LIMIT_MS));
		while (fake->now == before);
	}
	CHECK(fake->now > 12000 * MS);
	CHECK_UINT(fake->logs, 1);
	server = serve(SOCK_STREAM, url, port_of(url));
	flush(fake);
	CHECK_UINT(fake->acked, 1);
	CHECK_CONTAINS(fake->log, "is connected to 127.0.0.1:");
	peer = take(server);
	hears(peer, "a\n", 2);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(who_does_not_read_is_waited_for)
{
	char url[64], line[4097];
	int server = serve(SOCK_STREAM, url, 0), peer, r = 0;
	struct fake *fake = opened(url, "{word}");
	size_t given = 0, heard = 0;
	static char data[1 << 20];
	struct pollfd come;
	ssize_t n;

	memset(line, 'x', 4096);
	line[4096] = '\0';
	insist(fake, line);
	flush(fake);
	peer = take(server);
	for (given = 1; r == 0 && given < 100000; given++)
		r = give(fake, line, 1);
	given--;
	CHECK_INT(r, -EAGAIN);
	CHECK_CONTAINS(fake->not_now, " is not read");
	CHECK(fake->batched > 0 && fake->batched < 20);
	CHECK_UINT(fake->acked + fake->batched, given);
	come = (struct pollfd){ .fd = peer, .events = POLLIN };
	while (heard < given * 4097) {
		if (poll(&come, 1, 0) == 1) {
			n = recv(peer, data, sizeof(data), 0);
			CHECK(n > 0);
			heard += (size_t)n;
		} else {
			CHECK(fake_poll(fake, LIMIT_MS));
		}
	}
	CHECK_INT(fake_flush(fake), 0);
	CHECK_UINT(fake->acked, given);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(a_broken_connection_is_made_again)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = opened(url, "{word}");

	insist(fake, "a");
	flush(fake);
	peer = take(server);
	hears(peer, "a\n", 2);
	close(peer);
	/* It is noticed before anything is lost. */
	while (strstr(fake->log, "is away: Connection reset by peer") == NULL)
		CHECK(fake_poll(fake, LIMIT_MS));
	CHECK_INT(give(fake, "b", 1), 0);
	flush(fake);
	peer = take(server);
	hears(peer, "b\n", 2);
	CHECK_UINT(fake->acked, 2);
	CHECK_UINT(fake_counter(fake, "connections"), 2);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(what_was_partly_written_is_written_again)
{
	const int small = 4096;
	char url[64], line[32001];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake;
	static char data[1 << 20];
	size_t batched, acked, heard = 0;
	struct pollfd come;
	ssize_t n;

	setsockopt(server, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	fake = opened(url, "{word}");
	memset(line, 'x', 32000);
	line[32000] = '\0';
	insist(fake, line);
	flush(fake);
	peer = take(server);
	while (give(fake, line, 1) == 0)
		;
	batched = fake->batched;
	acked = fake->acked;
	CHECK(batched > 0);
	/* Some of the batch is out, and the connection breaks. */
	close(peer);
	flush(fake);
	CHECK_UINT(fake->acked, acked + batched);
	peer = take(server);
	come = (struct pollfd){ .fd = peer, .events = POLLIN };
	while (heard < batched * 32001) {
		CHECK_INT(poll(&come, 1, LIMIT_MS), 1);
		n = recv(peer, data + heard, sizeof(data) - heard, 0);
		CHECK(n > 0);
		heard += (size_t)n;
	}
	/* From the beginning of a line. */
	CHECK_UINT(heard, batched * 32001);
	CHECK(data[32000] == '\n');
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(what_the_other_side_says_is_not_heard)
{
	char url[64];
	int server = serve(SOCK_STREAM, url, 0), peer;
	struct fake *fake = opened(url, "{word}");

	insist(fake, "a");
	flush(fake);
	peer = take(server);
	hears(peer, "a\n", 2);
	CHECK_INT(send(peer, "welcome\n", 8, 0), 8);
	CHECK(fake_poll(fake, LIMIT_MS));
	CHECK(!fake_poll(fake, 0));
	insist(fake, "b");
	flush(fake);
	hears(peer, "b\n", 2);
	CHECK_UINT(fake_counter(fake, "connections"), 1);
	fake_destroy(fake);
	close(peer);
	close(server);
}

TEST(a_datagram_has_a_tuple)
{
	char url[64], long_word[70001];
	int server = serve(SOCK_DGRAM, url, 0);
	struct fake *fake = opened(url, "{word}");

	CHECK_INT(give(fake, "a\nb", 1), 0);
	CHECK_INT(give(fake, "", 1), 0);
	CHECK_INT(give(fake, "c", 1), 0);
	memset(long_word, 'x', 70000);
	long_word[70000] = '\0';
	CHECK_INT(give(fake, long_word, 1), -EBADMSG);
	CHECK_STR(fake->reason, "70000 bytes are too long for a datagram");
	hears(server, "a\nb", 3);
	CHECK_INT(recv(server, long_word, 1, 0), 0);
	hears(server, "c", 1);
	CHECK_UINT(fake->batched, 0);
	CHECK_INT(fake_flush(fake), 0);
	/* Nobody is there: that holds nobody up. */
	close(server);
	CHECK_INT(give(fake, "d", 1), 0);
	CHECK(fake_poll(fake, LIMIT_MS));
	CHECK_INT(give(fake, "e", 1), 0);
	CHECK_INT(give(fake, "f", 1), 0);
	fake_destroy(fake);
}

/* A server of this kind at a path. */
static int serve_path(const char *path, int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(un.sun_path, path);
	CHECK_INT(bind(fd, (void *)&un, sizeof(un)), 0);
	if (type == SOCK_STREAM)
		CHECK_INT(listen(fd, 8), 0);
	return fd;
}

TEST(paths_are_connected_to)
{
	char path[64], url[80];
	struct fake *fake;
	int server, peer;

	snprintf(path, sizeof(path), "/tmp/test-out-%d", (int)getpid());
	unlink(path);
	server = serve_path(path, SOCK_STREAM);
	snprintf(url, sizeof(url), "unix://%s", path);
	fake = opened(url, "{word}");
	insist(fake, "a");
	flush(fake);
	peer = take(server);
	hears(peer, "a\n", 2);
	fake_destroy(fake);
	close(peer);
	close(server);
	unlink(path);
	snprintf(url, sizeof(url), "unixgram://%s", path);
	fake = opened(url, "{word}");
	CHECK_INT(give(fake, "b", 1), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, " is away: No such file or directory");
	server = serve_path(path, SOCK_DGRAM);
	insist(fake, "b");
	hears(server, "b", 1);
	/* Whoever read there has gone, and comes back. */
	close(server);
	unlink(path);
	CHECK_INT(give(fake, "c", 1), -EAGAIN);
	CHECK_CONTAINS(fake->not_now, " is away: Connection refused");
	server = serve_path(path, SOCK_DGRAM);
	insist(fake, "c");
	hears(server, "c", 1);
	fake_destroy(fake);
	close(server);
	unlink(path);
}

static void refuse(const char *url, const char *template, const char *framing,
		   int code, const char *text)
{
	struct fake *fake = out_create(url, template, framing);

	CHECK_INT(fake_declare(fake), code);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

TEST(mistakes_are_found_before_it_runs)
{
	struct fake *fake;

	refuse("localhost:80", "{word}", "line", -EINVAL,
	       "option 'connect' is 'localhost:80'");
	refuse("tcp://:80", "{word}", "line", -EINVAL,
	       "option 'connect' lacks the host");
	refuse("udp://a:80", "{word}", "length", -EINVAL,
	       "option 'framing': 'length' is not for datagrams");
	refuse("tcp://a:80", "{wrod}", "line", -ENOENT,
	       "no field is named 'wrod'");
	fake = out_create("tcp://no.such.host.invalid:80", NULL, "line");
	CHECK(fake_open(fake) < 0);
	CHECK_CONTAINS(fake->error.text,
		       "cannot find host 'no.such.host.invalid'");
	fake_destroy(fake);
}
