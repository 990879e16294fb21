/* SPDX-License-Identifier: MIT */

#include "engine/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/state.h>

#include "base/hash.h"
#include "engine/charge.h"
#include "engine/commit.h"
#include "engine/count.h"
#include "engine/dating.h"
#include "engine/emitted.h"
#include "engine/letter.h"
#include "engine/tree.h"
#include "state/keyspace.h"

/* States of the runtime's own: the roots, by source and number; and the source
 * of this store. See state/reshard.c for where they go. */
#define OUTBOX_ROOTS ".roots"
#define OUTBOX_OWN ".roots-own"

/* What OUTBOX_OWN holds. */
struct outbox_own {
	uint64_t source;
	uint64_t next;
};

/* Where a root is stored. */
struct outbox_place {
	uint64_t source;
	uint64_t number;
};

struct outbox {
	struct gust_state *roots, *state;
	struct outbox_own own; /* as it is stored */
	uint32_t source;       /* its own one, in the task */
	uint64_t frozen;       /* from this number on nothing was frozen, */
	uint64_t stored;       /* and from this one on nothing stored */
	uint64_t begun;        /* that of the call in hand */
	uint64_t restored;     /* what is below is of earlier runs */
	uint32_t count;        /* in the store, or frozen, and not ended */
	struct outbox_place *ended; /* to be removed; there is room for all */
	uint32_t ended_count, ended_room;
	char *buffer;
	size_t room;
};

/* The source of that number, which is begun if it is new. */
static int outbox_find(struct gust_task *task, uint64_t identity,
		       uint32_t *found)
{
	struct source *grown;

	for (*found = 0; *found < task->source_count; ++*found)
		if (task->sources[*found].identity == identity)
			return 0;
	grown = realloc(task->sources,
			(task->source_count + 1) * sizeof(*task->sources));
	if (grown == NULL)
		return -ENOMEM;
	task->sources = grown;
	grown += task->source_count;
	memset(grown, 0, sizeof(*grown));
	grown->name = strdup(OUTBOX_ROOTS);
	if (grown->name == NULL)
		return -ENOMEM;
	grown->identity = identity;
	grown->hash = identity;
	/* Of one that goes on elsewhere no more comes than is here. */
	grown->next = UINT64_MAX;
	grown->stored = UINT64_MAX - 1;
	task->source_count++;
	return 0;
}

static char *outbox_buffer(struct outbox *outbox, size_t size)
{
	char *grown;

	if (size <= outbox->room)
		return outbox->buffer;
	grown = realloc(outbox->buffer, 2 * size);
	if (grown == NULL)
		return NULL;
	outbox->buffer = grown;
	outbox->room = 2 * size;
	return grown;
}

/* Room to remove one more than there are. */
static int outbox_reserve(struct outbox *outbox)
{
	uint32_t needed = outbox->ended_count + outbox->count + 1;
	struct outbox_place *grown;

	if (needed <= outbox->ended_room)
		return 0;
	grown = realloc(outbox->ended, 2 * needed * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	outbox->ended = grown;
	outbox->ended_room = 2 * needed;
	return 0;
}

static void outbox_link(struct source *source, struct tree *tree)
{
	tree->before = source->youngest;
	tree->after = NULL;
	if (source->youngest != NULL)
		source->youngest->after = tree;
	else
		source->oldest = tree;
	source->youngest = tree;
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

/* A root that an earlier run has left. */
static int outbox_queue(struct executor *x, struct gust_task *task,
			uint32_t source, uint64_t number,
			const struct emitted *emitted, size_t size)
{
	const struct gust_emission how = { .kind = GUST_EMIT_AT,
					   .source = source,
					   .offset = number };
	struct tree *tree = ledger_reserve(&x->ledger, task->number);
	const char *reason = "";
	bool fits;

	if (tree == NULL || outbox_reserve(task->outbox) != 0)
		return -ENOMEM;
	ledger_open(&x->ledger, tree);
	tree->source = source;
	tree->offset = number;
	outbox_link(&task->sources[source], tree);
	task->outbox->count++;
	count_add(&task->counters.roots, 1);
	count_add(&task->counters.open_trees, 1);
	count_add(&task->counters.derived_trees, 1);
	if (outbox_keep(x, task, tree, emitted, size, &fits) != 0)
		return -ENOMEM;
	if (x->host.charges != NULL)
		tree->attempts = (uint16_t)charge_count(x, task, &how, &reason);
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

int outbox_open(struct gust_task *task, struct gust_error *error)
{
	struct outbox *outbox;
	int r;

	if (!task->x->plan->config.acking)
		return 0;
	outbox = calloc(1, sizeof(*outbox));
	if (outbox == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	task->outbox = outbox;
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

void outbox_close(struct gust_task *task)
{
	if (task->outbox == NULL)
		return;
	free(task->outbox->ended);
	free(task->outbox->buffer);
	free(task->outbox);
	task->outbox = NULL;
}

const struct source *outbox_source(const struct gust_task *task)
{
	return &task->sources[task->outbox->source];
}

bool outbox_first(const struct gust_task *task, const struct tree *tree)
{
	return tree->attempts == 0 && tree->renewals == 0 &&
	       tree->source == task->outbox->source &&
	       tree->offset >= task->outbox->restored;
}

void outbox_enter(struct gust_task *task, struct tree *tree,
		  const struct tree_start *start)
{
	struct source *source = &task->sources[task->outbox->source];

	/* They are acked when it is stored. */
	free(start->inputs);
	tree->source = task->outbox->source;
	tree->offset = source->next++;
	outbox_link(source, tree);
	count_add(&task->counters.derived_trees, 1);
}

int outbox_emit(struct executor *x, struct gust_task *task,
		const struct output *output, const struct gust_tuple *tuple,
		const struct tree_start *start)
{
	struct tree *tree = ledger_reserve(&x->ledger, task->number);

	if (tree == NULL) {
		free(start->inputs);
		return -ENOMEM;
	}
	tree_open(x, task, tree, start);
	tree->state = TREE_UNSTORED;
	count_add(&task->counters.roots, 1);
	tree_keep(x, tree, output, tuple, start->how->direct);
	if (tree->record == NULL) {
		tree_lose(x, tree);
		return -ENOMEM;
	}
	if (task->timed)
		dating_open(x, task, tree, false);
	/* All that one window came to may wait here. */
	ledger_spill(&x->ledger, tree);
	return 0;
}

void outbox_leave(struct executor *x, struct gust_task *task,
		  const struct tree *tree)
{
	struct outbox *outbox = task->outbox;

	count_add(&task->counters.derived_trees, UINT64_MAX);
	if (tree->source == outbox->source && tree->offset >= outbox->frozen)
		return;
	assert(outbox->count > 0 && outbox->ended_count < outbox->ended_room);
	outbox->count--;
	outbox->ended[outbox->ended_count++] =
		(struct outbox_place){ task->sources[tree->source].identity,
				       tree->offset };
	commit_wanted(x, task);
}

void outbox_begin(struct gust_task *task)
{
	if (task->outbox != NULL)
		task->outbox->begun = outbox_source(task)->next;
}

/* What has left its window stays out of it, be it that the call fails. */
void outbox_undo(struct executor *x, struct gust_task *task)
{
	struct outbox *outbox = task->outbox;
	struct source *source;

	if (!outbox_waits(task) || task->window != NULL)
		return;
	source = &task->sources[outbox->source];
	while (source->youngest != NULL &&
	       source->youngest->offset >= outbox->begun) {
		assert(source->youngest->state == TREE_UNSTORED);
		count_add(&task->counters.roots, UINT64_MAX);
		tree_close(x, source->youngest);
	}
	source->next = outbox->begun;
}

bool outbox_changed(const struct gust_task *task)
{
	const struct outbox *outbox = task->outbox;
	const struct tree *youngest;

	if (outbox == NULL)
		return false;
	youngest = outbox_source(task)->youngest;
	return outbox->ended_count > 0 ||
	       (youngest != NULL && youngest->offset >= outbox->frozen);
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

/* The first root that was not yet frozen, or NULL. */
static struct tree *outbox_from(const struct source *source, uint64_t number)
{
	struct tree *tree = source->youngest;

	if (tree == NULL || tree->offset < number)
		return NULL;
	while (tree->before != NULL && tree->before->offset >= number)
		tree = tree->before;
	return tree;
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
