/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_SEAL_H
#define CHANNEL_SEAL_H

/*
 * Between a worker's port and ways, and its links: with a cluster key each
 * frame is encrypted and authenticated on its way out, and opened on its way
 * in. What does not open is dropped and counted. Without a key frames pass as
 * they are, for ipc and loopback only; see seal_allows().
 *
 * A sealed message is the frame's header, the encrypted payload, a nonce of 24
 * bytes and a tag of 16. XChaCha20-Poly1305 authenticates the header, too,
 * which is read before: it tells workers, kind and counts to whoever listens,
 * nothing of what is in the batches. Each pair of workers has a key of its own
 * for each direction, which comes of the cluster key, so no frame opens
 * elsewhere or on its way back. The header's `seal` is the id of the cluster
 * key.
 *
 * Nonces never repeat with a key: 16 of their bytes are drawn when the seal is
 * made, so that each life of a worker has its own, and 8 are a counter. (So a
 * seal must not outlive a fork on both sides.)
 *
 * Replays, of frames that were authentic once. The counter also numbers what a
 * life of the sender says, and is taken if it is higher than all before from
 * that life: what comes twice is dropped here, and so is what was overtaken,
 * which happens only where a connection broke, and which the link repeats. A
 * frame for an earlier life of this worker names that incarnation, and is
 * dropped. What is left passes, to the link:
 *  - a HELLO of an earlier life of the peer. It is answered with a WELCOME that
 *    nobody else takes, and changes nothing.
 *  - another frame of an earlier life that was held back and said to this life
 *    of ours. The link does not believe a WELCOME or FENCED that does not echo
 *    what this worker has said since its last session began or ended; all else
 *    belongs to a session, and that one is over.
 * So who can listen and inject, but has no key, can delay what is said, as he
 * could by cutting the wire, and nothing else.
 *
 * A seal belongs to one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#include "channel/frame.h"

struct key;
struct seal;

/* What a frame grows by: a nonce and a tag. */
#define SEAL_BYTES 40

/* The longest message that a port has to take. */
#define SEAL_MESSAGE_MAX (sizeof(struct frame) + FRAME_BYTES_MAX + SEAL_BYTES)

/* Why a message was dropped. Whom the first four come from is unknown: nanomsg
 * does not tell addresses. */
enum seal_fault {
	SEAL_SIZE,      /* shorter or longer than any frame */
	SEAL_NO_FRAME,  /* begins otherwise, or is not for this worker */
	SEAL_KEY,       /* of another key, sealed without or plain with one */
	SEAL_FORGED,    /* does not open: damaged, cut, or made by a stranger */
	SEAL_STALE,     /* authentic, for an earlier life of this worker */
	SEAL_REPLAYED,  /* authentic, came twice or was overtaken */
	SEAL_MALFORMED, /* authentic or plain, but frame_check() refuses it */
	SEAL_FAULTS
};

struct seal_status {
	uint64_t sealed_frames;
	uint64_t opened_frames;
	uint64_t faults[SEAL_FAULTS];
};

struct seal_config {
	const struct key *key; /* borrowed until the call returns; or NULL */
	uint32_t worker;       /* this one */
	uint32_t worker_count;
	uint64_t incarnation; /* of this one */
};

/*
 * Whether frames may be exchanged with, or expected at, an address of the form
 * of way_open() and port_open(): with a key always, without one over ipc, and
 * over tcp where the address is a loopback one. 0, -EPERM: a key is needed;
 * -ENOSYS: and this build has no libsodium; both set `error`.
 */
int seal_allows(const struct key *key, const char *address,
		struct gust_error *error);

/* -ENOMEM, and what cipher_init() gives; both set `error`. */
int seal_create(const struct seal_config *config, struct seal **seal,
		struct gust_error *error);

/* Overwrites its keys. Takes NULL. */
void seal_destroy(struct seal *seal);

/* How many bytes seal_frame() writes for a payload of `size`. */
size_t seal_room(const struct seal *seal, size_t size);

/*
 * Writes the message of a frame to `room`, aligned to 8 bytes, and returns its
 * size. `header->from` is this worker, `header->to` another one. `payload`
 * holds `header->size` bytes and may be NULL where they are none.
 */
size_t seal_frame(struct seal *seal, const struct frame *header,
		  const void *payload, void *room);

/*
 * Opens a message of `*size` bytes from anywhere, aligned to 8, in place. 0:
 * it is a frame, which has passed frame_check(), from another worker to this
 * one; the payload lies behind the header, and `*size` says how long both are.
 *
 * -EBADMSG: it was dropped and counted; what it holds is undefined, and `error`
 * says why. It names the other worker only where that is certain.
 */
int seal_open(struct seal *seal, void *message, size_t *size,
	      struct gust_error *error);

/*
 * Sets `error` to what to tell people about messages that were dropped since
 * the last time, at most every ten seconds; false: nothing. `now` is in
 * nanoseconds of a monotonic clock, or UINT64_MAX for the last time.
 */
bool seal_complains(struct seal *seal, uint64_t now, struct gust_error *error);

const struct seal_status *seal_status(const struct seal *seal);

/* "forged" and so on. */
const char *seal_fault_name(enum seal_fault fault);

#endif
