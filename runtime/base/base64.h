/* SPDX-License-Identifier: MIT */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

/* Bytes as text: RFC 4648, section 4, with padding and without line ends. */

#include <stddef.h>

/* How many characters `n` bytes become, without a NUL. */
static inline size_t base64_encoded_size(size_t n)
{
	return n / 3 * 4 + (n % 3 != 0 ? 4 : 0);
}

/* The most bytes that `n` characters can stand for. */
static inline size_t base64_decoded_size_max(size_t n)
{
	return n / 4 * 3;
}

/* Writes base64_encoded_size(n) characters to `text`, and no NUL. */
void base64_encode(char *text, const void *p, size_t n);

/*
 * Reads `n` characters into `p`, which takes base64_decoded_size_max(n) bytes,
 * and says in `*size` how many came out. Returns 0 or -EINVAL if it is no
 * base64; `p` may be partly written then.
 */
int base64_decode(void *p, size_t *size, const char *text, size_t n);

#endif
