/* SPDX-License-Identifier: MIT */

#include "journal/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "journal/letter_reader.h"
#include "starve.h"
#include "test.h"

static char path[64];

/* A free name; `content` is what the file holds, or NULL for no file. */
static void begin(const char *content)
{
	strcpy(path, "/tmp/gust-test-letters-XXXXXX");
	close(mkstemp(path));
	if (content == NULL)
		CHECK_INT(unlink(path), 0);
	else
		CHECK_INT(file_replace(path, content, strlen(content), NULL),
			  0);
}

static struct dead_letters *open_letters(void)
{
	struct dead_letters *letters = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(dead_letters_open(&letters, path, true, &error), 0);
	CHECK_STR(error.text, "");
	return letters;
}

static const struct dead_letter plain = {
	.time = "2026-11-21T12:00:00.123Z",
	.topology = "wordcount",
	.component = "count",
	.kind = "failed",
	.reason = "why not",
	.data = "row",
	.size = 3,
};

#define LINE(attempts)                                                         \
	"{\"format\":1,\"time\":\"2026-11-21T12:00:00.123Z\","                 \
	"\"topology\":\"wordcount\",\"component\":\"count\",\"task\":0,"       \
	"\"kind\":\"failed\",\"reason\":\"why not\",\"attempts\":" attempts    \
	",\"record\":\"row\"}\n"

static void put(struct dead_letters *letters, uint32_t attempts)
{
	struct dead_letter letter = plain;
	struct gust_error error = { 0 };

	letter.attempts = attempts;
	CHECK_INT(dead_letters_write(letters, &letter, 1, &error), 0);
	CHECK_STR(error.text, "");
}

static void end(const char *expected)
{
	char *data = NULL;
	size_t n;

	CHECK_INT(file_read(path, 1 << 24, &data, &n, NULL), 0);
	unlink(path);
	CHECK_MEM(data, n, expected, strlen(expected));
	free(data);
}

TEST(letters_can_be_synced_together)
{
	struct dead_letters *letters;

	begin(NULL);
	CHECK_INT(dead_letters_open(&letters, path, false, NULL), 0);
	CHECK_INT(dead_letters_sync(letters, NULL), 0);
	CHECK_INT(access(path, F_OK), -1);
	put(letters, 1);
	put(letters, 2);
	CHECK_INT(dead_letters_sync(letters, NULL), 0);
	CHECK_INT(dead_letters_sync(letters, NULL), 0);
	dead_letters_close(letters);
	end(LINE("1") LINE("2"));
}

TEST(the_first_letter_creates_the_file)
{
	struct dead_letter batch[2] = { plain, plain };
	struct dead_letters *letters;

	begin(NULL);
	letters = open_letters();
	CHECK_INT(dead_letters_write(letters, NULL, 0, NULL), 0);
	CHECK(access(path, F_OK) != 0);
	put(letters, 1);
	batch[0].attempts = 2;
	batch[1].attempts = 3;
	CHECK_INT(dead_letters_write(letters, batch, 2, NULL), 0);
	CHECK_UINT(dead_letters_count(letters), 3);
	dead_letters_close(letters);
	dead_letters_close(NULL);
	end(LINE("1") LINE("2") LINE("3"));
}

TEST(a_second_run_adds)
{
	struct dead_letters *letters;

	begin(LINE("1") "{\"format\":1,\"ti");
	letters = open_letters();
	CHECK_UINT(dead_letters_count(letters), 0);
	put(letters, 2);
	dead_letters_close(letters);
	end(LINE("1") LINE("2"));
}

TEST(letters_of_a_newer_format_are_left_alone)
{
	struct dead_letters *letters = NULL;
	struct gust_error error = { 0 };
	char expected[200];

	begin("{\"format\":2,\"new\":[]}\n");
	snprintf(expected, sizeof(expected),
		 "'%s': the dead letter has format 2, expected at most 1: a "
		 "newer gust wrote it",
		 path);
	CHECK_INT(dead_letters_open(&letters, path, true, &error), -ENOTSUP);
	CHECK_STR(error.text, expected);
	CHECK_PTR(letters, NULL);
	end("{\"format\":2,\"new\":[]}\n");
}

TEST(a_path_that_cannot_be_is_said_at_once)
{
	struct dead_letters *letters = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(dead_letters_open(&letters, "/no/such/x", true, &error),
		  -ENOENT);
	CHECK_STR(error.text, "dead letters cannot be written to "
			      "'/no/such/x': No such file or directory, "
			      "expected another file in "
			      "'topology.dead.letters'");
	error.code = 0;
	CHECK_INT(dead_letters_open(&letters, "/tmp", true, &error), -EISDIR);
	CHECK_STR(error.text, "dead letters cannot be written to '/tmp': Is a "
			      "directory, expected another file in "
			      "'topology.dead.letters'");
	CHECK_PTR(letters, NULL);
}

TEST(a_full_disk_leaves_whole_letters)
{
	struct rlimit limit = { 4096, RLIM_INFINITY };
	struct dead_letter large = plain;
	struct gust_error error = { 0 };
	struct dead_letters *letters;
	static char data[5000];
	int r;

	memset(data, 'x', sizeof(data));
	large.data = data;
	large.size = sizeof(data);
	signal(SIGXFSZ, SIG_IGN);
	begin(NULL);
	letters = open_letters();
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = dead_letters_write(letters, &large, 1, &error);
	put(letters, 1);
	limit.rlim_cur = RLIM_INFINITY;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK_INT(r, -EFBIG);
	CHECK_CONTAINS(error.text, "cannot be written: File too large");
	put(letters, 2);
	CHECK_UINT(dead_letters_count(letters), 2);
	dead_letters_close(letters);
	end(LINE("1") LINE("2"));
}

TEST(a_full_device_is_said)
{
	struct dead_letters *letters = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(dead_letters_open(&letters, "/dev/full", true, NULL), 0);
	CHECK_INT(dead_letters_write(letters, &plain, 1, &error), -ENOSPC);
	CHECK_STR(error.text,
		  "'/dev/full' cannot be written: No space left on device");
	CHECK_UINT(dead_letters_count(letters), 0);
	dead_letters_close(letters);
}

static void *put_many(void *data)
{
	for (uint32_t i = 0; i < 200; i++)
		put(data, i);
	return NULL;
}

TEST(threads_share_the_file)
{
	struct dead_letters *letters = NULL;
	struct letter_reader *reader = NULL;
	struct dead_letter letter;
	unsigned seen[200] = { 0 };
	pthread_t threads[4];
	int count = 0;

	begin(NULL);
	CHECK_INT(dead_letters_open(&letters, path, false, NULL), 0);
	for (int i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, put_many, letters),
			  0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK_UINT(dead_letters_count(letters), 800);
	dead_letters_close(letters);
	CHECK_INT(letter_reader_open(&reader, path, NULL), 0);
	for (; letter_reader_next(reader, &letter, NULL) == 1; count++)
		seen[letter.attempts]++;
	letter_reader_close(reader);
	unlink(path);
	CHECK_INT(count, 800);
	for (int i = 0; i < 200; i++)
		CHECK_UINT(seen[i], 4);
}

TEST(short_memory_is_said_and_leaves_whole_letters)
{
	unsigned long n;

	json_set_alloc_funcs(malloc, free);
	for (n = 1; starve(n); n++) {
		struct dead_letters *letters = NULL;
		struct gust_error error = { 0 };
		int r;

		starve_at = 0;
		begin(NULL);
		starve_at = n;
		r = dead_letters_open(&letters, path, false, &error);
		if (r == 0)
			r = dead_letters_write(letters, &plain, 1, &error);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK_INT(error.code, r);
		dead_letters_close(letters);
		if (access(path, F_OK) == 0)
			end(r == 0 ? LINE("0") : "");
		else
			CHECK(r < 0);
	}
	CHECK(n > 20);
}
