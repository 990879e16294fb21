/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cli/manual.h"
#include "cli/probe.h"
#include "plugin/option.h"

static json_t *choices_json(const struct gust_option *option)
{
	json_t *choices;
	size_t i;

	if (option->choices == NULL)
		return json_null();
	choices = json_array();
	for (i = 0; option->choices[i] != NULL; i++)
		json_array_append_new(choices, json_string(option->choices[i]));
	return choices;
}

static json_t *option_json(const struct gust_option *option)
{
	bool secret = (option->flags & GUST_SECRET) != 0;
	bool bounded = option->min != 0 || option->max != 0;

	return json_pack(
		"{s:s, s:s, s:s?, s:b, s:b, s:s?, s:o, s:o, s:o}", "name",
		option->name, "type", option_type_name(option->type), "help",
		option->help, "required", (option->flags & GUST_REQUIRED) != 0,
		"secret", secret, "default", secret ? NULL : option->fallback,
		"min", bounded ? json_real(option->min) : json_null(), "max",
		bounded ? json_real(option->max) : json_null(), "choices",
		choices_json(option));
}

static json_t *options_json(const struct plugin *plugin)
{
	const struct gust_option *option = plugin_options(plugin);
	json_t *options = json_array();

	for (; option != NULL && option->name != NULL; option++)
		json_array_append_new(options, option_json(option));
	return options;
}

static json_t *stream_json(const struct gust_stream *stream)
{
	const struct gust_column *column = stream->columns;
	json_t *columns = json_array();

	for (; column != NULL && column->name != NULL; column++)
		json_array_append_new(columns,
				      json_pack("{s:s, s:s}", "name",
						column->name, "type",
						gust_type_name(column->type)));
	return json_pack("{s:s, s:o}", "name", stream->name, "fields", columns);
}

static json_t *streams_json(const struct gust_stream *stream)
{
	json_t *streams = json_array();

	for (; stream != NULL && stream->name != NULL; stream++)
		json_array_append_new(streams, stream_json(stream));
	return streams;
}

static json_t *replay_json(const struct plugin *plugin)
{
	if (plugin->kind != PLUGIN_SPOUT)
		return json_null();
	return json_string(manual_replay_name(plugin->spout.replay));
}

json_t *manual_json(const struct plugin *plugin)
{
	unsigned flags = plugin_flags(plugin);
	char *text = manual_text(plugin);
	struct probe probe;
	bool known = probe_init(&probe, plugin) == 0;
	json_t *json;

	json = json_pack(
		"{s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:b, s:b, s:b, s:b, "
		"s:b}",
		"kind", manual_kind_name(plugin->kind), "name",
		plugin_name(plugin), "summary", plugin_summary(plugin), "path",
		plugin->path, "manual", text, "options", options_json(plugin),
		"streams",
		streams_json(known ? probe.streams : plugin_streams(plugin)),
		"replay", replay_json(plugin), "dedicated",
		(flags & GUST_DEDICATED) != 0, "stdout",
		(flags & GUST_STDOUT) != 0, "deterministic",
		(flags & GUST_DETERMINISTIC) != 0, "memory",
		(flags & GUST_MEMORY) != 0, "window",
		plugin->bolt.windowing != NULL);
	probe_fini(&probe);
	free(text);
	return json;
}
