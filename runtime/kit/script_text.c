/* SPDX-License-Identifier: MIT */

/* The functions of `string` that are not Lua's own, because those loop in C
 * without a bound: find, match, gmatch, gsub, rep. */

#include <string.h>

#include "script_pattern.h"

#define SCRIPT_BYTES_A_SEARCH 16u

/* A position as Lua counts: from 1, or from the end if negative. */
static size_t script_start(lua_Integer position, size_t length)
{
	if (position > 0)
		return (size_t)position - 1;
	if (position == 0 || position < -(lua_Integer)length)
		return 0;
	return length - (size_t)-position;
}

static bool script_has_specials(const char *items, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (items[i] != '\0' && strchr("^$*+?.([%-", items[i]) != NULL)
			return true;
	return false;
}

static int script_find_plain(lua_State *lua, const char *text, size_t length,
			     const char *items, size_t items_length,
			     size_t start)
{
	const char *found;
	size_t seen;

	found = memmem(text + start, length - start, items, items_length);
	seen = found != NULL ? (size_t)(found - text) - start : length - start;
	script_charge(lua, script_of(lua), seen / SCRIPT_BYTES_A_SEARCH);
	if (found == NULL) {
		lua_pushnil(lua);
		return 1;
	}
	lua_pushinteger(lua, found - text + 1);
	lua_pushinteger(lua, found - text + (lua_Integer)items_length);
	return 2;
}

static int script_search(lua_State *lua, bool find)
{
	size_t length, items_length, start;
	const char *text = luaL_checklstring(lua, 1, &length);
	const char *items = luaL_checklstring(lua, 2, &items_length);
	const char *at, *end;
	struct pattern pattern;
	bool anchored;

	start = script_start(luaL_optinteger(lua, 3, 1), length);
	if (start > length) {
		lua_pushnil(lua);
		return 1;
	}
	if (find && (lua_toboolean(lua, 4) ||
		     !script_has_specials(items, items_length)))
		return script_find_plain(lua, text, length, items, items_length,
					 start);
	anchored = items_length > 0 && items[0] == '^';
	items += anchored ? 1 : 0;
	pattern_init(&pattern, lua, text, length, items,
		     items_length - (anchored ? 1 : 0));
	for (at = text + start; at <= pattern.text_end; at++) {
		pattern.level = 0;
		end = pattern_match(&pattern, at, items);
		if (end != NULL && find) {
			lua_pushinteger(lua, at - text + 1);
			lua_pushinteger(lua, end - text);
			return 2 + pattern_push_all(&pattern, NULL, NULL);
		}
		if (end != NULL)
			return pattern_push_all(&pattern, at, end);
		if (anchored)
			break;
	}
	lua_pushnil(lua);
	return 1;
}

static int script_find(lua_State *lua)
{
	return script_search(lua, true);
}

int script_match(lua_State *lua)
{
	return script_search(lua, false);
}

/* Upvalues: text, pattern, where to go on, where the last match has ended. */
static int script_gmatch_next(lua_State *lua)
{
	size_t length, items_length;
	const char *text = lua_tolstring(lua, lua_upvalueindex(1), &length);
	const char *items =
		lua_tolstring(lua, lua_upvalueindex(2), &items_length);
	const lua_Integer last = lua_tointeger(lua, lua_upvalueindex(4));
	struct pattern pattern;
	const char *at, *end;

	pattern_init(&pattern, lua, text, length, items, items_length);
	at = text + lua_tointeger(lua, lua_upvalueindex(3));
	for (; at <= pattern.text_end; at++) {
		pattern.level = 0;
		end = pattern_match(&pattern, at, items);
		if (end == NULL || end - text == last)
			continue;
		lua_pushinteger(lua, end - text);
		lua_copy(lua, -1, lua_upvalueindex(3));
		lua_replace(lua, lua_upvalueindex(4));
		return pattern_push_all(&pattern, at, end);
	}
	return 0;
}

static int script_gmatch(lua_State *lua)
{
	size_t length, start;

	luaL_checklstring(lua, 1, &length);
	luaL_checkstring(lua, 2);
	start = script_start(luaL_optinteger(lua, 3, 1), length);
	if (start > length)
		start = length + 1;
	lua_settop(lua, 2);
	lua_pushinteger(lua, (lua_Integer)start);
	lua_pushinteger(lua, -1);
	lua_pushcclosure(lua, script_gmatch_next, 4);
	return 1;
}

/* Appends argument 3, a text in which %0 to %9 are captures. */
static void script_replace_by_text(struct pattern *pattern, luaL_Buffer *buffer,
				   const char *begin, const char *end)
{
	lua_State *lua = pattern->lua;
	size_t length, i;
	const char *news = lua_tolstring(lua, 3, &length);

	script_charge(lua, pattern->script, length / SCRIPT_BYTES_A_SEARCH);
	for (i = 0; i < length; i++) {
		if (news[i] != '%') {
			luaL_addchar(buffer, news[i]);
			continue;
		}
		i++;
		if (i < length && news[i] == '%') {
			luaL_addchar(buffer, '%');
		} else if (i < length && news[i] == '0') {
			luaL_addlstring(buffer, begin, (size_t)(end - begin));
		} else if (i < length && news[i] >= '1' && news[i] <= '9') {
			pattern_push(pattern, news[i] - '1', begin, end);
			luaL_addvalue(buffer);
		} else {
			luaL_error(lua, "invalid use of '%%' in replacement "
					"string");
		}
	}
}

/* Appends what a match is replaced by. */
static void script_replace(struct pattern *pattern, luaL_Buffer *buffer,
			   const char *begin, const char *end)
{
	lua_State *lua = pattern->lua;
	int n;

	switch (lua_type(lua, 3)) {
	case LUA_TFUNCTION:
		lua_pushvalue(lua, 3);
		n = pattern_push_all(pattern, begin, end);
		lua_call(lua, n, 1);
		break;
	case LUA_TTABLE:
		pattern_push(pattern, 0, begin, end);
		lua_gettable(lua, 3);
		break;
	default:
		script_replace_by_text(pattern, buffer, begin, end);
		return;
	}
	if (!lua_toboolean(lua, -1)) {
		lua_pop(lua, 1);
		luaL_addlstring(buffer, begin, (size_t)(end - begin));
	} else if (lua_isstring(lua, -1)) {
		luaL_addvalue(buffer);
	} else {
		luaL_error(lua, "invalid replacement value (a %s)",
			   luaL_typename(lua, -1));
	}
}

static int script_gsub(lua_State *lua)
{
	size_t length, items_length;
	const char *text = luaL_checklstring(lua, 1, &length);
	const char *items = luaL_checklstring(lua, 2, &items_length);
	const int type = lua_type(lua, 3);
	const lua_Integer most =
		luaL_optinteger(lua, 4, (lua_Integer)length + 1);
	const bool anchored = items_length > 0 && items[0] == '^';
	const char *at = text, *end, *last = NULL;
	struct pattern pattern;
	luaL_Buffer buffer;
	lua_Integer count = 0;

	luaL_argexpected(lua,
			 type == LUA_TNUMBER || type == LUA_TSTRING ||
				 type == LUA_TFUNCTION || type == LUA_TTABLE,
			 3, "string/function/table");
	items += anchored ? 1 : 0;
	luaL_buffinit(lua, &buffer);
	pattern_init(&pattern, lua, text, length, items,
		     items_length - (anchored ? 1 : 0));
	while (count < most) {
		pattern.level = 0;
		end = pattern_match(&pattern, at, items);
		if (end != NULL && end != last) {
			count++;
			script_replace(&pattern, &buffer, at, end);
			at = last = end;
		} else if (at < pattern.text_end) {
			luaL_addchar(&buffer, *at);
			at++;
		} else {
			break;
		}
		if (anchored)
			break;
	}
	luaL_addlstring(&buffer, at, (size_t)(pattern.text_end - at));
	luaL_pushresult(&buffer);
	lua_pushinteger(lua, count);
	return 2;
}

/* By doubling, so that a short text is not copied a million times. */
static void script_fill(char *at, size_t unit, size_t total)
{
	size_t done = unit;

	while (done < total) {
		size_t n = done < total - done ? done : total - done;

		memcpy(at + done, at, n);
		done += n;
	}
}

static int script_rep(lua_State *lua)
{
	size_t length, between, total;
	const char *text = luaL_checklstring(lua, 1, &length);
	const lua_Integer n = luaL_checkinteger(lua, 2);
	const char *separator = luaL_optlstring(lua, 3, "", &between);
	const size_t most = script_text_max(script_of(lua));
	luaL_Buffer buffer;
	char *at;

	if (n <= 0 || length + between == 0) {
		lua_pushliteral(lua, "");
		return 1;
	}
	if ((size_t)n > most / (length + between))
		script_stop(lua, SCRIPT_TEXT);
	total = (size_t)n * (length + between);
	at = luaL_buffinitsize(lua, &buffer, total);
	memcpy(at, text, length);
	memcpy(at + length, separator, between);
	script_fill(at, length + between, total);
	luaL_pushresultsize(&buffer, total - between);
	return 1;
}

const luaL_Reg script_patterns[] = {
	{ "find", script_find }, { "gmatch", script_gmatch },
	{ "gsub", script_gsub }, { "match", script_match },
	{ "rep", script_rep },   { NULL, NULL },
};
