/* SPDX-License-Identifier: MIT */

#include "window/portion.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "window/bundle.h"

#define ROOM_LEAST 32u

void *gust_accumulator_resize(struct gust_accumulator *accumulator, size_t size)
{
	size_t room = accumulator->room;
	char *data = accumulator->data;

	/* One that stands inline has none. */
	assert(room > 0);
	if (size > UINT32_MAX - 15)
		return NULL;
	if (size > room) {
		room += room / 2;
		room = ((size > room ? size : room) + 15) & ~(size_t)15;
		if (room > UINT32_MAX)
			room = UINT32_MAX & ~(size_t)15;
		data = realloc(data, room);
		if (data == NULL)
			return NULL;
		accumulator->data = data;
		accumulator->room = (uint32_t)room;
	}
	if (size > accumulator->size)
		memset(data + accumulator->size, 0, size - accumulator->size);
	accumulator->size = (uint32_t)size;
	return data;
}

/* One with `size` bytes that are not set; a block that it has may do. */
static int portion_open(struct contract *contract, struct portion *portion,
			void *bytes, size_t size)
{
	struct gust_accumulator *accumulator = &portion->accumulator;
	size_t room = (size + 15) & ~(size_t)15;

	if (contract->whole)
		bundle_release(contract, portion);
	if (!contract->grows) {
		accumulator->data = bytes;
		accumulator->size = (uint32_t)size;
		accumulator->room = 0;
		return 0;
	}
	if (room < ROOM_LEAST)
		room = ROOM_LEAST;
	if (room > accumulator->room) {
		portion_end(contract, portion);
		accumulator->data = malloc(room);
		if (accumulator->data == NULL)
			return -ENOMEM;
		accumulator->room = (uint32_t)room;
		contract->bytes += room;
	}
	accumulator->size = (uint32_t)size;
	return 0;
}

int portion_begin(struct contract *contract, struct portion *portion,
		  void *bytes)
{
	const struct gust_windowing *calls = contract->calls;
	uint32_t room;
	int r;

	r = portion_open(contract, portion, bytes, calls->accumulator_size);
	if (r != 0)
		return r;
	portion->count = 0;
	if (calls->accumulator_size > 0)
		memset(portion->accumulator.data, 0, calls->accumulator_size);
	if (calls->init == NULL)
		return 0;
	room = portion->accumulator.room;
	r = calls->init(contract->instance, &portion->accumulator);
	contract->bytes += portion->accumulator.room - room;
	if (r != 0)
		portion_end(contract, portion);
	return r;
}

void portion_end(struct contract *contract, struct portion *portion)
{
	if (portion->accumulator.room > 0) {
		if (contract->whole)
			bundle_release(contract, portion);
		contract->bytes -= portion->accumulator.room;
		free(portion->accumulator.data);
	}
	memset(portion, 0, sizeof(*portion));
}

int portion_merge(struct contract *contract, struct portion *into,
		  const struct portion *from)
{
	const uint32_t room = into->accumulator.room;
	int r;

	into->count += from->count;
	if (contract->whole)
		return bundle_merge(contract, into, from);
	r = contract->calls->merge(contract->instance, &into->accumulator,
				   &from->accumulator);
	contract->bytes += into->accumulator.room - room;
	return r;
}

int portion_restore(struct contract *contract, struct portion *to, void *bytes,
		    uint64_t count, const void *data, size_t size)
{
	int r;

	if (!contract->grows && size != contract->calls->accumulator_size)
		return -EBADMSG;
	r = portion_open(contract, to, bytes, size);
	if (r != 0)
		return r;
	if (size > 0)
		memcpy(to->accumulator.data, data, size);
	to->count = count;
	return 0;
}

int portion_copy(struct contract *contract, struct portion *to, void *bytes,
		 const struct portion *from)
{
	int r;

	if (contract->whole) {
		r = portion_begin(contract, to, bytes);
		return r != 0 ? r : portion_merge(contract, to, from);
	}
	return portion_restore(contract, to, bytes, from->count,
			       from->accumulator.data, from->accumulator.size);
}
