/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/suggest.h"
#include "channel/key.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/remote.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/shown.h"
#include "cli/summary.h"
#include "cli/terminal.h"
#include "parent/parent.h"
#include "topology/hosts.h"
#include "worker/access.h"
#include "worker/reception.h"

struct run {
	struct request request;
	struct worker_options options;
	const char *path;
	const char *report; /* or NULL */
	const char *host;   /* of `gust worker`; else NULL */
	const char *key;    /* or NULL */
	bool quiet;
	bool level_given;
	bool ssh;

	struct topology *topology;
	const struct plan *plan;
	struct worker *worker; /* one of both */
	struct parent *parent;
	uint32_t first, count; /* workers to run here */
	struct key *secret;    /* or NULL */
	const struct command *command;
	struct progress progress;
	struct worker_result result;
	uint64_t begun_wall_ns;
};

static int say(const struct run *run, const struct gust_error *error)
{
	const char *source = error->source;

	if (source[0] != '\0' && error->line > 0)
		fprintf(stderr, "%s:%d:%d: %s\n", source, error->line,
			error->column, error->text);
	else
		fprintf(stderr, "gust %s: %s%s%s\n", run->command->name, source,
			source[0] != '\0' ? ": " : "", error->text);
	return COMMAND_FAILED;
}

/* A whole number from `min` on. */
static int read_number(const struct arguments *arguments, uint64_t min,
		       uint64_t max, uint64_t *number)
{
	const char *text = arguments->value;
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value < min || value > max)
		return command_misuse(
			arguments->command,
			"'%s' is no value of '--%s', expected a whole number "
			"from %llu to %llu",
			text, arguments->option->name, (unsigned long long)min,
			(unsigned long long)max);
	*number = value;
	return 0;
}

static int read_duration(const struct arguments *arguments, uint64_t *ns)
{
	struct gust_error error = { 0 };

	if (duration_parse(arguments->value, ns, &error) < 0)
		return command_misuse(arguments->command, "'--%s': %s",
				      arguments->option->name, error.text);
	if (*ns == 0)
		return command_misuse(
			arguments->command, "'--%s': '%s' is no time at all",
			arguments->option->name, arguments->value);
	return 0;
}

static int read_level(const struct arguments *arguments)
{
	enum log_level level;

	if (log_level_parse(arguments->value, &level) < 0)
		return command_misuse(arguments->command,
				      "'%s' is no log level, expected error, "
				      "warn, info or debug",
				      arguments->value);
	log_set_level(level);
	return 0;
}

static int read_executors(struct run *run, const struct arguments *arguments)
{
	uint64_t number;
	int r = read_number(arguments, 1, 1024, &number);

	if (r == 0 && request_set(&run->request, "topology.executors",
				  arguments->value, "--executors") < 0)
		return COMMAND_FAILED;
	return r;
}

static int read_option(struct run *run, const struct arguments *arguments)
{
	switch (arguments->option->key) {
	case SESSION_EXECUTORS:
		return read_executors(run, arguments);
	case SESSION_FOR:
		return read_duration(arguments, &run->options.for_ns);
	case SESSION_MAX_TUPLES:
		return read_number(arguments, 1, UINT64_MAX,
				   &run->options.max_tuples);
	case SESSION_QUIET:
		run->quiet = true;
		if (!run->level_given)
			log_set_level(LOG_LEVEL_WARN);
		return 0;
	case SESSION_LOG_LEVEL:
		run->level_given = true;
		return read_level(arguments);
	case SESSION_REPORT:
		run->report = arguments->value;
		return 0;
	case SESSION_SSH:
		run->ssh = true;
		return 0;
	case SESSION_HOST:
		run->host = arguments->value;
		return 0;
	case SESSION_KEY:
		run->key = arguments->value;
		return 0;
	default:
		return request_take(&run->request, arguments) < 0
			       ? COMMAND_USAGE
			       : 0;
	}
}

static int read_arguments(struct run *run, struct arguments *arguments)
{
	int r = 0;

	while (r == 0 && arguments_next(arguments) > 0) {
		if (arguments->option != NULL)
			r = read_option(run, arguments);
		else if (run->path == NULL)
			run->path = arguments->value;
		else
			r = command_misuse(run->command,
					   "'%s' is one file too many",
					   arguments->value);
	}
	if (r == 0 && run->path == NULL)
		r = command_misuse(run->command, "which FILE?");
	return r;
}

/* What would mean something else on each host. */
static int check_ssh(const struct run *run)
{
	const char *wrong = NULL;

	if (strcmp(run->path, "-") == 0)
		wrong = "a topology from standard input";
	else if (run->report != NULL)
		wrong = "'--report'";
	else if (run->options.max_tuples > 0)
		wrong = "'--max-tuples'";
	if (wrong == NULL)
		return 0;
	return command_misuse(run->command, "%s is not possible with '--ssh'",
			      wrong);
}

static int check_options(const struct run *run)
{
	bool worker = run->command == &command_worker;

	if (worker && run->request.hosts == NULL)
		return command_misuse(run->command, "which '--hosts FILE'?");
	if (worker && run->host == NULL)
		return command_misuse(run->command, "which '--host NAME'?");
	if (run->ssh && run->request.hosts == NULL)
		return command_misuse(run->command,
				      "'--ssh' needs '--hosts FILE'");
	if (!worker && !run->ssh && run->request.hosts != NULL)
		return command_misuse(run->command,
				      "'--hosts' needs '--ssh', or 'gust "
				      "worker' on each host");
	return run->ssh ? check_ssh(run) : 0;
}

/* Which of the plan's workers are to run here. */
static int find_workers(struct run *run)
{
	const struct plan *plan = run->plan;
	const char *nearest;
	const char *names[HOSTS_MAX];
	uint32_t i;

	run->first = 0;
	run->count = plan->worker_count;
	if (run->host == NULL)
		return 0;
	for (i = 0; i < plan->host_count; i++) {
		names[i] = plan->hosts[i].name;
		if (strcmp(names[i], run->host) != 0)
			continue;
		run->first = plan->hosts[i].first_worker;
		run->count = plan->hosts[i].worker_count;
		return 0;
	}
	nearest = suggest_nearest(run->host, names, plan->host_count);
	if (nearest != NULL)
		return command_misuse(run->command,
				      "no host is named '%s'; did you mean "
				      "'%s'?",
				      run->host, nearest);
	return command_misuse(run->command, "no host is named '%s'", run->host);
}

/* What can be known to fail at the end is refused at the beginning. */
static int check_report(const struct run *run)
{
	struct gust_error error = { 0 };
	uint32_t i;

	if (run->report == NULL)
		return 0;
	if (report_check(run->report, &error) < 0)
		return command_misuse(run->command, "%s", error.text);
	for (i = 0; i < run->plan->component_count; i++)
		if (strcmp(run->report, "-") == 0 &&
		    (run->plan->components[i].flags & GUST_STDOUT) != 0)
			return command_misuse(
				run->command,
				"'--report -' would mix with what '%s' writes "
				"to standard output; name a file",
				run->plan->components[i].id);
	return 0;
}

static const struct board *run_board(const struct run *run)
{
	return run->parent != NULL ? parent_board(run->parent)
				   : worker_board(run->worker);
}

/* What `gust status` gets. */
static char *describe(void *self, size_t *n)
{
	const struct run *run = self;

	return shown_text(run_board(run), run->path, n);
}

/* Gathers what summary and report go by; the arrays are by task. */
static void fill_outcome(struct run *run, struct outcome *outcome,
			 const struct gust_histogram **latencies,
			 const struct metric_set **metrics)
{
	uint32_t i;

	for (i = 0; i < run->plan->task_count; i++) {
		const struct executor *executor;

		if (run->parent != NULL) {
			latencies[i] = parent_latency(run->parent, i);
			metrics[i] = parent_metrics(run->parent, i);
			continue;
		}
		executor = worker_executor_of(run->worker, i);
		if (executor == NULL)
			continue;
		latencies[i] = executor_latency(executor, i);
		metrics[i] = executor_metrics(executor, i);
	}
	outcome->path = run->path;
	outcome->last = &run->progress.now;
	outcome->result = &run->result;
	outcome->board = run_board(run);
	outcome->begun_wall_ns = run->begun_wall_ns;
	outcome->ended_wall_ns = clock_wall_ns();
	outcome->latencies = latencies;
	outcome->metrics = metrics;
	outcome->blamed = run->progress.blamed;
	outcome->looks = run->progress.looks;
}

/* Nothing is said where nobody reads: `gust run ... | head`. */
static bool wants_summary(const struct run *run)
{
	if (run->result.end == WORKER_NO_READER)
		return false;
	return !run->quiet || run->result.exit_code != COMMAND_DONE;
}

static int tell(struct run *run)
{
	size_t count = run->plan->task_count + 1;
	const struct gust_histogram **latencies =
		calloc(count, sizeof(*latencies));
	const struct metric_set **metrics = calloc(count, sizeof(*metrics));
	struct gust_error error = { 0 };
	struct outcome outcome = { 0 };
	struct terminal terminal;
	int code = run->result.exit_code;

	if (latencies == NULL || metrics == NULL) {
		gust_error_set(&error, -ENOMEM, "out of memory");
		code = say(run, &error);
		goto done;
	}
	fill_outcome(run, &outcome, latencies, metrics);
	terminal_get(&terminal, STDERR_FILENO);
	if (wants_summary(run))
		summary_print(&outcome, stderr, terminal.colours);
	if (run->report != NULL &&
	    report_write(&outcome, run->report, &error) < 0) {
		say(run, &error);
		code = code == COMMAND_DONE ? COMMAND_FAILED : code;
	}
done:
	free(latencies);
	free(metrics);
	return code;
}

/* A run goes on without anybody who can ask after it. */
static void receive(struct run *run)
{
	struct gust_error error = { 0 };

	if (reception_open(&run->options.reception, run->plan->name, describe,
			   run, &error) < 0)
		log_write(LOG_LEVEL_WARN, "gust status cannot see this run: %s",
			  error.text);
}

/* In this process. */
static int execute_worker(struct run *run, struct gust_error *error)
{
	int r = worker_create(run->plan, &run->options, &run->worker, error);

	if (r < 0)
		return r;
	run->begun_wall_ns = clock_wall_ns();
	worker_run(run->worker, &run->result);
	return 0;
}

/* In processes of their own. */
static int execute_parent(struct run *run, struct gust_error *error)
{
	int r = parent_create(run->plan, &run->options, run->first, run->count,
			      &run->parent, error);

	if (r < 0)
		return r;
	run->begun_wall_ns = clock_wall_ns();
	parent_run(run->parent, &run->result);
	return 0;
}

static int execute(struct run *run)
{
	struct gust_error error = { 0 };
	int r;

	r = access_open(run->plan, run->key, &run->secret, &error);
	if (r < 0)
		return say(run, &error);
	run->options.key = run->secret;
	r = progress_init(&run->progress, run->plan,
			  progress_choose(run->plan, run->quiet));
	if (r < 0) {
		gust_error_set(&error, r, "out of memory");
		return say(run, &error);
	}
	run->options.progress = progress_update;
	run->options.self = &run->progress;
	run->options.progress_ns = PROGRESS_NS;
	receive(run);
	if (run->plan->worker_count > 1 || run->plan->host_count > 0)
		r = execute_parent(run, &error);
	else
		r = execute_worker(run, &error);
	reception_close(run->options.reception);
	run->options.reception = NULL;
	if (r < 0)
		return say(run, &error);
	progress_take(&run->progress, run_board(run));
	progress_end(&run->progress);
	return tell(run);
}

/* Does what is wanted once the plan is there. */
static int start(struct run *run, const struct arguments *arguments)
{
	int code;

	run->plan = topology_plan(run->topology);
	code = check_report(run);
	if (code != COMMAND_DONE)
		return code;
	if (run->ssh)
		return remote_run(run->plan, arguments->items,
				  arguments->count);
	code = find_workers(run);
	if (code != COMMAND_DONE)
		return code;
	if (run->count > 0)
		return execute(run);
	fprintf(stderr, "gust %s: no task falls to host '%s'\n",
		run->command->name, run->host);
	return COMMAND_DONE;
}

int session_start(struct arguments *arguments)
{
	struct run run = { .command = arguments->command };
	int code;

	request_init(&run.request, run.command);
	code = read_arguments(&run, arguments);
	if (code == COMMAND_DONE)
		code = check_options(&run);
	if (code == COMMAND_DONE)
		code = request_load_or_say(&run.request, run.path, !run.quiet,
					   &run.topology);
	if (code == COMMAND_DONE)
		code = start(&run, arguments);
	/* Threads that hang in a plugin still use all this. */
	if (run.result.left_behind > 0)
		_exit(code);
	progress_fini(&run.progress);
	worker_destroy(run.worker);
	parent_destroy(run.parent);
	key_destroy(run.secret);
	topology_destroy(run.topology);
	request_fini(&run.request);
	return code;
}
