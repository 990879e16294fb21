/* SPDX-License-Identifier: MIT */

/*
 * Two links over seals, and somebody between them who has no key: he hears each
 * message, holds some back, and says again whatever he has ever heard, to
 * whomever he likes. He must achieve nothing.
 */

#include "base/random.h"
#include "channel/cipher.h"
#include "channel/key.h"
#include "channel/link.h"
#include "channel/message.h"
#include "channel/seal.h"

#include "test.h"

#define MS UINT64_C(1000000)
#define HEARD_MAX 100000
#define DIGITS                                                                 \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct heard {
	unsigned to;
	size_t size;
	uint64_t *data;
};

struct side {
	unsigned number;
	struct link_identity identity;
	struct seal *seal;
	struct link *link; /* NULL: it is dead */
	uint64_t up;       /* whom it is up with; 0: nobody */
	uint64_t sent;     /* batches of this life, numbered from 1 */
	uint64_t delivered;
	uint64_t ups, losses;
	uint64_t replayed, stale; /* dropped by its seals */
};

static struct side sides[2];
static struct heard heard[HEARD_MAX];
static size_t heard_count, fresh; /* of them, not passed on yet */
static uint64_t now;
static unsigned held_back; /* of 100 */
static struct random dice;
static struct key *key;

static struct side *other(const struct side *side)
{
	return &sides[1 - side->number];
}

static int side_transmit(void *self, const struct frame *header,
			 const void *payload, size_t size)
{
	struct side *side = self;
	struct heard *it = &heard[heard_count++];

	CHECK(heard_count < HEARD_MAX);
	it->to = 1 - side->number;
	it->data = calloc(1, seal_room(side->seal, size) + 8);
	CHECK(it->data != NULL);
	it->size = seal_frame(side->seal, header, payload, it->data);
	return 0;
}

/* A batch says whose it is, and its number. */
static void side_deliver(void *self, const void *batch, size_t size)
{
	struct side *side = self;
	const uint64_t *said = batch;

	CHECK_UINT(size, 16);
	CHECK_UINT(said[0], side->up);
	CHECK(said[1] > side->delivered);
	side->delivered = said[1];
}

static void side_event(void *self, enum link_event event, uint64_t incarnation,
		       const char *text)
{
	struct side *side = self;
	bool lives = other(side)->link != NULL &&
		     incarnation == other(side)->identity.incarnation;

	(void)text;
	if (event == LINK_UP) {
		CHECK(lives);
		CHECK_UINT(side->up, 0);
		side->up = incarnation;
		side->delivered = 0;
		side->ups++;
	} else {
		CHECK_INT(event, LINK_LOST);
		CHECK(!lives);
		CHECK_UINT(side->up, incarnation);
		side->up = 0;
		side->losses++;
	}
}

static void side_begin(struct side *side, unsigned number)
{
	struct seal_config seal = { key, number, 2, random_next(&dice) | 1 };
	struct link_config link = { .peer = 1 - number,
				    .beat_ns = 100 * MS,
				    .failure_ns = 1000 * MS };
	struct link_host host = { side, side_transmit, side_deliver,
				  NULL, NULL,          side_event };

	side->number = number;
	side->identity =
		(struct link_identity){ .topology = "t",
					.worker = number,
					.incarnation = seal.incarnation };
	side->up = 0;
	side->sent = 0;
	side->delivered = 0;
	link.self = side->identity;
	CHECK_INT(seal_create(&seal, &side->seal, NULL), 0);
	CHECK_INT(link_create(&link, &host, now, &side->link), 0);
	link_tick(side->link, now);
}

static void side_end(struct side *side)
{
	const struct seal_status *status = seal_status(side->seal);

	side->replayed += status->faults[SEAL_REPLAYED];
	side->stale += status->faults[SEAL_STALE];
	link_destroy(side->link);
	seal_destroy(side->seal);
	side->link = NULL;
	side->seal = NULL;
}

static void side_hear(struct side *side, const struct heard *it)
{
	size_t size = it->size;
	uint64_t *data;

	if (side->link == NULL)
		return;
	data = calloc(1, size + 8);
	CHECK(data != NULL);
	memcpy(data, it->data, size);
	if (seal_open(side->seal, data, &size, NULL) == 0)
		link_receive(side->link, (const void *)data,
			     frame_payload((const void *)data), now);
	free(data);
}

static void side_send(struct side *side)
{
	uint64_t *batch = message_alloc(16);

	CHECK(batch != NULL);
	batch[0] = side->identity.incarnation;
	batch[1] = ++side->sent;
	CHECK_INT(link_send(side->link, batch, 0, 16, now), 0);
}

/* Says again one of the last `most` messages; now and then to its sender. */
static void replay(uint32_t most)
{
	uint32_t count = (uint32_t)heard_count;
	uint32_t back = random_below(&dice, count < most ? count : most);
	const struct heard *it = &heard[count - 1 - back];
	bool swap = random_below(&dice, 8) == 0;

	side_hear(&sides[swap ? 1 - it->to : it->to], it);
}

/* Ten milliseconds. */
static void step(unsigned replays)
{
	now += 10 * MS;
	for (unsigned i = 0; i < 2; i++) {
		if (sides[i].link == NULL)
			continue;
		if (sides[i].up != 0)
			side_send(&sides[i]);
		link_tick(sides[i].link, now);
	}
	while (fresh < heard_count) {
		const struct heard *it = &heard[fresh++];

		if (random_below(&dice, 100) >= held_back)
			side_hear(&sides[it->to], it);
	}
	for (unsigned i = 0; i < replays && heard_count > 0; i++)
		replay(i % 2 == 0 ? 100 : UINT32_MAX);
}

static bool both_up(void)
{
	return sides[0].up == sides[1].identity.incarnation &&
	       sides[1].up == sides[0].identity.incarnation;
}

/* Both know each other soon, whatever is said in between. */
static void come_up(unsigned replays)
{
	int i = 0;

	while (!both_up()) {
		CHECK(i++ < 100);
		step(replays);
	}
}

static bool begin(void)
{
	if (!cipher_available())
		return false;
	CHECK_INT(setenv(KEY_VARIABLE, DIGITS, 1), 0);
	CHECK_INT(key_open(NULL, &key, NULL), 0);
	memset(sides, 0, sizeof(sides));
	random_seed(&dice, 20261121);
	now = 1000 * MS;
	heard_count = 0;
	fresh = 0;
	held_back = 0;
	side_begin(&sides[0], 0);
	side_begin(&sides[1], 1);
	return true;
}

static void end(void)
{
	side_end(&sides[0]);
	side_end(&sides[1]);
	for (size_t i = 0; i < heard_count; i++)
		free(heard[i].data);
	key_destroy(key);
}

TEST(replays_of_many_lives_change_nothing)
{
	if (!begin())
		return;
	come_up(20);
	for (uint64_t life = 1; life <= 100; life++) {
		struct side *dying = &sides[random_below(&dice, 4) == 0];
		uint64_t before = other(dying)->delivered;

		for (int i = 0; i < 20; i++)
			step(20);
		CHECK(other(dying)->delivered > before);
		side_end(dying);
		for (int i = 0; i < 3; i++)
			step(20);
		side_begin(dying, dying->number);
		come_up(20);
		CHECK_UINT(sides[0].ups + sides[1].ups, 2 * (life + 1));
	}
	end();
	CHECK(sides[0].replayed > 1000 && sides[0].stale > 1000);
}

TEST(what_was_held_back_changes_nothing)
{
	if (!begin())
		return;
	held_back = 20;
	come_up(10);
	for (int life = 1; life <= 150; life++) {
		for (int i = 0; i < 15; i++)
			step(10);
		side_end(&sides[1]);
		step(10);
		side_begin(&sides[1], 1);
		come_up(10);
	}
	CHECK_UINT(sides[0].losses, 150);
	end();
}

TEST(replays_keep_nobody_alive)
{
	if (!begin())
		return;
	come_up(20);
	for (int i = 0; i < 50; i++)
		step(20);
	CHECK_UINT(sides[0].losses, 0);
	side_end(&sides[1]);
	for (int i = 0; i < 115; i++)
		step(50);
	CHECK_UINT(sides[0].losses, 1);
	side_begin(&sides[1], 1);
	come_up(50);
	CHECK_UINT(sides[0].ups, 2);
	end();
}
