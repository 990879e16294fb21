/* SPDX-License-Identifier: MIT */
#include "cli/testfile.h"

#include <errno.h>
#include <string.h>

#include "base/duration.h"
#include "topology/keys.h"
#include "topology/value.h"
#include "topology/yaml.h"

enum key {
	KEY_SUBJECT,
	KEY_DEFINE,
	KEY_CONFIG,
	KEY_OPTIONS,
	KEY_INPUT,
	KEY_OUTPUTS,
	KEY_CASES,
	KEY_NAME,
	KEY_GIVEN,
	KEY_ADVANCE,
	KEY_STOP,
	KEY_EXPECT,
	KEY_STDOUT,
	KEY_DEAD_LETTERS,
	KEY_REJECTED,
	KEY_FAIL,
	KEY_RUN,
	KEY_ERROR,
	KEY_STEPS,
};

#define NOT_YET "stands in a case, expected it below 'cases'"

static const struct keys_rule file_rules[] = {
	{ "topology", KEY_SUBJECT, NULL },
	{ "bolt", KEY_SUBJECT, NULL },
	{ "spout", KEY_SUBJECT, NULL },
	{ "define", KEY_DEFINE, NULL },
	{ "config", KEY_CONFIG, NULL },
	{ "options", KEY_OPTIONS, NULL },
	{ "input", KEY_INPUT, NULL },
	{ "outputs", KEY_OUTPUTS, NULL },
	{ "cases", KEY_CASES, NULL },
	{ "given", KEY_GIVEN, NOT_YET },
	{ "steps", KEY_STEPS, NOT_YET },
	{ "expect", KEY_EXPECT, NOT_YET },
	{ NULL, 0, NULL },
};

static const struct keys_rule case_rules[] = {
	{ "name", KEY_NAME, NULL },
	{ "define", KEY_DEFINE, NULL },
	{ "config", KEY_CONFIG, NULL },
	{ "options", KEY_OPTIONS, NULL },
	{ "input", KEY_INPUT, NULL },
	{ "outputs", KEY_OUTPUTS, NULL },
	{ "fail", KEY_FAIL, NULL },
	{ "run", KEY_RUN, NULL },
	{ "given", KEY_GIVEN, NULL },
	{ "advance", KEY_ADVANCE, NULL },
	{ "stop", KEY_STOP, NULL },
	{ "steps", KEY_STEPS, NULL },
	{ "expect", KEY_EXPECT, NULL },
	{ "stdout", KEY_STDOUT, NULL },
	{ "dead_letters", KEY_DEAD_LETTERS, NULL },
	{ "rejected", KEY_REJECTED, NULL },
	{ "error", KEY_ERROR, NULL },
	{ NULL, 0, NULL },
};

static const struct keys_rule step_rules[] = {
	{ "given", KEY_GIVEN, NULL },
	{ "advance", KEY_ADVANCE, NULL },
	{ "stop", KEY_STOP, NULL },
	{ "expect", KEY_EXPECT, NULL },
	{ "stdout", KEY_STDOUT, NULL },
	{ "dead_letters", KEY_DEAD_LETTERS, NULL },
	{ "rejected", KEY_REJECTED, NULL },
	{ NULL, 0, NULL },
};

/* What reading has at hand. `failed`: memory was short. */
struct reading {
	struct testfile *file;
	struct diagnostics *diagnostics;
	bool failed;
};

static void *reading_new(struct reading *reading, size_t size)
{
	void *p = arena_calloc(&reading->file->arena, 1, size);

	reading->failed |= p == NULL;
	return p;
}

static const struct node *map_or_null(struct reading *reading,
				      const struct node *node, const char *what)
{
	return value_map(node, what, reading->diagnostics) ? node : NULL;
}

/* Nothing at all is an empty list; what it holds is seen later. */
static const struct node *
list_or_null(struct reading *reading, const struct node *node, const char *what)
{
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return NULL;
	if (node->kind == NODE_LIST || node_is_null(node))
		return node;
	diagnostics_error(reading->diagnostics, &node->place,
			  "'%s' is %s, expected a list", what,
			  value_describe(node, text));
	return NULL;
}

/* Returns true when the key was one of a setting. */
static bool read_setting(struct reading *reading,
			 struct testfile_setting *setting, int key,
			 const struct node *value)
{
	switch (key) {
	case KEY_DEFINE:
		setting->define = map_or_null(reading, value, "define");
		return true;
	case KEY_CONFIG:
		setting->config = map_or_null(reading, value, "config");
		return true;
	case KEY_OPTIONS:
		setting->options = map_or_null(reading, value, "options");
		return true;
	case KEY_INPUT:
		setting->input = map_or_null(reading, value, "input");
		return true;
	case KEY_OUTPUTS:
		setting->outputs = map_or_null(reading, value, "outputs");
		return true;
	default:
		return false;
	}
}

static void read_advance(struct reading *reading, const struct node *node,
			 uint64_t *ns)
{
	struct gust_error error = { 0 };
	const char *text;

	if (!value_string(node, "advance", reading->diagnostics, &text))
		return;
	if (duration_parse(text, ns, &error) < 0)
		diagnostics_error(reading->diagnostics, &node->place,
				  "'advance' is '%.60s', expected a time such "
				  "as 10s",
				  text);
}

static void read_step_key(struct reading *reading, struct testfile_step *step,
			  int key, const struct node *value)
{
	switch (key) {
	case KEY_GIVEN:
		if (!value->broken)
			step->given = value;
		break;
	case KEY_ADVANCE:
		read_advance(reading, value, &step->advance_ns);
		break;
	case KEY_STOP:
		value_bool(value, "stop", reading->diagnostics, &step->stop);
		break;
	case KEY_EXPECT:
		if (!value->broken)
			step->expect = value;
		break;
	case KEY_STDOUT:
		if (!value->broken)
			step->output = value;
		break;
	case KEY_DEAD_LETTERS:
		step->dead_letters =
			list_or_null(reading, value, "dead_letters");
		break;
	case KEY_REJECTED:
		step->rejected = list_or_null(reading, value, "rejected");
		break;
	default:
		break;
	}
}

static struct testfile_step *read_step(struct reading *reading,
				       const struct node *node)
{
	struct testfile_step *step;
	const struct node_item *item;
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return NULL;
	if (node->kind != NODE_MAP) {
		diagnostics_error(reading->diagnostics, &node->place,
				  "a step is %s, expected a map with 'given', "
				  "'advance' or 'expect'",
				  value_describe(node, text));
		return NULL;
	}
	step = reading_new(reading, sizeof(*step));
	if (step == NULL)
		return NULL;
	step->place = node->place;
	for (item = node->items; item != NULL; item = item->next)
		read_step_key(reading, step,
			      keys_match(step_rules, item, "a step",
					 reading->diagnostics),
			      item->value);
	return step;
}

static struct testfile_step **read_steps(struct reading *reading,
					 const struct node *list,
					 struct testfile_step **end)
{
	const struct node_item *item = NULL;
	const struct node *node;

	if (list_or_null(reading, list, "steps") == NULL)
		return end;
	while ((node = value_next(list, &item)) != NULL) {
		*end = read_step(reading, node);
		if (*end != NULL)
			end = &(*end)->next;
	}
	return end;
}

static void read_case_key(struct reading *reading, struct testfile_case *test,
			  int key, const struct node *value)
{
	switch (key) {
	case KEY_NAME:
		value_string(value, "name", reading->diagnostics, &test->name);
		break;
	case KEY_FAIL:
		if (!value->broken)
			test->fail = value;
		break;
	case KEY_RUN:
		if (!value->broken)
			test->run = value;
		break;
	case KEY_ERROR:
		value_string(value, "error", reading->diagnostics,
			     &test->error);
		break;
	default:
		break;
	}
}

/* What a case says of itself is its last step, or with `steps` all of it but
 * what is expected in the end. */
static void read_case_keys(struct reading *reading, struct testfile_case *test,
			   const struct node *map)
{
	const struct node *steps = node_get(map, "steps");
	struct testfile_step *last = reading_new(reading, sizeof(*last));
	struct testfile_step **end = &test->steps;
	const struct node_item *item;
	int key;

	if (last == NULL)
		return;
	last->place = map->place;
	last->last = true;
	for (item = map->items; item != NULL; item = item->next) {
		key = keys_match(case_rules, item, "a case",
				 reading->diagnostics);
		if (key < 0 ||
		    read_setting(reading, &test->setting, key, item->value))
			continue;
		if (steps != NULL &&
		    (key == KEY_GIVEN || key == KEY_ADVANCE || key == KEY_STOP))
			diagnostics_error(reading->diagnostics,
					  &item->key->place,
					  "'%s' stands beside 'steps', "
					  "expected it in one of them",
					  item->key->text);
		read_case_key(reading, test, key, item->value);
		read_step_key(reading, last, key, item->value);
	}
	if (steps != NULL)
		end = read_steps(reading, steps, end);
	*end = last;
}

static void read_case(struct reading *reading, const struct node *node,
		      struct testfile_case ***end)
{
	struct testfile_case *test;
	char text[VALUE_TEXT_SIZE];

	if (node->broken)
		return;
	if (node->kind != NODE_MAP) {
		diagnostics_error(reading->diagnostics, &node->place,
				  "a case is %s, expected a map with 'name' "
				  "and 'expect'",
				  value_describe(node, text));
		return;
	}
	test = reading_new(reading, sizeof(*test));
	if (test == NULL)
		return;
	test->place = node->place;
	read_case_keys(reading, test, node);
	if (node_get(node, "name") == NULL)
		diagnostics_error(reading->diagnostics, &node->place,
				  "a case has no 'name', expected one");
	**end = test;
	*end = &test->next;
}

static void read_cases(struct reading *reading, const struct node *list)
{
	struct testfile_case **end = &reading->file->cases;
	const struct node_item *item = NULL;
	const struct node *node;

	if (list_or_null(reading, list, "cases") == NULL)
		return;
	while ((node = value_next(list, &item)) != NULL)
		read_case(reading, node, &end);
}

/* Says that there is no subject, or that there are two. */
static void read_subject(struct reading *reading, const struct node *root)
{
	static const char *const names[] = { "topology", "bolt", "spout" };
	struct testfile *file = reading->file;
	const struct node *node;
	const char *unused;
	int i;

	for (i = TESTFILE_TOPOLOGY; i <= TESTFILE_SPOUT; i++) {
		node = node_get(root, names[i]);
		if (node == NULL)
			continue;
		if (file->subject != NULL) {
			diagnostics_error(reading->diagnostics, &node->place,
					  "'%s' stands beside '%s', expected "
					  "one of them",
					  names[i], names[file->kind]);
			return;
		}
		file->kind = (enum testfile_kind)i;
		file->subject = node;
		value_string(node, names[i], reading->diagnostics, &unused);
	}
	if (file->subject == NULL)
		diagnostics_error(reading->diagnostics, &root->place,
				  "the file does not say what it tests, "
				  "expected 'topology', 'bolt' or 'spout'");
}

static void read_root(struct reading *reading, const struct node *root)
{
	const struct node_item *item;
	char text[VALUE_TEXT_SIZE];
	int key;

	if (root->kind != NODE_MAP) {
		diagnostics_error(reading->diagnostics, &root->place,
				  "the file is %s, expected a test: a map with "
				  "'topology', 'bolt' or 'spout', and 'cases'",
				  value_describe(root, text));
		return;
	}
	for (item = root->items; item != NULL; item = item->next) {
		key = keys_match(file_rules, item, "a test",
				 reading->diagnostics);
		if (key == KEY_CASES)
			read_cases(reading, item->value);
		else
			read_setting(reading, &reading->file->setting, key,
				     item->value);
	}
	read_subject(reading, root);
	if (node_get(root, "cases") == NULL)
		diagnostics_error(reading->diagnostics, &root->place,
				  "the test has no 'cases', expected some");
	else if (reading->file->cases == NULL &&
		 reading->diagnostics->errors == 0)
		diagnostics_error(reading->diagnostics,
				  &node_get(root, "cases")->place,
				  "'cases' is empty, expected some");
}

static void check_inputs(struct reading *reading)
{
	const struct testfile *file = reading->file;
	const struct testfile_case *test = file->cases;
	const struct node *input = file->setting.input;
	const struct node *outputs = file->setting.outputs;

	for (; test != NULL && input == NULL; test = test->next)
		input = test->setting.input;
	if (input != NULL && file->kind != TESTFILE_BOLT)
		diagnostics_error(reading->diagnostics, &input->place,
				  "'input' is for a bolt alone, expected it "
				  "left out");
	for (test = file->cases; test != NULL && outputs == NULL;
	     test = test->next)
		outputs = test->setting.outputs;
	if (outputs != NULL && file->kind == TESTFILE_TOPOLOGY)
		diagnostics_error(reading->diagnostics, &outputs->place,
				  "'outputs' is for a plugin alone, expected "
				  "it in the topology");
	for (test = file->cases; test != NULL && file->kind == TESTFILE_BOLT;
	     test = test->next)
		if (test->setting.input == NULL && file->setting.input == NULL)
			diagnostics_error(reading->diagnostics,
					  &file->subject->place,
					  "the fields that come in are not "
					  "known, expected 'input', a map of "
					  "fields and types");
}

int testfile_read(struct testfile *file, const char *path,
		  const struct variables *variables,
		  struct diagnostics *diagnostics)
{
	struct reading reading = { .file = file, .diagnostics = diagnostics };
	struct node *root;
	struct yaml yaml;
	int r;

	memset(file, 0, sizeof(*file));
	arena_init(&file->arena, 0);
	file->path = path;
	yaml_init(&yaml, &file->arena, diagnostics, variables);
	yaml.kind = "a test file";
	r = yaml_read(&yaml, path, NULL, &root);
	if (r < 0)
		return r;
	read_root(&reading, root);
	if (diagnostics->errors == 0)
		check_inputs(&reading);
	if (reading.failed || diagnostics->no_memory)
		return -ENOMEM;
	return diagnostics->errors > 0 ? -EINVAL : 0;
}

void testfile_fini(struct testfile *file)
{
	arena_fini(&file->arena);
	memset(file, 0, sizeof(*file));
}
