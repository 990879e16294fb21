/* SPDX-License-Identifier: MIT */

#include "pairs.h"

#include <errno.h>

#include "source.h"

#ifdef HAVE_LMDB

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>

#include <gust/kit/cast.h>
#include <gust/kit/object.h>
#include <gust/kit/row.h>

/* The room in the address space for a file that grows; where there is not so
 * much, less does. */
#define PAIRS_MAP_MAX ((size_t)1 << 38)
#define PAIRS_MAP_MIN ((size_t)1 << 26)

/* Names of databases that are asked in one environment. */
#define PAIRS_NAMES_MAX 64u

const bool pairs_built_in = true;

/* One that is open, found by its file. */
struct environment {
	struct environment *next;
	MDB_env *env;
	dev_t device;
	ino_t inode;
	size_t users;
};

static pthread_mutex_t environments_lock = PTHREAD_MUTEX_INITIALIZER;
static struct environment *environments;

static int pairs_failed(const struct pairs *pairs, int r,
			struct gust_error *error)
{
	const char *why = mdb_strerror(r);

	switch (r) {
	case MDB_READERS_FULL:
		return gust_error_set(error, -EAGAIN, "%s: %s", pairs->path,
				      why);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
		return gust_error_set(error, -EBADMSG,
				      "%s: it is damaged, or no LMDB: %s",
				      pairs->path, why);
	default:
		return gust_error_set(error, r > 0 ? -r : -EIO, "%s: %s",
				      pairs->path, why);
	}
}

/* LMDB would die of a page that the file does not have. */
static int environment_check(const struct environment *environment, off_t size)
{
	MDB_envinfo info;
	MDB_stat stat;
	int r = mdb_env_info(environment->env, &info);

	if (r == 0)
		r = mdb_env_stat(environment->env, &stat);
	if (r == 0 && (uint64_t)size / stat.ms_psize <= info.me_last_pgno)
		r = MDB_CORRUPTED;
	return r;
}

static int environment_start(struct environment *environment, const char *path,
			     bool folder, off_t size)
{
	const unsigned flags = MDB_RDONLY | MDB_NOTLS | MDB_NORDAHEAD |
			       (folder ? 0u : MDB_NOSUBDIR);
	size_t map = PAIRS_MAP_MAX;
	int dead, r;

	for (;; map /= 2) {
		r = mdb_env_create(&environment->env);
		if (r != 0)
			return r;
		r = mdb_env_set_mapsize(environment->env, map);
		if (r == 0)
			r = mdb_env_set_maxdbs(environment->env,
					       PAIRS_NAMES_MAX);
		if (r == 0)
			r = mdb_env_open(environment->env, path, flags, 0666);
		if (r != ENOMEM || map < PAIRS_MAP_MIN)
			break;
		mdb_env_close(environment->env);
	}
	if (r == 0)
		r = environment_check(environment, size);
	if (r != 0)
		mdb_env_close(environment->env);
	else
		(void)mdb_reader_check(environment->env, &dead);
	return r;
}

/* With the lock: one that is open, or opens it. */
static int environment_find(struct environment **found, const char *path,
			    bool folder, const struct stat *file)
{
	struct environment *environment = environments;
	int r;

	while (environment != NULL && (environment->device != file->st_dev ||
				       environment->inode != file->st_ino))
		environment = environment->next;
	if (environment == NULL) {
		environment = calloc(1, sizeof(*environment));
		if (environment == NULL)
			return ENOMEM;
		r = environment_start(environment, path, folder, file->st_size);
		if (r != 0) {
			free(environment);
			return r;
		}
		environment->device = file->st_dev;
		environment->inode = file->st_ino;
		environment->next = environments;
		environments = environment;
	}
	environment->users++;
	*found = environment;
	return 0;
}

/* With the lock. */
static void environment_leave(struct environment *environment)
{
	struct environment **at = &environments;

	if (environment == NULL || --environment->users > 0)
		return;
	while (*at != environment)
		at = &(*at)->next;
	*at = environment->next;
	mdb_env_close(environment->env);
	free(environment);
}

/* With the lock: no two may open databases at the same time. */
static int pairs_open_database(struct pairs *pairs, const char *name,
			       unsigned *flags)
{
	MDB_txn *txn;
	int r = mdb_txn_begin(pairs->environment->env, NULL, MDB_RDONLY, &txn);

	if (r != 0)
		return r;
	r = mdb_dbi_open(txn, name, 0, &pairs->dbi);
	if (r == 0)
		r = mdb_dbi_flags(txn, pairs->dbi, flags);
	/* An abort would close the database. */
	if (r == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return r;
}

/* Finds the file that `path` is, or that is in it. */
static int pairs_look(struct pairs *pairs, const char *path, bool *folder,
		      struct stat *file, struct gust_error *error)
{
	int r = stat(path, file) < 0 ? errno : 0;

	*folder = r == 0 && S_ISDIR(file->st_mode);
	if (asprintf(&pairs->path, "%s%s", path, *folder ? "/data.mdb" : "") <
	    0) {
		pairs->path = NULL;
		return -ENOMEM;
	}
	if (*folder && stat(pairs->path, file) < 0)
		r = errno;
	if (r != 0)
		return pairs_failed(pairs, r, error);
	/* LMDB would take an empty one for a new one. */
	return S_ISREG(file->st_mode) && file->st_size > 0
		       ? 0
		       : pairs_failed(pairs, MDB_INVALID, error);
}

int pairs_open(struct pairs *pairs, const struct source_want *want,
	       struct gust_error *error)
{
	struct stat file;
	unsigned flags = 0;
	bool folder;
	int r = pairs_look(pairs, want->path, &folder, &file, error);

	if (r < 0)
		return r;
	pthread_mutex_lock(&environments_lock);
	r = environment_find(&pairs->environment, want->path, folder, &file);
	if (r == 0)
		r = pairs_open_database(pairs, want->table, &flags);
	pthread_mutex_unlock(&environments_lock);
	if (r == MDB_NOTFOUND)
		return gust_error_set(error, -ENOENT,
				      "%s: no database is named '%.80s'",
				      pairs->path, want->table);
	if (r != 0)
		return pairs_failed(pairs, r, error);
	if ((flags & MDB_INTEGERKEY) != 0)
		return gust_error_set(error, -EINVAL,
				      "%s: its keys are numbers of the machine "
				      "(MDB_INTEGERKEY), expected texts",
				      pairs->path);
	(void)pairs_have_changed(pairs);
	return 0;
}

void pairs_close(struct pairs *pairs)
{
	mdb_txn_abort(pairs->reading);
	pthread_mutex_lock(&environments_lock);
	environment_leave(pairs->environment);
	pthread_mutex_unlock(&environments_lock);
	buffer_destroy(&pairs->text);
	buffer_destroy(&pairs->values);
	free(pairs->path);
	*pairs = (struct pairs){ 0 };
}

/* The members of an object that `add` names. */
static int pairs_members(struct pairs *pairs, const struct source_want *want,
			 const MDB_val *value, struct gust_value *row,
			 struct buffer *to, struct gust_error *why)
{
	struct gust_column columns[SOURCE_COLUMNS_MAX + 1] = { { 0 } };
	json_t *object;
	size_t i;
	int r;

	for (i = 0; i < want->add->count; i++)
		columns[i] = (struct gust_column){ want->add->keys[i],
						   want->types[i] };
	r = object_load(&object, value->mv_data, value->mv_size, why);
	if (r < 0)
		return r;
	pairs->values.used = 0;
	r = object_values(object, columns, &pairs->values, row, why);
	if (r == 0)
		r = row_append(to, row, want->add->count);
	json_decref(object);
	return r;
}

/* Appends what a value says. -EINVAL: it is another one than is wanted, which
 * `why` says. */
static int pairs_row(struct pairs *pairs, const struct source_want *want,
		     const MDB_val *value, struct buffer *to,
		     struct gust_error *why)
{
	struct gust_value row[SOURCE_COLUMNS_MAX];
	int r;

	if (want->add->count > 1 || strcmp(want->add->keys[0], "value") != 0)
		return pairs_members(pairs, want, value, row, to, why);
	r = cast_text(value->mv_data, value->mv_size, want->types[0], row);
	if (r == -EINVAL || r == -ERANGE)
		return gust_error_set(why, -EINVAL, "it is no %s",
				      gust_type_name(want->types[0]));
	return r < 0 ? r : row_append(to, row, 1);
}

static int pairs_read(struct pairs *pairs, const struct source_want *want,
		      MDB_val *key, struct buffer *row,
		      struct gust_error *error)
{
	struct gust_error why = { 0 };
	MDB_val value;
	int r = mdb_get(pairs->reading, pairs->dbi, key, &value);

	if (r == MDB_NOTFOUND)
		return 0;
	if (r != 0)
		return pairs_failed(pairs, r, error);
	r = pairs_row(pairs, want, &value, row, &why);
	if (r != -EINVAL)
		return r;
	return gust_error_set(error, r, "%s: value of '%.*s': %s", pairs->path,
			      (int)(key->mv_size < 80 ? key->mv_size : 80),
			      (const char *)key->mv_data, why.text);
}

int pairs_find(struct pairs *pairs, const struct source_want *want,
	       const struct gust_value *key, struct buffer *row,
	       struct gust_error *error)
{
	MDB_env *env = pairs->environment->env;
	struct gust_value text;
	MDB_val at;
	int r;

	pairs->text.used = 0;
	r = cast_value(*key, GUST_STRING, &pairs->text, &text);
	if (r < 0)
		return r;
	at.mv_size = text.length;
	at.mv_data = (char *)(uintptr_t)text.as.data;
	/* There are no such keys. */
	if (text.length == 0 ||
	    text.length > (size_t)mdb_env_get_maxkeysize(env))
		return 0;
	r = pairs->reading != NULL
		    ? mdb_txn_renew(pairs->reading)
		    : mdb_txn_begin(env, NULL, MDB_RDONLY, &pairs->reading);
	if (r != 0)
		return pairs_failed(pairs, r, error);
	r = pairs_read(pairs, want, &at, row, error);
	/* Else what is overwritten meanwhile could not be used again. */
	mdb_txn_reset(pairs->reading);
	return r;
}

bool pairs_have_changed(struct pairs *pairs)
{
	MDB_envinfo info;

	if (mdb_env_info(pairs->environment->env, &info) != 0 ||
	    info.me_last_txnid == pairs->seen)
		return false;
	pairs->seen = info.me_last_txnid;
	return true;
}

bool pairs_have_moved(const struct pairs *pairs)
{
	struct stat file;

	return stat(pairs->path, &file) < 0 ||
	       file.st_dev != pairs->environment->device ||
	       file.st_ino != pairs->environment->inode;
}

#else

const bool pairs_built_in = false;

int pairs_open(struct pairs *pairs, const struct source_want *want,
	       struct gust_error *error)
{
	(void)pairs;
	(void)want;
	(void)error;
	return -ENOTSUP;
}

void pairs_close(struct pairs *pairs)
{
	(void)pairs;
}

int pairs_find(struct pairs *pairs, const struct source_want *want,
	       const struct gust_value *key, struct buffer *row,
	       struct gust_error *error)
{
	(void)pairs;
	(void)want;
	(void)key;
	(void)row;
	(void)error;
	return -ENOTSUP;
}

bool pairs_have_changed(struct pairs *pairs)
{
	(void)pairs;
	return false;
}

bool pairs_have_moved(const struct pairs *pairs)
{
	(void)pairs;
	return false;
}

#endif
