/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/count.h"
#include "base/duration.h"
#include "base/log.h"
#include "cli/state.h"
#include "cli/table.h"
#include "cli/terminal.h"

#define LINE_EVERY_NS (UINT64_C(5) * CLOCK_NS_PER_S)
#define RATE_OVER_NS CLOCK_NS_PER_S

enum progress_kind progress_choose(const struct plan *plan, bool quiet)
{
	struct terminal terminal;
	uint32_t i;

	if (quiet)
		return PROGRESS_NONE;
	terminal_get(&terminal, STDERR_FILENO);
	if (!terminal.moves)
		return PROGRESS_LINES;
	/* The output of a sink and the table would overwrite each other. */
	for (i = 0; i < plan->component_count; i++)
		if ((plan->components[i].flags & GUST_STDOUT) != 0 &&
		    terminal_same(STDOUT_FILENO, STDERR_FILENO))
			return PROGRESS_LINES;
	return PROGRESS_TABLE;
}

/*
 * The cursor rests in the table's first line, so a line of the log clears what
 * is below it, takes its place, and the next table is drawn under it. One
 * write, as the log does it.
 */
static void write_line(void *data, const char *line, size_t n)
{
	static const char clear[] = TERMINAL_CLEAR;
	char text[sizeof(clear) + LOG_LINE_SIZE];
	size_t length = sizeof(clear) - 1;
	ssize_t ignored;

	(void)data;
	memcpy(text, clear, length);
	n = n < LOG_LINE_SIZE ? n : LOG_LINE_SIZE;
	memcpy(text + length, line, n);
	ignored = write(STDERR_FILENO, text, length + n);
	(void)ignored;
}

int progress_init(struct progress *progress, const struct plan *plan,
		  enum progress_kind kind)
{
	size_t count = plan->component_count + 1;

	memset(progress, 0, sizeof(*progress));
	progress->kind = kind;
	progress->plan = plan;
	progress->line_ns = LINE_EVERY_NS;
	progress->blamed = calloc(count, sizeof(*progress->blamed));
	progress->reasons = calloc(count, sizeof(*progress->reasons));
	if (progress->blamed == NULL || progress->reasons == NULL ||
	    snapshot_init(&progress->now, plan) < 0 ||
	    snapshot_init(&progress->before, plan) < 0) {
		progress->kind = PROGRESS_NONE;
		progress_fini(progress);
		return -ENOMEM;
	}
	if (kind == PROGRESS_TABLE)
		log_set_hook(write_line, NULL);
	return 0;
}

void progress_end(struct progress *progress)
{
	if (progress->kind == PROGRESS_TABLE) {
		log_set_hook(NULL, NULL);
		fputs(TERMINAL_CLEAR, stderr);
	}
	progress->kind = PROGRESS_NONE;
}

void progress_fini(struct progress *progress)
{
	progress_end(progress);
	snapshot_fini(&progress->now);
	snapshot_fini(&progress->before);
	free(progress->blamed);
	free(progress->reasons);
	memset(progress, 0, sizeof(*progress));
}

void progress_take(struct progress *progress, const struct board *board)
{
	struct snapshot *now = &progress->now;

	snapshot_take(now, board);
	/* Rates are measured from the beginning at first. */
	if (progress->before.time_ns == 0)
		progress->before.time_ns = now->time_ns - now->elapsed_ns;
}

/* Each component counts once a look, however many wait for it. */
static void look(struct progress *progress)
{
	const struct plan *plan = progress->plan;
	uint32_t i, k;

	progress->looks++;
	for (i = 0; i < plan->component_count; i++) {
		for (k = 0; k < plan->task_count; k++)
			if (progress->now.tasks[k].state == TASK_BACKPRESSURE &&
			    progress->now.tasks[k].blocked_by == i)
				break;
		if (k < plan->task_count)
			progress->blamed[i]++;
	}
}

static void find_reasons(struct progress *progress, const struct board *board)
{
	uint32_t i;

	for (i = 0; i < progress->plan->component_count; i++)
		progress->reasons[i] =
			board->reasons[state_task(&progress->now, i)];
}

static void swap_snapshots(struct progress *progress)
{
	struct snapshot before = progress->before;

	progress->before = progress->now;
	progress->now = before;
}

/* Drawn over the last one, line by line, and in one write: no flicker. */
static void draw(struct progress *progress)
{
	struct terminal terminal;
	struct table table = { 0 };
	char *plain = NULL, *frame = NULL;
	size_t size = 0, frame_size = 0;
	FILE *file = open_memstream(&plain, &size);
	FILE *out;
	ssize_t ignored;
	char *line, *end;
	int lines;

	if (file == NULL)
		return;
	terminal_get(&terminal, STDERR_FILENO);
	table.now = &progress->now;
	table.before = &progress->before;
	table.reasons = progress->reasons;
	/* What stands in the last column would be cleared with the rest. */
	table.columns = terminal.columns > 1 ? terminal.columns - 1 : 1;
	table.rows = terminal.rows;
	table.colours = terminal.colours;
	lines = table_print(&table, file);
	(void)fclose(file);
	out = open_memstream(&frame, &frame_size);
	if (out != NULL) {
		for (line = plain; (end = strchr(line, '\n')) != NULL;
		     line = end + 1)
			fprintf(out, "%.*s\x1b[K\n", (int)(end - line), line);
		fprintf(out, "%s\x1b[%dA\r", TERMINAL_CLEAR, lines);
		(void)fclose(out);
		ignored = write(STDERR_FILENO, frame, frame_size);
		(void)ignored;
	}
	free(plain);
	free(frame);
}

/* What has to wait; a component that waits for the world is why others do. */
static bool is_trouble(uint32_t state, bool first)
{
	return first ? state == TASK_WAITING
		     : state == TASK_BACKPRESSURE || state == TASK_MEMORY_LIMIT;
}

/* The first such component, in words; "" where there is none. */
static void format_trouble(const struct progress *progress, char *text,
			   size_t size)
{
	char state[STATE_TEXT_SIZE];
	uint32_t count = progress->plan->component_count;
	uint32_t k;

	text[0] = '\0';
	for (k = 0; k < 2 * count; k++) {
		uint32_t i = k % count;
		uint32_t task = state_task(&progress->now, i);

		if (!is_trouble(progress->now.tasks[task].state, k < count))
			continue;
		(void)snprintf(text, size, "; '%.60s': %s",
			       progress->plan->components[i].id,
			       state_format(state, &progress->now, i,
					    progress->reasons[i]));
		return;
	}
}

static void write_progress(const struct progress *progress)
{
	char elapsed[DURATION_TEXT_SIZE], emitted[COUNT_TEXT_SIZE];
	char acked[COUNT_TEXT_SIZE], failed[COUNT_TEXT_SIZE];
	char rate[COUNT_TEXT_SIZE], open[COUNT_TEXT_SIZE];
	char trouble[STATE_TEXT_SIZE + 80];
	struct task_counters sum;
	double per_second =
		table_rate(&progress->now, &progress->before, UINT32_MAX,
			   offsetof(struct task_counters, emitted));

	snapshot_spouts(&progress->now, &sum);
	format_trouble(progress, trouble, sizeof(trouble));
	log_write(LOG_LEVEL_INFO,
		  "%s: %s, %s emitted (%s/s), %s acked, %s failed, %s open%s",
		  progress->plan->name,
		  duration_format(elapsed, progress->now.elapsed_ns),
		  count_format(emitted, sum.emitted),
		  count_format(rate, (uint64_t)per_second),
		  count_format(acked, sum.trees_acked),
		  count_format(failed, sum.trees_failed),
		  count_format(open, sum.open_trees), trouble);
}

void progress_update(void *self, const struct board *board)
{
	struct progress *progress = self;

	progress_take(progress, board);
	snapshot_hear(&progress->now, board);
	look(progress);
	if (progress->kind == PROGRESS_NONE)
		return;
	find_reasons(progress, board);
	if (progress->kind == PROGRESS_TABLE) {
		draw(progress);
		if (progress->now.time_ns >=
		    progress->before.time_ns + RATE_OVER_NS)
			swap_snapshots(progress);
	} else if (progress->now.elapsed_ns >= progress->line_ns) {
		write_progress(progress);
		progress->line_ns = progress->now.elapsed_ns + LINE_EVERY_NS;
		swap_snapshots(progress);
	}
}
