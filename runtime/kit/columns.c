/* SPDX-License-Identifier: MIT */

#include <string.h>

#include <gust/kit/columns.h>

size_t columns_count(const struct gust_column *columns)
{
	size_t count = 0;

	while (columns[count].name != NULL)
		count++;
	return count;
}

int columns_find(const struct gust_column *columns, const char *name)
{
	int i;

	for (i = 0; columns[i].name != NULL; i++)
		if (strcmp(columns[i].name, name) == 0)
			return i;
	return -1;
}

static size_t columns_head(size_t count)
{
	return sizeof(struct gust_tuple) + count * sizeof(struct gust_cell);
}

size_t columns_size(const struct gust_value *values, size_t count)
{
	size_t size = columns_head(count), i;

	for (i = 0; i < count; i++)
		if (values[i].type >= GUST_STRING)
			size += ((size_t)values[i].length + 8) & ~(size_t)7;
	return size;
}

size_t columns_text_max(size_t tuple_max, size_t count)
{
	/* A NUL follows the bytes, and all is rounded up to 8. */
	return ((tuple_max - columns_head(count)) & ~(size_t)7) - 1;
}
