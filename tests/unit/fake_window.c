/* SPDX-License-Identifier: MIT */

/* Of the fake runtime: accumulators of windows, and keyed state. */

#include "fake_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <gust/window.h>

void *gust_accumulator_resize(struct gust_accumulator *accumulator, size_t size)
{
	void *data = realloc(accumulator->data, size + 16);

	if (data == NULL)
		return NULL;
	if (size > accumulator->size)
		memset((char *)data + accumulator->size, 0,
		       size - accumulator->size);
	accumulator->data = data;
	accumulator->size = (uint32_t)size;
	return data;
}
