/* SPDX-License-Identifier: MIT */

/*
 * nexmark: makes up the persons, auctions and bids of an auction house.
 *
 * These are the events of the Nexmark benchmark: of every 50, one is a person
 * who registers, three are auctions that open, and 46 are bids. Half of the
 * bids go to one auction of the last hundred, three quarters come from one
 * bidder, and prices spread evenly over six powers of ten, as in the generator
 * that Beam and Flink use.
 *
 * Event k happens k times `step` after `start`, whenever it is emitted; `time`
 * says when, in milliseconds since 1970, and is what `timestamp:` should name.
 * It depends on the seed and on k only, so any number of tasks makes the same
 * events together; each makes its share of `count` and of `rate`. With several
 * tasks, or after a failure, events may come out of order.
 *
 * Output:
 *	person: id, name, email, credit_card, city, state, time, extra
 *	auction: id, item, description, initial_bid, reserve, time, expires,
 *		seller, category, extra
 *	bid: auction, bidder, price, channel, url, time, extra
 *	Ids, prices (in cents), categories and times are int, all else string.
 *
 * Example:
 *	spouts:
 *	  - id: events
 *	    plugin: nexmark
 *	    options: {count: 100000}
 *	    timestamp: {field: time, format: ms, lag: 4s}
 */

#include <gust/kit/timetable.h>
#include <gust/spout.h>

#include "event.h"

struct nexmark {
	double rate; /* options */
	int64_t count;
	int64_t seed;
	int64_t start;
	uint64_t step; /* ns */

	uint64_t number; /* of the next event, counted over all tasks */
	uint64_t tasks;
	struct timetable table;
};

static const struct gust_option nexmark_options[] = {
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct nexmark, count),
	  .fallback = "-1",
	  .help = "how many events, of all tasks together; -1: no end",
	  .min = -1,
	  .max = 1e18 },
	{ .name = "rate",
	  .type = GUST_OPTION_FLOAT,
	  .offset = offsetof(struct nexmark, rate),
	  .fallback = "0",
	  .help = "events a second, of all tasks together; 0: no limit",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "seed",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct nexmark, seed),
	  .fallback = "1",
	  .help = "the same seed gives the same events" },
	{ .name = "start",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct nexmark, start),
	  .fallback = "1436918400000",
	  .help = "when the first event happens, in ms since 1970" },
	{ .name = "step",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct nexmark, step),
	  .fallback = "100us",
	  .help = "how much later each event happens than the one before" },
	{ .name = NULL },
};

static const struct gust_column person_columns[] = {
	{ "id", GUST_INT },       { "name", GUST_STRING },
	{ "email", GUST_STRING }, { "credit_card", GUST_STRING },
	{ "city", GUST_STRING },  { "state", GUST_STRING },
	{ "time", GUST_INT },     { "extra", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_column auction_columns[] = {
	{ "id", GUST_INT },
	{ "item", GUST_STRING },
	{ "description", GUST_STRING },
	{ "initial_bid", GUST_INT },
	{ "reserve", GUST_INT },
	{ "time", GUST_INT },
	{ "expires", GUST_INT },
	{ "seller", GUST_INT },
	{ "category", GUST_INT },
	{ "extra", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_column bid_columns[] = {
	{ "auction", GUST_INT },  { "bidder", GUST_INT },
	{ "price", GUST_INT },    { "channel", GUST_STRING },
	{ "url", GUST_STRING },   { "time", GUST_INT },
	{ "extra", GUST_STRING }, { NULL, GUST_NULL },
};

/* In the order of enum event_kind. */
static const struct gust_stream nexmark_streams[] = {
	{ "person", person_columns },
	{ "auction", auction_columns },
	{ "bid", bid_columns },
	{ NULL, NULL },
};

static int nexmark_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct nexmark *nexmark = self;

	(void)error;
	nexmark->number = gust_task_index(task);
	nexmark->tasks = gust_task_count(task);
	return 0;
}

static int nexmark_next(void *self, struct gust_task *task)
{
	struct nexmark *nexmark = self;
	const uint64_t number = nexmark->number;
	struct event event;
	int64_t time_ms;
	int r;

	if (nexmark->count >= 0 && number >= (uint64_t)nexmark->count)
		return GUST_DONE;
	if (nexmark->rate > 0) {
		r = timetable_wait(&nexmark->table, task, number,
				   nexmark->rate);
		if (r != 0)
			return r;
	}
	time_ms = nexmark->start +
		  (int64_t)((double)number * (double)nexmark->step / 1e6);
	event_make(&event, (uint64_t)nexmark->seed, number, time_ms);
	nexmark->number += nexmark->tasks;
	return gust_emit_values(task, (uint32_t)event.kind, event.values,
				event.count);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "nexmark",
	.summary = "makes up the events of an auction house",
	.options = nexmark_options,
	.streams = nexmark_streams,
	.instance_size = sizeof(struct nexmark),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.open = nexmark_open,
	.next = nexmark_next,
};
