/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_PLUGIN_LIST_H
#define PLUGIN_PLUGIN_LIST_H

/* The plugins of one kind that a bare name would find; see plugin_list(). */

#include <stdbool.h>
#include <stddef.h>

#include "plugin/plugin.h"

/*
 * As plugin_list(). Where `sure` is false nothing is opened, so plugins in
 * mixed folders are listed whatever they are. -ENOMEM.
 */
int plugin_list_kind(enum plugin_kind kind, bool sure,
		     struct plugin_listing **list, size_t *count);

#endif
