/* SPDX-License-Identifier: MIT */
#ifndef GUST_OPTION_H
#define GUST_OPTION_H

/*
 * The options of a plugin: a table from which the runtime parses the YAML,
 * checks names, types and ranges, fills the instance and prints the manual.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The type of an option, and of the member of the instance that takes it. */
enum gust_option_type {
	GUST_OPTION_STRING = 1,   /* const char *, NULL if not given */
	GUST_OPTION_INT = 2,      /* int64_t */
	GUST_OPTION_FLOAT = 3,    /* double */
	GUST_OPTION_BOOL = 4,     /* bool */
	GUST_OPTION_DURATION = 5, /* uint64_t, nanoseconds: "250ms", "1.5s" */
	GUST_OPTION_SIZE = 6,     /* uint64_t, bytes: "64KiB", "1MB", "512" */
	GUST_OPTION_ENUM = 7,     /* int, index into `choices` */
	GUST_OPTION_LIST = 8,     /* struct gust_list; one value is a list */
	GUST_OPTION_MAP = 9       /* struct gust_map, in the file's order */
};

/* Strings of a list option; they and the array belong to the runtime. */
struct gust_list {
	const char *const *items;
	size_t count;
};

/* Keys and values of a map option; all belong to the runtime. */
struct gust_map {
	const char *const *keys;
	const char *const *values;
	size_t count;
};

#define GUST_REQUIRED 1u /* an error when it is missing */
#define GUST_SECRET 2u   /* never shown in logs, reports or dead letters */

/*
 * One option. Tables end with an element whose `name` is NULL. `fallback` is
 * the default as it would stand in YAML (a list as "a, b"); NULL leaves the
 * member zero. `min` and `max` bound int, float, duration and size; both zero
 * means no bound. Strings stay valid until close().
 */
struct gust_option {
	const char *name;
	enum gust_option_type type;
	size_t offset;        /* of the member in the instance */
	const char *fallback; /* default */
	const char *help;     /* one sentence without a full stop */
	uint32_t flags;       /* GUST_REQUIRED, GUST_SECRET */
	double min, max;
	const char *const *choices; /* of an enum, up to a NULL */
};

#ifdef __cplusplus
}
#endif

#endif
