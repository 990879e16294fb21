/* SPDX-License-Identifier: MIT */
#include "state/lmdb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_name.h"
#include "state/lmdb_state.h"
#include "state/store_head.h"

/*
 * The room in the address space: the file grows as it is needed. Where there is
 * not so much, less does.
 */
#define LMDB_MAP_MAX ((size_t)1 << 38)
#define LMDB_MAP_MIN ((size_t)1 << 26)

const bool lmdb_built_in = true;

int lmdb_fail(const struct lmdb_store *lmdb, int r, const char *what,
	      struct gust_error *error)
{
	switch (r) {
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return gust_error_set(error, -EBADMSG,
				      "the state in '%s' is damaged: %s",
				      lmdb->path, mdb_strerror(r));
	case MDB_MAP_FULL:
		return gust_error_set(error, -ENOSPC,
				      "the state in '%s' cannot %s: it is as "
				      "large as it may become",
				      lmdb->path, what);
	case EIO:
		/* It says the same of a write that was cut short. */
		return gust_error_set(error, -EIO,
				      "the state in '%s' cannot %s: %s, or "
				      "the disk is full",
				      lmdb->path, what, mdb_strerror(r));
	default:
		break;
	}
	return gust_error_set(error, r > 0 ? -r : -EIO,
			      "the state in '%s' cannot %s: %s", lmdb->path,
			      what, mdb_strerror(r));
}

char *lmdb_folder(const struct store_place *place, const char *mark)
{
	char *topology = file_name_for(place->topology, ".state");
	char *component = file_name_for(place->component, "");
	char *folder = NULL;

	if (topology == NULL || component == NULL ||
	    asprintf(&folder, "%s/%s/%s%s", place->where, topology, mark,
		     component) < 0)
		folder = NULL;
	free(topology);
	free(component);
	return folder;
}

static void lmdb_close(struct store *store)
{
	struct lmdb_store *lmdb = (struct lmdb_store *)store;

	if (lmdb->reading != NULL)
		mdb_txn_abort(lmdb->reading);
	if (lmdb->env != NULL)
		mdb_env_close(lmdb->env);
	free(lmdb->key.data);
	free(lmdb->record.data);
	free(lmdb->swept.data);
	free(lmdb->path);
	free(lmdb);
}

static const struct store_backend lmdb_backend = {
	.name = "lmdb",
	.read = lmdb_read,
	.seek = lmdb_seek,
	.each = lmdb_each,
	.commit = lmdb_commit,
	.close = lmdb_close,
};

/* LMDB would die of a page that the file does not have. */
static int lmdb_check_size(const struct lmdb_store *lmdb,
			   struct gust_error *error)
{
	MDB_envinfo info;
	struct stat file;
	MDB_stat stat;
	int fd, r;

	r = mdb_env_get_fd(lmdb->env, &fd);
	if (r == 0)
		r = mdb_env_info(lmdb->env, &info);
	if (r == 0)
		r = mdb_env_stat(lmdb->env, &stat);
	if (r == 0 && fstat(fd, &file) < 0)
		r = errno;
	if (r != 0)
		return lmdb_fail(lmdb, r, "be read", error);
	if ((uint64_t)file.st_size / stat.ms_psize > info.me_last_pgno)
		return 0;
	return gust_error_set(error, -EBADMSG,
			      "the state in '%s' is damaged: its file has "
			      "%jd bytes, expected at least %zu",
			      lmdb->path, (intmax_t)file.st_size,
			      (info.me_last_pgno + 1) * stat.ms_psize);
}

/* Opens the environment in a folder that is there. */
static int lmdb_open_env(struct lmdb_store *lmdb, const char *folder,
			 const struct store_place *place, unsigned flags)
{
	size_t map = place->map_bytes;
	MDB_txn *txn;
	int r;

	if (map == 0)
		map = LMDB_MAP_MAX;
	flags |= MDB_NOTLS | MDB_NORDAHEAD;
	if (place->read_only)
		flags |= MDB_RDONLY;
	for (;; map /= 2) {
		r = mdb_env_create(&lmdb->env);
		if (r != 0)
			return r;
		r = mdb_env_set_mapsize(lmdb->env, map);
		if (r == 0)
			r = mdb_env_open(lmdb->env, folder, flags, 0666);
		if (r != ENOMEM || map < LMDB_MAP_MIN)
			break;
		mdb_env_close(lmdb->env);
		lmdb->env = NULL;
	}
	if (r == 0)
		r = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);
	if (r != 0)
		return r;
	r = mdb_dbi_open(txn, NULL, 0, &lmdb->dbi);
	mdb_txn_abort(txn);
	return r;
}

static int lmdb_write_head(struct lmdb_store *lmdb, MDB_txn *txn,
			   const struct store_place *place)
{
	MDB_val key = { STORE_HEAD_KEY_LENGTH, STORE_HEAD_KEY }, value;
	const struct gust_text name = { STORE_HEAD_KEY, STORE_HEAD_KEY_LENGTH };
	struct lmdb_buffer buffer = { NULL, 0 };
	struct gust_text head;
	int r = ENOMEM;

	head.data =
		store_head_make(place, lmdb->store.incarnation, &head.length);
	if (head.data != NULL && lmdb_give(&buffer, name, head, &value) == 0)
		r = mdb_put(txn, lmdb->dbi, &key, &value, 0);
	free((char *)(uintptr_t)head.data);
	free(buffer.data);
	return r;
}

/* Makes an environment with a head and nothing else, and closes it. */
static int lmdb_fill_new(const char *folder, const struct store_place *place)
{
	struct lmdb_store new = { .store.incarnation = 0 };
	MDB_txn *txn = NULL;
	int r = lmdb_open_env(&new, folder, place, 0);

	if (r == 0)
		r = mdb_txn_begin(new.env, NULL, 0, &txn);
	if (r == 0)
		r = lmdb_write_head(&new, txn, place);
	if (r == 0) {
		r = mdb_txn_commit(txn);
		txn = NULL;
	}
	if (txn != NULL)
		mdb_txn_abort(txn);
	if (new.env != NULL)
		mdb_env_close(new.env);
	return r;
}

static void lmdb_remove_file(const char *folder, const char *name)
{
	char *path = file_join(folder, name);

	if (path != NULL)
		(void)unlink(path);
	free(path);
}

/* Makes the folder of a task that has none. */
static int lmdb_create(const struct lmdb_store *lmdb, const char *above,
		       const struct store_place *place,
		       struct gust_error *error)
{
	char *new = NULL;
	int r = file_make_folder(above, error);

	if (r < 0)
		return r;
	if (asprintf(&new, "%s/" LMDB_NEW "%" PRIu32, above, place->task) < 0)
		return -ENOMEM;
	/* What is there comes from a creation that came to no end. */
	lmdb_remove_file(new, "data.mdb");
	lmdb_remove_file(new, "lock.mdb");
	if (mkdir(new, 0777) < 0 && errno != EEXIST)
		r = errno;
	if (r == 0)
		r = lmdb_fill_new(new, place);
	if (r == 0 && rename(new, lmdb->path) < 0)
		r = errno;
	if (r == 0)
		r = -file_sync_folder(above);
	free(new);
	return r == 0 ? 0 : lmdb_fail(lmdb, r, "be created", error);
}

/* Reads the head, and makes a new one for this opening unless that only reads.
 */
static int lmdb_begin_life(struct lmdb_store *lmdb,
			   const struct store_place *place, MDB_txn *txn,
			   struct gust_error *error)
{
	MDB_val key = { STORE_HEAD_KEY_LENGTH, STORE_HEAD_KEY }, value;
	struct gust_text whole, head;
	MDB_stat stat;
	int r = mdb_get(txn, lmdb->dbi, &key, &value);

	if (r == MDB_NOTFOUND ||
	    (r == 0 && lmdb_take(&key, &value, &whole, &head) < 0))
		r = MDB_CORRUPTED;
	if (r == 0)
		r = mdb_stat(txn, lmdb->dbi, &stat);
	if (r != 0)
		return lmdb_fail(lmdb, r, "be read", error);
	lmdb->store.fresh = stat.ms_entries <= 1;
	lmdb->mortal = !lmdb->store.fresh;
	r = store_head_check(head, place, lmdb->path, &lmdb->store.incarnation,
			     &lmdb->store.tasks, error);
	if (r < 0 || place->read_only)
		return r;
	lmdb->store.incarnation++;
	r = lmdb_write_head(lmdb, txn, place);
	return r == 0 ? 0 : lmdb_fail(lmdb, r, "be written to", error);
}

static int lmdb_start(struct lmdb_store *lmdb, const struct store_place *place,
		      struct gust_error *error)
{
	int dead, r = lmdb_check_size(lmdb, error);
	MDB_txn *txn;

	if (r < 0)
		return r;
	/* Readers that were killed would keep old pages for ever. */
	if (!place->read_only)
		(void)mdb_reader_check(lmdb->env, &dead);
	r = mdb_txn_begin(lmdb->env, NULL, place->read_only ? MDB_RDONLY : 0,
			  &txn);
	if (r != 0)
		return lmdb_fail(lmdb, r, "be opened", error);
	r = lmdb_begin_life(lmdb, place, txn, error);
	if (r < 0 || place->read_only) {
		mdb_txn_abort(txn);
		return r;
	}
	r = mdb_txn_commit(txn);
	return r == 0 ? 0 : lmdb_fail(lmdb, r, "be written to", error);
}

/* Sees to it that there is an environment to be opened. */
static int lmdb_find(struct lmdb_store *lmdb, const struct store_place *place,
		     struct gust_error *error)
{
	char *folder = lmdb_folder(place, place->aside ? LMDB_NEW : ""), *file;
	struct stat info;
	int r = 0;

	if (folder == NULL ||
	    asprintf(&lmdb->path, "%s/%" PRIu32, folder, place->task) < 0) {
		lmdb->path = NULL;
		free(folder);
		return -ENOMEM;
	}
	file = file_join(lmdb->path, "data.mdb");
	if (file == NULL)
		r = -ENOMEM;
	else if (access(lmdb->path, F_OK) != 0 && !place->read_only)
		r = lmdb_create(lmdb, folder, place, error);
	else if (access(lmdb->path, F_OK) != 0)
		r = gust_error_set(error, -ENOENT, "there is no state in '%s'",
				   lmdb->path);
	/* LMDB would take either of these for a new one. */
	if (r == 0 && (stat(file, &info) < 0 || info.st_size == 0))
		r = gust_error_set(error, -EBADMSG,
				   "the state in '%s' is damaged: 'data.mdb' "
				   "is missing or empty",
				   lmdb->path);
	free(folder);
	free(file);
	return r;
}

int lmdb_open(struct store **store, const struct store_place *place,
	      struct gust_error *error)
{
	struct lmdb_store *lmdb = calloc(1, sizeof(*lmdb));
	int r;

	if (lmdb == NULL)
		return -ENOMEM;
	lmdb->store.backend = &lmdb_backend;
	r = lmdb_find(lmdb, place, error);
	if (r == 0) {
		r = lmdb_open_env(lmdb, lmdb->path, place, 0);
		if (r != 0)
			r = lmdb_fail(lmdb, r, "be opened", error);
	}
	if (r == 0)
		r = lmdb_start(lmdb, place, error);
	if (r < 0) {
		lmdb_close(&lmdb->store);
		return r;
	}
	*store = &lmdb->store;
	return 0;
}
