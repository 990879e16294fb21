/* SPDX-License-Identifier: MIT */

/*
 * Does with windows what stdin says, and tells what comes of it, for
 * windows_check.py.
 *
 *	windows_play TYPE LENGTH SLIDE GAP OFFSET ZONE LATENESS EARLY CONTRACT
 *
 *	add TIME KEY NUMBER	"ok", "late" or "none"
 *	advance WATERMARK ROOM	windows as "BEGIN END KEY COUNT SUM FIRING" and
 *				"settled NUMBER..."; ROOM at a time
 *	advance WATERMARK ROOM TASK	those of one task
 *	early ROOM		windows
 *	glimpse ROOM		the first ones of these
 *	restart TASKS		from what a store has, with so many tasks; where
 *				it is used it is the first command
 *
 * Each command is answered with lines and a dot. CONTRACT is `fixed`, `grows`,
 * `whole`, or `spilled`: whole ones of which every other tuple is spilled.
 * Without EARLY the windows of these are told with how many tuples are fresh.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_pair.h"
#include "fake_spill.h"
#include "window/moved.h"
#include "window/windows.h"

#define TASKS 4u

struct sheaf {
	uint64_t *numbers;
	size_t count;
	struct sheaf *next;
};

struct sum {
	uint64_t count;
	uint64_t total;
	int64_t least, most; /* times */
};

/* An entry of a store. */
struct entry {
	enum windows_group group;
	struct gust_text key, value;
	struct entry *next;
};

/* A task and its store, whose entries are in the order of their keys. */
struct player {
	struct windows *windows;
	struct entry *store;
};

static struct player players[TASKS];
static uint32_t tasks = 1;
static bool durable;
static const struct gust_windowing *contract;
static bool opened;
static size_t room;
static bool in_order; /* merge() must get later tuples */
static struct gust_window_spec spec;
static struct sheaf *sheaves;
static struct fake_spill spilled;

static void fail(const char *what)
{
	printf("WRONG: %s\n", what);
}

static struct sheaf *play_sheaf(void *self)
{
	struct sheaf *sheaf;

	(void)self;
	if (durable)
		return NULL;
	sheaf = calloc(1, sizeof(*sheaf));
	if (sheaf == NULL)
		abort();
	sheaf->next = sheaves;
	sheaves = sheaf;
	return sheaf;
}

static void sheaf_add(struct sheaf *sheaf, uint64_t number)
{
	sheaf->numbers =
		realloc(sheaf->numbers, (sheaf->count + 1) * sizeof(uint64_t));
	if (sheaf->numbers == NULL)
		abort();
	sheaf->numbers[sheaf->count++] = number;
}

static void sheaf_free(struct sheaf *sheaf)
{
	struct sheaf **at = &sheaves;

	while (*at != sheaf)
		at = &(*at)->next;
	*at = sheaf->next;
	free(sheaf->numbers);
	free(sheaf);
}

static void play_join(void *self, struct sheaf *into, struct sheaf *from)
{
	(void)self;
	for (size_t i = 0; i < from->count; i++)
		sheaf_add(into, from->numbers[i]);
	sheaf_free(from);
}

static void play_begin(void *self, int64_t time)
{
	(void)self;
	(void)time;
	if (opened)
		fail("begin() twice");
	opened = true;
}

static void play_end(void *self, struct sheaf *settled)
{
	(void)self;
	if (!opened)
		fail("end() without begin()");
	opened = false;
	if (settled == NULL)
		return;
	printf("settled");
	for (size_t i = 0; i < settled->count; i++)
		printf(" %" PRIu64, settled->numbers[i]);
	putchar('\n');
	sheaf_free(settled);
}

static bool play_room(void *self)
{
	(void)self;
	return room > 0;
}

static int sum_init(void *self, struct gust_accumulator *accumulator)
{
	struct sum *sum = accumulator->data;

	(void)self;
	sum->least = INT64_MAX;
	sum->most = INT64_MIN;
	return 0;
}

static int sum_add(void *self, struct gust_task *task,
		   struct gust_accumulator *accumulator,
		   const struct gust_tuple *in)
{
	struct sum *sum = accumulator->data;

	(void)self;
	(void)task;
	sum->count++;
	sum->total += (uint64_t)pair_number(in);
	if (in->time < sum->least)
		sum->least = in->time;
	if (in->time > sum->most)
		sum->most = in->time;
	return 0;
}

static int sum_merge(void *self, struct gust_accumulator *into,
		     const struct gust_accumulator *from)
{
	struct sum *sum = into->data;
	const struct sum *more = from->data;

	(void)self;
	if (into == from)
		fail("merge() with itself");
	if (in_order && sum->most >= more->least)
		fail("merge() of earlier tuples");
	sum->count += more->count;
	sum->total += more->total;
	if (more->least < sum->least)
		sum->least = more->least;
	if (more->most > sum->most)
		sum->most = more->most;
	return 0;
}

static uint64_t play_hash(int64_t key)
{
	return (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
}

/* As windows_host.grouped. */
static uint64_t play_grouped(void *self, const struct gust_value *keys)
{
	(void)self;
	return play_hash(keys->as.integer);
}

static struct player *player_of(int64_t key)
{
	return &players[hash_pick(play_hash(key), tasks)];
}

static int play_tell(const struct gust_window *window, const struct sum *sum)
{
	if (!opened)
		fail("a window without begin()");
	if (room-- == 0)
		fail("a window without room");
	if (window->count != sum->count)
		fail("another count");
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %d",
	       window->begin, window->end, window->keys[0].as.integer,
	       sum->count, sum->total, window->firing);
	return 0;
}

static int play_line(const struct gust_window *window, const struct sum *sum)
{
	play_tell(window, sum);
	putchar('\n');
	return 0;
}

static int sum_result(void *self, struct gust_task *task,
		      const struct gust_window *window,
		      const struct gust_accumulator *accumulator)
{
	(void)self;
	(void)task;
	return play_line(window, accumulator->data);
}

static const struct gust_windowing fixed = {
	.size = sizeof(fixed),
	.accumulator_size = sizeof(struct sum),
	.init = sum_init,
	.add = sum_add,
	.merge = sum_merge,
	.result = sum_result,
};

/* A list of the times and numbers; nothing else. */
static int list_put(struct gust_accumulator *list, const void *data,
		    size_t length)
{
	const uint32_t size = list->size;
	char *to = gust_accumulator_resize(list, size + length);

	if (to == NULL)
		return -ENOMEM;
	memcpy(to + size, data, length);
	return 0;
}

static int list_add(void *self, struct gust_task *task,
		    struct gust_accumulator *accumulator,
		    const struct gust_tuple *in)
{
	const int64_t entry[2] = { in->time, pair_number(in) };

	(void)self;
	(void)task;
	return list_put(accumulator, entry, sizeof(entry));
}

static int list_merge(void *self, struct gust_accumulator *into,
		      const struct gust_accumulator *from)
{
	(void)self;
	return list_put(into, from->data, from->size);
}

static int list_result(void *self, struct gust_task *task,
		       const struct gust_window *window,
		       const struct gust_accumulator *accumulator)
{
	const int64_t *entries = accumulator->data;
	struct sum sum = { 0 };

	(void)self;
	(void)task;
	for (size_t i = 0; i < accumulator->size / 16; i++) {
		sum.count++;
		sum.total += (uint64_t)entries[2 * i + 1];
	}
	return play_line(window, &sum);
}

static const struct gust_windowing grows = {
	.size = sizeof(grows),
	.grows = true,
	.add = list_add,
	.merge = list_merge,
	.result = list_result,
};

/* Lists are sorted, new ones are of the window, and what has left is not. */
static int whole_whole(void *self, struct gust_task *task,
		       const struct gust_window *window,
		       const struct gust_window_tuples *tuples)
{
	struct sum sum = { 0 };
	size_t fresh = 0;

	(void)self;
	(void)task;
	for (size_t i = 0; i < tuples->all_count; i++) {
		const struct gust_tuple *tuple = tuples->all[i];

		if (i > 0 &&
		    (tuple->time < tuples->all[i - 1]->time ||
		     (tuple->time == tuples->all[i - 1]->time &&
		      pair_number(tuple) <= pair_number(tuples->all[i - 1]))))
			fail("not sorted");
		if (spec.type <= GUST_SESSION &&
		    (tuple->time < window->begin || tuple->time >= window->end))
			fail("a tuple that is not of the window");
		if (fresh < tuples->fresh_count &&
		    tuples->fresh[fresh] == tuple)
			fresh++;
		sum.count++;
		sum.total += (uint64_t)pair_number(tuple);
		for (size_t k = 0; k < tuples->expired_count; k++)
			if (tuples->expired[k] == tuple)
				fail("one that has left is in it");
	}
	if (fresh != tuples->fresh_count)
		fail("new ones that are not of the window");
	play_tell(window, &sum);
	if (spec.early == 0)
		printf(" %zu", fresh);
	putchar('\n');
	return 0;
}

static const struct gust_windowing whole = {
	.size = sizeof(whole),
	.whole = whole_whole,
};

static void play_add(int64_t time, int64_t key, int64_t number)
{
	struct sheaf *sheaf;
	int r = pair_add(player_of(key)->windows, true, time, key, number,
			 &sheaf);

	if (r < 0)
		fail(strerror(-r));
	if (r == 0 && sheaf != NULL)
		sheaf_add(sheaf, (uint64_t)number);
	puts(r == WINDOWS_LATE           ? "late"
	     : sheaf == NULL && !durable ? "none"
					 : "ok");
}

static void play_advance(struct windows *windows, int64_t watermark,
			 size_t at_a_time)
{
	int r;

	do {
		room = at_a_time;
		r = windows_advance(windows, watermark);
	} while (r == GUST_MORE);
	if (r != 0)
		fail(strerror(-r));
	if (windows_due(windows, watermark) && watermark != INT64_MAX)
		fail("something is due");
	if (watermark != INT64_MAX && windows_next(windows) <= watermark &&
	    spec.type != GUST_SESSION)
		fail("the next one is due");
	if (watermark == INT64_MAX && (windows_usage(windows).tuples != 0 ||
				       windows_usage(windows).windows != 0))
		fail("something is left");
}

static void play_early(size_t at_a_time, bool all)
{
	int r;

	do {
		room = at_a_time;
		r = windows_early(players->windows);
	} while (r == GUST_MORE && all);
	if (r != 0 && all)
		fail(strerror(-r));
}

static struct gust_text play_copy(struct gust_text text)
{
	struct gust_text copy = { malloc(text.length + 1), text.length };

	if (copy.data == NULL)
		abort();
	memcpy((char *)copy.data, text.data, text.length);
	return copy;
}

/* Where an entry is, or would be. */
static struct entry **play_find(struct player *player, enum windows_group group,
				struct gust_text key)
{
	struct entry **at = &player->store;

	for (; *at != NULL; at = &(*at)->next) {
		const struct gust_text own = (*at)->key;
		size_t least =
			own.length < key.length ? own.length : key.length;
		int r = memcmp(own.data, key.data, least);

		if ((*at)->group > group)
			break;
		if ((*at)->group == group &&
		    (r > 0 || (r == 0 && own.length >= key.length)))
			break;
	}
	return at;
}

static void play_free(struct entry *entry)
{
	free((char *)entry->key.data);
	free((char *)entry->value.data);
	free(entry);
}

static int play_put(void *context, enum windows_group group,
		    struct gust_text key, const struct gust_text *value)
{
	struct entry **at = play_find(context, group, key), *entry = *at;

	if (entry != NULL && entry->group == group &&
	    entry->key.length == key.length &&
	    memcmp(entry->key.data, key.data, key.length) == 0) {
		*at = entry->next;
		play_free(entry);
	} else if (value == NULL) {
		fail("what is gone was not there");
	}
	if (value == NULL)
		return 0;
	entry = malloc(sizeof(*entry));
	if (entry == NULL)
		abort();
	entry->group = group;
	entry->key = play_copy(key);
	entry->value = play_copy(*value);
	entry->next = *at;
	*at = entry;
	return 0;
}

static void play_open(uint32_t task)
{
	const struct windows_host host = { .sheaf = play_sheaf,
					   .join = play_join,
					   .begin = play_begin,
					   .end = play_end,
					   .room = play_room,
					   .task = task,
					   .tasks = tasks,
					   .grouped = play_grouped,
					   .spill = &spilled.spill };
	struct gust_error error = { 0 };

	if (windows_create(&spec, contract, NULL, NULL, &host,
			   &players[task].windows, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
}

static void play_unless(int r)
{
	if (r != 0)
		fail(strerror(-r));
}

/* Of two facts about the same keys the one that is further. */
static void move_fact(struct gust_text key, struct gust_text value)
{
	int64_t done, other;

	memcpy(&done, value.data, sizeof(done));
	for (uint32_t i = 0; i < tasks; i++) {
		struct entry *own = *play_find(&players[i], WINDOWS_ABOUT, key);

		if (own != NULL && own->group == WINDOWS_ABOUT &&
		    own->key.length == key.length &&
		    memcmp(own->key.data, key.data, key.length) == 0) {
			memcpy(&other, own->value.data, sizeof(other));
			if (other >= done)
				continue;
		}
		play_put(&players[i], WINDOWS_ABOUT, key, &value);
	}
}

/* What a task has in the place of the head of another one. */
static void move_head(const struct entry *entry, uint32_t task, uint32_t before)
{
	char head[MOVED_HEAD_SIZE], key[MOVED_FACT_KEY_SIZE];
	const struct gust_text text = { head, sizeof(head) };
	struct past_fact fact;
	const struct gust_text done = { (char *)&fact.done, sizeof(fact.done) };

	play_unless(moved_head(entry->value, task, before, head, &fact));
	moved_fact_key(&fact, key);
	for (uint32_t i = 0; i < tasks; i++)
		play_put(&players[i], WINDOWS_ABOUT, entry->key, &text);
	if (fact.tasks > 0)
		move_fact((struct gust_text){ key, sizeof(key) }, done);
}

static void move_entry(const struct entry *entry, uint32_t task,
		       uint32_t before)
{
	struct key *keys = NULL;
	struct gust_text as;

	if (entry->group == WINDOWS_ABOUT && entry->key.length == 1) {
		move_head(entry, task, before);
		return;
	}
	if (entry->group == WINDOWS_ABOUT) {
		move_fact(entry->key, entry->value);
		return;
	}
	play_unless(moved_entry(entry->group, entry->key, entry->value, &keys,
				&as));
	play_put(player_of(key_values(keys)->as.integer), entry->group, as,
		 &entry->value);
	if (as.data != entry->key.data)
		free((char *)as.data);
	free(keys);
}

/* Deals out what is stored among so many tasks. */
static void play_move(uint32_t to)
{
	const uint32_t before = tasks;
	struct entry *old[TASKS], *entry;

	for (uint32_t i = 0; i < TASKS; i++) {
		old[i] = players[i].store;
		players[i].store = NULL;
	}
	tasks = to;
	for (uint32_t i = 0; i < before; i++)
		while ((entry = old[i]) != NULL) {
			old[i] = entry->next;
			move_entry(entry, i, before);
			play_free(entry);
		}
}

static uint64_t play_tuples(void)
{
	uint64_t tuples = 0;

	for (uint32_t i = 0; i < tasks; i++)
		tuples += windows_usage(players[i].windows).tuples;
	return tuples;
}

static void play_restore(struct player *player)
{
	bool about = true;

	for (struct entry *entry = player->store; entry != NULL;
	     entry = entry->next) {
		if (about && entry->group != WINDOWS_ABOUT)
			windows_restored(player->windows);
		about = about && entry->group == WINDOWS_ABOUT;
		play_unless(windows_restore(player->windows, entry->group,
					    entry->key, entry->value));
	}
	if (about)
		windows_restored(player->windows);
}

static void play_restart(uint32_t to)
{
	const uint64_t tuples = play_tuples();

	durable = true;
	for (uint32_t i = 0; i < tasks; i++) {
		play_unless(windows_save(players[i].windows, play_put,
					 &players[i]));
		windows_destroy(players[i].windows);
	}
	if (to != tasks)
		play_move(to);
	for (uint32_t i = 0; i < tasks; i++) {
		play_open(i);
		play_restore(&players[i]);
	}
	if (play_tuples() != tuples)
		fail("not all is restored");
}

static void play(void)
{
	int64_t a, b, c, d;
	char line[256];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		d = -1;
		if (sscanf(line, "add %" SCNd64 " %" SCNd64 " %" SCNd64, &a, &b,
			   &c) == 3)
			play_add(a, b, c);
		else if (sscanf(line,
				"advance %" SCNd64 " %" SCNd64 " %" SCNd64, &a,
				&b, &d) >= 2)
			for (uint32_t i = 0; i < tasks; i++) {
				if (d < 0 || d == i)
					play_advance(players[i].windows, a,
						     (size_t)b);
			}
		else if (sscanf(line, "early %" SCNd64, &a) == 1)
			play_early((size_t)a, true);
		else if (sscanf(line, "glimpse %" SCNd64, &a) == 1)
			play_early((size_t)a, false);
		else if (sscanf(line, "restart %" SCNd64, &a) == 1)
			play_restart((uint32_t)a);
		else
			fail(line);
		puts(".");
	}
}

static const struct gust_windowing *play_contract(const char *name)
{
	if (strcmp(name, "grows") == 0)
		return &grows;
	if (strcmp(name, "spilled") == 0)
		spilled.every = 2;
	if (strcmp(name, "whole") == 0 || strcmp(name, "spilled") == 0)
		return &whole;
	return &fixed;
}

int main(int argc, char **argv)
{
	static const char *const key[] = { "key" };

	if (argc != 10)
		return 2;
	spec.type = (enum gust_window_type)atoi(argv[1]);
	spec.length = atoll(argv[2]);
	spec.slide = atoll(argv[3]);
	spec.gap = atoll(argv[4]);
	spec.offset = atoll(argv[5]);
	spec.zone = strcmp(argv[6], "-") == 0 ? NULL : argv[6];
	spec.lateness = atoll(argv[7]);
	spec.early = atoll(argv[8]);
	spec.keys = key;
	spec.key_count = 1;
	in_order = spec.type <= GUST_SESSION;
	fake_spill_init(&spilled, 0);
	contract = play_contract(argv[9]);
	play_open(0);
	play();
	for (uint32_t i = 0; i < tasks; i++)
		windows_destroy(players[i].windows);
	if (sheaves != NULL)
		fail("a sheaf is left");
	if (spilled.given != spilled.taken)
		fail("something is left in the spill");
	return 0;
}
