/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/summary.h"
#include "fixture_plan.h"

static struct fixture_plan fixture;
static struct snapshot last;
static struct worker_result result;
static struct gust_histogram latency;
static const struct gust_histogram *latencies[5];
static const struct metric_set *metrics[5];
static uint64_t blamed[3];
static struct board board;
static struct outcome outcome;

static void begin(void)
{
	fixture_plan_init(&fixture);
	CHECK_INT(snapshot_init(&last, &fixture.plan), 0);
	memset(&result, 0, sizeof(result));
	memset(&latency, 0, sizeof(latency));
	memset(blamed, 0, sizeof(blamed));
	memset(&outcome, 0, sizeof(outcome));
	latencies[0] = &latency;
	CHECK_INT(board_init(&board, &fixture.plan, 0), 0);
	outcome.board = &board;
	outcome.last = &last;
	outcome.result = &result;
	outcome.latencies = latencies;
	outcome.metrics = metrics;
	outcome.blamed = blamed;
	result.run_ns = 2000000000;
	result.peak_rss = 10485760;
	last.tasks[0].emitted = last.tasks[0].roots = 10;
	last.tasks[0].attempts = last.tasks[0].trees_acked = 10;
	last.executors[0].busy_ns = last.executors[1].busy_ns = 1000000000;
}

static void end(void)
{
	snapshot_fini(&last);
	board_fini(&board);
	plan_fini_derived(&fixture.plan);
}

static char *print(void)
{
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	CHECK(file != NULL);
	summary_print(&outcome, file, false);
	fclose(file);
	return text;
}

TEST(a_good_run)
{
	char *text;

	begin();
	histogram_record(&latency, 1000);
	text = print();
	CHECK_STR(text,
		  "words: done, all sources have ended, after 2 s\n"
		  "  component  tasks  emitted  executed  acked  failed  "
		  "latency\n"
		  "  text           1       10         -     10       0      "
		  "  -\n"
		  "  split          2        0         0      0       0      "
		  "  -\n"
		  "  count          2        0         0      0       0      "
		  "  -\n"
		  "trees: 10 = 10 acked; attempts: 10 = 10 acked\n"
		  "complete latency of 'text': p50 1 us, p99 1 us, p99.9 1 us, "
		  "max 1 us\n"
		  "executors busy: 50 %, 50 %; memory: 10 MiB at most\n"
		  "note: 'text' replays from memory: what is open is lost "
		  "when its process dies\n");
	free(text);
	end();
}

TEST(counts_that_do_not_balance_are_a_bug)
{
	char *text;

	begin();
	last.tasks[0].roots = 11;
	text = print();
	CHECK_CONTAINS(text, "error: a bug in gust: the counts do not balance: "
			     "11 roots, but 10 ends; 10 attempts, but 10 "
			     "results");
	free(text);
	end();
}

TEST(what_went_wrong_is_named)
{
	char *text;

	begin();
	last.tasks[0].roots = last.tasks[0].attempts = 13;
	last.tasks[0].trees_failed = 3;
	last.tasks[0].lost = last.tasks[0].dead_lettered = 1;
	last.tasks[0].rejected = 1;
	fixture.components[0].replay = GUST_REPLAY_NONE;
	text = print();
	CHECK_CONTAINS(text, "trees: 13 = 10 acked + 1 dead-lettered + 1 "
			     "rejected + 1 lost; attempts: 13 = 10 acked + 3 "
			     "failed\n");
	CHECK_CONTAINS(text, "error: 1 dead letter and 1 rejected record are "
			     "in 'words.dead-letters.jsonl'\n");
	CHECK_CONTAINS(text, "error: 'text' lost 1 tuple, which failed, and it "
			     "has no replay\n");
	CHECK(strstr(text, "a bug") == NULL);
	free(text);
	end();
}

TEST(late_tuples_are_said)
{
	char *text;

	begin();
	last.tasks[3].late = 1;
	last.tasks[4].late = 2;
	text = print();
	CHECK_CONTAINS(text, "note: 3 tuples came too late for the windows of "
			     "'count'\n");
	free(text);
	end();
}

TEST(a_failure_has_its_place)
{
	char *text;

	begin();
	result.end = WORKER_FAILED;
	strcpy(result.reason, "a component failed");
	gust_error_set(&result.error, -5, "no more");
	text = print();
	CHECK_CONTAINS(
		text, "words: a component failed, after 2 s\nerror: no more\n");
	free(text);
	end();
}

TEST(the_slowest_component_is_named)
{
	char *text;

	begin();
	outcome.looks = 20;
	blamed[2] = 15;
	blamed[1] = 3;
	text = print();
	CHECK_CONTAINS(text, "note: backpressure by 'count' for 75 % of the "
			     "time: it is the slowest component\n");
	free(text);
	blamed[2] = 2;
	blamed[1] = 0;
	text = print();
	CHECK(strstr(text, "backpressure") == NULL);
	free(text);
	end();
}

TEST(an_idle_executor_asks_for_parallelism)
{
	char *text;

	begin();
	fixture.components[1].task_count = 1;
	last.executors[0].busy_ns = 1900000000;
	last.executors[1].busy_ns = 100000000;
	last.tasks[1].executed = last.tasks[1].sampled_calls = 1;
	last.tasks[1].sampled_ns = 1800000000;
	fixture.plan.tasks[1].executor = 0;
	text = print();
	CHECK_CONTAINS(text, "note: executor 0 was 95 % busy and executor 1 "
			     "only 5 %: more 'parallelism' for 'split' would "
			     "spread the work\n");
	free(text);
	end();
}

TEST(deaths_and_what_they_cost_are_said)
{
	char *text;

	begin();
	board.workers[0].restarts = 3;
	board.bereavements[0] = 1;
	text = print();
	CHECK_CONTAINS(text, "note: worker 0 died and was started again, "
			     "3 times\n");
	CHECK_CONTAINS(text, "error: 'text' has no positions: what it had read "
			     "was lost as its worker died\n");
	free(text);
	end();
}
