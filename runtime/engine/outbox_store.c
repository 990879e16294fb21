/* SPDX-License-Identifier: MIT */

/*
 * The outbox between runs: what a store has of it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/state.h>

#include "base/hash.h"
#include "engine/charge.h"
#include "engine/count.h"
#include "engine/dating.h"
#include "engine/emitted.h"
#include "engine/letter.h"
#include "engine/outbox_state.h"
#include "engine/source.h"
#include "engine/tree.h"
#include "state/keyspace.h"

/* States of the runtime's own: the roots, by source and number; and the source
 * of this store. See state/reshard.c for where they go. */
#define OUTBOX_ROOTS ".roots"
#define OUTBOX_OWN ".roots-own"

/* The source of that number, which is begun if it is new. */
static int outbox_find(struct gust_task *task, uint64_t identity,
		       uint32_t *found)
{
	struct source *grown;

	for (*found = 0; *found < task->source_count; ++*found)
		if (task->sources[*found].identity == identity)
			return 0;
	grown = source_add(task, OUTBOX_ROOTS);
	if (grown == NULL)
		return -ENOMEM;
	grown->identity = identity;
	grown->hash = identity;
	/* Of one that goes on elsewhere no more comes than is here. */
	grown->next = UINT64_MAX;
	grown->stored = UINT64_MAX - 1;
	task->source_count++;
	return 0;
}

/* Keeps what was stored, as it is if the topology has no place for it any
 * more: false. */
static int outbox_keep(struct executor *x, struct gust_task *task,
		       struct tree *tree, const struct emitted *emitted,
		       size_t size, bool *fits)
{
	int r;

	*fits = emitted_fits(task, emitted, size);
	if (!*fits)
		return ledger_keep(&x->ledger, tree, emitted, size, true, 0,
				   -1);
	r = ledger_keep(&x->ledger, tree, emitted_tuple(emitted),
			emitted_tuple(emitted)->size, false, emitted->output,
			emitted->direct);
	if (r == 0)
		emitted_adopt(task, emitted, record_tuple(tree->record));
	return r;
}

/* What its process has died of counts; it is looked at when it is emitted. */
static void outbox_charge(struct executor *x, const struct gust_task *task,
			  struct tree *tree)
{
	const struct gust_emission how = { .kind = GUST_EMIT_AT,
					   .source = tree->source,
					   .offset = tree->offset };
	const char *reason = "";

	tree->failed_task = (uint16_t)task->number;
	if (x->host.charges == NULL)
		return;
	tree->attempts = (uint16_t)charge_count(x, task, &how, &reason);
	if (tree->attempts > 0)
		tree->reason = strdup(reason);
}

/* A root that an earlier run has left. */
static int outbox_queue(struct executor *x, struct gust_task *task,
			uint32_t source, uint64_t number,
			const struct emitted *emitted, size_t size)
{
	struct tree *tree = ledger_reserve(&x->ledger, task->number);
	bool fits;

	if (tree == NULL || outbox_reserve(task->outbox) != 0)
		return -ENOMEM;
	ledger_open(&x->ledger, tree);
	tree->source = source;
	tree->offset = number;
	source_link(&task->sources[source], tree);
	task->outbox->count++;
	count_add(&task->counters.roots, 1);
	count_add(&task->counters.open_trees, 1);
	count_add(&task->counters.derived_trees, 1);
	if (outbox_keep(x, task, tree, emitted, size, &fits) != 0)
		return -ENOMEM;
	outbox_charge(x, task, tree);
	if (task->timed)
		dating_open(x, task, tree, false);
	if (fits)
		tree_queue(x, tree);
	else
		letter_store(x, tree, LETTER_FAILED, task->number,
			     "it does not fit the topology any more");
	return 0;
}

/* An entry of OUTBOX_ROOTS: its key is two ints. */
static int outbox_restore(void *context, const struct gust_key *key,
			  struct gust_text value)
{
	struct gust_task *task = context;
	struct outbox *outbox = task->outbox;
	char *emitted = outbox_buffer(outbox, value.length);
	uint32_t source;
	int r;

	if (key->count != 2 || key->values[0].type != GUST_INT ||
	    key->values[1].type != GUST_INT ||
	    value.length < sizeof(struct emitted))
		return -EBADMSG;
	if (emitted == NULL)
		return -ENOMEM;
	/* Where it is aligned. */
	memcpy(emitted, value.data, value.length);
	r = outbox_find(task, (uint64_t)key->values[0].as.integer, &source);
	return r != 0 ? r
		      : outbox_queue(task->x, task, source,
				     (uint64_t)key->values[1].as.integer,
				     (const void *)emitted, value.length);
}

/* The source of the store, which gets one the first time. */
static int outbox_find_own(struct gust_task *task)
{
	struct outbox *outbox = task->outbox;
	const struct gust_key key = { .count = 0 };
	struct gust_text value;
	struct source *source;
	int r = gust_state_get(outbox->state, &key, &value);

	if (r == 1 && value.length != sizeof(outbox->own))
		return -EBADMSG;
	if (r == 1)
		memcpy(&outbox->own, value.data, sizeof(outbox->own));
	else
		outbox->own.source = hash_number_from(
			executor_draw(task->x),
			hash_text_from(task->component->id, task->index));
	if (r >= 0)
		r = outbox_find(task, outbox->own.source, &outbox->source);
	if (r < 0)
		return r;
	source = &task->sources[outbox->source];
	source->next = outbox->own.next;
	outbox->frozen = source->next;
	outbox->stored = source->next;
	outbox->begun = source->next;
	outbox->restored = source->next;
	return 0;
}

int outbox_read(struct gust_task *task, struct gust_error *error)
{
	struct outbox *outbox = task->outbox;
	int r;

	r = keyspace_state(task->keyspace, OUTBOX_ROOTS, 0, &outbox->roots,
			   error);
	if (r == 0)
		r = keyspace_state(task->keyspace, OUTBOX_OWN, 0,
				   &outbox->state, error);
	if (r == 0)
		r = outbox_find_own(task);
	/* One that has ended stays so. */
	if (r == 0 && task->counters.state != TASK_DONE)
		r = gust_state_each(outbox->roots, outbox_restore, task);
	return r == 0 ? 0
		      : gust_error_set(error, r,
				       "what was to be emitted cannot be read "
				       "from the store: %s",
				       strerror(-r));
}

static void outbox_key(struct gust_value values[2], uint64_t source,
		       uint64_t number)
{
	values[0] = gust_int((int64_t)source);
	values[1] = gust_int((int64_t)number);
}

static int outbox_put(struct gust_task *task, const struct tree *tree)
{
	struct outbox *outbox = task->outbox;
	const struct record *record = tree->record;
	const struct emitted head = { record->output, record->direct };
	struct gust_value values[2];
	const struct gust_key key = { .values = values, .count = 2 };
	char *buffer = outbox_buffer(outbox, sizeof(head) + record->size);

#ifdef GUST_MUTATE_OUTBOX /* for tests/sim, which must notice */
	return 0;
#endif
	if (buffer == NULL)
		return -ENOMEM;
	memcpy(buffer, &head, sizeof(head));
	memcpy(buffer + sizeof(head), record + 1, record->size);
	outbox_key(values, task->sources[tree->source].identity, tree->offset);
	return gust_state_put(outbox->roots, &key, buffer,
			      sizeof(head) + record->size);
}

static int outbox_remove_ended(struct outbox *outbox)
{
	struct gust_value values[2];
	const struct gust_key key = { .values = values, .count = 2 };
	int r;

	while (outbox->ended_count > 0) {
		const struct outbox_place *place =
			&outbox->ended[outbox->ended_count - 1];

		outbox_key(values, place->source, place->number);
		r = gust_state_remove(outbox->roots, &key);
		if (r < 0)
			return r;
		outbox->ended_count--;
	}
	return 0;
}

/* No number is given twice. */
static int outbox_put_own(struct outbox *outbox, uint64_t next)
{
	const struct gust_key key = { .count = 0 };
	struct outbox_own own = { outbox->own.source, next };
	int r;

	if (next == outbox->own.next)
		return 0;
	r = gust_state_put(outbox->state, &key, &own, sizeof(own));
	if (r == 0)
		outbox->own = own;
	return r;
}

int outbox_freeze(struct gust_task *task)
{
	struct outbox *outbox = task->outbox;
	const struct source *source;
	struct tree *tree;
	int r;

	if (!outbox_changed(task))
		return 0;
	source = outbox_source(task);
	r = outbox_remove_ended(outbox);
	if (r == 0)
		r = outbox_put_own(outbox, source->next);
	for (tree = outbox_from(source, outbox->frozen); r == 0 && tree != NULL;
	     tree = tree->after) {
		r = outbox_reserve(outbox);
		if (r == 0 && tree->record != NULL)
			r = outbox_put(task, tree);
		if (r < 0)
			break;
		outbox->count++;
		outbox->frozen = tree->offset + 1;
	}
	if (r == 0)
		outbox->frozen = source->next;
	return r;
}

void outbox_stored(struct executor *x, struct gust_task *task)
{
	struct outbox *outbox = task->outbox;
	struct tree *tree;

	if (outbox == NULL)
		return;
	tree = outbox_from(outbox_source(task), outbox->stored);
	for (; tree != NULL && tree->offset < outbox->frozen;
	     tree = tree->after)
		if (tree->state == TREE_UNSTORED)
			tree_queue(x, tree);
	outbox->stored = outbox->frozen;
}
