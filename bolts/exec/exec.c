/* SPDX-License-Identifier: MIT */

/*
 * exec: has a program in any language process the tuples.
 *
 * `command` is the program and its arguments, as a list: no shell reads it. A
 * program without a slash in its name is looked for in PATH; it runs in the
 * folder that gust was started in. Each task runs one of its own, which gets
 * one tuple after the other on its standard input and answers on its standard
 * output. It must write each answer out at once (Python: flush=True, or
 * -u). What it writes to its standard error goes to the log.
 *
 * With `protocol: lines` it gets a line for each tuple and answers each with
 * one line, in the order in which it got them; an empty line says that the
 * tuple gives nothing. The line is `template` with the value of field NAME in
 * place of every {NAME}; without a template, it is the only field of the
 * input. A tuple whose line would have a newline in it is rejected. The answer
 * is the value of the one field in `outputs`, read as its type; without
 * `outputs` that is `line: string`.
 *
 * With `protocol: json` it gets an object a line and answers each with one, in
 * any order, with the same id:
 *
 *	{"id": 7, "tuple": {"word": "cow", "count": 3}}
 *	{"id": 7, "emit": [{"word": "COW"}, {"word": "COWS"}]}
 *	{"id": 7, "fail": "no such word"}
 *
 * `emit` has none, one or several tuples, whose fields stand in `outputs`:
 * members that are missing are null, others are left out. Without `emit` or
 * `fail` the tuple is done. Bytes are base64; a field of type json is itself.
 *
 * A tuple is acked when its answer was emitted, and fails when the program says
 * so. Up to `pending` tuples wait for their answers; when the program is slow,
 * so is what comes before it. Where the program ends, writes something that is
 * no answer, closes a pipe, or does not answer for `timeout`, all tuples that
 * it had fail with the reason, and are emitted again by their spouts; what it
 * has done for them is then done twice. It is started again after 100 ms, a
 * pause which doubles up to 30 s until it answers; tuples wait meanwhile. One
 * that ends ten times without a single answer, such as a script that does not
 * exist, fails the run. After a failure the program gets one tuple at a time
 * for two seconds, and then slowly more, so that one which ends it each time
 * does not take others along.
 *
 * When the inputs have ended its standard input does, too, and it has five
 * seconds to end; what it still writes is not read. Then it gets SIGTERM, and
 * SIGKILL after five more.
 *
 * Input:
 *	any streams; without a template `lines` wants one field
 * Output:
 *	default: as `outputs` says; lines: line: string if it says nothing
 *
 * Example:
 *	bolts:
 *	  - id: score
 *	    plugin: exec
 *	    parallelism: 2
 *	    options: {command: [python3, score.py], protocol: json}
 *	    outputs: {default: {text: string, score: float}}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/object.h>

#include "answer.h"
#include "program.h"

/* Requests are written when so much has been gathered. */
#define EXEC_GATHER ((size_t)32 * 1024)
/* More than this does not wait for the program to read it. */
#define EXEC_UNSENT_MAX ((size_t)1024 * 1024)

static const char *const exec_protocols[] = { "lines", "json", NULL };

static const struct gust_option exec_options[] = {
	{ .name = "command",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct exec, command),
	  .help = "the program and its arguments",
	  .flags = GUST_REQUIRED },
	{ .name = "protocol",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct exec, protocol),
	  .fallback = "lines",
	  .help = "how it is asked and answers",
	  .choices = exec_protocols },
	{ .name = "template",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct exec, text),
	  .help = "lines: the line, with {NAME} for a field" },
	{ .name = "pending",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct exec, pending_max),
	  .fallback = "256",
	  .help = "how many tuples wait for answers at most",
	  .min = 1,
	  .max = 65536 },
	{ .name = "timeout",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct exec, timeout_ns),
	  .fallback = "30s",
	  .help = "how long it may be without an answer; 0: for ever" },
	{ .name = NULL },
};

/* Whether the line of a tuple is known without a template. */
static int exec_check_inputs(const struct gust_declaration *about,
			     struct gust_error *error)
{
	const struct gust_input *input;
	size_t i, n;

	for (i = 0; i < gust_declared_inputs(about); i++) {
		input = gust_declared_input(about, i);
		n = columns_count(input->columns);
		if (n != 1)
			return gust_error_set(error, -EINVAL,
					      "option 'template' is missing: "
					      "'%.60s' emits %zu fields, "
					      "expected 1 or a template",
					      input->component, n);
	}
	return 0;
}

static int exec_declare_lines(const struct exec *exec,
			      struct gust_declaration *about,
			      struct gust_error *error)
{
	static const struct gust_column columns[] = { { "line", GUST_STRING },
						      { NULL, GUST_NULL } };
	const struct gust_stream *output;
	int r;

	if (exec->text != NULL)
		r = layout_check(exec->text, "template", about, error);
	else
		r = exec_check_inputs(about, error);
	if (r < 0)
		return r;
	if (gust_declared_outputs(about) == 0)
		return gust_declare_stream(about, "default", columns);
	output = gust_declared_output(about, 0);
	if (output->columns[0].name == NULL || output->columns[1].name != NULL)
		return gust_error_set(error, -EINVAL,
				      "the answer is one line, expected one "
				      "field in 'outputs'");
	return 0;
}

static int exec_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	const struct exec *exec = self;

	if (exec->command.count == 0 || exec->command.items[0][0] == '\0')
		return gust_error_set(error, -EINVAL,
				      "option 'command' names no program, "
				      "expected a list such as [python3, "
				      "score.py]");
	if (gust_declared_outputs(about) > 1)
		return gust_error_set(error, -EINVAL,
				      "'outputs' names %zu streams, expected "
				      "one",
				      gust_declared_outputs(about));
	if (exec->protocol == EXEC_LINES)
		return exec_declare_lines(exec, about, error);
	if (exec->text != NULL)
		return gust_error_set(error, -EINVAL,
				      "option 'template' is for 'protocol: "
				      "lines' only");
	return 0;
}

static int exec_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct exec *exec = self;
	int r = 0;

	if (exec->text != NULL)
		r = layout_open(&exec->layout, exec->text, "template", task,
				error);
	if (r == 0)
		r = pending_open(&exec->pending, (uint32_t)exec->pending_max);
	if (r == 0)
		r = answer_open(exec, task);
	return r == 0 ? program_open(exec, task, error) : r;
}

/* Appends the request of a tuple. -EBADMSG: it cannot be one. */
static int exec_request_line(struct exec *exec, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct buffer *unsent = &exec->unsent;
	const size_t before = unsent->used;
	int r;

	if (exec->text != NULL)
		r = layout_append(&exec->layout, in, unsent);
	else
		r = buffer_value(unsent, gust_value_at(in, 0));
	if (r == 0 && unsent->used > before &&
	    memchr(unsent->data + before, '\n', unsent->used - before) != NULL)
		return gust_reject(task, in,
				   "the line has a newline in it, which "
				   "'protocol: lines' cannot tell from its "
				   "end");
	return r == 0 ? buffer_char(unsent, '\n') : r;
}

static int exec_request_json(struct exec *exec, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct buffer *unsent = &exec->unsent;
	int r = buffer_text(unsent, "{\"id\":");

	if (r == 0)
		r = buffer_int(unsent,
			       (int64_t)pending_next_id(&exec->pending));
	if (r == 0)
		r = buffer_text(unsent, ",\"tuple\":");
	if (r == 0)
		r = object_tuple(unsent, gust_tuple_input(task, in)->columns,
				 in);
	return r == 0 ? buffer_text(unsent, "}\n") : r;
}

/* Why the program can take no tuple now; 0 if it can. */
static int exec_refuse(struct exec *exec, struct gust_task *task)
{
	const char *program = exec->command.items[0];

	if (!program_listens(exec))
		return gust_not_now(task, "%s", exec->away);
	if (exec->pending.count < exec->window &&
	    exec->unsent.used - exec->sent < EXEC_UNSENT_MAX)
		return 0;
	program_write(exec, task);
	return gust_not_now(task, "'%s' is at work", program);
}

static int exec_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct exec *exec = self;
	const struct gust_tuple *kept;
	size_t before;
	int r = exec_refuse(exec, task);

	if (r < 0)
		return r;
	before = exec->unsent.used;
	r = exec->protocol == EXEC_LINES ? exec_request_line(exec, task, in)
					 : exec_request_json(exec, task, in);
	kept = r == 0 ? gust_retain(task, in) : NULL;
	if (kept == NULL) {
		exec->unsent.used = before;
		return r < 0 ? r : -ENOMEM;
	}
	if (exec->pending.count == 0)
		exec->progress_ns = gust_now(task);
	pending_add(&exec->pending, kept);
	program_check(exec, task);
	if (exec->unsent.used - exec->sent >= EXEC_GATHER)
		program_write(exec, task);
	return 0;
}

static int exec_ready(void *self, struct gust_task *task, int fd, short events)
{
	(void)events;
	return program_ready(self, task, fd);
}

static int exec_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	return program_timer(self, task, cookie);
}

static int exec_idle(void *self, struct gust_task *task)
{
	program_write(self, task);
	return 0;
}

static int exec_finish(void *self, struct gust_task *task)
{
	return program_finish(self, task);
}

static void exec_close(void *self)
{
	struct exec *exec = self;

	child_close(&exec->child);
	pending_close(&exec->pending);
	scanner_destroy(&exec->answers);
	buffer_destroy(&exec->unsent);
	buffer_destroy(&exec->scratch);
	free(exec->values);
	layout_close(&exec->layout);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "exec",
	.summary = "has a program in any language process the tuples",
	.options = exec_options,
	.instance_size = sizeof(struct exec),
	.declare = exec_declare,
	.open = exec_open,
	.execute = exec_execute,
	.ready = exec_ready,
	.timer = exec_timer,
	.idle = exec_idle,
	.flush = exec_idle,
	.finish = exec_finish,
	.close = exec_close,
};
