/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "script_state.h"

#define SCRIPT_INTERVAL 1000     /* instructions from hook to hook */
#define SCRIPT_INTERVAL_LONG 20  /* while there are long strings */
#define SCRIPT_LONG (64u * 1024) /* that is how long they are */
#define SCRIPT_BYTES_A_STEP 32u
#define SCRIPT_NS_A_STEP 1000u
#define SCRIPT_REFUSALS_MAX 16u

static void script_hook(lua_State *lua, lua_Debug *record);

/*
 * Whether Lua may have `more` bytes for an object of `size`. Each refusal has
 * Lua collect all garbage and ask again, which takes long where the memory is
 * nearly full, so there cannot be many.
 */
static bool script_grants(struct script *script, size_t more, size_t size,
			  bool is_string)
{
	const size_t most = (size_t)script->limits.memory;

	if (script->bounded) {
		if (script->fault != SCRIPT_SOUND)
			return false;
		script->steps -= (int64_t)(more / SCRIPT_BYTES_A_STEP);
		if (script->steps < 0)
			script->fault = SCRIPT_STEPS;
	}
	if (script->bounded && is_string && size > script_text_max(script))
		script->fault = SCRIPT_TEXT;
	if (is_string && size > SCRIPT_LONG && script->loops &&
	    !script->is_long) {
		script->is_long = true;
		lua_sethook(script->lua, script_hook, LUA_MASKCOUNT,
			    SCRIPT_INTERVAL_LONG);
	}
	if (script->fault == SCRIPT_SOUND && more <= most - script->used)
		return true;
	if (script->bounded)
		script->line = script_line(script->lua);
	if (script->fault == SCRIPT_SOUND &&
	    ++script->refusals == SCRIPT_REFUSALS_MAX)
		script->fault = SCRIPT_MEMORY;
	return false;
}

static void *script_allocate(void *data, void *block, size_t before,
			     size_t size)
{
	struct script *script = data;
	/* What `before` tells of a new block is what it is for. */
	const bool is_string = block == NULL && before == LUA_TSTRING;
	void *moved;

	if (block == NULL)
		before = 0;
	if (size == 0) {
		script->used -= before;
		free(block);
		return NULL;
	}
	if (size > before &&
	    !script_grants(script, size - before, size, is_string))
		return NULL;
	moved = realloc(block, size);
	/* Lua relies on it that nothing fails to shrink. */
	if (moved == NULL && size > before)
		return NULL;
	script->used = script->used - before + size;
	return moved != NULL ? moved : block;
}

int script_line(lua_State *lua)
{
	lua_Debug record;
	int level;

	for (level = 0; lua_getstack(lua, level, &record) == 1; level++) {
		lua_getinfo(lua, "Sl", &record);
		if (record.currentline > 0)
			return record.currentline;
	}
	return 0;
}

_Noreturn void script_stop(lua_State *lua, enum script_fault fault)
{
	struct script *script = script_of(lua);

	if (script->fault == SCRIPT_SOUND) {
		script->fault = fault;
		script->line = script_line(lua);
	}
	/* What still tries to run on the way out gets one instruction. */
	if (script->loops)
		lua_sethook(lua, script_hook, LUA_MASKCOUNT, 1);
	lua_pushnil(lua);
	lua_error(lua);
	abort();
}

static uint64_t script_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void script_hook(lua_State *lua, lua_Debug *record)
{
	struct script *script = script_of(lua);
	uint64_t now;

	(void)record;
	if (!script->bounded)
		return;
	if (script->fault != SCRIPT_SOUND)
		script_stop(lua, script->fault);
	script_charge(lua, script,
		      script->is_long ? SCRIPT_INTERVAL_LONG : SCRIPT_INTERVAL);
	now = script_time();
	if (script->begun_ns == 0)
		script->begun_ns = now;
	if ((now - script->begun_ns) / SCRIPT_NS_A_STEP >
	    (uint64_t)script->limits.steps)
		script_stop(lua, SCRIPT_TIME);
}

static int script_prepare(lua_State *lua)
{
	struct script *script = script_of(lua);

	/* Lua makes this string where nothing could catch that it cannot. */
	lua_pushliteral(lua, "error in error handling");
	luaL_ref(lua, LUA_REGISTRYINDEX);
	script_library(lua);
	script->library = luaL_ref(lua, LUA_REGISTRYINDEX);
	return 0;
}

int script_create(struct script **script, const struct script_limits *limits,
		  const struct gust_column *columns)
{
	struct script *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return -ENOMEM;
	made->limits = *limits;
	made->columns = columns;
	while (columns[made->column_count].name != NULL)
		made->column_count++;
	made->lua = lua_newstate(script_allocate, made);
	if (made->lua == NULL)
		goto fail;
	lua_pushcfunction(made->lua, script_prepare);
	if (lua_pcall(made->lua, 0, 0, 0) != LUA_OK)
		goto fail;
	*script = made;
	return 0;
fail:
	script_destroy(made);
	return -ENOMEM;
}

void script_destroy(struct script *script)
{
	size_t i;

	if (script == NULL)
		return;
	if (script->lua != NULL)
		lua_close(script->lua);
	for (i = 0; i < script->chunk_count; i++) {
		free(script->chunks[i].label);
		free(script->chunks[i].fields);
		formula_destroy(script->chunks[i].formula);
	}
	free(script->chunks);
	json_decref(script->document);
	buffer_destroy(&script->scratch);
	script_rows_close(script);
	free(script);
}

void script_push(lua_State *lua, struct gust_value value)
{
	switch (value.type) {
	case GUST_NULL:
		lua_pushnil(lua);
		break;
	case GUST_BOOL:
		lua_pushboolean(lua, value.as.integer != 0);
		break;
	case GUST_INT:
		lua_pushinteger(lua, value.as.integer);
		break;
	case GUST_FLOAT:
		lua_pushnumber(lua, value.as.number);
		break;
	default:
		lua_pushlstring(lua, value.as.data, value.length);
	}
}

bool script_reads(const struct script *script, size_t column)
{
	const struct script_chunk *chunk;
	size_t i, k;

	for (i = 0; i < script->chunk_count; i++) {
		chunk = &script->chunks[i];
		for (k = 0; k < chunk->field_count; k++)
			if (chunk->fields[k] == column)
				return true;
	}
	return script->reads_any;
}

/* Works out what needs no Lua, and says whether that is all. */
static bool script_work_out(struct script *script, const struct gust_value *row)
{
	struct script_chunk *chunk = script->chunks;
	bool all = true;
	size_t i;

	for (i = 0; i < script->chunk_count; i++, chunk++) {
		chunk->value = chunk->formula == NULL
				       ? NULL
				       : formula_run(chunk->formula, row);
		all = all && chunk->value != NULL;
	}
	return all;
}

/* Calls all other texts, in protected mode; the values of expressions stay. */
static int script_body(lua_State *lua)
{
	struct script *script = script_of(lua);
	const struct script_chunk *chunk;
	size_t i, k;

	luaL_checkstack(lua, (int)script->chunk_count, NULL);
	for (i = 0; i < script->chunk_count; i++) {
		chunk = &script->chunks[i];
		script->current = i;
		if (chunk->value != NULL) {
			lua_pushnil(lua);
			continue;
		}
		luaL_checkstack(lua, (int)chunk->field_count + 1, NULL);
		lua_rawgeti(lua, LUA_REGISTRYINDEX, chunk->function);
		for (k = 0; k < chunk->field_count; k++)
			script_push(lua, script->row[chunk->fields[k]]);
		lua_call(lua, (int)chunk->field_count, 1);
	}
	return (int)script->chunk_count;
}

/* Lua says "line:3: what"; others may raise anything. */
static int script_explain(const struct script *script, struct gust_error *error)
{
	const char *label = script->chunks[script->current].label;
	const char *text;
	char *end;
	long line;

	if (lua_type(script->lua, -1) != LUA_TSTRING)
		return gust_error_set(
			error, -EINVAL, "%s: raised %s", label,
			lua_isnil(script->lua, -1) ? "nil" : "what is no text");
	text = lua_tostring(script->lua, -1);
	if (strncmp(text, "line:", 5) == 0) {
		line = strtol(text + 5, &end, 10);
		if (strncmp(end, ": ", 2) == 0)
			return gust_error_set(error, -EINVAL,
					      "%s, line %ld: %s", label, line,
					      end + 2);
	}
	return gust_error_set(error, -EINVAL, "%s: %s", label, text);
}

static int script_ended(const struct script *script, struct gust_error *error)
{
	const char *label = script->chunks[script->current].label;
	char place[32] = "";

	if (script->line > 0)
		snprintf(place, sizeof(place), ", line %d", script->line);
	switch (script->fault) {
	case SCRIPT_REJECTED:
		return gust_error_set(error, -ECANCELED, "%s", script->reason);
	case SCRIPT_STEPS:
		return gust_error_set(error, -EINVAL,
				      "%s%s: took more than %lld steps", label,
				      place, (long long)script->limits.steps);
	case SCRIPT_TIME:
		return gust_error_set(
			error, -EINVAL,
			"%s%s: took more time than %lld steps may", label,
			place, (long long)script->limits.steps);
	case SCRIPT_TEXT:
		return gust_error_set(
			error, -EINVAL,
			"%s%s: has a text of more than %zu bytes, a quarter "
			"of the option 'memory'",
			label, place, script_text_max(script));
	default:
		return gust_error_set(
			error, -EINVAL, "%s%s: needs more than %llu bytes",
			label, place,
			(unsigned long long)script->limits.memory);
	}
}

void script_hook_usually(struct script *script)
{
	script->is_long = false;
	if (script->loops)
		lua_sethook(script->lua, script_hook, LUA_MASKCOUNT,
			    SCRIPT_INTERVAL);
}

static void script_begin(struct script *script, const struct gust_value *row)
{
	lua_settop(script->lua, 0);
	if (script->is_long)
		script_hook_usually(script);
	script->row = row;
	script->steps = script->limits.steps;
	script->begun_ns = 0;
	script->refusals = 0;
	script->line = 0;
	script->scratch.used = 0;
	script_rows_clear(script);
}

/* After a limit: what the script has left goes now, and the hook is itself
 * again. A state is sound after an error of any kind. */
static void script_recover(struct script *script)
{
	lua_settop(script->lua, 0);
	script->fault = SCRIPT_SOUND;
	lua_gc(script->lua, LUA_GCCOLLECT);
	script_hook_usually(script);
}

/* Whether memory was refused in the end: luaL_Buffer says so in its own way. */
static bool script_starved(const struct script *script, int status)
{
	return status == LUA_ERRMEM ||
	       (script->refusals > 0 &&
		lua_type(script->lua, -1) == LUA_TSTRING &&
		strcmp(lua_tostring(script->lua, -1), "not enough memory") ==
			0);
}

/* Out of line, since what needs no Lua needs no place for registers either. */
static __attribute__((noinline)) int script_call(struct script *script,
						 const struct gust_value *row,
						 struct gust_error *error)
{
	int status, r = 0;

	script_begin(script, row);
	script->bounded = true;
	lua_pushcfunction(script->lua, script_body);
	status = lua_pcall(script->lua, 0, (int)script->chunk_count, 0);
	script->bounded = false;
	json_decref(script->document);
	script->document = NULL;
	if (status == LUA_OK) {
		script_rows_finish(script);
		return 0;
	}
	if (script->fault == SCRIPT_SOUND && script_starved(script, status))
		script->fault = SCRIPT_MEMORY;
	if (script->fault != SCRIPT_SOUND)
		r = script_ended(script, error);
	else
		r = script_explain(script, error);
	script_rows_clear(script);
	if (script->fault != SCRIPT_SOUND)
		script_recover(script);
	return r;
}

int script_run(struct script *script, const struct gust_value *row,
	       struct gust_error *error)
{
	assert(script->chunk_count > 0);
	if (script_work_out(script, row))
		return 0;
	return script_call(script, row, error);
}

int script_failed(struct gust_task *task, const struct gust_tuple *in,
		  const struct gust_error *error)
{
	if (error->code == -ECANCELED)
		return gust_reject(task, in, "%s", error->text);
	return gust_dead_letter(task, in, "%s", error->text);
}
