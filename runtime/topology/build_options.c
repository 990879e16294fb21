/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugin/option_hash.h"
#include "topology/build.h"
#include "topology/value.h"

/* An instance is aligned for any type that C has. */
#define INSTANCE_ALIGNMENT ((uintptr_t)16)

/* One option being filled. */
struct filling {
	struct build *build;
	const struct gust_option *option;
	void *instance;
};

static int new_instance(struct build *build, struct build_component *component)
{
	size_t size = plugin_instance_size(component->plugin);
	char *memory;

	memory = arena_calloc(build->arena, 1, size + INSTANCE_ALIGNMENT);
	if (memory == NULL)
		return -ENOMEM;
	component->instance = memory + (INSTANCE_ALIGNMENT -
					(uintptr_t)memory % INSTANCE_ALIGNMENT);
	return 0;
}

/* What `node` is, for a message; the values of secret options stay so. */
static const char *describe(const struct filling *filling,
			    const struct node *node, char *text)
{
	if (filling->option->flags & GUST_SECRET)
		return node_kind_name(node);
	return value_describe(node, text);
}

/* The text of a scalar within an option; NULL after adding a mistake. */
static const char *element(const struct filling *filling,
			   const struct node *node, const char *part)
{
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return NULL;
	if (node->kind == NODE_SCALAR && !node_is_null(node) &&
	    strlen(node->text) == node->length)
		return node->text;
	if (node->kind == NODE_SCALAR && !node_is_null(node))
		diagnostics_error(filling->build->diagnostics, &node->place,
				  "option '%s': %s holds a NUL character, "
				  "expected text",
				  filling->option->name, part);
	else
		diagnostics_error(filling->build->diagnostics, &node->place,
				  "option '%s': %s is %s, expected one value",
				  filling->option->name, part,
				  describe(filling, node, text));
	return NULL;
}

/* A quoted scalar is a string, which a number or a truth value is not. */
static bool check_quotes(const struct filling *filling, const struct node *node)
{
	const char *expected = "true or false";
	char text[VALUE_TEXT_SIZE];

	if (node->kind != NODE_SCALAR || !node->quoted || node->substituted)
		return true;
	switch (filling->option->type) {
	case GUST_OPTION_INT:
		expected = "an integer";
		break;
	case GUST_OPTION_FLOAT:
		expected = "a number";
		break;
	case GUST_OPTION_BOOL:
		break;
	default:
		return true;
	}
	diagnostics_error(filling->build->diagnostics, &node->place,
			  "option '%s': %s is a string, expected %s",
			  filling->option->name, describe(filling, node, text),
			  expected);
	return false;
}

/*
 * Writes what `node` holds into `given`. 0; -EINVAL after a mistake, which is
 * reported; -ENOMEM.
 */
static int give(const struct filling *filling, const struct node *node,
		struct option_given *given)
{
	struct arena *arena = filling->build->arena;
	const struct node_item *item = NULL;
	const struct node *value;
	const char **items;
	const char **keys;

	given->name = filling->option->name;
	given->is_null = node_is_null(node);
	given->is_list = node->kind == NODE_LIST;
	items = arena_calloc(arena, node->count + 1, sizeof(*items));
	keys = arena_calloc(arena, node->count + 1, sizeof(*keys));
	if (items == NULL || keys == NULL)
		return -ENOMEM;
	given->items = items;
	if (node->kind == NODE_MAP) {
		given->keys = keys;
		for (item = node->items; item != NULL; item = item->next) {
			keys[given->count] = item->key->text;
			items[given->count] =
				element(filling, item->value, "a value");
			if (items[given->count++] == NULL)
				return -EINVAL;
		}
		return 0;
	}
	while ((value = value_next(node, &item)) != NULL) {
		items[given->count] = element(
			filling, value,
			node->kind == NODE_LIST ? "an element" : "the value");
		if (items[given->count++] == NULL)
			return -EINVAL;
	}
	return 0;
}

/* Fills one option that the file names. As give(). */
static int fill(const struct filling *filling, const struct node *value)
{
	struct option_given given = { 0 };
	struct gust_error error = { 0 };
	int r;

	if (value->broken || !check_quotes(filling, value))
		return -EINVAL;
	r = give(filling, value, &given);
	if (r < 0)
		return r;
	r = option_fill(filling->option, &given, filling->instance,
			filling->build->memory, &error);
	if (r == 0 || r == -ENOMEM)
		return r;
	diagnostics_error(filling->build->diagnostics, &value->place, "%s",
			  error.text);
	return -EINVAL;
}

static void report_unknown(struct build *build, const struct plugin *plugin,
			   const struct node *key)
{
	const struct gust_option *table = plugin_options(plugin);
	const char *nearest = option_near(table, key->text);
	char list[512] = "none at all";
	size_t used = 0;

	for (; table != NULL && table->name != NULL && used < sizeof(list);
	     table++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s'%s'", used > 0 ? ", " : "one of ",
					 table->name);
	if (nearest != NULL)
		diagnostics_error(build->diagnostics, &key->place,
				  "'%.60s' is no option of '%s', expected '%s'",
				  key->text, plugin_name(plugin), nearest);
	else
		diagnostics_error(build->diagnostics, &key->place,
				  "'%.60s' is no option of '%s', expected %s",
				  key->text, plugin_name(plugin), list);
}

/* Fills what the file does not name. As give(). */
static int fill_rest(struct build *build, struct build_component *component)
{
	const struct gust_option *option = plugin_options(component->plugin);
	const struct node *map = component->model->options;
	const struct place *place = map != NULL && map->kind == NODE_MAP
					    ? &map->place
					    : &component->model->place;
	struct gust_error error = { 0 };
	int result = 0;
	int r;

	for (; option != NULL && option->name != NULL; option++) {
		if (map != NULL && node_get(map, option->name) != NULL)
			continue;
		if (option->flags & GUST_REQUIRED) {
			diagnostics_error(
				build->diagnostics, place,
				"option '%s' of '%s' is missing, "
				"expected %s: %s",
				option->name, plugin_name(component->plugin),
				option_type_name(option->type), option->help);
			result = -EINVAL;
			continue;
		}
		r = option_fill_default(option, component->instance,
					build->memory, &error);
		if (r == -ENOMEM)
			return r;
		if (r < 0) {
			diagnostics_error(build->diagnostics, place,
					  "the default of an option of '%s' is "
					  "wrong, expected another: %s",
					  plugin_name(component->plugin),
					  error.text);
			result = -EINVAL;
		}
	}
	return result;
}

int build_options(struct build *build, struct build_component *component)
{
	const struct node *map = component->model->options;
	const struct node_item *item = map != NULL ? map->items : NULL;
	struct filling filling = { .build = build };
	int r;

	if (new_instance(build, component) < 0)
		return -ENOMEM;
	component->ready = true;
	filling.instance = component->instance;
	for (; item != NULL; item = item->next) {
		filling.option = option_find(plugin_options(component->plugin),
					     item->key->text);
		r = -EINVAL;
		if (filling.option != NULL)
			r = fill(&filling, item->value);
		else
			report_unknown(build, component->plugin, item->key);
		if (r == -ENOMEM)
			return r;
		component->ready = component->ready && r == 0;
	}
	r = fill_rest(build, component);
	component->ready = component->ready && r == 0;
	/* Before declare(), which may write into the instance. */
	if (component->ready)
		component->options_hash = option_hash(
			plugin_options(component->plugin), component->instance);
	return r == -ENOMEM ? r : 0;
}
