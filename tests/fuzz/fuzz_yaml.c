/* SPDX-License-Identifier: MIT */

/* YAML, substitution in it, and the model or hosts that are made of it. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "topology/hosts.h"
#include "topology/model.h"
#include "topology/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Walks a tree, so that a sanitizer sees a node that is wrong. */
static size_t walk(const struct node *node)
{
	const struct node_item *item;
	size_t size = 1;

	if (node->kind == NODE_SCALAR && node->text[node->length] != '\0')
		abort();
	for (item = node->items; item != NULL; item = item->next)
		size += walk(item->value) +
			(item->key != NULL ? walk(item->key) : 0);
	if (size != node->size || node->height > YAML_DEPTH_MAX)
		abort();
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct variable items[] = { { .name = "n", .value = "7" },
				    { .name = "text", .value = "a: b" } };
	struct variables variables = { items, 2 };
	struct diagnostics diagnostics;
	struct node *root = NULL;
	struct arena arena;
	struct hosts hosts;
	struct model model;
	struct yaml yaml;
	static FILE *sink;

	if (size > YAML_BYTES_MAX)
		return 0;
	if (sink == NULL)
		sink = fopen("/dev/null", "w");
	arena_init(&arena, 0);
	diagnostics_init(&diagnostics);
	yaml_init(&yaml, &arena, &diagnostics, &variables);
	if (yaml_parse(&yaml, "f", (const char *)data, size, &root) == 0) {
		walk(root);
		/* An include could name any file of this machine. */
		if (node_get(root, "includes") == NULL)
			model_read(&yaml, "f", root, &model);
		if (root->kind == NODE_LIST)
			hosts_read(&yaml, root, &hosts);
	} else if (diagnostics.errors == 0) {
		abort();
	}
	diagnostics_sort(&diagnostics);
	diagnostics_print(&diagnostics, sink);
	diagnostics_fini(&diagnostics);
	arena_fini(&arena);
	return 0;
}
