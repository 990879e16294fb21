/* SPDX-License-Identifier: MIT */

#include "worker/errands.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void errands_init(struct errands *errands)
{
	pthread_mutex_init(&errands->lock, NULL);
	errands->first = NULL;
	errands->last = &errands->first;
}

void errands_fini(struct errands *errands)
{
	struct errand *errand = errands_take(errands);

	while (errand != NULL) {
		struct errand *next = errand->next;

		free(errand);
		errand = next;
	}
	pthread_mutex_destroy(&errands->lock);
}

static void errands_add(struct errands *errands, const struct errand *errand)
{
	struct errand *copy = malloc(sizeof(*copy));

	assert(copy != NULL);
	*copy = *errand;
	copy->next = NULL;
	pthread_mutex_lock(&errands->lock);
	*errands->last = copy;
	errands->last = &copy->next;
	pthread_mutex_unlock(&errands->lock);
}

void errands_charge(struct errands *errands, uint64_t root, uint32_t task,
		    const char *reason)
{
	struct errand errand = { .root = root, .task = task };

	snprintf(errand.reason, sizeof(errand.reason), "%s", reason);
	errands_add(errands, &errand);
}

void errands_lost(struct errands *errands, uint32_t worker,
		  uint64_t incarnation, const char *reason)
{
	struct errand errand = { .lost = true,
				 .worker = worker,
				 .incarnation = incarnation };

	snprintf(errand.reason, sizeof(errand.reason), "%s", reason);
	errands_add(errands, &errand);
}

struct errand *errands_take(struct errands *errands)
{
	struct errand *first;

	pthread_mutex_lock(&errands->lock);
	first = errands->first;
	errands->first = NULL;
	errands->last = &errands->first;
	pthread_mutex_unlock(&errands->lock);
	return first;
}
