/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_SEARCH_H
#define PLUGIN_SEARCH_H

/* Where plugins are looked for; the rules stand in plugin/plugin.h. */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>

#include "plugin/plugin.h"

struct search_folder {
	char *path;
	bool mixed; /* holds plugins of both kinds */
};

/* The folders in which plugins of one kind may be, first one first. */
struct search {
	struct search_folder *folders;
	size_t count;
};

/* Folders need not exist. -ENOMEM; `search` may be fini'd then, too. */
int search_init(struct search *search, enum plugin_kind kind);
void search_fini(struct search *search);

/* `folder`/`name``suffix`, malloc'ed; NULL when memory is short. */
char *search_join(const char *folder, const char *name, const char *suffix);

/*
 * Finds the file of a plugin; `*path` is malloc'ed. -ENOENT: `error` says what
 * was tried, or why it was not built, or what may have been meant; -ENOEXEC:
 * it is of the other kind; -ENOMEM.
 */
int search_find(enum plugin_kind kind, const char *name, const char *near,
		char **path, struct gust_error *error);

#endif
