/* SPDX-License-Identifier: MIT */

#include "channel/cipher.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sodium.h>

_Static_assert(CIPHER_KEY_BYTES ==
			       crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
		       CIPHER_KEY_BYTES == crypto_kdf_KEYBYTES &&
		       CIPHER_NONCE_BYTES ==
			       crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
		       CIPHER_TAG_BYTES ==
			       crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "the sizes are those of libsodium");

bool cipher_available(void)
{
	return true;
}

int cipher_init(struct gust_error *error)
{
	if (sodium_init() < 0)
		return gust_error_set(error, -EIO,
				      "libsodium cannot be initialized");
	return 0;
}

void *cipher_alloc(size_t size)
{
	void *memory = sodium_malloc(size);

	if (memory != NULL)
		memset(memory, 0, size);
	return memory;
}

void cipher_free(void *memory)
{
	sodium_free(memory);
}

void cipher_wipe(void *memory, size_t size)
{
	sodium_memzero(memory, size);
}

void cipher_random(void *data, size_t size)
{
	randombytes_buf(data, size);
}

void cipher_derive(const uint8_t key[CIPHER_KEY_BYTES], uint64_t id, void *data,
		   size_t size)
{
	/* Its NUL is not part of it. */
	static const char context[crypto_kdf_CONTEXTBYTES + 1] = "gustlink";
	int r = crypto_kdf_derive_from_key(data, size, id, context, key);

	assert(r == 0);
	(void)r;
}

void cipher_seal(const struct cipher_text *text, const void *plain, size_t size,
		 void *sealed, void *tag)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
		sealed, tag, NULL, plain, size, text->associated,
		text->associated_size, NULL, text->nonce, text->key);
}

bool cipher_open(const struct cipher_text *text, void *sealed, size_t size,
		 const void *tag)
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
		       sealed, NULL, sealed, size, tag, text->associated,
		       text->associated_size, text->nonce, text->key) == 0;
}
