/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_CIPHER_H
#define CHANNEL_CIPHER_H

/*
 * What seal.h and key.h need of libsodium: XChaCha20-Poly1305, keys derived by
 * BLAKE2b, random bytes, and memory that is neither swapped nor dumped. In a
 * build without libsodium cipher_init() says so, and none of the others may be
 * called. Any thread may call these.
 *
 * Of AES-256-GCM, a fifth faster where the processor has it, there is none: one
 * scheme that every machine has is one less that can go wrong.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>

#define CIPHER_KEY_BYTES 32
#define CIPHER_NONCE_BYTES 24
#define CIPHER_TAG_BYTES 16

/* Whether this is a build with libsodium. */
bool cipher_available(void);

/*
 * To be called before all others, and again at will. -ENOSYS: this build has
 * no libsodium; -EIO: it cannot start. Both set `error`.
 */
int cipher_init(struct gust_error *error);

/* Zeroed memory for keys, or NULL. It is not in a core dump, and not swapped
 * as far as the system's limit on locked memory reaches. */
void *cipher_alloc(size_t size);

/* Overwrites and frees it. Takes NULL. */
void cipher_free(void *memory);

/* Overwrites, whatever the compiler thinks of it. */
void cipher_wipe(void *memory, size_t size);

void cipher_random(void *data, size_t size);

/* The `id`th key of `size` bytes, 16 to 64, that comes of `key`. */
void cipher_derive(const uint8_t key[CIPHER_KEY_BYTES], uint64_t id, void *data,
		   size_t size);

/* What is associated is authenticated, but not encrypted. */
struct cipher_text {
	const uint8_t *key;   /* CIPHER_KEY_BYTES */
	const uint8_t *nonce; /* CIPHER_NONCE_BYTES, never twice with a key */
	const void *associated;
	size_t associated_size;
};

/* Encrypts `size` bytes of `plain` to `sealed`, which may be the same, and
 * writes CIPHER_TAG_BYTES to `tag`. */
void cipher_seal(const struct cipher_text *text, const void *plain, size_t size,
		 void *sealed, void *tag);

/* Decrypts `size` bytes in place. False: something was changed; then nothing
 * was decrypted. */
bool cipher_open(const struct cipher_text *text, void *sealed, size_t size,
		 const void *tag);

#endif
