/* SPDX-License-Identifier: MIT */

#include "channel/key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "channel/cipher.h"

#define KEY_DIGITS ((size_t)2 * CIPHER_KEY_BYTES)

/* Which derived key is the id; the others count workers. */
#define KEY_ID UINT64_MAX

struct key {
	uint8_t bytes[CIPHER_KEY_BYTES];
	uint64_t id;
};

void key_destroy(struct key *key)
{
	cipher_free(key);
}

uint64_t key_id(const struct key *key)
{
	return key->id;
}

void key_derive(const struct key *key, uint64_t id, uint8_t derived[32])
{
	cipher_derive(key->bytes, id, derived, CIPHER_KEY_BYTES);
}

static void key_identify(struct key *key)
{
	uint64_t id[2];

	cipher_derive(key->bytes, KEY_ID, id, sizeof(id));
	key->id = id[0] != 0 ? id[0] : 1;
}

static int key_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads `n` characters of `text`; `source` is for the message. */
static int key_parse(const char *text, size_t n, const char *source,
		     struct key **key, struct gust_error *error)
{
	struct key *made;
	bool good;

	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	good = n == KEY_DIGITS;
	made = cipher_alloc(sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "no memory for a key");
	for (size_t i = 0; good && i < n; i++) {
		int digit = key_digit(text[i]);

		good = digit >= 0;
		made->bytes[i / 2] =
			(uint8_t)((made->bytes[i / 2] << 4) | (digit & 15));
	}
	if (!good) {
		key_destroy(made);
		return gust_error_set(error, -EINVAL,
				      "%s holds no key, expected %zu "
				      "hexadecimal digits, as 'gust keygen' "
				      "writes them",
				      source, KEY_DIGITS);
	}
	key_identify(made);
	*key = made;
	return 0;
}

/* Reads the beginning of a file. How much, or a negative errno. */
static ssize_t key_load(const char *path, char *text, size_t size,
			struct stat *status)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = -1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, status) == 0)
		n = read(fd, text, size);
	n = n < 0 ? -errno : n;
	close(fd);
	return n;
}

static int key_read(const char *path, struct key **key,
		    struct gust_error *error)
{
	char text[KEY_DIGITS + 8];
	char source[256];
	struct stat status;
	ssize_t n = key_load(path, text, sizeof(text), &status);
	int r;

	if (n < 0)
		return gust_error_set(error, (int)n, "cannot read '%s': %s",
				      path, strerror((int)-n));
	/* A file that goes on holds more than a key. */
	if (n == (ssize_t)sizeof(text))
		n = 0;
	snprintf(source, sizeof(source), "'%s'", path);
	if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXO | S_IWGRP)))
		r = gust_error_set(error, -EPERM,
				   "others may read or change the key in '%s', "
				   "expected mode 0600 (chmod 600 '%s')",
				   path, path);
	else
		r = key_parse(text, (size_t)n, source, key, error);
	cipher_wipe(text, sizeof(text));
	return r;
}

void key_forget(void)
{
	char *value = getenv(KEY_VARIABLE);

	if (value == NULL)
		return;
	/* What /proc shows is this memory. */
	explicit_bzero(value, strlen(value));
	unsetenv(KEY_VARIABLE);
}

int key_open(const char *path, struct key **key, struct gust_error *error)
{
	char *value = getenv(KEY_VARIABLE);
	struct key *found = NULL;
	int r = 0;

	if (path != NULL || value != NULL)
		r = cipher_init(error);
	if (r == 0 && path != NULL)
		r = key_read(path, &found, error);
	else if (r == 0 && value != NULL)
		r = key_parse(value, strlen(value), KEY_VARIABLE, &found,
			      error);
	key_forget();
	if (r == 0)
		*key = found;
	return r;
}

/* `text` is the line that holds a key. */
static int key_write(const char *path, const char *text, size_t n)
{
	int fd, r;

	if (path == NULL)
		return file_write(STDOUT_FILENO, text, n);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return -errno;
	r = file_write(fd, text, n);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		unlink(path);
	return r;
}

static void key_print(const struct key *key, char text[KEY_DIGITS + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CIPHER_KEY_BYTES; i++) {
		text[2 * i] = digits[key->bytes[i] >> 4];
		text[2 * i + 1] = digits[key->bytes[i] & 15];
	}
	text[KEY_DIGITS] = '\n';
}

int key_generate(const char *path, uint64_t *id, struct gust_error *error)
{
	char text[KEY_DIGITS + 1];
	struct key *key;
	int r = cipher_init(error);

	if (r < 0)
		return r;
	key = cipher_alloc(sizeof(*key));
	if (key == NULL)
		return gust_error_set(error, -ENOMEM, "no memory for a key");
	cipher_random(key->bytes, sizeof(key->bytes));
	key_identify(key);
	key_print(key, text);
	r = key_write(path, text, sizeof(text));
	cipher_wipe(text, sizeof(text));
	if (r == 0 && id != NULL)
		*id = key->id;
	key_destroy(key);
	if (r < 0)
		gust_error_set(error, r, "cannot write a key to '%s': %s",
			       path != NULL ? path : "standard output",
			       r == -EEXIST ? "it is there already"
					    : strerror(-r));
	return r;
}
