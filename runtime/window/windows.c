/* SPDX-License-Identifier: MIT */

#include "window/windows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "window/bundle.h"
#include "window/windows_state.h"

static const struct windows_kind *
windows_kind_of(const struct gust_window_spec *spec)
{
	switch (spec->type) {
	case GUST_TUMBLING:
		return &tumbling_kind;
	case GUST_SLIDING:
		return spec->slide >= spec->length ? &tumbling_kind
						   : &sliding_kind;
	case GUST_SESSION:
		return &session_kind;
	case GUST_TUMBLING_COUNT:
	case GUST_SLIDING_COUNT:
		return &count_kind;
	}
	return NULL;
}

int windows_create(const struct gust_window_spec *spec,
		   const struct gust_windowing *contract, void *instance,
		   struct gust_task *task, const struct windows_host *host,
		   struct windows **windows, struct gust_error *error)
{
	struct windows *made = calloc(1, sizeof(*made));
	int r;

	if (made == NULL)
		return -ENOMEM;
	made->spec = spec;
	made->host = *host;
	made->contract.calls = contract;
	made->contract.instance = instance;
	made->contract.task = task;
	made->contract.whole = contract->whole != NULL;
	made->contract.grows = contract->grows || made->contract.whole;
	made->contract.spill = host->spill;
	if (made->host.tasks == 0)
		made->host.tasks = 1;
	made->watermark = INT64_MIN;
	made->done = INT64_MIN;
	made->before_flush = INT64_MIN;
	made->kind = windows_kind_of(spec);
	if (made->kind == NULL) {
		r = gust_error_set(error, -ENOTSUP,
				   "such windows are not there yet");
		goto fail;
	}
	r = made->kind->create(made, error);
	if (r != 0)
		goto fail;
	*windows = made;
	return 0;
fail:
	windows_destroy(made);
	return r;
}

void windows_destroy(struct windows *windows)
{
	if (windows == NULL)
		return;
	if (windows->state != NULL)
		windows->kind->destroy(windows);
	saver_fini(&windows->saver);
	past_fini(&windows->past);
	pool_fini(&windows->contract.pool);
	free(windows->tuple_list);
	free(windows);
}

int windows_add(struct windows *windows, const struct gust_tuple *in,
		const struct gust_value *keys, uint64_t hash, int64_t time,
		struct sheaf **sheaf)
{
	/* What is behind a time has to be a time as well. */
	if (time == INT64_MAX)
		time--;
	*sheaf = NULL;
	windows->contract.time = time;
	return windows->kind->add(windows, in, keys, hash, time, sheaf);
}

int windows_advance(struct windows *windows, int64_t watermark)
{
	int r;

	if (watermark > windows->watermark)
		windows->watermark = watermark;
	if (windows->watermark != INT64_MAX)
		windows->before_flush = windows->watermark;
	r = windows->kind->advance(windows);
	if (r != 0)
		return r;
	/* What comes after a flush, for another one, is not late by it. */
	windows->watermark = windows->before_flush;
	windows->done = windows->before_flush;
	windows_leave_past(windows);
	return 0;
}

bool windows_due(const struct windows *windows, int64_t watermark)
{
	return windows->kind->due(windows, watermark);
}

int64_t windows_next(const struct windows *windows)
{
	return windows->kind->next(windows);
}

int windows_early(struct windows *windows)
{
	return windows->kind->early(windows);
}

struct windows_usage windows_usage(const struct windows *windows)
{
	struct windows_usage usage = { 0 };

	usage.tuples = windows->tuples;
	usage.bytes = sizeof(*windows) + windows->contract.bytes +
		      windows->tuple_room * sizeof(*windows->tuple_list);
	windows->kind->usage(windows, &usage);
	return usage;
}

static int windows_list_room(struct windows *windows, size_t room)
{
	const struct gust_tuple **list = windows->tuple_list;

	if (room <= windows->tuple_room)
		return 0;
	list = realloc(list, room * sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	windows->tuple_list = list;
	windows->tuple_room = room;
	return 0;
}

/* Lists the tuples of a portion, those that are new, unless all are, and those
 * that have left. */
static int windows_list(struct windows *windows, const struct portion *portion,
			struct gust_window_tuples *tuples)
{
	const struct portion *left = windows->left;
	const size_t count = bundle_count(portion);
	const size_t gone = left == NULL ? 0 : bundle_count(left);
	const size_t fresh = bundle_fresh(portion);
	const bool some = fresh < count;
	const struct gust_tuple **list;

	if (windows_list_room(windows, count + gone + (some ? fresh : 0)) != 0)
		return -ENOMEM;
	list = windows->tuple_list;
	tuples->all = list;
	tuples->all_count = count;
	for (size_t i = 0; i < count; i++)
		*list++ = kept_tuple(bundle_kept(portion)[i]);
	bundle_sort(windows->tuple_list, count);
	tuples->fresh = some ? list : tuples->all;
	tuples->fresh_count = fresh;
	for (size_t i = 0; i < count; i++) {
		struct kept *kept = kept_of(tuples->all[i]);

		if (some && !kept->shown)
			*list++ = tuples->all[i];
		kept->shown = true;
	}
	tuples->expired = list;
	for (size_t i = 0; i < gone; i++)
		if (bundle_kept(left)[i]->shown)
			*list++ = kept_tuple(bundle_kept(left)[i]);
	tuples->expired_count = (size_t)(list - tuples->expired);
	bundle_sort(list - tuples->expired_count, tuples->expired_count);
	return 0;
}

static int windows_hand_whole(struct windows *windows,
			      const struct gust_window *window,
			      const struct portion *portion)
{
	const struct contract *contract = &windows->contract;
	const struct spill *spill = contract->spill;
	struct gust_window_tuples tuples = { 0 };
	int r = windows_list(windows, portion, &tuples);

	if (r != 0)
		return r;
	r = contract->calls->whole(contract->instance, contract->task, window,
				   &tuples);
	if (spill != NULL)
		spill->rest(spill->self, bundle_spilled(portion));
	return r;
}

int windows_hand(struct windows *windows, const struct key *key,
		 const struct portion *portion, int64_t begin, int64_t end,
		 enum gust_firing firing)
{
	const struct contract *contract = &windows->contract;
	struct gust_window window;

	if (portion->count == 0)
		return 0;
	window.begin = begin;
	window.end = end;
	window.count = portion->count;
	window.firing = firing;
	window.keys = key_values(key);
	window.key_count = key->count;
	if (contract->whole)
		return windows_hand_whole(windows, &window, portion);
	return contract->calls->result(contract->instance, contract->task,
				       &window, &portion->accumulator);
}
