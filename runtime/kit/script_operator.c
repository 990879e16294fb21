/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "script_operator.h"

/* How one number or text stands to another one. */
enum operator_order {
	ORDER_LESS,
	ORDER_EQUAL,
	ORDER_GREATER,
	ORDER_NONE,  /* there is a NaN */
	ORDER_MISFIT /* one is a number, the other is not, or neither is */
};

static bool operator_ints(const struct gust_value *a,
			  const struct gust_value *b)
{
	return a->type == GUST_INT && b->type == GUST_INT;
}

/* The operands as floats, if they are numbers. */
static bool operator_floats(const struct gust_value *a,
			    const struct gust_value *b, double *x, double *y)
{
	if ((a->type != GUST_INT && a->type != GUST_FLOAT) ||
	    (b->type != GUST_INT && b->type != GUST_FLOAT))
		return false;
	*x = a->type == GUST_INT ? (double)a->as.integer : a->as.number;
	*y = b->type == GUST_INT ? (double)b->as.integer : b->as.number;
	return true;
}

/* What wraps around, as Lua's integers do. */
#define OPERATOR_WRAPS(name, sign)                                             \
	static bool name(const struct gust_value *a,                           \
			 const struct gust_value *b,                           \
			 struct gust_value *result)                            \
	{                                                                      \
		double x, y;                                                   \
                                                                               \
		if (operator_ints(a, b)) {                                     \
			*result = gust_int(                                    \
				(int64_t)((uint64_t)                           \
						  a->as.integer sign(uint64_t) \
							  b->as.integer));     \
			return true;                                           \
		}                                                              \
		if (!operator_floats(a, b, &x, &y))                            \
			return false;                                          \
		*result = gust_float(x sign y);                                \
		return true;                                                   \
	}

OPERATOR_WRAPS(operator_add, +)
OPERATOR_WRAPS(operator_subtract, -)
OPERATOR_WRAPS(operator_multiply, *)

static bool operator_divide(const struct gust_value *a,
			    const struct gust_value *b,
			    struct gust_value *result)
{
	double x, y;

	if (!operator_floats(a, b, &x, &y))
		return false;
	*result = gust_float(x / y);
	return true;
}

static bool operator_power(const struct gust_value *a,
			   const struct gust_value *b,
			   struct gust_value *result)
{
	double x, y;

	if (!operator_floats(a, b, &x, &y))
		return false;
	*result = gust_float(y == 2 ? x * x : pow(x, y));
	return true;
}

static bool operator_floor(const struct gust_value *a,
			   const struct gust_value *b,
			   struct gust_value *result)
{
	int64_t n, by, whole;
	double x, y;

	if (!operator_ints(a, b)) {
		if (!operator_floats(a, b, &x, &y))
			return false;
		*result = gust_float(floor(x / y));
		return true;
	}
	n = a->as.integer;
	by = b->as.integer;
	if (by == 0)
		return false;
	/* The least int has no counterpart, which C does not forgive. */
	if (by == -1)
		whole = (int64_t)(0 - (uint64_t)n);
	else
		whole = n / by - (n % by != 0 && (n ^ by) < 0);
	*result = gust_int(whole);
	return true;
}

static double operator_modulo_floats(double x, double y)
{
	double rest = fmod(x, y);

	if (rest > 0 ? y < 0 : (rest < 0 && y > 0))
		rest += y;
	return rest;
}

static bool operator_modulo(const struct gust_value *a,
			    const struct gust_value *b,
			    struct gust_value *result)
{
	int64_t n, by, rest = 0;
	double x, y;

	if (!operator_ints(a, b)) {
		if (!operator_floats(a, b, &x, &y))
			return false;
		*result = gust_float(operator_modulo_floats(x, y));
		return true;
	}
	n = a->as.integer;
	by = b->as.integer;
	if (by == 0)
		return false;
	if (by != -1)
		rest = n % by;
	if (rest != 0 && (rest ^ by) < 0)
		rest += by;
	*result = gust_int(rest);
	return true;
}

static enum operator_order operator_order_floats(double x, double y)
{
	if (x < y)
		return ORDER_LESS;
	if (x > y)
		return ORDER_GREATER;
	return x == y ? ORDER_EQUAL : ORDER_NONE;
}

/* Neither as floats, which may round the int, nor as ints. */
static enum operator_order operator_order_mixed(int64_t n, double x)
{
	int64_t whole;

	if (isnan(x))
		return ORDER_NONE;
	if (x >= 0x1p63)
		return ORDER_LESS;
	if (x < -0x1p63)
		return ORDER_GREATER;
	whole = (int64_t)x;
	if (n != whole)
		return n < whole ? ORDER_LESS : ORDER_GREATER;
	return operator_order_floats((double)whole, x);
}

static enum operator_order operator_order_texts(const struct gust_value *a,
						const struct gust_value *b)
{
	const uint32_t n = a->length < b->length ? a->length : b->length;
	const int r = memcmp(a->as.data, b->as.data, n);

	if (r != 0)
		return r < 0 ? ORDER_LESS : ORDER_GREATER;
	if (a->length == b->length)
		return ORDER_EQUAL;
	return a->length < b->length ? ORDER_LESS : ORDER_GREATER;
}

static enum operator_order operator_order(const struct gust_value *a,
					  const struct gust_value *b)
{
	if (a->type >= GUST_STRING && b->type >= GUST_STRING)
		return operator_order_texts(a, b);
	if (a->type == GUST_FLOAT && b->type == GUST_FLOAT)
		return operator_order_floats(a->as.number, b->as.number);
	if (a->type == GUST_INT && b->type == GUST_FLOAT)
		return operator_order_mixed(a->as.integer, b->as.number);
	if (a->type == GUST_FLOAT && b->type == GUST_INT)
		/* The other way round; NONE and EQUAL have none. */
		switch (operator_order_mixed(b->as.integer, a->as.number)) {
		case ORDER_LESS:
			return ORDER_GREATER;
		case ORDER_GREATER:
			return ORDER_LESS;
		case ORDER_EQUAL:
			return ORDER_EQUAL;
		default:
			return ORDER_NONE;
		}
	if (!operator_ints(a, b))
		return ORDER_MISFIT;
	if (a->as.integer == b->as.integer)
		return ORDER_EQUAL;
	return a->as.integer < b->as.integer ? ORDER_LESS : ORDER_GREATER;
}

static bool operator_same(const struct gust_value *a,
			  const struct gust_value *b)
{
	if (operator_ints(a, b))
		return a->as.integer == b->as.integer;
	if (a->type >= GUST_STRING && b->type >= GUST_STRING)
		return a->length == b->length &&
		       memcmp(a->as.data, b->as.data, a->length) == 0;
	if (a->type == GUST_NULL || a->type == GUST_BOOL)
		return a->type == b->type &&
		       operator_truth(a) == operator_truth(b);
	return operator_order(a, b) == ORDER_EQUAL;
}

static bool operator_equal(const struct gust_value *a,
			   const struct gust_value *b,
			   struct gust_value *result)
{
	*result = gust_bool(operator_same(a, b));
	return true;
}

static bool operator_differs(const struct gust_value *a,
			     const struct gust_value *b,
			     struct gust_value *result)
{
	*result = gust_bool(!operator_same(a, b));
	return true;
}

static bool operator_less(const struct gust_value *a,
			  const struct gust_value *b, struct gust_value *result)
{
	const enum operator_order order = operator_order(a, b);

	if (order == ORDER_MISFIT)
		return false;
	*result = gust_bool(order == ORDER_LESS);
	return true;
}

static bool operator_at_most(const struct gust_value *a,
			     const struct gust_value *b,
			     struct gust_value *result)
{
	const enum operator_order order = operator_order(a, b);

	if (order == ORDER_MISFIT)
		return false;
	*result = gust_bool(order == ORDER_LESS || order == ORDER_EQUAL);
	return true;
}

static bool operator_minus(const struct gust_value *a,
			   const struct gust_value *b,
			   struct gust_value *result)
{
	(void)b;
	if (a->type == GUST_INT)
		*result = gust_int((int64_t)(0 - (uint64_t)a->as.integer));
	else if (a->type == GUST_FLOAT)
		*result = gust_float(-a->as.number);
	else
		return false;
	return true;
}

static bool operator_not(const struct gust_value *a, const struct gust_value *b,
			 struct gust_value *result)
{
	(void)b;
	*result = gust_bool(!operator_truth(a));
	return true;
}

static bool operator_length(const struct gust_value *a,
			    const struct gust_value *b,
			    struct gust_value *result)
{
	(void)b;
	if (a->type < GUST_STRING)
		return false;
	*result = gust_int(a->length);
	return true;
}

bool (*const operators[OPERATORS])(const struct gust_value *a,
				   const struct gust_value *b,
				   struct gust_value *result) = {
	[OPERATOR_ADD] = operator_add,
	[OPERATOR_SUBTRACT] = operator_subtract,
	[OPERATOR_MULTIPLY] = operator_multiply,
	[OPERATOR_DIVIDE] = operator_divide,
	[OPERATOR_FLOOR] = operator_floor,
	[OPERATOR_MODULO] = operator_modulo,
	[OPERATOR_POWER] = operator_power,
	[OPERATOR_EQUAL] = operator_equal,
	[OPERATOR_DIFFERS] = operator_differs,
	[OPERATOR_LESS] = operator_less,
	[OPERATOR_AT_MOST] = operator_at_most,
	[OPERATOR_MINUS] = operator_minus,
	[OPERATOR_NOT] = operator_not,
	[OPERATOR_LENGTH] = operator_length,
};
