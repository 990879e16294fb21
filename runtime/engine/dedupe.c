/* SPDX-License-Identifier: MIT */

#include "engine/dedupe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/state.h>

#include "engine/commit.h"
#include "engine/emitted.h"
#include "engine/keep.h"
#include "engine/kept_identity.h"
#include "engine/outlet.h"
#include "engine/route.h"
#include "engine/seen.h"
#include "state/keyspace.h"

struct dedupe {
	struct seen *seen;
	struct gust_state *state;

	/* What the tuple in hand has emitted: struct emitted and a tuple each.
	 */
	char *emitted;
	size_t size, room;
	bool short_of_memory;

	/* Tuples that are kept, and those that the call in hand has acked. */
	struct kept_identities kept;
	struct dedupe_acked *acked;
	uint32_t acked_count, acked_room;
};

/* A kept tuple that is applied when the call succeeds. */
struct dedupe_acked {
	struct seen_identity identity;
	char *emitted;
	size_t size;
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
	dedupe_revoke(dedupe);
	free(dedupe->acked);
	kept_identities_fini(&dedupe->kept);
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

/* Emits a stored tuple, anchored to the input. */
static int dedupe_emit(struct gust_task *task, const struct emitted *emitted,
		       size_t left)
{
	const struct gust_tuple *stored = emitted_tuple(emitted);
	struct executor *x = task->x;
	struct gust_tuple *tuple;
	struct arena_mark mark;

	if (!emitted_fits(task, emitted, left))
		return -EBADMSG;
	mark = arena_mark(&x->arena);
	tuple = arena_alloc(&x->arena, stored->size);
	if (tuple == NULL)
		return -ENOMEM;
	memcpy(tuple, stored, stored->size);
	emitted_adopt(task, emitted, tuple);
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

		r = dedupe_emit(task, emitted, (size_t)(end - at));
		if (r == 0)
			at += sizeof(*emitted) + emitted_tuple(emitted)->size;
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

int dedupe_keep(struct dedupe *dedupe, struct kept *kept)
{
	struct origin origin;

	/* The bolt may keep one twice. */
	if (!origin_of(keep_tuple(kept), &origin) ||
	    dedupe_kept(dedupe, keep_tuple(kept)) != NULL)
		return 0;
	return kept_identities_add(&dedupe->kept, kept);
}

void dedupe_let_go(struct dedupe *dedupe, struct kept *kept)
{
	kept_identities_remove(&dedupe->kept, kept);
}

struct kept *dedupe_kept(const struct dedupe *dedupe,
			 const struct gust_tuple *in)
{
	struct origin origin;

	return origin_of(in, &origin) ? kept_identities_find(&dedupe->kept, in)
				      : NULL;
}

int dedupe_keep_emitted(struct dedupe *dedupe, const struct gust_tuple *in)
{
	struct kept *kept = dedupe_kept(dedupe, in);

	if (dedupe->short_of_memory)
		return -ENOMEM;
	if (dedupe->size == 0)
		return 0;
	kept->identity->emitted = malloc(dedupe->size);
	if (kept->identity->emitted == NULL)
		return -ENOMEM;
	memcpy(kept->identity->emitted, dedupe->emitted, dedupe->size);
	kept->identity->emitted_size = dedupe->size;
	return 0;
}

void dedupe_acked(struct dedupe *dedupe, struct kept *kept)
{
	uint32_t room = dedupe->acked_room == 0 ? 64 : 2 * dedupe->acked_room;
	struct seen_identity identity;
	struct dedupe_acked *grown;

	if (kept->identity == NULL ||
	    !dedupe_identify(keep_tuple(kept), &identity))
		return;
	if (dedupe->acked_count == dedupe->acked_room) {
		grown = realloc(dedupe->acked, room * sizeof(*grown));
		/* It is applied once more if it comes again. */
		if (grown == NULL)
			return;
		dedupe->acked = grown;
		dedupe->acked_room = room;
	}
	dedupe->acked[dedupe->acked_count++] =
		(struct dedupe_acked){ identity, kept->identity->emitted,
				       kept->identity->emitted_size };
	kept->identity->emitted = NULL;
}

bool dedupe_has_acked(const struct dedupe *dedupe, const struct gust_tuple *in)
{
	struct seen_identity identity;

	if (!dedupe_identify(in, &identity))
		return false;
	for (uint32_t i = 0; i < dedupe->acked_count; i++) {
		const struct seen_identity *acked = &dedupe->acked[i].identity;

		if (acked->source == identity.source &&
		    acked->offset == identity.offset &&
		    acked->path == identity.path)
			return true;
	}
	return false;
}

int dedupe_accept(struct dedupe *dedupe)
{
	struct gust_text emitted;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < dedupe->acked_count; i++) {
		const struct dedupe_acked *acked = &dedupe->acked[i];

		/* The input of the call may be among them. */
		if (seen_find(dedupe->seen, &acked->identity, &emitted) ==
		    SEEN_NEW)
			r = seen_add(dedupe->seen, &acked->identity,
				     acked->emitted, acked->size);
	}
	if (r == 0)
		dedupe_revoke(dedupe);
	return r;
}

void dedupe_revoke(struct dedupe *dedupe)
{
	while (dedupe->acked_count > 0)
		free(dedupe->acked[--dedupe->acked_count].emitted);
}

bool dedupe_changed(const struct dedupe *dedupe)
{
	return dedupe->acked_count > 0 || seen_changed(dedupe->seen);
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
