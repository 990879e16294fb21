/* SPDX-License-Identifier: MIT */
#ifndef SIM_GIVEN_H
#define SIM_GIVEN_H

/*
 * A spout whose tuples are given to it from outside, in the place of a plugin.
 *
 * Failed tuples are emitted again by the runtime, as by GUST_REPLAY_RECORD. It
 * waits when it has no tuple left and is done once it has been told that none
 * will follow. One thread, and one task a spout.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/spout.h>

struct given_tuple;

/* All members are private. Zero it to begin; it must not move once it runs. */
struct given {
	struct given_tuple *first, *last;
	bool ended;
	struct gust_task *task; /* NULL unless it is open */
};

/* The instance of given_spout. */
struct given_instance {
	struct given *given;
};

extern const struct gust_spout given_spout;

/* Has a tuple emitted to `stream`, counted among those of the component.
 * `values` and their bytes are copied. 0 or -ENOMEM. */
int given_add(struct given *given, uint32_t stream,
	      const struct gust_value *values, uint32_t count);

/* No tuple will follow. */
void given_end(struct given *given);

/* Frees what has not been emitted. Takes a zeroed one. */
void given_fini(struct given *given);

#endif
