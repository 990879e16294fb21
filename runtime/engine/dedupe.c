/* SPDX-License-Identifier: MIT */

#include "engine/dedupe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/state.h>

#include "engine/commit.h"
#include "engine/outlet.h"
#include "engine/route.h"
#include "engine/seen.h"
#include "state/keyspace.h"
#include "tuple/origin.h"

#define DEDUPE_STATE ".seen"

struct dedupe {
	struct seen *seen;
	struct gust_state *state;

	/* What the tuple in hand has emitted: struct emitted and a tuple each.
	 */
	char *emitted;
	size_t size, room;
	bool short_of_memory;
};

struct emitted {
	uint32_t output; /* of the task */
	int32_t direct;
};

/* Its keys are two ints: what a record is about, and its number. */
static int dedupe_restore(void *context, const struct gust_key *key,
			  struct gust_text value)
{
	struct seen *seen = context;

	if (key->count != 2 || key->values[0].type != GUST_INT ||
	    key->values[1].type != GUST_INT)
		return -EBADMSG;
	return seen_restore(seen, (enum seen_kind)key->values[0].as.integer,
			    (uint64_t)key->values[1].as.integer, value);
}

int dedupe_open(struct gust_task *task, struct dedupe **dedupe,
		struct gust_error *error)
{
	struct dedupe *made = calloc(1, sizeof(*made));
	int r = -ENOMEM;

	if (made == NULL)
		goto fail;
	made->seen = seen_create();
	if (made->seen == NULL)
		goto fail;
	r = keyspace_state(task->keyspace, DEDUPE_STATE, 0, &made->state,
			   error);
	if (r == 0)
		r = gust_state_each(made->state, dedupe_restore, made->seen);
	if (r != 0)
		goto fail;
	*dedupe = made;
	return 0;
fail:
	dedupe_close(made);
	return gust_error_set(error, r,
			      "what was applied cannot be read from the store: "
			      "%s",
			      strerror(-r));
}

void dedupe_close(struct dedupe *dedupe)
{
	if (dedupe == NULL)
		return;
	seen_destroy(dedupe->seen);
	free(dedupe->emitted);
	free(dedupe);
}

static bool dedupe_identify(const struct gust_tuple *in,
			    struct seen_identity *identity)
{
	struct origin origin;

	if (!origin_of(in, &origin))
		return false;
	identity->source = origin.source;
	identity->offset = origin.offset;
	identity->path = in->path;
	return true;
}

/* Whether a tuple may be emitted to a stream: the topology may have changed
 * since it was stored. */
static bool dedupe_fits(const struct gust_task *task,
			const struct emitted *emitted,
			const struct gust_tuple *tuple)
{
	const struct output *output = &task->outputs[emitted->output];
	const struct gust_cell *cells = gust_cells(tuple);

	if (tuple->fields != output->header.fields)
		return false;
	for (uint16_t i = 0; i < tuple->fields; i++)
		if (cells[i].type != GUST_NULL &&
		    cells[i].type != (uint32_t)output->columns[i].type)
			return false;
	for (uint32_t i = 0; i < output->route_count; i++)
		if (output->routes[i].grouping == PLAN_DIRECT &&
		    (emitted->direct < 0 ||
		     (uint32_t)emitted->direct >= output->routes[i].count))
			return false;
	return true;
}

/* Emits a stored tuple, anchored to the input. */
static int dedupe_emit(struct gust_task *task, const struct emitted *emitted,
		       const struct gust_tuple *stored, size_t left)
{
	struct executor *x = task->x;
	struct gust_tuple *tuple;
	struct arena_mark mark;

	if (left < sizeof(*stored) || stored->size > left ||
	    record_check(stored, stored->size) != 0 ||
	    emitted->output >= task->output_count ||
	    !dedupe_fits(task, emitted, stored))
		return -EBADMSG;
	mark = arena_mark(&x->arena);
	tuple = arena_alloc(&x->arena, stored->size);
	if (tuple == NULL)
		return -ENOMEM;
	memcpy(tuple, stored, stored->size);
	tuple->stream = task->outputs[emitted->output].header.stream;
	tuple->task = task->number;
	route_deliver(x, task, &task->outputs[emitted->output], tuple,
		      task->frame->lineage, emitted->direct);
	arena_release(&x->arena, mark);
	return 0;
}

static int dedupe_emit_again(struct gust_task *task,
			     const struct gust_tuple *in, struct gust_text all)
{
	const char *at = all.data, *end = all.data + all.length;
	int r = 0;

	while (r == 0 && (size_t)(end - at) > sizeof(struct emitted)) {
		const struct emitted *emitted = (const void *)at;
		const struct gust_tuple *tuple = (const void *)(emitted + 1);

		r = dedupe_emit(task, emitted, tuple,
				(size_t)(end - (const char *)tuple));
		at = (const char *)tuple + (r == 0 ? tuple->size : 0);
	}
	if (r == -EBADMSG)
		return gust_dead_letter(task, in,
					"what it emitted earlier does not fit "
					"the topology any more");
	return r;
}

int dedupe_begin(struct dedupe *dedupe, struct gust_task *task,
		 const struct gust_tuple *in)
{
	struct gust_text emitted = { NULL, 0 };
	struct seen_identity identity;
	int r;

	dedupe->size = 0;
	dedupe->short_of_memory = false;
	if (!dedupe_identify(in, &identity))
		return 0;
#ifdef GUST_MUTATE_DEDUPE /* for tests/sim, which must notice */
	return 0;
#endif
	switch (seen_find(dedupe->seen, &identity, &emitted)) {
	case SEEN_NEW:
		return 0;
	case SEEN_DONE:
		return 1;
	case SEEN_APPLIED:
		break;
	}
	r = dedupe_emit_again(task, in, emitted);
	return r == 0 ? 1 : r;
}

void dedupe_emitted(struct dedupe *dedupe, const struct gust_task *task,
		    const struct output *output, const struct gust_tuple *tuple,
		    int32_t direct)
{
	const struct emitted head = { (uint32_t)(output - task->outputs),
				      direct };
	size_t size = sizeof(head) + tuple->size;
	size_t room = dedupe->room == 0 ? 1024 : dedupe->room;
	char *grown;

	if (output->route_count == 0)
		return;
	while (room < dedupe->size + size)
		room *= 2;
	if (room > dedupe->room) {
		grown = realloc(dedupe->emitted, room);
		if (grown == NULL) {
			dedupe->short_of_memory = true;
			return;
		}
		dedupe->emitted = grown;
		dedupe->room = room;
	}
	memcpy(dedupe->emitted + dedupe->size, &head, sizeof(head));
	memcpy(dedupe->emitted + dedupe->size + sizeof(head), tuple,
	       tuple->size);
	dedupe->size += size;
}

int dedupe_end(struct dedupe *dedupe, const struct gust_tuple *in)
{
	struct seen_identity identity;

	if (!dedupe_identify(in, &identity))
		return 0;
	if (dedupe->short_of_memory)
		return -ENOMEM;
	return seen_add(dedupe->seen, &identity, dedupe->emitted, dedupe->size);
}

bool dedupe_changed(const struct dedupe *dedupe)
{
	return seen_changed(dedupe->seen);
}

static int dedupe_put(void *context, enum seen_kind kind, uint64_t number,
		      const struct gust_text *record)
{
	struct dedupe *dedupe = context;
	const struct gust_value values[] = { gust_int(kind),
					     gust_int((int64_t)number) };
	const struct gust_key key = { .values = values, .count = 2 };

	if (record == NULL)
		return gust_state_remove(dedupe->state, &key);
	return gust_state_put(dedupe->state, &key, record->data,
			      record->length);
}

int dedupe_freeze(struct dedupe *dedupe)
{
	return seen_save(dedupe->seen, dedupe_put, dedupe);
}

void dedupe_floor(struct executor *x, uint64_t source, uint64_t offset)
{
	for (uint32_t i = 0; i < x->task_count; i++) {
		struct dedupe *dedupe = commit_dedupe(&x->tasks[i]);

		/* Without it, some are remembered longer. */
		if (dedupe != NULL)
			(void)seen_floor(dedupe->seen, source, offset);
	}
}

void dedupe_spread(struct executor *x, uint64_t source, uint64_t offset)
{
	dedupe_floor(x, source, offset);
	for (uint32_t i = 0; i < x->plan->executor_count; i++)
		if (i != x->number)
			outlet_floor(x, i, source, offset);
}
