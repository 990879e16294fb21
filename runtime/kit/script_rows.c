/* SPDX-License-Identifier: MIT */

/* Values of Lua as values of tuples, and what emit{} gathers. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <gust/kit/cast.h>

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

size_t script_tuple_size(const struct gust_value *values, size_t count)
{
	size_t i, size = sizeof(struct gust_tuple);

	for (i = 0; i < count; i++) {
		size += sizeof(struct gust_cell);
		if (values[i].type >= GUST_STRING)
			size += ((size_t)values[i].length + 8) & ~(size_t)7;
	}
	return size;
}

void script_rows_clear(struct script *script)
{
	script->rows.used = 0;
	script->bytes.used = 0;
	script->row_count = 0;
}

void script_rows_close(struct script *script)
{
	buffer_destroy(&script->rows);
	buffer_destroy(&script->bytes);
}

/* The table has more members than columns have been found: names one. */
static void script_emit_unknown(lua_State *lua, const struct script *script)
{
	const struct gust_column *column;
	const char *key;

	lua_pushnil(lua);
	while (lua_next(lua, 1) != 0) {
		lua_pop(lua, 1);
		if (lua_type(lua, -1) != LUA_TSTRING)
			luaL_error(lua, "emit: a key is no name of a field");
		key = lua_tostring(lua, -1);
		for (column = script->emitted; column->name != NULL; column++)
			if (strcmp(column->name, key) == 0)
				break;
		if (column->name == NULL)
			luaL_error(lua, "emit: no field is named '%s'", key);
	}
}

/* Whether the table on the stack has more than `count` members. */
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

/* Reads member `column` of the table; its bytes go to `bytes`. */
static struct gust_value script_emit_value(lua_State *lua,
					   struct script *script,
					   const struct gust_column *column)
{
	char text[SCRIPT_DESCRIPTION];
	struct gust_value value;
	const char *data;

	lua_getfield(lua, 1, column->name);
	if (script_read(lua, -1, column->type, &value) < 0)
		luaL_error(lua, "emit: field '%s' is %s, expected %s",
			   column->name, script_describe(lua, -1, text),
			   gust_type_name(column->type));
	if (column->type == GUST_JSON)
		script_charge(lua, script,
			      value.length / SCRIPT_JSON_BYTES_A_STEP);
	if (value.type >= GUST_STRING) {
		data = value.as.data;
		value.as.integer = (int64_t)script->bytes.used;
		if (buffer_append(&script->bytes, data, value.length) < 0)
			script_stop(lua, SCRIPT_MEMORY);
	}
	lua_pop(lua, 1);
	return value;
}

static int script_emit(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct gust_value *row;
	size_t i, found = 0, size;

	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	if (buffer_reserve(&script->rows,
			   script->emitted_count * sizeof(*row)) < 0)
		script_stop(lua, SCRIPT_MEMORY);
	row = (struct gust_value *)(void *)(script->rows.data +
					    script->rows.used);
	for (i = 0; i < script->emitted_count; i++) {
		row[i] = script_emit_value(lua, script, &script->emitted[i]);
		found += row[i].type != GUST_NULL;
	}
	if (script_has_more(lua, found))
		script_emit_unknown(lua, script);
	size = script_tuple_size(row, script->emitted_count);
	if (size > script->emitted_max)
		luaL_error(lua,
			   "emit: a tuple of %I bytes, expected at most %I "
			   "(topology.tuple.max.bytes)",
			   (LUAI_UACINT)size, (LUAI_UACINT)script->emitted_max);
	script->rows.used += script->emitted_count * sizeof(*row);
	script->row_count++;
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

int script_emits(struct script *script, const struct gust_column *columns,
		 size_t size_max)
{
	script->emitted = columns;
	script->emitted_max = size_max;
	while (columns[script->emitted_count].name != NULL)
		script->emitted_count++;
	lua_pushcfunction(script->lua, script_add_emit);
	return lua_pcall(script->lua, 0, 0, 0) == LUA_OK ? 0 : -ENOMEM;
}

size_t script_rows(const struct script *script)
{
	return script->row_count;
}

void script_row(const struct script *script, size_t number,
		struct gust_value *values)
{
	const size_t size = script->emitted_count * sizeof(*values);
	size_t i;

	memcpy(values, script->rows.data + number * size, size);
	for (i = 0; i < script->emitted_count; i++)
		if (values[i].type >= GUST_STRING)
			values[i].as.data =
				values[i].length == 0
					? ""
					: script->bytes.data +
						  values[i].as.integer;
}
