/* SPDX-License-Identifier: MIT */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <gust/kit/address.h>

static const struct {
	const char *scheme;
	enum address_kind kind;
} address_schemes[] = {
	{ "tcp://", ADDRESS_TCP },
	{ "udp://", ADDRESS_UDP },
	{ "unix://", ADDRESS_UNIX },
	{ "unixgram://", ADDRESS_UNIXGRAM },
};

#define ADDRESS_SCHEMES (sizeof(address_schemes) / sizeof(address_schemes[0]))

/* Where the path begins in an address of a Unix socket. */
#define ADDRESS_PATH offsetof(struct sockaddr_un, sun_path)

bool address_is_stream(const struct address *address)
{
	return address->kind == ADDRESS_TCP || address->kind == ADDRESS_UNIX;
}

bool address_is_unix(const struct address *address)
{
	return address->kind == ADDRESS_UNIX ||
	       address->kind == ADDRESS_UNIXGRAM;
}

static int address_parse_path(struct address *address, const char *path,
			      const char *option, struct gust_error *error)
{
	const size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;

	if (path[0] == '\0')
		return gust_error_set(error, -EINVAL,
				      "option '%s' lacks the path of the "
				      "socket",
				      option);
	if (strlen(path) > most)
		return gust_error_set(error, -EINVAL,
				      "option '%s': the path has %zu bytes, "
				      "expected at most %zu",
				      option, strlen(path), most);
	address->path = path;
	return 0;
}

/* Whether `text` is a number up to `most`, and at least `least`. */
static bool address_is_port(const char *text, long least)
{
	const size_t n = strspn(text, "0123456789");
	long port = strtol(text, NULL, 10);

	return n > 0 && n < ADDRESS_PORT_SIZE && text[n] == '\0' &&
	       port >= least && port <= 65535;
}

/* The colon before the port; NULL: there is none that could be it. */
static const char *address_colon(const char *text)
{
	const char *bracket = strchr(text, ']'), *colon;

	if (text[0] == '[')
		return bracket != NULL && bracket[1] == ':' ? bracket + 1
							    : NULL;
	colon = strrchr(text, ':');
	return colon != NULL && strchr(text, ':') == colon ? colon : NULL;
}

static int address_parse_host(struct address *address, const char *text,
			      const char *option, bool listens,
			      struct gust_error *error)
{
	const char *colon = address_colon(text), *begin = text;
	size_t n;

	if (colon == NULL)
		return gust_error_set(error, -EINVAL,
				      "option '%s' has '%.100s', expected "
				      "HOST:PORT, with an address of IPv6 in "
				      "brackets",
				      option, text);
	if (!address_is_port(colon + 1, listens ? 0 : 1))
		return gust_error_set(error, -EINVAL,
				      "option '%s': '%.100s' is no port, "
				      "expected %d to 65535",
				      option, colon + 1, listens ? 0 : 1);
	n = (size_t)(colon - text);
	if (text[0] == '[') {
		begin++;
		n -= 2;
	}
	if (n >= ADDRESS_HOST_SIZE || (n == 0 && (!listens || begin != text)))
		return gust_error_set(error, -EINVAL,
				      "option '%s' lacks the host, expected "
				      "HOST:PORT",
				      option);
	memcpy(address->host, begin, n);
	address->host[n] = '\0';
	memcpy(address->port, colon + 1, strlen(colon + 1) + 1);
	return 0;
}

int address_parse(struct address *address, const char *text, const char *option,
		  bool listens, struct gust_error *error)
{
	size_t i, n;

	memset(address, 0, sizeof(*address));
	for (i = 0; i < ADDRESS_SCHEMES; i++) {
		n = strlen(address_schemes[i].scheme);
		if (strncmp(text, address_schemes[i].scheme, n) != 0)
			continue;
		address->kind = address_schemes[i].kind;
		if (address_is_unix(address))
			return address_parse_path(address, text + n, option,
						  error);
		return address_parse_host(address, text + n, option, listens,
					  error);
	}
	return gust_error_set(error, -EINVAL,
			      "option '%s' is '%.100s', expected "
			      "tcp://HOST:PORT, udp://HOST:PORT, unix://PATH "
			      "or unixgram://PATH",
			      option, text);
}

static int address_place_unix(const struct address *address,
			      struct address_place *place)
{
	struct sockaddr_un *to = (void *)&place->storage;

	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, address->path, strlen(address->path) + 1);
	place->length = (socklen_t)(ADDRESS_PATH + strlen(address->path) + 1);
	return 1;
}

static int address_lookup_failed(const struct address *address, int code,
				 struct gust_error *error)
{
	return gust_error_set(error, code == EAI_MEMORY ? -ENOMEM : -ENXIO,
			      "cannot find host '%s': %s", address->host,
			      code == EAI_SYSTEM ? strerror(errno)
						 : gai_strerror(code));
}

int address_resolve(const struct address *address, bool listens,
		    struct address_place places[ADDRESS_PLACES_MAX],
		    struct gust_error *error)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found = NULL, *at;
	const char *host = address->host;
	int r, count = 0;

	memset(places, 0, ADDRESS_PLACES_MAX * sizeof(*places));
	if (address_is_unix(address))
		return address_place_unix(address, &places[0]);
	hints.ai_socktype =
		address_is_stream(address) ? SOCK_STREAM : SOCK_DGRAM;
	if (listens)
		hints.ai_flags |= AI_PASSIVE;
	/* One socket of IPv6 takes those of IPv4, too. */
	if (host[0] == '\0')
		host = "::";
	r = getaddrinfo(host, address->port, &hints, &found);
	if (r != 0)
		return address_lookup_failed(address, r, error);
	for (at = found; at != NULL && count < (int)ADDRESS_PLACES_MAX;
	     at = at->ai_next) {
		if (at->ai_addrlen > sizeof(places[count].storage))
			continue;
		memcpy(&places[count].storage, at->ai_addr, at->ai_addrlen);
		places[count++].length = at->ai_addrlen;
	}
	freeaddrinfo(found);
	return count > 0 ? count : address_lookup_failed(address, 0, error);
}

int address_socket(const struct address *address,
		   const struct address_place *place)
{
	const int type = address_is_stream(address) ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(place->storage.ss_family,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

const char *address_text(const struct address_place *place,
			 char text[ADDRESS_TEXT_SIZE])
{
	const struct sockaddr_in6 *six = (const void *)&place->storage;
	const struct sockaddr_in *four = (const void *)&place->storage;
	const struct sockaddr_un *local = (const void *)&place->storage;
	char host[INET6_ADDRSTRLEN] = "";

	switch (place->storage.ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_SIZE, "%s:%u", host,
			 (unsigned)ntohs(four->sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s]:%u", host,
			 (unsigned)ntohs(six->sin6_port));
		break;
	default:
		snprintf(text, ADDRESS_TEXT_SIZE, "%s",
			 place->length > ADDRESS_PATH ? local->sun_path
						      : "a Unix socket");
		break;
	}
	return text;
}
