/* SPDX-License-Identifier: MIT */

#include "engine/kept_identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/group.h"
#include "engine/keep.h"

#define SLOTS_MIN 64u

void kept_identities_fini(struct kept_identities *all)
{
	free(all->slots);
	memset(all, 0, sizeof(*all));
}

static uint32_t kept_identity_slot(const struct kept_identities *all,
				   const struct gust_tuple *tuple)
{
	struct origin origin = { 0 };
	uint64_t steps[3];

	(void)origin_of(tuple, &origin);
	steps[0] = origin.source;
	steps[1] = origin.offset;
	steps[2] = tuple->path;
	return (uint32_t)hash_bytes(steps, sizeof(steps)) & (all->room - 1);
}

static bool kept_identity_is(struct kept *kept, const struct gust_tuple *tuple)
{
	const struct gust_tuple *other = keep_tuple(kept);
	struct origin a, b;

	return other->path == tuple->path && origin_of(other, &a) &&
	       origin_of(tuple, &b) && a.source == b.source &&
	       a.offset == b.offset;
}

struct kept *kept_identities_find(const struct kept_identities *all,
				  const struct gust_tuple *tuple)
{
	const struct kept_identity *at;

	if (all->count == 0)
		return NULL;
	at = all->slots[kept_identity_slot(all, tuple)];
	while (at != NULL && !kept_identity_is(at->kept, tuple))
		at = at->next;
	return at == NULL ? NULL : at->kept;
}

static void kept_identities_link(struct kept_identities *all,
				 struct kept_identity *identity)
{
	uint32_t slot = kept_identity_slot(all, keep_tuple(identity->kept));

	identity->next = all->slots[slot];
	all->slots[slot] = identity;
}

static int kept_identities_grow(struct kept_identities *all)
{
	struct kept_identities grown = { .count = all->count };
	struct kept_identity *at, *next;

	grown.room = all->room == 0 ? SLOTS_MIN : 2 * all->room;
	grown.slots = calloc(grown.room, sizeof(struct kept_identity *));
	if (grown.slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < all->room; i++) {
		for (at = all->slots[i]; at != NULL; at = next) {
			next = at->next;
			kept_identities_link(&grown, at);
		}
	}
	free(all->slots);
	*all = grown;
	return 0;
}

int kept_identities_add(struct kept_identities *all, struct kept *kept)
{
	if (all->count >= all->room && kept_identities_grow(all) != 0)
		return -ENOMEM;
	kept->identity = calloc(1, sizeof(*kept->identity));
	if (kept->identity == NULL)
		return -ENOMEM;
	kept->identity->kept = kept;
	kept_identities_link(all, kept->identity);
	all->count++;
	return 0;
}

void kept_identities_remove(struct kept_identities *all, struct kept *kept)
{
	struct kept_identity *identity = kept->identity, **at;

	if (identity == NULL)
		return;
	at = &all->slots[kept_identity_slot(all, keep_tuple(kept))];
	while (*at != identity)
		at = &(*at)->next;
	*at = identity->next;
	all->count--;
	free(identity->emitted);
	group_fini(&identity->copies);
	free(identity);
	kept->identity = NULL;
}
