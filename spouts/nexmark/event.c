/* SPDX-License-Identifier: MIT */

#include "event.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gust/kit/dice.h>

#define ROUND 50u /* one person, then three auctions, then bids */
#define AUCTIONS 3u

#define FIRST_ID 1000
#define FIRST_CATEGORY 10

#define HOT_BLOCK 100u
#define IN_FLIGHT 100u
#define ACTIVE_PEOPLE 1000u
#define LEAD 10u /* ids that are not there yet */

static const char *const states[] = { "AZ", "CA", "ID", "OR", "WA", "WY" };
static const char *const cities[] = { "Phoenix", "Los Angeles", "San Francisco",
				      "Boise",   "Portland",    "Bend",
				      "Redmond", "Seattle",     "Kent",
				      "Cheyenne" };
static const char *const first_names[] = { "Peter", "Paul",   "Luke",  "John",
					   "Saul",  "Vicky",  "Kate",  "Julie",
					   "Sarah", "Deiter", "Walter" };
static const char *const last_names[] = { "Shultz", "Abrams",  "Spencer",
					  "White",  "Bartels", "Walton",
					  "Smith",  "Jones",   "Noris" };
static const char *const channels[] = { "Google", "Facebook", "Baidu",
					"Apple" };

/* What nobody reads is cut out of this, to have the size that it should. */
static const char filler[] =
	"qwmzkvtoaehbldxnyrcgipsufj tpolmvnqzeyhbdruxgaicksjfw nhgtcvbloqmyre"
	"zdpxkuiajwsf gvbtqehyzoclndmrxukiapjswf bzvqtmycohlnegxdrkuipawjsf xm"
	"vtzqbyohclenrdgkpuiajwfs ytmvqzhobclnxedrgkupiajwsf lvmtqyzhobcnexdrg"
	"kpuiawjsf omvtqyzhlbcnexdrgkupiajwsf cmvtqyzhloabnexdrgkpuijwsf rmvtq"
	"yzhlobcnexdgkupiajwsf kmvtqyzhlobcnexdrgpuiajwsf ivmtqyzhlobcnexdrgku"
	"pajwsf wmvtqyzhlobcnexdrgkupiajsf nmvtqyzhlobcexdrgkupiajwsf emvtqyzh"
	"lobcnxdrgkupiajwsf dmvtqyzhlobcnexrgkupiajwsf gmvtqyzhlobcnexdrkupiaj";

static uint64_t event_below(uint64_t *state, uint64_t limit)
{
	return dice_roll(state) % limit;
}

#define PICK(state, table)                                                     \
	((table)[event_below((state), sizeof(table) / sizeof((table)[0]))])

/* The youngest person, and auction, when event `number` happens. */
static uint64_t event_last_person(uint64_t number)
{
	return number / ROUND;
}

static uint64_t event_last_auction(uint64_t number)
{
	const uint64_t round = number / ROUND, at = number % ROUND;

	if (at == 0)
		return round == 0 ? 0 : round * AUCTIONS - 1;
	return round * AUCTIONS + (at > AUCTIONS ? AUCTIONS : at) - 1;
}

static uint64_t event_some_person(uint64_t *state, uint64_t number)
{
	const uint64_t last = event_last_person(number);
	const uint64_t active =
		last + 1 < ACTIVE_PEOPLE ? last + 1 : ACTIVE_PEOPLE;

	return last + 1 - active + event_below(state, active + LEAD);
}

static uint64_t event_some_auction(uint64_t *state, uint64_t number)
{
	const uint64_t last = event_last_auction(number);
	const uint64_t first = last > IN_FLIGHT ? last - IN_FLIGHT : 0;

	return first + event_below(state, last - first + 1 + LEAD);
}

static int64_t event_price(uint64_t *state)
{
	return (int64_t)(pow(10, dice_part(state) * 6) * 100 + 0.5);
}

static void event_integer(struct event *event, int64_t value)
{
	event->values[event->count++] = gust_int(value);
}

static void event_text(struct event *event, const char *text, size_t length)
{
	event->values[event->count++] = gust_string(text, length);
}

static void event_word(struct event *event, const char *word)
{
	event_text(event, word, strlen(word));
}

/* Some text, so that the event has about `size` bytes. */
static void event_extra(struct event *event, uint64_t *state, size_t size)
{
	const size_t most = sizeof(filler) - 1;
	size_t length = size * 4 / 5 + event_below(state, size * 2 / 5 + 1);

	if (length > most)
		length = most;
	event_text(event, filler + event_below(state, most - length + 1),
		   length);
}

/* What was just written to the end of the text is a value. */
static void event_written(struct event *event, int length)
{
	event_text(event, event->text + event->length, (size_t)length);
	event->length += (size_t)length + 1;
}

static char *event_end(struct event *event, size_t *room)
{
	*room = sizeof(event->text) - event->length;
	return event->text + event->length;
}

/* Some digits, drawn one by one: the order of arguments is the compiler's. */
static int event_card(char *text, size_t room, uint64_t *state)
{
	unsigned parts[4];

	for (size_t i = 0; i < 4; i++)
		parts[i] = (unsigned)event_below(state, 10000);
	return snprintf(text, room, "%04u %04u %04u %04u", parts[0], parts[1],
			parts[2], parts[3]);
}

static void event_person(struct event *event, uint64_t *state, uint64_t number,
			 int64_t time_ms)
{
	const char *first = PICK(state, first_names);
	const char *last = PICK(state, last_names);
	size_t room;
	char *end;

	event_integer(event, (int64_t)event_last_person(number) + FIRST_ID);
	end = event_end(event, &room);
	event_written(event, snprintf(end, room, "%s %s", first, last));
	end = event_end(event, &room);
	event_written(event, snprintf(end, room, "%s@%s.com", last, first));
	end = event_end(event, &room);
	event_written(event, event_card(end, room, state));
	event_word(event, PICK(state, cities));
	event_word(event, PICK(state, states));
	event_integer(event, time_ms);
	event_extra(event, state, 100);
}

static void event_auction(struct event *event, uint64_t *state, uint64_t number,
			  int64_t time_ms)
{
	const int64_t price = event_price(state);
	uint64_t seller;

	event_integer(event, (int64_t)event_last_auction(number) + FIRST_ID);
	event_extra(event, state, 20);
	event_extra(event, state, 100);
	event_integer(event, price);
	event_integer(event, price + event_price(state));
	event_integer(event, time_ms);
	event_integer(event,
		      time_ms + 1000 + (int64_t)event_below(state, 19000));
	seller = event_below(state, 4) > 0
			 ? event_last_person(number) / HOT_BLOCK * HOT_BLOCK
			 : event_some_person(state, number);
	event_integer(event, (int64_t)seller + FIRST_ID);
	event_integer(event, FIRST_CATEGORY + (int64_t)event_below(state, 5));
	event_extra(event, state, 300);
}

static void event_bid(struct event *event, uint64_t *state, uint64_t number,
		      int64_t time_ms)
{
	uint64_t auction, bidder;
	size_t room;
	char *end;

	auction = event_below(state, 2) > 0
			  ? event_last_auction(number) / HOT_BLOCK * HOT_BLOCK
			  : event_some_auction(state, number);
	bidder = event_below(state, 4) > 0
			 ? event_last_person(number) / HOT_BLOCK * HOT_BLOCK + 1
			 : event_some_person(state, number);
	event_integer(event, (int64_t)auction + FIRST_ID);
	event_integer(event, (int64_t)bidder + FIRST_ID);
	event_integer(event, event_price(state));
	event_word(event, PICK(state, channels));
	end = event_end(event, &room);
	memcpy(end, "https://auction.example/item/", 29);
	memcpy(end + 29, filler + event_below(state, sizeof(filler) - 10), 8);
	event_written(event, 37);
	event_integer(event, time_ms);
	event_extra(event, state, 40);
}

enum event_kind event_kind(uint64_t number)
{
	const uint64_t at = number % ROUND;

	if (at == 0)
		return EVENT_PERSON;
	return at <= AUCTIONS ? EVENT_AUCTION : EVENT_BID;
}

void event_make(struct event *event, uint64_t seed, uint64_t number,
		int64_t time_ms)
{
	uint64_t state = dice_begin(seed, number);

	event->kind = event_kind(number);
	event->count = 0;
	event->length = 0;
	if (event->kind == EVENT_PERSON)
		event_person(event, &state, number, time_ms);
	else if (event->kind == EVENT_AUCTION)
		event_auction(event, &state, number, time_ms);
	else
		event_bid(event, &state, number, time_ms);
}
