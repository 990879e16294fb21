/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_KEYS_H
#define TOPOLOGY_KEYS_H

/*
 * Which keys a map may have. Keys that Storm or Flux know and this runtime
 * does not are in the table as well, each with what to write instead.
 */

#include "topology/diagnostics.h"
#include "topology/node.h"

/* Tables end with a rule whose `name` is NULL. */
struct keys_rule {
	const char *name;
	int id;              /* for the reader's switch; not negative */
	const char *refusal; /* why it cannot be used here; NULL: it can */
};

/*
 * The id of the key of `item`, or -1 after adding a mistake that says "... is
 * no key of `owner`" with the nearest name, or gives the rule's refusal.
 */
int keys_match(const struct keys_rule *rules, const struct node_item *item,
	       const char *owner, struct diagnostics *diagnostics);

#endif
