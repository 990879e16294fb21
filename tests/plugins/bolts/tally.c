/* SPDX-License-Identifier: MIT */

/*
 * tally: counts the tuples of each window by its keys, and emits these, begin,
 * end and count of the window, and why it was handed over: 0 on time, 1 early,
 * 2 late. Besides the count there is a sum of the field n, if there is one.
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/window.h>

#define TALLY_KEYS_MAX 4

struct tally {
	int64_t refuse; /* option */

	struct gust_column columns[TALLY_KEYS_MAX + 6];
	bool sums;
	struct gust_field n;
};

struct tally_sum {
	int64_t count, sum;
};

static const struct gust_option tally_options[] = {
	{ .name = "refuse",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct tally, refuse),
	  .fallback = "-1",
	  .help = "an n at which add() fails" },
	{ .name = NULL },
};

static int tally_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	static const char *const names[] = { "begin", "end", "count", "sum",
					     "firing" };
	const struct gust_window_spec *window = gust_declared_window(about);
	struct tally *tally = self;
	struct gust_error none = { 0 };
	enum gust_type type;
	size_t n = 0, keys = window == NULL ? 0 : window->key_count;
	int r;

	if (keys > TALLY_KEYS_MAX)
		return gust_error_set(error, -E2BIG, "too many keys");
	for (; n < keys; n++) {
		tally->columns[n].name = window->keys[n];
		r = gust_declared_type(about, window->keys[n],
				       &tally->columns[n].type, error);
		if (r != 0)
			return r;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tally->columns[n++] =
			(struct gust_column){ names[i], GUST_INT };
	tally->sums = gust_declared_type(about, "n", &type, &none) == 0 &&
		      type == GUST_INT;
	return gust_declare_stream(about, "default", tally->columns);
}

static int tally_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct tally *tally = self;

	if (!tally->sums)
		return 0;
	return gust_field(task, "n", GUST_INT, &tally->n, error);
}

static int tally_add(void *self, struct gust_task *task,
		     struct gust_accumulator *accumulator,
		     const struct gust_tuple *in)
{
	const struct tally *tally = self;
	struct tally_sum *sum = accumulator->data;

	if (tally->sums && gust_integer(in, tally->n) == tally->refuse)
		return gust_reject(task, in, "refused on purpose");
	sum->count++;
	if (tally->sums)
		sum->sum += gust_integer(in, tally->n);
	return 0;
}

static int tally_merge(void *self, struct gust_accumulator *into,
		       const struct gust_accumulator *from)
{
	struct tally_sum *sum = into->data;
	const struct tally_sum *more = from->data;

	(void)self;
	sum->count += more->count;
	sum->sum += more->sum;
	return 0;
}

static int tally_result(void *self, struct gust_task *task,
			const struct gust_window *window,
			const struct gust_accumulator *accumulator)
{
	const struct tally_sum *sum = accumulator->data;
	struct gust_value values[TALLY_KEYS_MAX + 5];
	size_t n = window->key_count;

	(void)self;
	memcpy(values, window->keys, n * sizeof(values[0]));
	values[n++] = gust_int(window->begin);
	values[n++] = gust_int(window->end);
	values[n++] = gust_int(sum->count);
	values[n++] = gust_int(sum->sum);
	values[n++] = gust_int(window->firing);
	return gust_emit_values(task, 0, values, n);
}

static const struct gust_windowing tally_windowing = {
	.size = sizeof(struct gust_windowing),
	.accumulator_size = sizeof(struct tally_sum),
	.add = tally_add,
	.merge = tally_merge,
	.result = tally_result,
};

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "tally",
	.summary = "counts the tuples of windows",
	.options = tally_options,
	.instance_size = sizeof(struct tally),
	.declare = tally_declare,
	.open = tally_open,
	.windowing = &tally_windowing,
};
