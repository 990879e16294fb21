/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"
#include "starve.h"

/* What may be answered when memory is short. */
static bool memory_fine(int r)
{
	return r == 0 || r == -ENOMEM;
}

static int memory_whole(void *self, struct gust_task *task,
			const struct gust_window *window,
			const struct gust_window_tuples *tuples)
{
	(void)self;
	(void)task;
	return tuples->all_count == window->count ? 0 : -EBADMSG;
}

static const struct gust_windowing memory_whole_windowing = {
	.size = sizeof(memory_whole_windowing),
	.whole = memory_whole,
};

/* A life of windows, in which any step may find no memory. */
static bool memory_life(const struct gust_window_spec *spec,
			const struct gust_windowing *windowing)
{
	struct windows_host host = scene_host;
	bool fine = true;
	int r;

	fake_spill_init(&scene.spill, 2);
	host.spill = &scene.spill.spill;
	r = windows_create(spec, windowing, NULL, NULL, &host, &scene.windows,
			   NULL);
	if (r != 0)
		return memory_fine(r);
	for (int i = 0; i < 40; i++) {
		fine = fine && memory_fine(scene_add(i * 3, i % 2, i));
		if (i % 10 == 9)
			fine = fine && memory_fine(windows_advance(
					       scene.windows, i * 3 - 10));
	}
	fine = fine && memory_fine(windows_early(scene.windows));
	fine = fine && memory_fine(windows_advance(scene.windows, INT64_MAX));
	windows_destroy(scene.windows);
	return fine && scene.spill.given == scene.spill.taken;
}

static void memory_starve_with(struct gust_window_spec spec,
			       const struct gust_windowing *windowing)
{
	spec.keys = scene_keys;
	spec.key_count = 1;
	spec.early = 1;
	for (unsigned long n = 1; starve(n);) {
		bool fine;

		memset(&scene, 0, sizeof(scene));
		scene.durable = true;
		scene.room = SIZE_MAX;
		scene.spec = spec;
		fine = memory_life(&scene.spec, windowing);
		starve_ends();
		CHECK(fine);
		n++;
	}
}

static void memory_starve(struct gust_window_spec spec)
{
	memory_starve_with(spec, &tally_windowing);
	memory_starve_with(spec, &memory_whole_windowing);
}

TEST(short_memory_is_an_answer)
{
	memory_starve((struct gust_window_spec){ .type = GUST_TUMBLING,
						 .length = 10 });
	memory_starve((struct gust_window_spec){
		.type = GUST_SLIDING, .length = 20, .slide = 5 });
	memory_starve(
		(struct gust_window_spec){ .type = GUST_SESSION, .gap = 4 });
	memory_starve((struct gust_window_spec){
		.type = GUST_SLIDING_COUNT, .length = 6, .slide = 2 });
}
