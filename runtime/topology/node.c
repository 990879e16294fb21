/* SPDX-License-Identifier: MIT */

#include "topology/node.h"

#include <assert.h>
#include <string.h>

struct node *node_get(const struct node *map, const char *key)
{
	const struct node_item *item;

	if (map->kind != NODE_MAP)
		return NULL;
	for (item = map->items; item != NULL; item = item->next)
		if (strcmp(item->key->text, key) == 0)
			return item->value;
	return NULL;
}

bool node_is_null(const struct node *node)
{
	return node->kind == NODE_SCALAR && !node->quoted &&
	       !node->substituted &&
	       scalar_read(node->text, node->length).kind == SCALAR_NULL;
}

struct scalar node_scalar(const struct node *node)
{
	struct scalar scalar = { .kind = SCALAR_STRING };

	assert(node->kind == NODE_SCALAR);
	if (node->quoted && !node->substituted)
		return scalar;
	return scalar_read(node->text, node->length);
}

const char *node_kind_name(const struct node *node)
{
	switch (node->kind) {
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	case NODE_SCALAR:
		break;
	}
	return scalar_kind_name(node_scalar(node).kind);
}
