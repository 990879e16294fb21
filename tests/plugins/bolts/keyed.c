/* SPDX-License-Identifier: MIT */

/*
 * keyed: counts words in state, and emits each count at the end. With `amount`
 * it adds up that field; with `spend` it works so long on each, in us.
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <gust/bolt.h>
#include <gust/state.h>

struct keyed {
	int64_t spend; /* options */
	const char *amount;

	struct gust_field word, sum;
	struct gust_state *counts;
	struct gust_cursor *cursor;
};

static const struct gust_option keyed_options[] = {
	{ .name = "spend",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct keyed, spend),
	  .fallback = "0",
	  .help = "microseconds a word" },
	{ .name = "amount",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct keyed, amount),
	  .help = "an int field to add up" },
	{ .name = NULL },
};

static const struct gust_column keyed_columns[] = {
	{ "word", GUST_STRING },
	{ "count", GUST_INT },
	{ NULL, GUST_NULL },
};

static const struct gust_stream keyed_streams[] = {
	{ "default", keyed_columns },
	{ NULL, NULL },
};

static int keyed_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct keyed *keyed = self;
	int r = gust_field(task, "word", GUST_STRING, &keyed->word, error);

	if (r == 0 && keyed->amount != NULL)
		r = gust_field(task, keyed->amount, GUST_INT, &keyed->sum,
			       error);
	return r < 0 ? r : gust_state(task, "counts", 0, &keyed->counts, error);
}

static int keyed_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct keyed *keyed = self;
	const struct gust_value word = gust_value(in, keyed->word);
	const struct gust_key key = { .values = &word, .count = 1 };
	struct timespec spend = { .tv_nsec = keyed->spend * 1000 };

	(void)task;
	if (keyed->spend > 0)
		nanosleep(&spend, NULL);
	return gust_state_add(
		keyed->counts, &key,
		keyed->amount == NULL ? 1 : gust_integer(in, keyed->sum), NULL);
}

static int keyed_finish(void *self, struct gust_task *task)
{
	struct keyed *keyed = self;
	struct gust_text value;
	struct gust_key key;
	int r = 0;

	if (keyed->cursor == NULL)
		r = gust_state_cursor(keyed->counts, &keyed->cursor);
	while (r == 0 &&
	       (r = gust_cursor_next(keyed->cursor, &key, &value)) == 1) {
		int64_t count;

		memcpy(&count, value.data, sizeof(count));
		r = gust_emit(task, key.values[0], gust_int(count));
		if (r == 0 && gust_room(task) == 0)
			return GUST_MORE;
	}
	return r;
}

static void keyed_close(void *self)
{
	struct keyed *keyed = self;

	gust_cursor_close(keyed->cursor);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "keyed",
	.summary = "counts words in state",
	.options = keyed_options,
	.streams = keyed_streams,
	.instance_size = sizeof(struct keyed),
	.flags = GUST_STATE,
	.open = keyed_open,
	.execute = keyed_execute,
	.finish = keyed_finish,
	.close = keyed_close,
};
