/* SPDX-License-Identifier: MIT */
#include "state_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/random.h"
#include "state/store_head.h"

static struct bench bench;

static void begin(void)
{
	memset(&bench, 0, sizeof(bench));
	bench.now = 1000;
	bench_begin(&bench, "lmdb");
	bench_open(&bench);
}

static char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/bench.state/count/%s", bench.where,
		 name);
	return path;
}

/* What opening says, and that it leaves the file as it is. */
static int open_again(struct gust_error *error)
{
	char *before = NULL, *after = NULL;
	size_t n_before = 0, n_after = 0;
	const bool there = access(path_of("0/data.mdb"), F_OK) == 0;
	int r;

	if (there)
		CHECK_INT(file_read(path_of("0/data.mdb"), SIZE_MAX / 4,
				    &before, &n_before, NULL),
			  0);
	memset(error, 0, sizeof(*error));
	r = store_open(&bench.store, &bench.place, error);
	if (r == 0)
		return 0;
	if (there) {
		CHECK_INT(file_read(path_of("0/data.mdb"), SIZE_MAX / 4, &after,
				    &n_after, NULL),
			  0);
		CHECK_MEM(after, n_after, before, n_before);
	}
	free(before);
	free(after);
	return r;
}

/* A key of `n` bytes, of which the last one is `last`. */
static void long_key(struct gust_value *value, size_t n, char last)
{
	static char text[4][2000];
	static size_t next;
	char *at = text[next++ % 4];

	memset(at, 'k', n);
	at[n - 1] = last;
	*value = gust_string(at, n);
}

TEST(long_keys_are_in_order)
{
	static const size_t lengths[] = { 1,   480, 487, 488, 489, 490,
					  491, 502, 503, 504, 505, 506,
					  507, 508, 520, 1999 };
	struct gust_cursor *cursor;
	struct gust_value value;
	struct gust_key key = { &value, 1, 0 };
	struct gust_text found, before = { "", 0 };
	char last[2000];
	size_t count = 0;

	begin();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (char c = 'i'; c < 'n'; c++) {
			long_key(&value, lengths[i], c);
			CHECK_INT(gust_state_put(bench.state, &key, &c, 1), 0);
			count++;
		}
		bench_commit(&bench);
	}
	bench_reopen(&bench);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		long_key(&value, lengths[i], 'l');
		CHECK_INT(gust_state_get(bench.state, &key, &found), 1);
		CHECK_STR(found.data, "l");
	}
	bench_reopen(&bench);
	CHECK_INT(gust_state_cursor(bench.state, &cursor), 0);
	for (; gust_cursor_next(cursor, &key, &found) == 1; count--) {
		const struct gust_text now = { key.values[0].as.data,
					       key.values[0].length };

		CHECK(keycode_compare(before, now) < 0);
		CHECK_INT(found.data[0], now.data[now.length - 1]);
		memcpy(last, now.data, now.length);
		before = (struct gust_text){ last, now.length };
	}
	gust_cursor_close(cursor);
	CHECK_UINT(count, 0);
	key.values = &value;
	long_key(&value, 1999, 'l');
	CHECK_INT(gust_state_remove(bench.state, &key), 0);
	bench_reopen(&bench);
	CHECK_INT(gust_state_get(bench.state, &key, &found), 0);
	bench_end(&bench);
}

/* Puts `count` values of 1000 bytes, from key `first` on. */
static void put_many(int first, int count)
{
	char key[16], value[1001];

	memset(value, 'v', 1000);
	value[1000] = '\0';
	for (int i = first; i < first + count; i++) {
		snprintf(key, sizeof(key), "%d", i);
		bench_put(&bench, key, value);
	}
}

TEST(a_full_map_is_said_and_harms_nothing)
{
	struct gust_error error = { 0 };

	memset(&bench, 0, sizeof(bench));
	bench_begin(&bench, "lmdb");
	bench.place.map_bytes = (size_t)1 << 20;
	bench_open(&bench);
	put_many(0, 100);
	bench_commit(&bench);
	put_many(100, 1000);
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	for (int i = 0; i < 2; i++) {
		memset(&error, 0, sizeof(error));
		CHECK_INT(store_commit(bench.store, &bench.writes, &error),
			  -ENOSPC);
		CHECK_CONTAINS(error.text, "cannot be written to: it is as "
					   "large as it may become");
	}
	bench_close(&bench);
	/* With more room all of it is stored. */
	bench.place.map_bytes = 0;
	bench_open(&bench);
	CHECK(bench_get(&bench, "99") != NULL);
	CHECK(bench_get(&bench, "100") == NULL);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), 0);
	bench_close(&bench);
	bench_open(&bench);
	CHECK(bench_get(&bench, "1099") != NULL);
	bench_end(&bench);
}

TEST(a_full_disk_is_said_and_harms_nothing)
{
	struct rlimit limit, tight;
	int r[2];
	struct gust_error error = { 0 };

	begin();
	put_many(0, 100);
	bench_commit(&bench);
	put_many(100, 1000);
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tight = limit;
	tight.rlim_cur = 400000;
	setrlimit(RLIMIT_FSIZE, &tight);
	for (int i = 0; i < 2; i++) {
		memset(&error, 0, sizeof(error));
		r[i] = store_commit(bench.store, &bench.writes, &error);
	}
	setrlimit(RLIMIT_FSIZE, &limit);
	/* That of a write that was cut short, then perhaps of one that was not
	 * begun. */
	CHECK_INT(r[0], -EIO);
	CHECK(r[1] == -EIO || r[1] == -EFBIG);
	CHECK_CONTAINS(error.text, "cannot be written to: ");
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), 0);
	keyspace_committed(bench.keyspace);
	bench_reopen(&bench);
	CHECK(bench_get(&bench, "1099") != NULL);
	bench_end(&bench);
}

TEST(a_cut_file_is_damaged)
{
	struct gust_error error;

	begin();
	put_many(0, 500);
	bench_commit(&bench);
	bench_close(&bench);
	CHECK_INT(truncate(path_of("0/data.mdb"), 100000), 0);
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "is damaged: its file has 100000 bytes");
	CHECK_INT(truncate(path_of("0/data.mdb"), 0), 0);
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "'data.mdb' is missing or empty");
	CHECK_INT(unlink(path_of("0/data.mdb")), 0);
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK(access(path_of("0/data.mdb"), F_OK) != 0);
	bench_end(&bench);
}

static void scribble(const char *name, off_t at, const void *data, size_t n)
{
	const int fd = open(path_of(name), O_WRONLY);

	CHECK(fd >= 0);
	CHECK_INT(pwrite(fd, data, n, at), (ssize_t)n);
	close(fd);
}

TEST(a_file_of_something_else_is_damaged)
{
	static const char text[8192] = "This is no database.";
	struct gust_error error;

	begin();
	bench_close(&bench);
	scribble("0/data.mdb", 0, text, sizeof(text));
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "is damaged: MDB_INVALID");
	bench_end(&bench);
}

TEST(a_changed_record_is_damaged)
{
	struct gust_error error = { 0 };
	struct gust_text value;
	char *data, *at;
	size_t n;

	begin();
	bench_put(&bench, "a", "a value that can be found");
	bench_put(&bench, "b", "unharmed");
	bench_commit(&bench);
	bench_close(&bench);
	CHECK_INT(file_read(path_of("0/data.mdb"), SIZE_MAX / 4, &data, &n,
			    &error),
		  0);
	at = memmem(data, n, "a value that", 12);
	CHECK(at != NULL);
	scribble("0/data.mdb", at - data, "A", 1);
	free(data);
	bench_open(&bench);
	CHECK_INT(gust_state_get(bench.state, bench_key("a"), &value), -EIO);
	CHECK_CONTAINS(keyspace_trouble(bench.keyspace), "is damaged");
	CHECK_STR(bench_get(&bench, "b"), "unharmed");
	bench_end(&bench);
}

/* Writes another head. */
static void behead(const char *head, size_t n)
{
	bench_write(&bench,
		    (struct gust_text){ STORE_HEAD_KEY, STORE_HEAD_KEY_LENGTH },
		    (struct gust_text){ head, n });
	bench_close(&bench);
}

TEST(a_newer_format_is_refused)
{
	struct gust_error error;

	begin();
	behead("\2\0\0\0and what nobody knows yet", 28);
	CHECK_INT(open_again(&error), -ENOTSUP);
	CHECK_CONTAINS(error.text, "has format 2, this gust reads up to 1");
	bench_end(&bench);
}

TEST(a_head_that_says_nothing_is_damaged)
{
	struct gust_error error;

	begin();
	behead("\1\0\0\0", 4);
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "what it says of itself cannot be read");
	bench_end(&bench);
}

TEST(the_state_of_somebody_else_is_refused)
{
	struct gust_error error;
	char from[512];

	begin();
	bench_close(&bench);
	bench.place.tasks = 2;
	CHECK_INT(open_again(&error), -EBUSY);
	CHECK_CONTAINS(error.text, "is that of 1 tasks, the topology has 2");
	bench.place.task = 1;
	strcpy(from, path_of("0"));
	CHECK_INT(rename(from, path_of("1")), 0);
	CHECK_INT(open_again(&error), -EBADMSG);
	CHECK_CONTAINS(error.text, "is that of task 0 of 'count' in 'bench'");
	bench_end(&bench);
}

/* LMDB wants one opening a process, so another one opens it meanwhile. */
TEST(an_older_opening_is_refused)
{
	struct gust_error error = { 0 };
	pid_t pid;
	int status;

	begin();
	bench_put(&bench, "a", "1");
	CHECK_INT(keyspace_freeze(bench.keyspace, &bench.writes), 0);
	pid = fork();
	if (pid == 0) {
		struct store *store;
		int r = store_open(&store, &bench.place, &error);

		_exit(r == 0 ? (int)store->incarnation : 99);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 2);
	CHECK_INT(store_commit(bench.store, &bench.writes, &error), -ESTALE);
	CHECK_CONTAINS(error.text, "has been opened anew by another process");
	bench_close(&bench);
	bench_open(&bench);
	CHECK_UINT(bench.store->incarnation, 3);
	CHECK_STR(bench_get(&bench, "a"), NULL);
	bench_end(&bench);
}

static int count_one(void *context, struct gust_text key,
		     struct gust_text record)
{
	(void)key;
	(void)record;
	++*(int *)context;
	return 0;
}

TEST(it_is_read_while_it_is_written)
{
	struct gust_error error = { 0 };
	int status, count = 0;
	pid_t pid;

	begin();
	put_many(0, 3);
	bench_commit(&bench);
	pid = fork();
	if (pid == 0) {
		struct store *store;
		int r;

		bench.place.read_only = true;
		bench.place.tasks = 0;
		r = store_open(&store, &bench.place, &error);
		if (r == 0)
			r = store->backend->each(store, count_one, &count,
						 &error);
		_exit(r == 0 ? count : 99);
	}
	CHECK_INT(waitpid(pid, &status, 0), pid);
	CHECK_INT(WEXITSTATUS(status), 3);
	put_many(3, 1);
	bench_commit(&bench);
	CHECK_UINT(bench.store->incarnation, 1);
	bench_close(&bench);
	bench.place.read_only = true;
	bench.place.component = "other";
	CHECK_INT(open_again(&error), -ENOENT);
	bench_end(&bench);
}

TEST(a_creation_that_was_cut_short_begins_anew)
{
	begin();
	bench_close(&bench);
	CHECK_INT(unlink(path_of("0/data.mdb")), 0);
	CHECK_INT(unlink(path_of("0/lock.mdb")), 0);
	CHECK_INT(rmdir(path_of("0")), 0);
	CHECK_INT(mkdir(path_of(".new-0"), 0777), 0);
	CHECK_INT(close(open(path_of(".new-0/data.mdb"), O_CREAT | O_WRONLY,
			     0666)),
		  0);
	bench_open(&bench);
	CHECK(bench.store->fresh);
	CHECK(access(path_of(".new-0"), F_OK) != 0);
	bench_end(&bench);
}

TEST(what_has_ended_leaves_the_store)
{
	const uint64_t hour = UINT64_C(3600000000000);
	struct gust_error error = { 0 };
	char key[16];
	int count = 0;

	begin();
	bench_close(&bench);
	bench.ttl = 1000;
	bench.options.budget = 100000;
	bench_open(&bench);
	/* It ends in the past already, by the clock of the machine. */
	bench.keyspace->options.since_epoch -= (int64_t)hour;
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		bench_put(&bench, key, "v");
		if (i % 100 == 0)
			bench_commit(&bench);
	}
	bench.now += 2000;
	for (int i = 0; i < 40; i++) {
		bench_put(&bench, "last", "v");
		bench_commit(&bench);
	}
	CHECK_INT(bench.store->backend->each(bench.store, count_one, &count,
					     &error),
		  0);
	CHECK(count < 1500);
	bench_end(&bench);
}
