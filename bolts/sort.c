/* SPDX-License-Identifier: MIT */

/*
 * sort: puts tuples into the order of their times.
 *
 * A tuple is held until the watermark has passed its time, which `lag` of
 * `timestamp:` decides (`gust help timestamp`): then no older one is to come,
 * and it is passed on. Tuples with the same time stay in the order in which
 * they came. This is for what goes by the order of its input: windows of type
 * count, moving_average, a file that is to be in order. Windows of a length of
 * time need no order.
 *
 * A late tuple, whose time the watermark had passed when it came, is passed on
 * at once, behind younger ones; the counter `late` tells how many there were.
 * What fails further on is emitted again by this bolt and comes later, too.
 * Without `timestamp:` here or before, the time of a tuple is that at which it
 * comes, and all stay in the order they have.
 *
 * Each task sorts what it gets. Of several tasks' output the order is certain
 * only among the tuples of one task: group the stream by a key, and what comes
 * after it by the same one, and the tuples of a key are in order there.
 *
 * Tuples are held in memory, within topology.memory.max.bytes; when that is
 * full, spouts wait. A tuple is acked when what was passed on for it has been
 * processed.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input
 *
 * Example: the average of the last ten values, whatever order they came in.
 *	bolts:
 *	  - {id: sorted, plugin: sort}
 *	  - id: average
 *	    plugin: moving_average
 *	    options: {by: [device], of: value, last: 10}
 *	streams:
 *	  - from: sorted
 *	    to: average
 *	    grouping: {type: fields, args: [device]}
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/agenda.h>
#include <gust/kit/forward.h>

struct sort {
	struct forward forward;
	struct agenda agenda; /* of held tuples */
	struct gust_counter *late;
};

static int sort_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	(void)self;
	return forward_declare(about, error);
}

static int sort_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct sort *sort = self;

	sort->late = gust_counter(task, "late");
	return forward_open(&sort->forward, task, error);
}

/* Keeps a tuple until the watermark is at `due`. */
static int sort_keep(struct sort *sort, struct gust_task *task,
		     const struct gust_tuple *in, int64_t due)
{
	const struct gust_tuple *kept;
	int r = agenda_reserve(&sort->agenda, task, due);

	if (r < 0)
		return r;
	kept = gust_hold(task, in);
	if (kept == NULL)
		return -ENOMEM;
	agenda_add(&sort->agenda, due, (void *)kept);
	return 0;
}

static int sort_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct sort *sort = self;
	const int64_t time = gust_time(task, in);
	const int64_t watermark = gust_watermark(task);

	if (time == GUST_NO_TIME)
		return gust_reject(task, in, "it has no event time");
	if (time < watermark) {
		/* After the end there are only replays. */
		if (watermark < INT64_MAX)
			gust_counter_add(sort->late, 1);
		return forward_emit(&sort->forward, task, in);
	}
	/* Then no other one of that time can come. */
	return sort_keep(sort, task, in, time < INT64_MAX ? time + 1 : time);
}

/* A tuple's turn has come. */
static void sort_turn(struct sort *sort, struct gust_task *task,
		      const struct gust_tuple *kept)
{
	int r;

	gust_set_time(task, kept->time);
	r = forward_emit_kept(&sort->forward, task, kept);
	if (r == 0)
		gust_ack(task, kept);
	else
		gust_fail(task, kept, "%s", strerror(-r));
}

static int sort_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct sort *sort = self;
	const int64_t watermark = gust_watermark(task);
	const struct gust_tuple *kept;

	while (gust_room(task) > 0 &&
	       (kept = agenda_due(&sort->agenda, watermark)) != NULL)
		sort_turn(sort, task, kept);
	return agenda_rest(&sort->agenda, task, cookie);
}

static int sort_flush(void *self, struct gust_task *task)
{
	struct sort *sort = self;
	const struct gust_tuple *kept;

	while ((kept = agenda_due(&sort->agenda, INT64_MAX)) != NULL) {
		sort_turn(sort, task, kept);
		if (gust_room(task) == 0)
			return GUST_MORE;
	}
	return 0;
}

static void sort_close(void *self)
{
	struct sort *sort = self;

	agenda_destroy(&sort->agenda);
	forward_close(&sort->forward);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "sort",
	.summary = "puts tuples into the order of their times",
	.instance_size = sizeof(struct sort),
	.flags = GUST_DETERMINISTIC,
	.declare = sort_declare,
	.open = sort_open,
	.execute = sort_execute,
	.timer = sort_timer,
	.flush = sort_flush,
	.close = sort_close,
};
