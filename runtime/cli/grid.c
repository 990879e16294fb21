/* SPDX-License-Identifier: MIT */
#include "cli/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/paragraph.h"

void grid_init(struct grid *grid, const char *alignment)
{
	memset(grid, 0, sizeof(*grid));
	grid->alignment = alignment;
	grid->columns = strlen(alignment);
	assert(grid->columns > 0 && grid->columns <= GRID_COLUMNS_MAX);
}

void grid_fini(struct grid *grid)
{
	size_t i;

	for (i = 0; i < grid->count; i++)
		free(grid->cells[i]);
	free(grid->cells);
	memset(grid, 0, sizeof(*grid));
}

static int grow(struct grid *grid)
{
	size_t capacity = grid->capacity > 0 ? 2 * grid->capacity : 64;
	char **cells = realloc(grid->cells, capacity * sizeof(*cells));

	if (cells == NULL)
		return -1;
	grid->cells = cells;
	grid->capacity = capacity;
	return 0;
}

void grid_add(struct grid *grid, const char *format, ...)
{
	va_list arguments;
	char *cell;
	int r;

	if (grid->no_memory)
		return;
	va_start(arguments, format);
	r = vasprintf(&cell, format, arguments);
	va_end(arguments);
	if (r >= 0 && (grid->count < grid->capacity || grow(grid) == 0)) {
		grid->cells[grid->count++] = cell;
		return;
	}
	if (r >= 0)
		free(cell);
	/* A missing cell would shift all that follow it. */
	grid->no_memory = 1;
}

size_t grid_rows(const struct grid *grid)
{
	return (grid->count + grid->columns - 1) / grid->columns;
}

static const char *cell_at(const struct grid *grid, size_t row, size_t column)
{
	size_t i = row * grid->columns + column;

	return i < grid->count ? grid->cells[i] : "";
}

static int column_width(const struct grid *grid, size_t column)
{
	int widest = 0;
	size_t row;

	for (row = 0; row < grid_rows(grid); row++) {
		const char *cell = cell_at(grid, row, column);
		int width = paragraph_columns(cell, strlen(cell));

		widest = width > widest ? width : widest;
	}
	return widest;
}

/* Prints at most `room` columns and returns how many it printed. */
static int print_cut(FILE *file, const char *text, int room)
{
	size_t length = strlen(text);

	while (length > 0 && paragraph_columns(text, length) > room)
		length--;
	/* Not half a character. */
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	fwrite(text, 1, length, file);
	return paragraph_columns(text, length);
}

static int print_spaces(FILE *file, int count, int room)
{
	count = count < room ? count : room;
	if (count > 0)
		fprintf(file, "%*s", count, "");
	return count > 0 ? count : 0;
}

void grid_print_row(const struct grid *grid, FILE *file, size_t row, int width)
{
	int room = width > 0 ? width : 1 << 20;
	size_t column;

	for (column = 0; column < grid->columns; column++) {
		const char *cell = cell_at(grid, row, column);
		int blank = column_width(grid, column) -
			    paragraph_columns(cell, strlen(cell));

		if (column > 0)
			room -= print_spaces(file, 2, room);
		if (grid->alignment[column] == 'r')
			room -= print_spaces(file, blank, room);
		room -= print_cut(file, cell, room);
		if (grid->alignment[column] == 'l' &&
		    column + 1 < grid->columns)
			room -= print_spaces(file, blank, room);
	}
}

void grid_print(const struct grid *grid, FILE *file, const char *prefix)
{
	size_t row;

	for (row = 0; row < grid_rows(grid); row++) {
		fputs(prefix, file);
		grid_print_row(grid, file, row, 0);
		fputc('\n', file);
	}
}
