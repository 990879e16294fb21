/* SPDX-License-Identifier: MIT */

#include "window/sliced.h"

#include <errno.h>
#include <stdlib.h>

static void sliced_save_key(struct windows *windows,
			    const struct sliced_kind *kind, int64_t begin,
			    const struct cell *cell)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, kind->letter);
	saver_number(saver, &saver->key, begin);
	saver_key(saver, &saver->key, cell->key);
}

void sliced_save(struct windows *windows, const struct sliced_kind *kind,
		 int64_t begin, const struct cell *cell)
{
	sliced_save_key(windows, kind, begin, cell);
	windows_save_portion(windows, &cell->portion);
}

void sliced_forget(struct windows *windows, const struct sliced_kind *kind,
		   int64_t begin, struct cell *cell)
{
	if (!saver_forget(&windows->saver, &cell->link))
		return;
	sliced_save_key(windows, kind, begin, cell);
	saver_gone(&windows->saver);
}

/* The slice that begins there, opened even if it is late. */
static int sliced_reopen(struct windows *windows, struct slices *slices,
			 const struct sliced_kind *kind, int64_t begin,
			 struct slice **found)
{
	const int64_t watermark = windows->watermark;
	int r = 0;

	*found = slices_find(slices, begin);
	if (*found == NULL) {
		windows->watermark = INT64_MIN;
		r = kind->open(windows, begin, found);
		windows->watermark = watermark;
	}
	if (*found == NULL || (*found)->begin != begin)
		return r != 0 ? r : -EBADMSG;
	return 0;
}

/* An empty cell for the key of an entry. */
static int sliced_reopen_cell(struct windows *windows, struct slices *slices,
			      const struct sliced_kind *kind,
			      struct gust_text text, struct spot *spot)
{
	struct key *key;
	int64_t begin;
	int r;

	if (!saver_read(&text, &begin))
		return -EBADMSG;
	key = key_unpack(text.data, text.length, &r);
	if (key == NULL)
		return r;
	r = -EBADMSG;
	if (key->count == windows->spec->key_count)
		r = sliced_reopen(windows, slices, kind, begin, &spot->slice);
	if (r == 0)
		r = kind->cell(windows, spot->slice, key->hash, key_values(key),
			       &spot->cell);
	free(key);
	return r;
}

int sliced_restore(struct windows *windows, struct slices *slices,
		   const struct sliced_kind *kind, struct gust_text text,
		   struct gust_text value, struct spot *spot)
{
	int r = sliced_reopen_cell(windows, slices, kind, text, spot);
	struct cell *cell = spot->cell;

	if (r == 0)
		r = windows_restore_portion(windows, value, &cell->portion,
					    kind->bytes(cell));
	if (r != 0)
		return r;
	cell->link.stored = true;
	spot->slice->tuples += cell->portion.count;
	windows->tuples += cell->portion.count;
	return 0;
}
