/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "engine/seen.h"
#include "starve.h"
#include "test.h"

/* What was saved: a disk of a few records. */
#define RECORDS 4096

static struct saved {
	enum seen_kind kind;
	uint64_t number;
	char *data;
	size_t length;
} saved[RECORDS];
static size_t saved_count;
static int put_answer;

static void disk_clear(void)
{
	for (size_t i = 0; i < saved_count; i++)
		free(saved[i].data);
	saved_count = 0;
	put_answer = 0;
}

static int put(void *context, enum seen_kind kind, uint64_t number,
	       const struct gust_text *record)
{
	size_t at = 0;

	(void)context;
	if (put_answer != 0)
		return put_answer;
	while (at < saved_count &&
	       (saved[at].kind != kind || saved[at].number != number))
		at++;
	if (at < saved_count) {
		free(saved[at].data);
		saved[at] = saved[--saved_count];
	}
	if (record == NULL)
		return 0;
	CHECK(saved_count < RECORDS);
	saved[saved_count] =
		(struct saved){ kind, number, malloc(record->length + 1),
				record->length };
	if (saved[saved_count].data == NULL)
		return -ENOMEM;
	memcpy(saved[saved_count].data, record->data, record->length);
	saved_count++;
	return 0;
}

static size_t disk_chapters(void)
{
	size_t count = 0;

	for (size_t i = 0; i < saved_count; i++)
		count += saved[i].kind == SEEN_CHAPTER;
	return count;
}

static struct seen *restored(void)
{
	struct seen *seen = seen_create();

	for (size_t i = saved_count; i-- > 0;)
		CHECK_INT(seen_restore(seen, saved[i].kind, saved[i].number,
				       (struct gust_text){ saved[i].data,
							   saved[i].length }),
			  0);
	return seen;
}

static struct seen_identity of(uint64_t source, uint64_t offset, uint64_t path)
{
	return (struct seen_identity){ source, offset, path };
}

static enum seen_answer find(const struct seen *seen, struct seen_identity id)
{
	struct gust_text emitted;

	return seen_find(seen, &id, &emitted);
}

static void add(struct seen *seen, struct seen_identity id, const char *text)
{
	CHECK_INT(seen_add(seen, &id, text, strlen(text)), 0);
}

TEST(what_was_added_is_found)
{
	struct seen *seen = seen_create();
	struct seen_identity id = of(1, 2, 3);
	struct gust_text emitted;

	CHECK_INT(find(seen, id), SEEN_NEW);
	CHECK_BOOL(seen_changed(seen), false);
	add(seen, id, "what came of it");
	CHECK_BOOL(seen_changed(seen), true);
	CHECK_INT(seen_find(seen, &id, &emitted), SEEN_APPLIED);
	CHECK_UINT(emitted.length, 15);
	CHECK(memcmp(emitted.data, "what came of it", 15) == 0);
	CHECK_INT(find(seen, of(1, 2, 4)), SEEN_NEW);
	CHECK_INT(find(seen, of(1, 3, 3)), SEEN_NEW);
	CHECK_INT(find(seen, of(2, 2, 3)), SEEN_NEW);
	seen_destroy(seen);
}

TEST(below_the_floor_all_is_done)
{
	struct seen *seen = seen_create();

	add(seen, of(1, 5, 0), "");
	CHECK_INT(seen_floor(seen, 1, 5), 0);
	CHECK_INT(find(seen, of(1, 4, 9)), SEEN_DONE);
	CHECK_INT(find(seen, of(1, 5, 0)), SEEN_APPLIED);
	CHECK_INT(find(seen, of(2, 4, 0)), SEEN_NEW);
	/* It never sinks. */
	CHECK_INT(seen_floor(seen, 1, 3), 0);
	CHECK_INT(find(seen, of(1, 4, 0)), SEEN_DONE);
	seen_destroy(seen);
}

TEST(a_restart_knows_what_was_saved)
{
	struct seen *seen = seen_create(), *next;
	struct seen_identity id = of(1, 7, 1);
	struct gust_text emitted;

	add(seen, of(1, 5, 0), "five");
	add(seen, id, "seven, and more than a word");
	CHECK_INT(seen_floor(seen, 2, 100), 0);
	CHECK_INT(seen_save(seen, put, NULL), 0);
	CHECK_BOOL(seen_changed(seen), false);
	add(seen, of(1, 8, 0), "not saved");
	next = restored();
	CHECK_INT(find(next, of(1, 8, 0)), SEEN_NEW);
	CHECK_INT(find(next, of(2, 99, 0)), SEEN_DONE);
	CHECK_INT(seen_find(next, &id, &emitted), SEEN_APPLIED);
	CHECK_UINT(emitted.length, 27);
	CHECK(memcmp(emitted.data, "seven", 5) == 0);
	/* Its next chapter does not take the place of an earlier one. */
	add(next, of(1, 9, 0), "");
	CHECK_INT(seen_save(next, put, NULL), 0);
	CHECK_UINT(disk_chapters(), 2);
	seen_destroy(next);
	seen_destroy(seen);
	disk_clear();
}

TEST(a_chapter_is_forgotten_when_all_in_it_is_done)
{
	struct seen *seen = seen_create();

	add(seen, of(1, 1, 0), "");
	add(seen, of(2, 8, 0), "");
	add(seen, of(1, 2, 0), "");
	CHECK_INT(seen_save(seen, put, NULL), 0);
	add(seen, of(1, 3, 0), "");
	CHECK_INT(seen_save(seen, put, NULL), 0);
	CHECK_UINT(disk_chapters(), 2);
	seen_floor(seen, 1, 3);
	CHECK_INT(seen_save(seen, put, NULL), 0);
	CHECK_UINT(disk_chapters(), 2);
	CHECK_UINT(seen_count(seen), 4);
	seen_floor(seen, 2, 9);
	CHECK_INT(seen_save(seen, put, NULL), 0);
	CHECK_UINT(disk_chapters(), 1);
	CHECK_UINT(seen_count(seen), 1);
	CHECK_INT(find(seen, of(1, 2, 0)), SEEN_DONE);
	CHECK_INT(find(seen, of(1, 3, 0)), SEEN_APPLIED);
	seen_destroy(seen);
	/* Who comes next has the floors of what is gone. */
	seen = restored();
	CHECK_INT(find(seen, of(1, 1, 0)), SEEN_DONE);
	CHECK_INT(find(seen, of(2, 8, 0)), SEEN_DONE);
	CHECK_INT(find(seen, of(1, 3, 0)), SEEN_APPLIED);
	seen_destroy(seen);
	disk_clear();
}

TEST(what_cannot_be_saved_stays_to_be_saved)
{
	struct seen *seen = seen_create(), *next;

	add(seen, of(1, 1, 0), "");
	seen_floor(seen, 1, 1);
	put_answer = -ENOSPC;
	CHECK_INT(seen_save(seen, put, NULL), -ENOSPC);
	CHECK_BOOL(seen_changed(seen), true);
	put_answer = 0;
	add(seen, of(1, 2, 0), "");
	CHECK_INT(seen_save(seen, put, NULL), 0);
	next = restored();
	CHECK_INT(find(next, of(1, 0, 0)), SEEN_DONE);
	CHECK_UINT(seen_count(next), 2);
	seen_destroy(next);
	seen_destroy(seen);
	disk_clear();
}

TEST(damaged_records_are_refused)
{
	struct seen *seen = seen_create(), *next;

	add(seen, of(1, 1, 0), "something");
	add(seen, of(1, 2, 0), "something else");
	seen_floor(seen, 1, 1);
	CHECK_INT(seen_save(seen, put, NULL), 0);
	for (size_t i = 0; i < saved_count; i++) {
		for (size_t n = 0; n < saved[i].length; n++) {
			next = seen_create();
			CHECK_INT(seen_restore(next, saved[i].kind, 1,
					       (struct gust_text){
						       saved[i].data, n }),
				  -EBADMSG);
			seen_destroy(next);
		}
		/* A format to come. */
		saved[i].data[0] = 9;
		next = seen_create();
		CHECK_INT(seen_restore(next, saved[i].kind, 1,
				       (struct gust_text){ saved[i].data,
							   saved[i].length }),
			  -ENOTSUP);
		seen_destroy(next);
	}
	seen_destroy(seen);
	disk_clear();
}

/* Against a list of all. */
#define MODEL 600
static bool applied[3][MODEL];

TEST(it_agrees_with_a_list)
{
	struct random random;
	struct seen *seen = seen_create();
	uint64_t floors[3] = { 0 }, ends[3] = { 0 };

	random_seed(&random, 7);
	memset(applied, 0, sizeof(applied));
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t s = random_below(&random, 3);
		uint64_t at = floors[s] + random_below(&random, 20);
		uint32_t deed = random_below(&random, 100);

		if (at >= MODEL)
			continue;
		if (deed < 60 && at >= floors[s] && !applied[s][at]) {
			CHECK_INT(find(seen, of(s, at, 1)), SEEN_NEW);
			add(seen, of(s, at, 1), "x");
			applied[s][at] = true;
			ends[s] = at > ends[s] ? at : ends[s];
		} else if (deed < 70 && applied[s][floors[s]]) {
			floors[s]++;
			seen_floor(seen, s, floors[s]);
		} else if (deed < 75) {
			CHECK_INT(seen_save(seen, put, NULL), 0);
		} else if (deed < 76) {
			CHECK_INT(seen_save(seen, put, NULL), 0);
			seen_destroy(seen);
			seen = restored();
		}
		CHECK_INT(find(seen, of(s, at, 1)), at < floors[s] ? SEEN_DONE
						    : applied[s][at]
							    ? SEEN_APPLIED
							    : SEEN_NEW);
	}
	CHECK(floors[0] > 100);
	seen_destroy(seen);
	disk_clear();
}

TEST(short_memory_changes_nothing)
{
	struct seen_identity id = of(1, 1, 1);

	for (unsigned long n = 1; starve(n); n++) {
		struct seen *seen = seen_create();
		int r = seen == NULL ? -ENOMEM : seen_add(seen, &id, "x", 1);

		if (seen != NULL && r == 0)
			r = seen_save(seen, put, NULL);
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		if (seen != NULL && r != 0)
			CHECK_INT(seen_add(seen, &id, "x", 1) == 0 ||
					  find(seen, id) == SEEN_APPLIED,
				  true);
		seen_destroy(seen);
		disk_clear();
	}
}
