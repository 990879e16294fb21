/* SPDX-License-Identifier: MIT */

#include "channel/message.h"

#include "test.h"

TEST(a_message_is_aligned_and_writable)
{
	for (size_t size = 1; size < 100000; size = size * 3 + 1) {
		char *message = message_alloc(size);

		CHECK(message != NULL);
		CHECK_UINT((uintptr_t)message % 16, 0);
		memset(message, 0x5a, size);
		message_free(message);
	}
}

TEST(shrinking_keeps_the_place_and_the_bytes)
{
	char *message = message_alloc(32768);

	memset(message, 'x', 32768);
	message_shrink(message, 100);
	for (int i = 0; i < 100; i++)
		CHECK_INT(message[i], 'x');
	message_shrink(message, 1);
	CHECK_INT(message[0], 'x');
	message_free(message);
}

TEST(absurd_sizes_are_refused)
{
	CHECK_PTR(message_alloc(SIZE_MAX), NULL);
	CHECK_PTR(message_alloc(SIZE_MAX / 2), NULL);
}

TEST(nothing_can_be_freed)
{
	message_free(NULL);
}
