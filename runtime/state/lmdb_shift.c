/* SPDX-License-Identifier: MIT */

/*
 * How new environments of a component take the place of the old ones: the old
 * folder is renamed, then the new one, then the old one is removed. Where the
 * old one has its new name and nothing has the right one, the new one is
 * complete.
 */

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "state/lmdb.h"
#include "state/lmdb_state.h"

#define SHIFT_DESCRIPTORS 8

struct lmdb_shift {
	char *now, *new, *old;
};

static void lmdb_shift_fini(struct lmdb_shift *shift)
{
	free(shift->now);
	free(shift->new);
	free(shift->old);
}

static int lmdb_shift_init(struct lmdb_shift *shift,
			   const struct store_place *place)
{
	shift->now = lmdb_folder(place, "");
	shift->new = lmdb_folder(place, LMDB_NEW);
	shift->old = lmdb_folder(place, LMDB_OLD);
	return shift->now == NULL || shift->new == NULL || shift->old == NULL
		       ? -ENOMEM
		       : 0;
}

static int lmdb_shift_remove_one(const char *path, const struct stat *stat,
				 int flag, struct FTW *walk)
{
	(void)stat;
	(void)flag;
	(void)walk;
	return remove(path) == 0 ? 0 : -errno;
}

/* Removes a folder with all that is in it, if it is there. */
static int lmdb_shift_remove(const char *path)
{
	int r;

	if (access(path, F_OK) != 0)
		return 0;
	r = nftw(path, lmdb_shift_remove_one, SHIFT_DESCRIPTORS,
		 FTW_DEPTH | FTW_PHYS);
	return r == -1 ? -errno : r;
}

/* Has the new folder take the free place of the old one. */
static int lmdb_shift_end(const struct lmdb_shift *shift)
{
	char *above = file_folder(shift->now);
	int r = above == NULL ? -ENOMEM : 0;

	if (r == 0 && rename(shift->new, shift->now) < 0)
		r = -errno;
	if (r == 0)
		r = file_sync_folder(above);
	free(above);
	return r == 0 ? lmdb_shift_remove(shift->old) : r;
}

static int lmdb_shift_say(const struct lmdb_shift *shift, int r,
			  struct gust_error *error)
{
	if (r < 0)
		gust_error_set(
			error, r, "the state in '%s' cannot be moved: %s",
			shift->now == NULL ? "" : shift->now, strerror(-r));
	return r;
}

int lmdb_settle(const struct store_place *place, struct gust_error *error)
{
	struct lmdb_shift shift;
	int r = lmdb_shift_init(&shift, place);

	if (r == 0 && access(shift.now, F_OK) != 0 &&
	    access(shift.old, F_OK) == 0)
		r = lmdb_shift_end(&shift);
	if (r == 0)
		r = lmdb_shift_remove(shift.new);
	if (r == 0)
		r = lmdb_shift_remove(shift.old);
	r = lmdb_shift_say(&shift, r, error);
	lmdb_shift_fini(&shift);
	return r;
}

int lmdb_promote(const struct store_place *place, struct gust_error *error)
{
	struct lmdb_shift shift;
	int r = lmdb_shift_init(&shift, place);

	if (r == 0 && rename(shift.now, shift.old) < 0)
		r = -errno;
	if (r == 0)
		r = lmdb_shift_end(&shift);
	r = lmdb_shift_say(&shift, r, error);
	lmdb_shift_fini(&shift);
	return r;
}
