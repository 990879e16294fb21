/* SPDX-License-Identifier: MIT */
#include "cli/testcheck.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/testmatch.h"
#include "plugin/stream.h"
#include "topology/keys.h"
#include "topology/value.h"

enum key { KEY_TUPLES, KEY_FIELDS, KEY_ORDER, KEY_COUNT };

static const struct keys_rule rules[] = {
	{ "tuples", KEY_TUPLES, NULL },
	{ "fields", KEY_FIELDS, NULL },
	{ "order", KEY_ORDER, NULL },
	{ "count", KEY_COUNT, NULL },
	{ NULL, 0, NULL },
};

/* What is expected at one place. */
struct expectation {
	struct place place;
	const struct node *tuples; /* a list, or NULL: any */
	const struct node *fields; /* names, or NULL: all */
	bool ordered;
	int64_t count; /* -1: not given */
};

static void read_order(const struct node *node, bool *ordered,
		       struct diagnostics *diagnostics)
{
	const char *text;

	if (!value_string(node, "order", diagnostics, &text))
		return;
	*ordered = strcmp(text, "exact") == 0;
	if (!*ordered && strcmp(text, "any") != 0)
		diagnostics_error(diagnostics, &node->place,
				  "'order' is '%.60s', expected any or exact",
				  text);
}

static void read_key(struct expectation *expectation, int key,
		     const struct node *value, struct diagnostics *diagnostics)
{
	switch (key) {
	case KEY_TUPLES:
		expectation->tuples = value;
		break;
	case KEY_FIELDS:
		expectation->fields = value;
		break;
	case KEY_ORDER:
		read_order(value, &expectation->ordered, diagnostics);
		break;
	case KEY_COUNT:
		value_integer(value, "count", 0, INT32_MAX, diagnostics,
			      &expectation->count);
		break;
	default:
		break;
	}
}

/* A list of tuples, or a map with one. False: a mistake. */
static bool read_expectation(struct expectation *expectation,
			     const struct node *node, bool ordered,
			     struct diagnostics *diagnostics)
{
	const struct node_item *item;
	char text[VALUE_TEXT_SIZE];
	size_t errors = diagnostics->errors;

	memset(expectation, 0, sizeof(*expectation));
	expectation->place = node->place;
	expectation->ordered = ordered;
	expectation->count = -1;
	if (node->broken)
		return false;
	if (node->kind == NODE_MAP) {
		for (item = node->items; item != NULL; item = item->next)
			read_key(expectation,
				 keys_match(rules, item, "an expectation",
					    diagnostics),
				 item->value, diagnostics);
		node = expectation->tuples;
	}
	expectation->tuples = node;
	if (node != NULL && !node->broken && node->kind != NODE_LIST &&
	    !node_is_null(node))
		diagnostics_error(diagnostics, &node->place,
				  "what is expected is %s, expected a list of "
				  "tuples",
				  value_describe(node, text));
	return diagnostics->errors == errors;
}

/* Room for `count` rows; NULL for want of memory. */
static struct testrow *new_rows(struct testcheck *check, size_t count)
{
	struct testrow *rows = arena_calloc(testrig_arena(check->rig),
					    count + 1, sizeof(*rows));

	check->no_memory |= rows == NULL;
	return rows;
}

static void report_differences(struct testcheck *check, const char *name,
			       const struct place *place,
			       const struct testmatch *match)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int r = -ENOMEM;

	if (file != NULL) {
		r = testmatch_compare(match, file);
		(void)fclose(file);
	}
	if (r > 0)
		fprintf(check->report,
			"  %s: expected %zu (-), found %zu (+), %s:%d\n%s",
			name, match->expected_count, match->found_count,
			place->file, place->line, text);
	check->no_memory |= r < 0;
	free(text);
}

/* Leaves only the fields of `names`, a list or one. */
static void narrow(struct testcheck *check, struct testrow *rows, size_t count,
		   const struct node *names)
{
	const char **list = arena_calloc(testrig_arena(check->rig),
					 names->count + 1, sizeof(*list));
	const struct node_item *item = NULL;
	const struct node *node;
	size_t used = 0, i;

	if (list == NULL) {
		check->no_memory = true;
		return;
	}
	while ((node = value_next(names, &item)) != NULL)
		list[used++] = node->text;
	for (i = 0; i < count; i++)
		testrow_narrow(&rows[i], list, used);
}

/* The columns of `fields:`, in their order. NULL after a mistake. */
static const struct gust_column *
narrow_columns(struct testcheck *check, const struct gust_column *columns,
	       const struct node *names)
{
	const struct gust_column *column;
	struct gust_column *narrowed;
	const struct node_item *item = NULL;
	const struct node *node;
	const char *name;
	size_t used = 0;

	narrowed = arena_calloc(testrig_arena(check->rig), names->count + 2,
				sizeof(*narrowed));
	if (narrowed == NULL) {
		check->no_memory = true;
		return NULL;
	}
	while ((node = value_next(names, &item)) != NULL) {
		if (!value_string(node, "fields", check->diagnostics, &name))
			return NULL;
		column = stream_column(columns, name);
		if (column == NULL) {
			diagnostics_error(check->diagnostics, &node->place,
					  "'%.60s' is no field here, expected "
					  "one",
					  name);
			return NULL;
		}
		narrowed[used++] = *column;
	}
	return narrowed;
}

/* Reads the expected tuples; returns how many there are. */
static size_t read_rows(struct testcheck *check,
			const struct expectation *expectation,
			const struct testpoint *point, struct testrow *rows)
{
	const struct gust_column *columns;
	const struct node_item *item = NULL;
	const struct node *node;
	size_t count = 0;

	while ((node = value_next(expectation->tuples, &item)) != NULL) {
		columns = testrig_columns(check->rig, point, node);
		if (expectation->fields != NULL)
			columns = narrow_columns(check, columns,
						 expectation->fields);
		if (columns == NULL)
			return count;
		if (testrow_read(&rows[count], node, columns, false,
				 testrig_arena(check->rig), check->diagnostics))
			count++;
	}
	return count;
}

static size_t take_found(struct testcheck *check, struct testpoint *point,
			 struct testrow *rows)
{
	const struct plan *plan = testrig_plan(check->rig);
	const struct gust_tuple *tuple;
	size_t count = 0;

	for (; point->seen < point->tap.count; point->seen++) {
		tuple = point->tap.items[point->seen];
		if (testrow_take(&rows[count++], tuple,
				 plan->streams[tuple->stream].columns,
				 testrig_arena(check->rig)) < 0)
			check->no_memory = true;
	}
	return count;
}

static void compare_point(struct testcheck *check, struct testpoint *point,
			  const struct expectation *expectation,
			  struct testmatch *match)
{
	struct testrow *found = new_rows(check, point->tap.count - point->seen);

	if (found == NULL)
		return;
	match->found = found;
	match->found_count = take_found(check, point, found);
	match->ordered = expectation->ordered;
	if (check->no_memory)
		return;
	if (expectation->fields != NULL)
		narrow(check, found, match->found_count, expectation->fields);
	if (expectation->tuples != NULL)
		report_differences(check, point->name, &expectation->place,
				   match);
	if (expectation->count >= 0 &&
	    (size_t)expectation->count != match->found_count)
		fprintf(check->report,
			"  %s: expected %lld tuples, found %zu, %s:%d\n",
			point->name, (long long)expectation->count,
			match->found_count, expectation->place.file,
			expectation->place.line);
}

/* One place and what is expected there; `key` as testrig_point() has it. */
static void check_point(struct testcheck *check, const struct node *key,
			const struct node *node)
{
	struct expectation expectation;
	struct testmatch match = { 0 };
	struct testpoint *point;
	struct testrow *rows;

	if (!read_expectation(&expectation, node, testrig_alone(check->rig),
			      check->diagnostics))
		return;
	if (key != NULL)
		expectation.place = key->place;
	point = testrig_point(check->rig, key, &node->place,
			      check->diagnostics);
	if (point == NULL)
		return;
	if (expectation.tuples != NULL) {
		rows = new_rows(check, expectation.tuples->count);
		if (rows == NULL)
			return;
		match.expected = rows;
		match.expected_count =
			read_rows(check, &expectation, point, rows);
	}
	if (check->world != NULL)
		compare_point(check, point, &expectation, &match);
}

static void check_expect(struct testcheck *check, const struct node *expect)
{
	const struct node_item *item;
	char text[VALUE_TEXT_SIZE];

	if (expect->kind != NODE_MAP && testrig_alone(check->rig)) {
		check_point(check, NULL, expect);
		return;
	}
	if (expect->kind != NODE_MAP) {
		diagnostics_error(check->diagnostics, &expect->place,
				  "'expect' is %s, expected a map of "
				  "components and tuples",
				  value_describe(expect, text));
		return;
	}
	for (item = expect->items; item != NULL; item = item->next)
		check_point(check, item->key, item->value);
}

static void compare_rows(struct testcheck *check, const char *name,
			 const struct place *place,
			 struct testworld_rows *found, struct testmatch *match)
{
	match->found = found->count == 0 ? NULL : found->items + found->seen;
	match->found_count = found->count - found->seen;
	found->seen = found->count;
	report_differences(check, name, place, match);
}

static void check_output(struct testcheck *check, const struct node *output)
{
	struct expectation expectation;
	const struct node_item *item = NULL;
	struct testmatch match = { 0 };
	const struct node *node;
	struct testrow *rows;

	if (!read_expectation(&expectation, output, testrig_alone(check->rig),
			      check->diagnostics) ||
	    expectation.tuples == NULL)
		return;
	rows = new_rows(check, expectation.tuples->count);
	if (rows == NULL)
		return;
	match.expected = rows;
	match.ordered = expectation.ordered;
	while ((node = value_next(expectation.tuples, &item)) != NULL)
		if (testrow_read(&rows[match.expected_count], node,
				 testworld_line, false,
				 testrig_arena(check->rig), check->diagnostics))
			match.expected_count++;
	if (check->world != NULL)
		compare_rows(check, "stdout", &expectation.place,
			     &check->world->lines, &match);
}

/* `list` NULL: nothing is expected. */
static void check_letters(struct testcheck *check, const char *name,
			  const struct place *place, const struct node *list,
			  struct testworld_rows *found)
{
	const struct node_item *item = NULL;
	struct testmatch match = { 0 };
	const struct node *node;
	struct testrow *rows;

	rows = new_rows(check, list != NULL ? list->count : 0);
	if (rows == NULL)
		return;
	match.expected = rows;
	while (list != NULL && (node = value_next(list, &item)) != NULL)
		if (testworld_read_letter(testrig_source(check->rig),
					  &rows[match.expected_count], node,
					  testrig_arena(check->rig),
					  check->diagnostics))
			match.expected_count++;
	if (found != NULL)
		compare_rows(check, name, list != NULL ? &list->place : place,
			     found, &match);
}

void testcheck_step(struct testcheck *check, const struct testfile_step *step)
{
	struct testworld *world = check->world;
	struct diagnostics unused;

	/* What was read before has no mistakes. */
	diagnostics_init(&unused);
	if (world != NULL)
		check->diagnostics = &unused;
	if (step->expect != NULL)
		check_expect(check, step->expect);
	if (step->output != NULL)
		check_output(check, step->output);
	if (step->dead_letters != NULL || step->last)
		check_letters(check, "dead letters", &step->place,
			      step->dead_letters,
			      world != NULL ? &world->letters : NULL);
	if (step->rejected != NULL || step->last)
		check_letters(check, "rejected", &step->place, step->rejected,
			      world != NULL ? &world->rejected : NULL);
	diagnostics_fini(&unused);
}
