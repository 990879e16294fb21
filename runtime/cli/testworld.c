/* SPDX-License-Identifier: MIT */
#include "cli/testworld.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/testvalue.h"
#include "plugin/stream.h"
#include "topology/keys.h"
#include "topology/value.h"

#define LOG_KEPT (sizeof(((struct testworld *)0)->log) / sizeof(char *))

const struct gust_column testworld_line[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

enum letter_key {
	KEY_COMPONENT,
	KEY_REASON,
	KEY_ATTEMPTS,
	KEY_RECORD,
	KEY_TUPLE
};

static const struct keys_rule letter_rules[] = {
	{ "component", KEY_COMPONENT, NULL }, { "reason", KEY_REASON, NULL },
	{ "attempts", KEY_ATTEMPTS, NULL },   { "record", KEY_RECORD, NULL },
	{ "tuple", KEY_TUPLE, NULL },         { NULL, 0, NULL },
};

void testworld_init(struct testworld *world, const struct plan *plan)
{
	memset(world, 0, sizeof(*world));
	arena_init(&world->arena, 0);
	world->plan = plan;
}

void testworld_fini(struct testworld *world)
{
	size_t i;

	for (i = 0; i < LOG_KEPT; i++)
		free(world->log[i]);
	free(world->line);
	free(world->letters.items);
	free(world->rejected.items);
	free(world->lines.items);
	arena_fini(&world->arena);
}

/* A new row with room for so many fields; NULL when memory is short. */
static struct testrow *add_row(struct testworld *world,
			       struct testworld_rows *rows, size_t fields)
{
	struct testrow *row;
	size_t room;

	if (rows->count == rows->room) {
		room = rows->room * 2 + 16;
		row = realloc(rows->items, room * sizeof(*row));
		if (row == NULL)
			goto fail;
		rows->items = row;
		rows->room = room;
	}
	row = &rows->items[rows->count];
	if (!testrow_begin(row, fields, &world->arena))
		goto fail;
	rows->count++;
	return row;
fail:
	world->failed = true;
	return NULL;
}

static void add_field(struct testrow *row, const char *name,
		      struct gust_value value)
{
	row->names[row->count] = name;
	row->values[row->count++] = value;
}

/* A copy of some bytes as a value. */
static struct gust_value keep(struct testworld *world, enum gust_type type,
			      const void *data, size_t length)
{
	char *copy = arena_copy(&world->arena, data, length);

	if (copy == NULL) {
		world->failed = true;
		return gust_null();
	}
	return gust_data(type, copy, length);
}

static void add_tuple(struct testworld *world, struct testrow *row,
		      const struct gust_tuple *tuple)
{
	const struct gust_column *columns =
		world->plan->streams[tuple->stream].columns;
	struct gust_value value;
	size_t i;

	row->letter = true;
	for (i = 0; i < tuple->fields; i++) {
		value = gust_value_at(tuple, i);
		if (value.type >= GUST_STRING)
			value = keep(world, (enum gust_type)value.type,
				     value.as.data, value.length);
		add_field(row,
			  arena_printf(&world->arena, TESTROW_INNER "%s",
				       columns[i].name),
			  value);
	}
}

static void take_letter(void *self, const struct letter *letter)
{
	struct testworld *world = self;
	const char *id = world->plan->components[letter->component].id;
	struct testworld_rows *rows = letter->kind == LETTER_REJECTED
					      ? &world->rejected
					      : &world->letters;
	size_t fields = 4;
	struct testrow *row;

	if (letter->tuple != NULL)
		fields += letter->tuple->fields;
	row = add_row(world, rows, fields);
	if (row == NULL)
		return;
	add_field(row, "component", gust_string(id, strlen(id)));
	add_field(row, "reason",
		  keep(world, GUST_STRING, letter->reason,
		       strlen(letter->reason)));
	add_field(row, "attempts", gust_int(letter->attempts));
	if (letter->tuple != NULL)
		add_tuple(world, row, letter->tuple);
	else
		add_field(row, "record",
			  keep(world, GUST_STRING, letter->data, letter->size));
}

static void add_line(struct testworld *world)
{
	struct testrow *row = add_row(world, &world->lines, 1);

	if (row != NULL)
		add_field(row, testworld_line[0].name,
			  keep(world, GUST_STRING, world->line,
			       world->line_length));
	world->line_length = 0;
}

void testworld_end_line(struct testworld *world)
{
	if (world->line_length > 0)
		add_line(world);
}

static bool grow_line(struct testworld *world, size_t more)
{
	size_t room = (world->line_length + more + 1) * 2;
	char *grown;

	if (world->line_length + more < world->line_room)
		return true;
	grown = realloc(world->line, room);
	if (grown == NULL)
		return false;
	world->line = grown;
	world->line_room = room;
	return true;
}

static ssize_t take_output(void *self, uint32_t task, const char *data,
			   size_t size)
{
	struct testworld *world = self;
	size_t i;

	(void)task;
	if (!grow_line(world, size))
		return -EAGAIN;
	for (i = 0; i < size; i++) {
		if (data[i] == '\n')
			add_line(world);
		else
			world->line[world->line_length++] = data[i];
	}
	return (ssize_t)size;
}

static void take_log(void *self, uint32_t task, enum gust_log_level level,
		     const char *text)
{
	struct testworld *world = self;
	uint32_t component = world->plan->tasks[task].component;
	char **line = &world->log[world->log_count % LOG_KEPT];
	char *made;

	if (level > GUST_LOG_INFO ||
	    asprintf(&made, "%s: %s: %s", log_level_name((enum log_level)level),
		     world->plan->components[component].id, text) < 0)
		return;
	free(*line);
	*line = made;
	world->log_count++;
}

struct sim_outside testworld_outside(struct testworld *world)
{
	struct sim_outside outside = { .self = world,
				       .letter = take_letter,
				       .write = take_output,
				       .log = take_log };

	return outside;
}

void testworld_print_log(const struct testworld *world, FILE *file)
{
	size_t i =
		world->log_count > LOG_KEPT ? world->log_count - LOG_KEPT : 0;

	if (world->log_count > 0)
		fputs("  log:\n", file);
	for (; i < world->log_count; i++)
		fprintf(file, "    %s\n", world->log[i % LOG_KEPT]);
}

/* The type of a field of a letter's tuple, whatever stream that is of. */
static const struct gust_column *find_column(const struct plan *plan,
					     const char *name)
{
	const struct gust_column *column = NULL;
	uint32_t i;

	for (i = 0; column == NULL && i < plan->stream_count; i++)
		column = stream_column(plan->streams[i].columns, name);
	return column;
}

static bool read_inner(const struct plan *plan, struct testrow *row,
		       const struct node *map, struct arena *arena,
		       struct diagnostics *diagnostics)
{
	const struct gust_column *column;
	const struct node_item *item;
	struct gust_value value;
	bool good = true;

	if (!value_map(map, "tuple", diagnostics))
		return false;
	for (item = map->items; item != NULL; item = item->next) {
		column = find_column(plan, item->key->text);
		if (column == NULL) {
			diagnostics_error(diagnostics, &item->key->place,
					  "'%.60s' is no field of any stream, "
					  "expected one",
					  item->key->text);
			good = false;
			continue;
		}
		good &= testvalue_read(item->value, column, arena, diagnostics,
				       &value);
		add_field(row,
			  arena_printf(arena, TESTROW_INNER "%s",
				       item->key->text),
			  value);
	}
	return good;
}

static bool read_letter_keys(const struct plan *plan, struct testrow *row,
			     const struct node *map, struct arena *arena,
			     struct diagnostics *diagnostics)
{
	static const struct gust_column columns[] = {
		[KEY_COMPONENT] = { "component", GUST_STRING },
		[KEY_REASON] = { "reason", GUST_STRING },
		[KEY_ATTEMPTS] = { "attempts", GUST_INT },
		[KEY_RECORD] = { "record", GUST_STRING },
	};
	const struct node *tuple = NULL;
	const struct node_item *item;
	struct gust_value value;
	bool good = true;
	int key;

	for (item = map->items; item != NULL; item = item->next) {
		key = keys_match(letter_rules, item, "a dead letter",
				 diagnostics);
		if (key == KEY_TUPLE)
			tuple = item->value;
		if (key < 0)
			good = false;
		if (key < 0 || key == KEY_TUPLE)
			continue;
		good &= testvalue_read(item->value, &columns[key], arena,
				       diagnostics, &value);
		add_field(row, columns[key].name, value);
	}
	if (tuple != NULL)
		good &= read_inner(plan, row, tuple, arena, diagnostics);
	return good;
}

bool testworld_read_letter(const struct plan *plan, struct testrow *row,
			   const struct node *node, struct arena *arena,
			   struct diagnostics *diagnostics)
{
	const struct node *tuple = node_get(node, "tuple");
	size_t room = node->count + (tuple != NULL ? tuple->count : 0);

	if (!value_map(node, "a dead letter", diagnostics))
		return false;
	if (!testrow_begin(row, room, arena)) {
		diagnostics->no_memory = true;
		return false;
	}
	row->partial = true;
	row->letter = true;
	return read_letter_keys(plan, row, node, arena, diagnostics);
}
