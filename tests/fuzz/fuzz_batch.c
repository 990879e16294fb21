/* SPDX-License-Identifier: MIT */

/*
 * What comes from outside of the process: a batch, or a record alone. Whatever
 * passes the checks is then read as the engine and plugins read it.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tuple/batch.h"
#include "tuple/record.h"
#include "tuple/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* seeds_batch.py goes by these. */
#define STREAMS 3
static const uint16_t columns[STREAMS] = { 1, 0, 3 };
static const struct batch_limits limits = {
	.executors = 2,
	.tasks = 4,
	.streams = STREAMS,
	.lines = 5,
	.columns = columns,
};

/* Keeps what is read from being optimized away. */
static volatile uint64_t sink;

static void expect(int truth)
{
	if (!truth)
		abort();
}

static void read_text(struct gust_text text)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < text.length; i++)
		sum += (unsigned char)text.data[i];
	expect(text.data[text.length] == '\0');
	sink += sum;
}

/* Every field by every accessor: a wrong type reads as nothing. */
static void read_tuple(const struct gust_tuple *tuple)
{
	uint16_t at;
	struct gust_field field = { &at };
	/* The stream's number picks the index, so one for each is due. */
	uint16_t *index = calloc((size_t)tuple->stream + 1, sizeof(*index));

	expect(index != NULL);
	field.index = index;
	for (at = 0; at < tuple->fields; at++) {
		struct gust_value value;

		index[tuple->stream] = at;
		value = gust_value(tuple, field);
		expect(*gust_type_name((enum gust_type)value.type) != '\0');
		read_text(gust_text(tuple, field));
		sink += (uint64_t)gust_integer(tuple, field);
		sink += gust_number(tuple, field) > 0;
		sink += gust_is_null(tuple, field);
		sink += record_hash(tuple, &at, 1);
	}
	index[tuple->stream] = GUST_ABSENT;
	expect(gust_is_null(tuple, field));
	free(index);
}

static void read_run(const struct section *run)
{
	const char *at = (const char *)section_tuples(run);
	const char *end = (const char *)section_next(run);

	expect(run->task < limits.tasks && run->extra < limits.lines);
	expect(run->count <= BATCH_ANCHORS_MAX && at < end);
	for (uint16_t i = 0; i < run->count; i++)
		expect(section_anchors(run)[i].root >> 48 < limits.tasks);
	while (at < end) {
		const struct gust_tuple *tuple = (const void *)at;

		expect(tuple->stream < limits.streams);
		expect(tuple->fields == columns[tuple->stream]);
		expect(tuple->task < limits.tasks);
		read_tuple(tuple);
		at += tuple->size;
	}
	expect(at == end);
}

/* As the engine unpacks them, and as records they must be good. */
static void read_texts(const struct section *s)
{
	const char *at = section_texts_begin(s);
	const char *end = (const char *)section_next(s);
	struct texts_tuple tuple;

	expect(s->task < limits.tasks && s->extra < limits.lines);
	expect(s->count <= 1 && at < end);
	texts_begin(&tuple, s);
	expect(tuple.tuple.task < limits.tasks);
	expect(columns[tuple.tuple.stream] == 1);
	while (at < end) {
		const struct texts_run *run = (const void *)at;
		const struct texts_entry *entry;

		if (s->count == 1) {
			expect(anchor_task((const void *)at) < limits.tasks);
			run = (const void *)(at + sizeof(struct anchor));
		}
		entry = (const void *)(run + 1);
		at = (const char *)entry + run->size;
		expect((const char *)entry < at);
		for (; (const char *)entry < at; entry++) {
			texts_unpack(&tuple, entry);
			expect(record_check(&tuple, tuple.tuple.size) == 0);
			read_tuple(&tuple.tuple);
		}
	}
	expect(at == end);
}

static void read_control(const struct section *s)
{
	const struct anchor *anchors = (const void *)(s + 1);
	const struct batch_credit *credits = (const void *)(s + 1);
	const struct batch_failure *failure = (const void *)(s + 1);
	uint64_t sum = 0;

	switch (s->kind) {
	case SECTION_MARK:
		expect(s->task < limits.tasks && s->extra < limits.tasks);
		break;
	case SECTION_LOST:
		break;
	case SECTION_FAIL:
		expect(failure->kind >= FAILURE_RETRY &&
		       failure->kind <= FAILURE_TIMEOUT);
		for (uint16_t i = 0; i < failure->length; i++)
			sum += ((const unsigned char *)(failure + 1))[i];
		break;
	case SECTION_CREDITS:
		for (uint16_t i = 0; i < s->count; i++)
			expect(credits[i].task < limits.tasks &&
			       credits[i].line < limits.lines);
		break;
	default:
		for (uint16_t i = 0; i < s->count; i++)
			sum += anchors[i].root ^ anchors[i].edge;
		if (s->kind != SECTION_NOTES)
			break;
		for (uint16_t i = 0; i < s->count; i++)
			expect(anchors[i].edge < limits.tasks);
	}
	sink += sum;
}

static void read_batch(const struct batch *batch)
{
	const struct section *end = batch_end(batch);

	for (const struct section *s = batch_begin(batch); s < end;
	     s = section_next(s)) {
		if (s->kind == SECTION_RUN)
			read_run(s);
		else if (s->kind == SECTION_TEXTS)
			read_texts(s);
		else
			read_control(s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gust_error error = { 0 };
	/* Aligned, and of the exact size, so that a sanitizer sees its end. */
	void *copy = malloc(size > 0 ? size : 1);

	expect(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	if (batch_check(copy, size, &limits, &error) == 0)
		read_batch(copy);
	else
		expect(error.code != 0 && error.text[0] != '\0');
	if (record_check(copy, size) == 0)
		read_tuple(copy);
	free(copy);
	return 0;
}
