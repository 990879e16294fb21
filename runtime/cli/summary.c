/* SPDX-License-Identifier: MIT */
#include "cli/summary.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/count.h"
#include "base/duration.h"
#include "base/size.h"
#include "cli/grid.h"

#define RED "\x1b[31m"
#define YELLOW "\x1b[33m"
#define PLAIN "\x1b[0m"

/* An executor is full above the one and idle below the other. */
#define BUSY_FULL 0.9
#define BUSY_IDLE 0.5

/* Where it goes, and how. */
struct paper {
	const struct outcome *outcome;
	const struct plan *plan;
	FILE *file;
	bool colours;
	struct task_counters total;
};

static void begin_note(const struct paper *paper, bool bad)
{
	if (paper->colours)
		fputs(bad ? RED : YELLOW, paper->file);
	fputs(bad ? "error: " : "note: ", paper->file);
	if (paper->colours)
		fputs(PLAIN, paper->file);
}

static void print_error(const struct paper *paper,
			const struct gust_error *error)
{
	begin_note(paper, true);
	if (error->source[0] != '\0')
		fprintf(paper->file, "%s:", error->source);
	if (error->line > 0)
		fprintf(paper->file, "%d:%d:", error->line, error->column);
	fprintf(paper->file, "%s%s\n", error->source[0] != '\0' ? " " : "",
		error->text);
}

/* What the worker's reason leaves open. */
static const char *end_name(enum worker_end end)
{
	switch (end) {
	case WORKER_ENDED:
		return "done, all sources have ended";
	case WORKER_STOPPED:
		return ", and what was open has been completed";
	case WORKER_OVERDUE:
	case WORKER_ABORTED:
	case WORKER_STUCK:
		return ", and what was open counts as aborted";
	case WORKER_FAILED:
	case WORKER_NO_READER:
		break;
	}
	return "";
}

static void print_title(const struct paper *paper)
{
	const struct worker_result *result = paper->outcome->result;
	char duration[DURATION_TEXT_SIZE];

	fprintf(paper->file, "%s: %s%s", paper->plan->name, result->reason,
		end_name(result->end));
	if (result->run_ns > 0)
		fprintf(paper->file, ", after %s",
			duration_format(duration, result->run_ns));
	fputc('\n', paper->file);
}

static void add_count(struct grid *grid, uint64_t count)
{
	char text[COUNT_TEXT_SIZE];

	grid_add(grid, "%s", count_format(text, count));
}

static void add_duration(struct grid *grid, double ns, bool known)
{
	char text[DURATION_TEXT_SIZE];

	grid_add(grid, "%s", known ? duration_format(text, (uint64_t)ns) : "-");
}

/* All its tasks are on other hosts. */
static void add_nothing_here(struct grid *grid)
{
	static const char *const cells[] = { "elsewhere", "-", "-",
					     "-",         "-", "-" };

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		grid_add(grid, "%s", cells[i]);
}

static void add_component(struct grid *grid, const struct paper *paper,
			  uint32_t number)
{
	const struct plan_component *it = &paper->plan->components[number];
	uint32_t here = outcome_tasks_here(paper->outcome, number);
	bool spout = it->kind == PLAN_SPOUT;
	struct task_counters sum;

	snapshot_component(paper->outcome->last, number, &sum);
	grid_add(grid, "%s", it->id);
	if (here == 0) {
		add_nothing_here(grid);
		return;
	}
	if (here < it->task_count)
		grid_add(grid, "%u of %u", here, it->task_count);
	else
		add_count(grid, it->task_count);
	add_count(grid, sum.emitted);
	if (spout)
		grid_add(grid, "-");
	else
		add_count(grid, sum.executed);
	add_count(grid, spout ? sum.trees_acked : sum.acked);
	add_count(grid, spout ? sum.trees_failed : sum.failed);
	add_duration(grid, snapshot_latency(&sum), sum.sampled_calls > 0);
}

static void print_components(const struct paper *paper)
{
	static const char *const names[] = { "component", "tasks", "emitted",
					     "executed",  "acked", "failed",
					     "latency" };
	struct grid grid;
	uint32_t i;

	grid_init(&grid, "lrrrrrr");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		grid_add(&grid, "%s", names[i]);
	for (i = 0; i < paper->plan->component_count; i++)
		add_component(&grid, paper, i);
	grid_print(&grid, paper->file, "  ");
	grid_fini(&grid);
}

static void print_count(const struct paper *paper, const char *before,
			uint64_t count, const char *after)
{
	char text[COUNT_TEXT_SIZE];

	fprintf(paper->file, "%s%s%s", before, count_format(text, count),
		after);
}

/* Parts that are none are left out, but for the first. */
static void print_part(const struct paper *paper, uint64_t count,
		       const char *name)
{
	if (count > 0)
		print_count(paper, " + ", count, name);
}

static void print_trees(const struct paper *paper)
{
	const struct task_counters *total = &paper->total;
	struct task_counters spouts;

	snapshot_spouts(paper->outcome->last, &spouts);
	print_count(paper, "trees: ", total->roots, "");
	if (total->roots > spouts.roots) {
		print_count(paper, " (", spouts.roots, " from spouts, ");
		print_count(paper, "", total->roots - spouts.roots,
			    " derived)");
	}
	fputs(" = ", paper->file);
	print_count(paper, "", total->trees_acked, " acked");
	print_part(paper, total->dead_lettered, " dead-lettered");
	print_part(paper, total->rejected, " rejected");
	print_part(paper, total->lost, " lost");
	print_part(paper, total->aborted, " aborted");
	print_count(paper, "; attempts: ", total->attempts, " = ");
	print_count(paper, "", total->trees_acked, " acked");
	print_part(paper, total->trees_failed, " failed");
	if (total->timed_out > 0)
		print_count(paper, " (", total->timed_out, " timed out)");
	if (total->untracked > 0)
		print_count(paper, "; untracked: ", total->untracked, "");
	fputc('\n', paper->file);
}

static void print_latency(const struct paper *paper, uint32_t number)
{
	static const struct {
		const char *name;
		double quantile;
	} points[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 } };
	struct gust_histogram *latency =
		outcome_latency(paper->outcome, number);
	char text[DURATION_TEXT_SIZE];
	size_t i;

	if (latency == NULL || histogram_count(latency) == 0) {
		free(latency);
		return;
	}
	fprintf(paper->file, "complete latency of '%s': ",
		paper->plan->components[number].id);
	for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		fprintf(paper->file, "%s %s, ", points[i].name,
			duration_format(
				text, histogram_quantile(latency,
							 points[i].quantile)));
	fprintf(paper->file, "max %s\n",
		duration_format(text, histogram_max(latency)));
	free(latency);
}

static void print_machine(const struct paper *paper)
{
	const struct outcome *outcome = paper->outcome;
	char text[SIZE_TEXT_SIZE];
	uint32_t i, here = 0, count = paper->plan->executor_count;

	fputs("executors busy: ", paper->file);
	for (i = 0; i < count; i++) {
		if (!outcome_is_here(outcome, i))
			continue;
		if (here++ < 16)
			fprintf(paper->file, "%s%.0f %%", here > 1 ? ", " : "",
				100 * outcome_busy(outcome, i));
	}
	if (here > 16)
		fprintf(paper->file, " and %u more", here - 16);
	fprintf(paper->file, "; memory: %s at most\n",
		size_format(text, outcome->result->peak_rss));
}

static void note_balance(const struct paper *paper)
{
	struct balance balance;

	outcome_balance(&paper->total, &balance);
	if (balance_even(&balance))
		return;
	begin_note(paper, true);
	fprintf(paper->file,
		"a bug in gust: the counts do not balance: %" PRIu64
		" roots, but %" PRIu64 " ends; %" PRIu64
		" attempts, but %" PRIu64 " results; please report it\n",
		balance.roots, balance.ends, balance.attempts, balance.results);
}

/* "3 dead letters", or nothing where there are none. */
static void print_things(const struct paper *paper, uint64_t count,
			 const char *thing)
{
	if (count == 0)
		return;
	print_count(paper, "", count, thing);
	if (count > 1)
		fputc('s', paper->file);
}

static void note_letters(const struct paper *paper)
{
	uint64_t dead = paper->total.dead_lettered;
	uint64_t rejected = paper->total.rejected;

	if (dead + rejected == 0)
		return;
	begin_note(paper, dead > 0);
	print_things(paper, dead, " dead letter");
	if (dead > 0 && rejected > 0)
		fputs(" and ", paper->file);
	print_things(paper, rejected, " rejected record");
	fprintf(paper->file, " %s in '%s'\n",
		dead + rejected == 1 ? "is" : "are",
		paper->plan->config.dead_letters);
}

static void note_component(const struct paper *paper, uint32_t number)
{
	const struct plan_component *it = &paper->plan->components[number];
	struct task_counters sum;

	snapshot_component(paper->outcome->last, number, &sum);
	if (sum.lost > 0) {
		begin_note(paper, true);
		fprintf(paper->file, "'%s' lost ", it->id);
		print_things(paper, sum.lost, " tuple");
		fputs(it->replay == GUST_REPLAY_NONE
			      ? ", which failed, and it has no replay\n"
			      : "\n",
		      paper->file);
	}
	if (sum.late > 0) {
		begin_note(paper, false);
		print_things(paper, sum.late, " tuple");
		fprintf(paper->file, " came too late for the windows of '%s'\n",
			it->id);
	}
	if (sum.mistakes > 0) {
		begin_note(paper, false);
		fprintf(paper->file, "the plugin of '%s' made ", it->id);
		print_things(paper, sum.mistakes, " mistake");
		fputs(", such as acking a tuple twice; the log names them\n",
		      paper->file);
	}
	if (paper->outcome->board->bereavements[number] > 0) {
		begin_note(paper, true);
		fprintf(paper->file,
			"'%s' has no positions: what it had read was lost as "
			"its worker died\n",
			it->id);
	}
	if (it->kind != PLAN_SPOUT || sum.roots == 0 ||
	    (it->replay != GUST_REPLAY_RECORD &&
	     it->replay != GUST_REPLAY_NONE))
		return;
	begin_note(paper, false);
	fprintf(paper->file,
		"'%s' %s: what is open is lost when its process dies\n", it->id,
		it->replay == GUST_REPLAY_RECORD ? "replays from memory"
						 : "has no replay");
}

static void note_worker(const struct paper *paper, uint32_t number)
{
	uint64_t restarts = paper->outcome->board->workers[number].restarts;

	if (restarts == 0)
		return;
	begin_note(paper, false);
	fprintf(paper->file, "worker %u died and was started again", number);
	if (restarts > 1)
		print_count(paper, ", ", restarts, " times");
	fputc('\n', paper->file);
}

static void note_slowest(const struct paper *paper)
{
	const struct outcome *outcome = paper->outcome;
	uint32_t slowest = outcome_slowest(outcome);

	if (slowest == UINT32_MAX)
		return;
	begin_note(paper, false);
	fprintf(paper->file,
		"backpressure by '%s' for %.0f %% of the time: it is the "
		"slowest component\n",
		paper->plan->components[slowest].id,
		100 * (double)outcome->blamed[slowest] /
			(double)outcome->looks);
}

/* The component whose tasks on that executor took most of its time. */
static uint32_t heaviest(const struct paper *paper, uint32_t executor)
{
	uint32_t i, heaviest = UINT32_MAX;
	double most = 0;

	for (i = 0; i < paper->plan->task_count; i++) {
		const struct plan_task *task = &paper->plan->tasks[i];
		const struct task_counters *counters =
			&paper->outcome->last->tasks[i];
		double spent =
			snapshot_latency(counters) * (double)counters->executed;

		if (task->executor != executor || spent <= most)
			continue;
		most = spent;
		heaviest = task->component;
	}
	return heaviest;
}

/* Some worker runs here, so there is one. */
static uint32_t first_here(const struct paper *paper)
{
	uint32_t i = 0;

	while (i + 1 < paper->plan->executor_count &&
	       !outcome_is_here(paper->outcome, i))
		i++;
	return i;
}

static void note_executors(const struct paper *paper)
{
	uint32_t i, most, least, component, first = first_here(paper);

	most = least = first;
	for (i = first; i < paper->plan->executor_count; i++) {
		double busy = outcome_busy(paper->outcome, i);

		if (!outcome_is_here(paper->outcome, i))
			continue;
		if (busy > outcome_busy(paper->outcome, most))
			most = i;
		if (busy < outcome_busy(paper->outcome, least))
			least = i;
	}
	if (outcome_busy(paper->outcome, most) < BUSY_FULL ||
	    outcome_busy(paper->outcome, least) > BUSY_IDLE)
		return;
	component = heaviest(paper, most);
	if (component == UINT32_MAX ||
	    paper->plan->components[component].task_count >=
		    paper->plan->executor_count)
		return;
	begin_note(paper, false);
	fprintf(paper->file,
		"executor %u was %.0f %% busy and executor %u only %.0f %%: "
		"more 'parallelism' for '%s' would spread the work\n",
		most, 100 * outcome_busy(paper->outcome, most), least,
		100 * outcome_busy(paper->outcome, least),
		paper->plan->components[component].id);
}

void summary_print(const struct outcome *outcome, FILE *file, bool colours)
{
	struct paper paper = {
		outcome, outcome->last->plan, file, colours, { 0 }
	};
	uint32_t i;

	snapshot_total(outcome->last, &paper.total);
	print_title(&paper);
	if (outcome->result->error.code != 0)
		print_error(&paper, &outcome->result->error);
	/* It did not come to the first step: there is nothing to count. */
	if (outcome->result->run_ns == 0)
		return;
	print_components(&paper);
	print_trees(&paper);
	for (i = 0; i < paper.plan->component_count; i++)
		if (paper.plan->components[i].kind == PLAN_SPOUT)
			print_latency(&paper, i);
	print_machine(&paper);
	note_balance(&paper);
	note_letters(&paper);
	for (i = 0; i < paper.plan->component_count; i++)
		note_component(&paper, i);
	for (i = 0; i < paper.plan->worker_count; i++)
		note_worker(&paper, i);
	note_slowest(&paper);
	note_executors(&paper);
}
