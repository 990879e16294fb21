/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_PORT_H
#define CHANNEL_PORT_H

/*
 * A worker's one entry for frames of all others, over ipc or tcp: a PULL
 * socket. See way.h for the other end.
 *
 * A port belongs to one thread. Who connects to it is not known before a frame
 * is authentic: whatever comes is a message of at most `receive_max` bytes,
 * nothing more is promised. Senders connect by themselves again.
 */

#include <stddef.h>

#include <gust/error.h>

struct port;

/*
 * Binds to `ipc://PATH` or `tcp://HOST:PORT` (`tcp://[V6]:PORT`; a name is
 * resolved, and may block). Messages longer than `receive_max`, a bound against
 * strangers, break the connection they come from. -EADDRINUSE, -EADDRNOTAVAIL,
 * -EACCES, -EMFILE and so on, -ENAMETOOLONG (a path of more than 107 bytes),
 * -EINVAL (no such address); all set `error`.
 */
int port_open(const char *address, size_t receive_max, struct port **port,
	      struct gust_error *error);

/* Discards what has not been received. Takes NULL. */
void port_close(struct port *port);

/* Readable while there are messages; for epoll only, never to be read. */
int port_fd(const struct port *port);

/*
 * Receives one message, which is then the caller's to message_free(), 16-byte
 * aligned. Never blocks. -EAGAIN: there is none.
 */
int port_receive(struct port *port, void **message, size_t *size);

#endif
