/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_OPTION_VALUE_H
#define PLUGIN_OPTION_VALUE_H

/* One value of an option that is neither a string, a list nor a map. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/option.h>

union option_value {
	int64_t integer; /* int */
	double number;   /* float */
	bool truth;
	uint64_t amount; /* duration in nanoseconds, size in bytes */
	int choice;      /* enum */
};

/*
 * Parses `text` as YAML 1.2 would and checks its range. -EINVAL: `error` says
 * `option 'NAME': ` and what was expected; the text is quoted unless the
 * option is secret. -ERANGE. `value` is written on success only.
 */
int option_value_parse(const struct gust_option *option, const char *text,
		       union option_value *value, struct gust_error *error);

/* Room for what option_value_range() writes, its NUL included. */
#define OPTION_RANGE_SIZE 144

/* Writes what values an option may have ("0 to 100", "at least 1 ms") into
 * `range`, which it returns. */
const char *option_value_range(const struct gust_option *option, char *range);

/* The size of the member that takes an option of that type, and its alignment.
 * 0: there is no such type. */
size_t option_value_size(enum gust_option_type type, size_t *alignment);

/* Whether `min` and `max` mean something for that type. */
bool option_value_has_range(enum gust_option_type type);

#endif
