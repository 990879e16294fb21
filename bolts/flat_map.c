/* SPDX-License-Identifier: MIT */

/*
 * flat_map: emits any number of tuples for each one, as a script says.
 *
 * `script` is a text in Lua 5.4 that runs for each tuple and calls
 * emit{FIELD = VALUE, ...} as often as it likes, or never. `fields` names the
 * fields of what is emitted, with their types: bool, int, float, string, bytes
 * or json; those that a call leaves out are null. The fields of the input are
 * variables of their names; `gust info map` lists them by type, and the
 * functions there are. A variable of the script's own is `local`, and nothing
 * is kept from one tuple to the next.
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
 *	default: the fields of the option `fields`
 *
 * Example:
 *	bolts:
 *	  - id: tags
 *	    plugin: flat_map
 *	    options:
 *	      fields: {tag: string, place: int}
 *	      script: |
 *	        for i, tag in ipairs(split(tags, ",")) do
 *	          emit{tag = trim(tag), place = i}
 *	        end
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/cast.h>
#include <gust/kit/forward.h>
#include <gust/kit/script.h>

struct flat_map {
	const char *text; /* options */
	struct gust_map fields;
	struct script_limits limits;

	struct script *script;
	struct forward forward;
	struct gust_column *columns; /* of the output */
	struct gust_value *row;
	bool under_way; /* some of the rows are out, and the rest follows */
	size_t next;    /* the row that comes next */
};

static const struct gust_option flat_map_options[] = {
	{ .name = "script",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct flat_map, text),
	  .help = "what runs for each tuple, a text in Lua",
	  .flags = GUST_REQUIRED },
	{ .name = "fields",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct flat_map, fields),
	  .help = "the fields of what is emitted, and their types",
	  .flags = GUST_REQUIRED },
	SCRIPT_LIMITS(flat_map, limits),
	{ .name = NULL },
};

static int flat_map_prepare(struct flat_map *flat,
			    const struct gust_column *columns, size_t size_max,
			    struct gust_error *error)
{
	const size_t n = flat->fields.count;
	size_t i;
	int r = 0;

	if (n == 0)
		return gust_error_set(error, -EINVAL,
				      "option 'fields' names no field");
	flat->columns = calloc(n + 1, sizeof(*flat->columns));
	flat->row = calloc(n, sizeof(*flat->row));
	if (flat->columns == NULL || flat->row == NULL)
		return -ENOMEM;
	for (i = 0; r == 0 && i < n; i++) {
		flat->columns[i].name = flat->fields.keys[i];
		r = cast_type(flat->fields.values[i], &flat->columns[i].type,
			      error);
	}
	if (r == 0)
		r = script_create(&flat->script, &flat->limits, columns);
	if (r == 0)
		r = script_emits(flat->script, flat->columns, size_max);
	if (r == 0)
		r = script_add(flat->script, "option 'script'", flat->text,
			       SCRIPT_BLOCK, error);
	return r;
}

static void flat_map_close(void *self)
{
	struct flat_map *flat = self;

	script_destroy(flat->script);
	free(flat->columns);
	free(flat->row);
	forward_close(&flat->forward);
}

static int flat_map_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct gust_column *columns;
	struct flat_map flat = *(const struct flat_map *)self;
	int r;

	r = forward_columns(about, &columns, error);
	if (r == 0)
		r = flat_map_prepare(&flat, columns, SIZE_MAX, error);
	if (r == 0)
		r = gust_declare_stream(about, "default", flat.columns);
	flat_map_close(&flat);
	return r;
}

static int flat_map_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct flat_map *flat = self;
	int r = forward_open(&flat->forward, task, error);

	return r < 0 ? r
		     : flat_map_prepare(flat, gust_task_input(task, 0)->columns,
					gust_tuple_max(task), error);
}

static int flat_map_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct flat_map *flat = self;
	struct gust_error error = { 0 };
	int r = 0;

	if (!flat->under_way) {
		forward_read(&flat->forward, in);
		if (script_run(flat->script, flat->forward.row, &error) < 0)
			return script_failed(task, in, &error);
		flat->next = 0;
	}
	flat->under_way = false;
	while (r == 0 && flat->next < script_rows(flat->script)) {
		if (gust_room(task) == 0) {
			flat->under_way = true;
			return GUST_MORE;
		}
		script_row(flat->script, flat->next++, flat->row);
		r = gust_emit_values(task, 0, flat->row, flat->fields.count);
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
