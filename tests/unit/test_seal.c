/* SPDX-License-Identifier: MIT */

#include "channel/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/cipher.h"
#include "channel/key.h"
#include "channel/message.h"

#include "test.h"

/* 00 01 02 .. 1f */
static const char key_text[] =
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
static const char other_text[] =
	"100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/* Workers 0 and 2 of three, of incarnations 5 and 7. */
static struct seal *zero, *two;

static _Alignas(16) uint8_t room[SEAL_MESSAGE_MAX + 64];
static _Alignas(16) uint8_t copy[SEAL_MESSAGE_MAX + 64];

static struct key *take_key(const char *text)
{
	struct key *key = NULL;

	CHECK_INT(setenv(KEY_VARIABLE, text, 1), 0);
	CHECK_INT(key_open(NULL, &key, NULL), 0);
	CHECK(key != NULL);
	return key;
}

static struct seal *make(const char *text, uint32_t worker,
			 uint64_t incarnation)
{
	struct seal_config config = { .worker = worker,
				      .worker_count = 3,
				      .incarnation = incarnation };
	struct key *key = text != NULL ? take_key(text) : NULL;
	struct seal *seal;

	config.key = key;
	CHECK_INT(seal_create(&config, &seal, NULL), 0);
	key_destroy(key);
	return seal;
}

/* False in a build that cannot seal. */
static bool begin(void)
{
	if (!cipher_available())
		return false;
	zero = make(key_text, 0, 5);
	two = make(key_text, 2, 7);
	return true;
}

static void end(void)
{
	seal_destroy(zero);
	seal_destroy(two);
}

static struct frame header(enum frame_kind kind, uint32_t size)
{
	return (struct frame){ .magic = FRAME_MAGIC,
			       .version = FRAME_VERSION,
			       .kind = (uint8_t)kind,
			       .size = size,
			       .from = 2,
			       .to = 0,
			       .incarnation = 7,
			       .peer = kind == FRAME_HELLO ? 0 : 5,
			       .number = 1 };
}

/* Worker 2 says `text` to 0, in `room`. */
static size_t say(struct seal *seal, enum frame_kind kind, const char *text)
{
	struct frame frame = header(kind, (uint32_t)strlen(text));
	size_t size = seal_frame(seal, &frame, text, room);

	CHECK_UINT(size, seal_room(seal, frame.size));
	return size;
}

/* Opens what is in `room`, and leaves that as it is. */
static int hear(struct seal *seal, size_t size, struct gust_error *error)
{
	memcpy(copy, room, size);
	return seal_open(seal, copy, &size, error);
}

static uint64_t faults(const struct seal *seal, enum seal_fault fault)
{
	uint64_t sum = 0;

	for (int i = 0; i < SEAL_FAULTS; i++)
		sum += seal_status(seal)->faults[i];
	CHECK_UINT(sum, seal_status(seal)->faults[fault]);
	return sum;
}

TEST(what_is_sealed_opens)
{
	struct frame frame = header(FRAME_DATA, 11);
	size_t size;

	if (!begin())
		return;
	size = seal_frame(two, &frame, "hello world", room);
	CHECK_UINT(size, 80 + 11 + SEAL_BYTES);
	CHECK(memmem(room, size, "hello", 5) == NULL);
	CHECK_INT(seal_open(zero, room, &size, NULL), 0);
	CHECK_UINT(size, 80 + 11);
	CHECK(memcmp(room + 80, "hello world", 11) == 0);
	frame.seal = ((struct frame *)room)->seal;
	CHECK(memcmp(room, &frame, sizeof(frame)) == 0);
	CHECK_UINT(seal_status(two)->sealed_frames, 1);
	CHECK_UINT(seal_status(zero)->opened_frames, 1);
	CHECK_UINT(faults(zero, SEAL_SIZE), 0);
	end();
}

TEST(the_longest_and_the_empty_frame_pass)
{
	static uint8_t payload[FRAME_BYTES_MAX];
	struct frame frame = header(FRAME_DATA, FRAME_BYTES_MAX);
	size_t size;

	if (!begin())
		return;
	memset(payload, 'x', sizeof(payload));
	size = seal_frame(two, &frame, payload, room);
	CHECK_UINT(size, SEAL_MESSAGE_MAX);
	CHECK_INT(seal_open(zero, room, &size, NULL), 0);
	CHECK(memcmp(room + 80, payload, sizeof(payload)) == 0);
	frame = header(FRAME_END, 0);
	size = seal_frame(two, &frame, NULL, room);
	CHECK_INT(seal_open(zero, room, &size, NULL), 0);
	CHECK_UINT(size, 80);
	end();
}

/*
 * Made by a few lines of Python that follow RFC 8439 and the draft of
 * XChaCha20 (its vector A.3.1 comes out right), with the key from hashlib's
 * blake2b: digest_size=32, key=KEY, salt=2 << 32 | 0 as 16 bytes,
 * person=b"gustlink".
 */
static const char vector[] =
	"4755535403000300150000000200000007000000000000000500000000000000"
	"010000000000000000000000000000000000000000000000e803000000000000"
	"0000000000000000796f316245800d2836ef7442ec8975d5fdb9d8163a9dbd16"
	"bd314bf7b7a0a1a2a3a4a5a6a7a8a9aaabacadaeaf09000000000000006a0ce8"
	"96469df09ee907c5b481ec2440";

TEST(a_vector_opens)
{
	size_t size = (sizeof(vector) - 1) / 2;

	if (!begin())
		return;
	for (size_t i = 0; i < size; i++) {
		unsigned byte;

		CHECK_INT(sscanf(vector + 2 * i, "%2x", &byte), 1);
		room[i] = (uint8_t)byte;
	}
	CHECK_INT(seal_open(zero, room, &size, NULL), 0);
	CHECK(memcmp(room + 80, "what a batch may hold", 21) == 0);
	CHECK_UINT(((struct frame *)room)->time, 1000);
	end();
}

TEST(each_flipped_bit_is_noticed)
{
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "I live, as you can see");
	for (size_t bit = 0; bit < size * 8; bit++) {
		room[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		CHECK_INT(hear(zero, size, NULL), -EBADMSG);
		room[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	CHECK_UINT(seal_status(zero)->opened_frames, 0);
	CHECK_UINT(seal_status(zero)->faults[SEAL_REPLAYED], 0);
	CHECK_INT(hear(zero, size, NULL), 0);
	end();
}

TEST(what_is_cut_or_longer_is_noticed)
{
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "I live");
	for (size_t n = 0; n < size; n++)
		CHECK_INT(hear(zero, n, NULL), -EBADMSG);
	for (size_t n = 1; n <= 64; n++)
		CHECK_INT(hear(zero, size + n, NULL), -EBADMSG);
	CHECK_INT(hear(zero, SEAL_MESSAGE_MAX + 1, NULL), -EBADMSG);
	CHECK_UINT(seal_status(zero)->faults[SEAL_SIZE], 120 + 1);
	CHECK_UINT(seal_status(zero)->faults[SEAL_FORGED], size - 120 + 64);
	end();
}

TEST(a_claim_of_size_is_not_believed)
{
	static const uint32_t claims[] = { 7, 5, 0, 1u << 20, UINT32_MAX };
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "I live");
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		((struct frame *)room)->size = claims[i];
		CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	}
	CHECK_UINT(faults(zero, SEAL_FORGED), 5);
	end();
}

TEST(a_replay_is_dropped)
{
	struct gust_error error = { 0 };
	static uint8_t first[512];
	size_t size, later;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "one");
	memcpy(first, room, size);
	CHECK_INT(hear(zero, size, NULL), 0);
	CHECK_INT(hear(zero, size, &error), -EBADMSG);
	CHECK_CONTAINS(error.text, "worker 2 came twice");
	later = say(two, FRAME_BEAT, "two!");
	CHECK_INT(hear(zero, later, NULL), 0);
	memcpy(room, first, size);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_REPLAYED), 2);
	end();
}

TEST(what_was_overtaken_is_dropped)
{
	static uint8_t first[512];
	size_t size, later;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "one");
	memcpy(first, room, size);
	later = say(two, FRAME_BEAT, "two");
	CHECK_INT(hear(zero, later, NULL), 0);
	memcpy(room, first, size);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_REPLAYED), 1);
	end();
}

TEST(lives_are_counted_apart)
{
	struct seal *again;
	static uint8_t old[512];
	size_t size;

	if (!begin())
		return;
	for (int i = 0; i < 9; i++) {
		size = say(two, FRAME_BEAT, "old");
		CHECK_INT(hear(zero, size, NULL), 0);
	}
	memcpy(old, room, size);
	again = make(key_text, 2, 8);
	CHECK_INT(hear(zero, say(again, FRAME_BEAT, "new"), NULL), 0);
	memcpy(room, old, size);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_REPLAYED), 1);
	seal_destroy(again);
	end();
}

/* Greetings are for anyone, so those of dead lives can be said again by whoever
 * heard them, as many as he likes. */
TEST(old_greetings_do_not_push_out_the_living)
{
	static uint8_t beat[512];
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "mine");
	memcpy(beat, room, size);
	CHECK_INT(hear(zero, size, NULL), 0);
	for (uint64_t i = 0; i < 100; i++) {
		struct seal *dead = make(key_text, 2, 100 + i);
		size_t greeting = say(dead, FRAME_HELLO, "hello");

		CHECK_INT(hear(zero, greeting, NULL), 0);
		CHECK_INT(hear(zero, greeting, NULL), 0);
		seal_destroy(dead);
	}
	memcpy(room, beat, size);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_REPLAYED), 1);
	end();
}

TEST(a_greeting_of_the_living_counts)
{
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "I live");
	CHECK_INT(hear(zero, size, NULL), 0);
	size = say(two, FRAME_HELLO, "hello");
	CHECK_INT(hear(zero, size, NULL), 0);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_REPLAYED), 1);
	end();
}

TEST(what_an_earlier_life_was_told_is_stale)
{
	struct gust_error error = { 0 };
	struct seal *again;

	if (!begin())
		return;
	again = make(key_text, 0, 6);
	CHECK_INT(hear(again, say(two, FRAME_BEAT, "to 5"), &error), -EBADMSG);
	CHECK_CONTAINS(error.text, "earlier life");
	CHECK_UINT(faults(again, SEAL_STALE), 1);
	seal_destroy(again);
	end();
}

TEST(a_frame_opens_nowhere_else)
{
	struct seal *one;
	struct frame *frame = (struct frame *)room;
	size_t size;

	if (!begin())
		return;
	one = make(key_text, 1, 5);
	size = say(two, FRAME_BEAT, "for 0");
	/* At another worker, as it is and readdressed. */
	CHECK_INT(hear(one, size, NULL), -EBADMSG);
	CHECK_UINT(faults(one, SEAL_NO_FRAME), 1);
	frame->to = 1;
	CHECK_INT(hear(one, size, NULL), -EBADMSG);
	CHECK_UINT(seal_status(one)->faults[SEAL_FORGED], 1);
	/* Back at its sender. */
	frame->to = 2;
	frame->from = 0;
	CHECK_INT(hear(two, size, NULL), -EBADMSG);
	CHECK_UINT(faults(two, SEAL_FORGED), 1);
	/* From somebody else, itself, or nobody. */
	frame->to = 0;
	for (uint16_t from = 0; from < 4; from++) {
		frame->from = from;
		CHECK_INT(hear(zero, size, NULL), from == 2 ? 0 : -EBADMSG);
	}
	CHECK_UINT(seal_status(zero)->faults[SEAL_NO_FRAME], 2);
	CHECK_UINT(seal_status(zero)->faults[SEAL_FORGED], 1);
	seal_destroy(one);
	end();
}

TEST(an_authentic_frame_is_checked)
{
	struct gust_error error = { 0 };
	struct frame frame = header(FRAME_DATA, 5);
	size_t size;

	if (!begin())
		return;
	frame.number = 0;
	size = seal_frame(two, &frame, "12345", room);
	CHECK_INT(seal_open(zero, room, &size, &error), -EBADMSG);
	CHECK_CONTAINS(error.text, "number 0");
	CHECK_UINT(faults(zero, SEAL_MALFORMED), 1);
	end();
}

/* Another version may have a longer header, and must be able to say so. */
TEST(another_version_can_be_told)
{
	struct frame frame = header(FRAME_HELLO, 5);
	size_t size;

	if (!begin())
		return;
	frame.version = FRAME_VERSION + 1;
	size = seal_frame(two, &frame, "12345", room);
	CHECK_INT(seal_open(zero, room, &size, NULL), 0);
	end();
}

TEST(another_key_is_told_apart)
{
	struct seal *other, *plain;
	struct gust_error error = { 0 };

	if (!begin())
		return;
	other = make(other_text, 2, 7);
	plain = make(NULL, 2, 7);
	CHECK_INT(hear(zero, say(other, FRAME_BEAT, "x"), NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_KEY), 1);
	CHECK(seal_complains(zero, 0, &error));
	CHECK_CONTAINS(error.text, "who says to be worker 2 has key ");
	CHECK_CONTAINS(error.text, ", expected 280d804562316f79");
	/* Padded, since a plain frame is too short for a sealed one. */
	CHECK_INT(hear(zero, say(plain, FRAME_BEAT, "x") + 40, NULL), -EBADMSG);
	CHECK_UINT(faults(zero, SEAL_KEY), 2);
	seal_destroy(plain);
	plain = make(NULL, 0, 5);
	CHECK_INT(hear(plain, say(two, FRAME_BEAT, "x"), NULL), -EBADMSG);
	CHECK_UINT(faults(plain, SEAL_KEY), 1);
	error = (struct gust_error){ 0 };
	CHECK(seal_complains(plain, 0, &error));
	CHECK_CONTAINS(error.text, "worker 2 has a key, this worker has none");
	seal_destroy(plain);
	seal_destroy(other);
	end();
}

TEST(without_a_key_frames_pass_as_they_are)
{
	struct seal *from = make(NULL, 2, 7), *to = make(NULL, 0, 5);
	size_t size = say(from, FRAME_BEAT, "plain");

	CHECK_UINT(size, 85);
	CHECK(memcmp(room + 80, "plain", 5) == 0);
	CHECK_INT(hear(to, size, NULL), 0);
	CHECK_INT(hear(to, size, NULL), 0);
	CHECK_INT(hear(to, 79, NULL), -EBADMSG);
	CHECK_INT(hear(to, 84, NULL), -EBADMSG);
	((struct frame *)room)->from = 3;
	CHECK_INT(hear(to, 85, NULL), -EBADMSG);
	CHECK_UINT(seal_status(to)->faults[SEAL_SIZE], 1);
	CHECK_UINT(seal_status(to)->faults[SEAL_MALFORMED], 1);
	CHECK_UINT(seal_status(to)->faults[SEAL_NO_FRAME], 1);
	seal_destroy(from);
	seal_destroy(to);
}

TEST(complaints_are_rare_and_say_what_was_dropped)
{
	const uint64_t second = 1000000000;
	struct gust_error error = { 0 };
	struct seal *seal = make(NULL, 0, 5);

	CHECK(!seal_complains(seal, 0, &error));
	CHECK_INT(hear(seal, 3, NULL), -EBADMSG);
	memset(room, 0, sizeof(room));
	CHECK_INT(hear(seal, 100, NULL), -EBADMSG);
	CHECK_INT(hear(seal, 100, NULL), -EBADMSG);
	CHECK(seal_complains(seal, second, &error));
	CHECK_STR(error.text, "dropped messages of strangers: 1 of a wrong "
			      "size, 2 no frame");
	CHECK_INT(hear(seal, 3, NULL), -EBADMSG);
	error = (struct gust_error){ 0 };
	CHECK(!seal_complains(seal, 10 * second, &error));
	CHECK(seal_complains(seal, 11 * second, &error));
	CHECK_CONTAINS(error.text, "strangers: 1 of a wrong size");
	CHECK(!seal_complains(seal, 30 * second, &error));
	seal_destroy(seal);
}

TEST(a_complaint_names_who_is_known)
{
	struct gust_error error = { 0 };
	size_t size;

	if (!begin())
		return;
	size = say(two, FRAME_BEAT, "x");
	CHECK_INT(hear(zero, size, NULL), 0);
	CHECK_INT(hear(zero, size, NULL), -EBADMSG);
	CHECK(seal_complains(zero, 0, &error));
	CHECK_STR(error.text, "dropped frames of worker 2: 1 replayed or late");
	end();
}

TEST(plain_frames_stay_on_the_machine)
{
	static const char *const near[] = {
		"ipc:///run/gust/1",    "tcp://127.0.0.1:7000",
		"tcp://127.3.4.5:7000", "tcp://localhost:7000",
		"tcp://[::1]:7000",
	};
	static const char *const far[] = {
		"tcp://10.0.0.1:7000",   "tcp://0.0.0.0:7000",
		"tcp://[::]:7000",       "tcp://127.example.org:1",
		"tcp://128.0.0.1:7000",  "tcp://localhost.example.org:1",
		"tcp://[::ffff:1]:7000", "tcp://*:7000",
		"tcp://:7000",           "tcp://",
	};

	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		CHECK_INT(seal_allows(NULL, near[i], NULL), 0);
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		struct gust_error error = { 0 };
		bool sealed = cipher_available();

		CHECK_INT(seal_allows(NULL, far[i], &error),
			  sealed ? -EPERM : -ENOSYS);
		CHECK_CONTAINS(error.text, far[i]);
		CHECK_CONTAINS(error.text,
			       sealed ? "gust keygen" : "libsodium-dev");
	}
	if (cipher_available()) {
		struct key *key = take_key(key_text);

		CHECK_INT(seal_allows(key, far[0], NULL), 0);
		key_destroy(key);
	}
}
