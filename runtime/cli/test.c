/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/junit.h"
#include "cli/request.h"
#include "cli/testfile.h"
#include "cli/testrun.h"
#include "cli/testsetup.h"

enum { OPTION_JUNIT = 1 };

struct tests {
	struct request request;
	const char *junit_path; /* NULL: none */
	struct junit junit;
	int files;
	int passed, failed;
	int code;
};

static void no_memory(struct tests *tests)
{
	fprintf(stderr, "gust test: out of memory\n");
	if (tests->code == COMMAND_DONE)
		tests->code = COMMAND_FAILED;
}

/* Keeps a result and says what is wrong with it. */
static void add_result(struct tests *tests, struct junit_result *result)
{
	static const char *const words[] = { "ok", "FAILED", "WRONG" };

	if (result->outcome == JUNIT_PASSED)
		tests->passed++;
	else
		tests->failed++;
	if (result->outcome == JUNIT_FAILED && tests->code == COMMAND_DONE)
		tests->code = COMMAND_FAILED;
	if (result->outcome == JUNIT_WRONG)
		tests->code = COMMAND_USAGE;
	printf("%-6s  %s: %s\n", words[result->outcome], result->suite,
	       result->name);
	if (result->outcome == JUNIT_FAILED)
		fputs(result->report, stdout);
	/* Mistakes go where those of other files go. */
	(void)fflush(stdout);
	if (result->outcome == JUNIT_WRONG)
		fputs(result->report, stderr);
	if (tests->junit_path != NULL && junit_add(&tests->junit, result) < 0)
		no_memory(tests);
}

/* The mistakes as text, malloc'ed; NULL for want of memory. */
static char *format_mistakes(struct diagnostics *diagnostics)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL)
		return NULL;
	diagnostics_drop_warnings(diagnostics);
	diagnostics_sort(diagnostics);
	diagnostics_print(diagnostics, file);
	return fclose(file) == 0 ? text : NULL;
}

/* As testrun_case(); loads the topology before, and leaves it after. */
static int run_loaded(struct tests *tests, const struct testfile *file,
		      const struct testfile_case *test,
		      struct diagnostics *diagnostics, FILE *report)
{
	struct topology *topology = NULL;
	int r;

	r = testsetup_load(file, test, &tests->request, diagnostics, &topology);
	if (r == 0)
		r = testrun_case(file, test, topology_plan(topology),
				 diagnostics, report);
	topology_destroy(topology);
	return r;
}

static void run_case(struct tests *tests, const struct testfile *file,
		     const struct testfile_case *test)
{
	struct junit_result result = { .suite = (char *)file->path,
				       .name = (char *)test->name };
	struct diagnostics diagnostics;
	uint64_t begun = clock_now_ns();
	char *mistakes = NULL, *text = NULL;
	size_t size = 0;
	FILE *report = open_memstream(&text, &size);
	int r = -ENOMEM;

	diagnostics_init(&diagnostics);
	if (report != NULL) {
		r = run_loaded(tests, file, test, &diagnostics, report);
		(void)fclose(report);
	}
	if (r == -EINVAL)
		mistakes = format_mistakes(&diagnostics);
	result.seconds = (double)(clock_now_ns() - begun) / CLOCK_NS_PER_S;
	result.report = mistakes != NULL ? mistakes : text;
	result.outcome = r < 0      ? JUNIT_WRONG
			 : size > 0 ? JUNIT_FAILED
				    : JUNIT_PASSED;
	if (r == -ENOMEM || result.report == NULL)
		no_memory(tests);
	else
		add_result(tests, &result);
	diagnostics_fini(&diagnostics);
	free(mistakes);
	free(text);
}

/* A file that cannot be read as a test counts as one case. */
static void wrong_file(struct tests *tests, const char *path,
		       struct diagnostics *diagnostics)
{
	struct junit_result result = { .suite = (char *)path,
				       .name = "the file",
				       .outcome = JUNIT_WRONG };

	result.report = format_mistakes(diagnostics);
	if (result.report == NULL)
		no_memory(tests);
	else
		add_result(tests, &result);
	free(result.report);
}

static void run_file(struct tests *tests, const char *path)
{
	struct variables variables = { .items = tests->request.variables,
				       .count = tests->request.variable_count };
	const struct testfile_case *test;
	struct diagnostics diagnostics;
	struct testfile file;
	int r;

	diagnostics_init(&diagnostics);
	r = testfile_read(&file, path, &variables, &diagnostics);
	if (r == -ENOMEM)
		no_memory(tests);
	else if (r < 0)
		wrong_file(tests, path, &diagnostics);
	for (test = file.cases; r == 0 && test != NULL; test = test->next)
		run_case(tests, &file, test);
	testfile_fini(&file);
	diagnostics_fini(&diagnostics);
}

/* The options come first, wherever they stand: they hold for all files. */
static int read_options(struct tests *tests, struct arguments arguments)
{
	while (arguments_next(&arguments) > 0) {
		if (arguments.option == NULL) {
			tests->files++;
			continue;
		}
		if (arguments.option->key == OPTION_JUNIT)
			tests->junit_path = arguments.value;
		else if (request_take(&tests->request, &arguments) < 0)
			return -EINVAL;
	}
	if (tests->files == 0) {
		command_misuse(&command_test, "which FILE?");
		return -EINVAL;
	}
	return 0;
}

static void write_junit(struct tests *tests)
{
	struct gust_error error = { 0 };

	if (tests->junit_path == NULL ||
	    junit_write(&tests->junit, tests->junit_path, &error) == 0)
		return;
	fprintf(stderr, "gust test: %s\n", error.text);
	tests->code = COMMAND_USAGE;
}

static int test_run(struct arguments *arguments)
{
	struct tests tests = { .code = COMMAND_DONE };

	request_init(&tests.request, &command_test);
	if (read_options(&tests, *arguments) < 0) {
		request_fini(&tests.request);
		return COMMAND_USAGE;
	}
	while (arguments_next(arguments) > 0)
		if (arguments->option == NULL)
			run_file(&tests, arguments->value);
	printf("%d passed, %d failed\n", tests.passed, tests.failed);
	write_junit(&tests);
	junit_fini(&tests.junit);
	request_fini(&tests.request);
	return tests.code;
}

static const struct command_option test_options[] = {
	REQUEST_OPTIONS,
	{ OPTION_JUNIT, "junit", 0, "FILE",
	  "Writes the results as JUnit XML, for CI." },
	{ 0 },
};

const struct command command_test = {
	.name = "test",
	.synopsis = "[OPTION]... FILE...",
	.summary = "tests a plugin or a topology on given tuples",
	.description =
		"Runs the cases of test files on a simulated clock, so that "
		"hours pass in milliseconds and every run is the same, and "
		"compares what comes out with what is expected. A test of a "
		"topology:\n\n"
		"  topology: wordcount.yaml      # relative to this file\n"
		"  cases:\n"
		"    - name: counts words\n"
		"      given:\n"
		"        text: [to be or, not to be]\n"
		"      expect:\n"
		"        count:\n"
		"          - {word: be, count: 2}\n"
		"          - {word: not, count: 1}\n"
		"          - {word: or, count: 1}\n"
		"          - {word: to, count: 2}\n\n"
		"and of a plugin alone:\n\n"
		"  bolt: split                   # or `spout:`; ./mine.so\n"
		"  options: {field: line}\n"
		"  input: {line: string}         # the fields of what is "
		"given\n"
		"  cases:\n"
		"    - name: cuts at spaces\n"
		"      given: [to be]\n"
		"      expect: [to, be]\n\n"
		"A tuple is a list of all values in their order, or a map of "
		"fields by name, of which what is expected need name only "
		"those that matter; the value alone will do where there is one "
		"field.\n\n"
		"At the top of a file stands `topology`, `bolt` or `spout`, "
		"then `cases`. The following may stand there, for all cases, "
		"or "
		"in a case:\n\n"
		"  define   variables, as -D sets them\n"
		"  config   keys of the topology's `config`\n"
		"  options  of the plugin; of a topology, by component\n"
		"  input    of a bolt: fields with their types\n"
		"  outputs  of a plugin that wants them, as in a topology\n\n"
		"In a case:\n\n"
		"  name     of the case\n"
		"  given    tuples; of a topology, by spout or spout/stream: "
		"these\n"
		"           spouts do not run, others do\n"
		"  fail     of a bolt `every 3rd`, `first 2` or `always`: "
		"inputs that\n"
		"           fail on purpose; of a topology, by component\n"
		"  run      bolts without output, such as `sqlite`, that are "
		"to do\n"
		"           their work; else they only show what reaches them\n"
		"  advance  how far the clock goes after that, such as 10s: "
		"timers\n"
		"           and ticks fire\n"
		"  stop     true: the spouts are stopped then, as by Ctrl-C\n"
		"  expect   tuples; of a topology, by component or "
		"component/stream:\n"
		"           what it emits, or what reaches it if it emits "
		"nothing;\n"
		"           of a plugin, also by stream\n"
		"  stdout   the lines on standard output\n"
		"  dead_letters, rejected\n"
		"           maps of `component`, `reason` (a part of it),\n"
		"           `attempts`, `tuple`, `record`; unless they are "
		"expected,\n"
		"           there must be none\n"
		"  error    a part of the message with which the run fails\n"
		"  steps    a list of maps with `given`, `advance`, `stop`, "
		"`expect`,\n"
		"           `stdout` and the letters, one after the other; "
		"each looks\n"
		"           at what has come since the last look\n\n"
		"In place of a list of tuples may stand a map:\n\n"
		"  tuples   the list\n"
		"  fields   the fields that are compared, the others do not "
		"matter\n"
		"  order    `any`, as in topologies, or `exact`, as for "
		"plugins\n"
		"  count    how many tuples there are\n\n"
		"At the end of a case its spouts end, unless they have by "
		"then, "
		"and all that is open comes to its end. The clock stands while "
		"a plugin works; it goes on when nothing else is left to do. "
		"Descriptors and threads cannot be simulated: a plugin that "
		"waits for them gets 200 ms of real time after it was given "
		"something, and then the clock goes at most 100 times as fast "
		"as a real one. Topologies have two executors, unless they "
		"say otherwise.\n\n"
		"The exit code is 1 when a case failed, and 2 when a file is "
		"wrong.",
	.options = test_options,
	.run = test_run,
};
