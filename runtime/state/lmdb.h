/* SPDX-License-Identifier: MIT */
#ifndef STATE_LMDB_H
#define STATE_LMDB_H

/*
 * Stores in LMDB (https://symas.com/lmdb): an environment a task, in the folder
 * WHERE/TOPOLOGY.state/COMPONENT/INDEX. It is made under another name and
 * renamed when its head is in it, so that a folder without one is damaged.
 *
 * A record has 4 bytes of its hash behind it. LMDB takes keys of at most 511
 * bytes: a longer one is represented by its first bytes and its hash, in 511
 * bytes together, and stands with its length before its record. Keys that begin
 * with the same LMDB_PREFIX bytes are put in order when they are read.
 *
 * What has ended (see state/content.h) is removed bit by bit by the commits.
 */

#include <gust/error.h>

#include "state/store.h"

extern const bool lmdb_built_in;

/* As store_open(). */
int lmdb_open(struct store **store, const struct store_place *place,
	      struct gust_error *error);

/* For reshard(): takes away new stores that are not complete, or old ones that
 * others have taken the place of; and has new ones take it. */
int lmdb_settle(const struct store_place *place, struct gust_error *error);
int lmdb_promote(const struct store_place *place, struct gust_error *error);

#endif
