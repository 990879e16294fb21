/* SPDX-License-Identifier: MIT */

#include "channel/message.h"

#include <assert.h>
#include <stdint.h>

#include <nanomsg/nn.h>

/* The library aborts on sizes that overflow with its own header added. */
#define MESSAGE_SIZE_MAX ((size_t)1 << 30)

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
