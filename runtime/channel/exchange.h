/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_EXCHANGE_H
#define CHANNEL_EXCHANGE_H

/*
 * All channels within one process: an inbox for each executor, and the PUSH
 * sockets that lead to them.
 *
 * The library has 512 sockets a process. So an executor gets a PUSH of its own
 * for each destination it really sends to while the budget lasts, and after
 * that it shares one with the others (several times slower when they meet
 * there, but as correct: each thread's messages stay in order). The shared
 * ones are opened at the start where the budget could run out, so that a send
 * in the middle of a run never lacks a socket.
 *
 * Order of life: create, start the threads that send and receive, join them
 * all, close their channels, destroy.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

struct exchange;
struct inbox;

/* Sockets in use at most; the rest of the 512 is left for other processes'
 * links and for plugins that use the library themselves. */
#define EXCHANGE_SOCKETS_MAX 400

/* Each executor needs an inbox and a shared PUSH. */
#define EXCHANGE_EXECUTORS_MAX (EXCHANGE_SOCKETS_MAX / 2)

/* How many messages a link holds before its sender has to queue. */
#define EXCHANGE_BUFFERED 32u

/*
 * Makes the channels of `count` executors. `buffered` is for each link,
 * see inbox_create(). At most `sockets_max` sockets are used, but two an
 * executor are always allowed. -E2BIG: more than EXCHANGE_EXECUTORS_MAX
 * executors; -EMFILE: no sockets or descriptors left; -ENOMEM. All set
 * `error`.
 */
int exchange_create(uint32_t count, uint32_t buffered, uint32_t sockets_max,
		    struct exchange **exchange, struct gust_error *error);

/* Discards what has not been received. Takes NULL. */
void exchange_destroy(struct exchange *exchange);

/* How many executors it was made for. */
uint32_t exchange_count(const struct exchange *exchange);

/* The inbox of an executor. */
struct inbox *exchange_inbox(const struct exchange *exchange, uint32_t number);

/* Sockets open now. */
uint32_t exchange_sockets(const struct exchange *exchange);

/*
 * For channels: a PUSH socket that leads to executor `to`, and whether it is
 * shared; exchange_disconnect() says that it is no longer needed. It is closed
 * with the exchange, since the library forgets what a closed one has sent. From
 * any thread. Returns the socket, or -EMFILE.
 */
int exchange_connect(struct exchange *exchange, uint32_t to, bool *shared);
void exchange_disconnect(struct exchange *exchange, int socket, bool shared);

#endif
