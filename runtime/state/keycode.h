/* SPDX-License-Identifier: MIT */
#ifndef STATE_KEYCODE_H
#define STATE_KEYCODE_H

/*
 * Keys, which are some values, as bytes whose order is that of the values:
 * null, false, true, ints, floats, strings, bytes, json; texts byte by byte;
 * earlier values first, and a key before those that it begins.
 *
 * A value is a byte for its type and what follows: of an int 8 bytes, the
 * highest first, with the sign turned; of a float the same of its bits, all
 * turned if it is negative; of a text its bytes, in which 00 becomes 00 FF, and
 * a 00 at the end. (As in the tuple layer of FoundationDB, "Data modeling",
 * with types of our own.) -0.0 is 0.0, and a nan lies beyond the infinity of
 * its sign. Stored state relies on it.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

/* The hash that tuples have which are grouped by these values; see
 * record_hash(). */
uint64_t keycode_hash(const struct gust_value *values, size_t count);

/* How many bytes keycode_encode() will write. */
size_t keycode_size(const struct gust_value *values, size_t count);

/* Writes the bytes to `to` and returns where they end. */
char *keycode_encode(char *to, const struct gust_value *values, size_t count);

/*
 * How many values those bytes have, and the room that their texts take when
 * they are read. Returns a count or, if it is no key, -EBADMSG.
 */
int keycode_check(const char *data, size_t length, size_t *count, size_t *room);

/*
 * Reads what keycode_check() has found good: `values` has room for them, and
 * `texts`, 8-byte aligned, for their texts, after each of which there are zeros
 * up to the next multiple of eight.
 */
void keycode_decode(const char *data, size_t length, struct gust_value *values,
		    char *texts);

/* Compares bytes, as memcmp(), and a shorter text before those it begins. */
int keycode_compare(struct gust_text a, struct gust_text b);

#endif
