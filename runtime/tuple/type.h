/* SPDX-License-Identifier: MIT */
#ifndef TUPLE_TYPE_H
#define TUPLE_TYPE_H

/*
 * The types of fields and their names; gust_type_name() of gust/tuple.h is the
 * way from a type to its name.
 */

#include <gust/error.h>
#include <gust/tuple.h>

/*
 * Reads the name of a type that a column may have, "int". -EINVAL: there is
 * none of that name; `error` lists those that exist, with the nearest. `type`
 * is written on success only.
 */
int type_parse(const char *name, enum gust_type *type,
	       struct gust_error *error);

/* Whether columns may be declared with it: neither null nor out of range. */
int type_is_declarable(enum gust_type type);

#endif
