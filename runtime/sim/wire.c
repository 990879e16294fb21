/* SPDX-License-Identifier: MIT */

#include "sim/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/process.h"

struct wire_frame {
	uint64_t due;
	struct frame *frame;
};

struct sim_wire {
	struct wire_frame *frames;
	uint32_t count, room;
};

int wire_create(struct sim_wire **wire)
{
	*wire = calloc(1, sizeof(**wire));
	return *wire == NULL ? -ENOMEM : 0;
}

void wire_destroy(struct sim_wire *wire)
{
	if (wire == NULL)
		return;
	for (uint32_t i = 0; i < wire->count; i++)
		free(wire->frames[i].frame);
	free(wire->frames);
	free(wire);
}

/* Running out of memory ends the program, as in node_answer(). */
static void wire_put(struct sim *sim, const struct frame *header,
		     const void *payload, size_t size)
{
	struct sim_wire *wire = sim->processes->wire;
	size_t bytes = (sizeof(*header) + size + 15) & ~(size_t)15;
	struct frame *frame = aligned_alloc(16, bytes);

	if (wire->count == wire->room) {
		wire->room = wire->room * 2 + 16;
		wire->frames = realloc(wire->frames,
				       wire->room * sizeof(*wire->frames));
	}
	assert(frame != NULL && wire->frames != NULL);
	*frame = *header;
	if (size > 0)
		memcpy(frame + 1, payload, size);
	wire->frames[wire->count].due = node_soon(sim, sim->config.frame_ns);
	wire->frames[wire->count++].frame = frame;
}

int wire_transmit(void *self, const struct frame *header, const void *payload,
		  size_t size)
{
	struct sim_peer *peer = self;
	struct sim *sim = peer->sim;

	if (peer->blocked > 0)
		return -EAGAIN;
	if (node_chance(sim, sim->config.full_chance)) {
		peer->blocked = node_soon(sim, sim->config.full_ns) + 1;
		return -EAGAIN;
	}
	sim->usage.frames++;
	if (node_chance(sim, sim->config.cut_chance))
		peer->cut_until = node_soon(sim, sim->config.cut_ns);
	if (peer->cut_until > sim_now(sim) ||
	    node_chance(sim, sim->config.frame_loss))
		return 0;
	wire_put(sim, header, payload, size);
	if (node_chance(sim, sim->config.frame_repeat))
		wire_put(sim, header, payload, size);
	return 0;
}

uint32_t wire_count(const struct sim_wire *wire)
{
	return wire->count;
}

uint64_t wire_due(const struct sim_wire *wire, uint32_t index)
{
	return wire->frames[index].due;
}

uint32_t wire_to(const struct sim_wire *wire, uint32_t index)
{
	return wire->frames[index].frame->to;
}

struct frame *wire_take(struct sim_wire *wire, uint32_t index)
{
	struct frame *frame = wire->frames[index].frame;

	wire->frames[index] = wire->frames[--wire->count];
	return frame;
}
