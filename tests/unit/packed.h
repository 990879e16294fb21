/* SPDX-License-Identifier: MIT */
#ifndef PACKED_H
#define PACKED_H

/*
 * Members of gzip and frames of zstd that hold text as it is, so that a test
 * needs no library to make them, and knows where each byte stands.
 *
 *	static struct packed packed;
 *
 *	packed.used = 0;
 *	packed_gzip(&packed, "one\n", 4);
 */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct packed {
	size_t used;
	char data[8 * 1024 * 1024];
};

static inline void packed_bytes(struct packed *packed, const void *data,
				size_t n)
{
	assert(n <= sizeof(packed->data) - packed->used);
	memcpy(packed->data + packed->used, data, n);
	packed->used += n;
}

/* The `bytes` lower ones, the lowest first. */
static inline void packed_number(struct packed *packed, uint64_t number,
				 size_t bytes)
{
	char data[8];
	size_t i;

	for (i = 0; i < bytes; i++)
		data[i] = (char)(number >> (8 * i));
	packed_bytes(packed, data, bytes);
}

static inline uint32_t packed_crc(const char *data, size_t n)
{
	uint32_t crc = UINT32_MAX;
	size_t i;
	int bit;

	for (i = 0; i < n; i++) {
		crc ^= (unsigned char)data[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
	}
	return ~crc;
}

/* The header of a member has 10 bytes, that of a block 5, the end 8. */
static inline void packed_gzip(struct packed *packed, const char *text,
			       size_t n)
{
	size_t rest = n, block;

	packed_bytes(packed, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
	do {
		block = rest < 65535 ? rest : 65535;
		packed_number(packed, block == rest, 1);
		packed_number(packed, block, 2);
		packed_number(packed, ~(uint64_t)block, 2);
		packed_bytes(packed, text + n - rest, block);
		rest -= block;
	} while (rest > 0);
	packed_number(packed, packed_crc(text, n), 4);
	packed_number(packed, n, 4);
}

/* The header of a frame has 9 bytes, that of a block 3. */
static inline void packed_zstd(struct packed *packed, const char *text,
			       size_t n)
{
	size_t rest = n, block;

	packed_bytes(packed, "\x28\xb5\x2f\xfd\xa0", 5);
	packed_number(packed, n, 4);
	do {
		block = rest < 65536 ? rest : 65536;
		packed_number(packed, (block << 3) | (block == rest), 3);
		packed_bytes(packed, text + n - rest, block);
		rest -= block;
	} while (rest > 0);
}

#endif
