/* SPDX-License-Identifier: MIT */

#include "channel/message.h"

#include <assert.h>
#include <stdint.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <nanomsg/nn.h>

/* The library aborts on sizes that overflow with its own header added. */
#define MESSAGE_SIZE_MAX ((size_t)1 << 30)

/* What may lie idle at the end of an arena. */
#define MESSAGE_IDLE_MAX (16 << 20)

/* What is larger gets pages of its own; the GNU C library takes no more. */
#define MESSAGE_MAPPED_MIN (32 << 20)

void message_keep_memory(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_TRIM_THRESHOLD, MESSAGE_IDLE_MAX);
	(void)mallopt(M_MMAP_THRESHOLD, MESSAGE_MAPPED_MIN);
#endif
}

void *message_alloc(size_t size)
{
	void *message;

	assert(size > 0);
	if (size > MESSAGE_SIZE_MAX)
		return NULL;
	message = nn_allocmsg(size, 0);
	assert(((uintptr_t)message & 15) == 0);
	return message;
}

void message_free(void *message)
{
	int r;

	if (message == NULL)
		return;
	r = nn_freemsg(message);
	assert(r == 0);
}

void message_shrink(void *message, size_t size)
{
	void *same;

	assert(size > 0);
	same = nn_reallocmsg(message, size);
	assert(same == message);
}
