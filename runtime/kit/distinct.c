/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gust/kit/distinct.h>

#define DISTINCT_BITS 14u
#define DISTINCT_REGISTERS (1u << DISTINCT_BITS)
#define DISTINCT_RANK_MAX (64u - DISTINCT_BITS + 1u)

/* Few values are kept as if there were so many registers: 2^25. */
#define DISTINCT_FINE_BITS 25u
#define DISTINCT_FINE_REST (DISTINCT_FINE_BITS - DISTINCT_BITS)
#define DISTINCT_RANK_BITS 6u

#define DISTINCT_SLOTS_MIN 16u
#define DISTINCT_SLOTS_MAX 2048u

/*
 * Behind it stand `slots` codes, an open addressing table of at most three
 * quarters in which 0 is free, or, if `slots` is 0, the registers. A code is
 * the number of a fine register, and the rank in it, which is never 0.
 */
struct distinct {
	uint32_t slots;
	uint32_t used;
};

static uint32_t *distinct_codes(void *data)
{
	return (uint32_t *)(void *)((struct distinct *)data + 1);
}

static uint8_t *distinct_registers(void *data)
{
	return (uint8_t *)((struct distinct *)data + 1);
}

/* The rank of `bits` bits that stand at the top: the place of the first one
 * that is set, from 1. */
static uint32_t distinct_rank(uint64_t top, uint32_t bits)
{
	uint32_t zeros = top == 0 ? 64 : (uint32_t)__builtin_clzll(top);

	return (zeros < bits ? zeros : bits) + 1;
}

static uint32_t distinct_code(uint64_t hash)
{
	uint32_t index = (uint32_t)(hash >> (64 - DISTINCT_FINE_BITS));

	return index << DISTINCT_RANK_BITS |
	       distinct_rank(hash << DISTINCT_FINE_BITS,
			     64 - DISTINCT_FINE_BITS);
}

static void distinct_raise(uint8_t *registers, uint32_t at, uint32_t rank)
{
	if (registers[at] < rank)
		registers[at] = (uint8_t)rank;
}

/* What a code says of the fewer registers: the low bits of its number are the
 * first ones of the longer rest. */
static void distinct_raise_code(uint8_t *registers, uint32_t code)
{
	uint32_t fine = code >> DISTINCT_RANK_BITS;
	uint32_t rank = code & ((1u << DISTINCT_RANK_BITS) - 1);
	uint64_t low = (uint64_t)fine << (64 - DISTINCT_FINE_REST);

	if (low != 0)
		rank = distinct_rank(low, DISTINCT_FINE_REST);
	else
		rank += DISTINCT_FINE_REST;
	distinct_raise(registers, fine >> DISTINCT_FINE_REST, rank);
}

/* Where the fine register of a code stands, or the free place for it. */
static uint32_t *distinct_find(uint32_t *codes, uint32_t slots, uint32_t code)
{
	uint32_t fine = code >> DISTINCT_RANK_BITS;
	uint32_t at = (fine * 2654435769u >> 7) & (slots - 1);

	while (codes[at] != 0 && codes[at] >> DISTINCT_RANK_BITS != fine)
		at = (at + 1) & (slots - 1);
	return &codes[at];
}

static void distinct_put(void *data, uint32_t code)
{
	struct distinct *distinct = data;
	uint32_t *place =
		distinct_find(distinct_codes(data), distinct->slots, code);

	distinct->used += *place == 0;
	if (*place < code)
		*place = code;
}

/* Gives it registers in place of codes. */
static int distinct_spread(struct flat *flat)
{
	uint32_t codes[DISTINCT_SLOTS_MAX] = { 0 }, slots = 0, i;
	struct distinct *distinct = flat_data(flat);
	int r;

	if (distinct != NULL) {
		slots = distinct->slots;
		memcpy(codes, distinct_codes(distinct), slots * sizeof(*codes));
	}
	r = flat->resize(flat, sizeof(*distinct) + DISTINCT_REGISTERS);
	if (r < 0)
		return r;
	distinct = flat->data;
	*distinct = (struct distinct){ 0 };
	memset(distinct_registers(distinct), 0, DISTINCT_REGISTERS);
	for (i = 0; i < slots; i++)
		if (codes[i] != 0)
			distinct_raise_code(distinct_registers(distinct),
					    codes[i]);
	return 0;
}

/* Makes room for another code, or registers of all. */
static int distinct_grow(struct flat *flat)
{
	uint32_t codes[DISTINCT_SLOTS_MAX] = { 0 }, old = 0, slots, i;
	struct distinct *distinct = flat_data(flat);
	int r;

	if (distinct != NULL) {
		old = distinct->slots;
		memcpy(codes, distinct_codes(distinct), old * sizeof(*codes));
	}
	slots = old == 0 ? DISTINCT_SLOTS_MIN : 2 * old;
	if (slots > DISTINCT_SLOTS_MAX)
		return distinct_spread(flat);
	r = flat->resize(flat, sizeof(*distinct) + slots * sizeof(*codes));
	if (r < 0)
		return r;
	distinct = flat->data;
	*distinct = (struct distinct){ .slots = slots };
	memset(distinct_codes(distinct), 0, slots * sizeof(*codes));
	for (i = 0; i < old; i++)
		if (codes[i] != 0)
			distinct_put(distinct, codes[i]);
	return 0;
}

/* Whether another code would fill a table by more than three quarters. */
static bool distinct_full(const struct distinct *distinct)
{
	return distinct == NULL ||
	       (distinct->slots > 0 &&
		4 * (distinct->used + 1) > 3 * distinct->slots);
}

static int distinct_add_code(struct flat *flat, uint32_t code)
{
	struct distinct *distinct = flat_data(flat);
	const uint32_t *place;
	int r = 0;

	if (distinct_full(distinct)) {
		place = distinct == NULL || distinct->slots == 0
				? NULL
				: distinct_find(distinct_codes(distinct),
						distinct->slots, code);
		/* It needs no room if it is there. */
		if (place == NULL || *place == 0)
			r = distinct_grow(flat);
	}
	if (r < 0)
		return r;
	distinct = flat->data;
	if (distinct->slots == 0)
		distinct_raise_code(distinct_registers(distinct), code);
	else
		distinct_put(distinct, code);
	return 0;
}

int distinct_add(struct flat *flat, uint64_t hash)
{
	struct distinct *distinct = flat_data(flat);

	if (distinct != NULL && distinct->slots == 0) {
		distinct_raise(distinct_registers(distinct),
			       (uint32_t)(hash >> (64 - DISTINCT_BITS)),
			       distinct_rank(hash << DISTINCT_BITS,
					     64 - DISTINCT_BITS));
		return 0;
	}
	return distinct_add_code(flat, distinct_code(hash));
}

int distinct_merge(struct flat *into, const void *from, size_t size)
{
	const struct distinct *other = from;
	const uint32_t *codes;
	const uint8_t *registers;
	uint32_t i;
	int r = 0;

	if (size == 0)
		return 0;
	codes = (const uint32_t *)(const void *)(other + 1);
	registers = (const uint8_t *)(other + 1);
	for (i = 0; i < other->slots && r == 0; i++)
		if (codes[i] != 0)
			r = distinct_add_code(into, codes[i]);
	if (other->slots > 0)
		return r;
	if (into->size == 0 || ((struct distinct *)into->data)->slots > 0)
		r = distinct_spread(into);
	for (i = 0; i < DISTINCT_REGISTERS && r == 0; i++)
		distinct_raise(distinct_registers(into->data), i, registers[i]);
	return r;
}

/* x + the sum of x^(2^k) 2^(k-1) over k >= 1. */
static double distinct_sigma(double x)
{
	double sum = x, factor = 1, before;

	if (x == 1)
		return INFINITY;
	do {
		x *= x;
		before = sum;
		sum += x * factor;
		factor += factor;
	} while (sum != before);
	return sum;
}

/* (1 - x - the sum of (1 - x^(2^-k))^2 2^-k over k >= 1) / 3. */
static double distinct_tau(double x)
{
	double sum = 1 - x, factor = 1, before;

	if (x == 0 || x == 1)
		return 0;
	do {
		x = sqrt(x);
		before = sum;
		factor *= 0.5;
		sum -= (1 - x) * (1 - x) * factor;
	} while (sum != before);
	return sum / 3;
}

/* Algorithm 6 of Ertl. */
static double distinct_ertl(const uint8_t *registers)
{
	const double m = DISTINCT_REGISTERS;
	uint32_t counts[DISTINCT_RANK_MAX + 1] = { 0 }, i;
	double z;

	for (i = 0; i < DISTINCT_REGISTERS; i++)
		counts[registers[i]]++;
	z = m * distinct_tau(1 - counts[DISTINCT_RANK_MAX] / m);
	for (i = DISTINCT_RANK_MAX - 1; i >= 1; i--)
		z = 0.5 * (z + counts[i]);
	z += m * distinct_sigma(counts[0] / m);
	return m * m / (2 * log(2) * z);
}

uint64_t distinct_estimate(const void *data, size_t size)
{
	const double fine = 1u << DISTINCT_FINE_BITS;
	const struct distinct *distinct = data;

	if (size == 0)
		return 0;
	if (distinct->slots == 0)
		return (uint64_t)llround(
			distinct_ertl((const uint8_t *)(distinct + 1)));
	/* So few are counted by the registers that are free. */
	return (uint64_t)llround(fine * log(fine / (fine - distinct->used)));
}
