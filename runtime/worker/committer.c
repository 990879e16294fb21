/* SPDX-License-Identifier: MIT */

#include "worker/committer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "state/store.h"
#include "worker/crew.h"
#include "worker/depot.h"
#include "worker/seat.h"
#include "worker/signals.h"

/* The store of a task, and the commit that it has asked for. */
struct committer_job {
	struct committer_job *next;
	struct seat *seat;
	struct store *store;
	struct writes *writes;
	struct commit_answer answer;
};

struct committer {
	struct crew *crew;
	struct committer_job *jobs; /* by task */
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct committer_job *first, **last;
	bool stopping;
	uint32_t left; /* atomic: the thread has come to its end */
};

int committer_create(struct crew *crew, struct committer **committer)
{
	const struct plan *plan = crew->plan;
	struct committer *made;

	if (plan->config.state_provider == NULL)
		return 0;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->crew = crew;
	made->last = &made->first;
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->changed, NULL);
	*committer = made;
	made->jobs = calloc(plan->task_count, sizeof(*made->jobs));
	return made->jobs == NULL ? -ENOMEM : 0;
}

void committer_destroy(struct committer *committer)
{
	if (committer == NULL)
		return;
	for (uint32_t i = 0;
	     committer->jobs != NULL && i < committer->crew->plan->task_count;
	     i++)
		store_close(committer->jobs[i].store);
	pthread_cond_destroy(&committer->changed);
	pthread_mutex_destroy(&committer->lock);
	free(committer->jobs);
	free(committer);
}

int committer_open(struct committer *committer, uint32_t task,
		   struct store **store, struct gust_error *error)
{
	struct committer_job *job = &committer->jobs[task];
	int r = 0;

	if (job->store == NULL)
		r = depot_open(committer->crew->plan, task, &job->store, error);
	if (r == 0)
		*store = job->store;
	return r;
}

void committer_commit(struct committer *committer, struct seat *seat,
		      uint32_t task, struct writes *writes)
{
	struct committer_job *job = &committer->jobs[task];

	job->next = NULL;
	job->seat = seat;
	job->writes = writes;
	pthread_mutex_lock(&committer->lock);
	*committer->last = job;
	committer->last = &job->next;
	pthread_cond_signal(&committer->changed);
	pthread_mutex_unlock(&committer->lock);
}

/* The next one; NULL: it is to end. */
static struct committer_job *committer_take(struct committer *committer)
{
	struct committer_job *job = NULL;

	pthread_mutex_lock(&committer->lock);
	while (committer->first == NULL && !committer->stopping)
		pthread_cond_wait(&committer->changed, &committer->lock);
	if (!committer->stopping) {
		job = committer->first;
		committer->first = job->next;
		if (committer->first == NULL)
			committer->last = &committer->first;
	}
	pthread_mutex_unlock(&committer->lock);
	return job;
}

static void committer_carry_out(struct committer *committer,
				struct committer_job *job)
{
	struct commit_answer *answer = &job->answer;

	memset(answer, 0, sizeof(*answer));
	answer->task = (uint32_t)(job - committer->jobs);
	answer->result = store_commit(job->store, job->writes, &answer->error);
	if (answer->result < 0)
		gust_error_set(&answer->error, answer->result, "%s",
			       strerror(-answer->result));
	if (answer->result == -ESTALE)
		crew_count(committer->crew, &committer->crew->fenced);
	else
		seat_committed(job->seat, answer);
}

static void *committer_main(void *data)
{
	struct committer *committer = data;
	struct committer_job *job;

	signals_block();
	while ((job = committer_take(committer)) != NULL)
		committer_carry_out(committer, job);
	__atomic_store_n(&committer->left, 1, __ATOMIC_RELEASE);
	crew_ring(committer->crew);
	return NULL;
}

int committer_start(struct committer *committer)
{
	int r;

	if (committer == NULL)
		return 0;
	r = pthread_create(&committer->thread, NULL, committer_main, committer);
	if (r != 0)
		return -r;
	committer->started = true;
	pthread_setname_np(committer->thread, "gust-commit");
	return 0;
}

void committer_stop(struct committer *committer)
{
	if (committer == NULL)
		return;
	pthread_mutex_lock(&committer->lock);
	committer->stopping = true;
	pthread_cond_signal(&committer->changed);
	pthread_mutex_unlock(&committer->lock);
}

bool committer_left(const struct committer *committer)
{
	return committer == NULL || !committer->started ||
	       __atomic_load_n(&committer->left, __ATOMIC_ACQUIRE) != 0;
}

bool committer_join(struct committer *committer)
{
	int r;

	if (!committer_left(committer))
		return false;
	if (committer == NULL || !committer->started)
		return true;
	r = pthread_join(committer->thread, NULL);
	assert(r == 0);
	committer->started = false;
	return true;
}
