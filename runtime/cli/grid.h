/* SPDX-License-Identifier: MIT */
#ifndef CLI_GRID_H
#define CLI_GRID_H

/* Cells in rows, printed in columns as wide as they need to be. */

#include <stddef.h>
#include <stdio.h>

#define GRID_COLUMNS_MAX 12

/* All members are private. A zeroed one is empty. */
struct grid {
	const char *alignment;
	size_t columns;
	char **cells;
	size_t count;
	size_t capacity;
	int no_memory;
};

/* `alignment` has a letter a column, 'l' or 'r', and is borrowed. */
void grid_init(struct grid *grid, const char *alignment);
void grid_fini(struct grid *grid);

/* Adds the next cell, row by row. What cannot be kept is left out. */
void grid_add(struct grid *grid, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Rows so far, a started one included. */
size_t grid_rows(const struct grid *grid);

/* Prints one row, cut to `width` columns (0: not at all), without a newline. */
void grid_print_row(const struct grid *grid, FILE *file, size_t row, int width);

/* Prints all rows as lines, each after `prefix`. */
void grid_print(const struct grid *grid, FILE *file, const char *prefix);

#endif
