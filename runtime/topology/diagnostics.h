/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_DIAGNOSTICS_H
#define TOPOLOGY_DIAGNOSTICS_H

/*
 * The mistakes of a topology, all of them, each with its place.
 *
 * Whoever finds a mistake adds it and goes on, so that a person repairs a file
 * once and not a line at a time. Nothing here is shared between threads.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How many errors and how many warnings are kept; later ones are counted. */
#define DIAGNOSTICS_KEPT_MAX 100

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING,
};

/* Lines and columns count from 1, columns in characters; 0 means unknown. */
struct place {
	const char *file;
	int line;
	int column;
};

struct diagnostic {
	struct place place;
	enum severity severity;
	char *text; /* one line: control characters are written as \n, \x1b */
};

struct diagnostics {
	struct diagnostic *items;
	size_t count; /* of items kept */
	size_t capacity;
	size_t errors;   /* found, kept or not */
	size_t warnings; /* found, kept or not */
	char **files;    /* in the order in which they were first named */
	size_t files_count;
	bool no_memory; /* something could not be kept, for want of memory */
};

void diagnostics_init(struct diagnostics *diagnostics);

/* Frees what was kept. Takes NULL and a zeroed struct. */
void diagnostics_fini(struct diagnostics *diagnostics);

/*
 * A copy of `name` that lives as long as `diagnostics`. Files are sorted in the
 * order of these calls. NULL for want of memory, which `no_memory` remembers.
 */
const char *diagnostics_file(struct diagnostics *diagnostics, const char *name);

/*
 * Adds a mistake at `place`, which is copied and may be NULL. Values that come
 * from the file are cut in the format (`'%.60s'`). Never fails: want of memory
 * sets `no_memory` and still counts the mistake.
 */
void diagnostics_error(struct diagnostics *diagnostics,
		       const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void diagnostics_warning(struct diagnostics *diagnostics,
			 const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* True when further errors are only counted, so that none need be worded. */
bool diagnostics_full(const struct diagnostics *diagnostics);

/* Forgets the warnings, for who has no use for them. */
void diagnostics_drop_warnings(struct diagnostics *diagnostics);

/* Sorts by file, line and column; what stands at one place keeps its order. */
void diagnostics_sort(struct diagnostics *diagnostics);

/*
 * Writes one line a mistake, `file:line:column: text`, warnings with `warning:`
 * before the text, and a closing line when some were not kept.
 */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *file);

#endif
