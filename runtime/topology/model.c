/* SPDX-License-Identifier: MIT */

#include "topology/model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "topology/keys.h"
#include "topology/model_read.h"
#include "topology/value.h"

#define NO_MEANING "has no meaning here, expected "

enum top_key {
	KEY_NAME,
	KEY_CONFIG,
	KEY_SPOUTS,
	KEY_BOLTS,
	KEY_STREAMS,
	KEY_INCLUDES,
	KEY_REFUSED,
};

static const struct keys_rule top_rules[] = {
	{ "name", KEY_NAME, NULL },
	{ "config", KEY_CONFIG, NULL },
	{ "spouts", KEY_SPOUTS, NULL },
	{ "bolts", KEY_BOLTS, NULL },
	{ "streams", KEY_STREAMS, NULL },
	{ "includes", KEY_INCLUDES, NULL },
	{ "components", KEY_REFUSED,
	  NO_MEANING "'options' of the spouts and bolts" },
	{ "workerHooks", KEY_REFUSED, NO_MEANING "nothing in its place" },
	{ "topologySource", KEY_REFUSED,
	  NO_MEANING "'spouts', 'bolts' and 'streams'" },
	{ "propertyFile", KEY_REFUSED,
	  NO_MEANING "'-D name=value' for '${name}'" },
	{ "hosts", KEY_REFUSED,
	  "is not supported yet in this version, expected it left out" },
	{ NULL, 0, NULL },
};

enum include_key { KEY_FILE, KEY_OVERRIDE, KEY_RESOURCE };

static const struct keys_rule include_rules[] = {
	{ "file", KEY_FILE, NULL },
	{ "override", KEY_OVERRIDE, NULL },
	{ "resource", KEY_RESOURCE, NULL },
	{ NULL, 0, NULL },
};

/* A file being read, and those that include it. */
struct reading {
	struct yaml *yaml;
	struct input_identity file;
	const char *path;
	const struct reading *parent;
	size_t depth;
};

static int load(struct yaml *yaml, const char *path, const struct place *from,
		const struct reading *parent, struct model *model);

static void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	config_init(&model->config);
	model->components_end = &model->components;
	model->streams_end = &model->streams;
}

struct model_component *model_find(const struct model *model, const char *id)
{
	struct model_component *component;

	for (component = model->components; component != NULL;
	     component = component->next)
		if (component->id != NULL && strcmp(component->id, id) == 0)
			return component;
	return NULL;
}

/* Puts `component` in the place of the one that `link` leads to. */
static void replace(struct model *model, struct model_component *old,
		    struct model_component *component)
{
	struct model_component **link = &model->components;

	while (*link != old)
		link = &(*link)->next;
	component->next = old->next;
	*link = component;
	if (model->components_end == &old->next)
		model->components_end = &component->next;
}

static void merge_component(struct model *model,
			    struct model_component *component, bool override,
			    struct diagnostics *diagnostics)
{
	struct model_component *old = NULL;

	if (component->id != NULL)
		old = model_find(model, component->id);
	if (old != NULL && old->kind != component->kind) {
		diagnostics_error(diagnostics, &component->id_place,
				  "'%.60s' is a spout in one file and a bolt "
				  "in another, expected ids of their own; see "
				  "%s:%d",
				  component->id, old->id_place.file,
				  old->id_place.line);
		return;
	}
	if (old == NULL) {
		component->next = NULL;
		*model->components_end = component;
		model->components_end = &component->next;
	} else if (override) {
		replace(model, old, component);
	}
}

/* Merges as Flux does: by id, streams are always added. */
static void merge(struct model *model, struct model *from, bool override,
		  struct diagnostics *diagnostics)
{
	struct model_component *component;
	struct model_component *next;

	if (from->name != NULL && (model->name == NULL || override)) {
		model->name = from->name;
		model->name_place = from->name_place;
	}
	config_merge(&model->config, &from->config, override);
	model->names_spouts |= from->names_spouts;
	for (component = from->components; component != NULL;
	     component = next) {
		next = component->next;
		merge_component(model, component, override, diagnostics);
	}
	if (from->streams == NULL)
		return;
	*model->streams_end = from->streams;
	model->streams_end = from->streams_end;
}

/* `file`, relative to the file that includes it. NULL for want of memory. */
static const char *resolve(const struct reading *reading, const char *file)
{
	const char *slash = strrchr(reading->path, '/');

	if (file[0] == '/' || slash == NULL)
		return file;
	return arena_printf(reading->yaml->arena, "%.*s/%s",
			    (int)(slash - reading->path), reading->path, file);
}

static int read_include(const struct reading *reading, struct model *model,
			const struct node *node)
{
	struct diagnostics *diagnostics = reading->yaml->diagnostics;
	const struct node *file = node_get(node, "file");
	const struct node *resource = node_get(node, "resource");
	const struct node *value = node_get(node, "override");
	const struct node_item *item;
	struct model *included;
	const char *path;
	bool override = false;
	bool is_resource = false;
	int r;

	for (item = node->items; item != NULL; item = item->next)
		keys_match(include_rules, item, "an include", diagnostics);
	if (value != NULL)
		value_bool(value, "override", diagnostics, &override);
	if (resource != NULL &&
	    value_bool(resource, "resource", diagnostics, &is_resource) &&
	    is_resource)
		diagnostics_error(diagnostics, &resource->place,
				  "'resource: true' has no meaning here, "
				  "expected a file beside this one");
	if (file == NULL)
		diagnostics_error(diagnostics, &node->place,
				  "an include has no 'file', expected one");
	if (file == NULL || !value_string(file, "file", diagnostics, &path))
		return 0;
	path = resolve(reading, path);
	included = arena_calloc(reading->yaml->arena, 1, sizeof(*included));
	if (path == NULL || included == NULL)
		return -ENOMEM;
	r = load(reading->yaml, path, &file->place, reading, included);
	if (r == 0)
		merge(model, included, override, diagnostics);
	return r;
}

static int read_includes(const struct reading *reading, struct model *model,
			 const struct node *list)
{
	const struct node_item *item = NULL;
	char text[VALUE_TEXT_SIZE];
	const struct node *node;
	int result = 0;
	int r;

	while ((node = value_next(list, &item)) != NULL) {
		if (node->kind != NODE_MAP) {
			diagnostics_error(reading->yaml->diagnostics,
					  &node->place,
					  "an include is %s, expected a map "
					  "with 'file'",
					  value_describe(node, text));
			continue;
		}
		r = read_include(reading, model, node);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			result = r;
	}
	return result;
}

static int read_components(struct yaml *yaml, struct model *model,
			   enum plan_kind kind, const struct node *list)
{
	const struct node_item *item = NULL;
	const struct node *node;
	int r = 0;

	while (r == 0 && (node = value_next(list, &item)) != NULL) {
		r = model_read_component(yaml, model, kind, node);
		model->names_spouts |= kind == PLAN_SPOUT;
	}
	return r;
}

static int read_streams(struct yaml *yaml, struct model *model,
			const struct node *list)
{
	const struct node_item *item = NULL;
	const struct node *node;
	int r = 0;

	while (r == 0 && (node = value_next(list, &item)) != NULL)
		r = model_read_stream(yaml, model, node);
	return r;
}

static int read_key(struct yaml *yaml, struct model *model, int key,
		    const struct node *value)
{
	switch (key) {
	case KEY_NAME:
		model->name_place = value->place;
		value_name(value, "name", yaml->diagnostics, &model->name);
		return 0;
	case KEY_CONFIG:
		config_read(&model->config, value, false, yaml->diagnostics);
		return 0;
	case KEY_SPOUTS:
		return read_components(yaml, model, PLAN_SPOUT, value);
	case KEY_BOLTS:
		return read_components(yaml, model, PLAN_BOLT, value);
	case KEY_STREAMS:
		return read_streams(yaml, model, value);
	default:
		return 0;
	}
}

/* Includes come last, wherever they stand: they add to what is here. */
static int read_root(const struct reading *reading, struct model *model,
		     const struct node *root)
{
	struct yaml *yaml = reading->yaml;
	const struct node *includes = NULL;
	char text[VALUE_TEXT_SIZE];
	const struct node_item *item;
	int key;
	int r;

	if (root->kind != NODE_MAP) {
		diagnostics_error(yaml->diagnostics, &root->place,
				  "the file is %s, expected a topology: a map "
				  "with 'name', 'spouts', 'bolts' and "
				  "'streams'",
				  value_describe(root, text));
		return -EINVAL;
	}
	for (item = root->items; item != NULL; item = item->next) {
		key = keys_match(top_rules, item, "a topology",
				 yaml->diagnostics);
		if (key == KEY_INCLUDES)
			includes = item->value;
		r = read_key(yaml, model, key, item->value);
		if (r < 0)
			return r;
	}
	return includes == NULL ? 0 : read_includes(reading, model, includes);
}

/* True when the file includes itself, by whatever names; it is reported. */
static bool is_cycle(const struct reading *reading, const struct place *from)
{
	const struct reading *other;

	for (other = reading->parent; other != NULL; other = other->parent) {
		if (other->file.device != reading->file.device ||
		    other->file.inode != reading->file.inode)
			continue;
		diagnostics_error(reading->yaml->diagnostics, from,
				  "'%.200s' includes itself in this way, "
				  "expected no cycle",
				  other->path);
		return true;
	}
	return false;
}

static int load(struct yaml *yaml, const char *path, const struct place *from,
		const struct reading *parent, struct model *model)
{
	struct reading reading = { .yaml = yaml,
				   .path = path,
				   .parent = parent };
	struct node *root;
	int r;

	model_init(model);
	reading.depth = parent == NULL ? 1 : parent->depth + 1;
	if (reading.depth > MODEL_INCLUDES_MAX) {
		diagnostics_error(yaml->diagnostics, from,
				  "includes are nested too deeply, expected at "
				  "most %d files within each other",
				  MODEL_INCLUDES_MAX);
		return -EINVAL;
	}
	if (input_identify(&reading.file, path) == 0 &&
	    is_cycle(&reading, from))
		return -EINVAL;
	r = yaml_read(yaml, path, from, &root);
	if (r < 0)
		return r;
	return read_root(&reading, model, root);
}

int model_load(struct yaml *yaml, const char *path, struct model *model)
{
	return load(yaml, path, NULL, NULL, model);
}

int model_read(struct yaml *yaml, const char *path, const struct node *root,
	       struct model *model)
{
	struct reading reading = { .yaml = yaml, .path = path, .depth = 1 };

	model_init(model);
	return read_root(&reading, model, root);
}
