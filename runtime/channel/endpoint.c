/* SPDX-License-Identifier: MIT */

#include "channel/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A server of names that is not there is waited for so long, in seconds. */
#define ENDPOINT_NAME_SECONDS 1

/* The parts of a tcp address. */
struct endpoint_parts {
	char host[ENDPOINT_SIZE];
	unsigned port;
	bool bracketed;
};

/* Reads digits to the end of `text`; 0: it is no port. */
static unsigned endpoint_port(const char *text)
{
	unsigned port = 0;

	if (*text == '\0' || strlen(text) > 5)
		return 0;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		port = port * 10 + (unsigned)(*text - '0');
	}
	return port <= UINT16_MAX ? port : 0;
}

/* Takes the part behind `tcp://` apart; it is shorter than ENDPOINT_SIZE. */
static int endpoint_split(const char *text, struct endpoint_parts *parts)
{
	const char *colon = strrchr(text, ':');
	size_t length;

	if (colon == NULL)
		return -EINVAL;
	parts->port = endpoint_port(colon + 1);
	length = (size_t)(colon - text);
	parts->bracketed =
		length > 2 && text[0] == '[' && text[length - 1] == ']';
	if (parts->bracketed) {
		text++;
		length -= 2;
	}
	memcpy(parts->host, text, length);
	parts->host[length] = '\0';
	if (parts->port == 0 || length == 0 ||
	    strpbrk(parts->host, "[]/; \t") != NULL ||
	    (!parts->bracketed && strchr(parts->host, ':') != NULL))
		return -EINVAL;
	return 0;
}

static int endpoint_check_ipc(const char *path, struct gust_error *error)
{
	if (*path == '\0')
		return gust_error_set(error, -EINVAL,
				      "'ipc://' has no path behind it");
	if (strlen(path) > ENDPOINT_PATH_MAX)
		return gust_error_set(error, -ENAMETOOLONG,
				      "the path '%s' has %zu bytes, expected "
				      "at most %d",
				      path, strlen(path), ENDPOINT_PATH_MAX);
	return 0;
}

int endpoint_check(const char *address, struct gust_error *error)
{
	struct endpoint_parts parts;

	if (strncmp(address, "ipc://", 6) == 0)
		return endpoint_check_ipc(address + 6, error);
	if (strlen(address) >= ENDPOINT_SIZE)
		return gust_error_set(error, -ENAMETOOLONG,
				      "the address '%s' has %zu bytes, "
				      "expected at most %d",
				      address, strlen(address),
				      ENDPOINT_SIZE - 1);
	if (strncmp(address, "tcp://", 6) != 0 ||
	    endpoint_split(address + 6, &parts) < 0)
		return gust_error_set(error, -EINVAL,
				      "'%s' is no address, expected "
				      "'ipc://PATH' or 'tcp://HOST:PORT' with "
				      "a port from 1 to 65535",
				      address);
	return 0;
}

/* The library's form of a numeric address. */
static int endpoint_write(const struct sockaddr *where, socklen_t size,
			  unsigned port, char *found)
{
	char host[ENDPOINT_SIZE - 16];
	bool six = where->sa_family == AF_INET6;

	if (getnameinfo(where, size, host, sizeof(host), NULL, 0,
			NI_NUMERICHOST) != 0)
		return -EHOSTUNREACH;
	snprintf(found, ENDPOINT_SIZE, six ? "tcp://[%s]:%u" : "tcp://%s:%u",
		 host, port);
	return 0;
}

/* Several servers, each tried again and again, would take half a minute. */
static void endpoint_hurry(void)
{
	static _Thread_local bool hurried;

	if (hurried || res_init() != 0)
		return;
	_res.retrans = ENDPOINT_NAME_SECONDS;
	_res.retry = 1;
	hurried = true;
}

static int endpoint_ask(const struct endpoint_parts *parts, unsigned turn,
			char *found, struct gust_error *error)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
				  .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	const struct addrinfo *one;
	unsigned count = 0;
	int r;

	endpoint_hurry();
	r = getaddrinfo(parts->host, NULL, &hints, &list);
	if (r != 0)
		return gust_error_set(error, -EHOSTUNREACH,
				      "cannot find host '%s': %s", parts->host,
				      r == EAI_SYSTEM ? strerror(errno)
						      : gai_strerror(r));
	for (one = list; one != NULL; one = one->ai_next)
		count++;
	one = list;
	for (turn %= count; turn > 0; turn--)
		one = one->ai_next;
	r = endpoint_write(one->ai_addr, one->ai_addrlen, parts->port, found);
	freeaddrinfo(list);
	if (r < 0)
		gust_error_set(error, r,
			       "host '%s' has no address of a kind "
			       "that is known",
			       parts->host);
	return r;
}

static bool endpoint_is_numeric(const struct endpoint_parts *parts)
{
	struct in6_addr bytes;
	int family = parts->bracketed ? AF_INET6 : AF_INET;

	return inet_pton(family, parts->host, &bytes) == 1;
}

bool endpoint_is_six(const char *found)
{
	return strncmp(found, "tcp://[", 7) == 0;
}

int endpoint_resolve(const char *address, unsigned turn, char *found,
		     struct gust_error *error)
{
	struct endpoint_parts parts;

	if (strncmp(address, "ipc://", 6) == 0 ||
	    endpoint_split(address + 6, &parts) < 0 ||
	    endpoint_is_numeric(&parts) || strcmp(parts.host, "*") == 0 ||
	    if_nametoindex(parts.host) != 0) {
		snprintf(found, ENDPOINT_SIZE, "%s", address);
		return 0;
	}
	return endpoint_ask(&parts, turn, found, error);
}
