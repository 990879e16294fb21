/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_KEPT_IDENTITY_H
#define ENGINE_KEPT_IDENTITY_H

/*
 * Kept tuples by their identities (tuple/origin.h), in topologies with
 * topology.state.dedupe: what is kept is not yet applied, so another copy of it
 * must not be kept beside it.
 */

#include "engine/state.h"
#include "tuple/origin.h"

struct kept_identity {
	struct kept_identity *next; /* in its slot */
	struct kept *kept;
	char *emitted; /* by the call that kept it, as in engine/dedupe.h */
	size_t emitted_size;
	struct group copies; /* that came while it was kept */
};

/* Zeroed, it is empty. */
struct kept_identities {
	struct kept_identity **slots;
	uint32_t room; /* 0 or a power of two */
	uint32_t count;
};

void kept_identities_fini(struct kept_identities *all);

/* The one with the identity of `tuple`, or NULL. */
struct kept *kept_identities_find(const struct kept_identities *all,
				  const struct gust_tuple *tuple);

/* Of one whose tuple has an identity, that is not there. 0 or -ENOMEM. */
int kept_identities_add(struct kept_identities *all, struct kept *kept);

/* Of one that may not be there. */
void kept_identities_remove(struct kept_identities *all, struct kept *kept);

#endif
