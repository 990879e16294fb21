/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_OPTION_TABLE_H
#define PLUGIN_OPTION_TABLE_H

/* Whether the options table of a plugin makes sense. */

#include <stddef.h>

#include <gust/error.h>
#include <gust/option.h>

/* A longer table is taken for one that lacks its end. */
#define OPTION_TABLE_MAX 256

/*
 * Checks a table, which may be NULL: every option has a name of its own, a
 * type, and a member of its own, aligned and inside of `instance_size` bytes;
 * its default parses and is in range; an enum, and nothing else, has choices.
 * -EPROTO, with the option named; -ENOMEM.
 */
int option_table_check(const struct gust_option *table, size_t instance_size,
		       struct gust_error *error);

#endif
