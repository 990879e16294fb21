/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_SCALAR_H
#define TOPOLOGY_SCALAR_H

/*
 * What an unquoted YAML scalar means, by the core schema of YAML 1.2 (section
 * 10.3.2 of its specification): `no`, `on` and 1:30 are strings, 0o17 and 0x1f
 * are integers, 017 is seventeen.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scalar_kind {
	SCALAR_NULL,
	SCALAR_BOOL,
	SCALAR_INT,
	SCALAR_FLOAT,
	SCALAR_STRING,
};

struct scalar {
	enum scalar_kind kind;
	bool boolean;    /* SCALAR_BOOL */
	bool overflow;   /* SCALAR_INT that 64 bits do not hold */
	int64_t integer; /* SCALAR_INT, unless it overflows */
	double number;   /* SCALAR_FLOAT, and the same for SCALAR_INT */
};

/*
 * Reads `text`, a C string of `length` bytes; what is no other kind is a
 * string. Assumes the C locale's decimal point.
 */
struct scalar scalar_read(const char *text, size_t length);

/* "an integer", "a string", for messages. */
const char *scalar_kind_name(enum scalar_kind kind);

#endif
