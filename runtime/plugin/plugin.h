/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_PLUGIN_H
#define PLUGIN_PLUGIN_H

/*
 * A spout or bolt in a shared object: found, checked, opened.
 *
 * A plugin is named by a path (it holds a '/' or ends in ".so") or by a bare
 * name, which is looked for in the directories of GUST_PLUGIN_PATH (separated
 * by colons; in each first under `spouts/` or `bolts/`, then directly), then
 * under `spouts/` or `bolts/` beside the binary in its build tree, then where
 * `meson install` put it. The first file found decides: one that cannot be
 * opened is an error, even if another one would follow.
 *
 * Called before threads start, or by one thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/error.h>
#include <gust/spout.h>

enum plugin_kind { PLUGIN_SPOUT, PLUGIN_BOLT };

struct plugin {
	enum plugin_kind kind;
	char *path;   /* as it was opened */
	void *handle; /* of dlopen() */

	/* A copy of what the plugin has; members it lacks read as zero. Only
	 * the one of `kind` is set. */
	struct gust_spout spout;
	struct gust_bolt bolt;
};

/*
 * Opens a plugin. `near`, which may be NULL, is the directory to which a
 * relative path refers (that of the topology file). On failure `error` names
 * every path tried, or the one found with its dlerror() or what is wrong with
 * its descriptor (both versions for a wrong ABI), the nearest name among those
 * found, or the package that was missing when a known plugin was not built.
 * -ENOENT: not found; -ENOEXEC: found, but no plugin of that kind; -EPROTO:
 * wrong ABI, size or a descriptor that contradicts itself; -ENOMEM.
 */
int plugin_open(enum plugin_kind kind, const char *name, const char *near,
		struct plugin **plugin, struct gust_error *error);

/* A spout of the program itself, as if it had been opened. -ENOMEM. */
int plugin_wrap(const struct gust_spout *spout, struct plugin **plugin);

/*
 * Hashes the bytes of the shared object, the same on every machine. 0 for one
 * of the program itself. -EINVAL when they can no longer be read, with path and
 * reason.
 */
int plugin_hash(const struct plugin *plugin, uint64_t *hash,
		struct gust_error *error);

/* Closes the shared object unless GUST_KEEP_PLUGINS is set. Takes NULL. */
void plugin_close(struct plugin *plugin);

/* "spout" or "bolt". */
const char *plugin_kind_name(enum plugin_kind kind);

/* What both descriptors have in common. Never NULL but where stated. */
const char *plugin_name(const struct plugin *plugin);
const char *plugin_summary(const struct plugin *plugin);
const struct gust_option *
plugin_options(const struct plugin *plugin); /* NULL: none */
const struct gust_stream *
plugin_streams(const struct plugin *plugin); /* NULL: none */
size_t plugin_instance_size(const struct plugin *plugin);
unsigned plugin_flags(const struct plugin *plugin);

/* All plugins that a bare name would find, sorted, spouts first. */
struct plugin_listing {
	enum plugin_kind kind;
	char *name;
	char *path;
};

/*
 * Fills `*list` with `*count` malloc'ed entries; freed with the other. Those
 * that stand directly in a directory of GUST_PLUGIN_PATH are opened to see
 * their kind, the others are known by their folder and may turn out broken.
 * -ENOMEM.
 */
int plugin_list(struct plugin_listing **list, size_t *count);
void plugin_list_free(struct plugin_listing *list, size_t count);

#endif
