/* SPDX-License-Identifier: MIT */

/* How an environment is written to. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "state/content.h"
#include "state/lmdb_state.h"
#include "state/store_head.h"

/* A commit looks at so many records for what has ended, and at as many again
 * for each two that it writes: a store in which all ends does not grow. */
#define LMDB_SWEEP 64u

/* What has ended stays so long, in ns: a task may see it live by its clock. */
#define LMDB_SWEEP_LATER INT64_C(60000000000)

/* Whether it is still this one that may write. */
static int lmdb_may_write(const struct lmdb_store *lmdb, MDB_txn *txn,
			  struct gust_error *error)
{
	MDB_val key = { STORE_HEAD_KEY_LENGTH, STORE_HEAD_KEY }, value;
	struct gust_text whole, head;
	int r = mdb_get(txn, lmdb->dbi, &key, &value);

	if (r == 0 && lmdb_take(&key, &value, &whole, &head) < 0)
		r = MDB_CORRUPTED;
	if (r != 0)
		return lmdb_fail(lmdb, r, "be read", error);
	if (store_head_incarnation(head) != lmdb->store.incarnation)
		return gust_error_set(error, -ESTALE,
				      "the state in '%s' has been opened anew "
				      "by another process",
				      lmdb->path);
	return 0;
}

static int lmdb_remove(MDB_cursor *cursor, struct lmdb_key *key)
{
	MDB_val value;
	int r = mdb_cursor_get(cursor, &key->val, &value, MDB_SET);

	if (r == 0)
		return mdb_cursor_del(cursor, 0);
	return r == MDB_NOTFOUND ? 0 : r;
}

static int lmdb_write_all(struct lmdb_store *lmdb, MDB_cursor *cursor,
			  const struct writes *writes)
{
	struct lmdb_buffer buffer = { NULL, 0 };
	struct lmdb_key key;
	struct write write;
	MDB_val value;
	int r = 0;

	for (size_t i = 0; i < writes->count && r == 0; i++) {
		write = writes_at(writes, i);
		lmdb_key(&key, write.key);
		if (write.record.length == 0) {
			r = lmdb_remove(cursor, &key);
			continue;
		}
		lmdb->mortal |=
			content_expires(write.record) != CONTENT_FOR_EVER;
		r = lmdb_give(&buffer, write.key, write.record, &value) < 0
			    ? ENOMEM
			    : mdb_cursor_put(cursor, &key.val, &value, 0);
	}
	free(buffer.data);
	return r;
}

/* Removes a record if it has ended. */
static int lmdb_sweep_one(struct lmdb_store *lmdb, MDB_cursor *cursor,
			  const MDB_val *key, const MDB_val *value, int64_t now)
{
	struct gust_text whole, record;
	int64_t expires;

	if (lmdb_take(key, value, &whole, &record) < 0)
		return MDB_CORRUPTED;
	expires = content_expires(record);
	lmdb->mortal_found |= expires != CONTENT_FOR_EVER;
	if (expires == CONTENT_FOR_EVER || expires > now - LMDB_SWEEP_LATER)
		return 0;
	return mdb_cursor_del(cursor, 0);
}

/* Where the round has come to, from where the next commit goes on. */
static int lmdb_sweep_stop(struct lmdb_store *lmdb, const MDB_val *key)
{
	if (lmdb_reserve(&lmdb->swept, key->mv_size) < 0)
		return ENOMEM;
	memcpy(lmdb->swept.data, key->mv_data, key->mv_size);
	lmdb->swept_length = key->mv_size;
	return 0;
}

/* Looks at the next `most` records for what has ended. */
static int lmdb_sweep(struct lmdb_store *lmdb, MDB_cursor *cursor, size_t most)
{
	MDB_val key = { lmdb->swept_length, lmdb->swept.data }, value;
	struct timespec time;
	int64_t now;
	int r;

	clock_gettime(CLOCK_REALTIME, &time);
	now = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
	if (lmdb->swept_length == 0)
		r = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
	else
		r = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	for (; r == 0; r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		if (most-- == 0)
			return lmdb_sweep_stop(lmdb, &key);
		if (((const char *)key.mv_data)[0] == '\0')
			continue;
		r = lmdb_sweep_one(lmdb, cursor, &key, &value, now);
		if (r != 0)
			break;
	}
	if (r != MDB_NOTFOUND)
		return r;
	/* The round is over; where nothing can end no other one begins. */
	lmdb->mortal = lmdb->mortal_found;
	lmdb->mortal_found = false;
	lmdb->swept_length = 0;
	return 0;
}

int lmdb_commit(struct store *store, struct writes *writes,
		struct gust_error *error)
{
	struct lmdb_store *lmdb = (struct lmdb_store *)store;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	int r = mdb_txn_begin(lmdb->env, NULL, 0, &txn);

	if (r != 0)
		return lmdb_fail(lmdb, r, "be written to", error);
	r = lmdb_may_write(lmdb, txn, error);
	if (r < 0) {
		mdb_txn_abort(txn);
		return r;
	}
	/* Neighbours are written together, and pages once. */
	writes_sort(writes);
	r = mdb_cursor_open(txn, lmdb->dbi, &cursor);
	if (r == 0)
		r = lmdb_write_all(lmdb, cursor, writes);
	if (r == 0 && lmdb->mortal)
		r = lmdb_sweep(lmdb, cursor, LMDB_SWEEP + writes->count / 2);
	if (cursor != NULL)
		mdb_cursor_close(cursor);
	if (r != 0)
		mdb_txn_abort(txn);
	else
		r = mdb_txn_commit(txn);
	return r == 0 ? 0 : lmdb_fail(lmdb, r, "be written to", error);
}
