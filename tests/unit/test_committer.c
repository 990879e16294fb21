/* SPDX-License-Identifier: MIT */

/*
 * Commits on their way to stores in LMDB and back: seats that ask from threads
 * of their own, without executors.
 */

#include "worker/committer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "state/store.h"
#include "worker/crew.h"
#include "worker/depot.h"
#include "worker/seat.h"

#include "test.h"

#include "fixture_plan.h"

#define SEATS 2u
#define TASKS_EACH 2u
#define ROUNDS 40u

static struct fixture_plan fixture;
static struct crew crew;
static char folder[64];

/* A seat, which has tasks of its own: split[0] and split[1], or those of
 * count. */
struct place {
	struct seat seat;
	pthread_t thread;
	uint32_t tasks[TASKS_EACH];
	struct store *stores[TASKS_EACH];
	struct writes writes[TASKS_EACH];
};
static struct place places[SEATS];

static void begin(const char *provider)
{
	strcpy(folder, access("/dev/shm", W_OK) == 0
			       ? "/dev/shm/test_committer_XXXXXX"
			       : "/tmp/test_committer_XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	fixture_plan_init(&fixture);
	fixture.plan.config.state_provider = provider;
	fixture.plan.config.state_dir = folder;
	memset(&crew, 0, sizeof(crew));
	crew.plan = &fixture.plan;
	crew.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	CHECK_INT(committer_create(&crew, &crew.committer), 0);
}

static void begin_seat(struct place *place, uint32_t first)
{
	memset(place, 0, sizeof(*place));
	place->seat.crew = &crew;
	CHECK_INT(pthread_mutex_init(&place->seat.lock, NULL), 0);
	poller_init(&place->seat.poller);
	CHECK_INT(poller_open(&place->seat.poller, -1), 0);
	for (uint32_t i = 0; i < TASKS_EACH; i++) {
		place->tasks[i] = first + i;
		CHECK_INT(committer_open(crew.committer, first + i,
					 &place->stores[i], NULL),
			  0);
	}
}

static void end_seat(struct place *place)
{
	for (uint32_t i = 0; i < TASKS_EACH; i++)
		writes_fini(&place->writes[i]);
	poller_fini(&place->seat.poller);
	pthread_mutex_destroy(&place->seat.lock);
}

static void join(void)
{
	const uint64_t deadline = clock_now_ns() + 20 * CLOCK_NS_PER_S;

	committer_stop(crew.committer);
	while (!committer_join(crew.committer))
		CHECK(clock_now_ns() < deadline);
}

static void end(void)
{
	char command[128];

	committer_destroy(crew.committer);
	close(crew.bell);
	plan_fini_derived(&fixture.plan);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	CHECK_INT(system(command), 0);
}

static void nothing_is_watched(void *self, uint32_t task, int fd, short events)
{
	(void)self;
	(void)task;
	(void)fd;
	(void)events;
	FAIL("%s", "a descriptor is ready that nobody watches");
}

/* Takes the answers that are there, as seat_give_commits() does. */
static struct commit_answer *take(struct place *place)
{
	struct commit_answer *answer;

	pthread_mutex_lock(&place->seat.lock);
	answer = place->seat.commits;
	place->seat.commits = NULL;
	pthread_mutex_unlock(&place->seat.lock);
	return answer;
}

static struct commit_answer *await(struct place *place)
{
	const uint64_t deadline = clock_now_ns() + 20 * CLOCK_NS_PER_S;
	struct commit_answer *answer;

	while ((answer = take(place)) == NULL) {
		CHECK(clock_now_ns() < deadline);
		if (!poller_heard(&place->seat.poller))
			poller_wait(&place->seat.poller, deadline,
				    nothing_is_watched, NULL);
	}
	return answer;
}

/* Asks for a commit of `KEY = VALUE`. */
static void ask(struct place *place, uint32_t i, const char *key,
		const char *value)
{
	const size_t n = strlen(key), m = strlen(value);
	struct writes *writes = &place->writes[i];
	char *at;

	writes_reset(writes);
	at = writes_add(writes, n, m);
	CHECK(at != NULL);
	memcpy(at, key, n);
	memcpy(at + n, value, m);
	committer_commit(crew.committer, &place->seat, place->tasks[i], writes);
}

/* What a task's store has under a key. */
static const char *stored(struct store *store, const char *key)
{
	static _Thread_local char text[32];
	struct gust_text record;

	if (store_read(store, (struct gust_text){ key, strlen(key) }, &record,
		       NULL) != 1)
		return NULL;
	CHECK(record.length < sizeof(text));
	memcpy(text, record.data, record.length);
	text[record.length] = '\0';
	return text;
}

/* Has each task commit, reads it back when it is answered, and again. */
static void *work(void *data)
{
	struct place *place = data;
	uint32_t rounds[TASKS_EACH] = { 0 }, open = TASKS_EACH;
	struct commit_answer *answer;
	char value[32];

	for (uint32_t i = 0; i < TASKS_EACH; i++)
		ask(place, i, "round", "0");
	while (open > 0) {
		answer = await(place);
		while (answer != NULL) {
			const struct commit_answer given = *answer;
			const uint32_t i = given.task - place->tasks[0];

			CHECK(i < TASKS_EACH);
			CHECK_INT(given.result, 0);
			snprintf(value, sizeof(value), "%u", rounds[i]);
			CHECK_STR(stored(place->stores[i], "round"), value);
			snprintf(value, sizeof(value), "%u", ++rounds[i]);
			if (rounds[i] < ROUNDS)
				ask(place, i, "round", value);
			else
				open--;
			answer = given.next;
		}
	}
	return NULL;
}

TEST(commits_of_many_tasks_are_stored_and_answered)
{
	char last[16];

	begin("lmdb");
	if (!store_built_in(STORE_LMDB)) {
		end();
		return;
	}
	for (uint32_t i = 0; i < SEATS; i++)
		begin_seat(&places[i], 1 + i * TASKS_EACH);
	CHECK_INT(committer_start(crew.committer), 0);
	for (uint32_t i = 0; i < SEATS; i++)
		CHECK_INT(pthread_create(&places[i].thread, NULL, work,
					 &places[i]),
			  0);
	for (uint32_t i = 0; i < SEATS; i++)
		CHECK_INT(pthread_join(places[i].thread, NULL), 0);
	join();
	snprintf(last, sizeof(last), "%u", ROUNDS - 1);
	for (uint32_t i = 0; i < SEATS * TASKS_EACH; i++)
		CHECK_STR(stored(places[i / 2].stores[i % 2], "round"), last);
	for (uint32_t i = 0; i < SEATS; i++)
		end_seat(&places[i]);
	end();
}

/* A file may not grow beyond so many bytes; 0: it may. */
static void limit(rlim_t bytes)
{
	struct rlimit at;

	CHECK_INT(getrlimit(RLIMIT_FSIZE, &at), 0);
	at.rlim_cur = bytes == 0 ? at.rlim_max : bytes;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &at), 0);
}

TEST(one_that_fails_says_why_and_may_be_asked_for_again)
{
	struct commit_answer *answer;
	static char large[100000];

	begin("lmdb");
	if (!store_built_in(STORE_LMDB)) {
		end();
		return;
	}
	begin_seat(&places[0], 1);
	signal(SIGXFSZ, SIG_IGN);
	CHECK_INT(committer_start(crew.committer), 0);
	memset(large, 'x', sizeof(large) - 1);
	limit(50000);
	ask(&places[0], 0, "large", large);
	answer = await(&places[0]);
	CHECK_UINT(answer->task, 1);
	CHECK(answer->result < 0);
	CHECK_CONTAINS(answer->error.text, "the state in '");
	/* The others do not wait for it. */
	ask(&places[0], 1, "small", "1");
	answer = await(&places[0]);
	CHECK_UINT(answer->task, 2);
	CHECK_INT(answer->result, 0);
	limit(0);
	committer_commit(crew.committer, &places[0].seat, 1,
			 &places[0].writes[0]);
	CHECK_INT(await(&places[0])->result, 0);
	join();
	end_seat(&places[0]);
	end();
}

TEST(who_was_given_up_is_told_and_not_answered)
{
	const uint64_t deadline = clock_now_ns() + 20 * CLOCK_NS_PER_S;
	struct store *later = NULL;
	pid_t child;
	int status;

	begin("lmdb");
	if (!store_built_in(STORE_LMDB)) {
		end();
		return;
	}
	begin_seat(&places[0], 1);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		_exit(depot_open(&fixture.plan, 1, &later, NULL) == 0 ? 0 : 1);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
	CHECK_INT(committer_start(crew.committer), 0);
	ask(&places[0], 0, "key", "value");
	while (crew_load(&crew.fenced) == 0)
		CHECK(clock_now_ns() < deadline);
	CHECK(take(&places[0]) == NULL);
	CHECK(stored(places[0].stores[0], "key") == NULL);
	join();
	end_seat(&places[0]);
	end();
}

TEST(state_in_memory_needs_none)
{
	begin(NULL);
	CHECK(crew.committer == NULL);
	CHECK_INT(committer_start(NULL), 0);
	CHECK(committer_left(NULL));
	join();
	end();
}

TEST(one_that_was_never_started_can_be_joined)
{
	begin("lmdb");
	CHECK(crew.committer != NULL);
	CHECK(committer_left(crew.committer));
	join();
	end();
}
