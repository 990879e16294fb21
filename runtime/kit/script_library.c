/* SPDX-License-Identifier: MIT */

/*
 * What a text may name. Lua's own functions are taken out of its libraries one
 * by one; those that loop over an argument are charged for it first.
 */

#include <string.h>

#include <lualib.h>

#include "script_state.h"

#define SCRIPT_BYTES_A_CHARGE 16u

static const char *const script_base[] = {
	"assert", "error",    "ipairs", "next", "pairs",
	"select", "tostring", "type",   NULL,
};
static const char *const script_base_charged[] = { "tonumber", NULL };
static const char *const script_math[] = {
	"abs", "acos",       "asin", "atan", "ceil", "cos", "deg",
	"exp", "floor",      "fmod", "huge", "log",  "max", "maxinteger",
	"min", "mininteger", "modf", "pi",   "rad",  "sin", "sqrt",
	"tan", "tointeger",  "type", "ult",  NULL,
};
static const char *const script_string[] = {
	"byte", "char", "len", "lower", "reverse", "sub", "upper", NULL,
};
static const char *const script_string_charged[] = { "format", NULL };
static const char *const script_table_charged[] = { "concat", "unpack", NULL };
static const char *const script_utf8[] = { "char", "charpattern", NULL };
static const char *const script_utf8_charged[] = {
	"codepoint", "codes", "len", "offset", NULL,
};

/* What Lua has and a script has not. */
static const char *const script_missing[] = {
	"_G",           "_VERSION", "collectgarbage", "coroutine",
	"debug",        "dofile",   "getmetatable",   "io",
	"load",         "loadfile", "loadstring",     "module",
	"os",           "package",  "print",          "rawequal",
	"rawget",       "rawlen",   "rawset",         "require",
	"setmetatable", "warn",     "xpcall",         NULL,
};

/* Calls the function that is the first upvalue, on the same frame. */
static int script_call_original(lua_State *lua)
{
	return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

/* Charges for all strings and tables among the arguments. */
static int script_charged(lua_State *lua)
{
	size_t cost = 0;
	int i;

	for (i = 1; i <= lua_gettop(lua); i++) {
		if (lua_type(lua, i) == LUA_TSTRING)
			cost += lua_rawlen(lua, i) / SCRIPT_BYTES_A_CHARGE;
		else if (lua_type(lua, i) == LUA_TTABLE)
			cost += lua_rawlen(lua, i);
	}
	script_charge(lua, script_of(lua), cost);
	return script_call_original(lua);
}

/* insert() and remove() move what is behind a position that they are given. */
static int script_shift(lua_State *lua, int arguments)
{
	if (lua_gettop(lua) >= arguments && lua_type(lua, 1) == LUA_TTABLE)
		script_charge(lua, script_of(lua), lua_rawlen(lua, 1));
	return script_call_original(lua);
}

static int script_insert(lua_State *lua)
{
	return script_shift(lua, 3);
}

static int script_remove(lua_State *lua)
{
	return script_shift(lua, 2);
}

/* Each element is compared about 2 log n times, over its whole length. */
static int script_sort(lua_State *lua)
{
	struct script *script = script_of(lua);
	size_t n, i, cost, turns = 2;

	luaL_checktype(lua, 1, LUA_TTABLE);
	n = lua_rawlen(lua, 1);
	script_charge(lua, script, n);
	for (i = n; i > 1; i /= 2)
		turns += 2;
	for (cost = n, i = 1; i <= n; i++) {
		if (lua_rawgeti(lua, 1, (lua_Integer)i) == LUA_TSTRING)
			cost += lua_rawlen(lua, -1) / SCRIPT_BYTES_A_CHARGE;
		lua_pop(lua, 1);
	}
	script_charge(lua, script, cost * turns);
	return script_call_original(lua);
}

/* Lua's, which however does not catch the end of a run. */
static int script_pcall(lua_State *lua)
{
	struct script *script = script_of(lua);
	int status;

	luaL_checkany(lua, 1);
	status = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
	if (script->fault != SCRIPT_SOUND)
		script_stop(lua, script->fault);
	luaL_checkstack(lua, 1, NULL);
	lua_pushboolean(lua, status == LUA_OK);
	lua_insert(lua, 1);
	return lua_gettop(lua);
}

static int script_refuse(lua_State *lua)
{
	return luaL_error(lua, "'%s' is not for scripts",
			  lua_tostring(lua, lua_upvalueindex(1)));
}

static int script_refuse_write(lua_State *lua)
{
	return luaL_error(lua, "'%s' cannot be written to",
			  lua_tostring(lua, lua_upvalueindex(1)));
}

/* Sets member `name` of the table on the stack to a closure of `function` over
 * the value below the top, which is taken. */
static void script_wrap(lua_State *lua, const char *name,
			lua_CFunction function)
{
	lua_pushcclosure(lua, function, 1);
	lua_setfield(lua, -2, name);
}

/*
 * Copies members of the table at `from` to the one on top; as they are if
 * `wrapper` is NULL.
 */
static void script_copy(lua_State *lua, int from, const char *const *names,
			lua_CFunction wrapper)
{
	for (; *names != NULL; names++) {
		lua_getfield(lua, from, *names);
		if (wrapper == NULL)
			lua_setfield(lua, -2, *names);
		else
			script_wrap(lua, *names, wrapper);
	}
}

static void script_copy_one(lua_State *lua, int from, const char *name,
			    lua_CFunction wrapper)
{
	lua_getfield(lua, from, name);
	script_wrap(lua, name, wrapper);
}

/* Leaves the table that a library of Lua makes on the stack. */
static int script_open(lua_State *lua, lua_CFunction open)
{
	lua_pushcfunction(lua, open);
	lua_call(lua, 0, 1);
	return lua_gettop(lua);
}

/*
 * Turns the table on the stack into member `name` of the library at `library`:
 * an empty table, through which the members are read and nothing is written.
 */
static void script_seal(lua_State *lua, int library, const char *name)
{
	lua_newtable(lua);
	lua_newtable(lua);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index");
	lua_pushstring(lua, name);
	script_wrap(lua, "__newindex", script_refuse_write);
	lua_setmetatable(lua, -2);
	lua_setfield(lua, library, name);
	lua_pop(lua, 1);
}

/* Methods of strings: s:upper(). */
static void script_set_methods(lua_State *lua)
{
	lua_pushliteral(lua, "");
	lua_newtable(lua);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_pop(lua, 1);
}

static void script_add_base(lua_State *lua, int library)
{
	const int from = script_open(lua, luaopen_base);

	lua_pushvalue(lua, library);
	script_copy(lua, from, script_base, NULL);
	script_copy(lua, from, script_base_charged, script_charged);
	lua_pushcfunction(lua, script_pcall);
	lua_setfield(lua, -2, "pcall");
	luaL_setfuncs(lua, script_helpers, 0);
	lua_settop(lua, from - 1);
	/* The functions stand in the globals, which no text can name. */
	lua_newtable(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

static void script_add_string(lua_State *lua, int library)
{
	const int from = script_open(lua, luaopen_string);

	lua_newtable(lua);
	script_copy(lua, from, script_string, NULL);
	script_copy(lua, from, script_string_charged, script_charged);
	luaL_setfuncs(lua, script_patterns, 0);
	script_set_methods(lua);
	script_seal(lua, library, "string");
	lua_settop(lua, from - 1);
}

static void script_add_table(lua_State *lua, int library)
{
	const int from = script_open(lua, luaopen_table);

	lua_newtable(lua);
	script_copy(lua, from, script_table_charged, script_charged);
	script_copy_one(lua, from, "insert", script_insert);
	script_copy_one(lua, from, "remove", script_remove);
	script_copy_one(lua, from, "sort", script_sort);
	script_seal(lua, library, "table");
	lua_settop(lua, from - 1);
}

static void script_add_missing(lua_State *lua, int library)
{
	static const char *const events[] = { "__index", "__newindex", "__call",
					      "__len", NULL };
	const char *const *name, *const *event;

	for (name = script_missing; *name != NULL; name++) {
		lua_newtable(lua);
		lua_newtable(lua);
		for (event = events; *event != NULL; event++) {
			lua_pushstring(lua, *name);
			script_wrap(lua, *event, script_refuse);
		}
		lua_setmetatable(lua, -2);
		lua_setfield(lua, library, *name);
	}
}

void script_library(lua_State *lua)
{
	int library, from;

	luaL_checkstack(lua, 20, NULL);
	lua_newtable(lua);
	library = lua_gettop(lua);
	script_add_base(lua, library);
	script_add_string(lua, library);
	script_add_table(lua, library);
	from = script_open(lua, luaopen_math);
	lua_newtable(lua);
	script_copy(lua, from, script_math, NULL);
	script_seal(lua, library, "math");
	lua_settop(lua, library);
	from = script_open(lua, luaopen_utf8);
	lua_newtable(lua);
	script_copy(lua, from, script_utf8, NULL);
	script_copy(lua, from, script_utf8_charged, script_charged);
	script_seal(lua, library, "utf8");
	lua_settop(lua, library);
	script_add_missing(lua, library);
}
