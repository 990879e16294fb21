/* SPDX-License-Identifier: MIT */

#include "worker/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/count.h"
#include "base/log.h"
#include "base/size.h"
#include "engine/count.h"
#include "worker/beat.h"
#include "worker/board.h"
#include "worker/crash.h"
#include "worker/crew.h"
#include "worker/seat.h"

/* A callback that is younger counts as none, see watchdog_lasts(). */
#define WATCHDOG_CALL_NS UINT64_C(100000000)

/* How long a thread is given to answer. */
#define WATCHDOG_ANSWER_MS 100

int watchdog_init(struct watchdog *watchdog, const struct crew *crew,
		  uint64_t stuck_ns)
{
	memset(watchdog, 0, sizeof(*watchdog));
	watchdog->patience_ns = stuck_ns != 0 ? stuck_ns : WATCHDOG_STUCK_NS;
	/* A tick may yet let go of what is held. */
	for (uint32_t i = 0; i < crew->plan->component_count; i++) {
		uint64_t tick_ns = crew->plan->components[i].tick_ns;

		if (watchdog->patience_ns < 2 * tick_ns)
			watchdog->patience_ns = 2 * tick_ns;
	}
	watchdog->answers[0] = watchdog->answers[1] = -1;
	watchdog->calls = calloc(crew->count, sizeof(*watchdog->calls));
	if (watchdog->calls == NULL)
		return -ENOMEM;
	if (pipe2(watchdog->answers, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

void watchdog_fini(struct watchdog *watchdog)
{
	if (watchdog->patience_ns == 0)
		return;
	free(watchdog->calls);
	if (watchdog->answers[0] >= 0) {
		close(watchdog->answers[0]);
		close(watchdog->answers[1]);
	}
	memset(watchdog, 0, sizeof(*watchdog));
}

/* "in 'a' or 'b'": the components on an executor, cut to `size`. */
static void watchdog_name(const struct crew *crew, uint32_t executor,
			  char *text, size_t size)
{
	const struct plan *plan = crew->plan;
	const struct seat *seat = &crew->seats[executor];
	uint32_t last = UINT32_MAX;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < seat->task_count; i++) {
		uint32_t component = plan->tasks[seat->tasks[i]].component;
		size_t length;

		if (component == last)
			continue;
		last = component;
		length = strlen(plan->components[component].id);
		if (used + length + 8 > size)
			return;
		used += (size_t)snprintf(text + used, size - used, "%s'%s'",
					 used > 0 ? " or " : "in ",
					 plan->components[component].id);
	}
}

/* Whether a component on this executor has other tasks beside it to delay. */
static bool watchdog_minds(const struct crew *crew, uint32_t executor)
{
	const struct seat *seat = &crew->seats[executor];

	for (uint32_t i = 0; i < seat->task_count; i++) {
		const struct plan_task *task =
			&crew->plan->tasks[seat->tasks[i]];

		if (!crew->plan->components[task->component].dedicated)
			return true;
	}
	return false;
}

/*
 * Asks the thread itself, since nobody else may look at its calls: the first
 * line of its answer, or a guess.
 */
static void watchdog_ask(struct watchdog *watchdog, const struct crew *crew,
			 uint32_t executor, char *text, size_t size)
{
	struct pollfd answer = { .fd = watchdog->answers[0], .events = POLLIN };
	ssize_t n;

	/* What came too late the last time. */
	while (read(answer.fd, text, size) > 0)
		;
	crash_ask(crew->seats[executor].thread, watchdog->answers[1]);
	(void)poll(&answer, 1, WATCHDOG_ANSWER_MS);
	/* It is written in parts, of which the last one is a line end. */
	for (size_t used = 0; used + 1 < size; used += (size_t)n) {
		n = read(answer.fd, text + used, size - 1 - used);
		if (n <= 0)
			break;
		text[used + (size_t)n] = '\0';
		if (strchr(text, '\n') != NULL) {
			*strchr(text, '\n') = '\0';
			return;
		}
		(void)poll(&answer, 1, WATCHDOG_ANSWER_MS);
	}
	watchdog_name(crew, executor, text, size);
}

/* How long a thread could have run, but had no processor; 0 if unknown. */
static uint64_t watchdog_lack_ns(const struct seat *seat)
{
	int32_t id = __atomic_load_n(&seat->thread_id, __ATOMIC_RELAXED);
	unsigned long long ran, lacked = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", (int)id);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu %llu", &ran, &lacked) != 2)
		lacked = 0;
	fclose(file);
	return lacked;
}

/* Whether the call of an executor has now become worth a warning. */
static bool watchdog_is_slow(struct watchdog_call *call,
			     const struct seat *seat, uint64_t since,
			     uint64_t now)
{
	/* Most are short, and have ended when this comes by again. */
	if (since == 0 || now < since + WATCHDOG_PERIOD_NS)
		return false;
	if (call->since != since) {
		call->since = since;
		call->seen_ns = now;
		call->lack_ns = watchdog_lack_ns(seat);
	}
	if (now < call->quiet_ns || now - call->seen_ns < WATCHDOG_SLOW_NS)
		return false;
	return now - call->seen_ns >=
	       WATCHDOG_SLOW_NS + watchdog_lack_ns(seat) - call->lack_ns;
}

static void watchdog_warn(struct watchdog *watchdog, const struct crew *crew,
			  uint64_t now)
{
	char what[256];

	for (uint32_t i = 0; i < crew->count; i++) {
		struct watchdog_call *call = &watchdog->calls[i];
		uint64_t since =
			count_get(&crew->pulses[crew->first + i].calling_since);

		if (!watchdog_is_slow(call, &crew->seats[i], since, now) ||
		    !watchdog_minds(crew, i))
			continue;
		call->quiet_ns = now + WATCHDOG_QUIET_NS;
		watchdog_ask(watchdog, crew, i, what, sizeof(what));
		log_write(LOG_LEVEL_WARN,
			  "executor %u has spent %.1f s %s; a component that "
			  "blocks should say 'dedicated: true'",
			  (unsigned)(crew->first + i),
			  (double)(now - since) / CLOCK_NS_PER_S, what);
	}
}

/* Those of other workers are copies, and of this machine alone. */
static const struct task_counters *watchdog_counters(const struct crew *crew,
						     uint32_t task)
{
	uint32_t place = crew->plan->tasks[task].executor - crew->first;

	if (place >= crew->count)
		return &crew->board->tasks[task];
	return executor_counters(seat_executor(&crew->seats[place]), task);
}

/* Whether the executor has spouts that could go on one day. */
static bool watchdog_has_spouts(const struct crew *crew, uint32_t executor)
{
	const struct seat *seat = &crew->seats[executor];

	for (uint32_t i = 0; i < seat->spout_count; i++) {
		const struct task_counters *counters =
			watchdog_counters(crew, seat->tasks[i]);

		if (__atomic_load_n(&counters->state, __ATOMIC_RELAXED) !=
		    TASK_DONE)
			return true;
	}
	return false;
}

/* Executors look for timeouts at about the same times as the watchdog looks at
 * them; only a call that lasts says that somebody is at work. */
static bool watchdog_lasts(uint64_t calling_since, uint64_t now)
{
	return calling_since != 0 && now > calling_since &&
	       now - calling_since > WATCHDOG_CALL_NS;
}

/*
 * Whether all executors of this worker with spouts say so (BEAT_STILL), and one
 * lacks memory (BEAT_FULL).
 */
static uint32_t watchdog_standing(const struct crew *crew, uint64_t now)
{
	uint32_t flags = BEAT_STILL;

	for (uint32_t i = 0; i < crew->count; i++) {
		const struct pulse *pulse = &crew->pulses[crew->first + i];

		if (count_get(&pulse->waiting_since) != 0 ||
		    watchdog_lasts(count_get(&pulse->calling_since), now) ||
		    count_get(&pulse->alarms) != 0 ||
		    crew_load(&crew->seats[i].bolt_watches) != 0)
			return 0;
		if (!watchdog_has_spouts(crew, i))
			continue;
		if (count_get(&pulse->stuck) == PULSE_MOVES)
			return 0;
		if (count_get(&pulse->stuck) == PULSE_FULL)
			flags |= BEAT_FULL;
	}
	return flags;
}

/* Whether all workers are still, and one lacks memory. */
static bool watchdog_all_stuck(const struct crew *crew, uint32_t standing)
{
	uint32_t all = standing, any = standing;

	for (uint32_t i = 0; i < crew->plan->worker_count; i++) {
		uint32_t flags = crew_load(&crew->peers[i].flags);

		if (i == crew->worker)
			continue;
		all &= flags;
		any |= flags;
	}
	return (all & BEAT_STILL) != 0 && (any & BEAT_FULL) != 0;
}

static uint64_t watchdog_movement(const struct crew *crew)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < crew->plan->task_count; i++) {
		const struct task_counters *counters;

		if (crew->plan->tasks[i].executor - crew->first >= crew->count)
			continue;
		counters = watchdog_counters(crew, i);
		sum += count_get(&counters->emitted) +
		       count_get(&counters->executed) +
		       count_get(&counters->acked) +
		       count_get(&counters->failed) +
		       count_get(&counters->trees_acked) +
		       count_get(&counters->trees_failed);
	}
	return sum;
}

/* Tells the others. Returns what is true of this worker, and of all. */
static uint32_t watchdog_publish(struct crew *crew, uint64_t now,
				 uint64_t *movement)
{
	uint32_t standing = watchdog_standing(crew, now);
	uint64_t own = watchdog_movement(crew);

	__atomic_fetch_and(&crew->standing, ~(uint32_t)(BEAT_STILL | BEAT_FULL),
			   __ATOMIC_RELAXED);
	__atomic_fetch_or(&crew->standing, standing, __ATOMIC_RELAXED);
	__atomic_store_n(&crew->movement, own, __ATOMIC_RELAXED);
	*movement = own;
	for (uint32_t i = 0; i < crew->plan->worker_count; i++)
		*movement += count_get(&crew->peers[i].movement);
	return standing;
}

/* How many inputs of a component are neither acked nor failed. */
static uint64_t watchdog_held(const struct crew *crew, uint32_t number)
{
	const struct plan_component *component =
		&crew->plan->components[number];
	uint64_t held = 0;

	if (component->kind != PLAN_BOLT)
		return 0;
	for (uint32_t i = 0; i < component->task_count; i++) {
		const struct task_counters *counters =
			watchdog_counters(crew, component->first_task + i);
		uint64_t ended = count_get(&counters->acked) +
				 count_get(&counters->failed);
		uint64_t executed = count_get(&counters->executed);

		if (executed > ended)
			held += executed - ended;
	}
	return held;
}

/* Windows are named with their size, and the share that they do not fit. */
static int watchdog_say_window(const struct crew *crew, uint32_t who,
			       struct gust_error *error)
{
	const struct plan *plan = crew->plan;
	const struct plan_component *component = &plan->components[who];
	char count[COUNT_TEXT_SIZE], size[SIZE_TEXT_SIZE];
	char share[SIZE_TEXT_SIZE], budget[SIZE_TEXT_SIZE];
	const bool spills = plan->config.state_dir != NULL;
	uint64_t tuples = 0, bytes = 0;

	for (uint32_t i = 0; i < component->task_count; i++) {
		const struct task_counters *counters =
			watchdog_counters(crew, component->first_task + i);

		tuples += count_get(&counters->window_tuples);
		bytes += count_get(&counters->window_bytes);
	}
	return gust_error_set(
		error, -EDEADLK,
		"stuck: window '%s' has %s tuples (%s) and waits for more to "
		"end, but what is held has used up its share of the memory "
		"(%s); make the window shorter%s raise "
		"topology.memory.max.bytes (%s)%s",
		component->id, count_format(count, tuples),
		size_format(size, bytes),
		size_format(share, plan->config.memory_max_bytes / 2),
		spills ? ", or" : ",",
		size_format(budget, plan->config.memory_max_bytes),
		spills ? "" : ", or name a topology.state.dir to spill to");
}

static int watchdog_say_stuck(const struct crew *crew, struct gust_error *error)
{
	const struct plan *plan = crew->plan;
	uint64_t most = 0;
	uint32_t who = 0;

	for (uint32_t i = 0; i < plan->component_count; i++) {
		uint64_t held = watchdog_held(crew, i);

		if (held > most) {
			most = held;
			who = i;
		}
	}
	if (plan->components[who].window != NULL)
		return watchdog_say_window(crew, who, error);
	return gust_error_set(
		error, -EDEADLK,
		"stuck: all that is left are tuples that '%s' holds (%" PRIu64
		"), and the memory for more input is used up; let it hold "
		"less, or raise topology.memory.max.bytes (%" PRIu64 ")",
		plan->components[who].id, most, plan->config.memory_max_bytes);
}

int watchdog_look(struct watchdog *watchdog, struct crew *crew, uint64_t now,
		  struct gust_error *error)
{
	uint32_t standing;
	uint64_t movement;

	watchdog_warn(watchdog, crew, now);
	standing = watchdog_publish(crew, now, &movement);
	if (!watchdog_all_stuck(crew, standing) ||
	    movement != watchdog->movement) {
		watchdog->stuck_since = 0;
		watchdog->movement = movement;
		return 0;
	}
	if (watchdog->stuck_since == 0)
		watchdog->stuck_since = now;
	if (now - watchdog->stuck_since < watchdog->patience_ns)
		return 0;
	return watchdog_say_stuck(crew, error);
}
