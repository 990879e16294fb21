/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include <gust/kit/url.h>

/* A part of a URL, to be given to curl_free(), or NULL. */
static char *url_part(CURLU *url, CURLUPart part)
{
	char *text;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK ? text : NULL;
}

int url_check(const char *url, const char *option, struct gust_error *error)
{
	CURLU *parsed = curl_url();
	char *scheme;
	bool good;

	if (parsed == NULL)
		return -ENOMEM;
	good = curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK;
	scheme = good ? url_part(parsed, CURLUPART_SCHEME) : NULL;
	good = scheme != NULL &&
	       (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	curl_free(scheme);
	curl_url_cleanup(parsed);
	if (good)
		return 0;
	/* It is not shown: there may be a password in it. */
	return gust_error_set(error, -EINVAL,
			      "option '%s' is no URL that can be used, "
			      "expected http:// or https://, a host, and no "
			      "blanks",
			      option);
}

void url_place(const char *url, char *place, size_t size)
{
	CURLU *parsed = curl_url();
	char *text = NULL;

	if (parsed != NULL &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
		curl_url_set(parsed, CURLUPART_USER, NULL, 0);
		curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
		curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
		curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
		curl_url_set(parsed, CURLUPART_PATH, "/", 0);
		text = url_part(parsed, CURLUPART_URL);
	}
	snprintf(place, size, "%s", text != NULL ? text : "the URL");
	curl_free(text);
	curl_url_cleanup(parsed);
}

void url_source(const char *url, char *source, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	CURLU *parsed = curl_url();
	char *path = NULL;
	size_t i, n;

	if (parsed != NULL &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		path = url_part(parsed, CURLUPART_PATH);
	for (i = 0; path != NULL && path[i] != '\0'; i++)
		hash = (hash ^ (unsigned char)path[i]) *
		       UINT64_C(1099511628211);
	curl_free(path);
	curl_url_cleanup(parsed);
	url_place(url, source, size);
	n = strlen(source);
	snprintf(source + n, size - n, "#%016" PRIx64, hash);
}

int url_escape(struct buffer *buffer, struct gust_value value)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buffer raw = { 0 };
	int r = buffer_value(&raw, value);
	unsigned char c;
	size_t i;

	for (i = 0; i < raw.used && r == 0; i++) {
		c = (unsigned char)raw.data[i];
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != '\0' && strchr("-._~", c) != NULL)) {
			r = buffer_char(buffer, (char)c);
			continue;
		}
		r = buffer_char(buffer, '%');
		if (r == 0)
			r = buffer_char(buffer, digits[c >> 4]);
		if (r == 0)
			r = buffer_char(buffer, digits[c & 15]);
	}
	buffer_destroy(&raw);
	return r;
}

char *url_origin(const char *url)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *origin = NULL;
	size_t size;

	if (parsed != NULL &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
		scheme = url_part(parsed, CURLUPART_SCHEME);
		host = url_part(parsed, CURLUPART_HOST);
		if (curl_url_get(parsed, CURLUPART_PORT, &port,
				 CURLU_DEFAULT_PORT) != CURLUE_OK)
			port = NULL;
	}
	if (scheme != NULL && host != NULL && port != NULL) {
		size = strlen(scheme) + strlen(host) + strlen(port) + 5;
		origin = malloc(size);
		if (origin != NULL)
			snprintf(origin, size, "%s://%s:%s", scheme, host,
				 port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parsed);
	return origin;
}
