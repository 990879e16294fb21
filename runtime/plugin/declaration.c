/* SPDX-License-Identifier: MIT */

#include "plugin/declaration.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "plugin/stream.h"

struct gust_declaration {
	const struct gust_input *inputs;
	size_t input_count;
	const struct gust_stream *outputs; /* of the topology */
	size_t output_count;
	bool *asked;                 /* for `outputs` */
	struct gust_stream *streams; /* and one without a name */
	size_t stream_count;
	struct arena arena; /* names and columns of `streams` */
	uint32_t tasks;
	const struct gust_window_spec *window;
	enum gust_replay replay;
	bool is_spout;
	/* The first thing that the plugin said and that was refused: it need
	 * not look at what the functions return. */
	struct gust_error refused;
};

int declaration_create(struct gust_declaration **about)
{
	struct gust_declaration *made;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->tasks = 1;
	arena_init(&made->arena, 1024);
	made->streams = calloc(1, sizeof(*made->streams));
	if (made->streams == NULL) {
		declaration_destroy(made);
		return -ENOMEM;
	}
	*about = made;
	return 0;
}

void declaration_destroy(struct gust_declaration *about)
{
	if (about == NULL)
		return;
	arena_fini(&about->arena);
	free(about->streams);
	free(about);
}

void declaration_set_inputs(struct gust_declaration *about,
			    const struct gust_input *inputs, size_t count)
{
	about->inputs = inputs;
	about->input_count = count;
}

void declaration_set_outputs(struct gust_declaration *about,
			     const struct gust_stream *outputs, size_t count,
			     bool *asked)
{
	about->outputs = outputs;
	about->output_count = count;
	about->asked = asked;
}

const struct gust_stream *
declaration_streams(const struct gust_declaration *about, size_t *count)
{
	*count = about->stream_count;
	return about->streams;
}

enum gust_replay declaration_replay(const struct gust_declaration *about)
{
	return about->replay;
}

/* NULL: memory is short. */
static struct gust_column *
declaration_copy_columns(struct gust_declaration *about,
			 const struct gust_column *columns)
{
	size_t count = stream_column_count(columns), i;
	struct gust_column *copy;

	copy = arena_calloc(&about->arena, count + 1, sizeof(*copy));
	if (copy == NULL)
		return NULL;
	for (i = 0; i < count; i++) {
		copy[i].type = columns[i].type;
		copy[i].name = arena_string(&about->arena, columns[i].name);
		if (copy[i].name == NULL)
			return NULL;
	}
	return copy;
}

/* Makes room for one more stream and the end of the table. */
static int declaration_grow(struct gust_declaration *about)
{
	size_t size = (about->stream_count + 2) * sizeof(*about->streams);
	struct gust_stream *streams;

	streams = realloc(about->streams, size);
	if (streams == NULL)
		return -ENOMEM;
	memset(&streams[about->stream_count], 0, 2 * sizeof(*streams));
	about->streams = streams;
	return 0;
}

static int declaration_append(struct gust_declaration *about,
			      const struct gust_stream *stream)
{
	struct gust_stream copy;

	copy.name = arena_string(&about->arena, stream->name);
	copy.columns = declaration_copy_columns(about, stream->columns);
	if (copy.name == NULL || copy.columns == NULL ||
	    declaration_grow(about) < 0)
		return -ENOMEM;
	about->streams[about->stream_count++] = copy;
	return 0;
}

int declaration_add(struct gust_declaration *about, const char *name,
		    const struct gust_column *columns, struct gust_error *error)
{
	const struct gust_stream stream = { name, columns };
	size_t i;
	int r;

	r = stream_check(&stream, error);
	if (r < 0)
		return r;
	for (i = 0; i < about->stream_count; i++)
		if (strcmp(about->streams[i].name, name) == 0)
			return gust_error_set(error, -EEXIST,
					      "stream '%s' is declared twice",
					      name);
	if (about->stream_count == STREAM_TABLE_MAX)
		return gust_error_set(error, -E2BIG, "more than %d streams",
				      STREAM_TABLE_MAX);
	r = declaration_append(about, &stream);
	if (r < 0)
		gust_error_set(error, r, "memory is short");
	return r;
}

/* Takes over what the descriptor says. */
static int declaration_begin(struct gust_declaration *about,
			     const struct plugin *plugin,
			     struct gust_error *error)
{
	const struct gust_stream *stream = plugin_streams(plugin);
	int r;

	about->is_spout = plugin->kind == PLUGIN_SPOUT;
	about->replay =
		about->is_spout ? plugin->spout.replay : GUST_REPLAY_NONE;
	for (; stream != NULL && stream->name != NULL; stream++) {
		r = declaration_add(about, stream->name, stream->columns,
				    error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What declare() has returned, seen together with what it was told. */
static int declaration_result(const struct gust_declaration *about,
			      const struct plugin *plugin, int result,
			      struct gust_error *error)
{
	const struct gust_error *refused = &about->refused;

	if (refused->code == -ENOMEM)
		return gust_error_set(error, -ENOMEM, "%s", refused->text);
	if (result < 0 && error->code != 0)
		return result;
	if (refused->code != 0)
		return gust_error_set(error, -EPROTO, "plugin '%s': %s",
				      plugin_name(plugin), refused->text);
	if (result < 0)
		return gust_error_set(error, result,
				      "plugin '%s': declare() failed: %s",
				      plugin_name(plugin), strerror(-result));
	if (result > 0)
		return gust_error_set(error, -EPROTO,
				      "plugin '%s': declare() returned %d, "
				      "expected 0 or a negative errno",
				      plugin_name(plugin), result);
	if (about->replay == GUST_REPLAY_OWN && plugin->spout.fail == NULL)
		return gust_error_set(error, -EPROTO,
				      "plugin '%s' replays by itself, but has "
				      "no fail()",
				      plugin_name(plugin));
	return 0;
}

int declaration_call(struct gust_declaration *about,
		     const struct plugin *plugin, void *self,
		     struct gust_error *error)
{
	struct gust_error own = { 0 };
	int r;

	assert(about->stream_count == 0);
	if (error == NULL)
		error = &own;
	r = declaration_begin(about, plugin, error);
	if (r < 0)
		return r;
	if (plugin->kind == PLUGIN_SPOUT && plugin->spout.declare != NULL)
		r = plugin->spout.declare(self, about, error);
	if (plugin->kind == PLUGIN_BOLT && plugin->bolt.declare != NULL)
		r = plugin->bolt.declare(self, about, error);
	return declaration_result(about, plugin, r, error);
}

void declaration_set_tasks(struct gust_declaration *about, uint32_t tasks)
{
	about->tasks = tasks;
}

void declaration_set_window(struct gust_declaration *about,
			    const struct gust_window_spec *window)
{
	about->window = window;
}

const struct gust_window_spec *
gust_declared_window(const struct gust_declaration *about)
{
	return about->window;
}

uint32_t gust_declared_tasks(const struct gust_declaration *about)
{
	return about->tasks;
}

size_t gust_declared_inputs(const struct gust_declaration *about)
{
	return about->input_count;
}

const struct gust_input *
gust_declared_input(const struct gust_declaration *about, size_t number)
{
	if (number >= about->input_count)
		return NULL;
	return &about->inputs[number];
}

size_t gust_declared_outputs(const struct gust_declaration *about)
{
	if (about->asked != NULL)
		*about->asked = true;
	return about->output_count;
}

const struct gust_stream *
gust_declared_output(const struct gust_declaration *about, size_t number)
{
	if (number >= gust_declared_outputs(about))
		return NULL;
	return &about->outputs[number];
}

/* An input lacks the field: the nearest it has, or all it has. */
static int declaration_lacks(const struct gust_input *input, const char *name,
			     struct gust_error *error)
{
	const struct gust_column *column = input->columns;
	const char *nearest = stream_column_near(column, name);
	char names[256] = "";
	size_t length = 0;

	if (nearest != NULL)
		return gust_error_set(error, -ENOENT,
				      "stream '%s' of '%s' has no field '%s', "
				      "expected '%s'",
				      input->stream, input->component, name,
				      nearest);
	for (; column->name != NULL && length < sizeof(names); column++)
		length += (size_t)snprintf(
			names + length, sizeof(names) - length, "%s'%s'",
			length > 0 ? ", " : "", column->name);
	if (length == 0)
		return gust_error_set(error, -ENOENT,
				      "stream '%s' of '%s' has no field '%s', "
				      "nor any other",
				      input->stream, input->component, name);
	return gust_error_set(error, -ENOENT,
			      "stream '%s' of '%s' has no field '%s', "
			      "expected one of %s",
			      input->stream, input->component, name, names);
}

int gust_declared_type(const struct gust_declaration *about, const char *name,
		       enum gust_type *type, struct gust_error *error)
{
	const struct gust_input *input, *first = about->inputs;
	const struct gust_column *found, *expected = NULL;
	size_t i;

	if (about->input_count == 0)
		return gust_error_set(error, -ENOENT,
				      "field '%s' is missing: there is no "
				      "input",
				      name);
	for (i = 0; i < about->input_count; i++) {
		input = &about->inputs[i];
		found = stream_column(input->columns, name);
		if (found == NULL)
			return declaration_lacks(input, name, error);
		if (expected == NULL)
			expected = found;
		if (found->type != expected->type)
			return gust_error_set(
				error, -EINVAL,
				"field '%s' is %s in stream '%s' of '%s', but "
				"%s in stream '%s' of '%s'",
				name, gust_type_name(expected->type),
				first->stream, first->component,
				gust_type_name(found->type), input->stream,
				input->component);
	}
	*type = expected->type;
	return 0;
}

int gust_declare_stream(struct gust_declaration *about, const char *name,
			const struct gust_column *columns)
{
	return declaration_add(about, name, columns, &about->refused);
}

void gust_declare_replay(struct gust_declaration *about,
			 enum gust_replay replay)
{
	if (!about->is_spout)
		gust_error_set(&about->refused, -EINVAL,
			       "a bolt declares how it replays, which is for "
			       "spouts only");
	else if ((unsigned)replay > GUST_REPLAY_OWN)
		gust_error_set(&about->refused, -EINVAL,
			       "replay %d is declared, expected one of enum "
			       "gust_replay",
			       (int)replay);
	else
		about->replay = replay;
}
