/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_check.h"

#define LIMIT_MS 60000
#define SECOND UINT64_C(1000000000)

__attribute__((constructor)) static void ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}

static struct fake *socket_create(const char *listen, const char *framing)
{
	struct fake *fake = fake_create("spouts/socket");

	fake_set_string(fake, "listen", listen);
	fake_set_string(fake, "framing", framing);
	fake_set_number(fake, "connections", 64);
	return fake;
}

static struct fake *opened(const char *listen, const char *framing)
{
	return fake_opened(socket_create(listen, framing));
}

/* A path that is not there. */
static const char *path_url(const char *scheme)
{
	static char url[128];

	snprintf(url, sizeof(url), "%s:///tmp/test-socket-%d", scheme,
		 (int)getpid());
	unlink(strchr(url, '/') + 2);
	return url;
}

/* A socket that is connected to where the log says. */
static int dial(const struct fake *fake, int type)
{
	const char *at = strstr(fake->log, "://"), *colon;
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, r;

	CHECK(at != NULL);
	at += 3;
	colon = strrchr(at, ':');
	fd = socket(at[0] == '/' ? AF_UNIX : AF_INET, type | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	if (at[0] == '/') {
		strcpy(un.sun_path, at);
		r = connect(fd, (void *)&un, sizeof(un));
	} else {
		CHECK(colon != NULL);
		in.sin_port = htons((uint16_t)atoi(colon + 1));
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		r = connect(fd, (void *)&in, sizeof(in));
	}
	CHECK_INT(r, 0);
	return fd;
}

static void say(int fd, const char *text, size_t n)
{
	CHECK_INT(send(fd, text, n, 0), (ssize_t)n);
}

/* Lets it work until it has emitted and rejected so much together. */
static void await(struct fake *fake, size_t records)
{
	while (fake->emits + fake->rejected < records)
		if (fake_run(fake, SIZE_MAX) != GUST_EMITTED &&
		    fake->emits + fake->rejected < records)
			CHECK(fake_poll(fake, LIMIT_MS));
}

/* Lets it work until its counter is there. */
static void await_count(struct fake *fake, const char *name, uint64_t count)
{
	while (fake_counter(fake, name) < count)
		if (fake_run(fake, 1) != GUST_EMITTED &&
		    fake_counter(fake, name) < count)
			CHECK(fake_poll(fake, LIMIT_MS));
}

/* Lets it work until nothing has come for a moment. */
static void quiet(struct fake *fake)
{
	do
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
	while (fake_poll(fake, 20));
}

/* Whether the other side has closed the connection, at the latest soon. */
static bool hung_up(int fd)
{
	struct pollfd end = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&end, 1, LIMIT_MS) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

TEST(connections_give_lines)
{
	struct fake *fake = opened("tcp://127.0.0.1:0", "line");
	int one = dial(fake, SOCK_STREAM), other = dial(fake, SOCK_STREAM);

	CHECK_CONTAINS(fake->log, "listens on tcp://127.0.0.1:");
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	say(one, "a\n\nb", 4);
	await(fake, 2);
	say(other, "c\r\n", 3);
	await(fake, 3);
	say(one, "\0\xff\nlast", 7);
	close(one);
	await(fake, 5);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "a\n\nc\r\nb\0\xff\nlast\n", 15);
	CHECK_UINT(fake_counter(fake, "connections"), 2);
	/* The other one goes on. */
	say(other, "d\n", 2);
	await(fake, 6);
	close(other);
	fake_destroy(fake);
}

TEST(lengths_may_say_where_a_record_ends)
{
	struct fake *fake = opened("tcp://127.0.0.1:0", "length");
	int fd = dial(fake, SOCK_STREAM);

	say(fd, "\0\0\0\3a\nb\0\0\0\0\0\0\0\5ha", 17);
	close(fd);
	await(fake, 3);
	CHECK_STR(fake->emitted.data, "a\nb\n\n");
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "half a record from 127.0.0.1:");
	CHECK_CONTAINS(fake->reason, ": the connection has ended");
	fake_destroy(fake);
}

TEST(long_lines_are_rejected_and_skipped)
{
	struct fake *fake = socket_create("tcp://127.0.0.1:0", "line");
	char text[5000];
	int fd, i;

	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	fd = dial(fake, SOCK_STREAM);
	memset(text, 'x', sizeof(text));
	text[4039] = '\n';
	say(fd, text, 4040);
	text[4039] = 'x';
	for (i = 0; i < 20; i++)
		say(fd, text, sizeof(text));
	await(fake, 2);
	say(fd, "\nshort\n", 7);
	await(fake, 3);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->rejected_data.length, 1024);
	CHECK_CONTAINS(fake->reason, "a record of more than 4039 bytes from "
				     "127.0.0.1:");
	close(fd);
	fake_destroy(fake);
}

TEST(a_connection_that_breaks_leaves_half_a_record)
{
	const struct linger hard = { .l_onoff = 1 };
	struct fake *fake = opened("tcp://127.0.0.1:0", "line");
	int fd = dial(fake, SOCK_STREAM);

	say(fd, "whole\nhal", 9);
	await(fake, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	await(fake, 2);
	CHECK_STR(fake->emitted.data, "whole\n");
	CHECK_MEM(fake->rejected_data.data, fake->rejected_data.length, "hal",
		  3);
	CHECK_CONTAINS(fake->reason, ": Connection reset by peer");
	fake_destroy(fake);
}

TEST(connections_are_bounded)
{
	struct fake *fake = socket_create("tcp://127.0.0.1:0", "line");
	int one, two, three;

	fake_set_number(fake, "connections", 2);
	CHECK_INT(fake_open(fake), 0);
	one = dial(fake, SOCK_STREAM);
	two = dial(fake, SOCK_STREAM);
	three = dial(fake, SOCK_STREAM);
	say(three, "waits\n", 6);
	say(one, "one\n", 4);
	await(fake, 1);
	quiet(fake);
	CHECK_UINT(fake_counter(fake, "connections"), 2);
	CHECK_UINT(fake->emits, 1);
	close(two);
	await(fake, 2);
	CHECK_STR(fake->emitted.data, "one\nwaits\n");
	close(one);
	close(three);
	fake_destroy(fake);
}

TEST(who_sends_much_does_not_starve_others)
{
	struct fake *fake = opened("tcp://127.0.0.1:0", "line");
	int much = dial(fake, SOCK_STREAM), few = dial(fake, SOCK_STREAM);
	char text[2000];
	size_t i;

	for (i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "m\n", 2);
	say(much, text, sizeof(text));
	say(few, "few\n", 4);
	await_count(fake, "connections", 2);
	for (i = 0; strstr(fake->emitted.data, "few") == NULL; i++) {
		CHECK(i < 100);
		if (fake_run(fake, 1) == GUST_WAIT)
			CHECK(fake_poll(fake, LIMIT_MS));
	}
	CHECK(fake->emits < 100);
	await(fake, 1001);
	close(much);
	close(few);
	fake_destroy(fake);
}

TEST(a_sender_is_slowed_down)
{
	struct fake *fake = opened("tcp://127.0.0.1:0", "line");
	int fd = dial(fake, SOCK_STREAM);
	static char text[1 << 20];
	size_t sent = 0, lines = 0;
	ssize_t n;

	memset(text, 'x', sizeof(text));
	for (lines = 0; lines < sizeof(text) / 1024; lines++)
		text[lines * 1024] = '\n';
	CHECK_INT(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
	/* Nobody calls next(): ready() alone must not read. */
	while ((n = send(fd, text, sizeof(text), 0)) > 0) {
		sent += (size_t)n;
		CHECK(sent < (size_t)64 << 20);
		fake_poll(fake, 10);
	}
	CHECK_INT(errno, EAGAIN);
	CHECK_UINT(fake->emits, 0);
	/* That of the listener. */
	CHECK_UINT(fake->watch_count, 1);
	close(fd);
	fake_destroy(fake);
}

TEST(silent_connections_are_closed)
{
	struct fake *fake = socket_create("tcp://127.0.0.1:0", "line");
	int drips, works;

	fake_set_number(fake, "idle", 10 * (double)SECOND);
	CHECK_INT(fake_open(fake), 0);
	drips = dial(fake, SOCK_STREAM);
	works = dial(fake, SOCK_STREAM);
	await_count(fake, "connections", 2);
	/* A byte now and then is no record. */
	say(drips, "s", 1);
	quiet(fake);
	fake->now = 6 * SECOND;
	say(drips, "l", 1);
	say(works, "w\n", 2);
	await(fake, 1);
	quiet(fake);
	CHECK(fake_tick(fake));
	CHECK(fake_tick(fake));
	CHECK(fake->now >= 10 * SECOND);
	await(fake, 2);
	CHECK_CONTAINS(fake->reason, ": it was idle");
	CHECK_CONTAINS(fake->log, "closes the idle connection of 127.0.0.1:");
	CHECK(hung_up(drips));
	say(works, "w\n", 2);
	await(fake, 3);
	close(drips);
	close(works);
	fake_destroy(fake);
}

TEST(datagrams_give_lines)
{
	struct fake *fake = opened("udp://127.0.0.1:0", "line");
	int fd = dial(fake, SOCK_DGRAM);

	say(fd, "one", 3);
	say(fd, "two\nthree\n", 10);
	say(fd, "", 0);
	say(fd, "\n", 1);
	await(fake, 4);
	CHECK_STR(fake->emitted.data, "one\ntwo\nthree\n\n");
	quiet(fake);
	CHECK_UINT(fake->emits, 4);
	close(fd);
	fake_destroy(fake);
}

TEST(datagrams_may_be_records)
{
	struct fake *fake = socket_create("udp://127.0.0.1:0", "datagram");
	char text[2000] = { 0 };
	int fd;

	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	fd = dial(fake, SOCK_DGRAM);
	say(fd, "a\nb\n", 4);
	say(fd, "", 0);
	say(fd, text, 968);
	say(fd, text, 967);
	await(fake, 4);
	CHECK_UINT(fake->emits, 3);
	CHECK_UINT(fake->emitted.length, 5 + 1 + 968);
	CHECK_STR(fake->reason, "a record of more than 967 bytes from a "
				"datagram is too long for a tuple");
	CHECK_UINT(fake->rejected_data.length, 968);
	close(fd);
	fake_destroy(fake);
}

TEST(lines_of_datagrams_may_be_too_long)
{
	struct fake *fake = socket_create("udp://127.0.0.1:0", "line");
	char text[3000];
	int fd;

	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	fd = dial(fake, SOCK_DGRAM);
	memset(text, 'x', sizeof(text));
	say(fd, text, sizeof(text));
	memcpy(text + 1500, "\nok", 3);
	say(fd, text, 1503);
	await(fake, 3);
	CHECK_STR(fake->emitted.data, "ok\n");
	CHECK_UINT(fake->rejected, 2);
	close(fd);
	fake_destroy(fake);
}

TEST(lost_datagrams_are_counted)
{
	struct fake *fake = opened("udp://127.0.0.1:0", "datagram");
	static char text[60000];
	int fd = dial(fake, SOCK_DGRAM);
	size_t i, n = 400;

	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
	fake->now = 5 * SECOND;
	for (i = 0; i < n; i++)
		say(fd, text, sizeof(text));
	CHECK(fake_poll(fake, LIMIT_MS));
	quiet(fake);
	CHECK(fake->emits > 0 && fake->emits < n);
	CHECK_UINT(fake->emits + fake_counter(fake, "lost_datagrams"), n);
	CHECK_CONTAINS(fake->log, "datagrams were lost");
	/* Once a second, and what is left at the stop. */
	fake->log[0] = '\0';
	for (i = 0; i < n; i++)
		say(fd, text, sizeof(text));
	quiet(fake);
	CHECK_STR(fake->log, "");
	fake->spout->deactivate(fake->instance, (void *)fake);
	CHECK_CONTAINS(fake->log, "datagrams were lost");
	CHECK_UINT(fake->emits + fake_counter(fake, "lost_datagrams"), 2 * n);
	close(fd);
	fake_destroy(fake);
}

TEST(paths_are_made_and_removed)
{
	const char *url = path_url("unix"), *path = strchr(url, '/') + 2;
	struct fake *fake = opened(url, "line");
	int fd = dial(fake, SOCK_STREAM);

	say(fd, "x\n", 2);
	await(fake, 1);
	CHECK_INT(access(path, F_OK), 0);
	fake_destroy(fake);
	CHECK_INT(access(path, F_OK), -1);
	close(fd);
	url = path_url("unixgram");
	fake = opened(url, "datagram");
	fd = dial(fake, SOCK_DGRAM);
	say(fd, "x\n", 2);
	await(fake, 1);
	CHECK_STR(fake->emitted.data, "x\n\n");
	fake_destroy(fake);
	CHECK_INT(access(path, F_OK), -1);
	close(fd);
}

static void refuse(const char *url, int code, const char *text)
{
	struct fake *fake = socket_create(url, "line");

	CHECK_INT(fake_open(fake), code);
	CHECK_CONTAINS(fake->error.text, text);
	fake_destroy(fake);
}

static void stale(const char *scheme, int type)
{
	const char *url = path_url(scheme), *path = strchr(url, '/') + 2;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct fake *fake;
	int fd = socket(AF_UNIX, type, 0);

	strcpy(un.sun_path, path);
	CHECK_INT(bind(fd, (void *)&un, sizeof(un)), 0);
	if (type == SOCK_STREAM)
		CHECK_INT(listen(fd, 1), 0);
	refuse(url, -EADDRINUSE, "': another process listens there");
	CHECK_INT(access(path, F_OK), 0);
	close(fd);
	fake = opened(url, "line");
	/* What somebody else has put there since is not removed. */
	CHECK_INT(unlink(path), 0);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	fake_destroy(fake);
	CHECK_INT(access(path, F_OK), 0);
	close(fd);
	refuse(url, -EEXIST, "': it is there and is no socket");
	CHECK_INT(unlink(path), 0);
}

TEST(a_path_of_the_dead_is_taken_over)
{
	stale("unix", SOCK_STREAM);
	stale("unixgram", SOCK_DGRAM);
}

TEST(what_cannot_be_listened_on_is_named)
{
	struct fake *fake = opened("tcp://127.0.0.1:0", "line");
	char url[256];

	snprintf(url, sizeof(url), "%s", strstr(fake->log, "tcp://"));
	refuse(url, -EADDRINUSE, "cannot listen on '127.0.0.1:");
	refuse("tcp://192.0.2.1:80", -EADDRNOTAVAIL,
	       "cannot listen on '192.0.2.1:80': Cannot assign requested "
	       "address");
	refuse("unix:///no/such/folder/x", -ENOENT,
	       "cannot listen on '/no/such/folder/x': No such file or "
	       "directory");
	fake_destroy(fake);
}

TEST(without_a_host_all_addresses_are_meant)
{
	struct fake *fake = opened("tcp://:0", "line");
	int fd = dial(fake, SOCK_STREAM);

	say(fd, "x\n", 2);
	await(fake, 1);
	close(fd);
	fake_destroy(fake);
}

TEST(tasks_share_a_port)
{
	struct fake *first = socket_create("tcp://127.0.0.1:0", "line");
	struct fake *second;
	char url[256];

	first->count = 2;
	CHECK_INT(fake_open(first), -EINVAL);
	CHECK_CONTAINS(first->error.text, "expected another port than 0");
	fake_destroy(first);
	/* A port that is free now. */
	first = opened("tcp://127.0.0.1:0", "line");
	snprintf(url, sizeof(url), "%s", strstr(first->log, "tcp://"));
	fake_destroy(first);
	first = socket_create(url, "line");
	first->count = 2;
	CHECK_INT(fake_open(first), 0);
	second = socket_create(url, "line");
	second->index = 1;
	second->count = 2;
	CHECK_INT(fake_open(second), 0);
	fake_destroy(first);
	fake_destroy(second);
	first = socket_create(path_url("unix"), "line");
	first->count = 2;
	CHECK_INT(fake_open(first), -EINVAL);
	CHECK_STR(first->error.text, "2 tasks cannot listen on one path, "
				     "expected parallelism 1");
	fake_destroy(first);
}

TEST(framings_fit_the_socket)
{
	struct fake *fake = socket_create("tcp://:1", "datagram");

	fake_refuse(fake, -EINVAL,
		    "option 'framing': 'datagram' is not for "
		    "connections, expected 'line' or "
		    "'length'");
	fake = socket_create("udp://:1", "length");
	fake_refuse(fake, -EINVAL,
		    "option 'framing': 'length' is not for "
		    "datagrams, expected 'line' or "
		    "'datagram'");
	fake = socket_create("localhost:80", "line");
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'listen' is 'localhost:80'");
	fake_destroy(fake);
}
