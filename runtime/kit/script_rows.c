/* SPDX-License-Identifier: MIT */

/* Values of Lua as values of tuples, and what emit{} gathers. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/columns.h>

#include "script_state.h"

#define SCRIPT_JSON_BYTES_A_STEP 4u

static int script_read_text(lua_State *lua, int index, enum gust_type type,
			    struct gust_value *value)
{
	size_t length;
	const char *text;

	/* Numbers are no texts here, whatever Lua thinks. */
	if (lua_type(lua, index) != LUA_TSTRING)
		return -EINVAL;
	text = lua_tolstring(lua, index, &length);
	if (type == GUST_JSON)
		return cast_text(text, length, type, value);
	*value = gust_data(type, text, length);
	return 0;
}

int script_read(lua_State *lua, int index, enum gust_type type,
		struct gust_value *value)
{
	const int found = lua_type(lua, index);
	lua_Integer integer;
	int is_integer;

	if (found == LUA_TNIL) {
		*value = gust_null();
		return 0;
	}
	switch (type) {
	case GUST_BOOL:
		if (found != LUA_TBOOLEAN)
			return -EINVAL;
		*value = gust_bool(lua_toboolean(lua, index));
		return 0;
	case GUST_INT:
		if (found != LUA_TNUMBER)
			return -EINVAL;
		integer = lua_tointegerx(lua, index, &is_integer);
		if (!is_integer)
			return -EINVAL;
		*value = gust_int(integer);
		return 0;
	case GUST_FLOAT:
		if (found != LUA_TNUMBER)
			return -EINVAL;
		*value = gust_float(lua_tonumber(lua, index));
		return 0;
	default:
		return script_read_text(lua, index, type, value);
	}
}

const char *script_describe(lua_State *lua, int index,
			    char text[SCRIPT_DESCRIPTION])
{
	switch (lua_type(lua, index)) {
	case LUA_TBOOLEAN:
		return lua_toboolean(lua, index) ? "true" : "false";
	case LUA_TNUMBER:
		if (lua_isinteger(lua, index))
			snprintf(text, SCRIPT_DESCRIPTION, "the integer %lld",
				 (long long)lua_tointeger(lua, index));
		else
			snprintf(text, SCRIPT_DESCRIPTION, "the float %.17g",
				 (double)lua_tonumber(lua, index));
		return text;
	case LUA_TSTRING:
		snprintf(text, SCRIPT_DESCRIPTION, "the string '%.40s'%s",
			 lua_tostring(lua, index),
			 lua_rawlen(lua, index) > 40 ? "..." : "");
		return text;
	case LUA_TTABLE:
		return "a table";
	case LUA_TFUNCTION:
		return "a function";
	default:
		return "nil";
	}
}

int script_value(struct script *script, size_t number, enum gust_type type,
		 struct gust_value *value, struct gust_error *error)
{
	const int index = (int)number + 1;
	char text[SCRIPT_DESCRIPTION];
	const char *what;

	if (script_read(script->lua, index, type, value) == 0)
		return 0;
	what = script_describe(script->lua, index, text);
	return gust_error_set(error, -EINVAL, "%s: gave %s, expected %s",
			      script->chunks[number].label, what,
			      gust_type_name(type));
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
