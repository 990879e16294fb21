/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <math.h>

#include <gust/kit/buffer.h>

#include "formula_pair.h"

static const int64_t ints[] = {
	0,
	1,
	-1,
	2,
	-2,
	3,
	7,
	-7,
	10,
	63,
	123,
	-1000,
	INT64_C(1) << 53,
	(INT64_C(1) << 53) + 1,
	-(INT64_C(1) << 53) - 1,
	INT64_C(3037000500),
	INT64_MAX - 1,
	INT64_MAX,
	INT64_MIN,
	INT64_MIN + 1,
};
static const double floats[] = {
	0,      -0.0,     1,          -1,     2,       0.5,
	-2.5,   3.75,     7,          -7,     1e15,    1e-300,
	1e300,  0x1p53,   0x1p53 + 2, 0x1p63, -0x1p63, 0x1p62,
	0x1p64, INFINITY, -INFINITY,  NAN,    0.908,   123,
};
/* What looks like a number is among them. */
static const char *const texts[] = { "",         "a",    "ab",  "b",  "10",
				     "0x10",     " 7",   "1e1", "-2", "a\xff",
				     "\xc3\xa9", "10.5", "nan" };
static const char *const constants[] = {
	"0",
	"1",
	"2",
	"3",
	"7",
	"123",
	"0.5",
	".25",
	"3.",
	"1e3",
	"2E-1",
	"0.908",
	"9223372036854775807",
	"9223372036854775808",
	"9007199254740993",
	"1e308",
	"true",
	"false",
	"nil",
	"'a'",
	"\"ab\"",
	"''",
	"'10'",
};
static const char *const signs[] = {
	" + ",  "- ",  "*",     " / ",  "//",   " % ",    "^",
	"<",    " > ", "<=",    ">= ",  "==",   "\n~=\t", " and ",
	" or ", " % ", " and ", " or ", " == ",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % below;
}

static struct gust_value draw_text(uint64_t *seed)
{
	static const char nul[] = "a\0b";
	const char *text;

	if (draw(seed, 8) == 0)
		return gust_string(nul, draw(seed, 4));
	text = texts[draw(seed, COUNT(texts))];
	return gust_string(text, strlen(text));
}

static struct gust_value draw_value(uint64_t *seed, enum gust_type type)
{
	struct gust_value value;

	if (draw(seed, 10) == 0)
		return gust_null();
	if (type == GUST_BOOL)
		return gust_bool(draw(seed, 2) == 0);
	if (type == GUST_INT)
		return gust_int(ints[draw(seed, COUNT(ints))]);
	if (type == GUST_FLOAT)
		return gust_float(floats[draw(seed, COUNT(floats))]);
	value = draw_text(seed);
	value.type = (uint32_t)type;
	return value;
}

static void draw_row(uint64_t *seed, struct gust_value *row)
{
	for (int i = 0; i < PAIR_COLUMNS; i++)
		row[i] = draw_value(seed, pair_columns[i].type);
}

/* Appends an expression. */
static void draw_expression(uint64_t *seed, unsigned depth, struct buffer *out)
{
	const uint64_t kind = depth == 0 ? draw(seed, 2) : draw(seed, 9);
	const struct gust_column *column;
	const char *constant;

	if (kind == 0) {
		column = &pair_columns[draw(seed, PAIR_COLUMNS)];
		buffer_text(out, column->name);
	} else if (kind == 1) {
		constant = constants[draw(seed, COUNT(constants))];
		buffer_text(out, constant);
	} else if (kind == 2) {
		buffer_text(out, draw(seed, 3) == 0 ? "not " : "- ");
		draw_expression(seed, depth - 1, out);
	} else if (kind == 3) {
		buffer_char(out, '(');
		draw_expression(seed, depth - 1, out);
		buffer_char(out, ')');
	} else if (kind == 4 && draw(seed, 4) == 0) {
		buffer_char(out, '#');
		draw_expression(seed, depth - 1, out);
	} else {
		draw_expression(seed, depth - 1, out);
		buffer_text(out, signs[draw(seed, COUNT(signs))]);
		draw_expression(seed, depth - 1, out);
	}
}

/* One expression over some rows; counts how often each verdict came out. */
static void compare(lua_State *lua, const char *text, uint64_t *seed,
		    unsigned counts[])
{
	struct formula *formula = formula_create(text, pair_columns);
	struct gust_value row[PAIR_COLUMNS];
	enum pair_verdict verdict;

	if (!pair_load(lua, text))
		FAIL("%s: is no Lua", text);
	/* What takes 0 away is Lua's. */
	if (formula == NULL && strstr(text, "- ") != NULL) {
		counts[PAIR_NONE]++;
		return;
	}
	if (formula == NULL)
		FAIL("%s: is no formula", text);
	for (int i = 0; i < 12; i++) {
		draw_row(seed, row);
		verdict = pair_run(lua, formula, row);
		counts[verdict]++;
		if (verdict == PAIR_DIFFERS)
			FAIL("%s", text);
	}
	formula_destroy(formula);
}

TEST(a_formula_gives_what_lua_gives)
{
	unsigned counts[PAIR_NONE + 1] = { 0 };
	lua_State *lua = luaL_newstate();
	struct buffer text = { 0 };
	uint64_t seed = 20261122;

	for (unsigned i = 0; i < 60000; i++) {
		text.used = 0;
		draw_expression(&seed, 1 + i % 5, &text);
		buffer_char(&text, '\0');
		compare(lua, text.data, &seed, counts);
	}
	/* All of it has been there, often. */
	CHECK(counts[PAIR_SAME] > 200000);
	CHECK(counts[PAIR_ASKS] > 50000);
	CHECK(counts[PAIR_NONE] < 2000);
	buffer_destroy(&text);
	lua_close(lua);
}

/* Each operator between all values of each kind. */
TEST(numbers_of_all_sizes)
{
	static const char *const pairs[] = { "n", "m", "n", "x", "x", "n",
					     "x", "y", "n", "s", "s", "t",
					     "b", "n", "s", "x", "b", "b" };
	unsigned counts[PAIR_NONE + 1] = { 0 };
	lua_State *lua = luaL_newstate();
	struct gust_value row[PAIR_COLUMNS];
	struct formula *formula;
	uint64_t seed = 1;
	char text[32];

	for (size_t i = 0; i < COUNT(pairs) / 2 * COUNT(signs); i++) {
		snprintf(text, sizeof(text), "%s%s%s",
			 pairs[i / COUNT(signs) * 2], signs[i % COUNT(signs)],
			 pairs[i / COUNT(signs) * 2 + 1]);
		formula = formula_create(text, pair_columns);
		CHECK(formula != NULL && pair_load(lua, text));
		draw_row(&seed, row);
		for (size_t k = 0; k < COUNT(floats) * COUNT(floats); k++) {
			row[0] = gust_int(ints[k % COUNT(ints)]);
			row[1] = gust_int(ints[k / COUNT(ints) % COUNT(ints)]);
			row[2] = gust_float(floats[k / COUNT(floats)]);
			row[3] = gust_float(floats[k % COUNT(floats)]);
			row[4] = draw_text(&seed);
			row[5] = draw_text(&seed);
			counts[pair_run(lua, formula, row)]++;
		}
		formula_destroy(formula);
	}
	CHECK_UINT(counts[PAIR_DIFFERS], 0);
	CHECK(counts[PAIR_SAME] > 50000);
	lua_close(lua);
}

/* What a formula of constants gives, as text; `?`: ask Lua. */
static void gives(const char *text, const char *expected)
{
	struct gust_value row[PAIR_COLUMNS] = { { 0 } };
	struct formula *formula = formula_create(text, pair_columns);
	const struct gust_value *value;
	struct buffer found = { 0 };

	CHECK(formula != NULL);
	row[0] = gust_int(5);
	value = formula_run(formula, row);
	if (value != NULL && value->type == GUST_NULL)
		buffer_text(&found, "nil");
	else if (value != NULL)
		buffer_value(&found, *value);
	else
		buffer_char(&found, '?');
	buffer_char(&found, '\0');
	CHECK_STR(found.data, expected);
	buffer_destroy(&found);
	formula_destroy(formula);
}

TEST(division_rounds_down)
{
	gives("7 // 2", "3");
	gives("-7 // 2", "-4");
	gives("7 // -2", "-4");
	gives("-7 // -2", "3");
	gives("-7 % 3", "2");
	gives("7 % -3", "-2");
	gives("-7 % -3", "-1");
	gives("-7.5 // 2", "-4");
	gives("-0.5 % 3", "2.5");
	gives("7 / 2", "3.5");
	gives("2 ^ 10", "1024");
	gives("n % 0", "?");
	gives("n // 0", "?");
	gives("1 // 0", "?");
	gives("n // 0.0 > 1e308", "true");
	gives("(-9223372036854775807 - 1) // -1 < 0", "true");
	gives("(-9223372036854775807 - 1) % -1", "0");
	gives("9223372036854775807 + 1 < 0", "true");
	gives("9223372036854775808 > 9223372036854775807", "true");
	gives("2^53 == 2^53 + 1", "true");
	gives("9007199254740993 == 2^53", "false");
	gives("9007199254740993 > 2^53", "true");
}

TEST(operators_bind_as_in_lua)
{
	gives("1 + 2 * 3", "7");
	gives("(1 + 2) * 3", "9");
	gives("2 ^ 3 ^ 2", "512");
	gives("-2 ^ 2", "-4");
	gives("2 ^ -1", "0.5");
	gives("not n == 5", "false");
	gives("not (n == 5)", "false");
	gives("10 - 3 - 2", "5");
	gives("1 < 2 == true", "true");
	gives("nil and 1 or 2", "2");
	gives("n and 1 or 2", "1");
	gives("false or nil", "nil");
	gives("nil == false", "false");
	gives("n == 4 or n == 5 and 'five'", "five");
	gives("#'four' + n", "9");
	gives("n-1", "4");
	gives("n - -1", "6");
	gives("n<-1", "false");
	gives("  n\t\n", "5");
}

TEST(nil_and_texts_are_left_to_lua)
{
	gives("s == nil", "true");
	gives("s ~= 'a'", "true");
	gives("s < 'a'", "?");
	gives("s + 1", "?");
	gives("-s", "?");
	gives("#s", "?");
	gives("#n", "?");
	gives("'10' * n", "?");
	gives("n < '10'", "?");
	gives("true < false", "?");
	gives("n == 5 or s + 1", "true");
	gives("n == 5 and s + 1", "?");
}

TEST(whatever_else_there_is_is_for_lua)
{
	static const char *const others[] = {
		"",
		"n &",
		"n & 1",
		"n | 1",
		"n ~ 1",
		"~n",
		"n << 1",
		"n >> 1",
		"s .. t",
		"1..2",
		"upper(s)",
		"s:upper()",
		"n.x",
		"n[1]",
		"{n}",
		"{}",
		"[[a]]",
		"...",
		"n 'a'",
		"n{}",
		"(n)(1)",
		"0x10",
		"0x1p4",
		"'a\\n'",
		"'a\nb'",
		"'a",
		"1 -- one",
		"--[[x]] 1",
		"n, m",
		"unknown",
		"nn",
		"n m",
		"(n",
		"n)",
		"n ==",
		"* n",
		"not",
		"function() end",
		"n = 1",
		"1 2",
		"3e",
		"5abc",
		"n !",
		"\xff",
		"'a' 'b'",
		"x - 0",
		"x - (1 - 1)",
	};
	struct formula *formula;

	for (size_t i = 0; i < COUNT(others); i++) {
		formula = formula_create(others[i], pair_columns);
		if (formula != NULL)
			FAIL("'%s' is a formula", others[i]);
	}
}

/* `part` so many times, around `n` or in a row. */
static struct formula *repeated(const char *before, const char *middle,
				const char *after, size_t count)
{
	struct buffer text = { 0 };
	struct formula *formula;

	for (size_t i = 0; i < count; i++)
		buffer_text(&text, before);
	buffer_text(&text, middle);
	for (size_t i = 0; i < count; i++)
		buffer_text(&text, after);
	buffer_char(&text, '\0');
	formula = formula_create(text.data, pair_columns);
	buffer_destroy(&text);
	return formula;
}

TEST(the_size_is_bounded)
{
	static const char *const parts[][3] = {
		{ "(", "n", ")" },      { "-(", "n", ")" },
		{ "not ", "n", "" },    { "", "n", "^n" },
		{ "", "n", "+n" },      { "", "n", " and n" },
		{ "n + (", "n", ")" },  { "n and (", "n + 1", ")" },
		{ "", "n", " or n<7" }, { "(", "", "" },
		{ "", "n", "+(n*2)" },
	};
	struct gust_value row[PAIR_COLUMNS] = { { 0 } };
	const struct gust_value *value;
	struct formula *formula;

	row[0] = gust_int(5);
	for (size_t i = 0; i < COUNT(parts); i++) {
		for (size_t count = 1; count < 300; count++) {
			formula = repeated(parts[i][0], parts[i][1],
					   parts[i][2], count);
			if (formula == NULL)
				continue;
			value = formula_run(formula, row);
			CHECK(value != NULL);
			formula_destroy(formula);
		}
		CHECK(repeated(parts[i][0], parts[i][1], parts[i][2],
			       1000000) == NULL);
	}
	/* What people write does fit. */
	formula = repeated("", "n == 1", " or n == 1", 60);
	CHECK(formula != NULL);
	formula_destroy(formula);
	formula = repeated("(", "n", ")", 25);
	CHECK(formula != NULL);
	formula_destroy(formula);
}
