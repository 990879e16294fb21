/* SPDX-License-Identifier: MIT */

/*
 * exec: emits what a program writes, line by line.
 *
 * `command` is the program and its arguments, as a list: no shell reads it. A
 * program without a slash in its name is looked for in PATH; it runs in the
 * folder that gust was started in, with an empty standard input. Each task
 * runs one of its own. What it writes to its standard error goes to the log.
 *
 * Lines are emitted without their newline; a last line without one counts. All
 * other bytes are taken as they are. A line that is too long for a tuple is
 * rejected and skipped. A slow topology slows the program down, which then
 * waits in its write.
 *
 * How the program ends is logged, and `restart` says what follows:
 *
 *	never		the spout has come to its end; where the program has
 *			failed, so has the run
 *	on-failure	the end, too, unless it has failed: then it is started
 *			again
 *	always		it is started again
 *
 * The pause before that is 100 ms; while the program fails within ten seconds,
 * it doubles each time, up to 30 s. A program that begins at its beginning
 * writes the same lines again. When the run is stopped it gets SIGTERM, and
 * SIGKILL if it does not end.
 *
 * Failed lines are emitted again. Lines that were not processed when gust dies
 * are lost with it, as is what the program had written and nobody had read.
 *
 * Output:
 *	default: line: string
 *
 * Example:
 *	spouts:
 *	  - id: journal
 *	    plugin: exec
 *	    options: {command: [journalctl, -f, -o, json], restart: always}
 */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <gust/kit/backoff.h>
#include <gust/kit/child.h>
#include <gust/kit/columns.h>
#include <gust/kit/scanner.h>
#include <gust/spout.h>

#define EXEC_MS UINT64_C(1000000)
#define EXEC_PAUSE_LEAST_NS (100 * EXEC_MS)
#define EXEC_PAUSE_MOST_NS (30000 * EXEC_MS)
/* One that has run for so long has not failed to start. */
#define EXEC_STEADY_NS (10000 * EXEC_MS)

enum exec_restart { EXEC_NEVER, EXEC_ON_FAILURE, EXEC_ALWAYS };

struct exec {
	struct gust_list command; /* options */
	int restart;              /* enum exec_restart */

	struct child child;
	struct scanner scanner;
	struct backoff backoff;
	struct gust_counter *restarts;
	uint64_t started_ns;
	uint64_t again_ns; /* when it is to be started again, or 0 */
	bool drained;      /* nothing will come from this child any more */
	bool watching;     /* its output */
};

static const char *const exec_restarts[] = { "never", "on-failure", "always",
					     NULL };

static const struct gust_option exec_options[] = {
	{ .name = "command",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct exec, command),
	  .help = "the program and its arguments",
	  .flags = GUST_REQUIRED },
	{ .name = "restart",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct exec, restart),
	  .fallback = "on-failure",
	  .help = "when the program is started again after its end",
	  .choices = exec_restarts },
	{ .name = NULL },
};

static const struct gust_column exec_columns[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream exec_streams[] = {
	{ "default", exec_columns },
	{ NULL, NULL },
};

static int exec_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	const struct exec *exec = self;

	(void)about;
	if (exec->command.count == 0 || exec->command.items[0][0] == '\0')
		return gust_error_set(error, -EINVAL,
				      "option 'command' names no program, "
				      "expected a list such as [date, -u]");
	return 0;
}

static int exec_start(struct exec *exec, struct gust_task *task,
		      struct gust_error *error)
{
	int r = child_start(&exec->child, &exec->command, false, task, error);

	exec->started_ns = gust_now(task);
	exec->again_ns = 0;
	exec->drained = false;
	return r;
}

static int exec_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct exec *exec = self;

	exec->scanner.limit = columns_text_max(gust_tuple_max(task), 1);
	exec->backoff.least_ns = EXEC_PAUSE_LEAST_NS;
	exec->backoff.most_ns = EXEC_PAUSE_MOST_NS;
	exec->restarts = gust_counter(task, "restarts");
	return exec_start(exec, task, error);
}

/* Sets when it is started again, and returns the pause in seconds. */
static double exec_pause(struct exec *exec, struct gust_task *task, bool failed)
{
	uint64_t now = gust_now(task), pause;

	if (!failed || now - exec->started_ns >= EXEC_STEADY_NS)
		backoff_reset(&exec->backoff);
	pause = backoff_next(&exec->backoff);
	exec->again_ns = now + pause;
	return (double)pause / 1e9;
}

/* It has ended, and all that it has written is read. */
static int exec_ended(struct exec *exec, struct gust_task *task)
{
	const bool failed = !child_succeeded(&exec->child);
	const char *program = exec->command.items[0];
	char status[CHILD_STATUS_SIZE];

	child_status(&exec->child, status);
	child_release(&exec->child, task);
	exec->watching = false;
	if (exec->restart == EXEC_ALWAYS ||
	    (exec->restart == EXEC_ON_FAILURE && failed)) {
		gust_log(task, failed ? GUST_LOG_WARN : GUST_LOG_INFO,
			 "'%s' has ended with %s, again in %.1f s", program,
			 status, exec_pause(exec, task, failed));
		return gust_wait_until(task, exec->again_ns);
	}
	if (failed)
		return gust_give_up(task, -EIO, "'%s' has ended with %s",
				    program, status);
	gust_log(task, GUST_LOG_INFO, "'%s' has ended with %s", program,
		 status);
	return GUST_DONE;
}

static int exec_again(struct exec *exec, struct gust_task *task)
{
	struct gust_error error = { 0 };

	if (gust_now(task) < exec->again_ns)
		return gust_wait_until(task, exec->again_ns);
	gust_counter_add(exec->restarts, 1);
	if (exec_start(exec, task, &error) == 0)
		return GUST_EMITTED;
	gust_log(task, GUST_LOG_ERROR, "%s, again in %.1f s", error.text,
		 exec_pause(exec, task, true));
	return gust_wait_until(task, exec->again_ns);
}

/* There is nothing to read; whether there ever will be is the child's. */
static int exec_wait(struct exec *exec, struct gust_task *task)
{
	int r;

	if (exec->watching)
		return GUST_WAIT;
	r = gust_watch(task, exec->child.out, POLLIN);
	exec->watching = r == 0;
	return r < 0 ? r : GUST_WAIT;
}

/* What is left when no more will come. */
static int exec_rest(struct exec *exec, struct gust_task *task)
{
	struct gust_text rest;
	int r = scanner_rest(&exec->scanner, &rest);

	/* The rest of a line that was too long is not told. */
	exec->scanner.skips = false;
	exec->drained = true;
	/* As a rule it ends now; one that goes on is asked to. */
	if (exec->child.pid != 0)
		gust_timer(task, CHILD_GRACE_NS, (uint64_t)exec->child.pid);
	if (r == 0)
		return GUST_EMITTED;
	return gust_emit(task, gust_string(rest.data, rest.length));
}

static int exec_read(struct exec *exec, struct gust_task *task)
{
	/* Asked before the read, or what came between would be lost. */
	const bool ended = exec->child.pid == 0;
	ssize_t n;

	if (exec->drained)
		return ended ? exec_ended(exec, task) : GUST_WAIT;
	n = scanner_read(&exec->scanner, exec->child.out);
	if (n > 0)
		return GUST_EMITTED;
	/* One that it has started may keep its output open for ever. */
	if (n == 0 || (n == -EAGAIN && ended))
		return exec_rest(exec, task);
	return n == -EAGAIN ? exec_wait(exec, task) : (int)n;
}

static int exec_next(void *self, struct gust_task *task)
{
	struct exec *exec = self;
	struct gust_text line;
	int r;

	if (exec->again_ns != 0)
		return exec_again(exec, task);
	r = scanner_next(&exec->scanner, &line);
	if (r == 1)
		return gust_emit(task, gust_string(line.data, line.length));
	if (r == -EMSGSIZE)
		return gust_reject_record(
			task, line.data, line.length,
			"a line of more than %zu bytes is too long for a tuple",
			exec->scanner.limit);
	return exec_read(exec, task);
}

/* The watch ends here, since a paused spout would be called for ever. */
static int exec_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct exec *exec = self;

	(void)events;
	if (child_ready(&exec->child, task, fd) || fd != exec->child.out)
		return 0;
	gust_watch(task, fd, 0);
	exec->watching = false;
	return 0;
}

static int exec_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct exec *exec = self;

	if (!child_timer(&exec->child, task, cookie) && exec->drained &&
	    cookie == (uint64_t)exec->child.pid)
		child_terminate(&exec->child, task);
	return 0;
}

static void exec_deactivate(void *self, struct gust_task *task)
{
	struct exec *exec = self;

	child_terminate(&exec->child, task);
}

static void exec_close(void *self)
{
	struct exec *exec = self;

	child_close(&exec->child);
	scanner_destroy(&exec->scanner);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "exec",
	.summary = "emits what a program writes, line by line",
	.options = exec_options,
	.streams = exec_streams,
	.instance_size = sizeof(struct exec),
	.replay = GUST_REPLAY_RECORD,
	.declare = exec_declare,
	.open = exec_open,
	.next = exec_next,
	.deactivate = exec_deactivate,
	.ready = exec_ready,
	.timer = exec_timer,
	.close = exec_close,
};
