/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/flat.h>

static int flat_resize_accumulator(struct flat *flat, size_t size)
{
	struct gust_accumulator *accumulator = flat->owner;

	if (size > UINT32_MAX ||
	    gust_accumulator_resize(accumulator, size) == NULL)
		return -ENOMEM;
	flat->data = accumulator->data;
	flat->size = size;
	return 0;
}

struct flat flat_accumulator(struct gust_accumulator *accumulator)
{
	return (struct flat){ .data = accumulator->data,
			      .size = accumulator->size,
			      .resize = flat_resize_accumulator,
			      .owner = accumulator };
}

/* How much there is room for stands in front of the bytes. */
struct flat_room {
	_Alignas(16) size_t room;
};

static struct flat_room *flat_room(const struct flat *flat)
{
	return flat->data == NULL ? NULL : (struct flat_room *)flat->data - 1;
}

static int flat_resize_heap(struct flat *flat, size_t size)
{
	struct flat_room *old = flat_room(flat), *block = old;
	size_t room = old != NULL ? old->room : 0;

	if (size > room || old == NULL) {
		room = size > 2 * room ? size : 2 * room;
		block = realloc(old, sizeof(*block) + room);
		if (block == NULL)
			return -ENOMEM;
		block->room = room;
		flat->data = block + 1;
	}
	if (size > flat->size)
		memset((char *)flat->data + flat->size, 0, size - flat->size);
	flat->size = size;
	return 0;
}

struct flat flat_heap(void)
{
	return (struct flat){ .resize = flat_resize_heap };
}

void flat_free(struct flat *flat)
{
	free(flat_room(flat));
	*flat = flat_heap();
}
