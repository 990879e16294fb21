/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "test.h"
#include "tuple/batch.h"
#include "tuple/record.h"
#include "tuple/texts.h"

static const uint16_t columns[] = { 1, 0 };
static const struct batch_limits limits = {
	.executors = 3,
	.tasks = 4,
	.streams = 2,
	.lines = 5,
	.columns = columns,
};

/* A batch in the making, 8-byte aligned. */
static struct {
	_Alignas(8) char bytes[4096];
	size_t size;
} made;

static struct batch *begin(void)
{
	struct batch *batch = (struct batch *)(void *)made.bytes;

	memset(&made, 0, sizeof(made));
	made.size = sizeof(*batch);
	batch->version = BATCH_VERSION;
	batch->from = 2;
	batch->to = 1;
	return batch;
}

static struct section *add(enum section_kind kind, uint16_t count)
{
	struct section *s = (void *)(made.bytes + made.size);

	s->size = sizeof(*s);
	s->kind = (uint16_t)kind;
	s->count = count;
	made.size += sizeof(*s);
	return s;
}

/* Adds bytes to the last section. */
static void *extend(struct section *s, const void *data, size_t size)
{
	char *at = made.bytes + made.size;

	memcpy(at, data, size);
	made.size += size;
	s->size += (uint32_t)size;
	return at;
}

static struct gust_tuple *extend_tuple(struct section *s, uint16_t stream)
{
	static const struct gust_column column = { "s", GUST_STRING };
	const struct gust_tuple header = { .stream = stream,
					   .fields = columns[stream],
					   .task = 3 };
	struct gust_value value = gust_string("hello", 5);
	_Alignas(8) char bytes[128];
	size_t size = record_measure(&column, &value, columns[stream]);

	CHECK_UINT(record_write((void *)bytes, size, &header, &column, &value),
		   size);
	return extend(s, bytes, size);
}

static struct section *add_run(uint16_t anchors)
{
	struct section *s = add(SECTION_RUN, anchors);

	for (uint16_t i = 0; i < anchors; i++) {
		struct anchor anchor = { (uint64_t)i << 48, i };

		extend(s, &anchor, sizeof(anchor));
	}
	extend_tuple(s, 0);
	return s;
}

/* Packed texts with one run, of "hello" and one more. */
static struct section *add_texts(uint16_t anchors)
{
	const struct texts texts = { .task = 3, .time = -5 };
	const struct anchor anchor = { UINT64_C(3) << 48, 7 };
	const struct texts_run run = { .size = 2 * sizeof(struct texts_entry) };
	struct section *s = add(SECTION_TEXTS, anchors);
	struct texts_entry entries[2] = { { .hash = 1 }, { .hash = 2 } };

	memcpy(entries[0].words, "hello", 5);
	memcpy(entries[1].words, "hello, hello 15", 15);
	entries[0].words[1] |= UINT64_C(5) << 56;
	entries[1].words[1] |= UINT64_C(15) << 56;
	extend(s, &texts, sizeof(texts));
	for (uint16_t i = 0; i < anchors; i++)
		extend(s, &anchor, sizeof(anchor));
	extend(s, &run, sizeof(run));
	extend(s, entries, sizeof(entries));
	return s;
}

static int check_made(struct gust_error *error)
{
	char *exact;
	int r;

	((struct batch *)(void *)made.bytes)->size = (uint32_t)made.size;
	exact = malloc(made.size);
	CHECK(exact != NULL);
	memcpy(exact, made.bytes, made.size);
	memset(error, 0, sizeof(*error));
	r = batch_check(exact, made.size, &limits, error);
	free(exact);
	return r;
}

static void expect_good(void)
{
	struct gust_error error;
	int r = check_made(&error);

	if (r != 0)
		FAIL("refused: %s", error.text);
}

/* Refused at the section that begins at byte `where`. */
static void expect_bad(size_t where)
{
	struct gust_error error;
	char text[80];

	snprintf(text, sizeof(text),
		 "a batch has a malformed section at byte %zu", where);
	CHECK_INT(check_made(&error), -EBADMSG);
	CHECK_STR(error.text, text);
}

TEST(a_batch_may_be_empty)
{
	begin();
	expect_good();
	CHECK_PTR(batch_begin((void *)made.bytes),
		  batch_end((void *)made.bytes));
}

TEST(sections_of_every_kind_are_read_in_their_order)
{
	const struct anchor entry = { UINT64_C(9) << 48, 3 };
	const struct batch_credit credit = { 3, 4, 100 };
	const struct batch_failure failure = { 1, 3, FAILURE_DEAD, 8 };
	const struct section *s;
	struct section *last;
	const struct batch *batch = begin();
	uint16_t kind = SECTION_RUN;

	extend_tuple(add_run(4), 1);
	last = add(SECTION_MARK, MARK_END);
	last->task = 3;
	last->extra = 3;
	extend(add(SECTION_ACKS, 1), &entry, sizeof(entry));
	extend(add(SECTION_HOLDS, 1), &entry, sizeof(entry));
	last = add(SECTION_FAIL, 1);
	extend(last, &failure, sizeof(failure));
	extend(last, "a reason", 8);
	extend(add(SECTION_CREDITS, 1), &credit, sizeof(credit));
	extend(add(SECTION_NOTES, 1), &entry, sizeof(entry));
	add(SECTION_LOST, 0);
	add_texts(1);
	expect_good();
	for (s = batch_begin(batch); s < batch_end(batch); s = section_next(s))
		CHECK_UINT(s->kind, kind++);
	CHECK_UINT(kind, SECTION_TEXTS + 1);
}

TEST(a_run_leads_to_its_anchors_and_tuples)
{
	const struct section *run;
	const struct gust_tuple *tuple;

	begin();
	run = add_run(2);
	CHECK_UINT(section_anchors(run)[1].edge, 1);
	CHECK_UINT(anchor_task(&section_anchors(run)[1]), 1);
	tuple = section_tuples(run);
	CHECK_UINT(tuple->task, 3);
	CHECK_PTR((const char *)tuple + tuple->size, section_next(run));
}

TEST(the_header_is_checked)
{
	struct batch *batch = begin();
	struct gust_error error;

	batch->version++;
	CHECK_INT(check_made(&error), -EPROTO);
	CHECK_STR(error.text, "a batch has version 4, expected 3");
	batch->version--;
	batch->to = 3;
	CHECK_INT(check_made(&error), -EBADMSG);
	CHECK_STR(error.text, "a batch goes from executor 2 to 3, expected "
			      "less than 3");
	batch->to = 0;
	batch->from = 3;
	CHECK_INT(check_made(&error), -EBADMSG);
	batch->from = 0;
	CHECK_INT(check_made(&error), 0);
}

TEST(a_batch_that_is_cut_is_refused)
{
	struct gust_error error;
	struct batch *batch = begin();
	size_t run_ends, whole;

	add_run(1);
	run_ends = made.size;
	add(SECTION_MARK, MARK_FLUSH);
	whole = made.size;
	for (size_t size = 0; size < whole; size += 8) {
		bool good = size == sizeof(*batch) || size == run_ends;

		/* The size says so, */
		made.size = size;
		if (size >= sizeof(*batch))
			CHECK_INT(check_made(&error), good ? 0 : -EBADMSG);
		/* or it does not. */
		batch->size = (uint32_t)whole;
		CHECK_INT(batch_check(batch, size, &limits, NULL), -EBADMSG);
	}
	made.size = whole;
	expect_good();
	made.size = whole - 1;
	CHECK_INT(check_made(&error), -EBADMSG);
}

TEST(section_sizes_are_checked)
{
	const uint32_t sizes[] = { 0, 8, 17, 24, 4096, UINT32_MAX };
	size_t where;
	struct section *s;

	begin();
	add_run(0);
	where = made.size;
	s = add(SECTION_MARK, MARK_FLUSH);
	expect_good();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		s->size = sizes[i];
		expect_bad(where);
	}
}

TEST(unknown_kinds_are_refused)
{
	const size_t where = sizeof(struct batch);

	begin();
	add((enum section_kind)0, 0);
	expect_bad(where);
	begin();
	add((enum section_kind)(SECTION_FLOORS + 1), 0);
	expect_bad(where);
	begin();
	add(SECTION_MARK, 0);
	expect_bad(where);
	begin();
	add(SECTION_MARK, MARK_IDLE + 1);
	expect_bad(where);
}

TEST(a_watermark_has_a_time)
{
	const int64_t time = -5;
	struct section *s;

	begin();
	add(SECTION_MARK, MARK_IDLE);
	s = add(SECTION_MARK, MARK_WATERMARK);
	extend(s, &time, sizeof(time));
	expect_good();
	CHECK_INT(section_watermark(s), time);
	begin();
	add(SECTION_MARK, MARK_WATERMARK);
	expect_bad(sizeof(struct batch));
	begin();
	extend(add(SECTION_MARK, MARK_IDLE), &time, sizeof(time));
	expect_bad(sizeof(struct batch));
}

/* Sets a number of a good run to one past what there is, and back. */
static void expect_limit(uint32_t *number, uint32_t limit)
{
	uint32_t before = *number;

	*number = limit - 1;
	expect_good();
	*number = limit;
	expect_bad(sizeof(struct batch));
	*number = before;
}

TEST(numbers_of_a_run_are_within_limits)
{
	struct gust_tuple *tuple;
	struct section *run;
	struct anchor *anchors;

	begin();
	run = add_run(BATCH_ANCHORS_MAX);
	tuple = extend_tuple(run, 0);
	expect_limit(&run->task, limits.tasks);
	expect_limit(&run->extra, limits.lines);
	expect_limit(&tuple->task, limits.tasks);
	tuple->stream = 1; /* has no fields */
	expect_bad(sizeof(struct batch));
	tuple->stream = 2;
	expect_bad(sizeof(struct batch));
	tuple->stream = 0;
	anchors = (struct anchor *)(void *)(run + 1);
	anchors[3].root = (uint64_t)limits.tasks << 48;
	expect_bad(sizeof(struct batch));
	anchors[3].root = 0;
	expect_good();
	begin();
	add_run(BATCH_ANCHORS_MAX + 1);
	expect_bad(sizeof(struct batch));
}

TEST(a_run_has_tuples_and_they_are_whole)
{
	struct anchor anchor = { 0, 1 };
	struct gust_tuple *tuple;
	struct section *run;

	begin();
	run = add(SECTION_RUN, 1);
	extend(run, &anchor, sizeof(anchor));
	expect_bad(sizeof(struct batch));
	begin();
	tuple = extend_tuple(add_run(1), 0);
	tuple->size -= 8;
	expect_bad(sizeof(struct batch));
	tuple->size += 16;
	expect_bad(sizeof(struct batch));
	tuple->size = 0;
	expect_bad(sizeof(struct batch));
}

TEST(entries_match_their_count)
{
	const enum section_kind kinds[] = { SECTION_ACKS, SECTION_HOLDS,
					    SECTION_NOTES };
	const struct anchor entries[2] = { { 1, 2 }, { 3, 3 } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct section *s;

		begin();
		s = add(kinds[i], 2);
		extend(s, entries, sizeof(entries));
		expect_good();
		s->count = 1;
		expect_bad(sizeof(struct batch));
		s->count = UINT16_MAX;
		expect_bad(sizeof(struct batch));
	}
}

TEST(a_note_names_a_task_that_exists)
{
	struct anchor note = { 1, 3 };
	struct anchor *entry;

	begin();
	entry = extend(add(SECTION_NOTES, 1), &note, sizeof(note));
	expect_good();
	entry->edge = limits.tasks;
	expect_bad(sizeof(struct batch));
	entry->edge = UINT64_C(1) << 32;
	expect_bad(sizeof(struct batch));
}

TEST(credits_are_within_limits)
{
	const struct batch_credit credits[2] = { { 0, 0, 1 }, { 3, 4, 1 } };
	struct batch_credit *second;
	struct section *s;

	begin();
	s = add(SECTION_CREDITS, 2);
	second = (struct batch_credit *)extend(s, credits, sizeof(credits)) + 1;
	expect_limit(&second->task, limits.tasks);
	expect_limit(&second->line, limits.lines);
	s->count = 3;
	expect_bad(sizeof(struct batch));
}

TEST(failures_are_of_a_known_kind_and_end_within)
{
	const struct batch_failure failure = { 1, 3, FAILURE_RETRY, 8 };
	struct batch_failure *made_failure;
	struct section *s;

	begin();
	s = add(SECTION_FAIL, 1);
	made_failure = extend(s, &failure, sizeof(failure));
	extend(s, "a reason", 8);
	expect_good();
	expect_limit(&made_failure->task, limits.tasks);
	made_failure->length = 9;
	expect_bad(sizeof(struct batch));
	made_failure->length = 0;
	expect_good();
	for (uint16_t kind = 0; kind < 6; kind++) {
		made_failure->kind = kind;
		if (kind >= FAILURE_RETRY && kind <= FAILURE_TIMEOUT)
			expect_good();
		else
			expect_bad(sizeof(struct batch));
	}
}

/* Together they have the right size, but the second one is not aligned. */
TEST(sections_are_aligned)
{
	struct batch_failure failure = { 1, 3, FAILURE_RETRY, 3 };
	struct section second = { .kind = SECTION_FAIL, .count = 1 };
	struct section *first;

	begin();
	first = add(SECTION_FAIL, 1);
	extend(first, &failure, sizeof(failure));
	extend(first, "abc", 3);
	failure.length = 5;
	second.size = sizeof(second) + sizeof(failure) + 5;
	memcpy(made.bytes + made.size, &second, sizeof(second));
	memcpy(made.bytes + made.size + sizeof(second), &failure,
	       sizeof(failure));
	made.size += second.size;
	CHECK_UINT(made.size % 8, 0);
	expect_bad(sizeof(struct batch));
}

/* Where things are in a section of add_texts(1). */
enum {
	TEXTS_HEAD = sizeof(struct section),
	TEXTS_ANCHOR = TEXTS_HEAD + sizeof(struct texts),
	TEXTS_RUN = TEXTS_ANCHOR + sizeof(struct anchor),
	TEXTS_FIRST = TEXTS_RUN + sizeof(struct texts_run)
};

TEST(packed_texts_stand_for_tuples)
{
	const struct section *s;
	const struct texts_entry *entry;
	struct texts_tuple tuple;
	struct gust_value value;

	begin();
	s = add_texts(1);
	expect_good();
	CHECK_UINT(texts_run_head(s), TEXTS_FIRST - TEXTS_ANCHOR);
	CHECK_UINT(section_bytes(s), s->size - TEXTS_ANCHOR);
	entry = (const void *)((const char *)s + TEXTS_FIRST);
	texts_begin(&tuple, s);
	texts_unpack(&tuple, entry + 1);
	CHECK_INT(record_check(&tuple, tuple.tuple.size), 0);
	CHECK_UINT(tuple.tuple.size, sizeof(tuple));
	CHECK_UINT(tuple.tuple.hash, 2);
	CHECK_UINT(tuple.tuple.task, 3);
	CHECK_INT(tuple.tuple.time, -5);
	value = gust_value_at(&tuple.tuple, 0);
	CHECK_UINT(value.length, 15);
	CHECK_STR(value.as.data, "hello, hello 15");
	texts_unpack(&tuple, entry);
	CHECK_INT(record_check(&tuple, tuple.tuple.size), 0);
	CHECK_UINT(tuple.tuple.size, sizeof(tuple) - 8);
	value = gust_value_at(&tuple.tuple, 0);
	CHECK_UINT(value.length, 5);
	CHECK_STR(value.as.data, "hello");
	begin();
	add_texts(0);
	expect_good();
}

TEST(short_texts_come_back_as_they_were)
{
	static const struct gust_column column = { "s", GUST_STRING };
	const struct gust_tuple header = {
		.stream = 0, .fields = 1, .task = 3, .time = -5
	};
	const char letters[] = "abcdefghijklmnopqrstuvwxyz";

	begin();
	add_texts(1);
	for (uint32_t length = 0; length <= 16; length++) {
		struct gust_value value = gust_string(letters, length);
		_Alignas(8) char bytes[128];
		struct gust_tuple *tuple = (void *)bytes;
		struct texts_tuple unpacked;
		struct texts_entry entry;

		/* What stands behind it is not its own. */
		memset(bytes, 0xff, sizeof(bytes));
		record_write(tuple, sizeof(bytes), &header, &column, &value);
		tuple->hash = length + 1;
		CHECK_INT(texts_fit(tuple), length <= TEXTS_LENGTH_MAX);
		if (!texts_fit(tuple))
			continue;
		texts_pack(&entry, tuple);
		texts_begin(&unpacked, batch_begin((const void *)made.bytes));
		texts_unpack(&unpacked, &entry);
		CHECK_UINT(unpacked.tuple.size, tuple->size);
		CHECK_INT(memcmp(&unpacked, tuple, tuple->size), 0);
		tuple->path = 1;
		CHECK(!texts_fit(tuple));
	}
}

/* Sets a number of two bytes within the section that was added last. */
static void spoil(size_t at, uint16_t number)
{
	struct section *s;

	begin();
	s = add_texts(1);
	memcpy((char *)s + at, &number, sizeof(number));
	expect_bad(sizeof(struct batch));
}

TEST(packed_texts_are_checked)
{
	begin();
	add_texts(2);
	expect_bad(sizeof(struct batch));
	spoil(offsetof(struct section, task), 4);
	spoil(offsetof(struct section, extra), 5);
	spoil(TEXTS_HEAD + offsetof(struct texts, task), 4);
	spoil(TEXTS_HEAD + offsetof(struct texts, stream), 1);
	spoil(TEXTS_HEAD + offsetof(struct texts, stream), 2);
	spoil(TEXTS_ANCHOR + 6, 4); /* the task of the root */
	spoil(TEXTS_RUN, 0);
	spoil(TEXTS_RUN, 24);
	spoil(TEXTS_RUN, 40);
	spoil(TEXTS_RUN, 72);
	spoil(TEXTS_FIRST + 22, 16 << 8);
	spoil(TEXTS_FIRST + 13, 1); /* behind the text */
	spoil(TEXTS_FIRST + 22, 3 << 8);
}
