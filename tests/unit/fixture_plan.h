/* SPDX-License-Identifier: MIT */
#ifndef FIXTURE_PLAN_H
#define FIXTURE_PLAN_H

/*
 * A small plan for tests of what reads plans: a spout `text` with one task,
 * two bolts `split` and `count` with two tasks each, on two executors.
 */

#include "topology/plan.h"

static const struct gust_spout fixture_spout = { .name = "lines" };
static const struct gust_bolt fixture_split = { .name = "split" };
static const struct gust_bolt fixture_count = { .name = "count" };

static const struct gust_column fixture_line[] = { { "line", GUST_STRING },
						   { NULL, GUST_NULL } };
static const struct gust_column fixture_word[] = { { "word", GUST_STRING },
						   { NULL, GUST_NULL } };
static const uint16_t fixture_keys[] = { 0 };

struct fixture_plan {
	struct plan plan;
	struct plan_component components[3];
	struct plan_stream streams[2];
	struct plan_edge edges[2];
};

static inline void fixture_components(struct fixture_plan *fixture)
{
	struct plan_component *it = fixture->components;

	it[0].id = "text";
	it[0].kind = PLAN_SPOUT;
	it[0].spout = &fixture_spout;
	it[0].replay = GUST_REPLAY_RECORD;
	it[0].task_count = 1;
	it[0].stream_count = 1;
	it[1].id = "split";
	it[1].kind = PLAN_BOLT;
	it[1].bolt = &fixture_split;
	it[1].task_count = 2;
	it[1].first_stream = 1;
	it[1].stream_count = 1;
	it[2].id = "count";
	it[2].kind = PLAN_BOLT;
	it[2].bolt = &fixture_count;
	it[2].task_count = 2;
	it[2].first_stream = 2;
	it[0].executor = it[1].executor = it[2].executor = -1;
}

/* On so many workers, with so many executors each. Ends with
 * plan_fini_derived(). */
static inline void fixture_plan_init_over(struct fixture_plan *fixture,
					  uint32_t workers, uint32_t executors)
{
	struct gust_error error = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	fixture_components(fixture);
	fixture->streams[0].name = "default";
	fixture->streams[0].columns = fixture_line;
	fixture->streams[0].column_count = 1;
	fixture->streams[1].name = "words";
	fixture->streams[1].component = 1;
	fixture->streams[1].columns = fixture_word;
	fixture->streams[1].column_count = 1;
	fixture->edges[0].to = 1;
	fixture->edges[1].stream = 1;
	fixture->edges[1].from = 1;
	fixture->edges[1].to = 2;
	fixture->edges[1].grouping = PLAN_FIELDS;
	fixture->edges[1].keys = fixture_keys;
	fixture->edges[1].key_count = 1;
	fixture->plan.name = "words";
	fixture->plan.config.workers = workers;
	fixture->plan.config.executors = executors;
	fixture->plan.config.dead_letters = "words.dead-letters.jsonl";
	fixture->plan.components = fixture->components;
	fixture->plan.component_count = 3;
	fixture->plan.streams = fixture->streams;
	fixture->plan.stream_count = 2;
	fixture->plan.edges = fixture->edges;
	fixture->plan.edge_count = 2;
	CHECK_INT(plan_derive(&fixture->plan, &error), 0);
}

static inline void fixture_plan_init(struct fixture_plan *fixture)
{
	fixture_plan_init_over(fixture, 1, 2);
}

#endif
