/* SPDX-License-Identifier: MIT */

#include "channel/seal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel/cipher.h"
#include "channel/key.h"

/* So many lives of another worker are told apart; the one that said nothing
 * for longest makes room. */
#define SEAL_LIVES 16

#define SEAL_SALT_BYTES 16

#define SEAL_COMPLAINT_NS UINT64_C(10000000000)

_Static_assert(SEAL_SALT_BYTES + sizeof(uint64_t) == CIPHER_NONCE_BYTES &&
		       CIPHER_NONCE_BYTES + CIPHER_TAG_BYTES == SEAL_BYTES,
	       "what lies behind a payload");

struct seal_life {
	uint8_t salt[SEAL_SALT_BYTES];
	uint64_t counter; /* the last one taken; 0: no such life */
	uint64_t used;    /* when, by the count of what was opened */
};

struct seal_secrets {
	uint8_t out[CIPHER_KEY_BYTES];
	uint8_t in[CIPHER_KEY_BYTES];
};

struct seal {
	struct seal_status status;
	uint32_t worker;
	uint32_t worker_count;
	uint64_t incarnation;
	uint64_t id; /* of the key; 0: there is none */
	uint8_t salt[SEAL_SALT_BYTES];
	uint64_t counter;
	/* By worker; NULL without a key. */
	struct seal_secrets *secrets;
	struct seal_life (*lives)[SEAL_LIVES];

	/* For complaints. */
	struct seal_status told;
	uint64_t told_ns;
	bool has_told;
	uint32_t stranger;    /* says to be this worker */
	uint64_t stranger_id; /* of its key */
	uint32_t culprit;     /* worker whose authentic frame was refused */
};

static const char *const seal_fault_names[SEAL_FAULTS] = {
	[SEAL_SIZE] = "of a wrong size", [SEAL_NO_FRAME] = "no frame",
	[SEAL_KEY] = "of another key",   [SEAL_FORGED] = "forged",
	[SEAL_STALE] = "stale",          [SEAL_REPLAYED] = "replayed or late",
	[SEAL_MALFORMED] = "malformed",
};

const char *seal_fault_name(enum seal_fault fault)
{
	assert(fault < SEAL_FAULTS);
	return seal_fault_names[fault];
}

/* Of what `from` says to `to`. */
static uint64_t seal_direction(uint32_t from, uint32_t to)
{
	return (uint64_t)from << 32 | to;
}

static int seal_derive(struct seal *seal, const struct key *key)
{
	size_t count = seal->worker_count;

	seal->secrets = cipher_alloc(count * sizeof(*seal->secrets));
	seal->lives = calloc(count, sizeof(*seal->lives));
	if (seal->secrets == NULL || seal->lives == NULL)
		return -ENOMEM;
	seal->id = key_id(key);
	cipher_random(seal->salt, sizeof(seal->salt));
	for (uint32_t i = 0; i < seal->worker_count; i++) {
		key_derive(key, seal_direction(seal->worker, i),
			   seal->secrets[i].out);
		key_derive(key, seal_direction(i, seal->worker),
			   seal->secrets[i].in);
	}
	return 0;
}

int seal_create(const struct seal_config *config, struct seal **seal,
		struct gust_error *error)
{
	struct seal *made;
	int r;

	assert(config->worker < config->worker_count);
	if (config->key != NULL) {
		r = cipher_init(error);
		if (r < 0)
			return r;
	}
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "no memory for a seal");
	made->worker = config->worker;
	made->worker_count = config->worker_count;
	made->incarnation = config->incarnation;
	if (config->key != NULL && seal_derive(made, config->key) < 0) {
		seal_destroy(made);
		return gust_error_set(error, -ENOMEM, "no memory for a seal");
	}
	*seal = made;
	return 0;
}

void seal_destroy(struct seal *seal)
{
	if (seal == NULL)
		return;
	cipher_free(seal->secrets);
	free(seal->lives);
	free(seal);
}

const struct seal_status *seal_status(const struct seal *seal)
{
	return &seal->status;
}

size_t seal_room(const struct seal *seal, size_t size)
{
	return sizeof(struct frame) + size + (seal->id != 0 ? SEAL_BYTES : 0);
}

size_t seal_frame(struct seal *seal, const struct frame *header,
		  const void *payload, void *room)
{
	struct frame *frame = room;
	uint8_t *sealed = (uint8_t *)(frame + 1);
	uint8_t *nonce = sealed + header->size;
	struct cipher_text text;

	assert(header->from == seal->worker && header->to != seal->worker &&
	       header->to < seal->worker_count);
	memcpy(frame, header, sizeof(*frame));
	frame->seal = seal->id;
	seal->status.sealed_frames++;
	if (seal->id == 0) {
		if (header->size > 0)
			memcpy(sealed, payload, header->size);
		return seal_room(seal, header->size);
	}
	seal->counter++;
	memcpy(nonce, seal->salt, SEAL_SALT_BYTES);
	memcpy(nonce + SEAL_SALT_BYTES, &seal->counter, sizeof(seal->counter));
	text = (struct cipher_text){ seal->secrets[header->to].out, nonce,
				     frame, sizeof(*frame) };
	cipher_seal(&text, payload, header->size, sealed,
		    nonce + CIPHER_NONCE_BYTES);
	return seal_room(seal, header->size);
}

static int seal_refuse(struct seal *seal, enum seal_fault fault)
{
	seal->status.faults[fault]++;
	return -EBADMSG;
}

/* What needs no key to be seen. `overhead` is what a seal adds. */
static int seal_look(struct seal *seal, const struct frame *frame, size_t size,
		     size_t overhead, struct gust_error *error)
{
	size_t least = sizeof(*frame) + overhead;
	size_t most = least + FRAME_BYTES_MAX;

	if (size < least || size > most) {
		gust_error_set(error, -EBADMSG,
			       "a message has %zu bytes, expected %zu to %zu",
			       size, least, most);
		return seal_refuse(seal, SEAL_SIZE);
	}
	if (frame->magic != FRAME_MAGIC || frame->to != seal->worker ||
	    frame->from == seal->worker || frame->from >= seal->worker_count) {
		gust_error_set(error, -EBADMSG,
			       "a message of %zu bytes is no frame for worker "
			       "%" PRIu32,
			       size, seal->worker);
		return seal_refuse(seal, SEAL_NO_FRAME);
	}
	if (frame->seal != seal->id) {
		seal->stranger = frame->from;
		seal->stranger_id = frame->seal;
		gust_error_set(error, -EBADMSG,
			       "a frame is sealed by key %016" PRIx64
			       ", expected %016" PRIx64 " (0 is none)",
			       frame->seal, seal->id);
		return seal_refuse(seal, SEAL_KEY);
	}
	return 0;
}

/* Decrypts what lies behind the header, which may be a longer one in a later
 * version. `size` is without what the seal adds. */
static int seal_decrypt(struct seal *seal, struct frame *frame, size_t size,
			struct gust_error *error)
{
	uint8_t *nonce = (uint8_t *)frame + size;
	struct cipher_text text = { seal->secrets[frame->from].in, nonce, frame,
				    0 };

	if (frame->size <= size - sizeof(*frame)) {
		text.associated_size = size - frame->size;
		if (cipher_open(&text, (uint8_t *)frame + text.associated_size,
				frame->size, nonce + CIPHER_NONCE_BYTES))
			return 0;
	}
	gust_error_set(error, -EBADMSG,
		       "a frame of %zu bytes was forged or damaged", size);
	return seal_refuse(seal, SEAL_FORGED);
}

/* The life that the nonce is of; if it is new, the one to be replaced. */
static struct seal_life *seal_find(struct seal *seal, uint32_t from,
				   const uint8_t *nonce, bool *known)
{
	struct seal_life *lives = seal->lives[from];
	struct seal_life *oldest = &lives[0];

	*known = true;
	for (size_t i = 0; i < SEAL_LIVES; i++) {
		if (lives[i].counter != 0 &&
		    memcmp(lives[i].salt, nonce, SEAL_SALT_BYTES) == 0)
			return &lives[i];
		if (lives[i].used < oldest->used)
			oldest = &lives[i];
	}
	*known = false;
	return oldest;
}

/* An authentic frame must be for this life, and newer than what its sender has
 * said before. */
static int seal_take(struct seal *seal, const struct frame *frame,
		     const uint8_t *nonce, struct gust_error *error)
{
	struct seal_life *life;
	uint64_t counter;
	bool known;

	if (frame->peer != 0 && frame->peer != seal->incarnation) {
		gust_error_set(error, -EBADMSG,
			       "a frame of worker %u is for an earlier life of "
			       "this one",
			       (unsigned)frame->from);
		return seal_refuse(seal, SEAL_STALE);
	}
	memcpy(&counter, nonce + SEAL_SALT_BYTES, sizeof(counter));
	life = seal_find(seal, frame->from, nonce, &known);
	if (known && counter <= life->counter) {
		seal->culprit = frame->from;
		gust_error_set(error, -EBADMSG,
			       "a frame of worker %u came twice or late",
			       (unsigned)frame->from);
		return seal_refuse(seal, SEAL_REPLAYED);
	}
	/* A greeting is for anyone, and from any time: those of old must not
	 * push out the living. */
	if (!known && frame->peer == 0)
		return 0;
	memcpy(life->salt, nonce, SEAL_SALT_BYTES);
	life->counter = counter;
	life->used = seal->status.opened_frames + 1;
	return 0;
}

int seal_open(struct seal *seal, void *message, size_t *size,
	      struct gust_error *error)
{
	size_t overhead = seal->id != 0 ? SEAL_BYTES : 0;
	struct frame *frame = message;
	size_t inner = *size - overhead;
	int r = seal_look(seal, frame, *size, overhead, error);

	if (r == 0 && seal->id != 0)
		r = seal_decrypt(seal, frame, inner, error);
	if (r == 0 && seal->id != 0)
		r = seal_take(seal, frame, (uint8_t *)frame + inner, error);
	if (r < 0)
		return r;
	if (frame_check(frame, inner, error) < 0) {
		seal->culprit = frame->from;
		return seal_refuse(seal, SEAL_MALFORMED);
	}
	seal->status.opened_frames++;
	*size = inner;
	return 0;
}

/* How many were dropped since the last complaint. */
static uint64_t seal_fresh(const struct seal *seal, enum seal_fault fault)
{
	return seal->status.faults[fault] - seal->told.faults[fault];
}

/* "3 forged, 1 no frame" of the kinds from `first` to `last`; returns their
 * sum. */
static uint64_t seal_list(const struct seal *seal, enum seal_fault first,
			  enum seal_fault last, char *text, size_t size)
{
	uint64_t sum = 0;
	size_t used = 0;

	for (enum seal_fault fault = first; fault <= last; fault++) {
		uint64_t n = seal_fresh(seal, fault);
		int r;

		if (n == 0)
			continue;
		r = snprintf(text + used, size - used, "%s%" PRIu64 " %s",
			     sum > 0 ? ", " : "", n, seal_fault_name(fault));
		assert(r > 0 && (size_t)r < size - used);
		used += (size_t)r;
		sum += n;
	}
	return sum;
}

/* Of the key that frames of a stranger were sealed by. */
static void seal_tell_key(const struct seal *seal, char *text, size_t size)
{
	if (seal->id == 0)
		snprintf(text, size,
			 "; who says to be worker %" PRIu32 " has a key, this "
			 "worker has none",
			 seal->stranger);
	else if (seal->stranger_id == 0)
		snprintf(text, size,
			 "; who says to be worker %" PRIu32 " has no key",
			 seal->stranger);
	else
		snprintf(text, size,
			 "; who says to be worker %" PRIu32 " has key "
			 "%016" PRIx64 ", expected %016" PRIx64,
			 seal->stranger, seal->stranger_id, seal->id);
}

/* What a message is about is a member of the cluster, or anybody. */
bool seal_complains(struct seal *seal, uint64_t now, struct gust_error *error)
{
	char strangers[160], members[160], key[128] = "";
	uint64_t strange, own;

	if (seal->has_told && now - seal->told_ns < SEAL_COMPLAINT_NS)
		return false;
	strange = seal_list(seal, SEAL_SIZE, SEAL_FORGED, strangers,
			    sizeof(strangers));
	own = seal_list(seal, SEAL_REPLAYED, SEAL_MALFORMED, members,
			sizeof(members));
	if (strange == 0 && own == 0)
		return false;
	if (seal_fresh(seal, SEAL_KEY) > 0)
		seal_tell_key(seal, key, sizeof(key));
	seal->told = seal->status;
	seal->told_ns = now;
	seal->has_told = true;
	if (strange == 0)
		gust_error_set(error, -EBADMSG,
			       "dropped frames of worker %" PRIu32 ": %s",
			       seal->culprit, members);
	else
		gust_error_set(error, -EBADMSG,
			       "dropped messages of strangers: %s%s%s%s",
			       strangers, key, own > 0 ? "; of workers: " : "",
			       own > 0 ? members : "");
	return true;
}

/* Whether `host` of `length` characters is a loopback address. */
static bool seal_is_loopback(const char *host, size_t length)
{
	struct in_addr v4;
	char text[64];

	if (length >= sizeof(text))
		return false;
	memcpy(text, host, length);
	text[length] = '\0';
	return strcmp(text, "localhost") == 0 || strcmp(text, "[::1]") == 0 ||
	       (inet_pton(AF_INET, text, &v4) == 1 &&
		ntohl(v4.s_addr) >> 24 == 127);
}

int seal_allows(const struct key *key, const char *address,
		struct gust_error *error)
{
	static const char scheme[] = "tcp://";
	const char *colon = strrchr(address, ':');
	const char *host = address + strlen(scheme);

	if (key != NULL || strncmp(address, scheme, strlen(scheme)) != 0)
		return 0;
	if (colon >= host && seal_is_loopback(host, (size_t)(colon - host)))
		return 0;
	if (!cipher_available())
		return gust_error_set(error, -ENOSYS,
				      "'%s' is no loopback address and takes a "
				      "key, but this gust was built without "
				      "libsodium (libsodium-dev)",
				      address);
	return gust_error_set(error, -EPERM,
			      "'%s' is no loopback address and takes a key, "
			      "expected '--key FILE' or %s ('gust keygen' "
			      "makes one)",
			      address, KEY_VARIABLE);
}
