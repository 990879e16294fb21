/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_ADDRESS_H
#define GUST_KIT_ADDRESS_H

/*
 * Where a socket listens or connects to, as people write it:
 *
 *	tcp://HOST:PORT    udp://HOST:PORT    unix://PATH    unixgram://PATH
 *
 * HOST is a name or an address; one of IPv6 stands in brackets. unix is a
 * stream, unixgram takes datagrams. Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <gust/error.h>

#define ADDRESS_HOST_SIZE 256u
#define ADDRESS_PORT_SIZE 6u
#define ADDRESS_TEXT_SIZE 128u
#define ADDRESS_PLACES_MAX 8u

enum address_kind { ADDRESS_TCP, ADDRESS_UDP, ADDRESS_UNIX, ADDRESS_UNIXGRAM };

struct address {
	enum address_kind kind;
	char host[ADDRESS_HOST_SIZE]; /* "": all addresses of this machine */
	char port[ADDRESS_PORT_SIZE];
	const char *path; /* of unix and unixgram, in the text that was read */
};

/* What bind() and connect() take. */
struct address_place {
	struct sockaddr_storage storage;
	socklen_t length;
};

/*
 * In declare(): reads `text`, the value of option `option`, which stays
 * borrowed. One that `listens` may lack the host or have port 0. -EINVAL sets
 * `error`.
 */
int address_parse(struct address *address, const char *text, const char *option,
		  bool listens, struct gust_error *error);

bool address_is_stream(const struct address *address);
bool address_is_unix(const struct address *address);

/*
 * Finds the places of an address; a name is looked up, which may take its
 * time. Returns how many there are, at least 1, or -errno with the reason.
 */
int address_resolve(const struct address *address, bool listens,
		    struct address_place places[ADDRESS_PLACES_MAX],
		    struct gust_error *error);

/* A socket for the address, non-blocking, at `place`. -errno. */
int address_socket(const struct address *address,
		   const struct address_place *place);

/* A place as text: "127.0.0.1:80", "[::1]:80", or a path. Returns `text`. */
const char *address_text(const struct address_place *place,
			 char text[ADDRESS_TEXT_SIZE]);

#endif
