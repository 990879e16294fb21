/* SPDX-License-Identifier: MIT */
#ifndef FIXTURE_WINDOWS_H
#define FIXTURE_WINDOWS_H

/*
 * Windows of a host that writes down what happens, for the tests of them.
 *
 * Tuples have two fields, a key and a number, both int. The contract keeps how
 * many there were and their sum. What is handed over becomes a line of
 * `log`, "[begin,end) key: count sum" with " early" or " late", and what a
 * sheaf stands for, when it is settled, "settled: numbers".
 */

#include <errno.h>
#include <stdarg.h>

#include <gust/window.h>

#include "fake_pair.h"
#include "fake_spill.h"
#include "test.h"
#include "window/windows.h"

#define SHEAVES 16384

struct sheaf {
	char numbers[64];
	bool gone;
};

struct tally {
	int64_t count;
	int64_t sum;
};

/* Everything of one test. */
struct scene {
	struct gust_window_spec spec;
	struct windows *windows;
	char log[65536];
	struct sheaf sheaves[SHEAVES];
	size_t sheaf_count;
	size_t room; /* how many windows more may be handed over */
	bool open;
	bool durable; /* no sheaves */
	int64_t time; /* of begin() */
	int fails;    /* what add() returns */
	size_t merges;
	struct fake_spill spill; /* which takes nothing at first */
};

static struct scene scene;

static inline void scene_write(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

static inline void scene_write(const char *format, ...)
{
	size_t at = strlen(scene.log);
	va_list list;

	va_start(list, format);
	vsnprintf(scene.log + at, sizeof(scene.log) - at, format, list);
	va_end(list);
}

static inline struct sheaf *scene_sheaf(void *self)
{
	(void)self;
	if (scene.durable)
		return NULL;
	CHECK(scene.sheaf_count < SHEAVES);
	return &scene.sheaves[scene.sheaf_count++];
}

static inline void scene_join(void *self, struct sheaf *into,
			      struct sheaf *from)
{
	size_t at;

	(void)self;
	CHECK(!into->gone && !from->gone && into != from);
	at = strlen(into->numbers);
	snprintf(into->numbers + at, sizeof(into->numbers) - at, "%s",
		 from->numbers);
	from->gone = true;
}

static inline void scene_begin(void *self, int64_t time)
{
	(void)self;
	CHECK(!scene.open);
	scene.open = true;
	scene.time = time;
}

static inline void scene_end(void *self, struct sheaf *settled)
{
	(void)self;
	CHECK(scene.open);
	scene.open = false;
	if (settled == NULL)
		return;
	CHECK(!settled->gone);
	settled->gone = true;
	scene_write("settled:%s\n", settled->numbers);
}

static inline bool scene_room(void *self)
{
	(void)self;
	return scene.room > 0;
}

static const struct windows_host scene_host = {
	.sheaf = scene_sheaf,
	.join = scene_join,
	.begin = scene_begin,
	.end = scene_end,
	.room = scene_room,
};

static inline int tally_add(void *self, struct gust_task *task,
			    struct gust_accumulator *accumulator,
			    const struct gust_tuple *in)
{
	struct tally *tally = accumulator->data;

	(void)self;
	(void)task;
	CHECK_UINT((uintptr_t)tally % 16, 0);
	if (scene.fails != 0)
		return scene.fails;
	tally->count++;
	tally->sum += pair_number(in);
	return 0;
}

static inline int tally_merge(void *self, struct gust_accumulator *into,
			      const struct gust_accumulator *from)
{
	struct tally *tally = into->data;
	const struct tally *more = from->data;

	(void)self;
	scene.merges++;
	tally->count += more->count;
	tally->sum += more->sum;
	return 0;
}

static inline int tally_result(void *self, struct gust_task *task,
			       const struct gust_window *window,
			       const struct gust_accumulator *accumulator)
{
	static const char *const firings[] = { "", " early", " late" };
	const struct tally *tally = accumulator->data;

	(void)self;
	(void)task;
	CHECK(scene.open);
	CHECK(scene.room > 0);
	scene.room--;
	CHECK_UINT(window->count, (uint64_t)tally->count);
	CHECK_INT(scene.time, window->end - 1);
	scene_write("[%" PRId64 ",%" PRId64 ")", window->begin, window->end);
	for (size_t i = 0; i < window->key_count; i++)
		scene_write(" %" PRId64, window->keys[i].as.integer);
	scene_write(": %" PRId64 " %" PRId64 "%s\n", tally->count, tally->sum,
		    firings[window->firing]);
	return 0;
}

static const struct gust_windowing tally_windowing = {
	.size = sizeof(struct gust_windowing),
	.accumulator_size = sizeof(struct tally),
	.add = tally_add,
	.merge = tally_merge,
	.result = tally_result,
};

static const char *const scene_keys[] = { "key" };

/* Makes windows of scene.spec. */
static inline void scene_open(const struct gust_windowing *windowing)
{
	struct windows_host host = scene_host;
	struct gust_error error = { 0 };

	host.spill = &scene.spill.spill;
	CHECK_INT(windows_create(&scene.spec, windowing, NULL, NULL, &host,
				 &scene.windows, &error),
		  0);
}

/* Begins anew, with the windows of a spec; `keyed` by one field or not. */
static inline void scene_start_with(const struct gust_window_spec *spec,
				    bool keyed,
				    const struct gust_windowing *windowing)
{
	memset(&scene, 0, sizeof(scene));
	scene.room = SIZE_MAX;
	fake_spill_init(&scene.spill, 0);
	scene.spec = *spec;
	scene.spec.keys = scene_keys;
	scene.spec.key_count = keyed;
	scene_open(windowing);
}

static inline void scene_start(const struct gust_window_spec *spec, bool keyed)
{
	scene_start_with(spec, keyed, &tally_windowing);
}

static inline void scene_stop(void)
{
	windows_destroy(scene.windows);
	scene.windows = NULL;
	CHECK_UINT(scene.spill.given, scene.spill.taken);
}

/* Adds a tuple; its number goes to its sheaf. */
static inline int scene_add(int64_t time, int64_t key, int64_t number)
{
	struct sheaf *sheaf;
	int r = pair_add(scene.windows, scene.spec.key_count > 0, time, key,
			 number, &sheaf);

	if (r == 0 && sheaf != NULL) {
		size_t at = strlen(sheaf->numbers);

		CHECK(!sheaf->gone);
		snprintf(sheaf->numbers + at, sizeof(sheaf->numbers) - at,
			 " %" PRId64, number);
	}
	return r;
}

/* What was written since the last call. */
static inline const char *scene_told(void)
{
	static char told[sizeof(scene.log)];

	memcpy(told, scene.log, sizeof(told));
	scene.log[0] = '\0';
	return told;
}

#define CHECK_TOLD(expected) CHECK_STR(scene_told(), expected)

#endif
