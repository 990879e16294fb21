/* SPDX-License-Identifier: MIT */

#include "ranked.h"

#include <errno.h>

#include <gust/kit/flat.h>
#include <gust/kit/row.h>

#define RANKED_FIELDS_MAX 32u

void ranked_close(struct ranked *ranked)
{
	buffer_destroy(&ranked->row);
	buffer_destroy(&ranked->found);
}

int ranked_add(struct ranked *ranked, struct gust_accumulator *accumulator,
	       const struct gust_value *key, struct gust_value number)
{
	struct flat flat = flat_accumulator(accumulator);
	int r;

	ranked->row.used = 0;
	r = row_append(&ranked->row, key, ranked->field_count);
	return r < 0 ? r
		     : heavy_add(&flat, &ranked->kind,
				 (struct gust_text){ ranked->row.data,
						     ranked->row.used },
				 number);
}

int ranked_merge(struct ranked *ranked, struct gust_accumulator *into,
		 const struct gust_accumulator *from)
{
	struct flat flat = flat_accumulator(into);

	return heavy_merge(&flat, &ranked->kind, from->data, from->size);
}

int ranked_result(struct ranked *ranked, struct gust_task *task,
		  const struct gust_window *window,
		  const struct gust_accumulator *accumulator)
{
	struct gust_value row[SPAN_COLUMNS_MAX + RANKED_FIELDS_MAX + 2];
	size_t n = span_values(&ranked->span, window, row), at;
	const struct heavy_key *keys;
	const int count =
		heavy_rank(accumulator->data, accumulator->size, ranked->most,
			   ranked->ties, &ranked->found);
	int i, r = count < 0 ? count : 0;

	keys = (const struct heavy_key *)(const void *)ranked->found.data;
	for (i = 0; i < count && r == 0; i++) {
		at = n;
		row[at++] = gust_int(i + 1);
		if (!row_read(keys[i].key, row + at, ranked->field_count))
			return gust_give_up(task, -EBADMSG,
					    "the state has other keys than "
					    "these, expected those of the run "
					    "before");
		at += ranked->field_count;
		row[at++] = keys[i].number;
		at += span_values_end(&ranked->span, window, row + at);
		r = gust_emit_values(task, 0, row, at);
	}
	return r;
}
