/* SPDX-License-Identifier: MIT */

/*
 * What a tuple costs in windows, without the rest of the runtime: those that
 * slide a thousand times within their length against those that do not.
 *
 *	windows [TUPLES [KEYS [TUPLES_A_SLIDE]]]
 *
 * Tells ns of processor time a tuple, the results included, and their ratio.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "window/windows.h"

#define SLIDES 1000

struct pair {
	struct gust_tuple head;
	struct gust_cell cells[2];
};

static uint64_t results;

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
	(void)accumulator;
	results++;
	return 0;
}

/* ns a tuple. */
static double bench_run(const struct gust_window_spec *spec, int64_t tuples,
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
	clock_t begin;

	memset(&pair, 0, sizeof(pair));
	pair.head.size = sizeof(pair);
	pair.head.fields = 2;
	pair.cells[0].type = GUST_INT;
	pair.cells[1].type = GUST_INT;
	pair.cells[1].as.integer = 1;
	if (windows_create(spec, &windowing, NULL, NULL, &host, &windows,
			   NULL) != 0)
		exit(1);
	begin = clock();
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
	windows_destroy(windows);
	return (double)(clock() - begin) * 1e9 / CLOCKS_PER_SEC /
	       (double)tuples;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "key" };
	int64_t tuples = argc > 1 ? atoll(argv[1]) : 10000000;
	int64_t keys = argc > 2 ? atoll(argv[2]) : 100;
	int64_t per_slide = argc > 3 ? atoll(argv[3]) : 1000;
	struct gust_window_spec spec = { .type = GUST_TUMBLING,
					 .length = SLIDES,
					 .keys = names,
					 .key_count = 1 };
	double tumbling, sliding;

	tumbling = bench_run(&spec, tuples, keys, per_slide);
	printf("tumbling %.1f ns, %" PRIu64 " results\n", tumbling, results);
	results = 0;
	spec.type = GUST_SLIDING;
	spec.slide = 1;
	sliding = bench_run(&spec, tuples, keys, per_slide);
	printf("sliding  %.1f ns, %" PRIu64 " results\n", sliding, results);
	printf("ratio    %.2f\n", sliding / tumbling);
	return 0;
}
