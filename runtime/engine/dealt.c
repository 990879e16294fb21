/* SPDX-License-Identifier: MIT */

#include "engine/dealt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/keycode.h"

/* The place of a name among the keys of a window; UINT16_MAX: it is none. */
static uint16_t dealt_place(const struct gust_window_spec *spec,
			    const char *name)
{
	for (size_t i = 0; i < spec->key_count; i++)
		if (strcmp(spec->keys[i], name) == 0)
			return (uint16_t)i;
	return UINT16_MAX;
}

static void dealt_refuse(struct dealt *dealt, const struct plan *plan,
			 const struct plan_edge *edge, const char *why)
{
	dealt->how = DEALT_FOR_GOOD;
	snprintf(dealt->why, sizeof(dealt->why),
		 "its tuples from '%s' are grouped by '%s'%s",
		 plan->components[edge->from].id,
		 plan_grouping_name(edge->grouping), why);
}

/* Takes an input that is grouped by fields, or finds that they are not what
 * others are grouped by. */
static void dealt_fields(struct dealt *dealt, const struct plan *plan,
			 const struct plan_edge *edge, bool first)
{
	const struct gust_window_spec *spec = plan->components[edge->to].window;
	const struct plan_stream *stream = &plan->streams[edge->stream];

	if (first)
		dealt->count = edge->key_count;
	for (uint16_t i = 0; i < edge->key_count; i++) {
		const char *name = stream->columns[edge->keys[i]].name;
		const uint16_t place = dealt_place(spec, name);

		if (place == UINT16_MAX) {
			dealt_refuse(dealt, plan, edge,
				     ", and not by keys of the window alone");
			return;
		}
		if (first)
			dealt->places[i] = place;
		else if (edge->key_count != dealt->count ||
			 dealt->places[i] != place) {
			dealt_refuse(dealt, plan, edge,
				     ", but not as its others");
			return;
		}
	}
}

static void dealt_input(struct dealt *dealt, const struct plan *plan,
			const struct plan_edge *edge, bool first)
{
	const enum dealt_how how =
		edge->grouping == PLAN_FIELDS ? DEALT_BY_KEY : DEALT_BY_TASK;

	if (edge->grouping == PLAN_ALL || edge->grouping == PLAN_DIRECT) {
		dealt_refuse(dealt, plan, edge, "");
		return;
	}
	if (!first && how != dealt->how) {
		dealt_refuse(dealt, plan, edge, ", but not as its others");
		return;
	}
	dealt->how = how;
	if (how == DEALT_BY_KEY)
		dealt_fields(dealt, plan, edge, first);
}

int dealt_init(struct dealt *dealt, const struct plan *plan, uint32_t component)
{
	const struct plan_component *c = &plan->components[component];
	uint16_t most = 0;

	memset(dealt, 0, sizeof(*dealt));
	for (uint32_t i = 0; i < c->input_count; i++)
		if (plan->edges[c->inputs[i]].key_count > most)
			most = plan->edges[c->inputs[i]].key_count;
	dealt->places = calloc((size_t)most + 1, sizeof(*dealt->places));
	dealt->values = calloc((size_t)most + 1, sizeof(*dealt->values));
	if (dealt->places == NULL || dealt->values == NULL) {
		dealt_fini(dealt);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < c->input_count && dealt->how != DEALT_FOR_GOOD;
	     i++)
		dealt_input(dealt, plan, &plan->edges[c->inputs[i]], i == 0);
	return 0;
}

void dealt_fini(struct dealt *dealt)
{
	free(dealt->places);
	free(dealt->values);
	dealt->places = NULL;
	dealt->values = NULL;
}

uint64_t dealt_hash(const struct dealt *dealt, const struct gust_value *keys)
{
	for (uint16_t i = 0; i < dealt->count; i++)
		dealt->values[i] = keys[dealt->places[i]];
	return keycode_hash(dealt->values, dealt->count);
}
