/* SPDX-License-Identifier: MIT */

/*
 * Windows in a store. An entry of WINDOWS_ABOUT is the head, or one of
 * window/past.h. The letter that the key of another one begins with says what
 * the kind of the windows has to know of it.
 */

#include <assert.h>
#include <errno.h>

#include "window/bundle.h"
#include "window/windows_state.h"

void windows_save_sum(struct windows *windows, const struct portion *portion,
		      struct saver_link *link)
{
	struct saver *saver = &windows->saver;

	saver_number(saver, &saver->value, (int64_t)portion->count);
	saver_put(saver, &saver->value, portion->accumulator.data,
		  portion->accumulator.size);
	saver_end(saver, WINDOWS_CELLS);
	link->parts = 1;
}

int windows_restore_sum(struct windows *windows, struct gust_text value,
			struct portion *portion, void *bytes)
{
	int64_t count;
	int r;

	if (!saver_read(&value, &count))
		return -EBADMSG;
	if (windows->contract.whole) {
		r = bundle_restore(&windows->contract, portion, value,
				   BUNDLE_OLD);
		return r == 0 && portion->count != (uint64_t)count ? -EBADMSG
								   : r;
	}
	return portion_restore(&windows->contract, portion, bytes,
			       (uint64_t)count, value.data, value.length);
}

bool windows_unsaved(const struct windows *windows,
		     const struct portion *portion,
		     const struct saver_link *link)
{
	return windows->saver.result == 0 &&
	       link->saved < bundle_count(portion);
}

void windows_save_part(struct windows *windows, const struct portion *portion,
		       struct saver_link *link, int64_t done)
{
	struct saver *saver = &windows->saver;

	saver_part(saver, link->parts);
	saver_number(saver, &saver->value, done);
	link->saved = (uint32_t)bundle_save(portion, link->saved, saver);
	saver_end(saver, WINDOWS_PARTS);
	link->parts++;
}

int windows_restore_part(struct windows *windows, struct gust_text value,
			 struct portion *portion, struct saver_link *link,
			 uint32_t part, bool shown)
{
	const uint64_t before = portion->count;
	int r;

	if (!windows->contract.whole)
		return -EBADMSG;
	r = bundle_restore(&windows->contract, portion, value,
			   shown ? BUNDLE_SHOWN : BUNDLE_AS_IT_WAS);
	windows->tuples += portion->count - before;
	if (link->parts <= part)
		link->parts = part + 1;
	link->saved = (uint32_t)portion->count;
	return r;
}

/* The head has the format, and what of the spec has to be the same: other
 * windows cannot be made of what is stored. */
static void windows_save_head(struct windows *windows)
{
	const struct gust_window_spec *spec = windows->spec;
	struct saver *saver = &windows->saver;

	saver_begin(saver, WINDOWS_HEAD[0]);
	saver_number(saver, &saver->value, WINDOWS_FORMAT);
	saver_number(saver, &saver->value, windows->done);
	saver_number(saver, &saver->value, (int64_t)spec->type);
	saver_number(saver, &saver->value, spec->length);
	saver_number(saver, &saver->value, spec->slide);
	saver_number(saver, &saver->value, spec->gap);
	saver_number(saver, &saver->value, spec->offset);
	saver_number(saver, &saver->value, windows->host.task);
	saver_number(saver, &saver->value, windows->host.tasks);
	saver_end(saver, WINDOWS_ABOUT);
	saver->moved = false;
	windows->saved = windows->done;
}

/* A head whose store was that of another number of tasks has none. */
static int windows_restore_head(struct windows *windows, struct gust_text value)
{
	const struct gust_window_spec *spec = windows->spec;
	const int64_t wanted[] = { (int64_t)spec->type, spec->length,
				   spec->slide, spec->gap, spec->offset };
	struct past_fact own = { .task = windows->host.task,
				 .tasks = windows->host.tasks };
	int64_t version, number;

	if (!saver_read(&value, &version) || version < 1)
		return -EBADMSG;
	if (version > WINDOWS_FORMAT)
		return -ENOTSUP;
	if (!saver_read(&value, &own.done))
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!saver_read(&value, &number) || number != wanted[i])
			return -EBADMSG;
	if (version > 1 &&
	    (!saver_read(&value, &own.task) || !saver_read(&value, &own.tasks)))
		return -EBADMSG;
	windows->saver.moved = version < WINDOWS_FORMAT;
	if (own.task != windows->host.task ||
	    own.tasks != windows->host.tasks) {
		windows->saver.moved = true;
		return own.tasks == 0 ? 0 : past_add(&windows->past, &own);
	}
	windows->done = own.done;
	windows->saved = own.done;
	return 0;
}

static void windows_save_fact_key(struct saver *saver,
				  const struct past_fact *fact)
{
	saver_begin(saver, WINDOWS_FACT[0]);
	saver_number(saver, &saver->key, fact->tasks);
	saver_number(saver, &saver->key, fact->task);
}

static int windows_restore_fact(struct windows *windows, struct gust_text text,
				struct gust_text value)
{
	struct past_fact fact;

	if (!saver_read(&text, &fact.tasks) || !saver_read(&text, &fact.task) ||
	    !saver_read(&value, &fact.done) || fact.task < 0 ||
	    fact.tasks <= fact.task || fact.tasks > UINT32_MAX)
		return -EBADMSG;
	return past_add(&windows->past, &fact);
}

void windows_leave_past(struct windows *windows)
{
	struct past *past = &windows->past;

	if (past->count == 0 ||
	    (windows->host.grouped != NULL && past->most > windows->done))
		return;
	for (size_t i = 0; i < past->count; i++) {
		windows_save_fact_key(&windows->saver, &past->facts[i]);
		saver_gone(&windows->saver, WINDOWS_ABOUT);
	}
	past_fini(past);
}

void windows_restored(struct windows *windows)
{
	const struct past *past = &windows->past;
	const uint32_t task = windows->host.task;
	int64_t done = INT64_MIN;

	if (windows->host.grouped == NULL)
		done = past_of_task(past, task);
	if (done == INT64_MIN)
		done = past_least(past);
	if (done > windows->done)
		windows->done = done;
	windows->watermark = windows->done;
	windows->before_flush = windows->done;
	windows_leave_past(windows);
	if (windows->kind->restored != NULL)
		windows->kind->restored(windows);
}

static int windows_put_gone(struct windows *windows)
{
	struct saver *saver = &windows->saver;
	struct gust_text left = { saver->gone.data, saver->gone.length };
	int64_t group, length;
	int r = 0;

	while (r == 0 && saver_read(&left, &group) &&
	       saver_read(&left, &length)) {
		struct gust_text key = { left.data, (size_t)length };

		r = saver->put(saver->context, (enum windows_group)group, key,
			       NULL);
		left.data += length;
		left.length -= (size_t)length;
	}
	saver->gone.length = 0;
	return r;
}

int windows_save(struct windows *windows, windows_put *put, void *context)
{
	struct saver *saver = &windows->saver;

	assert(saver->on || windows->tuples == 0);
	saver->moved |= !saver->on || windows->done != windows->saved;
	saver->on = true;
	/* Some have been handed over, and it is not known of which. */
	if (windows->watermark != windows->done ||
	    windows->kind->due(windows, windows->watermark))
		return -EAGAIN;
	if (saver->short_of_memory)
		return -ENOMEM;
	saver->put = put;
	saver->context = context;
	saver->result = windows_put_gone(windows);
	while (saver->result == 0 && saver->count > 0) {
		const struct saver_change change =
			saver->changes[--saver->count];

		change.link->place = 0;
		windows->kind->save(windows, &change);
	}
	if (saver->result == 0 && saver->moved)
		windows_save_head(windows);
	return saver->result;
}

int windows_restore(struct windows *windows, enum windows_group group,
		    struct gust_text key, struct gust_text value)
{
	char letter;

	windows->saver.on = true;
	if (key.length == 0)
		return -EBADMSG;
	letter = key.data[0];
	key.data++;
	key.length--;
	if (group != WINDOWS_ABOUT)
		return windows->kind->restore(windows, group, letter, key,
					      value);
	if (letter == WINDOWS_FACT[0])
		return windows_restore_fact(windows, key, value);
	return letter == WINDOWS_HEAD[0] ? windows_restore_head(windows, value)
					 : -EBADMSG;
}
