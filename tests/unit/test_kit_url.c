/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include <gust/kit/url.h>

static void good(const char *url)
{
	struct gust_error error = { 0 };

	CHECK_INT(url_check(url, "url", &error), 0);
	CHECK_STR(error.text, "");
}

static void bad(const char *url)
{
	struct gust_error error = { 0 };

	CHECK_INT(url_check(url, "url", &error), -EINVAL);
	CHECK_STR(error.text,
		  "option 'url' is no URL that can be used, expected http:// "
		  "or https://, a host, and no blanks");
}

TEST(http_with_a_host_can_be_used)
{
	good("http://example.com");
	good("HTTPS://me:pw@example.com:8443/a/b?c=d#e");
	good("http://[::1]:80/");
	bad("");
	bad("example.com");
	bad("http://");
	bad("http://a b/");
	bad("http://example.com/a b");
	bad("http://example.com:port/");
	bad("ftp://example.com/");
	bad("file:///etc/passwd");
}

static void shows(const char *url, const char *expected)
{
	char place[64];

	url_place(url, place, sizeof(place));
	CHECK_STR(place, expected);
}

TEST(what_is_shown_has_no_secrets)
{
	shows("https://me:pw@example.com:8443/a?key=secret#x",
	      "https://example.com:8443/");
	shows("http://token@example.com", "http://example.com/");
	shows("me:pw@example.com", "the URL");
	shows("http://0123456789012345678901234567890123456789."
	      "01234567890123456789.com/",
	      "http://0123456789012345678901234567890123456789."
	      "012345678901234");
}

static void names(const char *url, const char *expected)
{
	char source[64];

	url_source(url, source, sizeof(source));
	CHECK_STR(source, expected);
}

TEST(sources_of_one_server_differ)
{
	names("http://example.com/a?key=1",
	      "http://example.com/#07d66707b49cd92d");
	names("http://me:pw@example.com/a?key=2",
	      "http://example.com/#07d66707b49cd92d");
	names("http://example.com/b", "http://example.com/#07d66407b49cd414");
}

static void comes_from(const char *url, const char *expected)
{
	char *origin = url_origin(url);

	CHECK_STR(origin, expected);
	free(origin);
}

TEST(an_origin_is_scheme_host_and_port)
{
	comes_from("https://me:pw@example.com/a?b", "https://example.com:443");
	comes_from("http://example.com:8080", "http://example.com:8080");
	comes_from("nonsense", NULL);
}

static void escapes(struct gust_value value, const char *expected)
{
	struct buffer buffer = { 0 };

	CHECK_INT(url_escape(&buffer, value), 0);
	CHECK_MEM(buffer.data, buffer.used, expected, strlen(expected));
	buffer_destroy(&buffer);
}

TEST(values_are_escaped)
{
	escapes(gust_string("a-Z_0.~", 7), "a-Z_0.~");
	escapes(gust_string("../x?y=1&z", 10), "..%2Fx%3Fy%3D1%26z");
	escapes(gust_string("\0 %\xc3\xbc", 5), "%00%20%25%C3%BC");
	escapes(gust_int(-12), "-12");
	escapes(gust_null(), "");
}
