/* SPDX-License-Identifier: MIT */

/*
 * fan: emits the text of its input many times.
 *
 * Input:
 *	a stream with the field text: string
 * Output:
 *	default: text: string
 */

#include <gust/bolt.h>

struct fan {
	int64_t factor; /* option */

	struct gust_field text;
	int64_t emitted; /* of the present input */
};

static const struct gust_option fan_options[] = {
	{ .name = "factor",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct fan, factor),
	  .fallback = "1000",
	  .help = "how many tuples each one becomes",
	  .min = 0,
	  .max = 1e9 },
	{ .name = NULL },
};

static const struct gust_column fan_columns[] = {
	{ "text", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream fan_streams[] = {
	{ "default", fan_columns },
	{ NULL, NULL },
};

static int fan_open(void *self, struct gust_task *task,
		    struct gust_error *error)
{
	struct fan *fan = self;

	return gust_field(task, "text", GUST_STRING, &fan->text, error);
}

static int fan_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct fan *fan = self;
	struct gust_text text = gust_text(in, fan->text);
	int r;

	while (fan->emitted < fan->factor) {
		r = gust_emit(task, gust_string(text.data, text.length));
		if (r < 0)
			return r;
		if (++fan->emitted % 64 == 0 && gust_room(task) == 0)
			return GUST_MORE;
	}
	fan->emitted = 0;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "fan",
	.summary = "emits its input many times",
	.options = fan_options,
	.streams = fan_streams,
	.instance_size = sizeof(struct fan),
	.flags = GUST_DETERMINISTIC,
	.open = fan_open,
	.execute = fan_execute,
};
