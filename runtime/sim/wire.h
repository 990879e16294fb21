/* SPDX-License-Identifier: MIT */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

/*
 * Frames between workers on a network that has no manners: see frame_* and
 * cut_* of struct sim_config. As much as the buffers of a socket hold is under
 * way at a time; what is lost takes its room as well, until the cut is over.
 */

#include <stdint.h>

#include "channel/frame.h"

struct sim;
struct sim_peer;
struct sim_wire;

int wire_create(struct sim_wire **wire);
/* Takes NULL. */
void wire_destroy(struct sim_wire *wire);

/* What struct link_host calls; `self` is a struct sim_peer. */
int wire_transmit(void *self, const struct frame *header, const void *payload,
		  size_t size);

/* Lets arrive what is due. Returns when the next one is, or UINT64_MAX. */
uint64_t wire_land(struct sim_wire *wire, uint64_t now);

/* How many frames have arrived, in their order; and who has sent one. */
uint32_t wire_count(const struct sim_wire *wire);
struct sim_peer *wire_from(const struct sim_wire *wire, uint32_t index);

/* Takes one of them, with its payload behind it; to be freed. */
struct frame *wire_take(struct sim_wire *wire, uint32_t index);

#endif
