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

size_t beat_size(uint32_t executors, uint32_t workers)
{
	return sizeof(struct beat) + executors * sizeof(struct beat_pulse) +
	       workers * sizeof(uint64_t);
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

size_t beat_write(const struct beat *beat, const struct pulse *pulses,
		  const uint64_t *dead, uint64_t now, void *data, size_t room)
{
	size_t size = beat_size(beat->pulses, beat->dead);
	char *at = data;

	if (size > room)
		return 0;
	memcpy(at, beat, sizeof(*beat));
	at += sizeof(*beat);
	for (uint32_t i = 0; i < beat->pulses; i++) {
		struct beat_pulse pulse = {
			beat_age(beat_load(&pulses[i].waiting_since), now),
			beat_age(beat_load(&pulses[i].calling_since), now),
			beat_load(&pulses[i].stuck),
			beat_load(&pulses[i].alarms),
		};

		memcpy(at, &pulse, sizeof(pulse));
		at += sizeof(pulse);
	}
	memcpy(at, dead, beat->dead * sizeof(*dead));
	return size;
}

int beat_read(const void *data, size_t size, uint32_t executors,
	      uint32_t workers, uint64_t now, struct beat *beat,
	      struct pulse *pulses, uint64_t *dead)
{
	const char *at = data;
	struct beat read;

	if (size != beat_size(executors, workers))
		return -EBADMSG;
	memcpy(&read, at, sizeof(read));
	if (read.pulses != executors || read.dead != workers)
		return -EBADMSG;
	at += sizeof(read);
	for (uint32_t i = 0; i < executors; i++) {
		struct beat_pulse pulse;

		memcpy(&pulse, at, sizeof(pulse));
		at += sizeof(pulse);
		beat_store(&pulses[i].waiting_since,
			   beat_since(pulse.waiting_ns, now));
		beat_store(&pulses[i].calling_since,
			   beat_since(pulse.calling_ns, now));
		beat_store(&pulses[i].stuck, pulse.stuck);
		beat_store(&pulses[i].alarms, pulse.alarms);
	}
	memcpy(dead, at, workers * sizeof(*dead));
	*beat = read;
	return 0;
}
