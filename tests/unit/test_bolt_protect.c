/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_check.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER_KEY                                                              \
	"FF0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct gust_column columns[] = {
	{ "text", GUST_STRING }, { "n", GUST_INT },     { "share", GUST_FLOAT },
	{ "good", GUST_BOOL },   { "raw", GUST_BYTES }, { "more", GUST_JSON },
	{ NULL, GUST_NULL },
};
static const char *const names[] = {
	"text", "n", "share", "good", "raw", "more"
};
static const char *const types[] = { "string", "int",   "float",
				     "bool",   "bytes", "json" };

/* What decrypts gets strings. */
static const struct gust_column strings[] = {
	{ "text", GUST_STRING },  { "n", GUST_STRING },
	{ "share", GUST_STRING }, { "good", GUST_STRING },
	{ "raw", GUST_STRING },   { "more", GUST_STRING },
	{ NULL, GUST_NULL },
};

static struct fake *create(const char *list, size_t count)
{
	struct fake *fake = fake_create("bolts/protect");

	fake_input(fake, columns);
	fake_set_number(fake, "keep", 4);
	fake_set_string(fake, "key", KEY);
	fake_set_list(fake, list, names, count);
	return fake;
}

static void fill(struct gust_value row[6], const char *text, size_t length)
{
	row[0] = gust_string(text, length);
	row[1] = gust_int(-7);
	row[2] = gust_float(0.1);
	row[3] = gust_bool(true);
	row[4] = gust_bytes("\0\xff", 2);
	row[5] = gust_json("{\"a\":1}", 7);
}

static int give(struct fake *fake, const char *text, size_t length)
{
	struct gust_value row[6];

	fill(row, text, length);
	fake_forget(fake);
	return fake_give(fake, row, 6);
}

/* The n-th field that was emitted last, which holds no tab. */
static char *field(struct fake *fake, size_t n)
{
	char *at = fake->emitted.data;

	for (; n > 0; n--)
		at = strchr(at, '\t') + 1;
	return strndup(at, strcspn(at, "\t\n"));
}

static void check_field(struct fake *fake, size_t n, const char *expected)
{
	char *found = field(fake, n);

	CHECK_STR(found, expected);
	free(found);
}

TEST(the_end_of_what_is_masked_is_kept)
{
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{ "4111111111111234", "************1234" },
		{ "12345678", "****5678" },
		{ "1234567", "****567" },
		{ "12", "*2" },
		{ "1", "*" },
		{ "", "" },
		{ "Äpfel und Öl", "********d Öl" },
		/* No UTF-8: by bytes. */
		{ "\x80\x81\x82\x83\xff\xfe\x84\x85",
		  "***\x83\xff\xfe\x84\x85" },
		{ "abcd\x80\x80\x80\x80", "****\x80\x80\x80\x80" },
	};
	struct fake *fake = create("mask", 2);
	size_t i;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->columns[0].type, GUST_STRING);
	CHECK_INT(fake->columns[1].type, GUST_STRING);
	CHECK_INT(fake->columns[2].type, GUST_FLOAT);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(give(fake, cases[i].text, strlen(cases[i].text)), 0);
		check_field(fake, 0, cases[i].masked);
		check_field(fake, 1, "*7");
		check_field(fake, 2, "0.10000000000000001");
	}
	fake_destroy(fake);
}

TEST(nothing_has_to_be_kept)
{
	struct fake *fake = create("mask", 1);

	fake_set_number(fake, "keep", 0);
	fake_set_string(fake, "key", NULL);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "secret", 6), 0);
	check_field(fake, 0, "******");
	fake_destroy(fake);
}

TEST(null_stays_null)
{
	static const char *const lists[] = { "mask", "hash", "encrypt" };
	struct gust_value row[6];
	size_t i, k;

	for (k = 0; k < 6; k++)
		row[k] = gust_null();
	for (i = 0; i < 3; i++) {
		struct fake *fake = create(lists[i], 6);

		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_give(fake, row, 6), 0);
		CHECK_STR(fake->emitted.data,
			  "null\tnull\tnull\tnull\tnull\tnull\n");
		fake_destroy(fake);
	}
}

/* By hashlib.blake2b(text, key=bytes(range(32)), digest_size=32) of Python. */
TEST(hashes_are_those_of_others)
{
	static const char *const expected[] = {
		"8ee6797632ef2d111c9c5278e12d3072bd562c9636acfaee03f35d4aa2e08"
		"40a",
		"d8116bb7db269b20af563c22f785c0ad23c6beb7a79c8d2f7b588b32f6cc4"
		"660",
		"d064017c9490149482db52b211e9f60105f1d7fb201b25beae85ccf07d6c7"
		"d3c",
		"55fef6141d840412b4542a2e025ec51066609cdaa6846bb367464c64eadf4"
		"690",
		"d64ffc6a25178784184db3a22ae24925aa9b7846982c234915a0058cbb09d"
		"8b1",
	};
	struct fake *fake = create("hash", 5);
	size_t i;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "ann@example.org", 15), 0);
	for (i = 0; i < 5; i++)
		check_field(fake, i, expected[i]);
	CHECK_INT(give(fake, "", 0), 0);
	check_field(fake, 0,
		    "4e51e7a913fc80137da52880fecca175bf81e117d5c68126dc277403"
		    "3517ea0d");
	fake_destroy(fake);
}

static struct fake *create_back(const char *key, const char *const *to,
				size_t count)
{
	struct fake *fake = fake_create("bolts/protect");

	fake_input(fake, strings);
	fake_set_string(fake, "key", key);
	fake_set_map(fake, "decrypt", names, to, count);
	return fake;
}

/* Gives what was emitted last to another task. */
static int give_back(struct fake *fake, struct fake *back, size_t count)
{
	struct gust_value row[6];
	char *texts[6];
	size_t i;
	int r;

	for (i = 0; i < 6; i++) {
		texts[i] = i < count ? field(fake, i) : strdup("");
		row[i] = gust_string(texts[i], strlen(texts[i]));
	}
	fake_forget(back);
	r = fake_give(back, row, 6);
	for (i = 0; i < 6; i++)
		free(texts[i]);
	return r;
}

TEST(what_is_encrypted_comes_back)
{
	struct fake *fake = create("encrypt", 6);
	struct fake *back = create_back(KEY, types, 6);
	char *first, *second;
	size_t i;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_open(back), 0);
	for (i = 0; i < 6; i++) {
		CHECK_INT(fake->columns[i].type, GUST_STRING);
		CHECK_INT(back->columns[i].type, columns[i].type);
	}
	CHECK_INT(give(fake, "a\0b", 3), 0);
	CHECK_INT(give_back(fake, back, 6), 0);
	CHECK_MEM(back->emitted.data, back->emitted.length,
		  "a\0b\t-7\t0.10000000000000001\t1\t\0\xff\t{\"a\":1}\n", 40);
	/* Each time it is another text. */
	first = field(fake, 1);
	CHECK_INT(give(fake, "", 0), 0);
	second = field(fake, 1);
	CHECK(strcmp(first, second) != 0);
	CHECK_INT(give_back(fake, back, 6), 0);
	CHECK_UINT(back->emitted.data[0], '\t');
	free(first);
	free(second);
	fake_destroy(fake);
	fake_destroy(back);
}

TEST(lengths_from_nothing_to_much)
{
	static const char *const to[] = { "string" };
	struct fake *fake = create("encrypt", 1);
	struct fake *back = create_back(KEY, to, 1);
	char text[300];
	size_t n;

	memset(text, 'x', sizeof(text));
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_open(back), 0);
	for (n = 0; n < sizeof(text); n++) {
		CHECK_INT(give(fake, text, n), 0);
		CHECK_INT(give_back(fake, back, 1), 0);
		CHECK_UINT(strspn(back->emitted.data, "x"), n);
		CHECK_INT(back->emitted.data[n], '\t');
	}
	fake_destroy(fake);
	fake_destroy(back);
}

static void refuse_text(struct fake *back, const char *text, const char *why)
{
	struct gust_value row[6];
	size_t i, dead = back->dead;

	for (i = 0; i < 6; i++)
		row[i] = gust_null();
	row[0] = gust_string(text, strlen(text));
	CHECK_INT(fake_give(back, row, 6), -EBADMSG);
	CHECK_UINT(back->dead, dead + 1);
	CHECK_CONTAINS(back->reason, why);
}

TEST(what_was_changed_is_a_dead_letter)
{
	static const char *const to[] = { "string" };
	static const char changed[] =
		"field 'text' cannot be decrypted: it has been changed, or "
		"the key is another one";
	struct fake *fake = create("encrypt", 1);
	struct fake *back = create_back(KEY, to, 1);
	struct fake *other = create_back(OTHER_KEY, to, 1);
	char *text, before;
	size_t i, n;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_open(back), 0);
	CHECK_INT(fake_open(other), 0);
	CHECK_INT(give(fake, "ann", 3), 0);
	text = field(fake, 0);
	n = strlen(text);
	/* Each character, but for the format, which is told. */
	for (i = 2; i < n; i++) {
		before = text[i];
		text[i] = before == 'A' ? 'B' : 'A';
		refuse_text(back, text, changed);
		text[i] = before;
	}
	refuse_text(other, text, changed);
	for (i = n - 1; i > 0; i--) {
		text[i] = '\0';
		refuse_text(back, text, changed);
	}
	refuse_text(back, "", changed);
	refuse_text(back, "no base64!", changed);
	refuse_text(back, "AgAA",
		    "field 'text' is encrypted in format 2, expected at most "
		    "1: a newer gust did it");
	CHECK_UINT(back->emits, 0);
	free(text);
	fake_destroy(fake);
	fake_destroy(back);
	fake_destroy(other);
}

TEST(another_type_is_a_dead_letter)
{
	static const char *const to[] = { "bytes", "float" };
	struct fake *fake = create("encrypt", 2);
	struct fake *back = create_back(KEY, to, 2);

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_open(back), 0);
	CHECK_INT(give(fake, "ann", 3), 0);
	CHECK_INT(give_back(fake, back, 2), -EBADMSG);
	CHECK_STR(back->reason, "field 'text' was string, expected bytes");
	fake_destroy(fake);
	fake_destroy(back);
}

TEST(what_grows_too_long_is_rejected)
{
	struct fake *fake = create("encrypt", 1);
	char text[600];
	size_t n;

	memset(text, 'x', sizeof(text));
	fake->tuple_max = 512;
	CHECK_INT(fake_open(fake), 0);
	/* The fake runtime asserts that no tuple is too long. */
	for (n = 0; n < sizeof(text); n++) {
		int r = give(fake, text, n);

		CHECK(r == 0 || r == -EBADMSG);
	}
	CHECK(fake->rejected > 0 && fake->emits == 0);
	CHECK_STR(fake->reason, "protected, it does not fit into "
				"topology.tuple.max.bytes, 512");
	fake_destroy(fake);
}

static char path[64];

static void write_key(const char *text, mode_t mode)
{
	int fd;

	strcpy(path, "/tmp/gust-test-key-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
	CHECK_INT(fchmod(fd, mode), 0);
	close(fd);
}

TEST(a_key_may_stand_in_a_file)
{
	static const char *const good[] = { KEY, KEY "\n", KEY " \r\n" };
	static const char *const bad[] = { "", "\n", "x" KEY, KEY "0",
					   KEY "\n\n\n\n\n\n\n\n\n" KEY };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct fake *fake = create("hash", 1);

		write_key(good[i], i == 0 ? 0600 : 0644);
		fake_set_string(fake, "key", NULL);
		fake_set_string(fake, "key_file", path);
		CHECK_INT(fake_open(fake), 0);
		CHECK_UINT(fake->logs, i > 0);
		CHECK_INT(give(fake, "", 0), 0);
		CHECK_CONTAINS(fake->emitted.data, "4e51e7a913fc8013");
		fake_destroy(fake);
		unlink(path);
	}
	/* The last one has a key at its beginning. */
	for (i = 0; i < 5; i++) {
		struct fake *fake = create("hash", 1);

		write_key(bad[i], 0600);
		fake_set_string(fake, "key", NULL);
		fake_set_string(fake, "key_file", path);
		CHECK_INT(fake_open(fake), -EINVAL);
		CHECK_CONTAINS(fake->error.text, "holds no key, expected 64");
		CHECK(strstr(fake->error.text, "0001") == NULL);
		fake_destroy(fake);
		unlink(path);
	}
}

TEST(something_is_to_be_protected)
{
	fake_refuse(
		create("mask", 0), -EINVAL,
		"it protects nothing, expected 'mask', 'hash', 'encrypt' or "
		"'decrypt'");
}

TEST(keys_are_checked_and_never_told)
{
	struct fake *fake = create("hash", 1);

	fake_set_string(fake, "key", "0001hunter2");
	fake_refuse(fake, -EINVAL,
		    "option 'key' is no key, expected 64 hexadecimal digits");
	fake = create("hash", 1);
	fake_set_string(fake, "key", NULL);
	fake_refuse(fake, -EINVAL,
		    "expected either option 'key' or option 'key_file'");
	fake = create("hash", 1);
	fake_set_string(fake, "key_file", "/etc/key");
	fake_refuse(fake, -EINVAL,
		    "expected either option 'key' or option 'key_file'");
	fake = create("hash", 1);
	fake_set_string(fake, "key", NULL);
	fake_set_string(fake, "key_file", "/no/such");
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text,
		  "cannot read '/no/such': No such file or directory");
	fake_destroy(fake);
}

TEST(wrong_fields_are_refused)
{
	static const char *const unknown[] = { "txet" };
	static const char *const twice[] = { "text", "n", "text" };
	static const char *const to[] = { "strnig" };
	struct fake *fake = create("hash", 1);

	fake_set_list(fake, "mask", unknown, 1);
	fake_refuse(fake, -ENOENT, "no field is named 'txet'");
	fake = create("hash", 1);
	fake_set_list(fake, "mask", twice, 3);
	fake_refuse(fake, -EINVAL, "field 'text' is named twice");
	fake = create("hash", 1);
	fake_set_list(fake, "mask", names, 1);
	fake_refuse(fake, -EINVAL, "field 'text' is named twice");
	fake = create("hash", 0);
	fake_set_map(fake, "decrypt", names, types, 2);
	fake_refuse(fake, -EINVAL,
		    "option 'decrypt': field 'n' is int, expected string");
	fake = create("hash", 0);
	fake_set_map(fake, "decrypt", names, to, 1);
	fake_refuse(
		fake, -EINVAL,
		"'strnig' is not a type, expected bool, int, float, string, "
		"bytes or json");
}
