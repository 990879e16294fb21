/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_MESSAGE_H
#define CHANNEL_MESSAGE_H

/*
 * The memory of what travels through a channel. A message is allocated at the
 * full size of a batch, filled in place, and shrunk by the send; what arrives
 * is such a message again. Messages are 16-byte aligned. Any thread may free
 * what another one allocated.
 */

#include <stddef.h>

/* NULL when memory is short. `size` must not be 0. */
void *message_alloc(size_t size);

/* Takes NULL. */
void message_free(void *message);

/*
 * Cuts a message to its first `size` bytes, which must not be 0 nor more than
 * it has. It stays where it is, and its memory is not given back before it is
 * freed.
 */
void message_shrink(void *message, size_t size);

#endif
