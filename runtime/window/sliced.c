/* SPDX-License-Identifier: MIT */

#include "window/sliced.h"

#include <errno.h>
#include <stdlib.h>

#include "window/calendar.h"

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
		 int64_t begin, struct cell *cell)
{
	if (!windows->contract.whole) {
		sliced_save_key(windows, kind, begin, cell);
		windows_save_sum(windows, &cell->portion, &cell->link);
		return;
	}
	while (windows_unsaved(windows, &cell->portion, &cell->link)) {
		sliced_save_key(windows, kind, begin, cell);
		windows_save_part(windows, &cell->portion, &cell->link,
				  windows_done(windows, key_values(cell->key)));
	}
}

void sliced_forget(struct windows *windows, const struct sliced_kind *kind,
		   int64_t begin, struct cell *cell)
{
	struct saver *saver = &windows->saver;
	const uint32_t parts = saver_forget(saver, &cell->link);

	if (parts == 0)
		return;
	sliced_save_key(windows, kind, begin, cell);
	if (windows->contract.whole)
		saver_gone_parts(saver, parts);
	else
		saver_gone(saver, WINDOWS_CELLS);
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

/* The cell of an entry, a new one if it is not there. */
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
		spot->cell =
			slice_find(spot->slice, key->hash, key_values(key));
	if (r == 0 && spot->cell == NULL)
		r = kind->cell(windows, spot->slice, key->hash, key_values(key),
			       &spot->cell);
	free(key);
	return r;
}

/* A cell as it was. The format before had one of a whole window, too. */
static int sliced_restore_cell(struct windows *windows,
			       const struct sliced_kind *kind,
			       struct gust_text value, const struct spot *spot)
{
	struct saver *saver = &windows->saver;
	struct cell *cell = spot->cell;
	int r;

	if (cell->portion.count > 0)
		return -EBADMSG;
	r = windows_restore_sum(windows, value, &cell->portion,
				kind->bytes(cell));
	if (r != 0)
		return r;
	windows->tuples += cell->portion.count;
	spot->slice->tuples += cell->portion.count;
	if (windows->contract.whole) {
		sliced_save_key(windows, kind, spot->slice->begin, cell);
		saver_gone(saver, WINDOWS_CELLS);
		saver_touch(saver, &cell->link, spot->slice->begin);
	} else {
		cell->link.parts = 1;
	}
	return 0;
}

/* A part of a whole one, of which windows may have been handed over since. */
static int sliced_restore_part(struct windows *windows,
			       const struct sliced_kind *kind, uint32_t part,
			       struct gust_text value, const struct spot *spot)
{
	const struct gust_value *keys = key_values(spot->cell->key);
	const uint64_t before = spot->cell->portion.count;
	int64_t done;
	bool shown;
	int r;

	if (!saver_read(&value, &done))
		return -EBADMSG;
	shown = kind->next_end(windows, spot->slice, calendar_sum(done, 1)) <=
		windows_done(windows, keys);
	r = windows_restore_part(windows, value, &spot->cell->portion,
				 &spot->cell->link, part, shown);
	spot->slice->tuples += spot->cell->portion.count - before;
	return r;
}

int sliced_restore(struct windows *windows, struct slices *slices,
		   const struct sliced_kind *kind, enum windows_group group,
		   char letter, struct gust_text text, struct gust_text value,
		   struct spot *spot)
{
	uint32_t part = 0;
	int r;

	if (letter != kind->letter ||
	    (group == WINDOWS_PARTS && !saver_read_part(&text, &part)))
		return -EBADMSG;
	r = sliced_reopen_cell(windows, slices, kind, text, spot);
	if (r != 0)
		return r;
	return group == WINDOWS_CELLS
		       ? sliced_restore_cell(windows, kind, value, spot)
		       : sliced_restore_part(windows, kind, part, value, spot);
}
