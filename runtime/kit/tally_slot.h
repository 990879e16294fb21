/* SPDX-License-Identifier: MIT */
#ifndef KIT_TALLY_SLOT_H
#define KIT_TALLY_SLOT_H

/*
 * Of gust/kit/tally.h: how the bytes are laid out. A head, then what has a
 * fixed size, a struct of these a slot; then the parts that grow, in the order
 * of their slots, each a multiple of 16 bytes.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/kit/tally.h>

struct tally_head {
	uint32_t mark;
	uint32_t spare;
};

struct tally_count {
	uint64_t count;
};

/* An int's sum has 128 bits, so that it does not matter in which order what is
 * too much comes and goes; a float's is that of Neumaier (1974). */
struct tally_sum {
	uint64_t count;
	union {
		struct {
			uint64_t low;
			int64_t high;
		} integer;
		struct {
			double sum;
			double rest;
		} number;
	} as;
};

/* By Welford (1962); Chan, Golub and LeVeque (1979) where two are joined. */
struct tally_moments {
	uint64_t count;
	double mean;
	double squares; /* of the differences to the mean, their sum */
};

/* A part that grows: it stands at the beginning of its slot. */
struct tally_part {
	uint32_t at, size;
};

/* One value; the bytes of a text are its part. */
struct tally_value {
	struct tally_part part;
	int64_t time;
	uint32_t type; /* GUST_NULL: none so far */
	uint32_t length;
	union {
		int64_t integer;
		double number;
	} as;
};

/* Values one behind the other, each with this before it; the part begins with
 * struct tally_list. */
struct tally_item {
	int64_t time;
	uint32_t type;
	uint32_t length; /* of the bytes, which are padded to 8 */
};
struct tally_list {
	uint32_t count;
	uint32_t used; /* bytes, these included */
};

/* How many bytes the fixed part of a slot of that kind has. */
uint32_t tally_slot_size(enum tally_kind kind);

/* Whether it has a part that grows. */
bool tally_slot_grows(enum tally_kind kind);

/* The part of slot `number` as bytes that can be resized: `owner`, which is
 * filled in, has to live as long. */
struct tally_owner {
	const struct tally *tally;
	struct flat *flat;
	uint32_t number;
};
struct flat tally_slot_part(const struct tally *tally, struct flat *flat,
			    uint32_t number, struct tally_owner *owner);

/* The same, to be read. */
const void *tally_slot_data(const void *data, const struct tally_slot *slot,
			    size_t *size);

/* How many keys a summary keeps of which `most` are wanted. */
uint32_t tally_slot_keys(uint32_t most);

#endif
