/* SPDX-License-Identifier: MIT */

#include "worker/beat.h"

#include <errno.h>

#include "channel/frame.h"
#include "topology/plan.h"

#include "test.h"

static const struct pulse pulses[2] = {
	{ .waiting_since = 900, .calling_since = 0, .alarms = 3 },
	{ .waiting_since = 0, .calling_since = 1000, .stuck = PULSE_FULL },
};
static const uint64_t dead[3] = { 0, 77, 0 };
static const struct beat told = { .flags = BEAT_DONE | BEAT_FULL,
				  .pulses = 2,
				  .movement = 12345,
				  .dead = 3 };

TEST(times_travel_as_ages)
{
	uint64_t buried[3];
	struct pulse heard[2];
	struct beat beat;
	char data[512];
	size_t size;

	memset(heard, 0, sizeof(heard));
	size = beat_write(&told, pulses, dead, 1000, data, sizeof(data));
	CHECK_UINT(size, beat_size(2, 3));
	CHECK_INT(beat_read(data, size, 2, 3, 50000, &beat, heard, buried), 0);
	CHECK_UINT(beat.flags, BEAT_DONE | BEAT_FULL);
	CHECK_UINT(beat.movement, 12345);
	CHECK_UINT(heard[0].waiting_since, 50000 - 100);
	CHECK_UINT(heard[0].calling_since, 0);
	CHECK_UINT(heard[0].alarms, 3);
	CHECK_UINT(heard[1].waiting_since, 0);
	/* It has begun just now, but it has begun. */
	CHECK_UINT(heard[1].calling_since, 50000 - 1);
	CHECK_UINT(heard[1].stuck, PULSE_FULL);
	CHECK_UINT(buried[1], 77);
}

TEST(an_age_beyond_the_start_of_the_clock_is_kept_as_one)
{
	uint64_t buried[3];
	struct pulse heard[2];
	struct beat beat;
	char data[512];
	size_t size;

	size = beat_write(&told, pulses, dead, 5000, data, sizeof(data));
	CHECK_INT(beat_read(data, size, 2, 3, 10, &beat, heard, buried), 0);
	CHECK_UINT(heard[0].waiting_since, 1);
}

TEST(what_is_no_beat_of_this_plan_is_refused)
{
	uint64_t buried[3];
	struct pulse heard[2];
	struct beat beat;
	char data[512];
	size_t size;

	size = beat_write(&told, pulses, dead, 1000, data, sizeof(data));
	CHECK_INT(beat_read(data, size - 1, 2, 3, 1, &beat, heard, buried),
		  -EBADMSG);
	CHECK_INT(beat_read(data, size, 1, 3, 1, &beat, heard, buried),
		  -EBADMSG);
	/* As long as it should be, but of another shape. */
	CHECK_UINT(beat_size(0, 4), beat_size(1, 0));
	CHECK_INT(beat_read(data, 0, 2, 3, 1, &beat, heard, buried), -EBADMSG);
	data[4] ^= 1;
	CHECK_INT(beat_read(data, size, 2, 3, 1, &beat, heard, buried),
		  -EBADMSG);
}

TEST(the_largest_plan_fits_into_a_heartbeat)
{
	char small[8];

	CHECK(beat_size(PLAN_EXECUTORS_MAX, PLAN_WORKERS_MAX) <=
	      FRAME_BEAT_BYTES_MAX);
	CHECK_UINT(beat_write(&told, pulses, dead, 1, small, sizeof(small)), 0);
}
