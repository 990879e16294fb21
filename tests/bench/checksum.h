/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CHECKSUM_H
#define BENCH_CHECKSUM_H

/*
 * What rows come to in any order, with the same steps as in Checksum.java of
 * the rivals: of a text its length, first and last byte count, of a float its
 * bits. No text is empty.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct checksum {
	uint64_t rows;
	uint64_t total;
};

static inline uint64_t checksum_number(uint64_t row, uint64_t value)
{
	row = (row + value) * 0x9e3779b97f4a7c15u;
	return row ^ row >> 32;
}

static inline uint64_t checksum_float(uint64_t row, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return checksum_number(row, bits);
}

static inline uint64_t checksum_text(uint64_t row, const char *text,
				     size_t length)
{
	return checksum_number(row, length * 65536 +
					    (unsigned char)text[0] * 256u +
					    (unsigned char)text[length - 1]);
}

static inline void checksum_row(struct checksum *sum, uint64_t row)
{
	sum->total += row;
	sum->rows++;
}

#endif
