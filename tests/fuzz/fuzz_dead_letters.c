/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as a dead letter, read by the spout `dead_letters` and by the
 * runtime: a letter that the runtime understands has the same values to both.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "journal/dead_letter.h"
#include "journal/exact.h"
#include "letter.h"

#define FIELDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
	if (!truth)
		abort();
}

static bool same(struct gust_value a, struct gust_value b)
{
	if (a.type != b.type)
		return false;
	if (a.type == GUST_FLOAT)
		return a.as.number == b.as.number ||
		       (isnan(a.as.number) && isnan(b.as.number));
	if (a.type < GUST_STRING)
		return a.as.integer == b.as.integer;
	return a.length == b.length &&
	       memcmp(a.as.data, b.as.data, a.length) == 0;
}

/* Reads it as the spout does, with room as it has it. */
static int read(const json_t *json, const struct gust_column *columns,
		size_t length, struct gust_value *row, struct buffer *scratch)
{
	struct gust_error error = { 0 };
	const char *before;
	int r;

	demand(buffer_reserve(scratch, length + 8 * FIELDS_MAX) == 0);
	before = scratch->data;
	r = letter_read(json, columns, scratch, row, &error);
	demand((r == 0) == (error.text[0] == '\0'));
	demand(scratch->data == before);
	return r;
}

static void compare(const json_t *json, const struct dead_letter *letter,
		    size_t length, struct buffer *scratch)
{
	struct gust_column columns[FIELDS_MAX + 1] = { { NULL, GUST_NULL } };
	struct gust_value row[FIELDS_MAX];
	size_t i, n = letter->field_count;

	if (n > FIELDS_MAX)
		return;
	for (i = 0; i < n; i++) {
		columns[i].name = letter->fields[i].name;
		columns[i].type = (enum gust_type)letter->fields[i].value.type;
		if (columns[i].type == GUST_NULL)
			columns[i].type = GUST_INT;
	}
	if (letter->data != NULL)
		columns[n++] = (struct gust_column){ "line", GUST_BYTES };
	columns[n] = (struct gust_column){ NULL, GUST_NULL };
	demand(read(json, columns, length, row, scratch) == 0);
	for (i = 0; i < letter->field_count; i++)
		demand(same(row[i], letter->fields[i].value));
	if (letter->data != NULL)
		demand(same(row[0], gust_bytes(letter->data, letter->size)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gust_column all[] = {
		{ "b", GUST_BOOL },   { "i", GUST_INT },   { "f", GUST_FLOAT },
		{ "s", GUST_STRING }, { "y", GUST_BYTES }, { "j", GUST_JSON },
		{ NULL, GUST_NULL },
	};
	struct gust_value row[FIELDS_MAX];
	struct buffer scratch = { 0 };
	struct dead_letter letter;
	json_error_t place;
	struct arena arena;
	json_t *json;

	if (exact_load(&json, (const char *)data, size, &place) < 0)
		return 0;
	arena_init(&arena, 0);
	(void)letter_matches(json, "price", "is");
	(void)letter_stream(json);
	(void)read(json, all, size, row, &scratch);
	if (dead_letter_from_json(json, &arena, &letter, NULL) == 0) {
		demand(letter_format(json) >= 1 &&
		       letter_format(json) <= LETTER_FORMAT);
		compare(json, &letter, size, &scratch);
	}
	json_decref(json);
	arena_fini(&arena);
	buffer_destroy(&scratch);
	return 0;
}
