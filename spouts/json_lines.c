/* SPDX-License-Identifier: MIT */

/*
 * json_lines: reads files that have a JSON object in each line.
 *
 * Each field of `outputs` is the member of that name: null where there is none
 * or where it is null, and of a fitting type else. A float takes any number, an
 * int one without a fraction, a string also a number, bytes a string in base64,
 * json any member as it stands. Members that no field names are left out.
 * Without `outputs` there is one field, `json`, the whole object.
 *
 * Empty lines and a byte order mark are passed over. A line that is no object,
 * has a member of another type or is too long for a tuple goes to the dead
 * letters with file, line and reason.
 *
 * Which files are read, how compressed ones are, positions, and what `follow`
 * does: all of that is as in the manual of lines. To know the numbers of lines,
 * a later run reads a file from its beginning up to its position.
 *
 * Output:
 *	default: what `outputs` says, or json: json
 *
 * Example:
 *	spouts:
 *	  - id: events
 *	    plugin: json_lines
 *	    options: {files: /var/log/app/events.jsonl, follow: true}
 *	    outputs: {default: {id: int, user: string, data: json}}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/columns.h>
#include <gust/kit/intake.h>
#include <gust/kit/line.h>
#include <gust/kit/object.h>
#include <gust/spout.h>

struct json_lines {
	struct intake intake;
	bool whole; /* from declare(): the object is the only field */
	const struct gust_column *columns;
	size_t count;
	struct gust_value *values; /* of the line at hand */
	struct buffer scratch;
};

static const struct gust_option json_lines_options[] = {
	INTAKE_OPTIONS(json_lines, intake),
	{ .name = NULL },
};

static int json_lines_declare(void *self, struct gust_declaration *about,
			      struct gust_error *error)
{
	static const struct gust_column whole[] = { { "json", GUST_JSON },
						    { NULL, GUST_NULL } };
	struct json_lines *lines = self;
	size_t outputs = gust_declared_outputs(about);

	if (outputs > 1)
		return gust_error_set(error, -EINVAL,
				      "there are several streams in 'outputs', "
				      "expected one, or none");
	lines->whole = outputs == 0;
	if (lines->whole)
		gust_declare_stream(about, "default", whole);
	return intake_declare(&lines->intake, about, error);
}

static int json_lines_open(void *self, struct gust_task *task,
			   struct gust_error *error)
{
	struct json_lines *lines = self;

	lines->columns = gust_task_output(task, 0)->columns;
	lines->count = columns_count(lines->columns);
	lines->values = calloc(lines->count + 1, sizeof(*lines->values));
	if (lines->values == NULL)
		return -ENOMEM;
	lines->intake.numbered = true;
	lines->intake.state_size = sizeof(struct line);
	return intake_open(&lines->intake, task, error);
}

static bool json_lines_is_empty(struct gust_text line)
{
	size_t i;

	for (i = 0; i < line.length; i++)
		if (strchr(" \t\r", line.data[i]) == NULL ||
		    line.data[i] == '\0')
			return false;
	return true;
}

/* Takes the byte order mark off the first line of a file. */
static struct gust_text json_lines_bare(const struct intake_text *text,
					struct gust_text line)
{
	if (text->offset == 0 && line.length >= 3 &&
	    memcmp(line.data, "\xef\xbb\xbf", 3) == 0) {
		line.data += 3;
		line.length -= 3;
	}
	return line;
}

/* Fills the values in. 0, -EINVAL with a reason, or -ENOMEM. */
static int json_lines_values(struct json_lines *lines, const json_t *object,
			     struct gust_text line, struct gust_error *error)
{
	if (!lines->whole)
		return object_values(object, lines->columns, &lines->scratch,
				     lines->values, error);
	while (line.length > 0 &&
	       strchr(" \t\r", line.data[line.length - 1]) != NULL)
		line.length--;
	lines->values[0] = gust_json(line.data, line.length);
	return 0;
}

/* Emits the line, which takes `taken` bytes, or rejects it. */
static int json_lines_emit(struct json_lines *lines, struct gust_task *task,
			   const json_t *object, struct gust_text line,
			   size_t taken)
{
	struct intake *intake = &lines->intake;
	struct gust_error error = { 0 };
	int r = json_lines_values(lines, object, line, &error);

	if (r == 0 &&
	    columns_size(lines->values, lines->count) > gust_tuple_max(task))
		r = gust_error_set(&error, -EINVAL,
				   "the line does not fit into "
				   "topology.tuple.max.bytes, %zu",
				   gust_tuple_max(task));
	if (r == 0)
		return intake_emit(intake, task, lines->values, lines->count,
				   taken);
	if (r == -EINVAL)
		r = intake_reject(intake, task, line.length, "%s", error.text);
	intake_take(intake, taken);
	return r;
}

static int json_lines_next(void *self, struct gust_task *task)
{
	struct json_lines *lines = self;
	struct intake *intake = &lines->intake;
	struct gust_error error = { 0 };
	struct gust_text line;
	json_t *object;
	size_t taken;
	int r;

	r = line_next(intake, task, gust_tuple_max(task), &line, &taken);
	if (r != LINE_READY)
		return r;
	line = json_lines_bare(intake->text, line);
	if (json_lines_is_empty(line)) {
		intake_take(intake, taken);
		return GUST_EMITTED;
	}
	r = object_load(&object, line.data, line.length, &error);
	if (r == 0) {
		lines->scratch.used = 0;
		r = json_lines_emit(lines, task, object, line, taken);
		json_decref(object);
		return r;
	}
	if (r == -EINVAL)
		r = intake_reject(intake, task, line.length, "%s", error.text);
	intake_take(intake, taken);
	return r;
}

static int json_lines_ready(void *self, struct gust_task *task, int fd,
			    short events)
{
	struct json_lines *lines = self;

	(void)events;
	return intake_ready(&lines->intake, task, fd);
}

static void json_lines_close(void *self)
{
	struct json_lines *lines = self;

	intake_close(&lines->intake);
	buffer_destroy(&lines->scratch);
	free(lines->values);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "json_lines",
	.summary = "reads files that have a JSON object in each line",
	.options = json_lines_options,
	.instance_size = sizeof(struct json_lines),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_POSITION,
	.declare = json_lines_declare,
	.open = json_lines_open,
	.next = json_lines_next,
	.ready = json_lines_ready,
	.close = json_lines_close,
};
