/* SPDX-License-Identifier: MIT */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

/*
 * Frames between workers on a network that has no manners: see frame_* and
 * cut_* of struct sim_config.
 */

#include <stdbool.h>
#include <stdint.h>

#include "channel/frame.h"

struct sim;
struct sim_wire;

int wire_create(struct sim_wire **wire);
/* Takes NULL. */
void wire_destroy(struct sim_wire *wire);

/* What struct link_host calls; `self` is a struct sim_peer. */
int wire_transmit(void *self, const struct frame *header, const void *payload,
		  size_t size);

/* How many frames are on their way; when one arrives, and at whom. */
uint32_t wire_count(const struct sim_wire *wire);
uint64_t wire_due(const struct sim_wire *wire, uint32_t index);
uint32_t wire_to(const struct sim_wire *wire, uint32_t index);

/* Takes a frame off the wire, with its payload behind it; to be freed. */
struct frame *wire_take(struct sim_wire *wire, uint32_t index);

#endif
