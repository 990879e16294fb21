/* SPDX-License-Identifier: MIT */
#ifndef PROTECT_VAULT_H
#define PROTECT_VAULT_H

/*
 * A key, and what `protect` does with it, by libsodium. sodium_init() has been
 * called. One thread.
 *
 * A sealed value is base64 of: VAULT_FORMAT, a nonce, and encrypted with
 * XChaCha20-Poly1305 (the format being authenticated, too) the type of the
 * value and its bytes, or 8 of a number, the least significant first. The key
 * for that is derived from the one that is given; the given one is for hashes.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

/* The newest format of sealed values that is understood. */
#define VAULT_FORMAT 1

#define VAULT_KEY_SIZE 32u

/* All zero before a key is read. */
struct vault {
	unsigned char hash_key[VAULT_KEY_SIZE];
	unsigned char seal_key[VAULT_KEY_SIZE];
	struct buffer plain, sealed;
};

/* Reads a key, 64 hexadecimal digits. 0 or -EINVAL. */
int vault_key(struct vault *vault, const char *text, size_t n);

/*
 * Reads it from a file, with white space behind it; `*public` tells whether
 * every user can read that. A negative errno fills `error` in.
 */
int vault_load(struct vault *vault, const char *path, bool *public,
	       struct gust_error *error);

/* Forgets the key, and releases all else. */
void vault_fini(struct vault *vault);

/* Appends the keyed hash of a value's text in 64 digits. 0 or -ENOMEM. */
int vault_hash(struct vault *vault, struct gust_value value,
	       struct buffer *text);

/* Appends a value sealed. 0 or -ENOMEM. */
int vault_seal(struct vault *vault, struct gust_value value,
	       struct buffer *text);

/*
 * Opens what vault_seal() has made. `*value` borrows from the vault until the
 * next call. -EBADMSG: this key has not sealed it; -ENOTSUP: a newer format,
 * which `*format` tells; -ENOMEM.
 */
int vault_unseal(struct vault *vault, struct gust_value text,
		 struct gust_value *value, unsigned *format);

#endif
