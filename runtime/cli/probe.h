/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

/* What a plugin declares when all its options have their defaults. */

#include "plugin/declaration.h"
#include "plugin/option.h"
#include "plugin/plugin.h"

struct probe {
	struct gust_declaration *about;
	struct option_memory memory;
	void *instance;
	const struct gust_stream *streams; /* up to one without a name */
};

/*
 * Calls declare() with an input that has no fields. A negative errno where it
 * cannot know its streams: an option is required, or it wants a field.
 * probe_fini() follows in any case.
 */
int probe_init(struct probe *probe, const struct plugin *plugin);
void probe_fini(struct probe *probe);

#endif
