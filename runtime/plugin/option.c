/* SPDX-License-Identifier: MIT */

#include "plugin/option.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/suggest.h"
#include "plugin/option_list.h"
#include "plugin/option_table.h"
#include "plugin/option_value.h"

const struct gust_option *option_find(const struct gust_option *table,
				      const char *name)
{
	for (; table != NULL && table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

const char *option_near(const struct gust_option *table, const char *name)
{
	const char *names[OPTION_TABLE_MAX];
	size_t count = 0;

	for (; table != NULL && table->name != NULL; table++)
		if (count < OPTION_TABLE_MAX)
			names[count++] = table->name;
	return suggest_nearest(name, names, count);
}

const char *option_type_name(enum gust_option_type type)
{
	static const char *const names[] = {
		[GUST_OPTION_STRING] = "string",
		[GUST_OPTION_INT] = "int",
		[GUST_OPTION_FLOAT] = "float",
		[GUST_OPTION_BOOL] = "bool",
		[GUST_OPTION_DURATION] = "duration",
		[GUST_OPTION_SIZE] = "size",
		[GUST_OPTION_ENUM] = "enum",
		[GUST_OPTION_LIST] = "list",
		[GUST_OPTION_MAP] = "map",
	};

	if (type < GUST_OPTION_STRING || type > GUST_OPTION_MAP)
		return "unknown";
	return names[type];
}

/* The member of an instance, of a type that option_value_size() knows. */
static void option_store(const struct gust_option *option, const void *value,
			 void *instance)
{
	size_t alignment;

	memcpy((char *)instance + option->offset, value,
	       option_value_size(option->type, &alignment));
}

/* One text: all types but list and map. */
static int option_fill_text(const struct gust_option *option, const char *text,
			    void *instance, struct option_memory *memory,
			    struct gust_error *error)
{
	union option_value value;
	const char *string;
	int r;

	if (option->type == GUST_OPTION_STRING) {
		string = option_string_copy(memory, text);
		if (string == NULL)
			return gust_error_set(error, -ENOMEM,
					      "memory is short");
		option_store(option, &string, instance);
		return 0;
	}
	r = option_value_parse(option, text, &value, error);
	if (r == 0)
		option_store(option, &value, instance);
	return r;
}

static int option_fill_list(const struct gust_option *option,
			    const struct option_given *given, void *instance,
			    struct option_memory *memory,
			    struct gust_error *error)
{
	struct gust_list list;

	if (option_list_copy(memory, given->items, given->count, &list) < 0)
		return gust_error_set(error, -ENOMEM, "memory is short");
	option_store(option, &list, instance);
	return 0;
}

static int option_fill_map(const struct gust_option *option,
			   const struct option_given *given, void *instance,
			   struct option_memory *memory,
			   struct gust_error *error)
{
	struct gust_map map;

	if (option_map_copy(memory, given->keys, given->items, given->count,
			    &map) < 0)
		return gust_error_set(error, -ENOMEM, "memory is short");
	option_store(option, &map, instance);
	return 0;
}

/* The file has another shape than the option. */
static int option_refuse_shape(const struct gust_option *option,
			       const struct option_given *given,
			       struct gust_error *error)
{
	const char *found = given->keys != NULL ? "a map"
			    : given->is_list    ? "a list"
						: "one value";

	if (option->type == GUST_OPTION_MAP)
		return gust_error_set(error, -EINVAL,
				      "option '%s': found %s, expected a map "
				      "such as {key: value}",
				      option->name, found);
	if (option->type == GUST_OPTION_LIST)
		return gust_error_set(error, -EINVAL,
				      "option '%s': found %s, expected a list "
				      "such as [a, b]",
				      option->name, found);
	return gust_error_set(error, -EINVAL,
			      "option '%s': found %s, expected one value of "
			      "type %s",
			      option->name, found,
			      option_type_name(option->type));
}

int option_fill(const struct gust_option *option,
		const struct option_given *given, void *instance,
		struct option_memory *memory, struct gust_error *error)
{
	bool is_map = given->keys != NULL;

	if (given->is_null && (option->flags & GUST_REQUIRED))
		return gust_error_set(error, -EINVAL,
				      "option '%s' is required, but it is null",
				      option->name);
	if (given->is_null)
		return option_fill_default(option, instance, memory, error);
	if (is_map != (option->type == GUST_OPTION_MAP))
		return option_refuse_shape(option, given, error);
	if (is_map)
		return option_fill_map(option, given, instance, memory, error);
	if (option->type == GUST_OPTION_LIST)
		return option_fill_list(option, given, instance, memory, error);
	if (given->is_list)
		return option_refuse_shape(option, given, error);
	assert(given->count == 1);
	return option_fill_text(option, given->items[0], instance, memory,
				error);
}

/* A default of a type that is written in YAML: string, list, map. */
static int option_read_default(const struct gust_option *option, void *instance,
			       struct option_memory *memory)
{
	union {
		const char *string;
		struct gust_list list;
		struct gust_map map;
	} value;
	int r;

	if (option->type == GUST_OPTION_LIST)
		r = option_list_split(memory, option->fallback, &value.list);
	else if (option->type == GUST_OPTION_MAP)
		r = option_map_split(memory, option->fallback, &value.map);
	else
		r = option_string_read(memory, option->fallback, &value.string);
	if (r == 0)
		option_store(option, &value, instance);
	return r;
}

int option_fill_default(const struct gust_option *option, void *instance,
			struct option_memory *memory, struct gust_error *error)
{
	int r;

	if (option->fallback == NULL)
		return 0;
	if (option->type != GUST_OPTION_STRING &&
	    option->type != GUST_OPTION_LIST && option->type != GUST_OPTION_MAP)
		return option_fill_text(option, option->fallback, instance,
					memory, error);
	r = option_read_default(option, instance, memory);
	if (r == -ENOMEM)
		return gust_error_set(error, r, "memory is short");
	if (r < 0)
		return gust_error_set(
			error, r, "option '%s': '%s' is no %s, expected '%s'",
			option->name, option->fallback,
			option_type_name(option->type),
			option->type == GUST_OPTION_MAP    ? "key: value, ..."
			: option->type == GUST_OPTION_LIST ? "a, b, ..."
							   : "\"text\"");
	return 0;
}
