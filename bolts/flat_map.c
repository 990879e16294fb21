/* SPDX-License-Identifier: MIT */

/*
 * flat_map: emits any number of tuples for each one, as a script says.
 *
 * `script` is a text in Lua 5.4 that runs for each tuple and calls
 * emit{FIELD = VALUE, ...} as often as it likes, or never. `outputs` names the
 * fields of what is emitted, with their types; those that a call leaves out
 * are null. emit(STREAM, {...}) emits to another stream than the first one of
 * `outputs`. The fields of the input are variables of their names; `gust info
 * map` tells how, and which functions there are. A variable of the script's
 * own is `local`, and nothing is kept from one tuple to the next.
 *
 * What a script emits is gathered, at most `memory` bytes, and emitted when it
 * has come to its end, so a script that fails has emitted nothing. One that
 * raises an error, takes more than `steps` steps or more memory, or emits a
 * value of another type sends its tuple to the dead letters at once, with the
 * line and the reason; reject(reason) puts it aside. Other tuples are not
 * concerned. A tuple is acked when all that was emitted for it is done.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	what `outputs` says
 *
 * Example:
 *	bolts:
 *	  - id: tags
 *	    plugin: flat_map
 *	    options:
 *	      script: |
 *	        for i, tag in ipairs(split(tags, ",")) do
 *	          emit{tag = trim(tag), place = i}
 *	        end
 *	    outputs: {default: {tag: string, place: int}}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/forward.h>
#include <gust/kit/script.h>

struct flat_map {
	const char *text; /* options */
	struct script_limits limits;

	struct script *script;
	struct forward forward;
	struct gust_stream *streams; /* what can be emitted to */
	size_t next; /* where the row that comes next is, while the tuple is
			under way; else 0 */
};

static const struct gust_option flat_map_options[] = {
	{ .name = "script",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct flat_map, text),
	  .help = "what runs for each tuple, a text in Lua",
	  .flags = GUST_REQUIRED },
	SCRIPT_LIMITS(flat_map, limits),
	{ .name = NULL },
};

/* Makes the script; `streams`, `count` of them, are in `flat` already. */
static int flat_map_compile(struct flat_map *flat,
			    const struct gust_column *columns, size_t count,
			    size_t size_max, struct gust_error *error)
{
	int r = script_create(&flat->script, &flat->limits, columns);

	if (r == 0)
		r = script_emits(flat->script, flat->streams, count, size_max);
	if (r == 0)
		r = script_add(flat->script, "option 'script'", flat->text,
			       SCRIPT_BLOCK, error);
	return r;
}

static void flat_map_close(void *self)
{
	struct flat_map *flat = self;

	script_destroy(flat->script);
	free(flat->streams);
	forward_close(&flat->forward);
}

static int flat_map_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const size_t count = gust_declared_outputs(about);
	struct flat_map flat = *(const struct flat_map *)self;
	const struct gust_column *columns;
	size_t i;
	int r;

	if (count == 0)
		return gust_error_set(error, -EINVAL,
				      "'outputs' is missing, expected the "
				      "fields that the script emits, as in "
				      "'outputs: {default: {word: string}}'");
	r = forward_columns(about, &columns, error);
	if (r < 0)
		return r;
	flat.streams = calloc(count, sizeof(*flat.streams));
	if (flat.streams == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		flat.streams[i] = *gust_declared_output(about, i);
	r = flat_map_compile(&flat, columns, count, SIZE_MAX, error);
	flat_map_close(&flat);
	return r;
}

static int flat_map_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	const size_t count = gust_task_outputs(task);
	struct flat_map *flat = self;
	size_t i;
	int r = forward_open(&flat->forward, task, error);

	if (r < 0)
		return r;
	flat->streams = calloc(count, sizeof(*flat->streams));
	if (flat->streams == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		flat->streams[i] = *gust_task_output(task, i);
	return flat_map_compile(flat, gust_task_input(task, 0)->columns, count,
				gust_tuple_max(task), error);
}

static int flat_map_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct flat_map *flat = self;
	struct gust_error error;
	const struct gust_value *row;
	size_t at = flat->next, count;
	uint32_t stream;
	int r = 0;

	error.code = 0;
	flat->next = 0;
	if (at == 0) {
		forward_read(&flat->forward, in);
		if (script_run(flat->script, flat->forward.row, &error) < 0)
			return script_failed(task, in, &error);
	}
	while (r == 0 &&
	       (row = script_row(flat->script, &at, &stream, &count)) != NULL) {
		r = gust_emit_values(task, stream, row, count);
		/* A hundred thousand rows would fill the memory. */
		if (r == 0 && gust_room(task) == 0) {
			flat->next = at;
			return GUST_MORE;
		}
	}
	return r;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "flat_map",
	.summary = "emits any number of tuples for each one, as a script says",
	.options = flat_map_options,
	.instance_size = sizeof(struct flat_map),
	.declare = flat_map_declare,
	.open = flat_map_open,
	.execute = flat_map_execute,
	.close = flat_map_close,
};
