/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"
#include "starve.h"

/* What may be answered when memory is short. */
static bool memory_fine(int r)
{
	return r == 0 || r == -ENOMEM;
}

/* A life of windows, in which any step may find no memory. */
static bool memory_life(const struct gust_window_spec *spec)
{
	bool fine = true;
	int r;

	r = windows_create(spec, &tally_windowing, NULL, NULL, &scene_host,
			   &scene.windows, NULL);
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
	return fine;
}

static void memory_starve(struct gust_window_spec spec)
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
		fine = memory_life(&scene.spec);
		starve_ends();
		CHECK(fine);
		n++;
	}
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
