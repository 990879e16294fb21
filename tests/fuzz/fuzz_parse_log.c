/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as a line of each format of parse_log: the first byte chooses. What
 * is found must lie in the line or in the record, JSON must be JSON, and a time
 * must read back.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static bool within(struct gust_value value, const char *data, size_t n)
{
	return data != NULL && value.as.data >= data &&
	       value.as.data + value.length <= data + n;
}

static void check_text(const struct record *record, struct gust_value value)
{
	const size_t n = (size_t)(record->end - record->text);
	size_t sum = 0;

	/* The names of levels and facilities are constants. */
	check(within(value, record->text, n) ||
	      within(value, record->plain.data, record->plain.used) ||
	      within(value, record->stamp, STAMP_SIZE) || value.length <= 8);
	while (value.length > 0)
		sum += (unsigned char)value.as.data[--value.length];
	check(sum < SIZE_MAX);
}

static void check_json(struct gust_value value)
{
	json_t *json =
		json_loadb(value.as.data, value.length, JSON_ALLOW_NUL, NULL);

	check(json_is_object(json));
	json_decref(json);
}

static void check_record(const struct record *record)
{
	const struct gust_value *time = &record->values[RECORD_TIME];
	struct gust_value value;
	int64_t ms;
	size_t i;

	for (i = 0; i < RECORD_COLUMNS; i++) {
		value = record->values[i];
		if (value.type == GUST_STRING)
			check_text(record, value);
		else if (value.type == GUST_JSON)
			check_json(value);
	}
	if (time->type != GUST_INT)
		return;
	check(stamp_read_3339(record->stamp, STAMP_SIZE - 1, &ms) ==
	      STAMP_SIZE - 1);
	check(ms == time->as.integer);
}

static int read_pairs(struct record *record)
{
	const char *p = record->text;
	struct gust_value value;
	struct gust_text key;
	int64_t ms;
	int r;

	while ((r = pairs_next(record, &p, &key, &value)) == 1) {
		check(key.length > 0 && p <= record->end);
		if (value.type != GUST_STRING)
			continue;
		check_text(record, value);
		if (stamp_read_3339(value.as.data, value.length, &ms) > 0 ||
		    stamp_read_number(value.as.data, value.length, &ms) > 0)
			record_set_time(record, ms);
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record record = { 0 };
	char *line;
	int r;

	if (size == 0)
		return 0;
	/* A copy of its own, so that a byte too far is seen. */
	line = malloc(size);
	check(line != NULL);
	memcpy(line, data + 1, size - 1);
	check(record_begin(&record, line, size - 1) == 0);
	if (data[0] == 'c')
		r = access_read_common(&record);
	else if (data[0] == 'C')
		r = access_read_combined(&record);
	else if (data[0] == 'k')
		r = read_pairs(&record);
	else
		r = syslog_read(&record, data[0] % 2 == 0 ? 2024 : 0,
				INT64_C(1795279164123));
	check(r == 0 || (r < 0 && record.at > 0 && record.at <= size));
	if (r == 0)
		check_record(&record);
	record_destroy(&record);
	free(line);
	return 0;
}
