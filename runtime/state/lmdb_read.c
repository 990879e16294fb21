/* SPDX-License-Identifier: MIT */

/* What stands in an environment, and how it is read. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/keycode.h"
#include "state/lmdb_state.h"

#define LMDB_NUMBER sizeof(uint32_t)

int lmdb_reserve(struct lmdb_buffer *buffer, size_t size)
{
	char *grown;

	if (size <= buffer->room)
		return 0;
	grown = realloc(buffer->data, 2 * size);
	if (grown == NULL)
		return -ENOMEM;
	buffer->data = grown;
	buffer->room = 2 * size;
	return 0;
}

void lmdb_key(struct lmdb_key *to, struct gust_text key)
{
	XXH128_canonical_t hash;

	to->val.mv_size = key.length;
	to->val.mv_data = (char *)(uintptr_t)key.data;
	/* One of just that length would look like one that is represented. */
	if (key.length < LMDB_KEY_MAX)
		return;
	XXH128_canonicalFromHash(&hash, XXH3_128bits(key.data, key.length));
	memcpy(to->room, key.data, LMDB_PREFIX);
	memcpy(to->room + LMDB_PREFIX, hash.digest, LMDB_HASH);
	to->val.mv_size = LMDB_KEY_MAX;
	to->val.mv_data = to->room;
}

static uint32_t lmdb_check_of(struct gust_text key, struct gust_text record)
{
	return (uint32_t)hash_bytes_from(record.data, record.length,
					 hash_bytes(key.data, key.length));
}

int lmdb_take(const MDB_val *key, const MDB_val *value, struct gust_text *whole,
	      struct gust_text *record)
{
	const char *at = value->mv_data, *end = at + value->mv_size;
	uint32_t number;

	*whole = (struct gust_text){ key->mv_data, key->mv_size };
	if (value->mv_size < LMDB_NUMBER)
		return -EBADMSG;
	if (key->mv_size == LMDB_KEY_MAX) {
		memcpy(&number, at, sizeof(number));
		at += sizeof(number);
		if (number < LMDB_KEY_MAX ||
		    (size_t)(end - at) < number + LMDB_NUMBER)
			return -EBADMSG;
		*whole = (struct gust_text){ at, number };
		at += number;
	}
	end -= sizeof(number);
	memcpy(&number, end, sizeof(number));
	*record = (struct gust_text){ at, (size_t)(end - at) };
	return number == lmdb_check_of(*whole, *record) ? 0 : -EBADMSG;
}

int lmdb_give(struct lmdb_buffer *to, struct gust_text key,
	      struct gust_text record, MDB_val *value)
{
	const uint32_t check = lmdb_check_of(key, record);
	const uint32_t length = (uint32_t)key.length;
	const bool whole = key.length >= LMDB_KEY_MAX;
	char *at;

	value->mv_size = record.length + LMDB_NUMBER +
			 (whole ? LMDB_NUMBER + key.length : 0);
	if (lmdb_reserve(to, value->mv_size) < 0)
		return -ENOMEM;
	at = to->data;
	value->mv_data = at;
	if (whole) {
		memcpy(at, &length, sizeof(length));
		memcpy(at + sizeof(length), key.data, key.length);
		at += sizeof(length) + key.length;
	}
	memcpy(at, record.data, record.length);
	memcpy(at + record.length, &check, sizeof(check));
	return 0;
}

/* Begins to read what is there now. */
static int lmdb_begin(struct lmdb_store *lmdb)
{
	return lmdb->reading == NULL ? mdb_txn_begin(lmdb->env, NULL,
						     MDB_RDONLY, &lmdb->reading)
				     : mdb_txn_renew(lmdb->reading);
}

/* Ends it, or what is overwritten meanwhile could not be used again. */
static void lmdb_end(struct lmdb_store *lmdb)
{
	if (lmdb->reading != NULL)
		mdb_txn_reset(lmdb->reading);
}

static int lmdb_keep(struct lmdb_buffer *buffer, struct gust_text *text)
{
	if (lmdb_reserve(buffer, text->length + 1) < 0)
		return -ENOMEM;
	memcpy(buffer->data, text->data, text->length);
	text->data = buffer->data;
	return 0;
}

int lmdb_read(struct store *store, struct gust_text key,
	      struct gust_text *record, struct gust_error *error)
{
	struct lmdb_store *lmdb = (struct lmdb_store *)store;
	struct gust_text whole;
	struct lmdb_key at;
	MDB_val value;
	int r = lmdb_begin(lmdb);

	lmdb_key(&at, key);
	if (r == 0)
		r = mdb_get(lmdb->reading, lmdb->dbi, &at.val, &value);
	if (r == 0)
		r = lmdb_take(&at.val, &value, &whole, record) == 0
			    ? 0
			    : MDB_CORRUPTED;
	if (r == 0 && lmdb_keep(&lmdb->record, record) < 0)
		r = ENOMEM;
	lmdb_end(lmdb);
	if (r == MDB_NOTFOUND)
		return 0;
	return r == 0 ? 1 : lmdb_fail(lmdb, r, "be read", error);
}

static bool lmdb_alike(const MDB_val *key, const char *prefix)
{
	return key->mv_size >= LMDB_PREFIX &&
	       memcmp(key->mv_data, prefix, LMDB_PREFIX) == 0;
}

/* A place of a cursor. */
struct lmdb_place {
	MDB_val key, value;
};

/*
 * Looks among the keys that begin with `prefix` for the least one that is not
 * less than `from`. 0: the place is behind all of them; MDB_NOTFOUND: that is
 * the end.
 */
static int lmdb_least(MDB_cursor *cursor, const char *prefix,
		      struct gust_text from, struct lmdb_place *at, bool *found,
		      struct gust_text *key, struct gust_text *record)
{
	struct gust_text one, its;
	int r;

	at->key.mv_data = (char *)(uintptr_t)prefix;
	at->key.mv_size = LMDB_PREFIX;
	r = mdb_cursor_get(cursor, &at->key, &at->value, MDB_SET_RANGE);
	while (r == 0 && lmdb_alike(&at->key, prefix)) {
		if (lmdb_take(&at->key, &at->value, &one, &its) < 0)
			return MDB_CORRUPTED;
		if (keycode_compare(one, from) >= 0 &&
		    (!*found || keycode_compare(one, *key) < 0)) {
			*key = one;
			*record = its;
			*found = true;
		}
		r = mdb_cursor_get(cursor, &at->key, &at->value, MDB_NEXT);
	}
	return r;
}

/* The first record whose key is not less than `from`. */
static int lmdb_first(MDB_cursor *cursor, struct gust_text from,
		      struct gust_text *key, struct gust_text *record)
{
	char prefix[LMDB_PREFIX];
	struct lmdb_place at;
	bool found = false;
	int r;

	if (from.length >= LMDB_PREFIX) {
		memcpy(prefix, from.data, LMDB_PREFIX);
		r = lmdb_least(cursor, prefix, from, &at, &found, key, record);
	} else {
		at.key.mv_data = (char *)(uintptr_t)from.data;
		at.key.mv_size = from.length;
		r = mdb_cursor_get(cursor, &at.key, &at.value, MDB_SET_RANGE);
	}
	if (found && (r == 0 || r == MDB_NOTFOUND))
		return 0;
	/* The head is no record. */
	if (r == 0 && ((const char *)at.key.mv_data)[0] == '\0')
		r = mdb_cursor_get(cursor, &at.key, &at.value, MDB_NEXT);
	if (r != 0)
		return r;
	if (at.key.mv_size < LMDB_PREFIX)
		return lmdb_take(&at.key, &at.value, key, record) < 0
			       ? MDB_CORRUPTED
			       : 0;
	memcpy(prefix, at.key.mv_data, LMDB_PREFIX);
	r = lmdb_least(cursor, prefix, from, &at, &found, key, record);
	return found && r == MDB_NOTFOUND ? 0 : r;
}

int lmdb_seek(struct store *store, struct gust_text from, struct gust_text *key,
	      struct gust_text *record, struct gust_error *error)
{
	struct lmdb_store *lmdb = (struct lmdb_store *)store;
	MDB_cursor *cursor = NULL;
	int r = lmdb_begin(lmdb);

	if (r == 0)
		r = mdb_cursor_open(lmdb->reading, lmdb->dbi, &cursor);
	if (r == 0)
		r = lmdb_first(cursor, from, key, record);
	if (r == 0 && (lmdb_keep(&lmdb->key, key) < 0 ||
		       lmdb_keep(&lmdb->record, record) < 0))
		r = ENOMEM;
	if (cursor != NULL)
		mdb_cursor_close(cursor);
	lmdb_end(lmdb);
	if (r == MDB_NOTFOUND)
		return 0;
	return r == 0 ? 1 : lmdb_fail(lmdb, r, "be read", error);
}

/* Goes on behind a key. */
static int lmdb_behind(struct lmdb_buffer *from, struct gust_text *at,
		       struct gust_text key)
{
	if (lmdb_reserve(from, key.length + 1) < 0)
		return ENOMEM;
	memcpy(from->data, key.data, key.length);
	from->data[key.length] = '\0';
	*at = (struct gust_text){ from->data, key.length + 1 };
	return 0;
}

int lmdb_each(struct store *store, store_each *tell, void *context,
	      struct gust_error *error)
{
	struct lmdb_store *lmdb = (struct lmdb_store *)store;
	struct gust_text at = { "\0", 1 }, key, record;
	struct lmdb_buffer from = { NULL, 0 };
	MDB_cursor *cursor = NULL;
	MDB_txn *txn = NULL;
	int r, told = 0;

	r = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);
	if (r == 0)
		r = mdb_cursor_open(txn, lmdb->dbi, &cursor);
	while (r == 0 && told == 0) {
		r = lmdb_first(cursor, at, &key, &record);
		if (r == 0)
			told = tell(context, key, record);
		if (r == 0)
			r = lmdb_behind(&from, &at, key);
	}
	if (cursor != NULL)
		mdb_cursor_close(cursor);
	if (txn != NULL)
		mdb_txn_abort(txn);
	free(from.data);
	if (told != 0 || r == MDB_NOTFOUND)
		return told;
	return lmdb_fail(lmdb, r, "be read", error);
}
