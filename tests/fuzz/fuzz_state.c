/* SPDX-License-Identifier: MIT */

/*
 * What stores and exports hold: the first byte says which of it the rest is. A
 * key and a record that are read are written again, and must be the same.
 */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/stored_json.h"
#include "journal/exact.h"
#include "state/content.h"
#include "state/keycode.h"
#include "state/store_head.h"

static void fuzz_key(struct gust_text code)
{
	struct gust_value *values;
	size_t count, room;
	char *again;

	if (keycode_check(code.data, code.length, &count, &room) < 0)
		return;
	values = malloc(count * sizeof(*values) + room + 1);
	again = malloc(code.length + 1);
	assert(values != NULL && again != NULL);
	keycode_decode(code.data, code.length, values,
		       (char *)(values + count));
	/* -0.0 becomes 0.0. */
	assert(keycode_size(values, count) == code.length);
	assert(keycode_encode(again, values, count) == again + code.length);
	free(values);
	free(again);
}

static void fuzz_record(struct gust_text record)
{
	struct content content = { .kind = CONTENT_NONE };
	struct gust_entries entries;
	size_t count = 0, sum = 0;
	int64_t expires;
	char *again;

	if (content_read(&content, record, &expires) < 0)
		return;
	content_entries(&content, &entries);
	while (gust_entries_next(&entries)) {
		sum += strlen(entries.name.data) + strlen(entries.value.data);
		count++;
	}
	assert(count == entries.count && sum <= record.length);
	if (expires != CONTENT_FOR_EVER) {
		assert(content_record_size(&content, expires) == record.length);
		again = malloc(record.length);
		assert(again != NULL);
		content_record(&content, expires, again);
		assert(memcmp(again, record.data, record.length) == 0);
		free(again);
	}
	content_clear(&content);
}

static void fuzz_head(struct gust_text record)
{
	const struct store_place place = { .topology = "t",
					   .component = "c",
					   .tasks = 1 };
	uint64_t incarnation;
	uint32_t tasks;

	(void)store_head_check(record, &place, "w", &incarnation, &tasks, NULL);
	(void)store_head_incarnation(record);
}

static void fuzz_json(struct gust_text text)
{
	struct gust_text key, record;
	const char *component;
	json_error_t place;
	struct arena arena;
	json_t *json, *again;

	if (exact_load(&json, text.data, text.length, &place) < 0)
		return;
	arena_init(&arena, 0);
	if (stored_from_json(json, &arena, &component, &key, &record, NULL) ==
	    0) {
		again = stored_to_json(component, key, record);
		assert(again != NULL);
		json_decref(again);
	}
	arena_fini(&arena);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parts[])(struct gust_text) = {
		fuzz_key, fuzz_record, fuzz_head, fuzz_json
	};
	char *copy;

	if (size == 0)
		return 0;
	/* Of just that size, so that reading on is found. */
	copy = malloc(size - 1 + (size == 1));
	assert(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	parts[data[0] % 4]((struct gust_text){ copy, size - 1 });
	free(copy);
	return 0;
}
