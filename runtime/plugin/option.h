/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_OPTION_H
#define PLUGIN_OPTION_H

/*
 * Filling an instance from an options table.
 *
 * The values come as text, as they stand in YAML, so that this room knows
 * nothing of files; the caller adds the place of a mistake.
 */

#include <stddef.h>

#include <gust/error.h>
#include <gust/option.h>

/*
 * One option as given: a scalar (`count` 1), a list (`count` items), or a map
 * (`keys` not NULL, `count` pairs). `null` is a YAML null: as if not given.
 */
struct option_given {
	const char *name;
	const char *const *items;
	const char *const *keys;
	size_t count;
	int is_list;
	int is_null;
};

/* The option with that name, or NULL. `table` may be NULL: it has none. */
const struct gust_option *option_find(const struct gust_option *table,
				      const char *name);

/* The nearest name in the table, or NULL. */
const char *option_near(const struct gust_option *table, const char *name);

/*
 * Who keeps strings and arrays alive: a list of blocks, freed as one. All zero
 * is an empty one.
 */
struct option_memory {
	void **blocks;
	size_t count;
};

/*
 * Parses one given value into the member of `instance` that `option` names,
 * which is written on success only. Strings are copied into `memory`. A null
 * is as if not given, and an error where the option is required. -EINVAL:
 * `error` says `option 'NAME': ` and what was expected, with the value in
 * quotes unless the option is secret; -ERANGE; -ENOMEM.
 */
int option_fill(const struct gust_option *option,
		const struct option_given *given, void *instance,
		struct option_memory *memory, struct gust_error *error);

/*
 * Writes the default of an option; used for those not given. Without a default
 * the member is left as it is, that is zero. Errors as above. Defaults stand
 * in the table as in YAML: a string may be in quotes, a list is "a, b", a map
 * "key: value, key: value".
 */
int option_fill_default(const struct gust_option *option, void *instance,
			struct option_memory *memory, struct gust_error *error);

/* Frees all blocks. A zeroed memory may be given, or one that is fini'd. */
void option_memory_fini(struct option_memory *memory);

/* "string", "int", "duration", ... as manuals print it. */
const char *option_type_name(enum gust_option_type type);

#endif
