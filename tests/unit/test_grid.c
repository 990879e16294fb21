/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/grid.h"

static void check_row(const struct grid *grid, size_t row, int width,
		      const char *expected)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	CHECK(file != NULL);
	grid_print_row(grid, file, row, width);
	fclose(file);
	CHECK_STR(text, expected);
	free(text);
}

TEST(columns_are_as_wide_as_their_cells)
{
	struct grid grid;

	grid_init(&grid, "lrl");
	grid_add(&grid, "name");
	grid_add(&grid, "n");
	grid_add(&grid, "state");
	grid_add(&grid, "a");
	grid_add(&grid, "%d", 1000);
	grid_add(&grid, "x");
	CHECK_UINT(grid_rows(&grid), 2);
	check_row(&grid, 0, 0, "name     n  state");
	check_row(&grid, 1, 0, "a     1000  x");
	grid_fini(&grid);
}

TEST(a_row_is_cut_to_the_width)
{
	struct grid grid;

	grid_init(&grid, "ll");
	grid_add(&grid, "h\xc3\xa4h\xc3\xa4");
	grid_add(&grid, "b");
	check_row(&grid, 0, 7, "h\xc3\xa4h\xc3\xa4  b");
	check_row(&grid, 0, 6, "h\xc3\xa4h\xc3\xa4  ");
	check_row(&grid, 0, 5, "h\xc3\xa4h\xc3\xa4 ");
	check_row(&grid, 0, 3, "h\xc3\xa4h");
	check_row(&grid, 0, 2, "h\xc3\xa4");
	check_row(&grid, 0, 1, "h");
	grid_fini(&grid);
}

TEST(a_row_may_lack_cells)
{
	struct grid grid;

	grid_init(&grid, "lr");
	CHECK_UINT(grid_rows(&grid), 0);
	grid_add(&grid, "a");
	CHECK_UINT(grid_rows(&grid), 1);
	check_row(&grid, 0, 0, "a  ");
	grid_fini(&grid);
}
