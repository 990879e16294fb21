/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

/*
 * The constant that a plugin exports: taken over with care, then checked.
 *
 * Members are only ever appended, so an older plugin has a shorter one.
 */

#include <stddef.h>

#include <gust/bolt.h>
#include <gust/error.h>
#include <gust/spout.h>

/* Up to the required callback; a shorter descriptor is none. */
#define DESCRIPTOR_SPOUT_SIZE_MIN offsetof(struct gust_spout, ack)
#define DESCRIPTOR_BOLT_SIZE_MIN offsetof(struct gust_bolt, tick)

/* A larger instance is taken for a mistake. */
#define DESCRIPTOR_INSTANCE_MAX ((size_t)64 * 1024 * 1024)

/*
 * Copies what the plugin has, so that members it lacks read as zero. Nothing
 * but `abi` and `size` is read until both check out. -EPROTO.
 */
int descriptor_copy_spout(const struct gust_spout *found,
			  struct gust_spout *spout, struct gust_error *error);
int descriptor_copy_bolt(const struct gust_bolt *found, struct gust_bolt *bolt,
			 struct gust_error *error);

/*
 * Whether a copied descriptor makes sense: name, required callback, flags,
 * replay, options, streams. -EPROTO, -ENOMEM.
 */
int descriptor_check_spout(const struct gust_spout *spout,
			   struct gust_error *error);
int descriptor_check_bolt(const struct gust_bolt *bolt,
			  struct gust_error *error);

#endif
