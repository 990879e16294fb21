/* SPDX-License-Identifier: MIT */

/*
 * Any text as an expression or a script of filter, map and flat_map: it is
 * refused with a place, or it runs to an end in bounded time and memory. The
 * first byte says which form it has. What it gives is read as every type.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/script.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gust_column columns[] = {
	{ "n", GUST_INT },    { "x", GUST_FLOAT }, { "s", GUST_STRING },
	{ "t", GUST_STRING }, { "b", GUST_BOOL },  { "j", GUST_JSON },
	{ "z", GUST_STRING }, { NULL, GUST_NULL },
};

static unsigned sum_of(const struct gust_value *value)
{
	unsigned sum = 0;
	uint32_t i;

	for (i = 0; value->type >= GUST_STRING && i < value->length; i++)
		sum += (unsigned char)value->as.data[i];
	return sum;
}

/* All that a run gives must be there to be read. */
static void read_all(struct script *script)
{
	const struct gust_value *values;
	struct gust_value value;
	enum gust_type type;
	size_t at = 0, i, count;
	uint32_t stream;
	unsigned sum = 0;

	for (type = GUST_BOOL; type <= GUST_JSON; type++)
		if (script_value(script, 0, type, &value, NULL) == 0)
			sum += sum_of(&value);
	while ((values = script_row(script, &at, &stream, &count)) != NULL)
		for (i = 0; i < count; i++)
			sum += sum_of(&values[i]);
	/* So that nothing of it is left out. */
	if (sum == UINT32_MAX)
		abort();
}

static void run(struct script *script, int64_t n)
{
	static const char text[] = "GET /a/b?c=1 \xff\0 200";
	const struct gust_value row[] = {
		gust_int(n),
		gust_float((double)n / 3),
		gust_string(text, sizeof(text) - 1),
		gust_string("(%w+) (%S+)", 11),
		gust_bool(n % 2 == 0),
		gust_json("{\"a\": [1, {}, null]}", 20),
		gust_null(),
	};
	struct gust_error error = { 0 };

	if (script_run(script, row, &error) == 0)
		read_all(script);
	else if (error.text[0] == '\0')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gust_stream stream = { "default", columns };
	static const struct script_limits limits = { 1 << 20, 20000 };
	struct gust_error error = { 0 };
	struct script *script;
	char *text;
	int r;

	if (size == 0 || script_create(&script, &limits, columns) < 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (text == NULL || script_emits(script, &stream, 1, 1 << 16) < 0)
		abort();
	r = script_add(script, "it", text,
		       data[0] % 2 == 0 ? SCRIPT_EXPRESSION : SCRIPT_BLOCK,
		       &error);
	if (r < 0 && error.text[0] == '\0')
		abort();
	for (int64_t n = 0; r == 0 && n < 3; n++)
		run(script, n);
	script_destroy(script);
	free(text);
	return 0;
}
