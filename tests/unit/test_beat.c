/* SPDX-License-Identifier: MIT */

#include "worker/beat.h"

#include <errno.h>

#include "channel/frame.h"
#include "topology/plan.h"

#include "test.h"

static struct pulse pulses[2] = {
	{ .waiting_since = 900, .calling_since = 0, .alarms = 3 },
	{ .waiting_since = 0, .calling_since = 1000, .stuck = PULSE_FULL },
};
static uint64_t dead[3] = { 0, 77, 0 };
static struct beat_wait waits[2] = { { 5, 1200 }, { 6, 50 } };
static struct beat_charge charges[1] = {
	{ .incarnation = 9, .root = 123, .task = 4, .reason = "it crashed" },
};
static struct beat_task tasks[1] = {
	{ .task = 4, .counters = { .emitted = 8, .state = TASK_WAITING } },
};
static const struct beat told = { .flags = BEAT_DONE | BEAT_FULL,
				  .pulses = 2,
				  .movement = 12345,
				  .dead = 3,
				  .waits = 2,
				  .charges = 1,
				  .tasks = 1 };
static const struct beat_lists lists = { pulses, dead, waits, charges, tasks };

/* What was heard. */
static struct pulse heard[2];
static uint64_t buried[3];
static struct beat_wait waited[BEAT_WAITS_MAX];
static struct beat_charge charged[BEAT_CHARGES_MAX];
static struct beat_task counted[BEAT_TASKS_MAX];
static struct beat beat;
static char data[1024];

static size_t write_at(uint64_t now)
{
	return beat_write(&told, &lists, now, data, sizeof(data));
}

static int read_at(uint64_t now, size_t size, uint32_t executors)
{
	const struct beat_lists into = { heard, buried, waited, charged,
					 counted };

	memset(heard, 0, sizeof(heard));
	return beat_read(data, size, executors, 3, now, &beat, &into);
}

static size_t size_of(uint32_t executors, uint32_t workers, uint32_t queues,
		      uint32_t debts, uint32_t counts)
{
	const struct beat some = { .pulses = executors,
				   .dead = workers,
				   .waits = (uint16_t)queues,
				   .charges = (uint16_t)debts,
				   .tasks = counts };

	return beat_size(&some);
}

/* What is laid out otherwise is not understood by those who have not changed:
 * then FRAME_VERSION grows, and these numbers with it. */
TEST(the_layout_belongs_to_a_version)
{
	CHECK_UINT(FRAME_VERSION, 3);
	CHECK_UINT(size_of(0, 0, 0, 0, 0), 32);
	CHECK_UINT(size_of(1, 0, 0, 0, 0), 32 + 32);
	CHECK_UINT(size_of(0, 1, 0, 0, 0), 32 + 8);
	CHECK_UINT(size_of(0, 0, 1, 0, 0), 32 + 8);
	CHECK_UINT(size_of(0, 0, 0, 1, 0), 32 + 184);
	CHECK_UINT(size_of(0, 0, 0, 0, 1), 32 + 256);
}

TEST(times_travel_as_ages)
{
	size_t size = write_at(1000);

	CHECK_UINT(size, size_of(2, 3, 2, 1, 1));
	CHECK_INT(read_at(50000, size, 2), 0);
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

TEST(queues_charges_and_counters_travel)
{
	CHECK_INT(read_at(1, write_at(1000), 2), 0);
	CHECK_UINT(beat.waits, 2);
	CHECK_UINT(waited[0].task, 5);
	CHECK_UINT(waited[0].wait_ms, 1200);
	CHECK_UINT(waited[1].task, 6);
	CHECK_UINT(beat.charges, 1);
	CHECK_UINT(charged[0].incarnation, 9);
	CHECK_UINT(charged[0].root, 123);
	CHECK_UINT(charged[0].task, 4);
	CHECK_STR(charged[0].reason, "it crashed");
	CHECK_UINT(beat.tasks, 1);
	CHECK_UINT(counted[0].task, 4);
	CHECK_UINT(counted[0].counters.emitted, 8);
	CHECK_UINT(counted[0].counters.state, TASK_WAITING);
}

TEST(a_reason_has_an_end)
{
	size_t size = write_at(1000);

	memset(data + size - sizeof(*tasks) - BEAT_REASON_SIZE, 'x',
	       BEAT_REASON_SIZE);
	CHECK_INT(read_at(1, size, 2), 0);
	CHECK_UINT(strlen(charged[0].reason), BEAT_REASON_SIZE - 1);
}

TEST(an_age_beyond_the_start_of_the_clock_is_kept_as_one)
{
	CHECK_INT(read_at(10, write_at(5000), 2), 0);
	CHECK_UINT(heard[0].waiting_since, 1);
}

TEST(what_is_no_beat_of_this_plan_is_refused)
{
	size_t size = write_at(1000);
	struct beat other = told;

	CHECK_INT(read_at(1, size - 1, 2), -EBADMSG);
	CHECK_INT(read_at(1, size, 1), -EBADMSG);
	CHECK_INT(read_at(1, 0, 2), -EBADMSG);
	data[4] ^= 1;
	CHECK_INT(read_at(1, size, 2), -EBADMSG);
	/* As long as it should be, but of another shape. */
	CHECK_UINT(size_of(1, 4, 3, 0, 0), size_of(2, 3, 0, 0, 0));
	CHECK_UINT(size_of(2, 3, 55, 0, 0), size_of(2, 3, 0, 1, 1));
	other.waits = 57;
	other.charges = 0;
	other.tasks = 0;
	memcpy(data, &other, sizeof(other));
	CHECK_INT(read_at(1, size, 2), 0);
	other.waits = 58;
	memcpy(data, &other, sizeof(other));
	CHECK_INT(read_at(1, size, 2), -EBADMSG);
}

TEST(longer_lists_than_there_may_be_are_refused)
{
	static char large[65536];
	const struct beat_lists into = { heard, buried, waited, charged,
					 counted };
	struct beat much = { .pulses = 2, .dead = 3 };

	much.waits = BEAT_WAITS_MAX + 1;
	memcpy(large, &much, sizeof(much));
	CHECK_INT(beat_read(large, beat_size(&much), 2, 3, 1, &beat, &into),
		  -EBADMSG);
	much.waits = 0;
	much.charges = BEAT_CHARGES_MAX + 1;
	memcpy(large, &much, sizeof(much));
	CHECK_INT(beat_read(large, beat_size(&much), 2, 3, 1, &beat, &into),
		  -EBADMSG);
	much.charges = 0;
	much.tasks = BEAT_TASKS_MAX + 1;
	memcpy(large, &much, sizeof(much));
	CHECK_INT(beat_read(large, beat_size(&much), 2, 3, 1, &beat, &into),
		  -EBADMSG);
}

TEST(the_largest_plan_fits_into_a_heartbeat)
{
	char small[8];

	CHECK(size_of(PLAN_EXECUTORS_MAX, PLAN_WORKERS_MAX, BEAT_WAITS_MAX,
		      BEAT_CHARGES_MAX,
		      BEAT_TASKS_MAX) <= FRAME_BEAT_BYTES_MAX);
	CHECK_UINT(beat_write(&told, &lists, 1, small, sizeof(small)), 0);
}
