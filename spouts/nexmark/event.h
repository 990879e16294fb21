/* SPDX-License-Identifier: MIT */
#ifndef NEXMARK_EVENT_H
#define NEXMARK_EVENT_H

/*
 * The events of Nexmark: one person, three auctions and 46 bids of every 50.
 * P. Tucker et al., "NEXMark - A Benchmark for Queries over Data Streams",
 * 2008; proportions, hot keys and prices are those of the generator that Beam
 * and Flink use.
 *
 * An event depends on the seed and its number only.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

enum event_kind { EVENT_PERSON, EVENT_AUCTION, EVENT_BID };

/* The most values that one has, and the bytes of those made up. */
#define EVENT_VALUES_MAX 10u
#define EVENT_TEXT_MAX 128u

struct event {
	enum event_kind kind;
	size_t count; /* of values */
	struct gust_value values[EVENT_VALUES_MAX];
	char text[EVENT_TEXT_MAX]; /* what some of them point to */
	size_t length;
};

/* Makes event `number`, which happens at `time_ms`. Its values point into it
 * and into constants. */
void event_make(struct event *event, uint64_t seed, uint64_t number,
		int64_t time_ms);

/* What kind it is. */
enum event_kind event_kind(uint64_t number);

#endif
