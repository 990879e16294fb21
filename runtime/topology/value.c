/* SPDX-License-Identifier: MIT */

#include "topology/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"

#define NAME_LENGTH_MAX 128

const char *value_describe(const struct node *node, char *text)
{
	if (node->kind != NODE_SCALAR || node_is_null(node))
		snprintf(text, VALUE_TEXT_SIZE, "%s", node_kind_name(node));
	else
		snprintf(text, VALUE_TEXT_SIZE, "'%.60s'%s", node->text,
			 node->quoted && !node->substituted ? " in quotes"
							    : "");
	return text;
}

bool value_string(const struct node *node, const char *what,
		  struct diagnostics *diagnostics, const char **result)
{
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return false;
	if (node->kind != NODE_SCALAR || node_is_null(node)) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is %s, expected a string", what,
				  value_describe(node, text));
		return false;
	}
	if (node->length == 0) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is empty, expected a string", what);
		return false;
	}
	if (strlen(node->text) != node->length) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' holds a NUL character, expected text",
				  what);
		return false;
	}
	*result = node->text;
	return true;
}

/* The scalar that `node` means; anything else reads as a string. */
static struct scalar scalar_of(const struct node *node)
{
	struct scalar scalar = { .kind = SCALAR_STRING };

	return node->kind == NODE_SCALAR ? node_scalar(node) : scalar;
}

bool value_integer(const struct node *node, const char *what, int64_t min,
		   int64_t max, struct diagnostics *diagnostics,
		   int64_t *result)
{
	struct scalar scalar = scalar_of(node);
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return false;
	if (scalar.kind != SCALAR_INT || scalar.overflow ||
	    scalar.integer < min || scalar.integer > max) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is %s, expected an integer from "
				  "%" PRId64 " to %" PRId64,
				  what, value_describe(node, text), min, max);
		return false;
	}
	*result = scalar.integer;
	return true;
}

bool value_number(const struct node *node, const char *what, double min,
		  double max, struct diagnostics *diagnostics, double *result)
{
	struct scalar scalar = scalar_of(node);
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return false;
	if ((scalar.kind != SCALAR_INT && scalar.kind != SCALAR_FLOAT) ||
	    !isfinite(scalar.number) || scalar.number < min ||
	    scalar.number > max) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is %s, expected a number from %.15g to "
				  "%.15g",
				  what, value_describe(node, text), min, max);
		return false;
	}
	*result = scalar.number;
	return true;
}

bool value_bool(const struct node *node, const char *what,
		struct diagnostics *diagnostics, bool *result)
{
	struct scalar scalar = scalar_of(node);
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return false;
	if (scalar.kind != SCALAR_BOOL) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is %s, expected true or false", what,
				  value_describe(node, text));
		return false;
	}
	*result = scalar.boolean;
	return true;
}

bool value_size(const struct node *node, const char *what, uint64_t min,
		uint64_t max, struct diagnostics *diagnostics, uint64_t *result)
{
	char text[VALUE_TEXT_SIZE];
	char least[SIZE_TEXT_SIZE];
	char most[SIZE_TEXT_SIZE];
	uint64_t bytes;

	if (node->broken)
		return false;
	if (node->kind != NODE_SCALAR || node_is_null(node) ||
	    size_parse(node->text, &bytes, NULL) < 0 || bytes < min ||
	    bytes > max) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is %s, expected a size from %s to %s, "
				  "such as 64MiB",
				  what, value_describe(node, text),
				  size_format(least, min),
				  size_format(most, max));
		return false;
	}
	*result = bytes;
	return true;
}

bool value_map(const struct node *node, const char *what,
	       struct diagnostics *diagnostics)
{
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return false;
	if (node->kind == NODE_MAP || node_is_null(node))
		return true;
	diagnostics_error(diagnostics, &node->place,
			  "'%s' is %s, expected a map", what,
			  value_describe(node, text));
	return false;
}

const struct node *value_next(const struct node *list,
			      const struct node_item **item)
{
	/* A value by itself is its own only item, marked by this one. */
	static const struct node_item alone = { NULL, NULL, NULL };

	if (list->kind == NODE_LIST) {
		*item = *item == NULL ? list->items : (*item)->next;
		return *item == NULL ? NULL : (*item)->value;
	}
	if (*item == &alone || list->broken || node_is_null(list))
		return NULL;
	*item = &alone;
	return list;
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);
	size_t i;

	if (length == 0 || length > NAME_LENGTH_MAX || name[0] == '.' ||
	    name[0] == '-' || strncmp(name, "__", 2) == 0)
		return false;
	for (i = 0; i < length; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= 'A' && name[i] <= 'Z') &&
		    !(name[i] >= '0' && name[i] <= '9') && name[i] != '_' &&
		    name[i] != '.' && name[i] != '-')
			return false;
	return true;
}

bool value_name(const struct node *node, const char *what,
		struct diagnostics *diagnostics, const char **result)
{
	const char *name;

	if (!value_string(node, what, diagnostics, &name))
		return false;
	if (!is_name(name)) {
		diagnostics_error(diagnostics, &node->place,
				  "'%s' is '%.60s', expected at most %d "
				  "letters, digits, '_', '.' and '-', not "
				  "beginning with '.', '-' or '__'",
				  what, name, NAME_LENGTH_MAX);
		return false;
	}
	*result = name;
	return true;
}
