/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/duration.h"
#include "base/suggest.h"
#include "topology/keys.h"
#include "topology/model_read.h"
#include "topology/value.h"

/* Far beyond any use, and twice of it is still a time. */
#define SPAN_MAX_NS (UINT64_C(36600) * 24 * 3600 * 1000000000)
#define TUPLES_MAX INT32_MAX

enum window_key {
	WINDOW_TYPE,
	WINDOW_LENGTH,
	WINDOW_SLIDE,
	WINDOW_GAP,
	WINDOW_OFFSET,
	WINDOW_ZONE,
	WINDOW_KEYS,
	WINDOW_LATENESS,
	WINDOW_EARLY,
	WINDOW_KEY_COUNT,
};

static const struct keys_rule rules[] = {
	{ "type", WINDOW_TYPE, NULL },
	{ "length", WINDOW_LENGTH, NULL },
	{ "slide", WINDOW_SLIDE, NULL },
	{ "gap", WINDOW_GAP, NULL },
	{ "offset", WINDOW_OFFSET, NULL },
	{ "zone", WINDOW_ZONE, NULL },
	{ "keys", WINDOW_KEYS, NULL },
	{ "allowed_lateness", WINDOW_LATENESS, NULL },
	{ "early", WINDOW_EARLY, NULL },
	{ NULL, 0, NULL },
};

#define BIT(key) (1u << (key))
#define ALWAYS (BIT(WINDOW_TYPE) | BIT(WINDOW_KEYS) | BIT(WINDOW_EARLY))
#define OF_TIME (ALWAYS | BIT(WINDOW_LATENESS))
#define ALIGNED (OF_TIME | BIT(WINDOW_OFFSET) | BIT(WINDOW_ZONE))

/* What each type has, by the names of a file. */
struct window_shape {
	const char *name;
	enum gust_window_type type;
	unsigned required, allowed; /* bits by enum window_key */
};

static const struct window_shape shapes[] = {
	{ "tumbling", GUST_TUMBLING, BIT(WINDOW_LENGTH), ALIGNED },
	{ "sliding", GUST_SLIDING, BIT(WINDOW_LENGTH) | BIT(WINDOW_SLIDE),
	  ALIGNED },
	{ "session", GUST_SESSION, BIT(WINDOW_GAP), OF_TIME },
	{ "count", GUST_TUMBLING_COUNT, BIT(WINDOW_LENGTH),
	  ALWAYS | BIT(WINDOW_SLIDE) },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* A window that is being read: its nodes by key, NULL where there is none. */
struct reading {
	struct yaml *yaml;
	const struct node *nodes[WINDOW_KEY_COUNT];
	const struct window_shape *shape;
	struct model_window *window;
};

static void find_type(struct reading *reading)
{
	const struct node *node = reading->nodes[WINDOW_TYPE];
	struct diagnostics *diagnostics = reading->yaml->diagnostics;
	const char *names[SHAPES], *name, *nearest;

	if (node == NULL) {
		diagnostics_error(diagnostics, &reading->window->place,
				  "a window has no 'type', expected tumbling, "
				  "sliding, session or count");
		return;
	}
	if (!value_string(node, "type", diagnostics, &name))
		return;
	for (size_t i = 0; i < SHAPES; i++) {
		names[i] = shapes[i].name;
		if (strcmp(shapes[i].name, name) == 0)
			reading->shape = &shapes[i];
	}
	if (reading->shape != NULL)
		return;
	nearest = suggest_nearest(name, names, SHAPES);
	if (nearest != NULL)
		diagnostics_error(diagnostics, &node->place,
				  "'%.60s' is no type of a window, expected "
				  "'%s'",
				  name, nearest);
	else
		diagnostics_error(diagnostics, &node->place,
				  "'%.60s' is no type of a window, expected "
				  "tumbling, sliding, session or count",
				  name);
}

/* Says which keys the type lacks, and which it has not got. */
static void check_shape(const struct reading *reading)
{
	struct diagnostics *diagnostics = reading->yaml->diagnostics;
	const struct window_shape *shape = reading->shape;

	for (const struct keys_rule *rule = rules; rule->name != NULL; rule++) {
		const struct node *node = reading->nodes[rule->id];
		const unsigned bit = BIT(rule->id);

		if (node == NULL && (shape->required & bit) != 0)
			diagnostics_error(diagnostics, &reading->window->place,
					  "a %s window has no '%s', expected "
					  "one",
					  shape->name, rule->name);
		if (node != NULL &&
		    ((shape->required | shape->allowed) & bit) == 0)
			diagnostics_error(diagnostics, &node->place,
					  "a %s window takes no '%s', expected "
					  "it left out",
					  shape->name, rule->name);
	}
}

static bool is_number(const struct node *node)
{
	return node->kind == NODE_SCALAR &&
	       node_scalar(node).kind == SCALAR_INT;
}

/* A time from `least` on. */
static bool read_span(const struct reading *reading, int key, uint64_t least,
		      int64_t *result)
{
	struct diagnostics *diagnostics = reading->yaml->diagnostics;
	const struct node *node = reading->nodes[key];
	char text[VALUE_TEXT_SIZE];
	uint64_t ns;

	if (node == NULL || node->broken)
		return false;
	if (node->kind == NODE_SCALAR &&
	    duration_parse(node->text, &ns, NULL) == 0 && ns >= least &&
	    ns <= SPAN_MAX_NS) {
		*result = (int64_t)ns;
		return true;
	}
	diagnostics_error(diagnostics, &node->place,
			  "'%s' is %s, expected a time%s up to 36600d, such as "
			  "'10s'",
			  rules[key].name, value_describe(node, text),
			  least > 0 ? " above 0 and" : "");
	return false;
}

/* A number of tuples. */
static bool read_tuples(const struct reading *reading, int key, int64_t *result)
{
	return value_integer(reading->nodes[key], rules[key].name, 1,
			     TUPLES_MAX, reading->yaml->diagnostics, result);
}

/* `length`, `slide`: of the same kind, and the second one not the longer. */
static void read_extent(const struct reading *reading, bool counted)
{
	struct gust_window_spec *spec = &reading->window->spec;
	const struct node *slide = reading->nodes[WINDOW_SLIDE];
	bool known;

	if (reading->nodes[WINDOW_LENGTH] == NULL)
		return;
	known = counted ? read_tuples(reading, WINDOW_LENGTH, &spec->length)
			: read_span(reading, WINDOW_LENGTH, 1, &spec->length);
	spec->slide = spec->length;
	if (slide == NULL)
		return;
	if (!(counted ? read_tuples(reading, WINDOW_SLIDE, &spec->slide)
		      : read_span(reading, WINDOW_SLIDE, 1, &spec->slide)))
		return;
	if (known && spec->slide > spec->length)
		diagnostics_error(reading->yaml->diagnostics, &slide->place,
				  "'slide' is longer than 'length', so that "
				  "tuples would be in no window, expected at "
				  "most 'length'");
}

static void read_alignment(const struct reading *reading)
{
	struct gust_window_spec *spec = &reading->window->spec;
	const struct node *offset = reading->nodes[WINDOW_OFFSET];
	const struct node *zone = reading->nodes[WINDOW_ZONE];

	if (read_span(reading, WINDOW_OFFSET, 0, &spec->offset) &&
	    spec->slide > 0 && spec->offset >= spec->slide)
		diagnostics_error(reading->yaml->diagnostics, &offset->place,
				  "'offset' is not below '%s', expected less",
				  spec->slide < spec->length ? "slide"
							     : "length");
	if (zone == NULL)
		return;
	reading->window->zone_place = zone->place;
	value_string(zone, "zone", reading->yaml->diagnostics, &spec->zone);
}

static bool has_key(const struct gust_window_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->key_count; i++)
		if (strcmp(spec->keys[i], name) == 0)
			return true;
	return false;
}

static int read_names(const struct reading *reading)
{
	struct diagnostics *diagnostics = reading->yaml->diagnostics;
	const struct node *list = reading->nodes[WINDOW_KEYS];
	struct gust_window_spec *spec = &reading->window->spec;
	struct arena *arena = reading->yaml->arena;
	const struct node_item *item = NULL;
	const struct node *node;
	struct place *places;
	const char **names, *name;

	if (list == NULL)
		return 0;
	names = arena_calloc(arena, list->count + 1, sizeof(*names));
	places = arena_calloc(arena, list->count + 1, sizeof(*places));
	if (names == NULL || places == NULL)
		return -ENOMEM;
	spec->keys = names;
	reading->window->key_places = places;
	while ((node = value_next(list, &item)) != NULL) {
		if (!value_string(node, "keys", diagnostics, &name))
			continue;
		if (has_key(spec, name)) {
			diagnostics_error(diagnostics, &node->place,
					  "the key '%.60s' stands here again, "
					  "expected it once",
					  name);
			continue;
		}
		places[spec->key_count] = node->place;
		names[spec->key_count++] = name;
	}
	return 0;
}

/* Windows of tuples have no times. */
static void read_values(struct reading *reading)
{
	struct gust_window_spec *spec = &reading->window->spec;
	const enum gust_window_type type = reading->shape->type;
	const struct node *length = reading->nodes[WINDOW_LENGTH];
	bool counted = type == GUST_TUMBLING_COUNT;

	spec->type = type;
	if ((type == GUST_TUMBLING || type == GUST_SLIDING) && length != NULL &&
	    is_number(length)) {
		diagnostics_error(reading->yaml->diagnostics, &length->place,
				  "'length' is '%.60s', a number of tuples, "
				  "expected a time such as '10s', or 'type: "
				  "count'",
				  length->text);
		return;
	}
	if (counted && reading->nodes[WINDOW_SLIDE] != NULL)
		spec->type = GUST_SLIDING_COUNT;
	read_extent(reading, counted);
	read_alignment(reading);
	(void)read_span(reading, WINDOW_GAP, 1, &spec->gap);
	(void)read_span(reading, WINDOW_LATENESS, 0, &spec->lateness);
	(void)read_span(reading, WINDOW_EARLY, 1, &spec->early);
}

int model_read_window(struct yaml *yaml, const struct node *map,
		      struct model_window **window)
{
	struct diagnostics *diagnostics = yaml->diagnostics;
	const size_t errors = diagnostics->errors;
	struct reading reading = { .yaml = yaml };
	int key, r = 0;

	reading.window = arena_calloc(yaml->arena, 1, sizeof(*reading.window));
	if (reading.window == NULL)
		return -ENOMEM;
	*window = reading.window;
	reading.window->place = map->place;
	if (value_map(map, "window", diagnostics)) {
		const struct node_item *item = map->items;

		for (; item != NULL; item = item->next) {
			key = keys_match(rules, item, "a window", diagnostics);
			if (key >= 0)
				reading.nodes[key] = item->value;
		}
		find_type(&reading);
		r = read_names(&reading);
	}
	if (reading.shape != NULL) {
		check_shape(&reading);
		read_values(&reading);
	}
	reading.window->broken = map->broken || diagnostics->errors > errors;
	return r;
}
