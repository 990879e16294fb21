/* SPDX-License-Identifier: MIT */

#include "fixture_windows.h"
#include "window/key.h"

/* What a store has: entries in the order of their keys. */
struct entry {
	enum windows_group group;
	struct gust_text key, value;
};

static struct {
	struct entry entries[4096];
	size_t count;
	size_t written; /* bytes of values, since the last look */
	size_t longest; /* of them */
} disk;

static int disk_compare(const struct entry *entry, enum windows_group group,
			struct gust_text key)
{
	const size_t least =
		entry->key.length < key.length ? entry->key.length : key.length;
	int r = memcmp(entry->key.data, key.data, least);

	if (entry->group != group)
		return entry->group < group ? -1 : 1;
	if (r != 0)
		return r;
	return entry->key.length < key.length ? -1
					      : entry->key.length > key.length;
}

static struct gust_text disk_copy(struct gust_text text)
{
	char *copy = malloc(text.length + 1);

	CHECK(copy != NULL);
	memcpy(copy, text.data, text.length);
	return (struct gust_text){ copy, text.length };
}

static void disk_remove(size_t at)
{
	free((char *)(uintptr_t)disk.entries[at].key.data);
	free((char *)(uintptr_t)disk.entries[at].value.data);
	disk.count--;
	memmove(&disk.entries[at], &disk.entries[at + 1],
		(disk.count - at) * sizeof(*disk.entries));
}

static int disk_put(void *context, enum windows_group group,
		    struct gust_text key, const struct gust_text *value)
{
	size_t at = 0;

	(void)context;
	while (at < disk.count &&
	       disk_compare(&disk.entries[at], group, key) < 0)
		at++;
	if (at < disk.count && disk_compare(&disk.entries[at], group, key) == 0)
		disk_remove(at);
	else
		CHECK(value != NULL);
	if (value == NULL)
		return 0;
	CHECK(disk.count < sizeof(disk.entries) / sizeof(*disk.entries));
	memmove(&disk.entries[at + 1], &disk.entries[at],
		(disk.count - at) * sizeof(*disk.entries));
	disk.entries[at] =
		(struct entry){ group, disk_copy(key), disk_copy(*value) };
	disk.count++;
	disk.written += value->length;
	if (value->length > disk.longest)
		disk.longest = value->length;
	return 0;
}

static void disk_clear(void)
{
	while (disk.count > 0)
		disk_remove(disk.count - 1);
	disk.longest = 0;
}

static void disk_save(void)
{
	disk.written = 0;
	CHECK_INT(windows_save(scene.windows, disk_put, NULL), 0);
}

/* What is there, by group. */
static size_t disk_count(enum windows_group group)
{
	size_t count = 0;

	for (size_t i = 0; i < disk.count; i++)
		count += disk.entries[i].group == group;
	return count;
}

static int numbers_whole(void *self, struct gust_task *task,
			 const struct gust_window *window,
			 const struct gust_window_tuples *tuples)
{
	(void)self;
	(void)task;
	scene.room--;
	scene_write("[%" PRId64 ",%" PRId64 ") %" PRId64 ":", window->begin,
		    window->end, window->keys[0].as.integer);
	for (size_t i = 0; i < tuples->all_count; i++)
		scene_write(" %" PRId64, pair_number(tuples->all[i]));
	scene_write(" fresh %zu\n", tuples->fresh_count);
	return 0;
}

static const struct gust_windowing numbers_windowing = {
	.size = sizeof(numbers_windowing),
	.whole = numbers_whole,
};

/* Windows that note what changes. */
static void save_start(const struct gust_window_spec *spec, bool whole)
{
	scene_start_with(spec, true,
			 whole ? &numbers_windowing : &tally_windowing);
	scene.durable = true;
}

static void save_restore(void)
{
	bool about = true;

	for (size_t i = 0; i < disk.count; i++) {
		const struct entry *entry = &disk.entries[i];

		if (about && entry->group != WINDOWS_ABOUT)
			windows_restored(scene.windows);
		about = about && entry->group == WINDOWS_ABOUT;
		CHECK_INT(windows_restore(scene.windows, entry->group,
					  entry->key, entry->value),
			  0);
	}
	if (about)
		windows_restored(scene.windows);
}

static const struct gust_window_spec save_kinds[] = {
	{ .type = GUST_TUMBLING, .length = 100000 },
	{ .type = GUST_SLIDING, .length = 100000, .slide = 50000 },
	{ .type = GUST_SESSION, .gap = 100000 },
	{ .type = GUST_TUMBLING_COUNT, .length = 100000 },
	{ .type = GUST_SLIDING_COUNT, .length = 100000, .slide = 40000 },
};
#define SAVE_KINDS (sizeof(save_kinds) / sizeof(*save_kinds))

/* Whatever is in the window already. */
TEST(a_commit_writes_what_came_since_the_last_one)
{
	for (size_t kind = 0; kind < SAVE_KINDS; kind++) {
		save_start(&save_kinds[kind], true);
		disk_save();
		for (int commit = 0; commit < 50; commit++) {
			for (int n = 0; n < 100; n++)
				CHECK_INT(scene_add(100 * commit + n, 1, n), 0);
			disk_save();
			/* A tuple, a number of it, and some for all. */
			CHECK(disk.written <=
			      100 * (sizeof(struct pair) + 8) + 256);
			CHECK_UINT(disk_count(WINDOWS_PARTS),
				   (size_t)commit + 1);
		}
		CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
		disk_save();
		CHECK_UINT(disk_count(WINDOWS_CELLS), 0);
		CHECK_UINT(disk_count(WINDOWS_PARTS), 0);
		scene_stop();
		disk_clear();
	}
}

TEST(what_came_at_once_is_cut_into_parts)
{
	const int count = 20000;

	save_start(&save_kinds[0], true);
	disk_save();
	for (int n = 0; n < count; n++)
		CHECK_INT(scene_add(n, 1, n), 0);
	disk_save();
	CHECK(disk.longest <= 256 * 1024 + 8 + sizeof(struct pair) + 8);
	CHECK(disk_count(WINDOWS_PARTS) > 1);
	scene_stop();
	save_start(&save_kinds[0], true);
	save_restore();
	CHECK_UINT(windows_usage(scene.windows).tuples, (uint64_t)count);
	/* It goes on behind them. */
	CHECK_INT(scene_add(count, 1, count), 0);
	disk_save();
	CHECK(disk.written < 256);
	scene_stop();
	disk_clear();
}

/* A tuple that comes goes to the part that is written next. */
static void save_play(const struct gust_window_spec *spec, bool whole,
		      bool stop)
{
	save_start(spec, whole);
	disk_save();
	for (int n = 0; n < 400; n++) {
		CHECK_INT(scene_add(n % 7 + n, 1, n), 0);
		if (n % 5 == 4)
			CHECK_INT(windows_advance(scene.windows, n - 7), 0);
		if (n % 40 != 39)
			continue;
		CHECK_INT(windows_advance(scene.windows, n - 6), 0);
		disk_save();
		if (!stop)
			continue;
		windows_destroy(scene.windows);
		scene_open(whole ? &numbers_windowing : &tally_windowing);
		save_restore();
	}
	CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
}

TEST(who_goes_on_from_it_goes_on_as_if_nothing_was)
{
	static const struct gust_window_spec kinds[] = {
		{ .type = GUST_TUMBLING, .length = 30, .lateness = 20 },
		{ .type = GUST_SLIDING, .length = 50, .slide = 20 },
		{ .type = GUST_SESSION, .gap = 90 },
		{ .type = GUST_TUMBLING_COUNT, .length = 30 },
		{ .type = GUST_SLIDING_COUNT, .length = 50, .slide = 20 },
	};

	for (size_t i = 0; i < 2 * SAVE_KINDS; i++) {
		static char expected[sizeof(scene.log)];

		save_play(&kinds[i / 2], i % 2 == 0, false);
		memcpy(expected, scene_told(), sizeof(expected));
		scene_stop();
		disk_clear();
		save_play(&kinds[i / 2], i % 2 == 0, true);
		CHECK_TOLD(expected);
		scene_stop();
		disk_clear();
	}
}

/* Bytes of an entry of the first format. */
static struct {
	char data[2048];
	size_t length;
} old;

static void old_put(const void *data, size_t length)
{
	memcpy(old.data + old.length, data, length);
	old.length += length;
}

static void old_number(int64_t number)
{
	old_put(&number, sizeof(number));
}

/* The key 1, as it is stored. */
static void old_key(void)
{
	const struct gust_value value = gust_int(1);
	_Alignas(struct key) char room[256];
	char packed[256];
	struct key *key;

	CHECK(key_size(&value, 1) <= sizeof(room));
	key = key_write((void *)room, &value, 1, hash_number_from(1, GUST_INT));
	CHECK(key_packed(key) <= sizeof(packed));
	key_pack(key, packed);
	old_put(packed, key_packed(key));
}

/* Two tuples of a whole window, with the numbers 7 and 8; or their sum. */
static void old_portion(bool whole)
{
	const struct tally tally = { 2, 15 };

	old_number(2);
	if (!whole)
		old_put(&tally, sizeof(tally));
	for (int n = 7; whole && n < 9; n++) {
		const struct pair pair = pair_of(n, 1, n);

		old_number(0);
		old_put(&pair, sizeof(pair));
	}
}

static void old_head(const struct gust_window_spec *spec)
{
	old.length = 0;
	old_number(1);
	old_number(INT64_MIN);
	old_number((int64_t)spec->type);
	old_number(spec->length);
	old_number(spec->slide);
	old_number(spec->gap);
	old_number(spec->offset);
	CHECK_INT(disk_put(NULL, WINDOWS_ABOUT, (struct gust_text){ "w", 1 },
			   &(struct gust_text){ old.data, old.length }),
		  0);
}

/* The one window of key 1 that is open. */
static void old_cell(const struct gust_window_spec *spec, bool whole)
{
	struct gust_text key = { old.data, 0 }, value;

	old.length = 0;
	old_put(spec->type == GUST_TUMBLING  ? "c"
		: spec->type == GUST_SLIDING ? "b"
		: spec->type == GUST_SESSION ? "s"
					     : "n",
		1);
	if (spec->type <= GUST_SESSION)
		old_number(0);
	if (spec->type != GUST_SESSION)
		old_key();
	key.length = old.length;
	if (spec->type == GUST_SESSION) {
		old_number(7);
		old_number(8);
		old_number(0);
		old_number(24);
		old_key();
	} else if (spec->type > GUST_SESSION) {
		old_number(2);
		old_number(0);
		old_number(0);
		old_number(7);
		old_number(8);
		old_number(whole ? 8 + 2 * (8 + (int64_t)sizeof(struct pair))
				 : 24);
	}
	old_portion(whole);
	value.data = old.data + key.length;
	value.length = old.length - key.length;
	CHECK_INT(disk_put(NULL, WINDOWS_CELLS, key, &value), 0);
}

TEST(the_first_format_is_read_and_written_anew)
{
	static const struct gust_window_spec kinds[] = {
		{ .type = GUST_TUMBLING, .length = 10 },
		{ .type = GUST_SLIDING, .length = 20, .slide = 10 },
		{ .type = GUST_SESSION, .gap = 10 },
		{ .type = GUST_TUMBLING_COUNT, .length = 3 },
		{ .type = GUST_SLIDING_COUNT, .length = 3, .slide = 3 },
	};
	static const char *const all[][2] = {
		{ "[0,10) 1: 3 24\n", "[0,10) 1: 7 8 9 fresh 3\n" },
		{ "[-10,10) 1: 3 24\n[0,20) 1: 3 24\n",
		  "[-10,10) 1: 7 8 9 fresh 3\n[0,20) 1: 7 8 9 fresh 0\n" },
		{ "[7,19) 1: 3 24\n", "[7,19) 1: 7 8 9 fresh 3\n" },
		{ "[7,10) 1: 3 24\n", "[7,10) 1: 7 8 9 fresh 3\n" },
		{ "[7,10) 1: 3 24\n", "[7,10) 1: 7 8 9 fresh 3\n" },
	};

	for (size_t i = 0; i < 2 * SAVE_KINDS; i++) {
		const struct gust_window_spec *spec = &kinds[i / 2];
		const bool whole = i % 2 == 1;

		old_head(spec);
		old_cell(spec, whole);
		for (int restart = 0; restart < 2; restart++) {
			save_start(spec, whole);
			save_restore();
			CHECK_UINT(windows_usage(scene.windows).tuples, 2);
			CHECK_INT(windows_advance(scene.windows, INT64_MIN), 0);
			disk_save();
			CHECK_UINT(disk_count(WINDOWS_PARTS), whole);
			if (restart == 0)
				scene_stop();
		}
		CHECK_INT(scene_add(9, 1, 9), 0);
		CHECK_INT(windows_advance(scene.windows, INT64_MAX), 0);
		CHECK_TOLD(all[i / 2][whole]);
		disk_save();
		CHECK_UINT(disk.count, 1);
		scene_stop();
		disk_clear();
	}
}
