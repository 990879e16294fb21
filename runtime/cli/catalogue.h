/* SPDX-License-Identifier: MIT */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

/* The plugins that a bare name would find, and those that were not built. */

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "plugin/plugin.h"

struct catalogue {
	struct plugin_listing *items;
	size_t count;
};

/* 0 or a negative errno. */
int catalogue_init(struct catalogue *catalogue);
/* Takes a zeroed one, too. */
void catalogue_fini(struct catalogue *catalogue);

/* Prints names and summaries, folder by folder. */
void catalogue_print(const struct catalogue *catalogue, FILE *file);

/* The same as a new JSON object; NULL when memory is short. */
json_t *catalogue_json(const struct catalogue *catalogue);

/* The package for want of which `name` was not built; NULL where it was, or
 * is not known at all. `kind` may be NULL. */
const char *catalogue_missing(const char *name, const char **kind);

/* The name nearest to a misspelt one, or NULL. */
const char *catalogue_nearest(const struct catalogue *catalogue,
			      const char *name);

#endif
