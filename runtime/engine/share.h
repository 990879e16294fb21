/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SHARE_H
#define ENGINE_SHARE_H

/*
 * What an executor may keep: its share of the memory budget, for records of
 * open trees, held tuples and windows.
 *
 * Once half of it is used, tuples of whole windows, and records of trees that
 * are held, go where its host says (executor_host.spill), if it says so. What
 * is left is for what cannot go there: 16 bytes a held tuple, the slot of a
 * tree whose record has gone, and what has to be at hand. When all of it is
 * used the spouts wait.
 */

#include "engine/state.h"

static inline uint64_t share_used(const struct executor *x)
{
	return x->ledger.kept_bytes + x->kept_bytes;
}

static inline bool share_full(const struct executor *x)
{
	return share_used(x) >= x->kept_limit;
}

/* Of a new executor. */
void share_init(struct executor *x);

/* Where that goes; NULL: nowhere. If there is no room, `x->spill_error` says
 * why, until it is asked again. */
static inline const struct spill *share_spill(const struct executor *x)
{
	return x->spill.self == NULL ? NULL : &x->spill;
}

#endif
