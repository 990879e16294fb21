/* SPDX-License-Identifier: MIT */

#include "journal/positions.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "starve.h"
#include "test.h"

static char folder[64];

static void begin(void)
{
	strcpy(folder, "/tmp/gust-test-positions-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
}

static void end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	CHECK_INT(system(command), 0);
}

static struct positions *open_folder(void)
{
	struct positions *positions = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(positions_open(&positions, folder, "wordcount", &error), 0);
	CHECK_STR(error.text, "");
	return positions;
}

/* What the file of topology wordcount holds; free it. */
static char *content(void)
{
	char *path = file_join(folder, "wordcount.positions.json");
	char *data = NULL;
	size_t n;

	CHECK_INT(file_read(path, 1 << 24, &data, &n, NULL), 0);
	free(path);
	return data;
}

static void put(const char *data)
{
	char *path = file_join(folder, "wordcount.positions.json");

	CHECK_INT(file_replace(path, data, strlen(data), NULL), 0);
	free(path);
}

static void check(struct positions *positions, const char *component,
		  const char *source, uint64_t expected)
{
	uint64_t offset = 77;

	CHECK_INT(positions_get(positions, component, source, &offset), 0);
	CHECK_UINT(offset, expected);
}

TEST(what_is_committed_comes_back)
{
	struct positions *positions;
	uint64_t offset = 77;

	begin();
	positions = open_folder();
	CHECK_UINT(positions_incarnation(positions), 1);
	CHECK_INT(positions_get(positions, "text", "a", &offset), -ENOENT);
	CHECK_UINT(offset, 77);
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_set(positions, "text", "a", 6), 0);
	CHECK_INT(positions_set(positions, "text", "\xff/b", UINT64_MAX), 0);
	CHECK_INT(positions_set(positions, "more", "", 0), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	CHECK_INT(positions_set(positions, "text", "a", 7), 0);
	check(positions, "text", "a", 7);
	positions_close(positions);

	positions = open_folder();
	CHECK_UINT(positions_incarnation(positions), 2);
	check(positions, "text", "a", 6);
	check(positions, "text", "\xff/b", UINT64_MAX);
	check(positions, "more", "", 0);
	CHECK_INT(positions_get(positions, "more", "a", &offset), -ENOENT);
	positions_close(positions);
	positions_close(NULL);
	end();
}

/* What comes first, and what it is to return. */
struct before {
	struct positions *positions;
	int result;
	int calls;
};

static int come_first(void *self, struct gust_error *error)
{
	struct before *before = self;
	char *data = content();

	/* It is called before the writing, and what it sets comes too late. */
	CHECK(strstr(data, "\"offset\": 5") == NULL);
	free(data);
	CHECK_INT(positions_set(before->positions, "text", "a", 6), 0);
	before->calls++;
	return before->result == 0
		       ? 0
		       : gust_error_set(error, before->result, "no");
}

TEST(something_can_come_first)
{
	struct before before = { .result = -EIO };
	struct gust_error error = { 0 };
	char *data;

	begin();
	before.positions = open_folder();
	CHECK_INT(positions_set(before.positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit_after(before.positions, come_first, &before,
					 &error),
		  -EIO);
	CHECK_STR(error.text, "no");
	CHECK_INT(positions_set(before.positions, "text", "a", 5), 0);
	before.result = 0;
	CHECK_INT(positions_commit_after(before.positions, come_first, &before,
					 NULL),
		  0);
	data = content();
	CHECK_CONTAINS(data, "\"offset\": 5");
	free(data);
	CHECK_INT(positions_commit(before.positions, NULL), 0);
	CHECK_INT(positions_commit_after(before.positions, come_first, &before,
					 NULL),
		  0);
	CHECK_INT(before.calls, 2);
	positions_close(before.positions);
	end();
}

TEST(nothing_new_is_not_written)
{
	struct positions *positions;
	char *path, *data;
	size_t n;

	begin();
	path = file_join(folder, "wordcount.positions.json");
	positions = open_folder();
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	CHECK_INT(file_read(path, 1000, &data, &n, NULL), -ENOENT);
	CHECK_INT(positions_set(positions, "text", "a", 4), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	data = content();
	CHECK_CONTAINS(data, "\"offset\": 4");
	free(data);
	free(path);
	positions_close(positions);
	end();
}

TEST(a_second_run_is_refused)
{
	struct positions *positions, *second = NULL, *other = NULL;
	struct gust_error error = { 0 };
	char expected[400];

	begin();
	snprintf(expected, sizeof(expected),
		 "topology 'wordcount' runs already with the state folder "
		 "'%s': '%s/wordcount.lock' is held by process %ld",
		 folder, folder, (long)getpid());
	positions = open_folder();
	CHECK_INT(positions_open(&second, folder, "wordcount", &error), -EBUSY);
	CHECK_STR(error.text, expected);
	CHECK_PTR(second, NULL);
	CHECK_INT(positions_open(&other, folder, "other", NULL), 0);
	positions_close(other);
	positions_close(positions);
	positions_close(open_folder());
	end();
}

TEST(any_name_stays_in_the_folder)
{
	static const char *const names[][2] = {
		{ "../x", "%2E.%2Fx.positions.json" },
		{ ".", "%2E.positions.json" },
		{ "word count\n", "word%20count%0A.positions.json" },
		{ "a.b-c_D", "a.b-c_D.positions.json" },
		{ "\xc3\xa9%", "%C3%A9%25.positions.json" },
	};

	begin();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct positions *positions = NULL;
		char *path = file_join(folder, names[i][1]);

		CHECK_INT(positions_open(&positions, folder, names[i][0], NULL),
			  0);
		CHECK_INT(access(path, F_OK), 0);
		positions_close(positions);
		positions = NULL;
		CHECK_INT(positions_open(&positions, folder, names[i][0], NULL),
			  0);
		positions_close(positions);
		free(path);
	}
	end();
}

static void check_refused(const char *data, int code, const char *message,
			  int line)
{
	struct positions *positions = NULL;
	struct gust_error error = { 0 };
	char *after;

	begin();
	put(data);
	CHECK_INT(positions_open(&positions, folder, "wordcount", &error),
		  code);
	CHECK_PTR(positions, NULL);
	CHECK_CONTAINS(error.text, message);
	CHECK_INT(error.line, line);
	if (code == -EBADMSG)
		CHECK_CONTAINS(error.source, "wordcount.positions.json");
	after = content();
	CHECK_STR(after, data);
	free(after);
	end();
}

TEST(a_damaged_file_is_said_and_left)
{
	check_refused("", -EBADMSG, "the stored positions are damaged: ", 1);
	check_refused("{\n \"format\": 1,\n oops", -EBADMSG,
		      "the stored positions are damaged: ", 3);
	check_refused("[]", -EBADMSG, "there is no 'format'", 0);
	check_refused("{\"format\": \"1\"}", -EBADMSG, "there is no 'format'",
		      0);
	check_refused("{\"format\": 0}", -EBADMSG, "there is no 'format'", 0);
	check_refused("{\"format\": 1}", -EBADMSG, "there is no 'positions'",
		      0);
	check_refused("{\"format\": 1, \"positions\": []}", -EBADMSG,
		      "there is no 'incarnation'", 0);
	check_refused("{\"format\": 1, \"incarnation\": 1, \"topology\": "
		      "\"other\", \"positions\": []}",
		      -EBADMSG, "they belong to another topology", 0);
	check_refused("{\"format\": 1, \"incarnation\": 1, \"positions\": "
		      "[{\"component\": \"a\", \"source\": \"b\", "
		      "\"offset\": 1}, {\"component\": \"a\", \"source\": "
		      "\"b\", \"offset\": -1}]}",
		      -EBADMSG,
		      "position 2 lacks its component, source or offset; move "
		      "the file away to begin anew",
		      0);
}

TEST(a_newer_format_is_refused)
{
	check_refused("{\"format\": 2, \"anything\": {}}", -ENOTSUP,
		      "has format 2, expected at most 1: a newer gust wrote "
		      "it",
		      0);
}

TEST(a_folder_that_cannot_be_is_said)
{
	struct positions *positions = NULL;
	struct gust_error error = { 0 };

	CHECK_INT(positions_open(&positions, "/dev/null/x", "t", &error),
		  -ENOTDIR);
	CHECK_CONTAINS(error.text, "'/dev/null/x' cannot be made");
	CHECK_PTR(positions, NULL);
}

TEST(a_full_disk_leaves_the_old_positions)
{
	struct rlimit limit = { 1024, RLIM_INFINITY };
	struct gust_error error = { 0 };
	struct positions *positions;
	char *before, *after, name[32];
	int r;

	signal(SIGXFSZ, SIG_IGN);
	begin();
	positions = open_folder();
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	before = content();
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		CHECK_INT(positions_set(positions, "text", name, 1), 0);
	}
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	r = positions_commit(positions, &error);
	limit.rlim_cur = RLIM_INFINITY;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
	CHECK_INT(r, -EFBIG);
	CHECK_CONTAINS(error.text, "cannot be written: File too large");
	after = content();
	CHECK_STR(after, before);
	free(after);
	free(before);
	/* It is still to be done, and now it can be. */
	CHECK_INT(positions_commit(positions, NULL), 0);
	positions_close(positions);
	positions = open_folder();
	check(positions, "text", "file-99", 1);
	positions_close(positions);
	end();
}

TEST(many_sources_are_quick)
{
	struct positions *positions;
	char name[400];

	begin();
	positions = open_folder();
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "%0*d", i % 300 + 1, i);
		CHECK_INT(positions_set(positions, "text", name, (uint64_t)i),
			  0);
	}
	CHECK_INT(positions_commit(positions, NULL), 0);
	positions_close(positions);
	positions = open_folder();
	for (int i = 0; i < 20000; i += 301) {
		snprintf(name, sizeof(name), "%0*d", i % 300 + 1, i);
		check(positions, "text", name, (uint64_t)i);
	}
	positions_close(positions);
	end();
}

static void *set_many(void *data)
{
	for (uint64_t i = 1; i <= 20000; i++)
		CHECK_INT(positions_set(data, "text", i % 2 ? "a" : "b", i), 0);
	return NULL;
}

TEST(threads_set_while_another_commits)
{
	struct positions *positions;
	pthread_t threads[2];

	begin();
	positions = open_folder();
	for (int i = 0; i < 2; i++)
		CHECK_INT(
			pthread_create(&threads[i], NULL, set_many, positions),
			0);
	for (int i = 0; i < 20; i++)
		CHECK_INT(positions_commit(positions, NULL), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(positions_commit(positions, NULL), 0);
	positions_close(positions);
	positions = open_folder();
	check(positions, "text", "a", 19999);
	check(positions, "text", "b", 20000);
	positions_close(positions);
	end();
}

/* What was told, as text. */
static char told[256];
static int refuse; /* how many are taken before a refusal; -1: all */

static int note_told(void *self, const char *component, const char *source,
		     uint64_t offset)
{
	size_t n = strlen(told);

	(void)self;
	if (refuse == 0)
		return -EPIPE;
	refuse--;
	snprintf(told + n, sizeof(told) - n, "%s/%s=%u ", component, source,
		 (unsigned)offset);
	return 0;
}

static const char *tell(struct positions *positions, int take, int expected)
{
	told[0] = '\0';
	refuse = take;
	CHECK_INT(positions_tell(positions, note_told, NULL), expected);
	return told;
}

TEST(what_has_changed_is_told_once)
{
	struct positions *positions;

	begin();
	positions = open_folder();
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	positions_close(positions);
	positions = open_folder();
	CHECK_STR(tell(positions, -1, 0), "");
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_STR(tell(positions, -1, 0), "");
	CHECK_INT(positions_set(positions, "text", "a", 6), 0);
	CHECK_INT(positions_set(positions, "text", "a", 7), 0);
	CHECK_STR(tell(positions, -1, 0), "text/a=7 ");
	CHECK_STR(tell(positions, -1, 0), "");
	CHECK_INT(positions_set(positions, "text", "a", 8), 0);
	CHECK_INT(positions_set(positions, "text", "b", 1), 0);
	CHECK_STR(tell(positions, 1, -EPIPE), "text/b=1 ");
	CHECK_STR(tell(positions, -1, 0), "text/a=8 ");
	positions_close(positions);
	end();
}

TEST(without_a_folder_they_last_as_long_as_the_struct)
{
	struct positions *positions;
	uint64_t offset;

	CHECK_INT(positions_open(&positions, NULL, "wordcount", NULL), 0);
	CHECK_UINT(positions_incarnation(positions), 0);
	CHECK_INT(positions_get(positions, "text", "a", &offset), -ENOENT);
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	check(positions, "text", "a", 5);
	positions_close(positions);
	CHECK_INT(positions_open(&positions, NULL, "wordcount", NULL), 0);
	CHECK_INT(positions_get(positions, "text", "a", &offset), -ENOENT);
	positions_close(positions);
}

static int go_through(struct positions **positions, struct gust_error *error)
{
	uint64_t offset;
	int r = positions_open(positions, folder, "wordcount", error);

	if (r == 0)
		r = positions_get(*positions, "text", "a", &offset);
	if (r == 0)
		r = positions_set(*positions, "text", "b", offset + 1);
	return r == 0 ? positions_commit(*positions, error) : r;
}

TEST(short_memory_is_said_and_loses_nothing)
{
	struct positions *positions;
	unsigned long n;

	begin();
	positions = open_folder();
	CHECK_INT(positions_set(positions, "text", "a", 5), 0);
	CHECK_INT(positions_commit(positions, NULL), 0);
	positions_close(positions);
	for (n = 1; starve(n); n++) {
		struct gust_error error = { 0 };
		int r;

		positions = NULL;
		r = go_through(&positions, &error);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		CHECK(error.code == 0 || error.code == -ENOMEM);
		positions_close(positions);
		positions = open_folder();
		check(positions, "text", "a", 5);
		positions_close(positions);
	}
	CHECK(n > 10);
	end();
}
