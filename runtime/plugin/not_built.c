/* SPDX-License-Identifier: MIT */

#include "plugin/not_built.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "gust_config.h"

const struct not_built *not_built_table(void)
{
	static const struct not_built table[] = { GUST_NOT_BUILT };

	return table;
}

const struct not_built *not_built_find(const struct not_built *table,
				       enum plugin_kind kind, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->kind, plugin_kind_name(kind)) == 0 &&
		    strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

int not_built_refuse(const struct not_built *plugin, struct gust_error *error)
{
	return gust_error_set(error, -ENOENT,
			      "'%s' was not built: %s is missing", plugin->name,
			      plugin->package);
}
