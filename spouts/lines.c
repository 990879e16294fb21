/* SPDX-License-Identifier: MIT */

/*
 * lines: reads text line by line.
 *
 * Emits every line of some files without its newline; a last line without one
 * counts. All other bytes are taken as they are, a carriage return before the
 * newline, too. A name may be a pattern as of the shell (*.log), a folder,
 * which stands for all files in it whose names do not begin with a dot, or "-",
 * which is standard input. What is compressed with gzip or zstd is taken apart;
 * the first bytes tell, and not the name. Files are dealt out over the tasks
 * and read in the order given; pipes and devices are read as they have
 * something to say, and the executor is never blocked by them. A file to which
 * a bolt of the same run writes fails the run.
 *
 * Failed lines are emitted again. Files also have positions: with
 * topology.state.dir a later run goes on where an earlier one was. Pipes have
 * none, and where "-" is among the files no file has one. A line that is too
 * long for a tuple is rejected with its place and skipped. A file that cannot
 * be read to its end, as a damaged archive, fails the run after the lines
 * before the damage.
 *
 * With `follow` files are read as they grow, as tail -F does, until the run is
 * stopped. A file need not be there yet, and patterns and folders are looked
 * at again for new ones. When another file takes the place of one, as logs are
 * rotated, the old one is read to its end first and is then watched until it
 * has been quiet for ten seconds, and a later run finds it as NAME.1,
 * NAME-20261121 and the like; a line without a newline is emitted when its
 * file is left. A file that has become shorter is read from its beginning
 * again. What was written and cut off or deleted before it was looked at is
 * lost, and that a file was cut cannot be told if it is longer than before by
 * then. A damaged archive is rejected from the damage on, and the other files
 * are read on.
 *
 * What a file is goes by its inode and its birth, not by its name: a renamed
 * file keeps its position, and one that was copied or written anew in its place
 * is read from its beginning. With `follow` and several tasks a file goes to a
 * task by its inode, so the next log may be read before the old one's end.
 *
 * Output:
 *	default: line: string
 *
 * Example:
 *	spouts:
 *	  - {id: text, plugin: lines, options: {files: "-"}}
 *	  - id: logs
 *	    plugin: lines
 *	    parallelism: 2
 *	    options: {files: ["2026-*.log", more.txt.gz]}
 *	  - id: live
 *	    plugin: lines
 *	    options: {files: /var/log/nginx/access.log, follow: true}
 */

#include <gust/kit/columns.h>
#include <gust/kit/intake.h>
#include <gust/kit/line.h>
#include <gust/spout.h>

struct lines {
	struct intake intake;
	size_t limit; /* the longest line that fits a tuple */
};

static const struct gust_option lines_options[] = {
	INTAKE_OPTIONS(lines, intake),
	{ .name = NULL },
};

static const struct gust_column lines_columns[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream lines_streams[] = {
	{ "default", lines_columns },
	{ NULL, NULL },
};

static int lines_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	struct lines *lines = self;

	return intake_declare(&lines->intake, about, error);
}

static int lines_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct lines *lines = self;

	lines->limit = columns_text_max(gust_tuple_max(task), 1);
	lines->intake.state_size = sizeof(struct line);
	return intake_open(&lines->intake, task, error);
}

static int lines_next(void *self, struct gust_task *task)
{
	struct lines *lines = self;
	struct gust_value value;
	struct gust_text line;
	size_t taken;
	int r;

	r = line_next(&lines->intake, task, lines->limit, &line, &taken);
	if (r != LINE_READY)
		return r;
	value = gust_string(line.data, line.length);
	return intake_emit(&lines->intake, task, &value, 1, taken);
}

static int lines_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct lines *lines = self;

	(void)events;
	return intake_ready(&lines->intake, task, fd);
}

static void lines_close(void *self)
{
	struct lines *lines = self;

	intake_close(&lines->intake);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "lines",
	.summary = "reads text line by line",
	.options = lines_options,
	.streams = lines_streams,
	.instance_size = sizeof(struct lines),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_POSITION,
	.declare = lines_declare,
	.open = lines_open,
	.next = lines_next,
	.ready = lines_ready,
	.close = lines_close,
};
