/* SPDX-License-Identifier: MIT */

#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define VAULT_DIGITS ((size_t)64)

#define VAULT_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define VAULT_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define VAULT_HEAD (1 + VAULT_NONCE)

static unsigned char *vault_bytes(const struct buffer *buffer)
{
	return (unsigned char *)buffer->data;
}

int vault_key(struct vault *vault, const char *text, size_t n)
{
	static const char context[crypto_kdf_CONTEXTBYTES + 1] = "gustseal";
	size_t size;

	if (n != VAULT_DIGITS ||
	    sodium_hex2bin(vault->hash_key, VAULT_KEY_SIZE, text, n, NULL,
			   &size, NULL) != 0 ||
	    size != VAULT_KEY_SIZE)
		return -EINVAL;
	crypto_kdf_derive_from_key(vault->seal_key, VAULT_KEY_SIZE, 1, context,
				   vault->hash_key);
	return 0;
}

/* Reads the beginning of a file. How much, or a negative errno. */
static ssize_t vault_read(const char *path, char *text, size_t size,
			  struct stat *status)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = -1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, status) == 0)
		n = read(fd, text, size);
	n = n < 0 ? -errno : n;
	close(fd);
	return n;
}

int vault_load(struct vault *vault, const char *path, bool *public,
	       struct gust_error *error)
{
	char text[VAULT_DIGITS + 8];
	struct stat status;
	ssize_t n = vault_read(path, text, sizeof(text), &status);
	int r;

	if (n < 0)
		return gust_error_set(error, (int)n, "cannot read '%s': %s",
				      path, strerror((int)-n));
	/* A file that goes on holds more than a key. */
	n = n == (ssize_t)sizeof(text) ? 0 : n;
	while (n > 0 && memchr(" \t\r\n", text[n - 1], 4) != NULL)
		n--;
	r = vault_key(vault, text, (size_t)n);
	sodium_memzero(text, sizeof(text));
	if (r < 0)
		return gust_error_set(error, r,
				      "'%s' holds no key, expected 64 "
				      "hexadecimal digits",
				      path);
	*public = (status.st_mode & S_IROTH) != 0;
	return 0;
}

static void vault_wipe(struct buffer *buffer)
{
	if (buffer->data != NULL)
		sodium_memzero(buffer->data, buffer->size);
	buffer_destroy(buffer);
}

void vault_fini(struct vault *vault)
{
	sodium_memzero(vault->hash_key, sizeof(vault->hash_key));
	sodium_memzero(vault->seal_key, sizeof(vault->seal_key));
	vault_wipe(&vault->plain);
	vault_wipe(&vault->sealed);
}

int vault_hash(struct vault *vault, struct gust_value value,
	       struct buffer *text)
{
	unsigned char hash[32];
	int r;

	vault->plain.used = 0;
	r = buffer_value(&vault->plain, value);
	if (r == 0)
		r = buffer_reserve(text, 2 * sizeof(hash) + 1);
	if (r < 0)
		return r;
	crypto_generichash(hash, sizeof(hash), vault_bytes(&vault->plain),
			   vault->plain.used, vault->hash_key, VAULT_KEY_SIZE);
	sodium_bin2hex(text->data + text->used, 2 * sizeof(hash) + 1, hash,
		       sizeof(hash));
	text->used += 2 * sizeof(hash);
	return 0;
}

/* Puts the type and the bytes of a value into `plain`. */
static int vault_pack(struct buffer *plain, struct gust_value value)
{
	char number[8];
	int i, r;

	plain->used = 0;
	r = buffer_char(plain, (char)value.type);
	if (r < 0)
		return r;
	if (value.type >= GUST_STRING)
		return buffer_append(plain, value.as.data, value.length);
	for (i = 0; i < 8; i++)
		number[i] = (char)((uint64_t)value.as.integer >> 8 * i);
	return buffer_append(plain, number, sizeof(number));
}

/* The other way. -EBADMSG if vault_pack() has not made it. */
static int vault_unpack(const struct buffer *plain, struct gust_value *value)
{
	const unsigned char *p = vault_bytes(plain);
	uint64_t number = 0;
	int i;

	if (p[0] >= GUST_STRING && p[0] <= GUST_JSON) {
		*value = gust_data((enum gust_type)p[0], plain->data + 1,
				   plain->used - 1);
		return 0;
	}
	if (p[0] == GUST_NULL || p[0] > GUST_JSON || plain->used != 9)
		return -EBADMSG;
	for (i = 0; i < 8; i++)
		number |= (uint64_t)p[1 + i] << 8 * i;
	*value = gust_int((int64_t)number);
	value->type = p[0];
	return 0;
}

int vault_seal(struct vault *vault, struct gust_value value,
	       struct buffer *text)
{
	unsigned char *sealed;
	size_t size, length;
	int r = vault_pack(&vault->plain, value);

	size = VAULT_HEAD + vault->plain.used + VAULT_TAG;
	length =
		sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
	vault->sealed.used = 0;
	if (r == 0)
		r = buffer_reserve(&vault->sealed, size);
	if (r == 0)
		r = buffer_reserve(text, length);
	if (r < 0)
		return r;
	sealed = vault_bytes(&vault->sealed);
	sealed[0] = VAULT_FORMAT;
	randombytes_buf(sealed + 1, VAULT_NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed + VAULT_HEAD, NULL, vault_bytes(&vault->plain),
		vault->plain.used, sealed, 1, NULL, sealed + 1,
		vault->seal_key);
	sodium_bin2base64(text->data + text->used, length, sealed, size,
			  sodium_base64_VARIANT_ORIGINAL);
	text->used += length - 1;
	return 0;
}

int vault_unseal(struct vault *vault, struct gust_value text,
		 struct gust_value *value, unsigned *format)
{
	const size_t most = text.length / 4 * 3 + 3;
	const unsigned char *sealed;
	size_t size;
	int r;

	vault->sealed.used = 0;
	vault->plain.used = 0;
	r = buffer_reserve(&vault->sealed, most);
	if (r == 0)
		r = buffer_reserve(&vault->plain, most);
	if (r < 0)
		return r;
	sealed = vault_bytes(&vault->sealed);
	if (sodium_base642bin(vault_bytes(&vault->sealed), most, text.as.data,
			      text.length, NULL, &size, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    size == 0 || sealed[0] == 0)
		return -EBADMSG;
	*format = sealed[0];
	if (*format > VAULT_FORMAT)
		return -ENOTSUP;
	if (size <= VAULT_HEAD + VAULT_TAG ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(
		    vault_bytes(&vault->plain), NULL, NULL, sealed + VAULT_HEAD,
		    size - VAULT_HEAD, sealed, 1, sealed + 1,
		    vault->seal_key) != 0)
		return -EBADMSG;
	vault->plain.used = size - VAULT_HEAD - VAULT_TAG;
	return vault_unpack(&vault->plain, value);
}
