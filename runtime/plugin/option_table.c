/* SPDX-License-Identifier: MIT */

#include "plugin/option_table.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "plugin/option.h"
#include "plugin/option_value.h"

static int option_table_member(const struct gust_option *option,
			       size_t instance_size, struct gust_error *error)
{
	size_t alignment, size;

	size = option_value_size(option->type, &alignment);
	if (size == 0)
		return gust_error_set(error, -EPROTO,
				      "option '%s' has the type %d, expected "
				      "one of enum gust_option_type",
				      option->name, (int)option->type);
	if (size > instance_size || option->offset > instance_size - size)
		return gust_error_set(error, -EPROTO,
				      "option '%s' lies outside of the "
				      "instance: %zu bytes at offset %zu, but "
				      "instance_size is %zu",
				      option->name, size, option->offset,
				      instance_size);
	if (option->offset % alignment != 0)
		return gust_error_set(error, -EPROTO,
				      "option '%s' is misaligned: offset %zu, "
				      "expected a multiple of %zu for type %s",
				      option->name, option->offset, alignment,
				      option_type_name(option->type));
	return 0;
}

static int option_table_choices(const struct gust_option *option,
				struct gust_error *error)
{
	const char *const *choices = option->choices;
	size_t i, k;

	if (option->type != GUST_OPTION_ENUM) {
		if (choices == NULL)
			return 0;
		return gust_error_set(error, -EPROTO,
				      "option '%s' has choices, but its type "
				      "is %s",
				      option->name,
				      option_type_name(option->type));
	}
	if (choices == NULL || choices[0] == NULL)
		return gust_error_set(error, -EPROTO,
				      "option '%s' is an enum without choices",
				      option->name);
	for (i = 0; choices[i] != NULL; i++)
		for (k = 0; k < i; k++)
			if (strcmp(choices[k], choices[i]) == 0)
				return gust_error_set(
					error, -EPROTO,
					"option '%s' has the choice '%s' twice",
					option->name, choices[i]);
	return 0;
}

static int option_table_range(const struct gust_option *option,
			      struct gust_error *error)
{
	if (option->min == 0 && option->max == 0)
		return 0;
	if (!option_value_has_range(option->type))
		return gust_error_set(error, -EPROTO,
				      "option '%s' has bounds, but its type "
				      "is %s",
				      option->name,
				      option_type_name(option->type));
	/* Also refuses what is not a number. */
	if (!(option->min <= option->max))
		return gust_error_set(error, -EPROTO,
				      "option '%s' has a min of %g above its "
				      "max of %g",
				      option->name, option->min, option->max);
	return 0;
}

static int option_table_default(const struct gust_option *option,
				struct gust_error *error)
{
	/* As large as the largest member, and aligned like it. */
	union {
		union option_value value;
		struct gust_list list;
		struct gust_map map;
	} member;
	struct option_memory memory = { 0 };
	struct gust_option alone = *option;
	struct gust_error why = { 0 };
	int r;

	if (option->fallback == NULL)
		return 0;
	if (option->flags & GUST_REQUIRED)
		return gust_error_set(error, -EPROTO,
				      "option '%s' is required and has a "
				      "default, '%s'",
				      option->name, option->fallback);
	alone.offset = 0;
	r = option_fill_default(&alone, &member, &memory, &why);
	option_memory_fini(&memory);
	if (r == -ENOMEM)
		return gust_error_set(error, r, "%s", why.text);
	if (r < 0)
		return gust_error_set(error, -EPROTO, "the default of %s",
				      why.text);
	return 0;
}

/* What concerns option `at` and those before it. */
static int option_table_twice(const struct gust_option *table, size_t at,
			      struct gust_error *error)
{
	const struct gust_option *option = &table[at], *other;
	size_t size, other_size, alignment;

	size = option_value_size(option->type, &alignment);
	for (other = table; other < option; other++) {
		if (strcmp(other->name, option->name) == 0)
			return gust_error_set(error, -EPROTO,
					      "option '%s' stands twice",
					      option->name);
		other_size = option_value_size(other->type, &alignment);
		if (option->offset < other->offset + other_size &&
		    other->offset < option->offset + size)
			return gust_error_set(error, -EPROTO,
					      "options '%s' and '%s' share a "
					      "member, at offset %zu",
					      other->name, option->name,
					      option->offset);
	}
	return 0;
}

static int option_table_flags(const struct gust_option *option,
			      struct gust_error *error)
{
	if ((option->flags & ~(GUST_REQUIRED | GUST_SECRET)) == 0)
		return 0;
	return gust_error_set(error, -EPROTO,
			      "option '%s' has the flags 0x%x, of which this "
			      "runtime knows 0x%x",
			      option->name, (unsigned)option->flags,
			      GUST_REQUIRED | GUST_SECRET);
}

static bool option_table_name(const char *name)
{
	return name[0] != '\0' && name[strcspn(name, " \t\r\n:,{}[]'\"")] == 0;
}

int option_table_check(const struct gust_option *table, size_t instance_size,
		       struct gust_error *error)
{
	const struct gust_option *option = table;
	int r;

	for (; table != NULL && option->name != NULL; option++) {
		if (option - table == OPTION_TABLE_MAX)
			return gust_error_set(error, -EPROTO,
					      "more than %d options; is the "
					      "end of the table missing?",
					      OPTION_TABLE_MAX);
		if (!option_table_name(option->name))
			return gust_error_set(error, -EPROTO,
					      "'%.40s' is no name for an "
					      "option, expected a word",
					      option->name);
		if ((r = option_table_member(option, instance_size, error)) ||
		    (r = option_table_choices(option, error)) ||
		    (r = option_table_flags(option, error)) ||
		    (r = option_table_range(option, error)) ||
		    (r = option_table_twice(table, (size_t)(option - table),
					    error)) ||
		    (r = option_table_default(option, error)))
			return r;
	}
	return 0;
}
