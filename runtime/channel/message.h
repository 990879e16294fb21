/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_MESSAGE_H
#define CHANNEL_MESSAGE_H

/*
 * The memory of what travels through a channel. A message is allocated at the
 * full size of a batch and filled in place. Within the process it is handed
 * over where it is; for another process it is shrunk by the send, and what
 * arrives is such a message again. Messages are 16-byte aligned. Any thread may
 * free what another one allocated.
 */

#include <stddef.h>

/*
 * Has malloc() keep what was freed, for the whole process: messages come and go
 * by the thousand, and each page that was given back to the system costs a
 * fault and is cleared when it comes again. Once, before the threads.
 */
void message_keep_memory(void);

/*
 * What messages between the threads of a worker have in front of their batch:
 * room for the header of a frame, so that a frame from another process is such
 * a message as it is. A multiple of 16.
 */
#define MESSAGE_ROOM ((size_t)80)

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
