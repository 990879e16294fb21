/* SPDX-License-Identifier: MIT */

#include "worker/keeper.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/dead_letters.h"
#include "journal/positions.h"
#include "worker/control.h"
#include "worker/depot.h"

#define KEEPER_LOG_PER_S 1

struct keeper {
	const struct plan *plan;
	struct positions *positions; /* NULL: nothing outlives the process */
	struct dead_letters *letters;
	pthread_mutex_t lock; /* of `limit` */
	struct log_limit limit;
};

static int keeper_open(struct keeper *keeper, bool parent,
		       struct gust_error *error)
{
	const struct plan_config *config = &keeper->plan->config;
	int r;

	if (config->state_dir != NULL || parent) {
		r = positions_open(&keeper->positions, config->state_dir,
				   keeper->plan->name, error);
		if (r == 0)
			r = depot_settle(keeper->plan, error);
		if (r < 0)
			return r;
	}
	if (config->dead_letters == NULL)
		return 0;
	return dead_letters_open(&keeper->letters, config->dead_letters, false,
				 error);
}

int keeper_create(const struct plan *plan, bool parent, struct keeper **keeper,
		  struct gust_error *error)
{
	struct keeper *made = calloc(1, sizeof(*made));
	int r;

	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	made->plan = plan;
	made->limit.per_second = KEEPER_LOG_PER_S;
	pthread_mutex_init(&made->lock, NULL);
	r = keeper_open(made, parent, error);
	if (r < 0) {
		keeper_destroy(made);
		return r;
	}
	*keeper = made;
	return 0;
}

void keeper_destroy(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	dead_letters_close(keeper->letters);
	positions_close(keeper->positions);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}

uint64_t keeper_incarnation(const struct keeper *keeper)
{
	return keeper->positions != NULL
		       ? positions_incarnation(keeper->positions)
		       : 0;
}

/* A disk may be full for long, and every letter fails then. */
static void keeper_complain(struct keeper *keeper, const char *text)
{
	pthread_mutex_lock(&keeper->lock);
	log_limited(&keeper->limit, LOG_LEVEL_ERROR, NULL, -1,
		    "cannot store a dead letter: %s", text);
	pthread_mutex_unlock(&keeper->lock);
}

static int keeper_write(struct keeper *keeper, const struct dead_letter *letter)
{
	struct gust_error error;
	int r;

	memset(&error, 0, sizeof(error));
	r = dead_letters_write(keeper->letters, letter, 1, &error);
	if (r < 0) {
		gust_error_set(&error, r, "%s", strerror(-r));
		keeper_complain(keeper, error.text);
	}
	return r;
}

static int keeper_write_tuple(struct keeper *keeper, struct dead_letter *out,
			      const struct gust_tuple *tuple)
{
	const struct plan_stream *stream;
	struct dead_letter_field *fields;
	int r;

	assert(tuple->stream < keeper->plan->stream_count);
	stream = &keeper->plan->streams[tuple->stream];
	fields = calloc((size_t)tuple->fields + 1, sizeof(*fields));
	if (fields == NULL)
		return -ENOMEM;
	dead_letter_fields(fields, tuple, stream->columns);
	out->stream = stream->name;
	out->fields = fields;
	out->field_count = tuple->fields;
	r = keeper_write(keeper, out);
	free(fields);
	return r;
}

int keeper_store(struct keeper *keeper, const struct letter *letter)
{
	const struct plan *plan = keeper->plan;
	struct dead_letter out;

	if (keeper->letters == NULL)
		return 0;
	memset(&out, 0, sizeof(out));
	out.topology = plan->name;
	out.component = plan->components[letter->component].id;
	out.task = letter->task;
	out.kind = letter->kind == LETTER_REJECTED ? "rejected" : "failed";
	out.reason = letter->reason != NULL ? letter->reason : "";
	out.attempts = letter->attempts;
	out.source = letter->source;
	out.offset = letter->offset;
	if (letter->tuple != NULL)
		return keeper_write_tuple(keeper, &out, letter->tuple);
	out.data = letter->data;
	out.size = letter->size;
	return keeper_write(keeper, &out);
}

void keeper_position(struct keeper *keeper, uint32_t component,
		     const char *source, uint64_t offset)
{
	const char *id = keeper->plan->components[component].id;

	if (keeper->positions == NULL)
		return;
	/* Without it a later run begins further back, which is allowed. */
	(void)positions_set(keeper->positions, id, source, offset);
}

uint64_t keeper_resume(struct keeper *keeper, uint32_t component,
		       const char *source)
{
	const char *id = keeper->plan->components[component].id;
	uint64_t offset = 0;

	if (keeper->positions != NULL)
		(void)positions_get(keeper->positions, id, source, &offset);
	return offset;
}

/* A position that is durable must not pass a letter that is not. */
static int keeper_sync_letters(void *self, struct gust_error *error)
{
	const struct keeper *keeper = self;

	if (keeper->letters == NULL)
		return 0;
	return dead_letters_sync(keeper->letters, error);
}

int keeper_commit(struct keeper *keeper, struct gust_error *error)
{
	if (keeper->positions == NULL)
		return 0;
	return positions_commit_after(keeper->positions, keeper_sync_letters,
				      keeper, error);
}

/* A message to the parent, and whom it is about. */
struct keeper_news {
	const struct plan *plan;
	struct control *control;
};

static int keeper_tell_one(void *self, const char *component,
			   const char *source, uint64_t offset)
{
	const struct keeper_news *news = self;
	struct control_message message = { .kind = CONTROL_POSITION,
					   .number = offset,
					   .size = strlen(source) };
	int r;

	/* Only keeper_position() has set it. */
	while (strcmp(news->plan->components[message.task].id, component) != 0)
		message.task++;
	assert(message.task < news->plan->component_count);
	r = control_send(news->control, &message, source);
	/* Without it, whoever comes next begins further back. */
	return r == -EMSGSIZE ? 0 : r;
}

int keeper_tell(struct keeper *keeper, struct control *control,
		struct gust_error *error)
{
	struct keeper_news news = { keeper->plan, control };
	int r = keeper_sync_letters(keeper, error);

	return r < 0 ? r
		     : positions_tell(keeper->positions, keeper_tell_one,
				      &news);
}
