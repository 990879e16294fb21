/* SPDX-License-Identifier: MIT */

/*
 * The functions of expressions. A first argument that is null gives null; what
 * cannot be converted does, too.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <gust/kit/cast.h>

#include "script_state.h"

#define SCRIPT_BYTES_A_LOOK 16u
#define SCRIPT_JSON_BYTES_A_STEP 4u

/* Whether the first argument is null, which is then what comes out. */
static bool script_null(lua_State *lua)
{
	if (!lua_isnoneornil(lua, 1))
		return false;
	lua_settop(lua, 0);
	lua_pushnil(lua);
	return true;
}

static struct gust_text script_argument(lua_State *lua, int index)
{
	struct gust_text text;

	text.data = luaL_checklstring(lua, index, &text.length);
	return text;
}

/* Charges for a look at all of a text. */
static void script_look(lua_State *lua, size_t length)
{
	script_charge(lua, script_of(lua), length / SCRIPT_BYTES_A_LOOK);
}

static int script_convert(lua_State *lua, int (*convert)(int))
{
	struct gust_text text;
	luaL_Buffer buffer;
	size_t i;
	char *at;

	if (script_null(lua))
		return 1;
	text = script_argument(lua, 1);
	at = luaL_buffinitsize(lua, &buffer, text.length);
	for (i = 0; i < text.length; i++)
		at[i] = (char)convert((unsigned char)text.data[i]);
	luaL_pushresultsize(&buffer, text.length);
	return 1;
}

static int script_upper(lua_State *lua)
{
	return script_convert(lua, toupper);
}

static int script_lower(lua_State *lua)
{
	return script_convert(lua, tolower);
}

static int script_trim(lua_State *lua)
{
	struct gust_text text;

	if (script_null(lua))
		return 1;
	text = script_argument(lua, 1);
	script_look(lua, text.length);
	while (text.length > 0 && isspace((unsigned char)text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length > 0 &&
	       isspace((unsigned char)text.data[text.length - 1]))
		text.length--;
	lua_pushlstring(lua, text.data, text.length);
	return 1;
}

static int script_len(lua_State *lua)
{
	if (script_null(lua))
		return 1;
	if (lua_type(lua, 1) != LUA_TTABLE)
		luaL_checkstring(lua, 1);
	lua_pushinteger(lua, (lua_Integer)lua_rawlen(lua, 1));
	return 1;
}

/* The argument as a value of a tuple: a number, a bool or a text. */
static struct gust_value script_any(lua_State *lua)
{
	struct gust_text text;

	if (lua_type(lua, 1) == LUA_TBOOLEAN)
		return gust_bool(lua_toboolean(lua, 1));
	if (lua_type(lua, 1) == LUA_TNUMBER && lua_isinteger(lua, 1))
		return gust_int(lua_tointeger(lua, 1));
	if (lua_type(lua, 1) == LUA_TNUMBER)
		return gust_float(lua_tonumber(lua, 1));
	text = script_argument(lua, 1);
	script_look(lua, text.length);
	return gust_string(text.data, text.length);
}

static int script_cast(lua_State *lua, enum gust_type type)
{
	struct script *script = script_of(lua);
	struct gust_value value;

	if (script_null(lua))
		return 1;
	value = script_any(lua);
	script->scratch.used = 0;
	if (cast_value(value, type, &script->scratch, &value) < 0)
		value = gust_null();
	script_push(lua, value);
	return 1;
}

static int script_int(lua_State *lua)
{
	lua_Number number;

	/* What stands behind the point goes, as it does in C and Python. */
	if (lua_type(lua, 1) == LUA_TNUMBER && !lua_isinteger(lua, 1)) {
		number = lua_tonumber(lua, 1);
		if (number >= -0x1p63 && number < 0x1p63)
			lua_pushinteger(lua, (lua_Integer)number);
		else
			lua_pushnil(lua);
		return 1;
	}
	return script_cast(lua, GUST_INT);
}

static int script_float(lua_State *lua)
{
	return script_cast(lua, GUST_FLOAT);
}

static int script_str(lua_State *lua)
{
	return script_cast(lua, GUST_STRING);
}

/* A text and what is looked for in it. False: null came of null. */
static bool script_texts(lua_State *lua, struct gust_text *text,
			 struct gust_text *part)
{
	if (script_null(lua))
		return false;
	*text = script_argument(lua, 1);
	*part = script_argument(lua, 2);
	return true;
}

static int script_contains(lua_State *lua)
{
	struct gust_text text, part;

	if (!script_texts(lua, &text, &part))
		return 1;
	script_look(lua, text.length);
	lua_pushboolean(lua, memmem(text.data, text.length, part.data,
				    part.length) != NULL);
	return 1;
}

static int script_starts_with(lua_State *lua)
{
	struct gust_text text, part;

	if (!script_texts(lua, &text, &part))
		return 1;
	script_look(lua, part.length);
	lua_pushboolean(lua,
			part.length <= text.length &&
				memcmp(text.data, part.data, part.length) == 0);
	return 1;
}

static int script_ends_with(lua_State *lua)
{
	struct gust_text text, part;

	if (!script_texts(lua, &text, &part))
		return 1;
	script_look(lua, part.length);
	lua_pushboolean(lua,
			part.length <= text.length &&
				memcmp(text.data + text.length - part.length,
				       part.data, part.length) == 0);
	return 1;
}

static int script_coalesce(lua_State *lua)
{
	int i;

	for (i = 1; i <= lua_gettop(lua); i++) {
		if (!lua_isnil(lua, i)) {
			lua_pushvalue(lua, i);
			return 1;
		}
	}
	lua_pushnil(lua);
	return 1;
}

/* Adds a piece to the list on top of the stack. */
static void script_add_piece(lua_State *lua, const char *data, size_t length,
			     lua_Integer number)
{
	lua_pushlstring(lua, data, length);
	lua_rawseti(lua, -2, number);
}

static void script_split_at_spaces(lua_State *lua, struct gust_text text)
{
	size_t i = 0, begin;
	lua_Integer n = 0;

	while (i < text.length) {
		while (i < text.length && isspace((unsigned char)text.data[i]))
			i++;
		for (begin = i;
		     i < text.length && !isspace((unsigned char)text.data[i]);)
			i++;
		if (i > begin)
			script_add_piece(lua, text.data + begin, i - begin,
					 ++n);
	}
}

static int script_split(lua_State *lua)
{
	struct gust_text text, separator;
	lua_Integer n = 0;
	const char *found;

	if (script_null(lua))
		return 1;
	text = script_argument(lua, 1);
	script_charge(lua, script_of(lua), text.length);
	if (lua_isnoneornil(lua, 2)) {
		lua_newtable(lua);
		script_split_at_spaces(lua, text);
		return 1;
	}
	separator = script_argument(lua, 2);
	luaL_argcheck(lua, separator.length > 0, 2, "the separator is empty");
	lua_newtable(lua);
	while ((found = memmem(text.data, text.length, separator.data,
			       separator.length)) != NULL) {
		const size_t length = (size_t)(found - text.data);

		script_add_piece(lua, text.data, length, ++n);
		text.data += length + separator.length;
		text.length -= length + separator.length;
	}
	script_add_piece(lua, text.data, text.length, n + 1);
	return 1;
}

static int script_substitute(lua_State *lua)
{
	struct gust_text text, old, news;
	luaL_Buffer buffer;
	const char *found;

	if (script_null(lua))
		return 1;
	text = script_argument(lua, 1);
	old = script_argument(lua, 2);
	news = script_argument(lua, 3);
	luaL_argcheck(lua, old.length > 0, 2, "the text to replace is empty");
	luaL_buffinit(lua, &buffer);
	while ((found = memmem(text.data, text.length, old.data, old.length)) !=
	       NULL) {
		const size_t length = (size_t)(found - text.data);

		script_charge(lua, script_of(lua),
			      1 + (length + news.length) / SCRIPT_BYTES_A_LOOK);
		luaL_addlstring(&buffer, text.data, length);
		luaL_addlstring(&buffer, news.data, news.length);
		text.data += length + old.length;
		text.length -= length + old.length;
	}
	luaL_addlstring(&buffer, text.data, text.length);
	luaL_pushresult(&buffer);
	return 1;
}

static int script_match_text(lua_State *lua)
{
	return script_null(lua) ? 1 : script_match(lua);
}

/* Pushes a value of JSON; jansson has bounded how deep it goes. */
static void script_push_json(lua_State *lua, const json_t *json)
{
	const json_t *member;
	const char *key;
	size_t i;

	luaL_checkstack(lua, 4, "too deep");
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		lua_newtable(lua);
		/* The macro casts the const away. */
		json_object_foreach((json_t *)(uintptr_t)json, key, member)
		{
			lua_pushstring(lua, key);
			script_push_json(lua, member);
			lua_rawset(lua, -3);
		}
		break;
	case JSON_ARRAY:
		lua_newtable(lua);
		for (i = 0; i < json_array_size(json); i++) {
			script_push_json(lua, json_array_get(json, i));
			lua_rawseti(lua, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushlstring(lua, json_string_value(json),
				json_string_length(json));
		break;
	case JSON_INTEGER:
		lua_pushinteger(lua, json_integer_value(json));
		break;
	case JSON_REAL:
		lua_pushnumber(lua, json_real_value(json));
		break;
	case JSON_NULL:
		lua_pushnil(lua);
		break;
	default:
		lua_pushboolean(lua, json_is_true(json));
	}
}

static int script_json(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct gust_text text;

	if (script_null(lua))
		return 1;
	text = script_argument(lua, 1);
	script_charge(lua, script, text.length / SCRIPT_JSON_BYTES_A_STEP);
	/* An error within an earlier call may have left one. */
	json_decref(script->document);
	script->document = json_loadb(text.data, text.length,
				      JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (script->document == NULL)
		lua_pushnil(lua);
	else
		script_push_json(lua, script->document);
	json_decref(script->document);
	script->document = NULL;
	return 1;
}

static int script_reject(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *reason = luaL_optstring(lua, 1, "rejected by the script");

	snprintf(script->reason, sizeof(script->reason), "%s", reason);
	script_stop(lua, SCRIPT_REJECTED);
}

static int script_field(lua_State *lua)
{
	const struct script *script = script_of(lua);
	const char *name = luaL_checkstring(lua, 1);
	size_t i;

	for (i = 0; i < script->column_count; i++) {
		if (strcmp(script->columns[i].name, name) == 0) {
			script_push(lua, script->row[i]);
			return 1;
		}
	}
	return luaL_error(lua, "no field is named '%s'", name);
}

const luaL_Reg script_helpers[] = {
	{ "coalesce", script_coalesce },
	{ "contains", script_contains },
	{ "ends_with", script_ends_with },
	{ "field", script_field },
	{ "float", script_float },
	{ "int", script_int },
	{ "json", script_json },
	{ "len", script_len },
	{ "lower", script_lower },
	{ "match", script_match_text },
	{ "reject", script_reject },
	{ "replace", script_substitute },
	{ "split", script_split },
	{ "starts_with", script_starts_with },
	{ "str", script_str },
	{ "trim", script_trim },
	{ "upper", script_upper },
	{ NULL, NULL },
};
