/* SPDX-License-Identifier: MIT */

#include "channel/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/cipher.h"

#include "test.h"

#define DIGITS                                                                 \
	"000102030405060708090a0b0c0d0e0f101112131415161718191A1b1c1d1e1F"

static char folder[64];
static char path[96];

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/test-key-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/key", folder);
	unsetenv(KEY_VARIABLE);
}

static void end(void)
{
	unlink(path);
	rmdir(folder);
}

static void put(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	CHECK_INT(fchmod(fd, mode), 0);
	CHECK_INT(close(fd), 0);
}

static void expect_bad(const char *from, int code, const char *text)
{
	struct gust_error error = { 0 };
	struct key *key = NULL;

	CHECK_INT(key_open(from, &key, &error), code);
	CHECK_CONTAINS(error.text, text);
	CHECK(strstr(error.text, "0001020304") == NULL);
	CHECK(key == NULL);
}

TEST(a_key_is_read_from_a_file)
{
	static const char *const forms[] = { DIGITS, DIGITS "\n",
					     DIGITS "\r\n" };
	struct key *key;

	if (!cipher_available())
		return;
	begin();
	for (size_t i = 0; i < 3; i++) {
		uint8_t one[32], other[32];

		put(forms[i], i == 1 ? 0400 : 0600);
		CHECK_INT(key_open(path, &key, NULL), 0);
		CHECK_UINT(key_id(key), UINT64_C(0x280d804562316f79));
		key_derive(key, 1, one);
		key_derive(key, 2, other);
		CHECK(memcmp(one, other, 32) != 0);
		key_destroy(key);
		CHECK_INT(unlink(path), 0);
	}
	end();
}

TEST(others_must_not_read_it)
{
	static const mode_t modes[] = { 0644, 0604, 0602, 0601, 0620 };

	if (!cipher_available())
		return;
	begin();
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		put(DIGITS "\n", modes[i]);
		expect_bad(path, -EPERM, "chmod 600 '/tmp/test-key-");
	}
	/* A group is given on purpose: Kubernetes and systemd do so. */
	put(DIGITS "\n", 0440);
	{
		struct key *key;

		CHECK_INT(key_open(path, &key, NULL), 0);
		key_destroy(key);
	}
	end();
}

TEST(what_is_no_key_is_refused)
{
	static const char *const texts[] = {
		"",
		"\n",
		"00",
		DIGITS "0",
		DIGITS "\n\n\n\n\n\n\n\n\n\n",
		/* 63 digits and something else, here and there. */
		"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
		"1f",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
		"1-",
		" 00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
		"1f",
	};

	if (!cipher_available())
		return;
	begin();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(texts[i], 0600);
		expect_bad(path, -EINVAL, "holds no key, expected 64");
	}
	unlink(path);
	expect_bad(path, -ENOENT, "cannot read '/tmp/test-key-");
	expect_bad(folder, -EISDIR, "cannot read");
	end();
}

TEST(the_environment_is_read_once)
{
	struct key *key;
	char *value;

	if (!cipher_available())
		return;
	begin();
	CHECK_INT(key_open(NULL, &key, NULL), 0);
	CHECK(key == NULL);
	CHECK_INT(setenv(KEY_VARIABLE, DIGITS, 1), 0);
	value = getenv(KEY_VARIABLE);
	CHECK_INT(key_open(NULL, &key, NULL), 0);
	CHECK_UINT(key_id(key), UINT64_C(0x280d804562316f79));
	key_destroy(key);
	CHECK(getenv(KEY_VARIABLE) == NULL);
	CHECK_UINT(strlen(value), 0);
	/* Also where it is wrong, or a file is named. */
	CHECK_INT(setenv(KEY_VARIABLE, "0001020304", 1), 0);
	expect_bad(NULL, -EINVAL, KEY_VARIABLE " holds no key");
	CHECK(getenv(KEY_VARIABLE) == NULL);
	CHECK_INT(setenv(KEY_VARIABLE, DIGITS, 1), 0);
	expect_bad(path, -ENOENT, "cannot read");
	CHECK(getenv(KEY_VARIABLE) == NULL);
	end();
}

TEST(a_new_key_is_for_its_owner_only)
{
	struct gust_error error = { 0 };
	struct key *key;
	struct stat status;
	uint64_t id, other;
	mode_t mask;

	if (!cipher_available())
		return;
	begin();
	mask = umask(0);
	CHECK_INT(key_generate(path, &id, NULL), 0);
	umask(mask);
	CHECK_INT(stat(path, &status), 0);
	CHECK_UINT(status.st_mode & 07777, 0600);
	CHECK_UINT(status.st_size, 65);
	CHECK_INT(key_open(path, &key, NULL), 0);
	CHECK_UINT(key_id(key), id);
	key_destroy(key);
	CHECK_INT(key_generate(path, &other, &error), -EEXIST);
	CHECK_CONTAINS(error.text, "it is there already");
	CHECK_INT(key_open(path, &key, NULL), 0);
	CHECK_UINT(key_id(key), id);
	key_destroy(key);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(key_generate(path, &other, NULL), 0);
	CHECK(other != id);
	end();
}

TEST(a_build_without_libsodium_says_so)
{
	if (cipher_available())
		return;
	begin();
	expect_bad(path, -ENOSYS, "without libsodium (libsodium-dev)");
	CHECK_INT(key_generate(path, NULL, NULL), -ENOSYS);
	end();
}
