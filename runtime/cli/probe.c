/* SPDX-License-Identifier: MIT */
#include "cli/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fills the options with their defaults; -EINVAL where one has none. */
static int fill_options(struct probe *probe, const struct plugin *plugin)
{
	const struct gust_option *option = plugin_options(plugin);
	int r = 0;

	for (; option != NULL && option->name != NULL && r == 0; option++) {
		if ((option->flags & GUST_REQUIRED) != 0)
			return -EINVAL;
		r = option_fill_default(option, probe->instance, &probe->memory,
					NULL);
	}
	return r;
}

/* Every bolt has an input, so declare() may rely on one; ours has no fields. */
static const struct gust_column no_columns[] = { { NULL, GUST_NULL } };
static const struct gust_input no_input = {
	.component = "input",
	.stream = "default",
	.columns = no_columns,
};

int probe_init(struct probe *probe, const struct plugin *plugin)
{
	size_t size = plugin_instance_size(plugin);
	size_t count;
	int r;

	memset(probe, 0, sizeof(*probe));
	probe->instance = calloc(1, size > 0 ? size : 1);
	if (probe->instance == NULL)
		return -ENOMEM;
	r = fill_options(probe, plugin);
	if (r == 0)
		r = declaration_create(&probe->about);
	if (r == 0 && plugin->kind == PLUGIN_BOLT)
		declaration_set_inputs(probe->about, &no_input, 1);
	if (r == 0)
		r = declaration_call(probe->about, plugin, probe->instance,
				     NULL);
	if (r < 0)
		return r;
	probe->streams = declaration_streams(probe->about, &count);
	return 0;
}

void probe_fini(struct probe *probe)
{
	declaration_destroy(probe->about);
	option_memory_fini(&probe->memory);
	free(probe->instance);
}
