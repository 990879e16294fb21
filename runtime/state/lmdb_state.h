/* SPDX-License-Identifier: MIT */
#ifndef STATE_LMDB_STATE_H
#define STATE_LMDB_STATE_H

/* A store in LMDB, as its files share it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lmdb.h>

#include "state/store.h"

#define LMDB_KEY_MAX 511u
#define LMDB_HASH 16u
#define LMDB_PREFIX (LMDB_KEY_MAX - LMDB_HASH)

/* What stands before the name of a folder that is not complete, and of one that
 * another one has taken the place of. */
#define LMDB_NEW ".new-"
#define LMDB_OLD ".old-"

/* Bytes that grow. */
struct lmdb_buffer {
	char *data;
	size_t room;
};

struct lmdb_store {
	struct store store;
	MDB_env *env;
	MDB_dbi dbi;
	char *path;

	/* The task's thread. */
	MDB_txn *reading; /* reset between the reads; NULL: none was yet */
	struct lmdb_buffer key, record;

	/* The thread that commits. */
	bool mortal;              /* some records may end */
	bool mortal_found;        /* by the round that is going on */
	struct lmdb_buffer swept; /* the round goes on behind this key */
	size_t swept_length;
};

/* The folder of all tasks of a component, with `mark` before its name; free it.
 * NULL: memory is short. */
char *lmdb_folder(const struct store_place *place, const char *mark);

/* A key as LMDB has it; `room` holds one that is too long. */
struct lmdb_key {
	MDB_val val;
	char room[LMDB_KEY_MAX];
};
void lmdb_key(struct lmdb_key *to, struct gust_text key);

/* Reads what stands under a key: the whole key, and the record, in place. 0 or
 * -EBADMSG. */
int lmdb_take(const MDB_val *key, const MDB_val *value, struct gust_text *whole,
	      struct gust_text *record);

/* What has to stand under a key, in `to`; 0 or -ENOMEM. */
int lmdb_give(struct lmdb_buffer *to, struct gust_text key,
	      struct gust_text record, MDB_val *value);

/* Makes room; 0 or -ENOMEM. */
int lmdb_reserve(struct lmdb_buffer *buffer, size_t size);

/* Says what LMDB says, and returns it as a negative errno of store.h. */
int lmdb_fail(const struct lmdb_store *lmdb, int r, const char *what,
	      struct gust_error *error);

int lmdb_read(struct store *store, struct gust_text key,
	      struct gust_text *record, struct gust_error *error);
int lmdb_seek(struct store *store, struct gust_text from, struct gust_text *key,
	      struct gust_text *record, struct gust_error *error);
int lmdb_each(struct store *store, store_each *tell, void *context,
	      struct gust_error *error);
int lmdb_commit(struct store *store, struct writes *writes,
		struct gust_error *error);

#endif
