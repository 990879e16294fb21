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

static int window_put(void *context, enum windows_group group,
		      struct gust_text key, const struct gust_text *value)
{
	struct window *window = context;
	const struct gust_value bytes = gust_bytes(key.data, key.length);
	const struct gust_key at = { .values = &bytes, .count = 1 };
	struct gust_state *const states[] = { window->state, window->open,
					      window->parts };

	if (value == NULL)
		return gust_state_remove(states[group], &at);
	return gust_state_put(states[group], &at, value->data, value->length);
}

static int window_put_clock(struct window *window)
{
	const struct gust_value number = gust_int(WINDOW_CLOCK);
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
	window->unsaved_bytes = 0;
	return r;
}

/* Entries that an earlier run has left, of one group. */
struct window_reading {
	struct gust_task *task;
	enum windows_group group;
};

static int window_read(void *context, const struct gust_key *key,
		       struct gust_text value)
{
	const struct window_reading *reading = context;
	struct gust_task *task = reading->task;
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
	r = windows_restore(window->core, reading->group, bytes, value);
	window_count(task->x, task);
	return r;
}

/* They are in the windows now, and need not be in memory once more. */
static int window_read_all(struct gust_task *task)
{
	struct window *window = task->window;
	struct window_reading reading = { .task = task };
	int r = gust_state_each(window->state, window_read, &reading);

	windows_restored(window->core);
	reading.group = WINDOWS_CELLS;
	if (r == 0)
		r = gust_state_each(window->open, window_read, &reading);
	reading.group = WINDOWS_PARTS;
	if (r == 0)
		r = gust_state_each(window->parts, window_read, &reading);
	keyspace_pass(window->open);
	keyspace_pass(window->parts);
	return r;
}

int window_find_state(struct executor *x, struct gust_task *task,
		      struct gust_error *error)
{
	struct window *window = task->window;
	struct keyspace *keyspace = NULL;
	int r;

	if (x->host.state == NULL)
		return 0;
	r = keyed_open(task, &keyspace, error);
	if (r < 0 || task->commit == NULL)
		return r;
	r = dealt_init(&window->dealt, x->plan,
		       x->plan->tasks[task->number].component);
	if (r == 0)
		r = keyspace_state(keyspace, WINDOW_OPEN, 0, &window->open,
				   error);
	if (r == 0)
		r = keyspace_state(keyspace, WINDOW_PARTS, 0, &window->parts,
				   error);
	return r < 0 ? r
		     : keyspace_state(keyspace, WINDOW_STATE, 0, &window->state,
				      error);
}

/* By what tuples with these keys of the window are dealt out. */
static uint64_t window_grouped(void *self, const struct gust_value *keys)
{
	const struct gust_task *task = self;

	return dealt_hash(&task->window->dealt, keys);
}

void window_deal(struct gust_task *task, struct windows_host *host)
{
	const struct window *window = task->window;

	if (window->state == NULL)
		return;
	host->task = task->index;
	host->tasks = task->component->task_count;
	if (window->dealt.how == DEALT_BY_KEY)
		host->grouped = window_grouped;
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
	int r = window_read_all(task);

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
