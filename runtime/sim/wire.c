/* SPDX-License-Identifier: MIT */

#include "sim/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/process.h"

/* So many frames are under way from one worker to another, then it is full, as
 * the buffers of a socket are. */
#define WIRE_ROOM 64u

struct wire_frame {
	uint64_t due;
	uint64_t order;        /* of those due at once */
	struct sim_peer *peer; /* that sent it */
	struct frame *frame;
	bool lost; /* it takes its room, but does not arrive */
};

struct wire_list {
	struct wire_frame *frames;
	uint32_t count, room;
};

struct sim_wire {
	struct wire_list there; /* to be taken, as they came */
	struct wire_list way;   /* a heap: the first to arrive on top */
	uint64_t orders;
};

int wire_create(struct sim_wire **wire)
{
	*wire = calloc(1, sizeof(**wire));
	return *wire == NULL ? -ENOMEM : 0;
}

static void wire_list_fini(struct wire_list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		free(list->frames[i].frame);
	free(list->frames);
}

void wire_destroy(struct sim_wire *wire)
{
	if (wire == NULL)
		return;
	wire_list_fini(&wire->there);
	wire_list_fini(&wire->way);
	free(wire);
}

/* Running out of memory ends the program, as in node_answer(). */
static void wire_list_add(struct wire_list *list,
			  const struct wire_frame *frame)
{
	if (list->count == list->room) {
		list->room = list->room * 2 + 16;
		list->frames = realloc(list->frames,
				       list->room * sizeof(*list->frames));
		assert(list->frames != NULL);
	}
	list->frames[list->count++] = *frame;
}

static bool wire_before(const struct wire_frame *a, const struct wire_frame *b)
{
	return a->due < b->due || (a->due == b->due && a->order < b->order);
}

static void wire_swap(struct wire_frame *a, struct wire_frame *b)
{
	struct wire_frame other = *a;

	*a = *b;
	*b = other;
}

static void wire_push(struct wire_list *way, const struct wire_frame *frame)
{
	struct wire_frame *heap;
	uint32_t at = way->count;

	wire_list_add(way, frame);
	heap = way->frames;
	for (; at > 0 && wire_before(&heap[at], &heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		wire_swap(&heap[at], &heap[(at - 1) / 2]);
}

static struct wire_frame wire_pop(struct wire_list *way)
{
	struct wire_frame *heap = way->frames;
	struct wire_frame first = heap[0];
	uint32_t at = 0, child;

	heap[0] = heap[--way->count];
	while ((child = 2 * at + 1) < way->count) {
		child += child + 1 < way->count &&
			 wire_before(&heap[child + 1], &heap[child]);
		if (wire_before(&heap[at], &heap[child]))
			break;
		wire_swap(&heap[at], &heap[child]);
		at = child;
	}
	return first;
}

static void wire_put(struct sim_peer *peer, const struct frame *header,
		     const void *payload, size_t size, bool lost)
{
	struct sim *sim = peer->sim;
	struct sim_wire *wire = sim->processes->wire;
	size_t bytes = (sizeof(*header) + size + 15) & ~(size_t)15;
	struct frame *frame = aligned_alloc(16, bytes);
	uint64_t due = node_soon(sim, sim->config.frame_ns);

	assert(frame != NULL);
	*frame = *header;
	if (size > 0)
		memcpy(frame + 1, payload, size);
	if (due < peer->cut_until)
		due = peer->cut_until;
	if (!node_chance(sim, sim->config.frame_astray)) {
		if (due < peer->last_due)
			due = peer->last_due;
		peer->last_due = due;
	}
	peer->under_way++;
	wire_push(&wire->way, &(struct wire_frame){ due, wire->orders++, peer,
						    frame, lost });
}

int wire_transmit(void *self, const struct frame *header, const void *payload,
		  size_t size)
{
	struct sim_peer *peer = self;
	struct sim *sim = peer->sim;
	bool lost;

	if (peer->blocked > 0)
		return -EAGAIN;
	if (peer->under_way >= WIRE_ROOM) {
		peer->blocked = UINT64_MAX;
		return -EAGAIN;
	}
	if (node_chance(sim, sim->config.full_chance)) {
		peer->blocked = node_soon(sim, sim->config.full_ns) + 1;
		return -EAGAIN;
	}
	sim->usage.frames++;
	if (node_chance(sim, sim->config.cut_chance) &&
	    sim->processes->cuts_left > 0) {
		sim->processes->cuts_left--;
		peer->cut_until = node_soon(sim, sim->config.cut_ns);
	}
	lost = peer->cut_until > sim_now(sim) ||
	       node_chance(sim, sim->config.frame_loss);
	wire_put(peer, header, payload, size, lost);
	if (!lost && node_chance(sim, sim->config.frame_repeat))
		wire_put(peer, header, payload, size, false);
	return 0;
}

/* There is room for another one. */
static void wire_leave(struct sim_peer *peer)
{
	peer->under_way--;
	if (peer->blocked != UINT64_MAX)
		return;
	peer->blocked = peer->sim->now;
	peer->due = peer->sim->now;
}

uint64_t wire_land(struct sim_wire *wire, uint64_t now)
{
	while (wire->way.count > 0 && wire->way.frames[0].due <= now) {
		struct wire_frame frame = wire_pop(&wire->way);

		if (!frame.lost) {
			wire_list_add(&wire->there, &frame);
			continue;
		}
		wire_leave(frame.peer);
		free(frame.frame);
	}
	return wire->way.count > 0 ? wire->way.frames[0].due : UINT64_MAX;
}

uint32_t wire_count(const struct sim_wire *wire)
{
	return wire->there.count;
}

struct sim_peer *wire_from(const struct sim_wire *wire, uint32_t index)
{
	return wire->there.frames[index].peer;
}

struct frame *wire_take(struct sim_wire *wire, uint32_t index)
{
	struct wire_list *there = &wire->there;
	struct wire_frame *taken = &there->frames[index];
	struct frame *frame = taken->frame;

	wire_leave(taken->peer);
	memmove(taken, taken + 1, (--there->count - index) * sizeof(*taken));
	return frame;
}
