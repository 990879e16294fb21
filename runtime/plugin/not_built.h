/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_NOT_BUILT_H
#define PLUGIN_NOT_BUILT_H

/* The plugins of the tree that this build has left out, and why. */

#include <gust/error.h>

#include "plugin/plugin.h"

struct not_built {
	const char *kind;    /* "spout" or "bolt" */
	const char *name;    /* NULL: the end of the table */
	const char *package; /* what was missing */
};

/* Those of this build, up to one without a name. */
const struct not_built *not_built_table(void);

/* The one of that kind and name, or NULL. */
const struct not_built *not_built_find(const struct not_built *table,
				       enum plugin_kind kind, const char *name);

/* Says so in `error` and returns -ENOENT. */
int not_built_refuse(const struct not_built *plugin, struct gust_error *error);

#endif
