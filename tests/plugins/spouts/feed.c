/* SPDX-License-Identifier: MIT */

/*
 * feed: emits odd values, those that a bolt may not have thought of.
 *
 * `fields` says which fields the tuples have, with their types. The k-th tuple
 * has the k-th value of each type, then come tuples in which all fields but
 * one are null.
 */

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include <gust/spout.h>

#define FEED_FIELDS_MAX 16
#define FEED_LONG 100000
#define FEED_ROWS 12

struct feed {
	struct gust_map fields;
	enum gust_type types[FEED_FIELDS_MAX];
	uint32_t row;
	char text[FEED_LONG];
};

static const struct gust_option feed_options[] = {
	{ .name = "fields",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct feed, fields),
	  .help = "names and types of the fields",
	  .flags = GUST_REQUIRED },
	{ .name = NULL },
};

static int feed_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	struct gust_column columns[FEED_FIELDS_MAX + 1] = { { 0 } };
	struct feed *feed = self;
	enum gust_type type;
	size_t i;

	if (feed->fields.count > FEED_FIELDS_MAX)
		return gust_error_set(error, -E2BIG, "too many fields");
	for (i = 0; i < feed->fields.count; i++) {
		for (type = GUST_JSON; type != GUST_NULL; type--)
			if (strcmp(feed->fields.values[i],
				   gust_type_name(type)) == 0)
				break;
		feed->types[i] = type;
		columns[i].name = feed->fields.keys[i];
		columns[i].type = type;
	}
	return gust_declare_stream(about, "default", columns);
}

static struct gust_value feed_text(struct feed *feed, enum gust_type type)
{
	static const struct gust_text texts[] = {
		{ "the quick brown fox", 19 },
		{ "", 0 },
		{ "a", 1 },
		{ " \t\r\n\v\f ", 7 },
		{ "a\0b \0 c", 7 },
		{ "\xff\xfe \xc3", 4 },
		{ "%s{word}{{\"'\\", 13 },
		{ "-1", 2 },
		{ "\n", 1 },
		{ "\xe2\x82\xac", 3 },
		{ "null", 4 },
	};

	if (feed->row < sizeof(texts) / sizeof(texts[0]))
		return gust_data(type, texts[feed->row].data,
				 texts[feed->row].length);
	memset(feed->text, 'x', sizeof(feed->text));
	feed->text[50000] = ' ';
	return gust_data(type, feed->text, sizeof(feed->text));
}

static struct gust_value feed_json(const struct feed *feed)
{
	static const char *const texts[] = { "{}", "[]",    "null", "1",
					     "",   "\"a\"", "{",    "[1, 2]" };
	const char *text = texts[feed->row % 8];

	return gust_json(text, strlen(text));
}

static struct gust_value feed_value(struct feed *feed, enum gust_type type)
{
	static const int64_t integers[] = { 1,         0, -1, INT64_MAX,
					    INT64_MIN, 7, 7,  1 };
	static const double numbers[] = { 1.5,       0,   -0.0,    INFINITY,
					  -INFINITY, NAN, DBL_MAX, DBL_MIN };

	switch (type) {
	case GUST_BOOL:
		return gust_bool(feed->row % 2 == 0);
	case GUST_INT:
		return gust_int(integers[feed->row % 8]);
	case GUST_FLOAT:
		return gust_float(numbers[feed->row % 8]);
	case GUST_JSON:
		return feed_json(feed);
	default:
		return feed_text(feed, type);
	}
}

static int feed_next(void *self, struct gust_task *task)
{
	struct gust_value values[FEED_FIELDS_MAX];
	struct feed *feed = self;
	size_t i;
	int r;

	if (feed->row > FEED_ROWS + feed->fields.count)
		return GUST_DONE;
	for (i = 0; i < feed->fields.count; i++) {
		values[i] = feed_value(feed, feed->types[i]);
		/* The last row is null throughout. */
		if (feed->row >= FEED_ROWS && i != feed->row - FEED_ROWS)
			values[i] = gust_null();
	}
	r = gust_emit_values(task, 0, values, feed->fields.count);
	feed->row++;
	return r < 0 ? r : GUST_EMITTED;
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "feed",
	.summary = "emits odd values",
	.options = feed_options,
	.instance_size = sizeof(struct feed),
	.replay = GUST_REPLAY_RECORD,
	.declare = feed_declare,
	.next = feed_next,
};
