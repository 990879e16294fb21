/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/drawing.h"
#include "fixture_plan.h"

static char *draw(const struct fixture_plan *fixture,
		  enum drawing_format format)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	CHECK(file != NULL);
	CHECK_INT(drawing_print(&fixture->plan, format, file, NULL), 0);
	fclose(file);
	return text;
}

TEST(text_is_a_tree)
{
	struct fixture_plan fixture;
	char *text;

	fixture_plan_init(&fixture);
	text = draw(&fixture, DRAWING_TEXT);
	CHECK_STR(text,
		  "text  (spout lines, 1 task)\n"
		  "`-- shuffle --> split  (bolt split, 2 tasks)\n"
		  "    `-- words: fields [word] --> count  (bolt count, 2 "
		  "tasks)\n");
	free(text);
	plan_fini_derived(&fixture.plan);
}

TEST(what_was_drawn_is_not_drawn_again)
{
	struct fixture_plan fixture;
	struct plan_edge edges[3];
	char *text;

	fixture_plan_init(&fixture);
	memcpy(edges, fixture.edges, sizeof(fixture.edges));
	edges[2] = edges[0];
	edges[2].to = 2;
	edges[2].grouping = PLAN_ALL;
	fixture.plan.edges = edges;
	fixture.plan.edge_count = 3;
	text = draw(&fixture, DRAWING_TEXT);
	CHECK_STR(text,
		  "text  (spout lines, 1 task)\n"
		  "|-- shuffle --> split  (bolt split, 2 tasks)\n"
		  "|   `-- words: fields [word] --> count  (bolt count, 2 "
		  "tasks)\n"
		  "`-- all --> count  (see there)\n");
	free(text);
	fixture.plan.edges = fixture.edges;
	fixture.plan.edge_count = 2;
	plan_fini_derived(&fixture.plan);
}

TEST(dot_has_all_edges)
{
	struct fixture_plan fixture;
	char *text;

	fixture_plan_init(&fixture);
	fixture.components[0].id = "te\"xt";
	text = draw(&fixture, DRAWING_DOT);
	CHECK_CONTAINS(text, "digraph \"words\" {\n");
	CHECK_CONTAINS(text,
		       "\tc0 [shape=ellipse, label=\"te\\\"xt x1\\nlines\"];");
	CHECK_CONTAINS(text, "\tc1 -> c2 [label=\"words: fields [word]\"];\n");
	free(text);
	plan_fini_derived(&fixture.plan);
}

TEST(mermaid_has_all_edges)
{
	struct fixture_plan fixture;
	char *text;

	fixture_plan_init(&fixture);
	text = draw(&fixture, DRAWING_MERMAID);
	CHECK_STR(text, "flowchart LR\n"
			"    c0([\"text x1<br/>lines\"])\n"
			"    c1[\"split x2<br/>split\"]\n"
			"    c2[\"count x2<br/>count\"]\n"
			"    c0 -->|\"shuffle\"| c1\n"
			"    c1 -->|\"words: fields [word]\"| c2\n");
	free(text);
	plan_fini_derived(&fixture.plan);
}
