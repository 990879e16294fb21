/* SPDX-License-Identifier: MIT */

/*
 * Any text as a formula: none comes of it, or one that gives what Lua gives
 * over rows of all kinds. The first byte chooses the values.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/formula_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gust_value numbers[] = {
	{ GUST_INT, 0, { .integer = 0 } },
	{ GUST_INT, 0, { .integer = -1 } },
	{ GUST_INT, 0, { .integer = INT64_MIN } },
	{ GUST_INT, 0, { .integer = (INT64_C(1) << 53) + 1 } },
	{ GUST_FLOAT, 0, { .number = -0.0 } },
	{ GUST_FLOAT, 0, { .number = 0x1p53 } },
	{ GUST_FLOAT, 0, { .number = NAN } },
	{ GUST_FLOAT, 0, { .number = 2.5 } },
	{ GUST_NULL, 0, { .integer = 0 } },
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void run(lua_State *lua, struct formula *formula, unsigned choice)
{
	const struct gust_value row[PAIR_COLUMNS] = {
		gust_int((int64_t)choice - 3),
		numbers[choice % NUMBERS],
		numbers[choice / 3 % NUMBERS],
		gust_float((double)choice / 4),
		gust_string("a\0b", choice % 4),
		gust_string("10", 2),
		gust_bool(choice % 2 == 0),
		gust_bytes("\xff", choice % 2),
		gust_json("7", 1),
	};

	if (pair_run(lua, formula, row) == PAIR_DIFFERS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct formula *formula;
	lua_State *lua;
	char *text;

	if (size == 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	lua = luaL_newstate();
	if (text == NULL || lua == NULL)
		abort();
	formula = formula_create(text, pair_columns);
	if (formula != NULL && pair_load(lua, text))
		for (unsigned i = 0; i < 8; i++)
			run(lua, formula, data[0] + i);
	formula_destroy(formula);
	lua_close(lua);
	free(text);
	return 0;
}
