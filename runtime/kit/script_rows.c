/* SPDX-License-Identifier: MIT */

/* Values of Lua as values of tuples, and what emit{} gathers. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/columns.h>

#include "script_state.h"

#define SCRIPT_JSON_BYTES_A_STEP 4u

/* The int that a float is, if it is one. */
static bool script_whole(double number, struct gust_value *value)
{
	if (!(number >= -0x1p63 && number < 0x1p63) ||
	    (double)(int64_t)number != number)
		return false;
	*value = gust_int((int64_t)number);
	return true;
}

/* `found`, which Lua or a formula gave, as a value of `type`, as
 * script_read(). */
static int script_fit(struct gust_value found, enum gust_type type,
		      struct gust_value *value)
{
	if (found.type == GUST_NULL ||
	    (found.type == (uint32_t)type && type <= GUST_STRING)) {
		*value = found;
		return 0;
	}
	if (found.type == GUST_INT && type == GUST_FLOAT) {
		*value = gust_float((double)found.as.integer);
		return 0;
	}
	if (found.type == GUST_FLOAT && type == GUST_INT)
		return script_whole(found.as.number, value) ? 0 : -EINVAL;
	/* Numbers are no texts here, whatever Lua thinks. */
	if (found.type < GUST_STRING || type < GUST_STRING)
		return -EINVAL;
	if (type == GUST_JSON)
		return cast_text(found.as.data, found.length, type, value);
	*value = gust_data(type, found.as.data, found.length);
	return 0;
}

/* What stands at `index`, as it is; -EINVAL: nothing that a field can be. */
static int script_find(lua_State *lua, int index, struct gust_value *found)
{
	const char *text;
	size_t length;

	switch (lua_type(lua, index)) {
	case LUA_TNIL:
		*found = gust_null();
		return 0;
	case LUA_TBOOLEAN:
		*found = gust_bool(lua_toboolean(lua, index));
		return 0;
	case LUA_TNUMBER:
		*found = lua_isinteger(lua, index)
				 ? gust_int(lua_tointeger(lua, index))
				 : gust_float(lua_tonumber(lua, index));
		return 0;
	case LUA_TSTRING:
		text = lua_tolstring(lua, index, &length);
		*found = gust_string(text, length);
		return 0;
	default:
		return -EINVAL;
	}
}

int script_read(lua_State *lua, int index, enum gust_type type,
		struct gust_value *value)
{
	struct gust_value found;
	int r = script_find(lua, index, &found);

	return r < 0 ? r : script_fit(found, type, value);
}

static const char *script_describe_value(struct gust_value value,
					 char text[SCRIPT_DESCRIPTION])
{
	switch (value.type) {
	case GUST_NULL:
		return "nil";
	case GUST_BOOL:
		return value.as.integer != 0 ? "true" : "false";
	case GUST_INT:
		snprintf(text, SCRIPT_DESCRIPTION, "the integer %lld",
			 (long long)value.as.integer);
		return text;
	case GUST_FLOAT:
		snprintf(text, SCRIPT_DESCRIPTION, "the float %.17g",
			 value.as.number);
		return text;
	default:
		snprintf(text, SCRIPT_DESCRIPTION, "the string '%.*s'%s",
			 value.length < 40 ? (int)value.length : 40,
			 value.as.data, value.length > 40 ? "..." : "");
		return text;
	}
}

const char *script_describe(lua_State *lua, int index,
			    char text[SCRIPT_DESCRIPTION])
{
	struct gust_value value;

	if (script_find(lua, index, &value) == 0)
		return script_describe_value(value, text);
	return lua_istable(lua, index) ? "a table" : "a function";
}

/* Of any type, from the formula or from Lua. */
static __attribute__((noinline)) int
script_convert(struct script *script, size_t number, enum gust_type type,
	       struct gust_value *value, struct gust_error *error)
{
	const struct script_chunk *chunk = &script->chunks[number];
	const int index = (int)number + 1;
	char text[SCRIPT_DESCRIPTION];
	const char *what;
	int r;

	if (chunk->value != NULL)
		r = script_fit(*chunk->value, type, value);
	else
		r = script_read(script->lua, index, type, value);
	if (r == 0)
		return 0;
	if (chunk->value != NULL)
		what = script_describe_value(*chunk->value, text);
	else
		what = script_describe(script->lua, index, text);
	return gust_error_set(error, -EINVAL, "%s: gave %s, expected %s",
			      chunk->label, what, gust_type_name(type));
}

int script_value(struct script *script, size_t number, enum gust_type type,
		 struct gust_value *value, struct gust_error *error)
{
	const struct gust_value *found = script->chunks[number].value;

	if (found == NULL || found->type != (uint32_t)type ||
	    type >= GUST_STRING)
		return script_convert(script, number, type, value, error);
	/* All at once would have to wait until all that was written is there.
	 */
	value->type = (uint32_t)type;
	value->length = 0;
	value->as.integer = found->as.integer;
	return 0;
}

void script_rows_clear(struct script *script)
{
	script->rows.used = 0;
	script->bytes.used = 0;
}

void script_rows_close(struct script *script)
{
	buffer_destroy(&script->rows);
	buffer_destroy(&script->bytes);
}

/* The table at 1 has more members than columns were found: names one. */
static void script_emit_unknown(lua_State *lua,
				const struct gust_column *columns)
{
	const char *key;

	lua_pushnil(lua);
	while (lua_next(lua, 1) != 0) {
		lua_pop(lua, 1);
		if (lua_type(lua, -1) != LUA_TSTRING)
			luaL_error(lua, "emit: a key is no name of a field");
		key = lua_tostring(lua, -1);
		if (columns_find(columns, key) < 0)
			luaL_error(lua, "emit: no field is named '%s'", key);
	}
}

/* Whether the table at 1 has more than `count` members. */
static bool script_has_more(lua_State *lua, size_t count)
{
	size_t found = 0;

	lua_pushnil(lua);
	while (lua_next(lua, 1) != 0) {
		lua_pop(lua, 1);
		if (found++ == count) {
			lua_pop(lua, 1);
			return true;
		}
	}
	return false;
}

/* Reads member `column` of the table at 1. A text is noted by where its bytes
 * are in `bytes`, which may still move. */
static struct gust_value script_emit_value(lua_State *lua,
					   struct script *script,
					   const struct gust_column *column)
{
	char text[SCRIPT_DESCRIPTION];
	struct gust_value value;
	const char *data;

	lua_getfield(lua, 1, column->name);
	if (column->type == GUST_JSON && lua_type(lua, -1) == LUA_TSTRING)
		script_charge(lua, script,
			      lua_rawlen(lua, -1) / SCRIPT_JSON_BYTES_A_STEP);
	if (script_read(lua, -1, column->type, &value) < 0)
		luaL_error(lua, "emit: field '%s' is %s, expected %s",
			   column->name, script_describe(lua, -1, text),
			   gust_type_name(column->type));
	if (value.type >= GUST_STRING) {
		data = value.as.data;
		value.as.integer = (int64_t)script->bytes.used;
		if (buffer_append(&script->bytes, data, value.length) < 0)
			script_stop(lua, SCRIPT_MEMORY);
	}
	lua_pop(lua, 1);
	return value;
}

/* The stream that the arguments name; the table is then the only one. */
static uint32_t script_emit_stream(lua_State *lua, const struct script *script)
{
	const char *name;
	uint32_t i = 0;

	if (lua_type(lua, 1) == LUA_TSTRING) {
		name = lua_tostring(lua, 1);
		while (i < script->stream_count &&
		       strcmp(script->streams[i].name, name) != 0)
			i++;
		if (i == script->stream_count)
			luaL_error(lua, "emit: no stream is named '%s'", name);
		luaL_checktype(lua, 2, LUA_TTABLE);
		lua_remove(lua, 1);
	}
	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	return i;
}

static int script_emit(lua_State *lua)
{
	struct script *script = script_of(lua);
	const uint32_t stream = script_emit_stream(lua, script);
	const struct gust_column *columns = script->streams[stream].columns;
	const size_t count = columns_count(columns);
	struct gust_value *row;
	size_t i, found = 0, size;

	if (buffer_reserve(&script->rows, (count + 1) * sizeof(*row)) < 0)
		script_stop(lua, SCRIPT_MEMORY);
	row = (struct gust_value *)(void *)(script->rows.data +
					    script->rows.used);
	row->type = stream;
	row->length = (uint32_t)count;
	for (i = 0; i < count; i++) {
		row[i + 1] = script_emit_value(lua, script, &columns[i]);
		found += row[i + 1].type != GUST_NULL;
	}
	if (script_has_more(lua, found))
		script_emit_unknown(lua, columns);
	size = columns_size(row + 1, count);
	if (size > script->emitted_max)
		luaL_error(lua,
			   "emit: a tuple of %I bytes, expected at most %I "
			   "(topology.tuple.max.bytes)",
			   (LUAI_UACINT)size, (LUAI_UACINT)script->emitted_max);
	script->rows.used += (count + 1) * sizeof(*row);
	if (script->rows.used + script->bytes.used > script->limits.memory)
		script_stop(lua, SCRIPT_MEMORY);
	return 0;
}

/* In protected mode: makes emit() a name that texts may use. */
static int script_add_emit(lua_State *lua)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, script_of(lua)->library);
	lua_pushcfunction(lua, script_emit);
	lua_setfield(lua, -2, "emit");
	return 0;
}

int script_emits(struct script *script, const struct gust_stream *streams,
		 size_t count, size_t size_max)
{
	script->streams = streams;
	script->stream_count = count;
	script->emitted_max = size_max;
	lua_pushcfunction(script->lua, script_add_emit);
	return lua_pcall(script->lua, 0, 0, 0) == LUA_OK ? 0 : -ENOMEM;
}

void script_rows_finish(struct script *script)
{
	struct gust_value *value = (void *)script->rows.data, *end;
	uint32_t i;

	if (script->rows.used == 0)
		return;
	end = value + script->rows.used / sizeof(*value);
	while (value < end) {
		i = (value++)->length;
		for (; i > 0; i--, value++)
			if (value->type >= GUST_STRING)
				value->as.data =
					value->length == 0
						? ""
						: script->bytes.data +
							  value->as.integer;
	}
}

const struct gust_value *script_row(const struct script *script, size_t *at,
				    uint32_t *stream, size_t *count)
{
	const struct gust_value *row;

	if (*at == script->rows.used)
		return NULL;
	row = (const void *)(script->rows.data + *at);
	*stream = row->type;
	*count = row->length;
	*at += (*count + 1) * sizeof(*row);
	return row + 1;
}
