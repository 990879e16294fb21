/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <string.h>

#include "record.h"

int record_begin(struct record *record, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < RECORD_COLUMNS; i++)
		record->values[i] = gust_null();
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	record->text = text;
	record->end = text + n;
	record->expected = "";
	record->at = 0;
	record->plain.used = 0;
	record->json.used = 0;
	/* So that what is in there need not move: it is no longer than this. */
	return buffer_reserve(&record->plain, n + 1);
}

void record_destroy(struct record *record)
{
	buffer_destroy(&record->plain);
	buffer_destroy(&record->json);
}

int record_refuse(struct record *record, const char *p, const char *expected)
{
	record->expected = expected;
	record->at = (size_t)(p - record->text) + 1;
	return -EINVAL;
}

void record_set_time(struct record *record, int64_t ms)
{
	stamp_write(ms, record->stamp);
	record->values[RECORD_TIME] = gust_int(ms);
	record->values[RECORD_TIMESTAMP] =
		gust_string(record->stamp, STAMP_SIZE - 1);
}

int record_word(struct record *record, const char **p, const char *expected,
		struct gust_value *value)
{
	const char *begin = *p;
	const char *space = memchr(begin, ' ', (size_t)(record->end - begin));

	if (space == NULL || space == begin)
		return record_refuse(record, begin, expected);
	if (space - begin > 1 || *begin != '-')
		*value = gust_string(begin, (size_t)(space - begin));
	*p = space + 1;
	return 0;
}
