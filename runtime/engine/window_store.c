/* SPDX-License-Identifier: MIT */

/*
 * Windows in a durable store: between windows_save(), windows_restore() and the
 * state of the task.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <gust/state.h>

#include "engine/call.h"
#include "engine/keyed.h"
#include "engine/watermark.h"
#include "engine/window.h"
#include "state/keyspace.h"

/* States of the runtime's own: how far the windows are, and what is open. That
 * is not moved to another number of tasks, see state/reshard.c. */
#define WINDOW_STATE ".windows"
#define WINDOW_OPEN ".windows-open"

static int window_put(void *context, struct gust_text key,
		      const struct gust_text *value)
{
	struct window *window = context;
	const struct gust_value bytes = gust_bytes(key.data, key.length);
	const struct gust_key at = { .values = &bytes, .count = 1 };
	/* The watermark has the only key that is nothing but a letter. */
	struct gust_state *state =
		key.length == 1 ? window->state : window->open;

	if (value == NULL)
		return gust_state_remove(state, &at);
	return gust_state_put(state, &at, value->data, value->length);
}

/* The only key that is a number has the clock. */
static int window_put_clock(struct window *window)
{
	const struct gust_value number = gust_int(0);
	const struct gust_key at = { .values = &number, .count = 1 };

	return gust_state_put(window->state, &at, &window->clock,
			      sizeof(window->clock));
}

int window_note(struct gust_task *task)
{
	struct window *window = task->window;
	int r = windows_save(window->core, window_put, window);

	if (r == 0)
		window->noted = true;
	/* There is still something to hand over. */
	return r == -EAGAIN ? GUST_MORE : r;
}

int window_save(struct executor *x, struct gust_task *task)
{
	struct window *window = task->window;
	int r = 0;

	if (!window->unsaved)
		return 0;
	if (window->due || !window->noted)
		r = -EAGAIN;
	if (r == 0)
		r = windows_save(window->core, window_put, window);
	if (r == 0 && !task->timed)
		r = window_put_clock(window);
	if (r == -EAGAIN) {
		watermark_ask(x, task);
		return GUST_MORE;
	}
	window->unsaved = false;
	return r;
}

/* One entry that an earlier run has left. */
static int window_read(void *context, const struct gust_key *key,
		       struct gust_text value)
{
	struct gust_task *task = context;
	struct window *window = task->window;
	struct gust_text bytes = { .data = key->values[0].as.data,
				   .length = key->values[0].length };
	int r;

	if (key->values[0].type == GUST_INT) {
		if (value.length != sizeof(window->clock))
			return -EBADMSG;
		memcpy(&window->clock, value.data, sizeof(window->clock));
		return 0;
	}
	task->x->spill_error.code = 0;
	r = windows_restore(window->core, bytes, value);
	window_count(task->x, task);
	return r;
}

int window_find_state(struct executor *x, struct gust_task *task,
		      struct gust_error *error)
{
	struct keyspace *keyspace = NULL;
	int r;

	if (x->host.state == NULL)
		return 0;
	r = keyed_open(task, &keyspace, error);
	if (r < 0 || task->commit == NULL)
		return r;
	r = keyspace_state(keyspace, WINDOW_OPEN, 0, &task->window->open,
			   error);
	if (r < 0)
		return r;
	return keyspace_state(keyspace, WINDOW_STATE, 0, &task->window->state,
			      error);
}

/* Says which format its windows have. */
static int window_refuse(struct window *window, struct gust_error *error)
{
	const struct gust_value head = gust_bytes(WINDOWS_HEAD, 1);
	const struct gust_key key = { .values = &head, .count = 1 };
	struct gust_text value;
	int64_t format = 0;

	if (gust_state_get(window->state, &key, &value) == 1 &&
	    value.length >= sizeof(format))
		memcpy(&format, value.data, sizeof(format));
	return gust_error_set(error, -ENOTSUP,
			      "its windows have format %" PRId64
			      ", this gust reads up to %d",
			      format, WINDOWS_FORMAT);
}

int window_restore(struct executor *x, struct gust_task *task,
		   struct gust_error *error)
{
	struct window *window = task->window;
	int r;

	r = gust_state_each(window->state, window_read, task);
	if (r == 0)
		r = gust_state_each(window->open, window_read, task);
	if (r == -ENOTSUP)
		return window_refuse(window, error);
	if (r == -EBADMSG)
		return gust_error_set(error, r,
				      "its state holds windows of another "
				      "kind, expected those of this 'window'; "
				      "give it another 'id', or remove its "
				      "state");
	if (r < 0)
		return gust_error_set(error, r, "cannot read its windows: %s",
				      r == x->spill_error.code
					      ? x->spill_error.text
					      : strerror(-r));
	/* Before the first input: windows that ended as it was stored. */
	window->due = true;
	watermark_ask(x, task);
	return 0;
}
