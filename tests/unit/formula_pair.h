/* SPDX-License-Identifier: MIT */
#ifndef FORMULA_PAIR_H
#define FORMULA_PAIR_H

/*
 * An expression as a formula and in Lua itself, over the same row: what one
 * gives the other has to give, to the last bit. For a test and a fuzzer.
 *
 * Included once.
 */

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "kit/script_formula.h"

/* The columns of the rows, of which any may be null. */
static const struct gust_column pair_columns[] = {
	{ "n", GUST_INT },   { "m", GUST_INT },    { "x", GUST_FLOAT },
	{ "y", GUST_FLOAT }, { "s", GUST_STRING }, { "t", GUST_STRING },
	{ "b", GUST_BOOL },  { "r", GUST_BYTES },  { "j", GUST_JSON },
	{ NULL, GUST_NULL },
};
#define PAIR_COLUMNS 9

enum pair_verdict {
	PAIR_SAME,
	PAIR_ASKS, /* the formula asks Lua, which raises an error */
	PAIR_DIFFERS,
	PAIR_NONE /* there is no formula */
};

/* Compiles the text as the script kit does; false leaves nothing. */
static inline bool pair_load(lua_State *lua, const char *text)
{
	int status;

	/* Alone at first, so that it cannot close what is put around it. */
	lua_settop(lua, 0);
	lua_pushfstring(lua, "return %s", text);
	status = luaL_loadstring(lua, lua_tostring(lua, -1));
	lua_settop(lua, 0);
	if (status != LUA_OK)
		return false;
	lua_pushfstring(lua, "local n,m,x,y,s,t,b,r,j = ... return (%s\n)",
			text);
	status = luaL_loadstring(lua, lua_tostring(lua, -1));
	lua_remove(lua, 1);
	if (status != LUA_OK)
		lua_settop(lua, 0);
	return status == LUA_OK;
}

static inline void pair_push(lua_State *lua, const struct gust_value *value)
{
	if (value->type == GUST_NULL)
		lua_pushnil(lua);
	else if (value->type == GUST_BOOL)
		lua_pushboolean(lua, value->as.integer != 0);
	else if (value->type == GUST_INT)
		lua_pushinteger(lua, value->as.integer);
	else if (value->type == GUST_FLOAT)
		lua_pushnumber(lua, value->as.number);
	else
		lua_pushlstring(lua, value->as.data, value->length);
}

/* Whether they are one float; of NaN the sign is nobody's. */
static inline bool pair_same_float(double found, double expected)
{
	return (found != found && expected != expected) ||
	       memcmp(&found, &expected, sizeof(found)) == 0;
}

/* Whether the value is what stands on top of the stack. */
static inline bool pair_same(lua_State *lua, const struct gust_value *value)
{
	const char *text;
	size_t length;

	switch (lua_type(lua, -1)) {
	case LUA_TNIL:
		return value->type == GUST_NULL;
	case LUA_TBOOLEAN:
		return value->type == GUST_BOOL &&
		       value->as.integer == lua_toboolean(lua, -1);
	case LUA_TNUMBER:
		if (lua_isinteger(lua, -1))
			return value->type == GUST_INT &&
			       value->as.integer == lua_tointeger(lua, -1);
		return value->type == GUST_FLOAT &&
		       pair_same_float(value->as.number, lua_tonumber(lua, -1));
	case LUA_TSTRING:
		text = lua_tolstring(lua, -1, &length);
		return value->type >= GUST_STRING && value->length == length &&
		       memcmp(value->as.data, text, length) == 0;
	default:
		return false;
	}
}

/* Runs both over `row`; the function of Lua is the only thing on its stack. */
static inline enum pair_verdict
pair_run(lua_State *lua, struct formula *formula, const struct gust_value *row)
{
	const struct gust_value *found = formula_run(formula, row);
	enum pair_verdict verdict;
	int i, status;

	lua_settop(lua, 1);
	lua_pushvalue(lua, 1);
	for (i = 0; i < PAIR_COLUMNS; i++)
		pair_push(lua, &row[i]);
	status = lua_pcall(lua, PAIR_COLUMNS, 1, 0);
	if (found == NULL)
		verdict = status == LUA_OK ? PAIR_DIFFERS : PAIR_ASKS;
	else
		verdict = status == LUA_OK && pair_same(lua, found)
				  ? PAIR_SAME
				  : PAIR_DIFFERS;
	if (verdict == PAIR_DIFFERS)
		fprintf(stderr, "type %d, integer %lld; Lua: %s\n",
			found == NULL ? -1 : (int)found->type,
			found == NULL ? 0 : (long long)found->as.integer,
			luaL_tolstring(lua, -1, NULL));
	lua_settop(lua, 1);
	return verdict;
}

#endif
