/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_VALUE_H
#define TOPOLOGY_VALUE_H

/*
 * Takes values of a wanted type out of nodes, and says what is wrong with
 * those of another one.
 *
 * `what` names the value in messages, commonly its key. All return true and
 * write the result, or add a mistake and return false. A node that is known to
 * be broken gives false without a further mistake.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diagnostics.h"
#include "topology/node.h"

/* Room for what value_describe() writes. */
#define VALUE_TEXT_SIZE 96

/*
 * Any scalar but null, as it stands there: `007` remains so. The string is
 * the node's own; it holds no NUL and is not empty.
 */
bool value_string(const struct node *node, const char *what,
		  struct diagnostics *diagnostics, const char **result);

bool value_integer(const struct node *node, const char *what, int64_t min,
		   int64_t max, struct diagnostics *diagnostics,
		   int64_t *result);

/* A finite number, with or without a fraction. */
bool value_number(const struct node *node, const char *what, double min,
		  double max, struct diagnostics *diagnostics, double *result);

bool value_bool(const struct node *node, const char *what,
		struct diagnostics *diagnostics, bool *result);

/* A size as base/size.h reads it, such as `64KiB`, or an integer of bytes. */
bool value_size(const struct node *node, const char *what, uint64_t min,
		uint64_t max, struct diagnostics *diagnostics,
		uint64_t *result);

/* A map; nothing at all is an empty one. */
bool value_map(const struct node *node, const char *what,
	       struct diagnostics *diagnostics);

/*
 * Goes through a list, or through one value that stands where a list is
 * wanted. Begin with `*item` NULL; returns NULL at the end. Nothing at all is
 * an empty list.
 */
const struct node *value_next(const struct node *list,
			      const struct node_item **item);

/*
 * A string that names something: letters, digits, '_', '.' and '-', at most
 * 128 of them, not beginning with '.', '-' or '__'. It may become part of a
 * file's name.
 */
bool value_name(const struct node *node, const char *what,
		struct diagnostics *diagnostics, const char **result);

/*
 * Writes what the node is, for "..., expected ...": `'abc'`, `'2' in quotes`,
 * `a list`, `nothing`. `text` has VALUE_TEXT_SIZE bytes and is returned.
 */
const char *value_describe(const struct node *node, char *text);

#endif
