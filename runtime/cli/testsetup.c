/* SPDX-License-Identifier: MIT */
#include "cli/testsetup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "sim/given.h"
#include "topology/config.h"
#include "topology/model.h"
#include "topology/value.h"

#define NAMES_MAX 64

struct setup {
	const struct testfile *file;
	const struct testfile_case *test;
	struct yaml *yaml;
	bool failed; /* memory was short */
};

static struct node *new_node(struct setup *setup, enum node_kind kind,
			     const char *text)
{
	struct node *node = arena_calloc(setup->yaml->arena, 1, sizeof(*node));

	if (node == NULL) {
		setup->failed = true;
		return NULL;
	}
	node->kind = kind;
	node->place = setup->file->subject->place;
	node->text = text;
	node->length = text != NULL ? strlen(text) : 0;
	node->size = 1;
	node->height = 1;
	return node;
}

/* Appends to a list (`key` NULL) or a map, and returns it. */
static struct node *append_node(struct setup *setup, struct node *to,
				struct node *key, struct node *value)
{
	struct node_item *item =
		arena_calloc(setup->yaml->arena, 1, sizeof(*item));
	struct node_item **end;

	if (item == NULL || to == NULL || value == NULL) {
		setup->failed = true;
		return to;
	}
	item->key = key;
	item->value = value;
	for (end = &to->items; *end != NULL; end = &(*end)->next)
		continue;
	*end = item;
	to->count++;
	return to;
}

static struct node *set_key(struct setup *setup, struct node *map,
			    const char *key, struct node *value)
{
	return append_node(setup, map, new_node(setup, NODE_SCALAR, key),
			   value);
}

static struct node *set_text(struct setup *setup, struct node *map,
			     const char *key, const char *text)
{
	return set_key(setup, map, key, new_node(setup, NODE_SCALAR, text));
}

/* `key: [value]` */
static void set_list(struct setup *setup, struct node *map, const char *key,
		     struct node *value)
{
	set_key(setup, map, key,
		append_node(setup, new_node(setup, NODE_LIST, NULL), NULL,
			    value));
}

/* What `over` has, and what only `base` has; either may be NULL. */
static const struct node *merge(struct setup *setup, const struct node *base,
				const struct node *over)
{
	const struct node_item *item;
	struct node *merged;

	if (base == NULL || over == NULL)
		return base == NULL ? over : base;
	merged = new_node(setup, NODE_MAP, NULL);
	if (merged == NULL)
		return NULL;
	merged->place = over->place;
	for (item = base->items; item != NULL; item = item->next)
		if (node_get(over, item->key->text) == NULL)
			append_node(setup, merged, item->key, item->value);
	for (item = over->items; item != NULL; item = item->next)
		append_node(setup, merged, item->key, item->value);
	return merged;
}

/* The name without folders and without ".so". NULL for want of memory. */
static char *subject_id(struct setup *setup)
{
	const char *name = setup->file->subject->text;
	const char *slash = strrchr(name, '/');
	size_t length;

	if (slash != NULL)
		name = slash + 1;
	length = strlen(name);
	if (length > 3 && strcmp(name + length - 3, ".so") == 0)
		length -= 3;
	return arena_copy(setup->yaml->arena, name, length);
}

/* The component that is tested alone. */
static struct node *subject_node(struct setup *setup)
{
	struct node *node = new_node(setup, NODE_MAP, NULL);
	const struct node *outputs = setup->test->setting.outputs != NULL
					     ? setup->test->setting.outputs
					     : setup->file->setting.outputs;
	const struct node *options = merge(setup, setup->file->setting.options,
					   setup->test->setting.options);

	set_text(setup, node, "id", subject_id(setup));
	set_key(setup, node, "plugin", (struct node *)setup->file->subject);
	if (options != NULL)
		set_key(setup, node, "options", (struct node *)options);
	if (outputs != NULL)
		set_key(setup, node, "outputs", (struct node *)outputs);
	return node;
}

static void add_input(struct setup *setup, struct node *root)
{
	struct node *spout = new_node(setup, NODE_MAP, NULL);
	struct node *outputs = new_node(setup, NODE_MAP, NULL);
	struct node *stream = new_node(setup, NODE_MAP, NULL);
	const struct node *input = setup->test->setting.input;

	if (input == NULL)
		input = setup->file->setting.input;
	set_text(setup, spout, "id", TESTSETUP_INPUT);
	set_text(setup, spout, "plugin", TESTSETUP_INPUT);
	set_key(setup, outputs, "default", (struct node *)input);
	set_key(setup, spout, "outputs", outputs);
	set_list(setup, root, "spouts", spout);
	set_text(setup, stream, "from", TESTSETUP_INPUT);
	set_text(setup, stream, "to", subject_id(setup));
	set_list(setup, root, "streams", stream);
}

/* A topology of one plugin, and for a bolt the spout before it. */
static int read_alone(void *self, struct yaml *yaml, struct model *model)
{
	struct setup *setup = self;
	struct model_component *component;
	struct node *root;
	bool bolt = setup->file->kind == TESTFILE_BOLT;
	int r;

	setup->yaml = yaml;
	root = new_node(setup, NODE_MAP, NULL);
	set_text(setup, root, "name", "test");
	if (bolt)
		add_input(setup, root);
	set_list(setup, root, bolt ? "bolts" : "spouts", subject_node(setup));
	if (setup->failed)
		return -ENOMEM;
	r = model_read(yaml, setup->file->path, root, model);
	component = model_find(model, TESTSETUP_INPUT);
	if (r == 0 && bolt && component != NULL)
		component->spout = &given_spout;
	return r;
}

static void unknown_component(struct yaml *yaml, const struct model *model,
			      const struct node *key)
{
	const struct model_component *component = model->components;
	const char *names[NAMES_MAX];
	const char *nearest;
	size_t count = 0;

	for (; component != NULL && count < NAMES_MAX;
	     component = component->next)
		names[count++] = component->id;
	nearest = suggest_nearest(key->text, names, count);
	diagnostics_error(yaml->diagnostics, &key->place,
			  "no component is named '%.60s', expected %s%s%s",
			  key->text, nearest != NULL ? "'" : "",
			  nearest != NULL ? nearest : "one of the topology",
			  nearest != NULL ? "'" : "");
}

/* `options:` of a test of a topology: a map of options by component. */
static void change_options(struct setup *setup, struct model *model,
			   const struct node *map)
{
	struct model_component *component;
	const struct node_item *item;

	for (item = map != NULL ? map->items : NULL; item != NULL;
	     item = item->next) {
		component = model_find(model, item->key->text);
		if (component == NULL)
			unknown_component(setup->yaml, model, item->key);
		else if (value_map(item->value, item->key->text,
				   setup->yaml->diagnostics))
			component->options =
				merge(setup, component->options, item->value);
	}
}

/*
 * One worker, with as few threads as the file allows, and the same ones on any
 * machine.
 */
static void set_executors(struct model *model)
{
	struct model_component *component = model->components;
	struct config_values *values = &model->config.values;

	if (config_place(&model->config, "topology.executors") == NULL)
		values->executors = TESTSETUP_EXECUTORS;
	for (; component != NULL; component = component->next) {
		component->isolate = false;
		if (component->executor >= (int32_t)values->executors)
			values->executors = (uint64_t)component->executor + 1;
	}
	values->workers = 1;
}

static int change(void *self, struct yaml *yaml, struct model *model)
{
	struct setup *setup = self;
	const struct testfile_setting *all = &setup->file->setting;
	const struct testfile_setting *own = &setup->test->setting;

	setup->yaml = yaml;
	if (all->config != NULL)
		config_read(&model->config, all->config, false,
			    yaml->diagnostics);
	if (own->config != NULL)
		config_read(&model->config, own->config, false,
			    yaml->diagnostics);
	if (setup->file->kind == TESTFILE_TOPOLOGY) {
		change_options(setup, model, all->options);
		change_options(setup, model, own->options);
	}
	set_executors(model);
	return setup->failed ? -ENOMEM : 0;
}

/* Adds `define:` behind what is there, since the first of a name counts. */
static void add_variables(struct variables *variables, const struct node *map,
			  struct diagnostics *diagnostics)
{
	const struct node_item *item;
	struct variable *variable;

	for (item = map != NULL ? map->items : NULL; item != NULL;
	     item = item->next) {
		variable = &variables->items[variables->count];
		if (!value_string(item->value, item->key->text, diagnostics,
				  &variable->value))
			continue;
		variable->name = item->key->text;
		variable->used = false;
		variable->option = NULL;
		variables->count++;
	}
}

static int collect_variables(const struct setup *setup,
			     const struct request *request,
			     struct diagnostics *diagnostics,
			     struct variables *variables)
{
	const struct node *all = setup->file->setting.define;
	const struct node *own = setup->test->setting.define;
	size_t count = request->variable_count + 1;

	count +=
		(all != NULL ? all->count : 0) + (own != NULL ? own->count : 0);
	variables->items = calloc(count, sizeof(*variables->items));
	if (variables->items == NULL)
		return -ENOMEM;
	variables->count = request->variable_count;
	if (variables->count > 0)
		memcpy(variables->items, request->variables,
		       variables->count * sizeof(*variables->items));
	add_variables(variables, own, diagnostics);
	add_variables(variables, all, diagnostics);
	return 0;
}

/* The topology's path as seen from the test file; malloc'ed. */
static char *topology_path(const struct testfile *file)
{
	const char *name = file->subject->text;
	const char *slash = strrchr(file->path, '/');
	char *path;
	int length = slash != NULL ? (int)(slash - file->path) + 1 : 0;

	if (name[0] == '/')
		return strdup(name);
	return asprintf(&path, "%.*s%s", length, file->path, name) < 0 ? NULL
								       : path;
}

int testsetup_load(const struct testfile *file,
		   const struct testfile_case *test,
		   const struct request *request,
		   struct diagnostics *diagnostics, struct topology **topology)
{
	struct setup setup = { .file = file, .test = test };
	struct topology_request load = { .settings = request->settings,
					 .setting_count =
						 request->setting_count,
					 .change = change,
					 .self = &setup };
	char *path = NULL;
	int r;

	r = collect_variables(&setup, request, diagnostics, &load.variables);
	load.path = file->path;
	if (r == 0 && file->kind == TESTFILE_TOPOLOGY) {
		path = topology_path(file);
		r = path == NULL ? -ENOMEM : 0;
		load.path = path;
	} else {
		load.read = read_alone;
	}
	if (r == 0)
		r = topology_load(&load, diagnostics, topology);
	free(load.variables.items);
	free(path);
	return r;
}
