/* SPDX-License-Identifier: MIT */

#include "topology/model_read.h"

#include <errno.h>
#include <string.h>

#include "topology/keys.h"
#include "topology/value.h"

#define NO_MEANING "has no meaning here, expected "

enum component_key {
	KEY_ID,
	KEY_PLUGIN,
	KEY_OPTIONS,
	KEY_PARALLELISM,
	KEY_TASKS,
	KEY_CONFIG,
	KEY_DEDICATED,
	KEY_ISOLATE,
	KEY_HOST,
	KEY_EXECUTOR,
	KEY_OUTPUTS,
	KEY_TIMESTAMP,
	KEY_WINDOW,
	KEY_REFUSED,
};

static const struct keys_rule rules[] = {
	{ "id", KEY_ID, NULL },
	{ "plugin", KEY_PLUGIN, NULL },
	{ "options", KEY_OPTIONS, NULL },
	{ "parallelism", KEY_PARALLELISM, NULL },
	{ "numTasks", KEY_TASKS, NULL },
	{ "config", KEY_CONFIG, NULL },
	{ "dedicated", KEY_DEDICATED, NULL },
	{ "isolate", KEY_ISOLATE, NULL },
	{ "host", KEY_HOST, NULL },
	{ "hosts", KEY_HOST, NULL },
	{ "executor", KEY_EXECUTOR, NULL },
	{ "outputs", KEY_OUTPUTS, NULL },
	{ "timestamp", KEY_TIMESTAMP, NULL },
	{ "window", KEY_WINDOW, NULL },
	{ "className", KEY_REFUSED,
	  NO_MEANING "'plugin' with the name of a plugin" },
	{ "constructorArgs", KEY_REFUSED,
	  NO_MEANING "'options', a map of names and values" },
	{ "factory", KEY_REFUSED, NO_MEANING "'plugin'" },
	{ "factoryArgs", KEY_REFUSED,
	  NO_MEANING "'options', a map of names and values" },
	{ "properties", KEY_REFUSED,
	  NO_MEANING "'options', a map of names and values" },
	{ "configMethods", KEY_REFUSED,
	  NO_MEANING "'options', a map of names and values" },
	{ "onHeapMemoryLoad", KEY_REFUSED,
	  NO_MEANING "'topology.memory.max.bytes' in the 'config' of the "
		     "topology" },
	{ "offHeapMemoryLoad", KEY_REFUSED,
	  NO_MEANING "'topology.memory.max.bytes' in the 'config' of the "
		     "topology" },
	{ "cpuLoad", KEY_REFUSED, NO_MEANING "'parallelism' or 'executor'" },
	{ NULL, 0, NULL },
};

static void read_tasks(struct model_component *component,
		       const struct node *value, const char *what,
		       struct diagnostics *diagnostics)
{
	int64_t tasks;

	if (!value_integer(value, what, 1, MODEL_TASKS_MAX, diagnostics,
			   &tasks))
		return;
	component->tasks = (uint32_t)tasks;
	component->tasks_place = value->place;
}

static void read_executor(struct model_component *component,
			  const struct node *value,
			  struct diagnostics *diagnostics)
{
	int64_t executor;

	if (!value_integer(value, "executor", 0, 1023, diagnostics, &executor))
		return;
	component->executor = (int32_t)executor;
	component->executor_place = value->place;
}

/* `plugin: null` means the bolt of that name, not nothing. */
static bool is_bolt_null(const struct node *value)
{
	return value->kind == NODE_SCALAR && !value->broken &&
	       strcmp(value->text, "null") == 0;
}

static bool is_pinned(const struct model_component *component, const char *name)
{
	const struct model_pin *pin;

	for (pin = component->pins; pin != NULL; pin = pin->next)
		if (strcmp(pin->name, name) == 0)
			return true;
	return false;
}

/* `host` and `hosts` are one key, so they cannot both be there. */
static int read_pins(struct model_component *component,
		     const struct node *value, struct yaml *yaml)
{
	struct model_pin **last = &component->pins;
	const struct node_item *item = NULL;
	const struct node *node;
	struct model_pin *pin;
	const char *name;

	if (component->pins_place.line > 0)
		diagnostics_error(yaml->diagnostics, &value->place,
				  "'host' and 'hosts' stand both, expected one "
				  "of them");
	component->pins_place = value->place;
	while (*last != NULL)
		last = &(*last)->next;
	while ((node = value_next(value, &item)) != NULL) {
		if (!value_name(node, "hosts", yaml->diagnostics, &name))
			continue;
		if (is_pinned(component, name)) {
			diagnostics_error(yaml->diagnostics, &node->place,
					  "host '%.60s' stands here again, "
					  "expected each one once",
					  name);
			continue;
		}
		pin = arena_calloc(yaml->arena, 1, sizeof(*pin));
		if (pin == NULL)
			return -ENOMEM;
		pin->name = name;
		pin->place = node->place;
		*last = pin;
		last = &pin->next;
		component->pin_count++;
	}
	return 0;
}

static int read_window(struct model_component *component,
		       const struct node *value, struct yaml *yaml)
{
	if (component->kind == PLAN_BOLT)
		return model_read_window(yaml, value, &component->window);
	diagnostics_error(yaml->diagnostics, &value->place,
			  "'window' is for bolts, expected it left out of a "
			  "spout");
	return 0;
}

static int read_key(struct model_component *component, int key,
		    const struct node *value, struct yaml *yaml)
{
	struct diagnostics *diagnostics = yaml->diagnostics;
	const char *unused;

	switch (key) {
	case KEY_ID:
		component->id_place = value->place;
		value_name(value, "id", diagnostics, &component->id);
		break;
	case KEY_PLUGIN:
		if (is_bolt_null(value) ||
		    value_string(value, "plugin", diagnostics, &unused))
			component->plugin = value;
		break;
	case KEY_OPTIONS:
		if (value_map(value, "options", diagnostics))
			component->options = value;
		break;
	case KEY_PARALLELISM:
		/* numTasks wins wherever it stands, see read_both(). */
		read_tasks(component, value, "parallelism", diagnostics);
		break;
	case KEY_TASKS:
		read_tasks(component, value, "numTasks", diagnostics);
		break;
	case KEY_CONFIG:
		config_read(&component->config, value, true, diagnostics);
		break;
	case KEY_DEDICATED:
		component->dedicated_place = value->place;
		component->dedicated_given = value_bool(
			value, "dedicated", diagnostics, &component->dedicated);
		break;
	case KEY_ISOLATE:
		value_bool(value, "isolate", diagnostics, &component->isolate);
		break;
	case KEY_HOST:
		return read_pins(component, value, yaml);
	case KEY_EXECUTOR:
		read_executor(component, value, diagnostics);
		break;
	case KEY_OUTPUTS:
		if (value_map(value, "outputs", diagnostics))
			component->outputs = value;
		break;
	case KEY_TIMESTAMP:
		return model_read_timestamp(yaml, value, &component->timestamp);
	case KEY_WINDOW:
		return read_window(component, value, yaml);
	default:
		break;
	}
	return 0;
}

/* Reads all keys, `numTasks` last, because it overrides `parallelism`. */
static int read_keys(struct model_component *component, const struct node *map,
		     const char *owner, struct yaml *yaml)
{
	const struct node *tasks = NULL;
	const struct node_item *item;
	int r = 0;
	int key;

	for (item = map->items; r == 0 && item != NULL; item = item->next) {
		key = keys_match(rules, item, owner, yaml->diagnostics);
		if (key == KEY_TASKS)
			tasks = item->value;
		else
			r = read_key(component, key, item->value, yaml);
	}
	if (r == 0 && tasks != NULL)
		r = read_key(component, KEY_TASKS, tasks, yaml);
	return r;
}

/* Says which of the required keys a map lacks. */
static void check_required(const struct node *map, const char *owner,
			   struct diagnostics *diagnostics)
{
	static const char *const required[] = { "id", "plugin" };
	size_t i;

	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		if (node_get(map, required[i]) == NULL)
			diagnostics_error(diagnostics, &map->place,
					  "%s has no '%s', expected one", owner,
					  required[i]);
}

static void check_contradictions(const struct model_component *component,
				 struct diagnostics *diagnostics)
{
	const struct place *place;

	if (component->dedicated && component->executor >= 0)
		diagnostics_error(diagnostics, &component->executor_place,
				  "'executor' contradicts 'dedicated: true', "
				  "expected one of them");
	place = config_place(&component->config, "topology.tick.tuple.freq."
						 "secs");
	if (place != NULL && component->kind == PLAN_SPOUT)
		diagnostics_warning(diagnostics, place,
				    "'topology.tick.tuple.freq.secs' has no "
				    "effect on a spout, expected it in a bolt");
	place = config_place(&component->config, "topology.max.spout.pending");
	if (place != NULL && component->kind == PLAN_BOLT)
		diagnostics_warning(diagnostics, place,
				    "'topology.max.spout.pending' has no "
				    "effect on a bolt, expected it in a spout");
	place = config_place(&component->config,
			     "topology.message.timeout.secs");
	if (place != NULL && component->kind == PLAN_BOLT)
		diagnostics_warning(diagnostics, place,
				    "'topology.message.timeout.secs' has no "
				    "effect on a bolt, expected it in a spout");
}

static void report_twice(const struct model_component *component,
			 const struct model_component *other,
			 struct diagnostics *diagnostics)
{
	diagnostics_error(diagnostics, &component->id_place,
			  "the id '%.60s' stands here again, expected one of "
			  "its own; see %s:%d",
			  component->id, other->id_place.file,
			  other->id_place.line);
}

int model_read_component(struct yaml *yaml, struct model *model,
			 enum plan_kind kind, const struct node *node)
{
	const char *owner = kind == PLAN_SPOUT ? "a spout" : "a bolt";
	struct diagnostics *diagnostics = yaml->diagnostics;
	struct model_component *component;
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return 0;
	if (node->kind != NODE_MAP) {
		diagnostics_error(diagnostics, &node->place,
				  "%s is %s, expected a map with 'id' and "
				  "'plugin'",
				  owner, value_describe(node, text));
		return 0;
	}
	component = arena_calloc(yaml->arena, 1, sizeof(*component));
	if (component == NULL)
		return -ENOMEM;
	component->place = node->place;
	component->kind = kind;
	component->tasks = 1;
	component->executor = -1;
	component->tasks_place = node->place;
	if (read_keys(component, node, owner, yaml) < 0)
		return -ENOMEM;
	check_required(node, owner, diagnostics);
	check_contradictions(component, diagnostics);
	if (component->id != NULL && model_find(model, component->id) != NULL) {
		report_twice(component, model_find(model, component->id),
			     diagnostics);
		component->id = NULL;
	}
	*model->components_end = component;
	model->components_end = &component->next;
	return 0;
}
