/* SPDX-License-Identifier: MIT */
#ifndef KIT_SCRIPT_STATE_H
#define KIT_SCRIPT_STATE_H

/*
 * What the files of the script kit share: the state, and how C functions that
 * scripts call are bounded. gust/kit/script.h tells the rules.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>

#include <gust/kit/buffer.h>
#include <gust/kit/script.h>

#include "script_formula.h"

enum script_fault {
	SCRIPT_SOUND = 0,
	SCRIPT_STEPS,
	SCRIPT_TIME,
	SCRIPT_MEMORY,
	SCRIPT_TEXT, /* one text is too long */
	SCRIPT_REJECTED
};

struct script_chunk {
	char *label;
	enum script_form form;
	int function;     /* in the registry */
	uint16_t *fields; /* the columns it takes, in their order */
	size_t field_count;
	struct formula *formula; /* the same without Lua, or NULL */
	/* What the formula gave in this run; NULL: it is Lua's. */
	const struct gust_value *value;
};

struct script {
	lua_State *lua;
	struct script_limits limits;
	const struct gust_column *columns;
	size_t column_count;
	struct script_chunk *chunks;
	size_t chunk_count;
	int library; /* a table in the registry: what names stand for */

	/* The sandbox. */
	size_t used;       /* bytes that Lua has */
	bool bounded;      /* steps count: a run is going on */
	bool loops;        /* a text needs the hook */
	bool reads_any;    /* a text has field(), for fields of any name */
	bool is_long;      /* there is a long string: the hook comes often */
	int64_t steps;     /* left */
	uint64_t begun_ns; /* of the thread's time; 0 before the first hook */
	unsigned refusals;
	enum script_fault fault;
	int line;         /* where a limit was hit, or 0 */
	char reason[256]; /* of reject() */

	/* The run. */
	const struct gust_value *row;
	size_t current; /* the text that runs */
	struct buffer scratch;
	json_t *document; /* that json() reads */

	/* What emit() gathers. A row is a value that tells the stream and how
	 * many values follow. Their bytes stand in `bytes`. */
	const struct gust_stream *streams;
	size_t stream_count;
	size_t emitted_max;
	struct buffer rows, bytes;
};

/* The script that a state belongs to. */
static inline struct script *script_of(lua_State *lua)
{
	void *script;

	(void)lua_getallocf(lua, &script);
	return script;
}

/* Ends the run: nothing in the script can catch this. */
_Noreturn void script_stop(lua_State *lua, enum script_fault fault);

/* The longest text there may be: a part of the memory. */
static inline size_t script_text_max(const struct script *script)
{
	return (size_t)script->limits.memory / 4;
}

/* Sets the hook for texts that need one, at its usual pace. */
void script_hook_usually(struct script *script);

/* Counts work that a function in C does. */
static inline void script_charge(lua_State *lua, struct script *script,
				 size_t steps)
{
	script->steps -= steps < INT64_MAX / 2 ? (int64_t)steps : INT64_MAX / 2;
	if (script->steps < 0)
		script_stop(lua, SCRIPT_STEPS);
}

/* The line of the text that runs, or 0. Allocates nothing. */
int script_line(lua_State *lua);

/* Pushes a value of a tuple. */
void script_push(lua_State *lua, struct gust_value value);

/*
 * Reads what stands at `index` as a value of `type`; bytes are Lua's.
 * -EINVAL: it is of another type, or no JSON.
 */
int script_read(lua_State *lua, int index, enum gust_type type,
		struct gust_value *value);

/* What stands at `index`, in a message. */
#define SCRIPT_DESCRIPTION 80
const char *script_describe(lua_State *lua, int index,
			    char text[SCRIPT_DESCRIPTION]);

/*
 * Leaves the table of all that a text may name on the stack; may raise an
 * error for want of memory.
 */
void script_library(lua_State *lua);

/* Functions for the library, up to one without a name: those that are names of
 * their own, and those that take the place of Lua's in `string`. */
extern const luaL_Reg script_helpers[];
extern const luaL_Reg script_patterns[];
int script_match(lua_State *lua);

/* What emit{} gathers: finish() is called once, when bytes move no more. */
void script_rows_clear(struct script *script);
void script_rows_finish(struct script *script);
void script_rows_close(struct script *script);

#endif
