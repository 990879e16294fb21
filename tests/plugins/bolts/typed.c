/* SPDX-License-Identifier: MIT */

/*
 * typed: takes an option of every type and does nothing.
 *
 * Output:
 *	default: id: int, text: string
 *	side: text: string
 */

#include <gust/bolt.h>

struct typed {
	const char *string;
	int64_t integer;
	double number;
	bool truth;
	uint64_t duration;
	uint64_t size;
	int choice;
	struct gust_list list;
	struct gust_map map;
	const char *secret;
};

static const char *const typed_choices[] = { "red", "green", NULL };

#define OPTION(option, kind, member)                                           \
	.name = option, .type = kind, .offset = offsetof(struct typed, member)

static const struct gust_option typed_options[] = {
	{ OPTION("string", GUST_OPTION_STRING, string), .flags = GUST_REQUIRED,
	  .help = "what must be there" },
	{ OPTION("int", GUST_OPTION_INT, integer), .fallback = "5", .min = 1,
	  .max = 10, .help = "a number from 1 to 10" },
	{ OPTION("float", GUST_OPTION_FLOAT, number), .help = "a number" },
	{ OPTION("bool", GUST_OPTION_BOOL, truth), .help = "a truth value" },
	{ OPTION("duration", GUST_OPTION_DURATION, duration),
	  .help = "a time" },
	{ OPTION("size", GUST_OPTION_SIZE, size), .help = "a size" },
	{ OPTION("enum", GUST_OPTION_ENUM, choice), .choices = typed_choices,
	  .help = "a colour" },
	{ OPTION("list", GUST_OPTION_LIST, list), .help = "some texts" },
	{ OPTION("map", GUST_OPTION_MAP, map), .help = "some pairs" },
	{ OPTION("secret", GUST_OPTION_STRING, secret), .flags = GUST_SECRET,
	  .help = "a password" },
	{ .name = NULL },
};

static const struct gust_column typed_default[] = { { "id", GUST_INT },
						    { "text", GUST_STRING },
						    { NULL, GUST_NULL } };
static const struct gust_column typed_side[] = { { "text", GUST_STRING },
						 { NULL, GUST_NULL } };
static const struct gust_stream typed_streams[] = {
	{ "default", typed_default },
	{ "side", typed_side },
	{ NULL, NULL },
};

static int typed_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "typed",
	.summary = "takes an option of every type and does nothing",
	.options = typed_options,
	.streams = typed_streams,
	.instance_size = sizeof(struct typed),
	.execute = typed_execute,
};
