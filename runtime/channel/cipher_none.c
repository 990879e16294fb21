/* SPDX-License-Identifier: MIT */

/* In place of cipher.c where libsodium is missing. */

#include "channel/cipher.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

bool cipher_available(void)
{
	return false;
}

int cipher_init(struct gust_error *error)
{
	return gust_error_set(error, -ENOSYS,
			      "this gust was built without libsodium "
			      "(libsodium-dev), which keys take");
}

/* Nobody gets here past cipher_init(). */
static void cipher_refuse(void)
{
	assert(!"there is no cipher in this build");
	abort();
}

void *cipher_alloc(size_t size)
{
	(void)size;
	cipher_refuse();
	return NULL;
}

void cipher_free(void *memory)
{
	if (memory != NULL)
		cipher_refuse();
}

void cipher_wipe(void *memory, size_t size)
{
	(void)memory;
	(void)size;
	cipher_refuse();
}

void cipher_random(void *data, size_t size)
{
	(void)data;
	(void)size;
	cipher_refuse();
}

void cipher_derive(const uint8_t key[CIPHER_KEY_BYTES], uint64_t id, void *data,
		   size_t size)
{
	(void)key;
	(void)id;
	(void)data;
	(void)size;
	cipher_refuse();
}

void cipher_seal(const struct cipher_text *text, const void *plain, size_t size,
		 void *sealed, void *tag)
{
	(void)text;
	(void)plain;
	(void)size;
	(void)sealed;
	(void)tag;
	cipher_refuse();
}

bool cipher_open(const struct cipher_text *text, void *sealed, size_t size,
		 const void *tag)
{
	(void)text;
	(void)sealed;
	(void)size;
	(void)tag;
	cipher_refuse();
	return false;
}
