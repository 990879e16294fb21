/* SPDX-License-Identifier: MIT */

#include "plugin/declaration.h"

#include <errno.h>

#include "test.h"

static const struct gust_column words[] = { { "word", GUST_STRING },
					    { "n", GUST_INT },
					    { NULL, GUST_NULL } };
static const struct gust_column numbers[] = { { "n", GUST_FLOAT },
					      { "word", GUST_STRING },
					      { NULL, GUST_NULL } };
static const struct gust_column none[] = { { NULL, GUST_NULL } };
static const struct gust_input inputs[] = { { "split", "default", words },
					    { "sum", "late", numbers },
					    { "clock", "ticks", none } };
static const struct gust_stream fixed[] = { { "default", words },
					    { NULL, NULL } };

/* What the declare() of a test does. */
static int (*declare)(struct gust_declaration *about, struct gust_error *error);

static int call_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	CHECK_PTR(self, &declare);
	return declare(about, error);
}

static struct plugin bolt(void)
{
	struct plugin plugin = { .kind = PLUGIN_BOLT };

	plugin.bolt.name = "b";
	plugin.bolt.streams = fixed;
	plugin.bolt.declare = call_declare;
	return plugin;
}

static struct plugin spout(void)
{
	struct plugin plugin = { .kind = PLUGIN_SPOUT };

	plugin.spout.name = "s";
	plugin.spout.replay = GUST_REPLAY_RECORD;
	plugin.spout.declare = call_declare;
	return plugin;
}

static struct gust_declaration *create(void)
{
	struct gust_declaration *about;

	CHECK_INT(declaration_create(&about), 0);
	return about;
}

static void refuses(const struct plugin *plugin, int code, const char *text)
{
	struct gust_declaration *about = create();
	struct gust_error error = { 0 };

	CHECK_INT(declaration_call(about, plugin, &declare, &error), code);
	CHECK_STR(error.text, text);
	declaration_destroy(about);
	about = create();
	CHECK_INT(declaration_call(about, plugin, &declare, NULL), code);
	declaration_destroy(about);
}

static int declare_one(struct gust_declaration *about, struct gust_error *error)
{
	char name[] = "extra", column[] = "field";
	const struct gust_column columns[] = { { column, GUST_JSON },
					       { NULL, GUST_NULL } };
	int r;

	(void)error;
	r = gust_declare_stream(about, name, columns);
	/* They were copied. */
	name[0] = column[0] = 'X';
	return r;
}

TEST(streams_come_in_the_order_of_descriptor_declare_outputs)
{
	struct gust_declaration *about = create();
	struct plugin plugin = bolt();
	const struct gust_stream *streams;
	size_t count;

	declare = declare_one;
	CHECK_INT(declaration_call(about, &plugin, &declare, NULL), 0);
	CHECK_INT(declaration_add(about, "last", none, NULL), 0);
	streams = declaration_streams(about, &count);
	CHECK_UINT(count, 3);
	CHECK_STR(streams[0].name, "default");
	CHECK_STR(streams[0].columns[1].name, "n");
	CHECK_INT(streams[0].columns[1].type, GUST_INT);
	CHECK_STR(streams[0].columns[2].name, NULL);
	CHECK_STR(streams[1].name, "extra");
	CHECK_STR(streams[1].columns[0].name, "field");
	CHECK_INT(streams[1].columns[0].type, GUST_JSON);
	CHECK_STR(streams[2].name, "last");
	CHECK_STR(streams[2].columns[0].name, NULL);
	CHECK_STR(streams[3].name, NULL);
	CHECK_INT(declaration_replay(about), GUST_REPLAY_NONE);
	declaration_destroy(about);
	declaration_destroy(NULL);
}

TEST(without_declare_there_is_what_the_descriptor_has)
{
	struct gust_declaration *about = create();
	struct plugin plugin = spout();
	const struct gust_stream *streams;
	size_t count;

	plugin.spout.declare = NULL;
	CHECK_INT(declaration_call(about, &plugin, NULL, NULL), 0);
	streams = declaration_streams(about, &count);
	CHECK_UINT(count, 0);
	CHECK_STR(streams[0].name, NULL);
	CHECK_INT(declaration_replay(about), GUST_REPLAY_RECORD);
	declaration_destroy(about);
}

TEST(a_component_has_one_task_unless_told)
{
	struct gust_declaration *about = create();

	CHECK_UINT(gust_declared_tasks(about), 1);
	declaration_set_tasks(about, 7);
	CHECK_UINT(gust_declared_tasks(about), 7);
	declaration_destroy(about);
}

TEST(inputs_are_as_given)
{
	struct gust_declaration *about = create();

	CHECK_UINT(gust_declared_inputs(about), 0);
	CHECK_PTR(gust_declared_input(about, 0), NULL);
	declaration_set_inputs(about, inputs, 2);
	CHECK_UINT(gust_declared_inputs(about), 2);
	CHECK_PTR(gust_declared_input(about, 1), &inputs[1]);
	CHECK_PTR(gust_declared_input(about, 2), NULL);
	declaration_destroy(about);
}

TEST(outputs_of_the_topology_are_told_but_not_declared)
{
	static const struct gust_stream outputs[] = { { "rows", words },
						      { "late", words } };
	struct gust_declaration *about = create();
	bool asked = false;
	size_t count;

	CHECK_UINT(gust_declared_outputs(about), 0);
	CHECK_PTR(gust_declared_output(about, 0), NULL);
	declaration_set_outputs(about, outputs, 2, &asked);
	CHECK(!asked);
	CHECK_UINT(gust_declared_outputs(about), 2);
	CHECK(asked);
	CHECK_PTR(gust_declared_output(about, 1), &outputs[1]);
	CHECK_PTR(gust_declared_output(about, 2), NULL);
	declaration_streams(about, &count);
	CHECK_UINT(count, 0);
	declaration_destroy(about);
}

static void refuses_type(const struct gust_declaration *about, const char *name,
			 int code, const char *text)
{
	enum gust_type type = GUST_JSON;
	struct gust_error error = { 0 };

	CHECK_INT(gust_declared_type(about, name, &type, &error), code);
	CHECK_STR(error.text, text);
	CHECK_INT(type, GUST_JSON);
	CHECK_INT(gust_declared_type(about, name, &type, NULL), code);
}

TEST(types_of_fields_are_found)
{
	struct gust_declaration *about = create();
	enum gust_type type;

	refuses_type(about, "word", -ENOENT,
		     "field 'word' is missing: there is no input");
	declaration_set_inputs(about, inputs, 2);
	CHECK_INT(gust_declared_type(about, "word", &type, NULL), 0);
	CHECK_INT(type, GUST_STRING);
	refuses_type(about, "n", -EINVAL,
		     "field 'n' is int in stream 'default' of 'split', but "
		     "float in stream 'late' of 'sum'");
	refuses_type(about, "wrod", -ENOENT,
		     "stream 'default' of 'split' has no field 'wrod', "
		     "expected 'word'");
	refuses_type(about, "elephant", -ENOENT,
		     "stream 'default' of 'split' has no field 'elephant', "
		     "expected one of 'word', 'n'");
	declaration_set_inputs(about, inputs, 3);
	refuses_type(about, "word", -ENOENT,
		     "stream 'ticks' of 'clock' has no field 'word', nor any "
		     "other");
	declaration_destroy(about);
}

/* Does not look at what the functions return. */
static int declare_carelessly(struct gust_declaration *about,
			      struct gust_error *error)
{
	(void)error;
	gust_declare_stream(about, "default", words);
	gust_declare_stream(about, "", words);
	return 0;
}

static int declare_replay(struct gust_declaration *about,
			  struct gust_error *error)
{
	(void)error;
	gust_declare_replay(about, GUST_REPLAY_OWN);
	return 0;
}

static int declare_strange_replay(struct gust_declaration *about,
				  struct gust_error *error)
{
	(void)error;
	gust_declare_replay(about, (enum gust_replay)9);
	return 0;
}

static int declare_with_reason(struct gust_declaration *about,
			       struct gust_error *error)
{
	(void)about;
	return gust_error_set(error, -EDOM, "too hot");
}

static int declare_without_reason(struct gust_declaration *about,
				  struct gust_error *error)
{
	(void)about;
	(void)error;
	return -EACCES;
}

static int declare_seven(struct gust_declaration *about,
			 struct gust_error *error)
{
	(void)about;
	(void)error;
	return 7;
}

TEST(mistakes_of_a_plugin_are_named)
{
	struct plugin b = bolt(), s = spout();

	declare = declare_carelessly;
	refuses(&b, -EPROTO, "plugin 'b': stream 'default' is declared twice");
	refuses(&s, -EPROTO, "plugin 's': a stream has no name");
	declare = declare_replay;
	refuses(&b, -EPROTO,
		"plugin 'b': a bolt declares how it replays, which is for "
		"spouts only");
	refuses(&s, -EPROTO, "plugin 's' replays by itself, but has no fail()");
	declare = declare_strange_replay;
	refuses(&s, -EPROTO,
		"plugin 's': replay 9 is declared, expected one of enum "
		"gust_replay");
	declare = declare_with_reason;
	refuses(&b, -EDOM, "too hot");
	declare = declare_without_reason;
	refuses(&b, -EACCES, "plugin 'b': declare() failed: Permission denied");
	declare = declare_seven;
	refuses(&b, -EPROTO,
		"plugin 'b': declare() returned 7, expected 0 or a negative "
		"errno");
}

TEST(adding_says_what_is_wrong)
{
	struct gust_declaration *about = create();
	struct gust_error error = { 0 };

	CHECK_INT(declaration_add(about, "a", words, NULL), 0);
	CHECK_INT(declaration_add(about, "a", words, &error), -EEXIST);
	CHECK_STR(error.text, "stream 'a' is declared twice");
	error.code = 0;
	CHECK_INT(declaration_add(about, "b", NULL, &error), -EINVAL);
	CHECK_STR(error.text, "stream 'b' has no columns");
	declaration_destroy(about);
}
