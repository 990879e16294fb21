/* SPDX-License-Identifier: MIT */

#include "tuple/type.h"

#include <errno.h>
#include <string.h>

#include "base/suggest.h"

static const char *const type_names[] = {
	[GUST_NULL] = "null",     [GUST_BOOL] = "bool",
	[GUST_INT] = "int",       [GUST_FLOAT] = "float",
	[GUST_STRING] = "string", [GUST_BYTES] = "bytes",
	[GUST_JSON] = "json",
};

#define TYPE_COUNT (sizeof(type_names) / sizeof(type_names[0]))

const char *gust_type_name(enum gust_type type)
{
	if ((size_t)type >= TYPE_COUNT)
		return "unknown";
	return type_names[type];
}

int type_is_declarable(enum gust_type type)
{
	return type != GUST_NULL && (size_t)type < TYPE_COUNT;
}

int type_parse(const char *name, enum gust_type *type, struct gust_error *error)
{
	const char *nearest;
	size_t i;

	for (i = GUST_NULL + 1; i < TYPE_COUNT; i++) {
		if (strcmp(type_names[i], name) == 0) {
			*type = (enum gust_type)i;
			return 0;
		}
	}
	nearest = suggest_nearest(name, type_names + 1, TYPE_COUNT - 1);
	if (nearest != NULL)
		return gust_error_set(error, -EINVAL,
				      "no type is named '%s', expected '%s'",
				      name, nearest);
	return gust_error_set(error, -EINVAL,
			      "no type is named '%s', expected bool, int, "
			      "float, string, bytes or json",
			      name);
}
