/* SPDX-License-Identifier: MIT */
#ifndef SIM_EXACT_H
#define SIM_EXACT_H

/* The topology of exact.c. */

#include <stdbool.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/spout.h>
#include <gust/state.h>
#include <gust/window.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "sim/sim.h"

#define MS CLOCK_NS_PER_MS
#define KEYS 8u
#define SOURCES 3u
#define TASKS 32u
#define RUNS_MAX 6

enum { SOURCE, SPLIT, TALLY, TOTAL, COMPONENTS };

/* How what was counted goes on: emitted at once; summed up and emitted by
 * tick() and finish(); kept and emitted by a timer, anchored to it; gathered as
 * a batch and emitted by a timer; as results of windows. */
enum way { WAY_PLAIN, WAY_TICKS, WAY_KEEPS, WAY_BATCHES, WAY_WINDOWS, WAYS };

/* What a task keeps. It is the scene's: a death frees nothing. */
struct keeping {
	const struct gust_tuple **tuples; /* in WAY_KEEPS */
	int64_t *keys;                    /* in WAY_BATCHES */
	uint32_t count, room;
	bool timed; /* a timer is set */
};

struct scene {
	struct random random;
	struct plan plan;
	struct plan_component components[COMPONENTS];
	struct plan_stream streams[3];
	struct plan_edge edges[4];
	struct gust_window_spec window;
	struct sim_config world;
	struct sim *sim;
	enum way way;
	bool retains; /* rather than to hold */
	bool wild;    /* whose key is then drawn by chance */
	uint32_t records;
	uint32_t fail, again; /* of 1000 calls */
	struct keeping keeping[TASKS];
	struct ram *disks[TASKS];
	uint64_t told[SOURCES], stored[SOURCES];
	uint64_t kills[RUNS_MAX]; /* events; 0: to the end */
	bool trace;
	const char *failure;
	char text[256];
};

/* What instances begin with. */
struct actor {
	struct scene *scene;
	uint32_t component;
	struct gust_field key, mark, amount;
	struct gust_state *state;
	struct gust_state *pending; /* in WAY_TICKS */
	uint32_t source;
	uint64_t next;
	uint32_t task;
};

static inline bool chance(struct scene *scene, uint32_t of_1000)
{
	return of_1000 > 0 && random_below(&scene->random, 1000) < of_1000;
}

/* What a record comes to: so many marks, each with its key; and whither a mark
 * goes on. Two of the keys are the same for most records. */
static inline uint64_t record_mark(uint64_t source, uint64_t offset)
{
	return hash_number_from(offset, source) >> 1;
}

static inline uint32_t record_count(uint64_t mark)
{
	return (uint32_t)(mark % 5);
}

static inline uint32_t mark_key(uint64_t mark, uint32_t number)
{
	if (number == 1)
		number = 0;
	return (uint32_t)(hash_number_from(number, mark) % KEYS);
}

static inline uint32_t key_on(uint32_t key)
{
	return (key + 3) % KEYS;
}

extern const struct gust_spout exact_source;
extern const struct gust_bolt exact_split;
extern const struct gust_bolt exact_tally, exact_windowed;

#endif
