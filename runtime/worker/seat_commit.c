/* SPDX-License-Identifier: MIT */

/*
 * What the committer's thread answers, on its way to the executor.
 */

#include "worker/seat.h"

#include "worker/committer.h"

void seat_committed(struct seat *seat, struct commit_answer *answer)
{
	pthread_mutex_lock(&seat->lock);
	answer->next = seat->commits;
	seat->commits = answer;
	pthread_mutex_unlock(&seat->lock);
	poller_ring(&seat->poller);
}

/* Tells the executor what was stored. Each answer is that of another task, so
 * their order is no matter. */
void seat_give_commits(struct seat *seat)
{
	struct commit_answer *answer;

	pthread_mutex_lock(&seat->lock);
	answer = seat->commits;
	seat->commits = NULL;
	pthread_mutex_unlock(&seat->lock);
	while (answer != NULL) {
		/* It may ask for the next one, which uses it again. */
		struct commit_answer given = *answer;

		executor_committed(seat->executor, given.task, given.result,
				   given.error.text);
		answer = given.next;
	}
}
