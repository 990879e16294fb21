/* SPDX-License-Identifier: MIT */

#include "topology/yaml.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "topology/yaml_problem.h"

struct anchor {
	const char *name;
	struct node *node; /* NULL while the node is still being read */
	struct anchor *next;
};

/* One file being read. */
struct reader {
	struct yaml *yaml;
	const char *file;
	const char *bytes;
	size_t length;
	yaml_parser_t parser;
	yaml_event_t event; /* always initialised, so it may be deleted */
	struct anchor *anchors;
	size_t anchors_count;
	int result; /* negative once nothing more can be read */
};

void yaml_init(struct yaml *yaml, struct arena *arena,
	       struct diagnostics *diagnostics,
	       const struct variables *variables)
{
	yaml->arena = arena;
	yaml->diagnostics = diagnostics;
	yaml->variables = variables;
	yaml->kind = "a topology file";
	yaml->bytes_left = YAML_BYTES_MAX;
	yaml->nodes_left = YAML_NODES_MAX;
}

static struct place place_of(const struct reader *reader)
{
	struct place place = {
		.file = reader->file,
		.line = (int)reader->event.start_mark.line + 1,
		.column = (int)reader->event.start_mark.column + 1,
	};

	return place;
}

/* Ends the reading for want of memory. */
static void *no_memory(struct reader *reader)
{
	reader->result = -ENOMEM;
	return NULL;
}

/* Goes to the next event. False when there is none: `result` is set. */
static bool advance(struct reader *reader)
{
	if (reader->result < 0)
		return false;
	yaml_event_delete(&reader->event);
	if (yaml_parser_parse(&reader->parser, &reader->event))
		return true;
	memset(&reader->event, 0, sizeof(reader->event));
	reader->result = yaml_problem_report(&reader->parser, reader->file,
					     reader->bytes, reader->length,
					     reader->yaml->diagnostics);
	return false;
}

/* Takes `nodes` off what may still be read, and checks the depth. */
static bool within_limits(struct reader *reader, size_t nodes, size_t depth)
{
	struct yaml *yaml = reader->yaml;
	struct place place = place_of(reader);

	if (depth > YAML_DEPTH_MAX)
		diagnostics_error(yaml->diagnostics, &place,
				  "this is nested too deeply, expected at most "
				  "%d levels",
				  YAML_DEPTH_MAX);
	else if (nodes > yaml->nodes_left)
		diagnostics_error(yaml->diagnostics, &place,
				  "there are too many values, expected at most "
				  "%zu in all files, aliases written out",
				  YAML_NODES_MAX);
	else {
		yaml->nodes_left -= nodes;
		return true;
	}
	reader->result = -EINVAL;
	return false;
}

static struct node *new_node(struct reader *reader, enum node_kind kind,
			     size_t depth)
{
	struct node *node;

	if (!within_limits(reader, 1, depth))
		return NULL;
	node = arena_calloc(reader->yaml->arena, 1, sizeof(*node));
	if (node == NULL)
		return no_memory(reader);
	node->kind = kind;
	node->place = place_of(reader);
	node->size = 1;
	node->height = 1;
	return node;
}

/* Refuses tags: what a scalar means is decided by its quotes. */
static void check_tag(struct reader *reader, const yaml_char_t *tag)
{
	struct place place = place_of(reader);

	if (tag != NULL)
		diagnostics_error(reader->yaml->diagnostics, &place,
				  "the tag '%.60s' is not supported, expected "
				  "none; quotes make a string",
				  (const char *)tag);
}

/* Remembers an anchor; later ones of the same name hide it, as YAML wants. */
static struct anchor *new_anchor(struct reader *reader, const yaml_char_t *name)
{
	struct arena *arena = reader->yaml->arena;
	struct place place = place_of(reader);
	struct anchor *anchor;

	if (++reader->anchors_count > YAML_ANCHORS_MAX) {
		diagnostics_error(reader->yaml->diagnostics, &place,
				  "there are too many anchors, expected at "
				  "most %d",
				  YAML_ANCHORS_MAX);
		reader->result = -EINVAL;
		return NULL;
	}
	anchor = arena_calloc(arena, 1, sizeof(*anchor));
	if (anchor == NULL)
		return no_memory(reader);
	anchor->name = arena_string(arena, (const char *)name);
	if (anchor->name == NULL)
		return no_memory(reader);
	anchor->next = reader->anchors;
	reader->anchors = anchor;
	return anchor;
}

static struct node *read_alias(struct reader *reader, size_t depth)
{
	const char *name = (const char *)reader->event.data.alias.anchor;
	struct place place = place_of(reader);
	struct anchor *anchor = reader->anchors;
	struct node *node;

	while (anchor != NULL && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	if (anchor != NULL && anchor->node != NULL) {
		node = anchor->node;
		return within_limits(reader, node->size,
				     depth + node->height - 1)
			       ? node
			       : NULL;
	}
	if (anchor == NULL)
		diagnostics_error(reader->yaml->diagnostics, &place,
				  "no anchor '&%.60s' stands above, expected "
				  "one for '*%.60s'",
				  name, name);
	else
		diagnostics_error(reader->yaml->diagnostics, &place,
				  "'*%.60s' stands within its own anchor, "
				  "expected it after the anchor's value",
				  name);
	node = new_node(reader, NODE_SCALAR, depth);
	if (node == NULL)
		return NULL;
	node->text = "";
	node->broken = true;
	return node;
}

static struct node *read_scalar(struct reader *reader, size_t depth)
{
	struct yaml *yaml = reader->yaml;
	struct node *node = new_node(reader, NODE_SCALAR, depth);

	if (node == NULL)
		return NULL;
	check_tag(reader, reader->event.data.scalar.tag);
	node->quoted =
		reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->length = reader->event.data.scalar.length;
	node->text = arena_copy(yaml->arena, reader->event.data.scalar.value,
				node->length);
	if (node->text == NULL)
		return no_memory(reader);
	if (substitute_scalar(node, yaml->variables, yaml->arena,
			      &yaml->bytes_left, yaml->diagnostics) < 0)
		return no_memory(reader);
	return node;
}

static struct node *read_node(struct reader *reader, size_t depth);

/* Adds to a list or a map; `**last` is where its next item goes. */
static bool append(struct reader *reader, struct node *parent,
		   struct node_item ***last, struct node *key,
		   struct node *value)
{
	struct node_item *item;

	item = arena_calloc(reader->yaml->arena, 1, sizeof(*item));
	if (item == NULL)
		return no_memory(reader) != NULL;
	item->key = key;
	item->value = value;
	**last = item;
	*last = &item->next;
	parent->count++;
	parent->size += value->size + (key != NULL ? key->size : 0);
	if (parent->height <= value->height)
		parent->height = value->height + 1;
	return true;
}

static struct node *read_list(struct reader *reader, size_t depth)
{
	struct node *list = new_node(reader, NODE_LIST, depth);
	struct node_item **last;
	struct node *value;

	if (list == NULL)
		return NULL;
	check_tag(reader, reader->event.data.sequence_start.tag);
	last = &list->items;
	while (advance(reader) &&
	       reader->event.type != YAML_SEQUENCE_END_EVENT) {
		value = read_node(reader, depth + 1);
		if (value == NULL || !append(reader, list, &last, NULL, value))
			return NULL;
	}
	return reader->result < 0 ? NULL : list;
}

/* False for what cannot be a key, which is reported. */
static bool check_key(struct reader *reader, const struct node *key)
{
	struct diagnostics *diagnostics = reader->yaml->diagnostics;

	if (key->broken)
		return false;
	if (key->kind != NODE_SCALAR)
		diagnostics_error(diagnostics, &key->place,
				  "a key is %s, expected a string",
				  node_kind_name(key));
	else if (node_is_null(key))
		diagnostics_error(diagnostics, &key->place,
				  "a key is missing, expected one before ':'");
	else if (strcmp(key->text, "<<") == 0 && !key->quoted)
		diagnostics_error(diagnostics, &key->place,
				  "'<<' is not supported, expected the keys "
				  "that it would bring");
	else if (strlen(key->text) != key->length)
		diagnostics_error(diagnostics, &key->place,
				  "a key holds a NUL character, expected text");
	else
		return true;
	return false;
}

/* Orders entries by key, and equal keys as they stand in the file. */
static int compare_items(const void *left, const void *right)
{
	const struct node_item *a = *(const struct node_item *const *)left;
	const struct node_item *b = *(const struct node_item *const *)right;
	int r = strcmp(a->key->text, b->key->text);

	if (r != 0)
		return r;
	if (a->key->place.line != b->key->place.line)
		return a->key->place.line < b->key->place.line ? -1 : 1;
	return a->key->place.column < b->key->place.column ? -1 : 1;
}

static void check_duplicates(struct reader *reader, const struct node *map)
{
	struct arena *arena = reader->yaml->arena;
	struct arena_mark mark = arena_mark(arena);
	const struct node_item **sorted;
	const struct node_item *item;
	size_t n = 0;
	size_t i;

	if (map->count < 2)
		return;
	sorted = arena_calloc(arena, map->count, sizeof(*sorted));
	if (sorted == NULL) {
		no_memory(reader);
		return;
	}
	for (item = map->items; item != NULL; item = item->next)
		sorted[n++] = item;
	qsort(sorted, n, sizeof(*sorted), compare_items);
	for (i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->key->text, sorted[i]->key->text) == 0)
			diagnostics_error(reader->yaml->diagnostics,
					  &sorted[i]->key->place,
					  "the key '%.60s' stands here again, "
					  "expected it once; see line %d",
					  sorted[i]->key->text,
					  sorted[i - 1]->key->place.line);
	arena_release(arena, mark);
}

static struct node *read_map(struct reader *reader, size_t depth)
{
	struct node *map = new_node(reader, NODE_MAP, depth);
	struct node_item **last;
	struct node *key;
	struct node *value;

	if (map == NULL)
		return NULL;
	check_tag(reader, reader->event.data.mapping_start.tag);
	last = &map->items;
	while (advance(reader) &&
	       reader->event.type != YAML_MAPPING_END_EVENT) {
		key = read_node(reader, depth + 1);
		if (key == NULL || !advance(reader))
			return NULL;
		value = read_node(reader, depth + 1);
		if (value == NULL)
			return NULL;
		if (check_key(reader, key) &&
		    !append(reader, map, &last, key, value))
			return NULL;
	}
	if (reader->result < 0)
		return NULL;
	check_duplicates(reader, map);
	return reader->result < 0 ? NULL : map;
}

static const yaml_char_t *event_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

/* Reads the node that the current event begins. NULL: `result` is set. */
static struct node *read_node(struct reader *reader, size_t depth)
{
	const yaml_char_t *name = event_anchor(&reader->event);
	struct anchor *anchor = NULL;
	struct node *node = NULL;

	if (name != NULL) {
		anchor = new_anchor(reader, name);
		if (anchor == NULL)
			return NULL;
	}
	switch (reader->event.type) {
	case YAML_SCALAR_EVENT:
		node = read_scalar(reader, depth);
		break;
	case YAML_ALIAS_EVENT:
		node = read_alias(reader, depth);
		break;
	case YAML_SEQUENCE_START_EVENT:
		node = read_list(reader, depth);
		break;
	case YAML_MAPPING_START_EVENT:
		node = read_map(reader, depth);
		break;
	default:
		assert(false && "libyaml gives a node where one must stand");
	}
	if (anchor != NULL)
		anchor->node = node;
	return node;
}

/* Reads the one document. */
static struct node *read_stream(struct reader *reader)
{
	struct place place = { .file = reader->file, .line = 1, .column = 1 };
	struct node *root;

	if (!advance(reader) || !advance(reader)) /* the start of the stream */
		return NULL;
	if (reader->event.type == YAML_STREAM_END_EVENT) {
		diagnostics_error(reader->yaml->diagnostics, &place,
				  "the file is empty, expected a topology: a "
				  "map with 'name', 'spouts', 'bolts' and "
				  "'streams'");
		reader->result = -EINVAL;
		return NULL;
	}
	if (!advance(reader))
		return NULL;
	root = read_node(reader, 1);
	if (root == NULL || !advance(reader) || !advance(reader))
		return NULL;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return root;
	place = place_of(reader);
	diagnostics_error(reader->yaml->diagnostics, &place,
			  "a second document begins here, expected one in a "
			  "file");
	reader->result = -EINVAL;
	return NULL;
}

int yaml_parse(struct yaml *yaml, const char *name, const char *bytes,
	       size_t length, struct node **root)
{
	struct reader reader = { .yaml = yaml,
				 .bytes = bytes,
				 .length = length };
	struct node *node;

	assert(length <= yaml->bytes_left);
	yaml->bytes_left -= length;
	reader.file = diagnostics_file(yaml->diagnostics, name);
	if (reader.file == NULL || !yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&reader.parser,
				     (const unsigned char *)bytes, length);
	node = read_stream(&reader);
	yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	if (node == NULL) {
		assert(reader.result < 0);
		return reader.result;
	}
	*root = node;
	return 0;
}

static void report_unreadable(struct yaml *yaml, const char *path,
			      const struct place *from,
			      const struct input *input, int code)
{
	struct place place = { .file = path };

	if (code == -EFBIG) {
		input_place(input->bytes, input->length, &place);
		diagnostics_error(yaml->diagnostics, &place,
				  "the file goes on beyond this, expected at "
				  "most 16 MiB in all files of a topology");
	} else if (from != NULL) {
		diagnostics_error(yaml->diagnostics, from,
				  "'%.200s' cannot be read: %s, expected a "
				  "file, relative to this one",
				  path, strerror(-code));
	} else {
		diagnostics_error(yaml->diagnostics, &place,
				  "cannot be read: %s, expected %s",
				  strerror(-code), yaml->kind);
	}
}

int yaml_read(struct yaml *yaml, const char *path, const struct place *from,
	      struct node **root)
{
	struct input input;
	int r;

	r = input_read(&input, path, yaml->bytes_left);
	if (r == 0)
		r = yaml_parse(yaml, path, input.bytes, input.length, root);
	else if (r != -ENOMEM) {
		report_unreadable(yaml, path, from, &input, r);
		r = -EINVAL;
	}
	input_fini(&input);
	return r;
}
