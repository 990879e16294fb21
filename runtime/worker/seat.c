/* SPDX-License-Identifier: MIT */

#include "worker/seat.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"
#include "channel/exchange.h"
#include "channel/inbox.h"
#include "channel/message.h"
#include "worker/board.h"
#include "worker/crash.h"
#include "worker/crew.h"
#include "worker/host.h"
#include "worker/notice.h"
#include "worker/post.h"
#include "worker/signals.h"

/* Messages received between two steps. */
#define SEAT_RECEIVE_MAX 64

/* While there is work, descriptors are looked at so often. */
#define SEAT_POLL_NS (200 * CLOCK_NS_PER_US)

/* The tasks of an executor; plans number those of spouts first. */
static int seat_list_tasks(struct seat *seat, const struct plan *plan)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->task_count; i++)
		if (plan->tasks[i].executor == seat->number)
			count++;
	seat->tasks = calloc(count + 1, sizeof(*seat->tasks));
	seat->woken = calloc(count + 1, sizeof(*seat->woken));
	if (seat->tasks == NULL || seat->woken == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < plan->task_count; i++) {
		const struct plan_task *task = &plan->tasks[i];

		if (task->executor != seat->number)
			continue;
		seat->tasks[seat->task_count++] = i;
		if (plan->components[task->component].kind == PLAN_SPOUT)
			seat->spout_count = seat->task_count;
	}
	return 0;
}

static struct inbox *seat_inbox(const struct seat *seat)
{
	const struct crew *crew = seat->crew;

	return exchange_inbox(crew->exchange, seat->number - crew->first);
}

int seat_init(struct seat *seat, struct crew *crew, uint32_t number)
{
	int r;

	memset(seat, 0, sizeof(*seat));
	seat->crew = crew;
	seat->number = number;
	pthread_mutex_init(&seat->lock, NULL);
	poller_init(&seat->poller);
	spin_init(&seat->spin, crew_threads(crew));
	overflow_init(&seat->overflow, crew->plan->config.state_dir);
	r = lanes_init(&seat->lanes, crew->exchange);
	if (r < 0)
		return r;
	r = seat_list_tasks(seat, crew->plan);
	if (r < 0)
		return r;
	return poller_open(&seat->poller, inbox_fd(seat_inbox(seat)));
}

void seat_fini(struct seat *seat)
{
	if (seat->crew == NULL)
		return;
	executor_destroy(seat->executor);
	overflow_fini(&seat->overflow);
	poller_fini(&seat->poller);
	lanes_fini(&seat->lanes);
	mailbox_fini(&seat->mail);
	free(seat->tasks);
	free(seat->woken);
	free(seat->answers);
	pthread_mutex_destroy(&seat->lock);
	memset(seat, 0, sizeof(*seat));
}

void seat_command(struct seat *seat, uint32_t commands)
{
	__atomic_fetch_or(&seat->commands, commands, __ATOMIC_RELEASE);
	poller_ring(&seat->poller);
}

const struct executor *seat_executor(const struct seat *seat)
{
	return __atomic_load_n(&seat->executor, __ATOMIC_ACQUIRE);
}

const struct gust_error *seat_error(const struct seat *seat)
{
	if (__atomic_load_n(&seat->has_error, __ATOMIC_ACQUIRE) == 0)
		return NULL;
	return &seat->error;
}

/* Notes the first error; true if it was this one. */
static bool seat_note(struct seat *seat, const struct gust_error *error)
{
	if (seat->has_error != 0)
		return false;
	seat->error = *error;
	__atomic_store_n(&seat->has_error, 1, __ATOMIC_RELEASE);
	return true;
}

/* The machine failed, which ends the run. */
static void seat_fail(struct seat *seat, int code, const char *what)
{
	struct gust_error error;

	memset(&error, 0, sizeof(error));
	gust_error_set(&error, code, "executor %u %s: %s",
		       (unsigned)seat->number, what, strerror(-code));
	if (seat_note(seat, &error))
		crew_count(seat->crew, &seat->crew->broken);
}

void seat_send(struct seat *seat, uint32_t to, void *batch, size_t size)
{
	const struct crew *crew = seat->crew;
	uint32_t lane = to - crew->first;
	void *message = (char *)batch - MESSAGE_ROOM;
	int r;

	if (lane >= crew->count) {
		post_send(crew->post, message);
		return;
	}
	r = lanes_send(&seat->lanes, lane, message, MESSAGE_ROOM + size);
	if (r < 0)
		seat_fail(seat, r, "cannot send");
}

void seat_answer(struct seat *seat, uint64_t token, int result)
{
	if (seat->answer_count == seat->answer_room) {
		uint32_t room = seat->answer_room ? 2 * seat->answer_room : 16;
		struct seat_answer *answers = reallocarray(
			seat->answers, room, sizeof(*seat->answers));

		if (answers == NULL) {
			seat_fail(seat, -ENOMEM, "cannot store dead letters");
			return;
		}
		seat->answers = answers;
		seat->answer_room = room;
	}
	seat->answers[seat->answer_count].token = token;
	seat->answers[seat->answer_count++].result = result;
}

static void seat_give_answers(struct seat *seat)
{
	/* The executor may store more while it hears of the first. */
	uint32_t count = seat->answer_count;

	if (count == 0)
		return;
	for (uint32_t i = 0; i < count; i++)
		executor_stored(seat->executor, seat->answers[i].token,
				seat->answers[i].result);
	seat->answer_count -= count;
	memmove(seat->answers, seat->answers + count,
		seat->answer_count * sizeof(*seat->answers));
}

void seat_wake(struct seat *seat, uint32_t task)
{
	for (uint32_t i = 0; i < seat->task_count; i++)
		if (seat->tasks[i] == task)
			__atomic_store_n(&seat->woken[i], 1, __ATOMIC_RELEASE);
	poller_ring(&seat->poller);
}

int seat_watch(struct seat *seat, uint32_t task, int fd, short events)
{
	/* Spouts' tasks come first, in the plan and so on each seat. */
	uint32_t first_bolt = seat->spout_count < seat->task_count
				      ? seat->tasks[seat->spout_count]
				      : UINT32_MAX;
	int r = poller_watch(&seat->poller, task, fd, events);

	if (task >= first_bolt)
		__atomic_store_n(&seat->bolt_watches,
				 poller_watches(&seat->poller, first_bolt),
				 __ATOMIC_RELAXED);
	return r;
}

static void seat_finish(struct seat *seat)
{
	if (seat->done)
		return;
	seat->done = true;
	crew_count(seat->crew, &seat->crew->done);
}

/* Does what other threads have asked for. */
static void seat_obey(struct seat *seat)
{
	uint32_t commands;

	if (!poller_heard(&seat->poller))
		return;
	commands = __atomic_load_n(&seat->commands, __ATOMIC_ACQUIRE);
	if ((commands & SEAT_ABORT) != 0) {
		executor_abort(seat->executor);
		seat->aborted = true;
		seat_finish(seat);
		return;
	}
	if ((commands & SEAT_STOP) != 0 && !seat->stopped) {
		executor_stop(seat->executor);
		seat->stopped = true;
	}
	seat_give_commits(seat);
	for (uint32_t i = 0; i < seat->task_count; i++)
		if (__atomic_load_n(&seat->woken[i], __ATOMIC_RELAXED) != 0 &&
		    __atomic_exchange_n(&seat->woken[i], 0, __ATOMIC_ACQUIRE))
			executor_woken(seat->executor, seat->tasks[i]);
}

/* What the post says: a worker is lost. */
static void seat_notice(struct seat *seat, struct notice *notice)
{
	struct crew *crew = seat->crew;
	uint32_t worker;

	if (notice->kind == NOTICE_CHARGE) {
		executor_charge(seat->executor, notice->root, notice->task,
				notice->reason);
		message_free(notice);
		return;
	}
	assert(notice->kind == NOTICE_LOST);
	/* It may have to send marks again. The post must not see it done
	 * before seat_report() has looked. */
	if (seat->done && !seat->aborted) {
		seat->done = false;
		crew_resume(crew);
	}
	worker = notice->worker;
	notice->kind = NOTICE_HEARD;
	notice->from = (uint16_t)(seat->number - crew->first);
	/* What the executor sends from now on is for the next incarnation. */
	post_send(crew->post, notice);
	executor_lost(seat->executor, worker);
}

void seat_post(struct seat *seat, void *message)
{
	if (mailbox_put(&seat->mail, message))
		poller_ring(&seat->poller);
}

static void seat_receive_mail(struct seat *seat)
{
	void *next;

	for (void *message = mailbox_take(&seat->mail); message != NULL;
	     message = next) {
		struct batch *batch = notice_batch(message);

		next = mailbox_next(message);
		if (notice_is(message))
			seat_notice(seat, message);
		else
			executor_receive(seat->executor, batch, batch->size);
	}
}

static void seat_receive(struct seat *seat)
{
	struct inbox *inbox = seat_inbox(seat);
	void *message;
	size_t size;

	seat->drained = false;
	for (int i = 0; i < SEAT_RECEIVE_MAX; i++) {
		int r;

		if (!inbox_pending(inbox))
			return;
		r = inbox_receive(inbox, &message, &size);
		/* A send is under way; the poller tells when it is there. */
		seat->drained = r == -EAGAIN;
		if (seat->drained)
			return;
		/* Other errors say that the inbox is not an inbox. */
		assert(r == 0);
		executor_receive(seat->executor, notice_batch(message),
				 size - MESSAGE_ROOM);
	}
}

/* Tells the crew what a step has brought about. */
static void seat_report(struct seat *seat)
{
	const struct gust_error *failure = executor_failure(seat->executor);

	if (failure != NULL && seat_note(seat, failure))
		crew_count(seat->crew, &seat->crew->failed);
	if (!seat->done && executor_done(seat->executor))
		seat_finish(seat);
}

static void seat_ready(void *self, uint32_t task, int fd, short events)
{
	struct seat *seat = self;

	executor_ready(seat->executor, task, fd, events);
}

static bool seat_has_mail(const struct seat *seat)
{
	return !mailbox_is_empty(&seat->mail) ||
	       (!seat->drained && inbox_pending(seat_inbox(seat)));
}

/* Sleeps until `until_ns` or an event, unless there is one. */
static void seat_sleep(struct seat *seat, uint64_t until_ns)
{
	struct post *post = seat->crew->post;
	bool served = post_is_served(post);
	int r;

	if (!served &&
	    spin_wait(&seat->spin, seat_inbox(seat), &seat->mail, until_ns))
		return;
	r = lanes_await(&seat->lanes, &seat->poller);
	if (r < 0)
		seat_fail(seat, r, "cannot wait for a channel");
	if (!mailbox_doze(&seat->mail))
		return;
	if (served)
		post_set_asleep(post, true);
	poller_wait(&seat->poller, until_ns, seat_ready, seat);
	if (served)
		post_set_asleep(post, false);
	mailbox_rouse(&seat->mail);
}

/* Waits until `until_ns` or an event; with 0 it only looks now and then. */
static void seat_wait(struct seat *seat, uint64_t until_ns)
{
	uint64_t now;

	if (until_ns != 0 && seat->answer_count == 0 && !seat_has_mail(seat)) {
		seat_sleep(seat, until_ns);
		return;
	}
	/* All else shows without a call. */
	if (poller_watches(&seat->poller, 0) == 0)
		return;
	now = clock_now_ns();
	if (now - seat->polled_ns < SEAT_POLL_NS)
		return;
	seat->polled_ns = now;
	poller_wait(&seat->poller, 0, seat_ready, seat);
}

/* Goes the post's rounds, if that is left to this seat; returns when it wants
 * to go on. */
static uint64_t seat_serve(struct seat *seat, uint64_t next)
{
	struct post *post = seat->crew->post;
	uint64_t due = post_is_served(post) ? post_serve(post) : UINT64_MAX;

	return due < next ? due : next;
}

static void seat_work(struct seat *seat)
{
	bool limited =
		seat->crew->board->limit->max > 0 && seat->spout_count > 0;

	while (!crew_over(seat->crew)) {
		uint64_t next;

		seat_obey(seat);
		/* All are aborted together: nobody waits for anything. */
		if (seat->aborted)
			return;
		seat_receive_mail(seat);
		seat_receive(seat);
		seat_give_answers(seat);
		if (limited)
			seat_reserve(seat);
		next = executor_step(seat->executor);
		if (limited)
			next = seat_settle(seat, next);
		seat_report(seat);
		lanes_flush(&seat->lanes, &seat->poller);
		seat_wait(seat, seat_serve(seat, next));
	}
}

/* Creates and opens the executor. */
static int seat_open(struct seat *seat, struct gust_error *error)
{
	struct crew *crew = seat->crew;
	struct executor_shared shared = board_shared(crew->board, crew->pulses);
	struct executor_host host = host_of(seat);
	struct executor *executor;
	struct random random;
	int r;

	shared.waits = crew->waits;
	r = random_seed_os(&random);
	if (r < 0)
		return gust_error_set(error, r, "getrandom: %s", strerror(-r));
	r = executor_create(crew->plan, seat->number, &host, &shared,
			    random_next(&random), &executor);
	if (r < 0)
		return gust_error_set(error, r, "cannot create executor %u: %s",
				      (unsigned)seat->number, strerror(-r));
	__atomic_store_n(&seat->executor, executor, __ATOMIC_RELEASE);
	crash_watch(executor);
	return executor_open(executor, error);
}

static void *seat_main(void *data)
{
	struct seat *seat = data;
	struct crew *crew = seat->crew;
	struct crash_stack stack;
	struct gust_error error;
	int r;

	__atomic_store_n(&seat->thread_id, gettid(), __ATOMIC_RELAXED);
	signals_block();
	/* Without a stack of its own the handler has that of the thread. */
	(void)crash_enter(&stack);
	memset(&error, 0, sizeof(error));
	r = seat_open(seat, &error);
	if (r < 0) {
		gust_error_set(&error, r, "%s", strerror(-r));
		if (seat_note(seat, &error))
			crew_count(crew, &crew->failed);
	}
	crew_count(crew, &crew->opened);
	if (crew_await(crew))
		seat_work(seat);
	if (seat->executor != NULL)
		executor_close(seat->executor);
	crash_leave(&stack);
	__atomic_store_n(&seat->left, 1, __ATOMIC_RELEASE);
	crew_count(crew, &crew->left);
	return NULL;
}

int seat_start(struct seat *seat)
{
	char name[16];
	int r = pthread_create(&seat->thread, NULL, seat_main, seat);

	if (r != 0)
		return -r;
	snprintf(name, sizeof(name), "gust-%u", (unsigned)seat->number);
	pthread_setname_np(seat->thread, name);
	return 0;
}

bool seat_join(struct seat *seat)
{
	int r;

	if (__atomic_load_n(&seat->left, __ATOMIC_ACQUIRE) == 0)
		return false;
	r = pthread_join(seat->thread, NULL);
	assert(r == 0);
	return true;
}
