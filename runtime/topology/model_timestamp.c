/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/duration.h"
#include "topology/keys.h"
#include "topology/model_read.h"
#include "topology/value.h"

#define SPAN_MAX_NS (UINT64_C(36600) * 24 * 3600 * 1000000000)

enum timestamp_key {
	TIMESTAMP_FIELD,
	TIMESTAMP_FORMAT,
	TIMESTAMP_ZONE,
	TIMESTAMP_LAG,
	TIMESTAMP_IDLE
};

static const struct keys_rule rules[] = {
	{ "field", TIMESTAMP_FIELD, NULL },
	{ "format", TIMESTAMP_FORMAT, NULL },
	{ "zone", TIMESTAMP_ZONE, NULL },
	{ "lag", TIMESTAMP_LAG, NULL },
	{ "idle", TIMESTAMP_IDLE, NULL },
	{ NULL, 0, NULL },
};

/* A time from `least` on; an integer without a unit may be 0 only. */
static void read_span(const struct node *node, const char *what, uint64_t least,
		      struct diagnostics *diagnostics, uint64_t *result)
{
	char text[VALUE_TEXT_SIZE];
	uint64_t ns;

	if (node->broken)
		return;
	if (node->kind == NODE_SCALAR &&
	    duration_parse(node->text, &ns, NULL) == 0 && ns >= least &&
	    ns <= SPAN_MAX_NS) {
		*result = ns;
		return;
	}
	diagnostics_error(diagnostics, &node->place,
			  "'%s' is %s, expected a time%s up to 36600d, such as "
			  "'10s'",
			  what, value_describe(node, text),
			  least > 0 ? " above 0 and" : "");
}

static void read_key(struct model_timestamp *timestamp, int key,
		     const struct node *value, struct diagnostics *diagnostics)
{
	switch (key) {
	case TIMESTAMP_FIELD:
		timestamp->field_place = value->place;
		value_string(value, "field", diagnostics, &timestamp->field);
		break;
	case TIMESTAMP_FORMAT:
		timestamp->format_place = value->place;
		value_string(value, "format", diagnostics, &timestamp->format);
		break;
	case TIMESTAMP_ZONE:
		timestamp->zone_place = value->place;
		value_string(value, "zone", diagnostics, &timestamp->zone);
		break;
	case TIMESTAMP_LAG:
		read_span(value, "lag", 0, diagnostics, &timestamp->lag_ns);
		break;
	case TIMESTAMP_IDLE:
		read_span(value, "idle", 1, diagnostics, &timestamp->idle_ns);
		break;
	default:
		break;
	}
}

int model_read_timestamp(struct yaml *yaml, const struct node *map,
			 struct model_timestamp **timestamp)
{
	struct diagnostics *diagnostics = yaml->diagnostics;
	const size_t errors = diagnostics->errors;
	struct model_timestamp *made =
		arena_calloc(yaml->arena, 1, sizeof(*made));

	if (made == NULL)
		return -ENOMEM;
	*timestamp = made;
	made->place = map->place;
	if (value_map(map, "timestamp", diagnostics)) {
		const struct node_item *item = map->items;

		for (; item != NULL; item = item->next)
			read_key(made,
				 keys_match(rules, item, "a timestamp",
					    diagnostics),
				 item->value, diagnostics);
		if (node_get(map, "field") == NULL)
			diagnostics_error(diagnostics, &map->place,
					  "a timestamp has no 'field', "
					  "expected one");
	}
	made->broken = map->broken || diagnostics->errors > errors;
	return 0;
}
