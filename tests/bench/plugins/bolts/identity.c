/* SPDX-License-Identifier: MIT */

/*
 * identity: emits the text of its input.
 *
 * Input:
 *	a stream with the field text: string
 * Output:
 *	default: text: string
 */

#include <gust/bolt.h>

struct identity {
	struct gust_field text;
};

static const struct gust_column identity_columns[] = {
	{ "text", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream identity_streams[] = {
	{ "default", identity_columns },
	{ NULL, NULL },
};

static int identity_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct identity *identity = self;

	return gust_field(task, "text", GUST_STRING, &identity->text, error);
}

static int identity_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	const struct identity *identity = self;
	struct gust_text text = gust_text(in, identity->text);

	return gust_emit(task, gust_string(text.data, text.length));
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "identity",
	.summary = "emits what comes in",
	.streams = identity_streams,
	.instance_size = sizeof(struct identity),
	.flags = GUST_DETERMINISTIC,
	.open = identity_open,
	.execute = identity_execute,
};
