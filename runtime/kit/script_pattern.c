/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <string.h>

#include "script_pattern.h"

#define PATTERN_DEPTH_MAX 200
#define PATTERN_ESCAPE '%'
#define PATTERN_BYTES_A_STEP 4

/* What comes of an item: the match goes on behind it, or ends. */
enum pattern_verdict { PATTERN_GO_ON, PATTERN_ENDS, PATTERN_IS_PLAIN };

static unsigned char pattern_byte(char c)
{
	return (unsigned char)c;
}

static void pattern_charge(struct pattern *pattern, ptrdiff_t bytes)
{
	script_charge(pattern->lua, pattern->script,
		      1 + (size_t)bytes / PATTERN_BYTES_A_STEP);
}

void pattern_init(struct pattern *pattern, lua_State *lua, const char *text,
		  size_t text_length, const char *items, size_t items_length)
{
	pattern->lua = lua;
	pattern->script = script_of(lua);
	pattern->text = text;
	pattern->text_end = text + text_length;
	pattern->end = items + items_length;
	pattern->depth = PATTERN_DEPTH_MAX;
	pattern->level = 0;
}

/* Where the single item that begins at `p` ends. */
static const char *pattern_item_end(struct pattern *pattern, const char *p)
{
	const char *const begin = p;
	char c = *p++;

	if (c == PATTERN_ESCAPE) {
		if (p == pattern->end)
			luaL_error(pattern->lua,
				   "malformed pattern (ends with '%%')");
		return p + 1;
	}
	if (c != '[')
		return p;
	if (*p == '^')
		p++;
	/* A ']' that comes first belongs to the set. */
	do {
		if (p == pattern->end)
			luaL_error(pattern->lua,
				   "malformed pattern (missing ']')");
		c = *p++;
		if (c == PATTERN_ESCAPE) {
			if (p == pattern->end)
				luaL_error(pattern->lua,
					   "malformed pattern (missing ']')");
			p++;
		}
	} while (p == pattern->end || *p != ']');
	pattern_charge(pattern, p - begin);
	return p + 1;
}

static bool pattern_in_class(int c, int class)
{
	bool is;

	switch (tolower(class)) {
	case 'a':
		is = isalpha(c);
		break;
	case 'c':
		is = iscntrl(c);
		break;
	case 'd':
		is = isdigit(c);
		break;
	case 'g':
		is = isgraph(c);
		break;
	case 'l':
		is = islower(c);
		break;
	case 'p':
		is = ispunct(c);
		break;
	case 's':
		is = isspace(c);
		break;
	case 'u':
		is = isupper(c);
		break;
	case 'w':
		is = isalnum(c);
		break;
	case 'x':
		is = isxdigit(c);
		break;
	default:
		return class == c;
	}
	return isupper(class) ? !is : is;
}

/* Whether the set from '[' at `p` to ']' at `last` has `c`. */
static bool pattern_in_set(int c, const char *p, const char *last)
{
	bool sense = true;

	if (p[1] == '^') {
		sense = false;
		p++;
	}
	while (++p < last) {
		if (*p == PATTERN_ESCAPE) {
			p++;
			if (pattern_in_class(c, pattern_byte(*p)))
				return sense;
		} else if (p[1] == '-' && p + 2 < last) {
			p += 2;
			if (pattern_byte(p[-2]) <= c && c <= pattern_byte(*p))
				return sense;
		} else if (pattern_byte(*p) == c) {
			return sense;
		}
	}
	return !sense;
}

/* Whether the item from `p` to `item_end` takes the byte at `s`. */
static bool pattern_single(struct pattern *pattern, const char *s,
			   const char *p, const char *item_end)
{
	int c;

	pattern_charge(pattern, item_end - p);
	if (s >= pattern->text_end)
		return false;
	c = pattern_byte(*s);
	switch (*p) {
	case '.':
		return true;
	case PATTERN_ESCAPE:
		return pattern_in_class(c, pattern_byte(p[1]));
	case '[':
		return pattern_in_set(c, p, item_end - 1);
	default:
		return pattern_byte(*p) == c;
	}
}

/* %bxy */
static const char *pattern_balance(struct pattern *pattern, const char *s,
				   const char *p)
{
	const char *at;
	int open = 1;

	if (p >= pattern->end - 1)
		luaL_error(pattern->lua, "malformed pattern (missing arguments "
					 "to '%%b')");
	if (s >= pattern->text_end || *s != *p)
		return NULL;
	for (at = s + 1; at < pattern->text_end; at++) {
		if (*at == p[1]) {
			if (--open == 0)
				break;
		} else if (*at == *p) {
			open++;
		}
	}
	pattern_charge(pattern, at - s);
	return at < pattern->text_end ? at + 1 : NULL;
}

static const char *pattern_most(struct pattern *pattern, const char *s,
				const char *p, const char *item_end)
{
	const char *found;
	ptrdiff_t i = 0;

	while (pattern_single(pattern, s + i, p, item_end))
		i++;
	for (; i >= 0; i--) {
		found = pattern_match(pattern, s + i, item_end + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static const char *pattern_least(struct pattern *pattern, const char *s,
				 const char *p, const char *item_end)
{
	const char *found;

	for (;; s++) {
		found = pattern_match(pattern, s, item_end + 1);
		if (found != NULL)
			return found;
		if (!pattern_single(pattern, s, p, item_end))
			return NULL;
	}
}

static const char *pattern_open(struct pattern *pattern, const char *s,
				const char *p)
{
	const bool is_position = p[1] == ')';
	const char *found;

	if (pattern->level >= PATTERN_CAPTURES_MAX)
		luaL_error(pattern->lua, "too many captures");
	pattern->captures[pattern->level].begin = s;
	pattern->captures[pattern->level].length =
		is_position ? PATTERN_POSITION : PATTERN_OPEN;
	pattern->level++;
	found = pattern_match(pattern, s, p + (is_position ? 2 : 1));
	if (found == NULL)
		pattern->level--;
	return found;
}

static const char *pattern_close(struct pattern *pattern, const char *s,
				 const char *p)
{
	const char *found;
	int i = pattern->level - 1;

	while (i >= 0 && pattern->captures[i].length != PATTERN_OPEN)
		i--;
	if (i < 0)
		luaL_error(pattern->lua, "invalid pattern capture");
	pattern->captures[i].length = s - pattern->captures[i].begin;
	found = pattern_match(pattern, s, p + 1);
	if (found == NULL)
		pattern->captures[i].length = PATTERN_OPEN;
	return found;
}

/* %1: what a capture has matched, once more. */
static const char *pattern_again(struct pattern *pattern, const char *s,
				 int digit)
{
	const struct pattern_capture *capture;
	const int i = digit - '1';

	if (i < 0 || i >= pattern->level ||
	    pattern->captures[i].length == PATTERN_OPEN)
		luaL_error(pattern->lua, "invalid capture index %%%d", i + 1);
	capture = &pattern->captures[i];
	/* A position has no bytes that could come again. */
	if (capture->length < 0 || pattern->text_end - s < capture->length)
		return NULL;
	pattern_charge(pattern, capture->length);
	if (memcmp(capture->begin, s, (size_t)capture->length) != 0)
		return NULL;
	return s + capture->length;
}

/* %f[set]: a place where the set begins. */
static enum pattern_verdict pattern_frontier(struct pattern *pattern,
					     const char **s, const char **p)
{
	const char *set = *p + 2, *item_end;
	int before, here;

	if (*set != '[')
		luaL_error(pattern->lua, "missing '[' after '%%f' in pattern");
	item_end = pattern_item_end(pattern, set);
	before = *s == pattern->text ? 0 : pattern_byte((*s)[-1]);
	here = *s == pattern->text_end ? 0 : pattern_byte(**s);
	if (!pattern_in_set(before, set, item_end - 1) &&
	    pattern_in_set(here, set, item_end - 1)) {
		*p = item_end;
		return PATTERN_GO_ON;
	}
	*s = NULL;
	return PATTERN_ENDS;
}

/* An item that begins with '%'. */
static enum pattern_verdict pattern_escaped(struct pattern *pattern,
					    const char **s, const char **p)
{
	const char next = (*p)[1];

	if (next == 'f')
		return pattern_frontier(pattern, s, p);
	if (next == 'b') {
		*s = pattern_balance(pattern, *s, *p + 2);
		*p += 4;
	} else if (next >= '0' && next <= '9') {
		*s = pattern_again(pattern, *s, next);
		*p += 2;
	} else {
		return PATTERN_IS_PLAIN;
	}
	return *s != NULL ? PATTERN_GO_ON : PATTERN_ENDS;
}

/* A single item, and what says how often it may come. */
static enum pattern_verdict pattern_plain(struct pattern *pattern,
					  const char **s, const char **p)
{
	const char *const item_end = pattern_item_end(pattern, *p);
	const char *found;

	switch (*item_end) {
	case '*':
		*s = pattern_most(pattern, *s, *p, item_end);
		return PATTERN_ENDS;
	case '-':
		*s = pattern_least(pattern, *s, *p, item_end);
		return PATTERN_ENDS;
	default:
		break;
	}
	if (!pattern_single(pattern, *s, *p, item_end)) {
		*p = item_end + 1;
		if (*item_end == '?')
			return PATTERN_GO_ON;
		*s = NULL;
		return PATTERN_ENDS;
	}
	if (*item_end == '+') {
		*s = pattern_most(pattern, *s + 1, *p, item_end);
		return PATTERN_ENDS;
	}
	if (*item_end == '?') {
		found = pattern_match(pattern, *s + 1, item_end + 1);
		*p = item_end + 1;
		if (found == NULL)
			return PATTERN_GO_ON;
		*s = found;
		return PATTERN_ENDS;
	}
	(*s)++;
	*p = item_end;
	return PATTERN_GO_ON;
}

static enum pattern_verdict pattern_item(struct pattern *pattern,
					 const char **s, const char **p)
{
	enum pattern_verdict verdict;

	switch (**p) {
	case '(':
		*s = pattern_open(pattern, *s, *p);
		return PATTERN_ENDS;
	case ')':
		*s = pattern_close(pattern, *s, *p);
		return PATTERN_ENDS;
	case '$':
		if (*p + 1 != pattern->end)
			break;
		if (*s != pattern->text_end)
			*s = NULL;
		return PATTERN_ENDS;
	case PATTERN_ESCAPE:
		verdict = pattern_escaped(pattern, s, p);
		if (verdict != PATTERN_IS_PLAIN)
			return verdict;
		break;
	default:
		break;
	}
	return pattern_plain(pattern, s, p);
}

const char *pattern_match(struct pattern *pattern, const char *at,
			  const char *items)
{
	if (pattern->depth-- == 0)
		luaL_error(pattern->lua, "pattern too complex");
	script_charge(pattern->lua, pattern->script, 1);
	while (items != pattern->end &&
	       pattern_item(pattern, &at, &items) == PATTERN_GO_ON)
		;
	pattern->depth++;
	return at;
}

void pattern_push(struct pattern *pattern, int number, const char *begin,
		  const char *end)
{
	const struct pattern_capture *capture = &pattern->captures[number];

	if (number >= pattern->level) {
		if (number != 0)
			luaL_error(pattern->lua, "invalid capture index %%%d",
				   number + 1);
		lua_pushlstring(pattern->lua, begin, (size_t)(end - begin));
	} else if (capture->length == PATTERN_OPEN) {
		luaL_error(pattern->lua, "unfinished capture");
	} else if (capture->length == PATTERN_POSITION) {
		lua_pushinteger(pattern->lua,
				capture->begin - pattern->text + 1);
	} else {
		lua_pushlstring(pattern->lua, capture->begin,
				(size_t)capture->length);
	}
}

int pattern_push_all(struct pattern *pattern, const char *begin,
		     const char *end)
{
	const int count =
		pattern->level == 0 && begin != NULL ? 1 : pattern->level;
	int i;

	luaL_checkstack(pattern->lua, count, "too many captures");
	for (i = 0; i < count; i++)
		pattern_push(pattern, i, begin, end);
	return count;
}
