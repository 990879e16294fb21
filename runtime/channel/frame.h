/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_FRAME_H
#define CHANNEL_FRAME_H

/*
 * What travels between two workers: a header of fixed size and a payload. It
 * is little-endian, as batches and tuples are, and a multiple of 16 long, so
 * that a batch behind it lies as it must.
 *
 * The two incarnations in a header name a session: what one life of the sender
 * says to one life of the receiver. Numbers and counts begin anew with each.
 *
 * The first 32 bytes keep their meaning in all versions, so that two versions
 * can tell each other why they do not talk.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

/* "GUST" as its bytes lie on the wire. */
#define FRAME_MAGIC UINT32_C(0x54535547)

/*
 * Raised when the layout of frames changes, or of what they carry: hellos,
 * batches, heartbeats (worker/beat.h). Other versions, older or newer ones, are
 * refused: a topology runs on all hosts with one version of gust.
 */
#define FRAME_VERSION 3

/* The longest payload; a longer batch travels in several frames. */
#define FRAME_BYTES_MAX ((size_t)256 << 10)

/* Of a heartbeat, and of the text of a refusal. */
#define FRAME_BEAT_BYTES_MAX ((size_t)16 << 10)
#define FRAME_TEXT_BYTES_MAX ((size_t)512)

enum frame_kind {
	FRAME_HELLO = 1,   /* who I am, to anyone; payload: see hello.h */
	FRAME_WELCOME = 2, /* the same, to an incarnation that I have heard */
	FRAME_DATA = 3,    /* a batch or a part of one */
	FRAME_BEAT = 4,    /* I live; payload: what the worker adds, or none */
	FRAME_END = 5,     /* no data follow; numbered as they are */
	FRAME_ENDED = 6,   /* both ENDs have arrived, as far as I am told */
	FRAME_FENCED = 7,  /* this incarnation of yours is dead to me */
	FRAME_REFUSED = 8  /* we do not fit; payload: a text that says why */
};

enum frame_flag {
	FRAME_MORE = 1,   /* DATA: the batch goes on in the next frame */
	FRAME_REPEAT = 2, /* BEAT: send again what follows `received` */
	FRAME_ASK = 4     /* WELCOME: send me one, too */
};

struct frame {
	uint32_t magic;
	uint16_t version;
	uint8_t kind;         /* enum frame_kind */
	uint8_t flags;        /* enum frame_flag */
	uint32_t size;        /* of the payload in bytes */
	uint16_t from;        /* worker */
	uint16_t to;          /* worker */
	uint64_t incarnation; /* of the sender; never 0 */
	uint64_t peer;        /* whom it is meant for; 0 in HELLO only */
	/* DATA and END: its own, from 1 on; else that of the next one. */
	uint64_t number;
	uint64_t received; /* so many numbered frames have come in a row */
	uint32_t round;    /* how often the sender has gone back */
	uint32_t asked;    /* REPEAT: the round in which the gap showed */
	uint64_t time;     /* the sender's clock when it was sent */
	uint64_t echo;     /* the newest `time` that the sender has heard */
	uint64_t seal;     /* belongs to seal.h; 0 in plain frames */
};

_Static_assert(sizeof(struct frame) == 80, "the header of a frame");

/*
 * Checks `size` bytes at `data`, which are aligned to 8 bytes and come from
 * anywhere: magic, kind, flags, length and what is always true of the members.
 * Afterwards reading the header and `header->size` bytes behind it is safe;
 * payloads are checked by who reads them. A HELLO, WELCOME or REFUSED of
 * another version passes, for the link to answer: of that only the header's
 * first 32 bytes may be read.
 *
 * -EBADMSG: no frame, or a malformed one; -EPROTO: of another version. Both set
 * `error`.
 */
int frame_check(const void *data, size_t size, struct gust_error *error);

/* The payload of a checked frame that lies behind its header. */
static inline const void *frame_payload(const struct frame *frame)
{
	return frame + 1;
}

/* "HELLO" and so on; "frame" for a kind that is none. */
const char *frame_kind_name(unsigned kind);

#endif
