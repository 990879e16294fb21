/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_WAY_H
#define CHANNEL_WAY_H

/*
 * The way to one other worker's port: a PUSH socket with one endpoint, over ipc
 * or tcp. It connects in the background, and again whenever it breaks. What was
 * sent may get lost whenever that happens: the link above repeats it.
 *
 * A peer that dies right after its greeting can leave the socket connected to
 * nothing for ever (0.1 to 4 % of the connections in a crash loop); nothing but
 * the silence of the other side shows it. way_heal() cures that, at the price
 * of what is in the buffers.
 *
 * A way belongs to one thread. Nothing blocks, but a name (not a numeric
 * address) is resolved when it is opened and healed, for a few seconds at
 * worst.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

struct way;

/*
 * Starts to connect to `ipc://PATH` or `tcp://HOST:PORT` (`tcp://[V6]:PORT`).
 * A name that cannot be resolved is no error: way_problem() tells, and
 * way_heal() tries again. -EINVAL (no such address), -ENAMETOOLONG (a path of
 * more than 107 bytes), -EMFILE, -ENOMEM; all set `error`.
 */
int way_open(const char *address, struct way **way, struct gust_error *error);

/*
 * Closes at once: what the other side has not read by then may be lost (with
 * ipc, most of it). Takes NULL.
 */
void way_close(struct way *way);

/*
 * Room for one message of `size` bytes, to be filled and given to way_commit()
 * next. NULL: not now (or no memory); try again when way_fd() is readable. A
 * room that was not committed is given again, or replaced.
 */
void *way_room(struct way *way, size_t size);

/*
 * Sends the first `size` bytes of the room. What the socket does not take now
 * is held, one message, and goes first; so this never fails.
 */
void way_commit(struct way *way, size_t size);

/* Sends what is held. 0: there is room; -EAGAIN: wait for way_fd(). */
int way_flush(struct way *way);

/* Readable while the socket takes messages: for epoll only, to be watched only
 * after -EAGAIN, and never to be read. Stays the same for the way's life. */
int way_fd(const struct way *way);

/*
 * Disconnects, resolves and connects anew; what is in the buffers and held is
 * lost. Returns 0, or a negative errno where way_problem() tells why.
 */
int way_heal(struct way *way);

/* Why there is no connection in the making, or NULL. */
const char *way_problem(const struct way *way);

#endif
