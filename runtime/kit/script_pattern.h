/* SPDX-License-Identifier: MIT */
#ifndef KIT_SCRIPT_PATTERN_H
#define KIT_SCRIPT_PATTERN_H

/*
 * The patterns of Lua 5.4, with a bound. They mean what Lua's manual
 * says, 6.4.1; the matcher follows that of Lua's lstrlib.c (Copyright (C)
 * 1994-2022 Lua.org, PUC-Rio; MIT), which has no way to stop: each item that is
 * tried takes a step of the script, each set besides a step for 4 bytes of it,
 * and so does what %b and %1 run over.
 */

#include <stddef.h>

#include "script_state.h"

#define PATTERN_CAPTURES_MAX 32

struct pattern_capture {
	const char *begin;
	ptrdiff_t length; /* or one of the two below */
};
#define PATTERN_OPEN (-1)
#define PATTERN_POSITION (-2)

struct pattern {
	lua_State *lua;
	struct script *script;
	const char *text, *text_end;
	const char *end; /* of the pattern */
	int depth;       /* of calls that are left */
	int level;       /* captures, also unfinished ones */
	struct pattern_capture captures[PATTERN_CAPTURES_MAX];
};

void pattern_init(struct pattern *pattern, lua_State *lua, const char *text,
		  size_t text_length, const char *items, size_t items_length);

/* Whether `items` match at `at`: the end of the match, or NULL. Raises errors
 * of Lua for a pattern that is malformed. */
const char *pattern_match(struct pattern *pattern, const char *at,
			  const char *items);

/*
 * Pushes capture `number`, which is the whole match from `begin` to `end` if
 * the pattern has none; or all of them, and says how many. Without captures
 * and with `begin` NULL it pushes none.
 */
void pattern_push(struct pattern *pattern, int number, const char *begin,
		  const char *end);
int pattern_push_all(struct pattern *pattern, const char *begin,
		     const char *end);

#endif
