/* SPDX-License-Identifier: MIT */
#ifndef SIM_TAP_H
#define SIM_TAP_H

/*
 * A bolt that keeps a copy of every tuple it gets, and acks it. It listens to a
 * stream beside those who subscribe to it, or stands in the place of a sink.
 * One thread; several tasks may share a tap.
 */

#include <stddef.h>

#include <gust/bolt.h>

/* `items` may be read. Zero it to begin; it must not move once it runs. */
struct tap {
	struct gust_tuple **items; /* in the order in which they came */
	size_t count, room;
};

/* The instance of tap_bolt. */
struct tap_instance {
	struct tap *tap;
};

extern const struct gust_bolt tap_bolt;

/* Frees all copies. Takes a zeroed one. */
void tap_fini(struct tap *tap);

#endif
