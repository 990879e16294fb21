/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_NODE_H
#define TOPOLOGY_NODE_H

/*
 * A YAML file as a tree of scalars, lists and maps, each with its place.
 *
 * Nodes live in an arena and do not change once they are read. An alias is the
 * very node that its anchor names, so a node may have several parents.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diagnostics.h"
#include "topology/scalar.h"

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

struct node;

/* An element of a list, whose `key` is NULL, or an entry of a map. */
struct node_item {
	struct node *key;
	struct node *value;
	struct node_item *next;
};

struct node {
	enum node_kind kind;
	bool quoted;      /* a scalar in quotes or a block: a string */
	bool substituted; /* a string or what it reads as, whichever is wanted*/
	bool broken;      /* its mistake is known: readers pass over it */
	struct place place;
	const char *text; /* scalar: a C string, in which NUL may stand, too */
	size_t length;
	struct node_item *items; /* list and map, in the order of the file */
	size_t count;
	uint32_t size;   /* nodes in this tree, aliases written out */
	uint32_t height; /* 1 for a scalar or an empty list */
};

/* The value of `key` in a map; NULL when it has none, or is no map. */
struct node *node_get(const struct node *map, const char *key);

/* True for a scalar that is nothing at all: empty, `~` or `null`, unquoted. */
bool node_is_null(const struct node *node);

/* What the scalar means unquoted; a quoted one is SCALAR_STRING. */
struct scalar node_scalar(const struct node *node);

/* "a list", "a map", "an integer", for messages. */
const char *node_kind_name(const struct node *node);

#endif
