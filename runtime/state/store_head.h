/* SPDX-License-Identifier: MIT */
#ifndef STATE_STORE_HEAD_H
#define STATE_STORE_HEAD_H

/*
 * What a store says of itself, in a record of its own: 4 bytes for the format,
 * then in this one 4 for the task, 4 for their number, 4 that are 0, 8 for the
 * incarnation, and the names of the topology and the component, each with a
 * NUL. Numbers are little-endian.
 */

#include <stdint.h>

#include <gust/error.h>
#include <gust/tuple.h>

#include "state/store.h"

/* The key of that record; no state's keys begin with a NUL. */
#define STORE_HEAD_KEY "\0gust"
#define STORE_HEAD_KEY_LENGTH 5u

/* The record, which is to be freed; NULL: memory is short. */
char *store_head_make(const struct store_place *place, uint64_t incarnation,
		      size_t *length);

/*
 * Checks a record against what is opened; `where` is what people call the
 * store. 0, -ENOTSUP, -EBADMSG, -EBUSY; `tasks` is set with -EBUSY, too.
 */
int store_head_check(struct gust_text record, const struct store_place *place,
		     const char *where, uint64_t *incarnation, uint32_t *tasks,
		     struct gust_error *error);

/* The incarnation of a record that was checked before; else 0. */
uint64_t store_head_incarnation(struct gust_text record);

#endif
