/* SPDX-License-Identifier: MIT */
#ifndef KIT_SCRIPT_OPERATOR_H
#define KIT_SCRIPT_OPERATOR_H

/*
 * The operators of Lua 5.4 over values of tuples, without Lua; string, bytes
 * and json are its strings. They mean what its manual says in 3.4: an int wraps
 * around, / and ^ give a float, // and % round down, an int and a float are
 * compared as the numbers that they are, and texts byte by byte.
 *
 * False: Lua raises an error there, and is the one to ask which; `*result` is
 * not written then. It may be one of the operands. Any thread.
 */

#include <stdbool.h>

#include <gust/tuple.h>

enum operator_name {
	OPERATOR_ADD,
	OPERATOR_SUBTRACT,
	OPERATOR_MULTIPLY,
	OPERATOR_DIVIDE,
	OPERATOR_FLOOR,
	OPERATOR_MODULO,
	OPERATOR_POWER,
	OPERATOR_EQUAL,
	OPERATOR_DIFFERS,
	OPERATOR_LESS,
	OPERATOR_AT_MOST,
	/* These have one operand, `a`. */
	OPERATOR_MINUS,
	OPERATOR_NOT,
	OPERATOR_LENGTH,
	OPERATORS
};

/* By their names. */
extern bool (*const operators[OPERATORS])(const struct gust_value *a,
					  const struct gust_value *b,
					  struct gust_value *result);

/* Whether a condition takes it for true: all but null and false. */
static inline bool operator_truth(const struct gust_value *value)
{
	return value->type != GUST_NULL &&
	       (value->type != GUST_BOOL || value->as.integer != 0);
}

#endif
