/* SPDX-License-Identifier: MIT */

#include "source.h"

int source_open(struct source *source, const struct source_want *want,
		struct gust_error *error)
{
	source->format = want->format;
	return want->format == SOURCE_LMDB
		       ? pairs_open(&source->as.pairs, want, error)
		       : table_open(&source->as.table, want, error);
}

void source_close(struct source *source)
{
	if (source->format == SOURCE_LMDB)
		pairs_close(&source->as.pairs);
	else if (source->format == SOURCE_SQLITE)
		table_close(&source->as.table);
	*source = (struct source){ 0 };
}

int source_find(struct source *source, const struct source_want *want,
		const struct gust_value *key, struct buffer *row,
		struct gust_error *error)
{
	return source->format == SOURCE_LMDB
		       ? pairs_find(&source->as.pairs, want, key, row, error)
		       : table_find(&source->as.table, want, key, row, error);
}

bool source_has_changed(struct source *source)
{
	return source->format == SOURCE_LMDB
		       ? pairs_have_changed(&source->as.pairs)
		       : table_has_changed(&source->as.table);
}

bool source_has_moved(const struct source *source)
{
	return source->format == SOURCE_LMDB
		       ? pairs_have_moved(&source->as.pairs)
		       : table_has_moved(&source->as.table);
}
