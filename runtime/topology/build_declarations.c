/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin/stream.h"
#include "topology/build.h"

/* Looks a stream up by name; NULL is the first one. */
static const struct gust_stream *find_stream(const struct gust_stream *streams,
					     const char *name)
{
	if (streams == NULL || streams->name == NULL || name == NULL)
		return streams != NULL && streams->name != NULL ? streams
								: NULL;
	for (; streams->name != NULL; streams++)
		if (strcmp(streams->name, name) == 0)
			return streams;
	return NULL;
}

/*
 * What a stream that leads backwards will carry: its source comes later, so
 * only what the descriptor or `outputs:` say is known by now.
 */
static const struct gust_stream *
find_early(const struct build_component *component, const char *name)
{
	const struct gust_stream *stream;
	const struct build_output *output = component->outputs;

	stream = find_stream(plugin_streams(component->plugin), name);
	if (stream != NULL)
		return stream;
	while (output != NULL && name != NULL &&
	       strcmp(output->stream.name, name) != 0)
		output = output->next;
	return output == NULL ? NULL : &output->stream;
}

/* The stream of an edge as far as it is known when its target is declared. */
static const struct gust_stream *input_stream(struct build *build,
					      const struct build_edge *edge)
{
	const struct gust_stream *stream;

	if (edge->from == NULL || edge->from->plugin == NULL)
		return NULL;
	if (edge->stream != NULL)
		return edge->stream;
	if (edge->from->about != NULL || !edge->model->feedback)
		return NULL;
	stream = find_early(edge->from, edge->model->name);
	if (stream == NULL && edge->from->ready)
		diagnostics_error(build->diagnostics, &edge->model->place,
				  "the fields of this feedback are not known "
				  "before '%s' is, expected them in 'outputs' "
				  "of '%s'",
				  edge->model->to, edge->model->from);
	return stream;
}

/* Lists the inputs of a component. `*inputs` is NULL when one is broken. */
static int list_inputs(struct build *build, struct build_component *component,
		       const struct gust_input **inputs)
{
	const struct build_edge *edge;
	const struct gust_stream *stream;
	struct gust_input *list;
	size_t count = 0;
	uint32_t i;

	list = arena_calloc(build->arena, component->input_count + 1,
			    sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	*inputs = list;
	for (i = 0; i < build->edge_count; i++) {
		edge = &build->edges[i];
		if (edge->to != component)
			continue;
		stream = input_stream(build, edge);
		if (stream == NULL) {
			*inputs = NULL;
			continue;
		}
		list[count].component = edge->from->model->id;
		list[count].stream = stream->name;
		list[count++].columns = stream->columns;
	}
	return 0;
}

/* Copies what `message` quotes after `before`; false when it does not. */
static bool find_quoted(const char *message, const char *before, char *name,
			size_t size)
{
	const char *start = strstr(message, before);
	const char *end;

	if (start == NULL)
		return false;
	start += strlen(before);
	end = strchr(start, '\'');
	if (end == NULL || end == start || (size_t)(end - start) >= size)
		return false;
	memcpy(name, start, (size_t)(end - start));
	name[end - start] = '\0';
	return true;
}

/* The first scalar that is `text`, or else that has it in it. */
static const struct node *find_text(const struct node *node, const char *text,
				    bool whole)
{
	const struct node *found = NULL;
	const struct node_item *item;

	if (node->kind == NODE_SCALAR)
		return (whole ? strcmp(node->text, text) == 0
			      : strstr(node->text, text) != NULL)
			       ? node
			       : NULL;
	for (item = node->items; item != NULL && found == NULL;
	     item = item->next)
		found = find_text(item->value, text, whole);
	return found;
}

/*
 * The option that a message of declare() is about, found by what the message
 * quotes, since plugins know no places. NULL: none.
 */
static const struct node *find_culprit(const struct node *options,
				       const char *message)
{
	const struct node *found = NULL;
	char name[128];

	if (options == NULL)
		return NULL;
	if (find_quoted(message, "option '", name, sizeof(name)))
		found = node_get(options, name);
	if (found != NULL ||
	    !find_quoted(message, "field '", name, sizeof(name)))
		return found;
	found = find_text(options, name, true);
	return found != NULL ? found : find_text(options, name, false);
}

static void report_declare(struct build *build,
			   const struct build_component *component,
			   const struct gust_error *error)
{
	const struct model_component *model = component->model;
	const struct node *culprit = find_culprit(model->options, error->text);
	const struct place *place = &model->place;

	if (culprit != NULL)
		place = &culprit->place;
	else if (model->id != NULL)
		place = &model->id_place;
	diagnostics_error(build->diagnostics, place, "%s", error->text);
}

/* Without it the streams do not depend on inputs and options. */
static bool has_declare(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.declare != NULL
					    : plugin->bolt.declare != NULL;
}

/* Who has a declare() that does not ask for `outputs:` emits nothing there. */
static void warn_in_vain(struct build *build, struct build_component *component,
			 const struct build_output *output)
{
	if (component->outputs_asked || !has_declare(component->plugin))
		return;
	component->outputs_in_vain = true;
	diagnostics_warning(build->diagnostics, &output->place,
			    "the plugin '%s' emits nothing to stream '%s', "
			    "expected it left out of 'outputs'",
			    plugin_name(component->plugin),
			    output->stream.name);
}

/* Adds `outputs:` to what the plugin has declared. */
static int add_outputs(struct build *build, struct build_component *component)
{
	const struct gust_stream *streams;
	const struct gust_stream *declared;
	struct gust_error error = { 0 };
	struct build_output *output;
	size_t count;
	int r;

	for (output = component->outputs; output != NULL;
	     output = output->next) {
		streams = declaration_streams(component->about, &count);
		declared = find_stream(streams, output->stream.name);
		if (declared == NULL) {
			warn_in_vain(build, component, output);
			r = declaration_add(component->about,
					    output->stream.name,
					    output->stream.columns, &error);
			if (r == -ENOMEM)
				return r;
			if (r < 0)
				diagnostics_error(build->diagnostics,
						  &output->place, "%s",
						  error.text);
		} else if (!stream_same_columns(declared->columns,
						output->stream.columns)) {
			diagnostics_error(build->diagnostics, &output->place,
					  "the plugin '%s' declares stream "
					  "'%s' with other fields, expected it "
					  "left out of 'outputs'",
					  plugin_name(component->plugin),
					  output->stream.name);
		}
	}
	return 0;
}

/* Tells declare() what `outputs:` names. 0 or -ENOMEM. */
static int tell_outputs(struct build *build, struct build_component *component)
{
	const struct build_output *output;
	struct gust_stream *list;
	size_t count = 0;

	for (output = component->outputs; output != NULL; output = output->next)
		count++;
	list = arena_calloc(build->arena, count + 1, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	count = 0;
	for (output = component->outputs; output != NULL; output = output->next)
		list[count++] = output->stream;
	declaration_set_outputs(component->about, list, count,
				&component->outputs_asked);
	return 0;
}

/* False: the window has mistakes, which are reported. */
static bool tell_window(struct build *build, struct build_component *component,
			bool inputs_known)
{
	const struct model_window *window = component->model->window;

	if (window == NULL)
		return true;
	declaration_set_window(component->about, &window->spec);
	return !inputs_known || build_window_keys(build, component);
}

static int declare(struct build *build, struct build_component *component)
{
	struct gust_error error = { 0 };
	const struct gust_input *inputs;
	int r;

	r = list_inputs(build, component, &inputs);
	if (r < 0)
		return r;
	if (component->plugin == NULL)
		return 0;
	if (has_declare(component->plugin) &&
	    (inputs == NULL || !component->ready || component->lacks_input))
		return 0;
	r = declaration_create(&component->about);
	if (r < 0)
		return r;
	declaration_set_inputs(component->about, inputs,
			       inputs == NULL ? 0 : component->input_count);
	declaration_set_tasks(component->about, component->model->tasks);
	r = tell_outputs(build, component);
	if (r < 0)
		return r;
	if (!tell_window(build, component, inputs != NULL))
		return 0;
	r = declaration_call(component->about, component->plugin,
			     component->instance, &error);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		/* Where `outputs:` is wrong, it may miss just that. */
		if (!component->outputs_broken)
			report_declare(build, component, &error);
		return 0;
	}
	r = add_outputs(build, component);
	if (r == 0 && inputs != NULL)
		r = build_window_late(build, component);
	component->streams =
		declaration_streams(component->about, &component->stream_count);
	component->known = !component->outputs_broken;
	if (r == 0 && inputs != NULL && component->known)
		r = build_timestamp(build, component);
	return r;
}

/* A bolt that nothing leads to is never called. */
static void check_input(struct build *build, struct build_component *component)
{
	const struct model_component *model = component->model;
	const struct build_edge *edge;
	bool forward = false;
	uint32_t i;

	for (i = 0; i < build->edge_count; i++) {
		edge = &build->edges[i];
		/* What comes from nowhere is reported there. */
		if (edge->to == component) {
			component->input_count++;
			forward = forward || !edge->model->feedback;
			component->lacks_input |= edge->from == NULL;
		}
	}
	if (model->kind == PLAN_SPOUT || model->id == NULL || forward)
		return;
	component->lacks_input = true;
	diagnostics_error(build->diagnostics, &model->id_place,
			  component->input_count == 0
				  ? "no stream leads to '%s', expected one "
				    "with 'to: %s'"
				  : "nothing but feedback leads to '%s', "
				    "expected a stream with 'to: %s' without "
				    "it",
			  model->id, model->id);
}

/* Resolves the streams that leave a component just declared. */
static int resolve(struct build *build, const struct build_component *component)
{
	uint32_t i;
	int r = 0;

	for (i = 0; r == 0 && i < build->edge_count; i++)
		if (build->edges[i].from == component)
			r = build_edge_resolve(build, &build->edges[i]);
	return r;
}

int build_declarations(struct build *build)
{
	uint32_t highest = 0;
	uint32_t rank;
	uint32_t i;
	int r = 0;

	for (i = 0; i < build->component_count; i++) {
		check_input(build, &build->components[i]);
		if (build->components[i].rank > highest)
			highest = build->components[i].rank;
	}
	for (rank = 0; rank <= highest; rank++) {
		for (i = 0; r == 0 && i < build->component_count; i++) {
			if (build->components[i].rank != rank)
				continue;
			r = declare(build, &build->components[i]);
			if (r == 0)
				r = resolve(build, &build->components[i]);
		}
	}
	return r;
}
