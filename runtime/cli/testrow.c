/* SPDX-License-Identifier: MIT */
#include "cli/testrow.h"

#include <errno.h>
#include <string.h>

#include "cli/testvalue.h"
#include "plugin/stream.h"

static const struct gust_column *find_column(const struct gust_column *columns,
					     const struct node *key,
					     struct diagnostics *diagnostics)
{
	const struct gust_column *column = stream_column(columns, key->text);
	char list[256] = "";
	size_t used = 0;

	if (column != NULL)
		return column;
	for (; columns->name != NULL && used < sizeof(list); columns++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s'%s'", used > 0 ? ", " : "",
					 columns->name);
	diagnostics_error(diagnostics, &key->place,
			  "'%.60s' is no field here, expected one of %s",
			  key->text, list);
	return NULL;
}

static bool read_map(struct testrow *row, const struct node *map,
		     const struct gust_column *columns, bool all,
		     struct arena *arena, struct diagnostics *diagnostics)
{
	const struct gust_column *column;
	const struct node_item *item;
	bool good = true;
	size_t at;

	for (item = map->items; item != NULL; item = item->next) {
		column = find_column(columns, item->key, diagnostics);
		if (column == NULL) {
			good = false;
			continue;
		}
		at = all ? (size_t)(column - columns) : row->count;
		row->names[at] = column->name;
		good &= testvalue_read(item->value, column, arena, diagnostics,
				       &row->values[at]);
		row->count += all ? 0 : 1;
	}
	if (!all)
		return good;
	for (; columns[row->count].name != NULL; row->count++)
		row->names[row->count] = columns[row->count].name;
	return good;
}

static bool read_list(struct testrow *row, const struct node *list,
		      const struct gust_column *columns, struct arena *arena,
		      struct diagnostics *diagnostics)
{
	const struct node_item *item;
	size_t count = stream_column_count(columns);
	bool good = true;

	row->whole = true;
	if (list->count != count) {
		diagnostics_error(diagnostics, &list->place,
				  "the tuple has %zu values, expected %zu",
				  list->count, count);
		return false;
	}
	for (item = list->items; item != NULL; item = item->next) {
		row->names[row->count] = columns[row->count].name;
		good &= testvalue_read(item->value, &columns[row->count], arena,
				       diagnostics, &row->values[row->count]);
		row->count++;
	}
	return good;
}

static bool read_alone(struct testrow *row, const struct node *node,
		       const struct gust_column *columns, struct arena *arena,
		       struct diagnostics *diagnostics)
{
	if (stream_column_count(columns) != 1) {
		diagnostics_error(diagnostics, &node->place,
				  "the tuple is one value, expected a list of "
				  "%zu values, or a map of fields",
				  stream_column_count(columns));
		return false;
	}
	row->whole = true;
	row->count = 1;
	row->names[0] = columns[0].name;
	return testvalue_read(node, &columns[0], arena, diagnostics,
			      &row->values[0]);
}

bool testrow_begin(struct testrow *row, size_t count, struct arena *arena)
{
	memset(row, 0, sizeof(*row));
	row->names = arena_calloc(arena, count + 1, sizeof(*row->names));
	row->values = arena_calloc(arena, count + 1, sizeof(*row->values));
	return row->names != NULL && row->values != NULL;
}

bool testrow_read(struct testrow *row, const struct node *node,
		  const struct gust_column *columns, bool all,
		  struct arena *arena, struct diagnostics *diagnostics)
{
	size_t room = stream_column_count(columns) + node->count;

	if (node->broken)
		return false;
	if (!testrow_begin(row, room, arena)) {
		diagnostics->no_memory = true;
		return false;
	}
	if (node->kind == NODE_MAP)
		return read_map(row, node, columns, all, arena, diagnostics);
	if (node->kind == NODE_LIST)
		return read_list(row, node, columns, arena, diagnostics);
	return read_alone(row, node, columns, arena, diagnostics);
}

bool testrow_fits(const struct gust_column *columns, const struct node *tuple)
{
	const struct node_item *item;

	if (tuple->kind != NODE_MAP)
		return stream_column_count(columns) ==
		       (tuple->kind == NODE_LIST ? tuple->count : 1);
	for (item = tuple->items; item != NULL; item = item->next)
		if (stream_column(columns, item->key->text) == NULL)
			return false;
	return true;
}

int testrow_take(struct testrow *row, const struct gust_tuple *tuple,
		 const struct gust_column *columns, struct arena *arena)
{
	size_t i;

	if (!testrow_begin(row, tuple->fields, arena))
		return -ENOMEM;
	row->count = tuple->fields;
	for (i = 0; i < row->count; i++) {
		row->names[i] = columns[i].name;
		row->values[i] = gust_value_at(tuple, i);
	}
	return 0;
}

static const struct gust_value *find_value(const struct testrow *row,
					   const char *name)
{
	size_t i;

	for (i = 0; i < row->count; i++)
		if (strcmp(row->names[i], name) == 0)
			return &row->values[i];
	return NULL;
}

static bool field_matches(const struct testrow *expected, size_t at,
			  const struct testrow *found)
{
	const struct gust_value *value = find_value(found, expected->names[at]);

	if (value == NULL)
		return false;
	if (expected->partial && strcmp(expected->names[at], "reason") == 0 &&
	    testvalue_within(&expected->values[at], value))
		return true;
	return testvalue_equal(&expected->values[at], value);
}

size_t testrow_likeness(const struct testrow *expected,
			const struct testrow *found)
{
	size_t same = 0;
	size_t i;

	for (i = 0; i < expected->count; i++)
		same += field_matches(expected, i, found) ? 1 : 0;
	return same;
}

bool testrow_matches(const struct testrow *expected,
		     const struct testrow *found)
{
	size_t i;

	if (expected->whole && expected->count != found->count)
		return false;
	for (i = 0; i < expected->count; i++)
		if (!field_matches(expected, i, found))
			return false;
	return true;
}

void testrow_narrow(struct testrow *row, const char *const *names, size_t count)
{
	size_t kept = 0;
	size_t i, j;

	for (i = 0; i < row->count; i++) {
		for (j = 0; j < count; j++)
			if (strcmp(names[j], row->names[i]) == 0)
				break;
		if (j == count)
			continue;
		row->names[kept] = row->names[i];
		row->values[kept++] = row->values[i];
	}
	row->count = kept;
}

/* The name of a field within the tuple of a letter, or NULL. */
static const char *inner_name(const struct testrow *row, size_t at)
{
	size_t length = strlen(TESTROW_INNER);

	if (!row->letter || strncmp(row->names[at], TESTROW_INNER, length) != 0)
		return NULL;
	return row->names[at] + length;
}

void testrow_print(FILE *file, const struct testrow *row)
{
	const char *inner;
	bool within = false;
	size_t i;

	fputc('{', file);
	for (i = 0; i < row->count; i++) {
		inner = inner_name(row, i);
		fputs(i > 0 ? ", " : "", file);
		if (inner != NULL && !within)
			fputs("tuple: {", file);
		within = inner != NULL;
		fprintf(file, "%s: ", within ? inner : row->names[i]);
		testvalue_print(file, &row->values[i]);
	}
	fputs(within ? "}}" : "}", file);
}

void testrow_explain(FILE *file, const struct testrow *expected,
		     const struct testrow *found)
{
	const char *separator = "";
	const struct gust_value *value;
	size_t i;

	for (i = 0; i < expected->count; i++) {
		if (field_matches(expected, i, found))
			continue;
		value = find_value(found, expected->names[i]);
		fprintf(file, "%s%s is ", separator, expected->names[i]);
		if (value == NULL)
			fputs("missing", file);
		else
			testvalue_print(file, value);
		fputs(", expected ", file);
		testvalue_print(file, &expected->values[i]);
		separator = "; ";
	}
	if (expected->whole && expected->count != found->count)
		fprintf(file, "%sit has %zu fields, expected %zu", separator,
			found->count, expected->count);
}
