/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <unistd.h>

#include <gust/kit/address.h>

#include "test.h"

static struct address address;

static void parse(const char *text, bool listens)
{
	struct gust_error error = { 0 };

	CHECK_INT(address_parse(&address, text, "listen", listens, &error), 0);
	CHECK_STR(error.text, "");
}

static void refuse(const char *text, bool listens, const char *reason)
{
	struct gust_error error = { 0 };

	CHECK_INT(address_parse(&address, text, "listen", listens, &error),
		  -EINVAL);
	CHECK_STR(error.text, reason);
}

TEST(hosts_and_ports)
{
	parse("tcp://127.0.0.1:80", false);
	CHECK_INT(address.kind, ADDRESS_TCP);
	CHECK_STR(address.host, "127.0.0.1");
	CHECK_STR(address.port, "80");
	parse("udp://[::1]:65535", false);
	CHECK_INT(address.kind, ADDRESS_UDP);
	CHECK_STR(address.host, "::1");
	CHECK_STR(address.port, "65535");
	parse("tcp://logs.example.org:1", false);
	CHECK_STR(address.host, "logs.example.org");
	parse("tcp://:0", true);
	CHECK_STR(address.host, "");
	CHECK(address_is_stream(&address) && !address_is_unix(&address));
}

TEST(paths)
{
	parse("unix:///run/gust.sock", false);
	CHECK_INT(address.kind, ADDRESS_UNIX);
	CHECK_STR(address.path, "/run/gust.sock");
	parse("unixgram://here", true);
	CHECK_INT(address.kind, ADDRESS_UNIXGRAM);
	CHECK_STR(address.path, "here");
	CHECK(!address_is_stream(&address) && address_is_unix(&address));
}

TEST(what_is_no_address_is_refused)
{
	static const char schemes[] =
		"', expected tcp://HOST:PORT, udp://HOST:PORT, unix://PATH or "
		"unixgram://PATH";
	char reason[256];

	snprintf(reason, sizeof(reason), "option 'listen' is '%s%s", ":80",
		 schemes);
	refuse(":80", true, reason);
	snprintf(reason, sizeof(reason), "option 'listen' is '%s%s",
		 "http://a:80", schemes);
	refuse("http://a:80", true, reason);
	refuse("tcp://::1:80", true,
	       "option 'listen' has '::1:80', expected HOST:PORT, with an "
	       "address of IPv6 in brackets");
	refuse("tcp://a", true,
	       "option 'listen' has 'a', expected HOST:PORT, with an address "
	       "of IPv6 in brackets");
	refuse("tcp://[::1]80", true,
	       "option 'listen' has '[::1]80', expected HOST:PORT, with an "
	       "address of IPv6 in brackets");
	refuse("tcp://[::1:80", true,
	       "option 'listen' has '[::1:80', expected HOST:PORT, with an "
	       "address of IPv6 in brackets");
	refuse("tcp://a:", true,
	       "option 'listen': '' is no port, expected 0 to 65535");
	refuse("tcp://a:0", false,
	       "option 'listen': '0' is no port, expected 1 to 65535");
	refuse("tcp://a:65536", true,
	       "option 'listen': '65536' is no port, expected 0 to 65535");
	refuse("tcp://a:-1", true,
	       "option 'listen': '-1' is no port, expected 0 to 65535");
	refuse("tcp://a:http", true,
	       "option 'listen': 'http' is no port, expected 0 to 65535");
	refuse("tcp://:80", false,
	       "option 'listen' lacks the host, expected HOST:PORT");
	refuse("tcp://[]:80", true,
	       "option 'listen' lacks the host, expected HOST:PORT");
	refuse("unix://", true, "option 'listen' lacks the path of the socket");
}

TEST(a_path_has_an_end)
{
	char text[200] = "unix://";
	size_t begin = strlen(text);

	memset(text + begin, 'x', 107);
	text[begin + 107] = '\0';
	parse(text, true);
	memset(text + begin, 'x', 108);
	text[begin + 108] = '\0';
	refuse(text, true,
	       "option 'listen': the path has 108 bytes, expected at most 107");
}

static void text_is(const char *given, bool listens, const char *expected)
{
	struct address_place places[ADDRESS_PLACES_MAX];
	char text[ADDRESS_TEXT_SIZE];
	struct gust_error error = { 0 };
	int fd;

	parse(given, listens);
	CHECK(address_resolve(&address, listens, places, &error) >= 1);
	CHECK_STR(address_text(&places[0], text), expected);
	fd = address_socket(&address, &places[0]);
	CHECK(fd >= 0 || fd == -EAFNOSUPPORT);
	if (fd >= 0)
		close(fd);
}

TEST(places_can_be_read)
{
	text_is("tcp://127.0.0.1:80", false, "127.0.0.1:80");
	text_is("udp://[::1]:0", true, "[::1]:0");
	text_is("tcp://:7", true, "[::]:7");
	text_is("unixgram:///a/b", true, "/a/b");
}

TEST(hosts_that_are_none_are_named)
{
	struct address_place places[ADDRESS_PLACES_MAX];
	struct gust_error error = { 0 };

	parse("tcp://no.such.host.invalid:80", false);
	CHECK(address_resolve(&address, false, places, &error) < 0);
	CHECK_CONTAINS(error.text, "cannot find host "
				   "'no.such.host.invalid': ");
}
