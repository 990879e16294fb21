/* SPDX-License-Identifier: MIT */

#include "running.h"

#include <errno.h>
#include <string.h>

#define RUNNING_MISFIT                                                         \
	"the state has other aggregates than these, expected those of the "    \
	"run "                                                                 \
	"before"

/* Copies what a key comes to: the state may have it anywhere. */
static int running_copy(struct running *running, struct gust_text bytes)
{
	struct flat *flat = &running->flat;
	int r;

	flat->size = 0;
	r = flat->resize(flat, bytes.length);
	if (r == 0)
		memcpy(flat->data, bytes.data, bytes.length);
	return r;
}

/* Whether what an earlier run has left is of the same aggregates: looks at one
 * of its keys. */
static int running_check(struct running *running, const struct tally *tally,
			 struct gust_error *error)
{
	struct gust_cursor *cursor;
	struct gust_text bytes;
	struct gust_key key;
	int r = gust_state_cursor(running->state, &cursor);

	if (r < 0)
		return r;
	r = gust_cursor_next(cursor, &key, &bytes);
	if (r == 1 && key.count != running->key_count)
		r = gust_error_set(error, -EBADMSG, RUNNING_MISFIT);
	if (r == 1)
		r = running_copy(running, bytes);
	gust_cursor_close(cursor);
	if (r == 0 && running->flat.size > 0 &&
	    !tally_fits(tally, running->flat.data, running->flat.size))
		r = gust_error_set(error, -EBADMSG, RUNNING_MISFIT);
	return r;
}

int running_open(struct running *running, const struct gust_list *by,
		 const struct tally *tally, struct gust_task *task,
		 struct gust_error *error)
{
	size_t i;
	int r = 0;

	for (i = 0; i < by->count && r == 0; i++)
		r = gust_field(task, by->items[i], GUST_NULL,
			       &running->fields[i], error);
	running->key_count = by->count;
	running->flat = flat_heap();
	running->hashed = gust_hashed_by(task, by->items, by->count);
	if (r == 0)
		r = gust_state(task, "aggregates", 0, &running->state, error);
	return r < 0 ? r : running_check(running, tally, error);
}

void running_close(struct running *running)
{
	if (running->cursor != NULL)
		gust_cursor_close(running->cursor);
	running->cursor = NULL;
	flat_free(&running->flat);
}

int running_misfit(struct gust_task *task)
{
	return gust_give_up(task, -EBADMSG, RUNNING_MISFIT);
}

/* Copies what a key comes to, and looks whether it fits. */
static int running_take(struct running *running, const struct tally *tally,
			struct gust_task *task, struct gust_text bytes)
{
	const struct flat *flat = &running->flat;
	int r = running_copy(running, bytes);

	if (r == 0 && !tally_fits(tally, flat->data, flat->size))
		r = running_misfit(task);
	return r;
}

/* Reads what a key comes to so far; nothing, if it is new. */
static int running_load(struct running *running, const struct tally *tally,
			struct gust_task *task, const struct gust_key *key)
{
	struct gust_text bytes;
	int r = gust_state_get(running->state, key, &bytes);

	if (r == 1)
		return running_take(running, tally, task, bytes);
	running->flat.size = 0;
	return r < 0 ? r : tally_begin(tally, &running->flat);
}

int running_add(struct running *running, struct tally *tally,
		struct gust_task *task, const struct gust_tuple *in,
		struct gust_value *row)
{
	const struct gust_key key = { row, running->key_count,
				      running->hashed ? in->hash : 0 };
	struct flat *flat = &running->flat;
	size_t i;
	int r;

	for (i = 0; i < running->key_count; i++)
		row[i] = gust_value(in, running->fields[i]);
	r = running_load(running, tally, task, &key);
	if (r == 0)
		r = tally_add(tally, flat, in, in->time);
	if (r == 0)
		r = gust_state_put(running->state, &key, flat->data,
				   flat->size);
	return r;
}

int running_next(struct running *running, const struct tally *tally,
		 struct gust_task *task, struct gust_value *row)
{
	struct gust_text bytes;
	struct gust_key key;
	size_t i;
	int r = 0;

	if (running->ended)
		return 0;
	if (running->cursor == NULL)
		r = gust_state_cursor(running->state, &running->cursor);
	if (r == 0)
		r = gust_cursor_next(running->cursor, &key, &bytes);
	if (r == 0) {
		gust_cursor_close(running->cursor);
		running->cursor = NULL;
		running->ended = true;
	}
	if (r == 1 && key.count != running->key_count)
		return running_misfit(task);
	for (i = 0; r == 1 && i < running->key_count; i++)
		row[i] = key.values[i];
	if (r == 1)
		r = running_take(running, tally, task, bytes);
	return r < 0 ? r : !running->ended;
}
