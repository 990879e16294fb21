/* SPDX-License-Identifier: MIT */

/*
 * read_types: reads what every_type emits, and fails a tuple that is not as it
 * was.
 *
 * Input:
 *	the stream of every_type
 * Output:
 *	none
 */

#include <string.h>

#include <gust/bolt.h>

enum { TRUTH, NUMBER, PART, TEXT, BLOB, DOCUMENT, NOTHING, FIELDS };

struct read_types {
	struct gust_field fields[FIELDS];
};

static const struct gust_column read_types_columns[FIELDS] = {
	{ "truth", GUST_BOOL },     { "number", GUST_INT },
	{ "part", GUST_FLOAT },     { "text", GUST_STRING },
	{ "blob", GUST_BYTES },     { "document", GUST_JSON },
	{ "nothing", GUST_STRING },
};

static int read_types_open(void *self, struct gust_task *task,
			   struct gust_error *error)
{
	struct read_types *read = self;
	int i, r = 0;

	for (i = 0; r == 0 && i < FIELDS; i++)
		r = gust_field(task, read_types_columns[i].name,
			       read_types_columns[i].type, &read->fields[i],
			       error);
	return r;
}

static int read_types_execute(void *self, struct gust_task *task,
			      const struct gust_tuple *in)
{
	const struct read_types *read = self;
	const struct gust_field *fields = read->fields;
	struct gust_text text = gust_text(in, fields[TEXT]);
	struct gust_text blob = gust_text(in, fields[BLOB]);
	int64_t n = gust_integer(in, fields[NUMBER]);

	if (gust_integer(in, fields[TRUTH]) == (n & 1) &&
	    gust_number(in, fields[PART]) == (double)n / 2 &&
	    text.length == 4 && memcmp(text.data, "text", 4) == 0 &&
	    blob.length == sizeof(n) && memcmp(blob.data, &n, sizeof(n)) == 0 &&
	    gust_text(in, fields[DOCUMENT]).length == 2 &&
	    gust_is_null(in, fields[NOTHING]))
		return 0;
	return gust_dead_letter(task, in, "it is not what was emitted");
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "read_types",
	.summary = "reads fields of every type",
	.instance_size = sizeof(struct read_types),
	.flags = GUST_DETERMINISTIC,
	.open = read_types_open,
	.execute = read_types_execute,
};
