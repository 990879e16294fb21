/* SPDX-License-Identifier: MIT */

/*
 * every_type: emits tuples with a field of each type, and one that is null.
 *
 * Output:
 *	default: truth: bool, number: int, part: float, text: string,
 *	blob: bytes, document: json, nothing: string
 */

#include <gust/spout.h>

struct every_type {
	int64_t count; /* option */

	int64_t number;
};

static const struct gust_option every_type_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct every_type, count),
	  .help = "how many tuples",
	  .flags = GUST_REQUIRED,
	  .min = 0,
	  .max = 1e12 },
	{ .name = NULL },
};

static const struct gust_column every_type_columns[] = {
	{ "truth", GUST_BOOL },     { "number", GUST_INT },
	{ "part", GUST_FLOAT },     { "text", GUST_STRING },
	{ "blob", GUST_BYTES },     { "document", GUST_JSON },
	{ "nothing", GUST_STRING }, { NULL, GUST_NULL },
};

static const struct gust_stream every_type_streams[] = {
	{ "default", every_type_columns },
	{ NULL, NULL },
};

static int every_type_next(void *self, struct gust_task *task)
{
	struct every_type *every = self;
	int64_t n = every->number;

	if (n == every->count)
		return GUST_DONE;
	every->number++;
	return gust_emit(task, gust_bool(n & 1), gust_int(n),
			 gust_float((double)n / 2), gust_string("text", 4),
			 gust_bytes(&n, sizeof(n)), gust_json("{}", 2),
			 gust_null());
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "every_type",
	.summary = "emits fields of every type",
	.options = every_type_options,
	.streams = every_type_streams,
	.instance_size = sizeof(struct every_type),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.next = every_type_next,
};
