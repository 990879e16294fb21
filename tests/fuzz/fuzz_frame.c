/* SPDX-License-Identifier: MIT */

/*
 * What a worker's port may bring: bytes of strangers, and whatever somebody who
 * has the key says, up to nonsense. An input is a byte, odd where there is a
 * key, and then steps: a kind, three bytes of arguments, a length of two and so
 * many bytes. seeds_frame.py goes by this.
 *
 * Worker 0 listens, all is said by worker 1. What was changed or came before
 * must not open; a link must stay in order.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "channel/cipher.h"
#include "channel/hello.h"
#include "channel/key.h"
#include "channel/link.h"
#include "channel/message.h"
#include "channel/seal.h"

#define OWN UINT64_C(5)
#define STEPS_MAX 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step_kind { RAW, FRAME, FLIP, REPLAY, TICK, SEND, CALL, STEP_KINDS };

struct step {
	uint8_t kind, a, b, c;
	uint16_t length;
	const uint8_t *data;
};

struct world {
	bool sealed;
	struct seal *own, *peer;
	struct link *link;
	uint64_t now;
	bool up, fenced, closed;
	/* The last frame that was said, as it came, and its size. */
	_Alignas(16) uint8_t last[SEAL_MESSAGE_MAX];
	size_t last_size;
	bool taken; /* it opened */
	_Alignas(16) uint8_t room[SEAL_MESSAGE_MAX + UINT16_MAX];
};

static const uint64_t hashes[] = { 1, 2 };
static const struct link_identity identities[] = {
	{ "fuzzed", 77, hashes, NULL, 2, 0, OWN },
	{ "fuzzed", 77, hashes, NULL, 2, 1, 7 },
};

/* Keeps what is read from being optimized away. */
static volatile uint64_t sink;

static void expect(int truth)
{
	if (!truth)
		abort();
}

static void read_all(const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sink += ((const uint8_t *)data)[i];
}

/* What worker 0 says opens at worker 1. */
static int world_transmit(void *self, const struct frame *header,
			  const void *payload, size_t size)
{
	struct world *world = self;
	size_t room = seal_room(world->own, size);
	uint8_t *message = malloc(room);

	expect(message != NULL && header->size == size);
	expect(seal_frame(world->own, header, payload, message) == room);
	if (header->peer == 7 || header->peer == 0)
		expect(seal_open(world->peer, message, &room, NULL) == 0);
	free(message);
	return 0;
}

static void world_deliver(void *self, const void *batch, size_t size)
{
	struct world *world = self;

	expect(world->up && size > 0);
	read_all(batch, size);
}

static size_t world_beat(void *self, void *data, size_t room)
{
	(void)self;
	memset(data, 'b', room < 100 ? room : 100);
	return room < 100 ? room : 100;
}

static void world_beaten(void *self, const void *data, size_t size)
{
	struct world *world = self;

	expect(world->up && size > 0 && size <= FRAME_BEAT_BYTES_MAX);
	read_all(data, size);
}

static void world_event(void *self, enum link_event event, uint64_t incarnation,
			const char *text)
{
	struct world *world = self;

	read_all(text, strlen(text));
	expect(incarnation != 0);
	if (event == LINK_UP || event == LINK_LOST)
		expect(world->up == (event == LINK_LOST));
	world->up = event == LINK_UP ||
		    (world->up && event != LINK_LOST && event != LINK_FENCED);
	expect(!world->fenced);
	world->fenced = event == LINK_FENCED;
	expect(event != LINK_CLOSED || !world->closed);
	world->closed = world->closed || event == LINK_CLOSED;
}

static struct key *make_key(void)
{
	struct key *key = NULL;

	expect(setenv(KEY_VARIABLE,
		      "00112233445566778899aabbccddeeff"
		      "00112233445566778899aabbccddeeff",
		      1) == 0);
	expect(key_open(NULL, &key, NULL) == 0);
	return key;
}

static void world_open(struct world *world)
{
	static struct key *key;
	struct seal_config seal = { NULL, 0, 2, OWN };
	struct link_config link = { .self = identities[0],
				    .peer = 1,
				    .beat_ns = 100000000,
				    .failure_ns = 2000000000,
				    .batch_bytes_max = 200000 };
	struct link_host host = { world,      world_transmit, world_deliver,
				  world_beat, world_beaten,   world_event };

	world->now = 1000000000;
	world->sealed = world->sealed && cipher_available();
	if (world->sealed && key == NULL)
		key = make_key();
	seal.key = world->sealed ? key : NULL;
	expect(seal_create(&seal, &world->own, NULL) == 0);
	seal.worker = 1;
	seal.incarnation = 7;
	expect(seal_create(&seal, &world->peer, NULL) == 0);
	expect(link_create(&link, &host, world->now, &world->link) == 0);
	link_tick(world->link, world->now);
}

static void world_close(struct world *world)
{
	link_destroy(world->link);
	seal_destroy(world->own);
	seal_destroy(world->peer);
}

/* What is in the room comes in through the port; whether it opened. */
static bool world_hear(struct world *world, size_t size)
{
	const struct frame *frame = (const void *)world->room;
	struct gust_error error = { 0 };

	if (seal_open(world->own, world->room, &size, &error) < 0) {
		expect(error.text[0] != '\0');
		return false;
	}
	expect(frame->from == 1 && frame->to == 0);
	if (frame->version == FRAME_VERSION)
		expect(frame->size + sizeof(*frame) == size);
	link_receive(world->link, frame, frame_payload(frame), world->now);
	return true;
}

/* Somebody with the key says something, by the rules or not. */
static void step_frame(struct world *world, const struct step *step)
{
	static const uint64_t lives[] = { 7, 8, UINT64_C(1) << 32 | 7, 0 };
	static const uint64_t meant[] = { OWN, 0, OWN, 6 };
	uint16_t numbers[4] = { 0 };
	size_t head = sizeof(numbers);
	uint8_t hello[64];
	struct frame header = { .magic = FRAME_MAGIC, .from = 1 };
	const void *payload;

	head = step->length < head ? step->length : head;
	memcpy(numbers, step->data, head);
	payload = step->data + head;
	header.version = step->c & 128 ? FRAME_VERSION + 1 : FRAME_VERSION;
	header.kind = step->a;
	header.flags = step->b & 127;
	header.size = (uint32_t)(step->length - head);
	header.incarnation = lives[step->c & 3];
	header.peer = meant[step->c >> 2 & 3];
	header.number = numbers[0];
	header.received = numbers[1];
	header.round = numbers[2];
	header.asked = numbers[3];
	header.time = world->now;
	header.echo = step->c & 64 ? 0 : world->now;
	if (step->b & 128) {
		expect(hello_size(&identities[1]) <= sizeof(hello));
		memset(hello, 0, sizeof(hello));
		hello_write(&identities[1], hello);
		payload = hello;
		header.size = (uint32_t)hello_size(&identities[1]);
	}
	world->last_size =
		seal_frame(world->peer, &header, payload, world->room);
	memcpy(world->last, world->room, world->last_size);
	world->taken = world_hear(world, world->last_size);
}

static void step_again(struct world *world, const struct step *step)
{
	size_t bit = (size_t)step->a << 8 | step->b;
	bool flip = step->kind % STEP_KINDS == FLIP;
	const struct frame *frame = (const void *)world->last;
	bool taken;

	if (world->last_size == 0)
		return;
	memcpy(world->room, world->last, world->last_size);
	if (flip)
		world->room[bit / 8 % world->last_size] ^=
			(uint8_t)(1u << (bit % 8));
	taken = world_hear(world, world->last_size);
	if (!world->sealed || !taken)
		return;
	/* A greeting may come again. */
	expect(!flip && world->taken && frame->peer == 0);
}

static void step_send(struct world *world, const struct step *step)
{
	size_t size = ((size_t)step->a << 12) + 1;
	size_t offset = step->c & 1 ? sizeof(struct frame) : 0;
	uint8_t *message = message_alloc(offset + size);

	expect(message != NULL);
	memset(message + offset, step->b, size);
	link_send(world->link, message, offset, size, world->now);
}

static void step_call(struct world *world, const struct step *step)
{
	struct gust_error error = { 0 };

	switch (step->a % 4) {
	case 0:
		link_ready(world->link, world->now);
		break;
	case 1:
		link_lose(world->link, 7 + step->b % 2, "it is dead",
			  world->now);
		break;
	case 2:
		link_end(world->link, world->now);
		break;
	default:
		if (seal_complains(world->own, world->now, &error))
			expect(error.text[0] != '\0');
		break;
	}
}

static void world_step(struct world *world, const struct step *step)
{
	switch (step->kind % STEP_KINDS) {
	case RAW:
		memcpy(world->room, step->data, step->length);
		(void)world_hear(world, step->length);
		break;
	case FRAME:
		step_frame(world, step);
		break;
	case FLIP:
	case REPLAY:
		step_again(world, step);
		break;
	case TICK:
		world->now += ((uint64_t)step->a + 1) * 10000000;
		expect(link_tick(world->link, world->now) > world->now);
		break;
	case SEND:
		step_send(world, step);
		break;
	default:
		step_call(world, step);
		break;
	}
}

/* Takes a step off the input; false at its end. */
static bool step_next(struct step *step, const uint8_t **data, size_t *size)
{
	const uint8_t *at = *data;
	size_t length;

	if (*size < 6)
		return false;
	length = (size_t)at[4] | (size_t)at[5] << 8;
	if (length > *size - 6)
		length = *size - 6;
	*step = (struct step){ at[0], at[1], at[2], at[3], (uint16_t)length,
			       at + 6 };
	*data += 6 + length;
	*size -= 6 + length;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct step step;

	if (size == 0)
		return 0;
	memset(&world, 0, offsetof(struct world, last));
	world.last_size = 0;
	world.sealed = data[0] & 1;
	data++;
	size--;
	world_open(&world);
	for (int i = 0; i < STEPS_MAX && step_next(&step, &data, &size); i++)
		world_step(&world, &step);
	world_close(&world);
	return 0;
}
