/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_task.h"
#include "packed.h"

/* Compressed files, and what all files have in common: folders, identity. */

static char folder[64];
static struct packed packed;
static char text[2000000];
static size_t length;

static const char *at(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	if (folder[0] == '\0') {
		strcpy(folder, "/tmp/test_spout_packed.XXXXXX");
		CHECK(mkdtemp(folder) != NULL);
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

__attribute__((destructor)) static void tidy(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

static void put(const char *name, const void *data, size_t n)
{
	FILE *file = fopen(at(name), "w");

	CHECK(file != NULL);
	CHECK_UINT(fwrite(data, 1, n, file), n);
	CHECK_INT(fclose(file), 0);
}

/* Lines with their numbers; `text` and `length` are all of them. */
static void fill(int lines)
{
	int i;

	length = 0;
	for (i = 0; i < lines; i++)
		length += (size_t)snprintf(text + length, 32, "line %d\n", i);
	packed.used = 0;
}

static struct fake *create(const char *name)
{
	static char path[200];
	static const char *const files[] = { path };
	struct fake *fake = fake_create("spouts/lines");

	snprintf(path, sizeof(path), "%s", at(name));
	fake_set_list(fake, "files", files, 1);
	return fake;
}

/* Writes what was packed. NULL: it cannot be read in this build. */
static struct fake *open_packed(void)
{
	struct fake *fake;
	int r;

	put("packed", packed.data, packed.used);
	fake = create("packed");
	r = fake_open(fake);
	if (r == 0)
		return fake;
	CHECK_INT(r, -ENOTSUP);
	CHECK_CONTAINS(fake->error.text, "packed' is compressed with ");
	CHECK_CONTAINS(fake->error.text, ": this gust was built without ");
	fake_destroy(fake);
	return NULL;
}

static void reads_all(void)
{
	struct fake *fake = open_packed();

	if (fake == NULL)
		return;
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emitted.length, length);
	CHECK(memcmp(fake->emitted.data, text, length) == 0);
	CHECK_UINT(fake->how.next, length);
	fake_destroy(fake);
}

TEST(members_and_frames_are_read_as_one_file)
{
	fill(100000);
	packed_gzip(&packed, text, 500000);
	packed_gzip(&packed, text, 0);
	packed_gzip(&packed, text + 500000, length - 500000);
	reads_all();
	packed.used = 0;
	packed_zstd(&packed, text, 500000);
	packed_zstd(&packed, text + 500000, length - 500000);
	reads_all();
}

TEST(thousands_of_empty_members_are_passed)
{
	int i;

	fill(3);
	for (i = 0; i < 50000; i++)
		packed_gzip(&packed, text, 0);
	packed_gzip(&packed, text, length);
	reads_all();
}

TEST(a_later_run_reads_up_to_its_position)
{
	struct fake *fake;

	fill(100000);
	packed_gzip(&packed, text, length);
	fake = open_packed();
	if (fake == NULL)
		return;
	fake_destroy(fake);
	fake = create("packed");
	fake->resume = length - 11;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_STR(fake->emitted.data, "line 99999\n");
	CHECK_UINT(fake->how.offset, length - 11);
	fake_destroy(fake);
	fake = create("packed");
	fake->resume = length + 1;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), -EINVAL);
	CHECK_CONTAINS(fake->log, "was read up to byte ");
	fake_destroy(fake);
}

/* What comes before the end, or the damage, is there; then the run fails. */
static void fails(const char *reason, size_t emits)
{
	struct fake *fake = open_packed();

	if (fake == NULL)
		return;
	CHECK_INT(fake_run(fake, SIZE_MAX), -EBADMSG);
	CHECK_UINT(fake->emits, emits);
	CHECK_CONTAINS(fake->log, reason);
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
}

TEST(a_truncated_archive_fails_after_its_lines)
{
	fill(1000);
	packed_gzip(&packed, text, length);
	/* 8 bytes of the end, and one line and a half. */
	packed.used -= 8 + 12;
	fails("packed': the gzip data end too early, at byte 8893", 998);
	packed.used = 0;
	packed_zstd(&packed, text, length);
	packed_zstd(&packed, text, length);
	packed.used -= 1;
	fails("packed': the zstd data end too early, at byte 17803", 1999);
}

TEST(a_damaged_archive_fails_after_its_lines)
{
	fill(1000);
	packed_gzip(&packed, text, length);
	packed_bytes(&packed, "rubbish", 7);
	fails("packed': the gzip data are damaged at byte 8913: what follows "
	      "them is no gzip data",
	      1000);
	packed.used -= 8 + 7;
	packed_number(&packed, 0, 8);
	fails("packed': the gzip data are damaged at byte 89", 1000);
}

TEST(a_damaged_archive_is_rejected_when_others_are_followed)
{
	struct fake *fake;

	fill(1000);
	packed_gzip(&packed, text, length);
	packed_gzip(&packed, "half", 4);
	packed_bytes(&packed, "rubbish", 7);
	CHECK_INT(mkdir(at("both"), 0700), 0);
	put("both/a.gz", packed.data, packed.used);
	put("both/b", "other\n", 6);
	fake = create("both");
	fake_set_number(fake, "follow", 1);
	if (fake_open(fake) == 0) {
		fake->now = 1000000000;
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
		CHECK_UINT(fake->emits, 1001);
		CHECK_UINT(fake->rejected, 1);
		CHECK_STR(fake->rejected_data.data, "half");
		CHECK_CONTAINS(fake->reason, "a.gz': the gzip data are "
					     "damaged at byte ");
		fake->now += 1000000000;
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
		CHECK_UINT(fake->rejected, 1);
		CHECK_UINT(fake->emits, 1001);
	}
	fake_destroy(fake);
}

TEST(a_packed_file_may_grow)
{
	struct fake *fake;
	size_t half;
	int fd;

	fill(1000);
	packed_gzip(&packed, text, length);
	half = packed.used / 2;
	put("packed", packed.data, half);
	fake = create("packed");
	fake_set_number(fake, "follow", 1);
	if (fake_open(fake) == 0) {
		fake->now = 1000000000;
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
		CHECK(fake->emits > 400 && fake->emits < 600);
		fd = open(at("packed"), O_WRONLY | O_APPEND);
		CHECK_INT(write(fd, packed.data + half, packed.used - half),
			  packed.used - half);
		close(fd);
		fake->now += 1000000000;
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_WAIT);
		CHECK_UINT(fake->emits, 1000);
	}
	fake_destroy(fake);
}

TEST(a_pipe_may_be_packed)
{
	struct fake *fake;
	int out;

	fill(20);
	packed_gzip(&packed, text, length);
	CHECK_INT(mkfifo(at("pipe"), 0600), 0);
	fake = create("pipe");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	out = open(at("pipe"), O_WRONLY);
	CHECK_INT(write(out, packed.data, 1), 1);
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_INT(write(out, packed.data + 1, packed.used - 1),
		  packed.used - 1);
	close(out);
	if (fake_run(fake, 1000) == GUST_DONE)
		CHECK_STR(fake->emitted.data, text);
	else
		CHECK_CONTAINS(fake->log, "this gust was built without");
	fake_destroy(fake);
}

TEST(a_file_that_begins_like_an_archive_is_none)
{
	struct fake *fake;

	put("like", "\x1f\x8b", 2);
	fake = create("like");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "\x1f\x8b\n");
	fake_destroy(fake);
	put("like", "(a)\n", 4);
	fake = create("like");
	fake->resume = 2;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, ")\n");
	fake_destroy(fake);
}

TEST(a_folder_stands_for_its_files)
{
	struct fake *fake;

	CHECK_INT(mkdir(at("f"), 0700), 0);
	CHECK_INT(mkdir(at("f/g"), 0700), 0);
	put("f/b", "two\n", 4);
	put("f/a", "one\n", 4);
	put("f/.c", "no\n", 3);
	put("f/g/d", "no\n", 3);
	CHECK_INT(symlink("b", at("f/z")), 0);
	fake = create("f");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_STR(fake->emitted.data, "one\ntwo\n");
	fake_destroy(fake);
}

TEST(the_same_file_under_two_names_is_refused)
{
	char first[200], second[200];
	const char *const files[] = { first, second };
	struct fake *fake = fake_create("spouts/lines");

	put("x", "one\n", 4);
	CHECK_INT(link(at("x"), at("y")), 0);
	strcpy(first, at("x"));
	strcpy(second, at("y"));
	fake_set_list(fake, "files", files, 2);
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text,
		       "y' are the same file, expected one of them");
	fake_destroy(fake);
}

TEST(a_file_keeps_its_position_under_another_name)
{
	struct fake *fake, *next;

	put("old", "one\ntwo\n", 8);
	fake = create("old");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 2), GUST_EMITTED);
	CHECK_STR(fake->emitted.data, "one\n");
	CHECK_INT(rename(at("old"), at("new")), 0);
	next = create("new");
	fake_resume(next, fake);
	CHECK_INT(fake_open(next), 0);
	CHECK_INT(fake_run(next, 100), GUST_DONE);
	CHECK_STR(next->emitted.data, "two\n");
	fake_destroy(next);
	/* A copy is another file, whatever stands in it. */
	put("copy", "one\ntwo\n", 8);
	CHECK_INT(rename(at("copy"), at("new")), 0);
	next = create("new");
	fake_resume(next, fake);
	CHECK_INT(fake_open(next), 0);
	CHECK_INT(fake_run(next, 100), GUST_DONE);
	CHECK_STR(next->emitted.data, "one\ntwo\n");
	fake_destroy(next);
	fake_destroy(fake);
}

TEST(a_line_of_100_megabytes_passes_or_is_rejected)
{
	enum { LONG = 100000000 };
	char *data = malloc(LONG + 5);
	struct fake *fake;

	memset(data, 'x', LONG);
	memcpy(data + LONG, "\nend\n", 5);
	put("long", data, LONG + 5);
	free(data);
	fake = create("long");
	fake->tuple_max = 200000000;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->emitted.length, LONG + 5);
	fake_destroy(fake);
	fake = create("long");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->rejected, 1);
	CHECK_STR(fake->emitted.data, "end\n");
	fake_destroy(fake);
}
