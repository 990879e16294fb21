/* SPDX-License-Identifier: MIT */

#include "topology/model_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "topology/keys.h"
#include "topology/value.h"

enum stream_key { KEY_FROM, KEY_TO, KEY_NAME, KEY_GROUPING, KEY_FEEDBACK };

static const struct keys_rule stream_rules[] = {
	{ "from", KEY_FROM, NULL },         { "to", KEY_TO, NULL },
	{ "name", KEY_NAME, NULL },         { "grouping", KEY_GROUPING, NULL },
	{ "feedback", KEY_FEEDBACK, NULL }, { NULL, 0, NULL },
};

enum grouping_key { KEY_TYPE, KEY_ARGS, KEY_STREAM_ID, KEY_CUSTOM };

static const struct keys_rule grouping_rules[] = {
	{ "type", KEY_TYPE, NULL },
	{ "args", KEY_ARGS, NULL },
	{ "streamId", KEY_STREAM_ID,
	  "has no meaning here, expected 'name' beside 'from' and 'to'" },
	{ "customClass", KEY_CUSTOM,
	  "has no meaning here, expected another 'type'" },
	{ NULL, 0, NULL },
};

#define GROUPINGS_COUNT ((size_t)PLAN_DIRECT + 1)

static void read_type(struct model_stream *stream, const struct node *value,
		      struct diagnostics *diagnostics)
{
	const char *names[GROUPINGS_COUNT];
	const char *nearest;
	const char *type;
	size_t i;

	if (!value_string(value, "type", diagnostics, &type))
		return;
	stream->grouping_place = value->place;
	for (i = 0; i < GROUPINGS_COUNT; i++) {
		names[i] = plan_grouping_name((enum plan_grouping)i);
		if (strcasecmp(names[i], type) == 0) {
			stream->grouping = (enum plan_grouping)i;
			return;
		}
	}
	nearest = suggest_nearest(type, names, GROUPINGS_COUNT);
	if (strcasecmp(type, "custom") == 0)
		nearest = NULL;
	diagnostics_error(diagnostics, &value->place,
			  "'%.60s' is no grouping, expected %s%s%s", type,
			  nearest != NULL ? "'" : "",
			  nearest != NULL
				  ? nearest
				  : "shuffle, local_or_shuffle, fields, "
				    "partial_key, all, global, none or direct",
			  nearest != NULL ? "'" : "");
	stream->grouping_place.line = 0; /* what follows from it is unknown */
}

static void check_args(const struct model_stream *stream,
		       const struct node *args, struct diagnostics *diagnostics)
{
	bool wanted = stream->grouping == PLAN_FIELDS ||
		      stream->grouping == PLAN_PARTIAL_KEY;
	const struct node_item *item = NULL;

	if (stream->grouping_place.line == 0)
		return;
	if (wanted && (args == NULL ||
		       (!args->broken && value_next(args, &item) == NULL)))
		diagnostics_error(diagnostics, &stream->grouping_place,
				  "the grouping '%s' has no fields, expected "
				  "some in 'args'",
				  plan_grouping_name(stream->grouping));
	if (!wanted && args != NULL)
		diagnostics_error(diagnostics, &args->place,
				  "the grouping '%s' takes no fields, expected "
				  "no 'args'",
				  plan_grouping_name(stream->grouping));
}

static void read_grouping(struct model_stream *stream, const struct node *value,
			  struct diagnostics *diagnostics)
{
	const struct node *args = NULL;
	const struct node_item *item;

	stream->grouping_place = value->place;
	if (!value_map(value, "grouping", diagnostics))
		return;
	for (item = value->items; item != NULL; item = item->next) {
		switch (keys_match(grouping_rules, item, "a grouping",
				   diagnostics)) {
		case KEY_TYPE:
			read_type(stream, item->value, diagnostics);
			break;
		case KEY_ARGS:
			args = item->value;
			break;
		default:
			break;
		}
	}
	check_args(stream, args, diagnostics);
	if (stream->grouping == PLAN_FIELDS ||
	    stream->grouping == PLAN_PARTIAL_KEY)
		stream->keys = args;
}

static void read_keys(struct model_stream *stream, const struct node *map,
		      struct diagnostics *diagnostics)
{
	const struct node_item *item;
	const struct node *value;

	for (item = map->items; item != NULL; item = item->next) {
		value = item->value;
		switch (keys_match(stream_rules, item, "a stream",
				   diagnostics)) {
		case KEY_FROM:
			stream->from_place = value->place;
			value_string(value, "from", diagnostics, &stream->from);
			break;
		case KEY_TO:
			stream->to_place = value->place;
			value_string(value, "to", diagnostics, &stream->to);
			break;
		case KEY_NAME:
			stream->name_place = value->place;
			value_string(value, "name", diagnostics, &stream->name);
			break;
		case KEY_GROUPING:
			read_grouping(stream, value, diagnostics);
			break;
		case KEY_FEEDBACK:
			value_bool(value, "feedback", diagnostics,
				   &stream->feedback);
			break;
		default:
			break;
		}
	}
}

int model_read_stream(struct yaml *yaml, struct model *model,
		      const struct node *node)
{
	struct model_stream *stream;
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return 0;
	if (node->kind != NODE_MAP) {
		diagnostics_error(yaml->diagnostics, &node->place,
				  "a stream is %s, expected a map with 'from' "
				  "and 'to'",
				  value_describe(node, text));
		return 0;
	}
	stream = arena_calloc(yaml->arena, 1, sizeof(*stream));
	if (stream == NULL)
		return -ENOMEM;
	stream->place = node->place;
	stream->grouping = PLAN_SHUFFLE;
	read_keys(stream, node, yaml->diagnostics);
	if (node_get(node, "from") == NULL)
		diagnostics_error(yaml->diagnostics, &node->place,
				  "a stream has no 'from', expected the id of "
				  "a spout or bolt");
	if (node_get(node, "to") == NULL)
		diagnostics_error(yaml->diagnostics, &node->place,
				  "a stream has no 'to', expected the id of a "
				  "bolt");
	*model->streams_end = stream;
	model->streams_end = &stream->next;
	return 0;
}
