/* SPDX-License-Identifier: MIT */

/*
 * What gust/task.h offers besides emitting and keeping: who the task is, time
 * and events, verdicts, positions, output and metrics.
 */

#include <gust/task.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/call.h"
#include "engine/identity.h"
#include "engine/keep.h"
#include "engine/source.h"
#include "engine/state.h"
#include "engine/tree.h"
#include "metric/metric_set.h"

const char *gust_task_component(const struct gust_task *task)
{
	return task->component->id;
}

uint32_t gust_task_index(const struct gust_task *task)
{
	return task->index;
}

uint32_t gust_task_count(const struct gust_task *task)
{
	return task->component->task_count;
}

size_t gust_task_inputs(const struct gust_task *task)
{
	return task->component->input_count;
}

const struct gust_input *gust_task_input(const struct gust_task *task,
					 size_t number)
{
	if (number >= task->component->input_count)
		return NULL;
	return &task->component->input_views[number];
}

const struct gust_input *gust_tuple_input(const struct gust_task *task,
					  const struct gust_tuple *in)
{
	const struct plan_component *c = task->component;

	for (uint32_t i = 0; i < c->input_count; i++)
		if (task->x->plan->edges[c->inputs[i]].stream == in->stream)
			return &c->input_views[i];
	return NULL;
}

size_t gust_task_outputs(const struct gust_task *task)
{
	return task->component->stream_count;
}

const struct gust_stream *gust_task_output(const struct gust_task *task,
					   size_t number)
{
	if (number >= task->component->stream_count)
		return NULL;
	return &task->component->output_views[number];
}

size_t gust_tuple_max(const struct gust_task *task)
{
	return task->x->plan->config.tuple_max_bytes;
}

uint64_t gust_now(const struct gust_task *task)
{
	return task->x->host.now(task->x->host.self);
}

int gust_timer(struct gust_task *task, uint64_t delay_ns, uint64_t cookie)
{
	return timers_set(&task->x->timers, gust_now(task) + delay_ns,
			  TIMER_USER, task->number, cookie);
}

int gust_watch(struct gust_task *task, int fd, short events)
{
	return task->x->host.watch(task->x->host.self, task->number, fd,
				   events);
}

void gust_wake(struct gust_task *task)
{
	task->x->host.wake(task->x->host.self, task->number);
}

int gust_wait_until(struct gust_task *task, uint64_t time_ns)
{
	task->wake_ns = time_ns;
	return timers_set(&task->x->timers, time_ns, TIMER_WAKE, task->number,
			  0) == 0
		       ? GUST_WAIT
		       : -ENOMEM;
}

/* Formats the reason of the verdict on the current input or a kept tuple. */
static int task_judge(struct gust_task *task, const struct gust_tuple *in,
		      enum failure_kind kind, const char *format,
		      va_list arguments)
{
	struct kept *kept;

	vsnprintf(task->reason, sizeof(task->reason), format, arguments);
	if (task->frame != NULL && task->frame->in == in && in != NULL) {
		task->frame->marks &= ~FRAME_KIND;
		task->frame->marks |= kind;
		return -EBADMSG;
	}
	kept = keep_find(task, in);
	if (kept == NULL || kept->ended) {
		call_mistake(task->x, task,
			     "fails a tuple that it does not keep");
		return -EBADMSG;
	}
	keep_fail(task->x, task, kept, kind, task->reason);
	return -EBADMSG;
}

int gust_fail(struct gust_task *task, const struct gust_tuple *in,
	      const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = task_judge(task, in, FAILURE_RETRY, format, arguments);
	va_end(arguments);
	return r;
}

int gust_dead_letter(struct gust_task *task, const struct gust_tuple *in,
		     const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = task_judge(task, in, FAILURE_DEAD, format, arguments);
	va_end(arguments);
	return r;
}

int gust_reject(struct gust_task *task, const struct gust_tuple *in,
		const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = task_judge(task, in, FAILURE_REJECT, format, arguments);
	va_end(arguments);
	return r;
}

int gust_give_up(struct gust_task *task, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(task->reason, sizeof(task->reason), format, arguments);
	va_end(arguments);
	return code;
}

/* More different reasons than this are all called by the last one. */
#define TASK_REASONS_MAX 64

/* The reason of that text; other threads may still read the earlier ones. */
static struct wait_reason *task_reason(struct gust_task *task, const char *text)
{
	struct wait_reason *reason = task->reasons;
	uint32_t count = 0;

	for (; reason != NULL; reason = reason->next, count++)
		if (strcmp(reason->text, text) == 0)
			return reason;
	if (count == TASK_REASONS_MAX)
		return task->reasons;
	reason = calloc(1, sizeof(*reason));
	if (reason == NULL)
		return NULL;
	memcpy(reason->text, text, strlen(text) + 1);
	reason->next = task->reasons;
	task->reasons = reason;
	return reason;
}

int gust_not_now(struct gust_task *task, const char *format, ...)
{
	char text[FAILURE_REASON_MAX + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	task->reason_next = task_reason(task, text);
	return -EAGAIN;
}

static int task_reject(struct gust_task *task,
		       const struct gust_emission *where, const void *data,
		       size_t length, const char *format, va_list arguments)
{
	char reason[FAILURE_REASON_MAX + 1];

	if (task->spout == NULL || task->frame == NULL ||
	    (where != NULL && where->source >= task->source_count)) {
		call_mistake(task->x, task,
			     "rejects a record, but is no spout at work");
		return -EINVAL;
	}
	vsnprintf(reason, sizeof(reason), format, arguments);
	return tree_reject_raw(task->x, task, where, data, length, reason);
}

int gust_reject_record(struct gust_task *task, const void *data, size_t length,
		       const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = task_reject(task, NULL, data, length, format, arguments);
	va_end(arguments);
	return r;
}

int gust_reject_at(struct gust_task *task, uint32_t source, uint64_t offset,
		   const void *data, size_t length, const char *format, ...)
{
	const struct gust_emission where = { .kind = GUST_EMIT_AT,
					     .source = source,
					     .offset = offset,
					     .next = offset };
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = task_reject(task, &where, data, length, format, arguments);
	va_end(arguments);
	return r;
}

int gust_source(struct gust_task *task, const char *name, uint32_t *source,
		uint64_t *offset)
{
	struct executor *x = task->x;
	struct source *grown;

	for (uint32_t i = 0; i < task->source_count; i++) {
		if (strcmp(task->sources[i].name, name) != 0)
			continue;
		*source = i;
		*offset = task->sources[i].next;
		return 0;
	}
	grown = source_add(task, name);
	if (grown == NULL)
		return -ENOMEM;
	grown->hash = hash_bytes(name, strlen(name));
	grown->identity = identity_source(task, name);
	grown->next = x->host.resume(
		x->host.self, x->plan->tasks[task->number].component, name);
	grown->stored = grown->next;
	*source = task->source_count++;
	*offset = grown->next;
	return 0;
}

int gust_source_title(struct gust_task *task, uint32_t source,
		      const char *title)
{
	char *copy;

	if (source >= task->source_count) {
		call_mistake(task->x, task, "names a source it does not have");
		return -EINVAL;
	}
	copy = strdup(title);
	if (copy == NULL)
		return -ENOMEM;
	free(task->sources[source].title);
	task->sources[source].title = copy;
	return 0;
}

ssize_t gust_stdout_write(struct gust_task *task, const char *data,
			  size_t length)
{
	return task->x->host.stdout_write(task->x->host.self, task->number,
					  data, length);
}

void gust_log(struct gust_task *task, enum gust_log_level level,
	      const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* What an error is logged for may be what the call then fails with. */
	if (level == GUST_LOG_ERROR && task->frame != NULL &&
	    task->frame->in == NULL)
		(void)snprintf(task->reason, sizeof(task->reason), "%.*s",
			       FAILURE_REASON_MAX, text);
	task->x->host.log(task->x->host.self, task->number, level, text);
}

struct gust_counter *gust_counter(struct gust_task *task, const char *name)
{
	return metric_set_counter(task->metrics, name);
}

struct gust_gauge *gust_gauge(struct gust_task *task, const char *name)
{
	return metric_set_gauge(task->metrics, name);
}

struct gust_histogram *gust_histogram(struct gust_task *task, const char *name)
{
	return metric_set_histogram(task->metrics, name);
}
