/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <lauxlib.h>
#include <lualib.h>

#include <gust/kit/script.h>

/* What the four functions make of a pattern, also where they raise an error. */
#define TRY                                                                    \
	"(function(text, items)"                                               \
	" local function show(...) local t = {}"                               \
	" for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) "   \
	"end"                                                                  \
	" return t[1] == 'false' and 'error' or table.concat(t, '|') end"      \
	" local function each() local t = {}"                                  \
	" for a, b in string.gmatch(text, items) do"                           \
	" t[#t + 1] = tostring(a) .. ',' .. tostring(b) end"                   \
	" return table.concat(t, ';') end"                                     \
	" return show(pcall(string.find, text, items))"                        \
	" .. '/' .. show(pcall(string.match, text, items, -3))"                \
	" .. '/' .. show(pcall(string.gsub, text, items, '<%0%1>'))"           \
	" .. '/' .. show(pcall(string.gsub, text, items, {a = 'x'}))"          \
	" .. '/' .. show(pcall(string.gsub, text, items, string.upper, 2))"    \
	" .. '/' .. show(pcall(each)) end)"

static const struct gust_column columns[] = {
	{ "text", GUST_STRING },
	{ "items", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct script_limits limits = { 16u << 20, 1000000 };

/* Most of what these make up is a pattern. */
static const char *const tokens[] = {
	"a",    "a",      "b",      "1",    ".",     "%a",   "%d", "%W",
	"%s",   "%f[%w]", "%f[^a]", "%b()", "(",     ")",    "(",  ")",
	"()",   "*",      "+",      "-",    "?",     "*",    "-",  "[ab]",
	"[^a]", "[%d(]",  "[a-c]",  "[]]",  "[^]1]", "[a%]", "%1", "%2",
	"%",    "^",      "$",      "%(",
};
#define TOKENS (sizeof(tokens) / sizeof(tokens[0]))

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % below;
}

/* Lua's own answer. */
static const char *lua_gives(lua_State *lua, const char *text,
			     const char *items)
{
	lua_settop(lua, 1);
	lua_pushvalue(lua, 1);
	lua_pushstring(lua, text);
	lua_pushstring(lua, items);
	CHECK_INT(lua_pcall(lua, 2, 1, 0), LUA_OK);
	return lua_tostring(lua, -1);
}

/* Whether the pattern was one. */
static bool compare(struct script *script, lua_State *lua, const char *text,
		    const char *items)
{
	const struct gust_value row[] = { gust_string(text, strlen(text)),
					  gust_string(items, strlen(items)) };
	const char *expected = lua_gives(lua, text, items);
	struct gust_error error = { 0 };
	struct gust_value value;

	script_run(script, row, &error);
	CHECK_STR(error.text, "");
	CHECK_INT(script_value(script, 0, GUST_STRING, &value, &error), 0);
	if (strcmp(value.as.data, expected) != 0)
		FAIL("'%s' in '%s' gives %s, expected %s", items, text,
		     value.as.data, expected);
	return strstr(expected, "error") == NULL;
}

TEST(patterns_mean_what_they_mean_in_lua)
{
	lua_State *lua = luaL_newstate();
	struct script *script;
	char text[16], items[128];
	uint64_t seed = 1;
	int i, k, n, good = 0;

	luaL_openlibs(lua);
	CHECK_INT(luaL_loadstring(lua, "return " TRY), LUA_OK);
	CHECK_INT(lua_pcall(lua, 0, 1, 0), LUA_OK);
	CHECK_INT(script_create(&script, &limits, columns), 0);
	CHECK_INT(script_add(script, "it", TRY "(text, items)",
			     SCRIPT_EXPRESSION, NULL),
		  0);
	for (i = 0; i < 40000; i++) {
		n = (int)draw(&seed, 12);
		for (k = 0; k < n; k++)
			text[k] = "aabc1 (())"[draw(&seed, 10)];
		text[n] = '\0';
		items[0] = '\0';
		n = (int)draw(&seed, 8);
		for (k = 0; k < n; k++)
			strcat(items, tokens[draw(&seed, TOKENS)]);
		good += compare(script, lua, text, items);
	}
	/* The others raise an error somewhere. */
	CHECK(good > 10000);
	lua_close(lua);
	script_destroy(script);
}
