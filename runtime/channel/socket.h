/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_SOCKET_H
#define CHANNEL_SOCKET_H

/*
 * Closes a socket of nanomsg and what is on its way through it. Signals do not
 * end it. A negative one is none, which is well. Anything but 0 is a mistake of
 * the caller: -EBADF, not a socket.
 */
int socket_close(int socket);

#endif
