/* SPDX-License-Identifier: MIT */

/*
 * nexmark: what the queries of Nexmark come to, by the shortest way, which is
 * what the benchmarks are checked with.
 *
 *	nexmark QUERY COUNT
 *
 * Prints the rows of the first COUNT events in the form of the topologies in
 * topologies/nexmark, in any order; of q0, q1 and `events`, which are all
 * events as they are, how many rows there are and what they come to. It is
 * itself compared with tests/topology/nexmark.py.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../spouts/nexmark/event.h"
#include "checksum.h"

#define SEED 1
#define START_MS INT64_C(1436918400000)
#define EVENTS_A_MS 10
#define LENGTH 100000 /* of a window, in events */
#define SLIDE 20000

/* Where the fields stand. */
#define PERSON_ID 0
#define PERSON_NAME 1
#define AUCTION_SELLER 7
#define BID_AUCTION 0
#define BID_BIDDER 1
#define BID_PRICE 2

/* Of a window. Ids are small: there is a place for each. */
struct table {
	int64_t *counts;
	size_t size;
};

static int64_t integer(const struct event *event, size_t at)
{
	return event->values[at].as.integer;
}

static void make(struct event *event, int64_t number)
{
	event_make(event, SEED, (uint64_t)number,
		   START_MS + number / EVENTS_A_MS);
}

static int64_t end_ms(int64_t begin)
{
	return START_MS + (begin + LENGTH) / EVENTS_A_MS;
}

static struct table table_make(int64_t count)
{
	struct table table = { .size = (size_t)count / 10 + 2000 };

	table.counts = calloc(table.size, sizeof(*table.counts));
	if (table.counts == NULL)
		abort();
	return table;
}

static int64_t *table_at(const struct table *table, int64_t id)
{
	if (id < 0 || (size_t)id >= table->size)
		abort();
	return &table->counts[id];
}

static uint64_t sum_of(const struct event *event, bool convert)
{
	uint64_t row = 0;

	for (size_t i = 0; i < event->count; i++) {
		const struct gust_value *value = &event->values[i];

		if (value->type == GUST_STRING)
			row = checksum_text(row, value->as.data, value->length);
		else if (convert && i == BID_PRICE)
			row = checksum_float(row,
					     (double)value->as.integer * 0.908);
		else
			row = checksum_number(row, (uint64_t)value->as.integer);
	}
	return row;
}

static void sum_events(int64_t count, bool all, bool convert)
{
	struct checksum sum = { 0, 0 };
	struct event event;

	for (int64_t i = 0; i < count; i++) {
		if (!all && event_kind((uint64_t)i) != EVENT_BID)
			continue;
		make(&event, i);
		checksum_row(&sum, sum_of(&event, convert));
	}
	printf("%" PRIu64 "\t%" PRIu64 "\n", sum.rows, sum.total);
}

static void print_selected(int64_t count)
{
	struct event event;

	for (int64_t i = 0; i < count; i++) {
		if (event_kind((uint64_t)i) != EVENT_BID)
			continue;
		make(&event, i);
		if (integer(&event, BID_AUCTION) % 123 == 0)
			printf("%" PRId64 "\t%" PRId64 "\n",
			       integer(&event, BID_AUCTION),
			       integer(&event, BID_PRICE));
	}
}

/* Of the auctions in [first, last] those with the most bids. */
static void print_hottest(const struct table *table, int64_t first,
			  int64_t last, int64_t end)
{
	int64_t most = 0;

	for (int64_t id = first; id <= last; id++)
		if (*table_at(table, id) > most)
			most = *table_at(table, id);
	for (int64_t id = first; id <= last; id++) {
		if (*table_at(table, id) == most)
			printf("%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", end,
			       id, most);
		*table_at(table, id) = 0;
	}
}

static void print_hottest_windows(int64_t count, const int64_t *auctions)
{
	struct table table = table_make(count);

	for (int64_t begin = SLIDE - LENGTH; begin < count; begin += SLIDE) {
		int64_t first = INT64_MAX, last = -1;

		for (int64_t i = begin < 0 ? 0 : begin;
		     i < begin + LENGTH && i < count; i++) {
			if (auctions[i] < 0)
				continue;
			++*table_at(&table, auctions[i]);
			if (auctions[i] < first)
				first = auctions[i];
			if (auctions[i] > last)
				last = auctions[i];
		}
		print_hottest(&table, first, last, end_ms(begin));
	}
	free(table.counts);
}

/* The auction that each event bids for, or -1. */
static void print_q5(int64_t count)
{
	int64_t *auctions = malloc((size_t)count * sizeof(*auctions));
	struct event event;

	if (auctions == NULL)
		abort();
	for (int64_t i = 0; i < count; i++) {
		auctions[i] = -1;
		if (event_kind((uint64_t)i) != EVENT_BID)
			continue;
		make(&event, i);
		auctions[i] = integer(&event, BID_AUCTION);
	}
	print_hottest_windows(count, auctions);
	free(auctions);
}

static void print_highest(int64_t begin, int64_t end)
{
	struct event event;
	int64_t most = 0;

	for (int again = 0; again < 2; again++)
		for (int64_t i = begin; i < end; i++) {
			if (event_kind((uint64_t)i) != EVENT_BID)
				continue;
			make(&event, i);
			if (!again && integer(&event, BID_PRICE) > most)
				most = integer(&event, BID_PRICE);
			if (again && integer(&event, BID_PRICE) == most)
				printf("%" PRId64 "\t%" PRId64 "\t%" PRId64
				       "\t%" PRId64 "\n",
				       end_ms(begin),
				       integer(&event, BID_AUCTION),
				       integer(&event, BID_BIDDER), most);
		}
}

static void print_sellers(const struct table *sold, int64_t begin, int64_t end)
{
	struct event event;

	for (int64_t i = begin; i < end; i++)
		if (event_kind((uint64_t)i) == EVENT_AUCTION) {
			make(&event, i);
			*table_at(sold, integer(&event, AUCTION_SELLER)) =
				begin + 1;
		}
	for (int64_t i = begin; i < end; i++) {
		if (event_kind((uint64_t)i) != EVENT_PERSON)
			continue;
		make(&event, i);
		if (*table_at(sold, integer(&event, PERSON_ID)) == begin + 1)
			printf("%" PRId64 "\t%.*s\t%" PRId64 "\n",
			       integer(&event, PERSON_ID),
			       (int)event.values[PERSON_NAME].length,
			       event.values[PERSON_NAME].as.data,
			       end_ms(begin));
	}
}

static void print_windows(int64_t count, bool sellers)
{
	struct table sold = table_make(count);

	for (int64_t begin = 0; begin < count; begin += LENGTH) {
		int64_t end = begin + LENGTH < count ? begin + LENGTH : count;

		if (sellers)
			print_sellers(&sold, begin, end);
		else
			print_highest(begin, end);
	}
	free(sold.counts);
}

int main(int argc, char **argv)
{
	const char *query = argc == 3 ? argv[1] : "";
	const int64_t count = argc == 3 ? atoll(argv[2]) : 0;

	if (strcmp(query, "events") == 0)
		sum_events(count, true, false);
	else if (strcmp(query, "q0") == 0 || strcmp(query, "q1") == 0)
		sum_events(count, false, query[1] == '1');
	else if (strcmp(query, "q2") == 0)
		print_selected(count);
	else if (strcmp(query, "q5") == 0)
		print_q5(count);
	else if (strcmp(query, "q7") == 0 || strcmp(query, "q8") == 0)
		print_windows(count, query[1] == '8');
	else
		fputs("usage: nexmark events|q0|q1|q2|q5|q7|q8 COUNT\n",
		      stderr);
	return query[0] == '\0';
}
