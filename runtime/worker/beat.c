/* SPDX-License-Identifier: MIT */

#include "worker/beat.h"

#include <errno.h>
#include <string.h>

/* A pulse on its way. */
struct beat_pulse {
	uint64_t waiting_ns; /* 0: nothing waits */
	uint64_t calling_ns;
	uint64_t stuck;
	uint64_t alarms;
};

size_t beat_size(const struct beat *beat)
{
	return sizeof(*beat) + beat->pulses * sizeof(struct beat_pulse) +
	       beat->dead * sizeof(uint64_t) +
	       beat->waits * sizeof(struct beat_wait) +
	       beat->charges * sizeof(struct beat_charge) +
	       beat->tasks * sizeof(struct beat_task);
}

static uint64_t beat_load(const uint64_t *value)
{
	return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void beat_store(uint64_t *value, uint64_t to)
{
	__atomic_store_n(value, to, __ATOMIC_RELAXED);
}

/* At least 1: there is something. */
static uint64_t beat_age(uint64_t since, uint64_t now)
{
	if (since == 0)
		return 0;
	return since < now ? now - since : 1;
}

static uint64_t beat_since(uint64_t age, uint64_t now)
{
	if (age == 0)
		return 0;
	return age < now ? now - age : 1;
}

/* Copies `size` bytes out or in, and returns what comes behind them. */
static char *beat_put(char *at, const void *data, size_t size)
{
	if (size > 0)
		memcpy(at, data, size);
	return at + size;
}

static const char *beat_get(const char *at, void *data, size_t size)
{
	if (size > 0)
		memcpy(data, at, size);
	return at + size;
}

size_t beat_write(const struct beat *beat, const struct beat_lists *lists,
		  uint64_t now, void *data, size_t room)
{
	size_t size = beat_size(beat);
	char *at = data;

	if (size > room)
		return 0;
	at = beat_put(at, beat, sizeof(*beat));
	for (uint32_t i = 0; i < beat->pulses; i++) {
		const struct pulse *from = &lists->pulses[i];
		struct beat_pulse pulse = {
			beat_age(beat_load(&from->waiting_since), now),
			beat_age(beat_load(&from->calling_since), now),
			beat_load(&from->stuck),
			beat_load(&from->alarms),
		};

		at = beat_put(at, &pulse, sizeof(pulse));
	}
	at = beat_put(at, lists->dead, beat->dead * sizeof(*lists->dead));
	at = beat_put(at, lists->waits, beat->waits * sizeof(*lists->waits));
	at = beat_put(at, lists->charges,
		      beat->charges * sizeof(*lists->charges));
	beat_put(at, lists->tasks, beat->tasks * sizeof(*lists->tasks));
	return size;
}

static const char *beat_read_pulses(const char *at, uint32_t count,
				    uint64_t now, struct pulse *pulses)
{
	for (uint32_t i = 0; i < count; i++) {
		struct beat_pulse pulse;

		at = beat_get(at, &pulse, sizeof(pulse));
		beat_store(&pulses[i].waiting_since,
			   beat_since(pulse.waiting_ns, now));
		beat_store(&pulses[i].calling_since,
			   beat_since(pulse.calling_ns, now));
		beat_store(&pulses[i].stuck, pulse.stuck);
		beat_store(&pulses[i].alarms, pulse.alarms);
	}
	return at;
}

int beat_read(const void *data, size_t size, uint32_t executors,
	      uint32_t workers, uint64_t now, struct beat *beat,
	      const struct beat_lists *lists)
{
	const char *at = data;
	struct beat read;

	if (size < sizeof(read))
		return -EBADMSG;
	at = beat_get(at, &read, sizeof(read));
	if (read.pulses != executors || read.dead != workers ||
	    read.waits > BEAT_WAITS_MAX || read.charges > BEAT_CHARGES_MAX ||
	    read.tasks > BEAT_TASKS_MAX || size != beat_size(&read))
		return -EBADMSG;
	at = beat_read_pulses(at, executors, now, lists->pulses);
	at = beat_get(at, lists->dead, workers * sizeof(*lists->dead));
	at = beat_get(at, lists->waits, read.waits * sizeof(*lists->waits));
	at = beat_get(at, lists->charges,
		      read.charges * sizeof(*lists->charges));
	beat_get(at, lists->tasks, read.tasks * sizeof(*lists->tasks));
	for (uint32_t i = 0; i < read.charges; i++)
		lists->charges[i].reason[BEAT_REASON_SIZE - 1] = '\0';
	*beat = read;
	return 0;
}
