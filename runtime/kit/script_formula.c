/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "script_formula.h"
#include "script_operator.h"

#define FORMULA_STEPS_MAX 256u
#define FORMULA_CONSTANTS_MAX 128u
#define FORMULA_DEPTH_MAX 32u /* of calls, and so of results in between */

/* How tightly a unary operator binds, as in Lua's lparser.c. */
#define FORMULA_UNARY 12

enum formula_base { FORMULA_ROW, FORMULA_VALUES };

/* Where a value is: in the row, or among those of the formula. */
struct formula_place {
	uint16_t base;
	uint16_t at;
};

enum formula_kind {
	FORMULA_APPLY, /* result = a operator b */
	FORMULA_AND,   /* a is the result if it is false, and go on */
	FORMULA_OR,    /* if it is true */
	FORMULA_COPY,  /* a is the result */
	FORMULA_END    /* a is the value of all */
};

struct formula_step {
	/* NULL: it is of another kind. */
	bool (*apply)(const struct gust_value *a, const struct gust_value *b,
		      struct gust_value *result);
	/* Where the places below are in the row of this run, as a rule the same
	 * as the last time. */
	const struct gust_value *left, *right;
	struct gust_value *result;
	struct formula_place a, b;
	uint8_t kind;
	uint8_t skip; /* of AND and OR: so many steps are left out */
};

struct formula {
	const struct gust_value *row; /* that the steps point to */
	uint16_t constants;
	uint16_t count; /* of steps */
	char *text;     /* what constants point into */
	struct formula_step steps[FORMULA_STEPS_MAX];
	/* Constants, then results in between. */
	struct gust_value values[FORMULA_CONSTANTS_MAX + FORMULA_DEPTH_MAX];
};

struct formula_parser {
	struct formula *formula;
	const struct gust_column *columns;
	char *at;
	unsigned depth;
	bool lost; /* it is none; nothing that follows counts */
};

struct formula_binary {
	const char *sign;
	/* How tightly it binds what is to its left, and to its right. */
	int left, right;
	enum formula_kind kind;
	enum operator_name name;
	bool swapped; /* a > b is b < a */
};

static struct formula_place formula_expression(struct formula_parser *parser,
					       int limit, uint16_t result);

static struct formula_place formula_lost(struct formula_parser *parser)
{
	parser->lost = true;
	return (struct formula_place){ FORMULA_VALUES, 0 };
}

static void formula_space(struct formula_parser *parser)
{
	while (isspace((unsigned char)*parser->at))
		parser->at++;
	if (strncmp(parser->at, "--", 2) == 0)
		parser->lost = true;
}

static bool formula_in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Takes a sign, or a word, if it comes next. */
static bool formula_take(struct formula_parser *parser, const char *sign)
{
	const size_t length = strlen(sign);

	formula_space(parser);
	if (strncmp(parser->at, sign, length) != 0 ||
	    (formula_in_name(*sign) && formula_in_name(parser->at[length])))
		return false;
	parser->at += length;
	return true;
}

static struct formula_place formula_constant(struct formula_parser *parser,
					     struct gust_value value)
{
	struct formula *formula = parser->formula;

	if (formula->constants == FORMULA_CONSTANTS_MAX)
		return formula_lost(parser);
	formula->values[formula->constants] = value;
	return (struct formula_place){ FORMULA_VALUES, formula->constants++ };
}

/* Without a base of 16, which the conversion below would take as well. */
static struct formula_place formula_number(struct formula_parser *parser)
{
	char *at = parser->at, *end;
	long long integer;

	while (formula_in_name(*at) || *at == '.' ||
	       ((*at == '+' || *at == '-') && (at[-1] == 'e' || at[-1] == 'E')))
		if (tolower((unsigned char)*at++) == 'x')
			return formula_lost(parser);
	errno = 0;
	integer = strtoll(parser->at, &end, 10);
	if (end == at && errno == 0) {
		parser->at = at;
		return formula_constant(parser, gust_int(integer));
	}
	at = parser->at;
	return formula_constant(parser, gust_float(strtod(at, &parser->at)));
}

static struct formula_place formula_string(struct formula_parser *parser)
{
	char *begin = parser->at + 1;
	char *end = begin +
		    strcspn(begin, *parser->at == '"' ? "\"\\\n\r" : "'\\\n\r");

	if (*end != *parser->at)
		return formula_lost(parser);
	*end = '\0';
	parser->at = end + 1;
	return formula_constant(parser,
				gust_string(begin, (size_t)(end - begin)));
}

static struct formula_place formula_name(struct formula_parser *parser)
{
	const struct gust_column *column = parser->columns;
	const char *begin = parser->at;
	size_t length;

	if (formula_take(parser, "nil"))
		return formula_constant(parser, gust_null());
	if (formula_take(parser, "true"))
		return formula_constant(parser, gust_bool(true));
	if (formula_take(parser, "false"))
		return formula_constant(parser, gust_bool(false));
	while (formula_in_name(*parser->at))
		parser->at++;
	length = (size_t)(parser->at - begin);
	for (; column->name != NULL; column++)
		if (strlen(column->name) == length &&
		    memcmp(column->name, begin, length) == 0)
			return (struct formula_place){
				FORMULA_ROW,
				(uint16_t)(column - parser->columns)
			};
	return formula_lost(parser);
}

static struct formula_place formula_primary(struct formula_parser *parser,
					    uint16_t result)
{
	struct formula_place place;

	if (formula_take(parser, "(")) {
		place = formula_expression(parser, 0, result);
		return formula_take(parser, ")") ? place : formula_lost(parser);
	}
	if (isdigit((unsigned char)*parser->at) ||
	    (*parser->at == '.' && isdigit((unsigned char)parser->at[1])))
		return formula_number(parser);
	if (*parser->at == '"' || *parser->at == '\'')
		return formula_string(parser);
	return formula_name(parser);
}

/* The step after the last one, or NULL. */
static struct formula_step *formula_add(struct formula_parser *parser,
					enum formula_kind kind,
					struct formula_place a,
					struct formula_place b,
					struct formula_place result)
{
	struct formula *formula = parser->formula;
	struct formula_step *step;

	if (formula->count == FORMULA_STEPS_MAX) {
		parser->lost = true;
		return NULL;
	}
	step = &formula->steps[formula->count++];
	step->kind = (uint8_t)kind;
	step->a = a;
	step->b = b;
	step->result = &formula->values[result.at];
	return step;
}

static bool formula_is_constant(const struct formula_parser *parser,
				struct formula_place place)
{
	return place.base == FORMULA_VALUES &&
	       place.at < parser->formula->constants;
}

/* Where result number `result` is. */
static struct formula_place formula_result(uint16_t result)
{
	return (struct formula_place){
		FORMULA_VALUES, (uint16_t)(FORMULA_CONSTANTS_MAX + result)
	};
}

static bool formula_is_same(struct formula_place one,
			    struct formula_place other)
{
	return one.base == other.base && one.at == other.at;
}

/* Whether it is `x - 0`: Lua adds 0 there, which makes 0.0 of -0.0. */
static bool formula_is_odd(const struct formula_parser *parser,
			   enum operator_name name, struct formula_place b)
{
	const struct gust_value *values = parser->formula->values;

	return name == OPERATOR_SUBTRACT && formula_is_constant(parser, b) &&
	       values[b.at].type == GUST_INT && values[b.at].as.integer == 0;
}

/* What only constants have part in is worked out here and now. */
static struct formula_place
formula_apply(struct formula_parser *parser, enum operator_name name,
	      struct formula_place a, struct formula_place b, uint16_t result)
{
	const struct formula_place place = formula_result(result);
	const struct gust_value *values = parser->formula->values;
	struct formula_step *step;
	struct gust_value value;

	if (formula_is_odd(parser, name, b))
		return formula_lost(parser);
	if (formula_is_constant(parser, a) && formula_is_constant(parser, b) &&
	    operators[name](&values[a.at], &values[b.at], &value))
		return formula_constant(parser, value);
	step = formula_add(parser, FORMULA_APPLY, a, b, place);
	if (step != NULL)
		step->apply = operators[name];
	return place;
}

/* The right side of `and` and `or`; it is passed by if the left side is all. */
static struct formula_place formula_choice(struct formula_parser *parser,
					   const struct formula_binary *binary,
					   struct formula_place left,
					   uint16_t result)
{
	const struct formula_place place = formula_result(result);
	const struct formula *formula = parser->formula;
	struct formula_step *choice =
		formula_add(parser, binary->kind, left, left, place);
	const struct formula_step *behind;
	struct formula_place right;

	right = formula_expression(parser, binary->right, result);
	if (!parser->lost && !formula_is_same(right, place))
		formula_add(parser, FORMULA_COPY, right, right, place);
	behind = &formula->steps[formula->count];
	if (parser->lost || behind - choice - 1 > UINT8_MAX)
		return formula_lost(parser);
	choice->skip = (uint8_t)(behind - choice - 1);
	return place;
}

static const struct formula_binary *
formula_take_binary(struct formula_parser *parser, int limit)
{
	/* What another one begins with stands behind that one. */
	static const struct formula_binary binaries[] = {
		{ "or", 1, 1, FORMULA_OR, 0, false },
		{ "and", 2, 2, FORMULA_AND, 0, false },
		{ "==", 3, 3, FORMULA_APPLY, OPERATOR_EQUAL, false },
		{ "~=", 3, 3, FORMULA_APPLY, OPERATOR_DIFFERS, false },
		{ "<=", 3, 3, FORMULA_APPLY, OPERATOR_AT_MOST, false },
		{ ">=", 3, 3, FORMULA_APPLY, OPERATOR_AT_MOST, true },
		{ "<", 3, 3, FORMULA_APPLY, OPERATOR_LESS, false },
		{ ">", 3, 3, FORMULA_APPLY, OPERATOR_LESS, true },
		{ "+", 10, 10, FORMULA_APPLY, OPERATOR_ADD, false },
		{ "-", 10, 10, FORMULA_APPLY, OPERATOR_SUBTRACT, false },
		{ "*", 11, 11, FORMULA_APPLY, OPERATOR_MULTIPLY, false },
		{ "//", 11, 11, FORMULA_APPLY, OPERATOR_FLOOR, false },
		{ "/", 11, 11, FORMULA_APPLY, OPERATOR_DIVIDE, false },
		{ "%", 11, 11, FORMULA_APPLY, OPERATOR_MODULO, false },
		{ "^", 14, 13, FORMULA_APPLY, OPERATOR_POWER, false },
	};
	char *begin = parser->at;
	size_t i;

	for (i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++) {
		if (!formula_take(parser, binaries[i].sign))
			continue;
		if (binaries[i].left > limit)
			return &binaries[i];
		parser->at = begin;
		break;
	}
	return NULL;
}

/* What an operator of one operand makes of it, or what has none. */
static struct formula_place formula_unary(struct formula_parser *parser,
					  uint16_t result)
{
	enum operator_name name;
	struct formula_place a;

	if (formula_take(parser, "not"))
		name = OPERATOR_NOT;
	else if (formula_take(parser, "-"))
		name = OPERATOR_MINUS;
	else if (formula_take(parser, "#"))
		name = OPERATOR_LENGTH;
	else
		return formula_primary(parser, result);
	a = formula_expression(parser, FORMULA_UNARY, result);
	return formula_apply(parser, name, a, a, result);
}

/*
 * Operators that bind more tightly than `limit`, and what they are between.
 * Results in between have the number `result` or a higher one; a field and a
 * constant stay where they are.
 */
static struct formula_place formula_expression(struct formula_parser *parser,
					       int limit, uint16_t result)
{
	const struct formula_binary *binary;
	struct formula_place left, right;
	uint16_t free;

	if (parser->lost || ++parser->depth > FORMULA_DEPTH_MAX)
		return formula_lost(parser);
	left = formula_unary(parser, result);
	while (!parser->lost &&
	       (binary = formula_take_binary(parser, limit)) != NULL) {
		if (binary->kind != FORMULA_APPLY) {
			left = formula_choice(parser, binary, left, result);
			continue;
		}
		free = (uint16_t)(result +
				  formula_is_same(left,
						  formula_result(result)));
		right = formula_expression(parser, binary->right, free);
		left = formula_apply(parser, binary->name,
				     binary->swapped ? right : left,
				     binary->swapped ? left : right, result);
	}
	parser->depth--;
	return left;
}

static bool formula_parse(struct formula *formula,
			  const struct gust_column *columns)
{
	struct formula_parser parser = { .formula = formula,
					 .columns = columns,
					 .at = formula->text };
	struct formula_place value = formula_expression(&parser, 0, 0);

	formula_space(&parser);
	if (parser.lost || *parser.at != '\0')
		return false;
	return formula_add(&parser, FORMULA_END, value, value,
			   formula_result(0)) != NULL;
}

struct formula *formula_create(const char *text,
			       const struct gust_column *columns)
{
	struct formula *formula = calloc(1, sizeof(*formula));

	if (formula == NULL)
		return NULL;
	formula->text = strdup(text);
	if (formula->text != NULL && formula_parse(formula, columns))
		return formula;
	formula_destroy(formula);
	return NULL;
}

void formula_destroy(struct formula *formula)
{
	if (formula == NULL)
		return;
	free(formula->text);
	free(formula);
}

/* Has the steps point to another row. */
static void formula_bind(struct formula *formula, const struct gust_value *row)
{
	const struct gust_value *const bases[] = { row, formula->values };
	struct formula_step *step = formula->steps;
	const struct formula_step *end = step + formula->count;

	for (; step < end; step++) {
		step->left = bases[step->a.base] + step->a.at;
		step->right = bases[step->b.base] + step->b.at;
	}
	formula->row = row;
}

const struct gust_value *formula_run(struct formula *formula,
				     const struct gust_value *row)
{
	const struct formula_step *step = formula->steps;

	if (row != formula->row)
		formula_bind(formula, row);
	for (;; step++) {
		if (step->apply != NULL) {
			if (!step->apply(step->left, step->right, step->result))
				return NULL;
			continue;
		}
		if (step->kind == FORMULA_END)
			return step->left;
		if (step->kind != FORMULA_COPY &&
		    operator_truth(step->left) != (step->kind == FORMULA_OR))
			continue;
		if (step->result != step->left)
			*step->result = *step->left;
		step += step->skip;
	}
}
