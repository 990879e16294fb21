/* SPDX-License-Identifier: MIT */

#include "answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/object.h>

/* How much of a line stands in a message. */
#define ANSWER_SHOWN 80

/* What escapes and several tuples in one answer may add. */
#define ANSWER_FACTOR 4u
#define ANSWER_EXTRA ((size_t)65536)

/* So many answers, and the program may have one tuple more. */
#define ANSWER_GROWTH 256u

/* The timeouts of what waits for its answer are reset so often. */
#define ANSWER_RESET_NS (UINT64_C(1000) * 1000 * 1000)

int answer_open(struct exec *exec, struct gust_task *task)
{
	const struct gust_stream *stream = gust_task_output(task, 0);
	const size_t most = gust_tuple_max(task);

	exec->answers.limit = exec->protocol == EXEC_LINES
				      ? columns_text_max(most, 1)
				      : most * ANSWER_FACTOR + ANSWER_EXTRA;
	if (stream == NULL)
		return 0;
	exec->columns = stream->columns;
	exec->column_count = columns_count(exec->columns);
	exec->values = calloc(exec->column_count, sizeof(*exec->values));
	return exec->values == NULL ? -ENOMEM : 0;
}

/* The child is at work: those that wait behind this one have time. */
static void answer_progress(struct exec *exec, struct gust_task *task)
{
	const struct gust_tuple *kept;
	uint32_t at = 0;

	backoff_reset(&exec->backoff);
	exec->vain = PROGRAM_WORKS;
	exec->progress_ns = gust_now(task);
	if (exec->window < exec->pending.size &&
	    exec->progress_ns >= exec->careful_ns &&
	    ++exec->answered == ANSWER_GROWTH) {
		exec->window++;
		exec->answered = 0;
	}
	if (exec->progress_ns - exec->reset_ns < ANSWER_RESET_NS)
		return;
	exec->reset_ns = exec->progress_ns;
	while ((kept = pending_next(&exec->pending, &at)) != NULL)
		gust_reset_timeout(task, kept);
}

/* Emits the values for a tuple. 0, or it has failed, and is gone. */
static int answer_emit(struct exec *exec, struct gust_task *task,
		       const struct gust_tuple *kept)
{
	const struct gust_emission how = { .kind = GUST_EMIT_ANCHORED,
					   .direct = -1,
					   .anchors = &kept,
					   .anchor_count = 1 };
	const size_t size = columns_size(exec->values, exec->column_count);
	int r;

	if (size > gust_tuple_max(task))
		return gust_dead_letter(
			task, kept,
			"'%s' emits a tuple of %zu bytes, expected at most %zu",
			exec->command.items[0], size, gust_tuple_max(task));
	r = gust_emit_with(task, &how, exec->values, exec->column_count);
	if (r < 0)
		return gust_fail(task, kept, "%s", strerror(-r));
	return 0;
}

static void answer_line(struct exec *exec, struct gust_task *task,
			struct gust_text line)
{
	const struct gust_tuple *kept = pending_take_oldest(&exec->pending);

	if (kept == NULL) {
		program_break(exec, task,
			      "it wrote '%.*s', but was asked nothing",
			      line.length < ANSWER_SHOWN ? (int)line.length
							 : ANSWER_SHOWN,
			      line.data);
		return;
	}
	answer_progress(exec, task);
	if (line.length > 0) {
		if (cast_text(line.data, line.length, exec->columns[0].type,
			      &exec->values[0]) < 0) {
			gust_fail(task, kept, "'%s' wrote '%.*s', expected %s",
				  exec->command.items[0],
				  line.length < ANSWER_SHOWN ? (int)line.length
							     : ANSWER_SHOWN,
				  line.data,
				  gust_type_name(exec->columns[0].type));
			return;
		}
		if (answer_emit(exec, task, kept) < 0)
			return;
	}
	gust_ack(task, kept);
}

/* Emits one member of `emit`. 0, or the tuple has failed, and is gone. */
static int answer_object(struct exec *exec, struct gust_task *task,
			 const struct gust_tuple *kept, const json_t *object)
{
	const char *program = exec->command.items[0];
	struct gust_error error = { 0 };
	int r;

	if (exec->columns == NULL)
		return gust_fail(task, kept,
				 "'%s' emits, but 'outputs' names no fields",
				 program);
	if (!json_is_object(object))
		return gust_fail(task, kept,
				 "'%s' emits what is no object of JSON",
				 program);
	exec->scratch.used = 0;
	r = object_values(object, exec->columns, &exec->scratch, exec->values,
			  &error);
	if (r < 0)
		return gust_fail(task, kept, "'%s' emits: %s", program,
				 error.code != 0 ? error.text : strerror(-r));
	return answer_emit(exec, task, kept);
}

/* What the answer says about its tuple. */
static void answer_say(struct exec *exec, struct gust_task *task,
		       const struct gust_tuple *kept, const json_t *answer)
{
	const json_t *reason = json_object_get(answer, "fail");
	const json_t *emit = json_object_get(answer, "emit");
	const json_t *object;
	size_t i;

	if (reason != NULL && !json_is_null(reason)) {
		gust_fail(task, kept, "%s",
			  json_is_string(reason) ? json_string_value(reason)
						 : "without a reason");
		return;
	}
	if (emit != NULL && !json_is_array(emit) && !json_is_null(emit)) {
		gust_fail(task, kept, "'%s' emits what is no array",
			  exec->command.items[0]);
		return;
	}
	json_array_foreach(emit, i,
			   object) if (answer_object(exec, task, kept, object) <
				       0) return;
	gust_ack(task, kept);
}

static void answer_json(struct exec *exec, struct gust_task *task,
			struct gust_text line)
{
	const int shown =
		line.length < ANSWER_SHOWN ? (int)line.length : ANSWER_SHOWN;
	const struct gust_tuple *kept = NULL;
	struct gust_error error = { 0 };
	const json_t *id;
	json_t *answer;
	int r;

	r = object_load(&answer, line.data, line.length, &error);
	if (r < 0) {
		program_break(exec, task, "it wrote '%.*s': %s", shown,
			      line.data,
			      error.code != 0 ? error.text : strerror(-r));
		return;
	}
	id = json_object_get(answer, "id");
	if (json_is_integer(id) && json_integer_value(id) >= 0)
		kept = pending_take(&exec->pending,
				    (uint64_t)json_integer_value(id));
	if (kept == NULL) {
		program_break(exec, task,
			      "it wrote '%.*s': the 'id' is none that waits "
			      "for an answer",
			      shown, line.data);
	} else {
		answer_progress(exec, task);
		answer_say(exec, task, kept, answer);
	}
	json_decref(answer);
}

static void answer_too_long(struct exec *exec, struct gust_task *task)
{
	const struct gust_tuple *kept;

	kept = exec->protocol == EXEC_LINES
		       ? pending_take_oldest(&exec->pending)
		       : NULL;
	if (kept == NULL) {
		program_break(exec, task,
			      "it wrote a line of more than %zu bytes",
			      exec->answers.limit);
		return;
	}
	answer_progress(exec, task);
	gust_dead_letter(task, kept,
			 "'%s' answered with more than %zu bytes, which is too "
			 "long for a tuple",
			 exec->command.items[0], exec->answers.limit);
}

/* Reads more; false: there is no more at the moment. */
static bool answer_fill(struct exec *exec, struct gust_task *task)
{
	ssize_t n = scanner_read(&exec->answers, exec->child.out);

	if (n > 0)
		return true;
	if (n == 0)
		program_closed(exec, task, "standard output");
	else if (n != -EAGAIN)
		program_break(exec, task, "cannot read what it writes: %s",
			      strerror((int)-n));
	return false;
}

void answer_read(struct exec *exec, struct gust_task *task, bool whole)
{
	struct gust_text line;
	int r;

	/* Any answer may be the one that breaks it off. */
	while (exec->child.out > 0 && !exec->broken) {
		if (!whole && gust_room(task) == 0) {
			program_pause(exec, task);
			return;
		}
		r = scanner_next(&exec->answers, &line);
		if (r == 0 && !answer_fill(exec, task))
			return;
		/* It was told that nothing follows: nobody waits for it. */
		if (r == 0 || exec->finishing)
			continue;
		if (r == -EMSGSIZE)
			answer_too_long(exec, task);
		else if (exec->protocol == EXEC_LINES)
			answer_line(exec, task, line);
		else
			answer_json(exec, task, line);
	}
}
