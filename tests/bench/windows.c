/* SPDX-License-Identifier: MIT */

/*
 * What a tuple costs in windows, without the rest of the runtime: those that
 * slide a thousand times within their length against those that do not.
 *
 *	windows tumbling|sliding TUPLES KEYS TUPLES_A_SLIDE
 *
 * Each key gets its tuples in turn. Prints how many results there were, and
 * what they come to: each tuple is in one window, or in a thousand.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "window/windows.h"

#define SLIDES 1000

struct pair {
	struct gust_tuple head;
	struct gust_cell cells[2];
};

static uint64_t results, total;

static struct sheaf *bench_sheaf(void *self)
{
	(void)self;
	return NULL;
}

static void bench_join(void *self, struct sheaf *into, struct sheaf *from)
{
	(void)self;
	(void)into;
	(void)from;
}

static void bench_begin(void *self, int64_t time)
{
	(void)self;
	(void)time;
}

static void bench_end(void *self, struct sheaf *settled)
{
	(void)self;
	(void)settled;
}

static bool bench_room(void *self)
{
	(void)self;
	return true;
}

static int bench_add(void *self, struct gust_task *task,
		     struct gust_accumulator *accumulator,
		     const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	*(int64_t *)accumulator->data += gust_cells(in)[1].as.integer;
	return 0;
}

static int bench_merge(void *self, struct gust_accumulator *into,
		       const struct gust_accumulator *from)
{
	(void)self;
	*(int64_t *)into->data += *(const int64_t *)from->data;
	return 0;
}

static int bench_result(void *self, struct gust_task *task,
			const struct gust_window *window,
			const struct gust_accumulator *accumulator)
{
	(void)self;
	(void)task;
	(void)window;
	results++;
	total += (uint64_t) * (const int64_t *)accumulator->data;
	return 0;
}

static void bench_run(const struct gust_window_spec *spec, int64_t tuples,
		      int64_t keys, int64_t per_slide)
{
	const struct gust_windowing windowing = { .size = sizeof(windowing),
						  .accumulator_size = 8,
						  .add = bench_add,
						  .merge = bench_merge,
						  .result = bench_result };
	const struct windows_host host = { .sheaf = bench_sheaf,
					   .join = bench_join,
					   .begin = bench_begin,
					   .end = bench_end,
					   .room = bench_room };
	struct windows *windows;
	struct pair pair;

	memset(&pair, 0, sizeof(pair));
	pair.head.size = sizeof(pair);
	pair.head.fields = 2;
	pair.cells[0].type = GUST_INT;
	pair.cells[1].type = GUST_INT;
	pair.cells[1].as.integer = 1;
	if (windows_create(spec, &windowing, NULL, NULL, &host, &windows,
			   NULL) != 0)
		exit(1);
	for (int64_t i = 0; i < tuples; i++) {
		struct gust_value key = gust_int(i % keys);
		struct sheaf *sheaf;
		int64_t time = i / per_slide;

		pair.head.time = time;
		pair.cells[0].as.integer = key.as.integer;
		if (windows_due(windows, time) &&
		    windows_advance(windows, time) != 0)
			exit(1);
		if (windows_add(windows, &pair.head, &key,
				hash_number_from((uint64_t)key.as.integer,
						 GUST_INT),
				time, &sheaf) != 0)
			exit(1);
	}
	if (windows_advance(windows, INT64_MAX) != 0)
		exit(1);
	windows_destroy(windows);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "key" };
	struct gust_window_spec spec = { .type = GUST_TUMBLING,
					 .length = SLIDES,
					 .keys = names,
					 .key_count = 1 };

	if (argc != 5 || (strcmp(argv[1], "tumbling") != 0 &&
			  strcmp(argv[1], "sliding") != 0)) {
		fputs("usage: windows tumbling|sliding TUPLES KEYS "
		      "TUPLES_A_SLIDE\n",
		      stderr);
		return 2;
	}
	if (strcmp(argv[1], "sliding") == 0) {
		spec.type = GUST_SLIDING;
		spec.slide = 1;
	}
	bench_run(&spec, atoll(argv[2]), atoll(argv[3]), atoll(argv[4]));
	printf("%" PRIu64 "\t%" PRIu64 "\n", results, total);
	return 0;
}
