/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_MODEL_READ_H
#define TOPOLOGY_MODEL_READ_H

/* The parts of a topology file, one function each. */

#include "topology/model.h"

/*
 * Reads one entry of `spouts:` or `bolts:`, or of `streams:`, and appends it
 * to the model. 0, also after mistakes, or -ENOMEM.
 */
int model_read_component(struct yaml *yaml, struct model *model,
			 enum plan_kind kind, const struct node *node);
int model_read_stream(struct yaml *yaml, struct model *model,
		      const struct node *node);

/* Reads `timestamp:`. The same. */
int model_read_timestamp(struct yaml *yaml, const struct node *map,
			 struct model_timestamp **timestamp);

/* Reads `window:` of a bolt. The same. */
int model_read_window(struct yaml *yaml, const struct node *map,
		      struct model_window **window);

#endif
