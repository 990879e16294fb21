/* SPDX-License-Identifier: MIT */

#include "window/windows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "window/windows_state.h"

static const struct windows_kind *
windows_kind_of(const struct gust_window_spec *spec,
		const struct gust_windowing *contract)
{
	if (contract->whole != NULL)
		return NULL;
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
	made->watermark = INT64_MIN;
	made->done = INT64_MIN;
	made->before_flush = INT64_MIN;
	made->kind = windows_kind_of(spec, contract);
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
	usage.bytes = sizeof(*windows) + windows->contract.bytes;
	windows->kind->usage(windows, &usage);
	return usage;
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
	return contract->calls->result(contract->instance, contract->task,
				       &window, &portion->accumulator);
}

int windows_save(struct windows *windows,
		 int (*put)(void *context, struct gust_text key,
			    const struct gust_text *value),
		 void *context)
{
	(void)windows;
	(void)put;
	(void)context;
	return -ENOTSUP;
}

int windows_restore(struct windows *windows, struct gust_text key,
		    struct gust_text value)
{
	(void)windows;
	(void)key;
	(void)value;
	return -ENOTSUP;
}
