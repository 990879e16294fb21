/* SPDX-License-Identifier: MIT */
#ifndef STATE_KEYSPACE_H
#define STATE_KEYSPACE_H

/*
 * All keyed state of one task: what stands behind gust/state.h.
 *
 * What the task reads and writes is in tables in memory, and with a durable
 * store behind them a table holds three kinds of keys: *dirty* ones, written
 * since the last freeze; *frozen* ones, which are in the set of writes that
 * is being stored; and others, which the store has as well and which may be
 * forgotten when memory is short. A read looks there, then into the store.
 *
 * A commit, as the host of the engine does it:
 *
 *	r = keyspace_freeze(keyspace, &writes);	   the task's thread
 *	r = store_commit(store, &writes, &error);  a committer's; again and
 *						   again until it is 0
 *	keyspace_committed(keyspace);		   the task's thread
 *
 * Only one set is frozen at a time. It is frozen between callbacks, and not
 * while a callback wants to be called again for the same tuple (GUST_MORE), so
 * that an effect is stored as a whole or not at all.
 *
 * States whose names begin with '.' are the runtime's own (windows, timers,
 * watermarks, identities), and are in the same transaction as the bolt's.
 *
 * The functions of gust/state.h but for gust_state() stand in this room: they
 * need no task. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/state.h>

#include "state/store.h"
#include "state/writes.h"

struct keyspace;

struct keyspace_options {
	/* NULL: in memory alone. Borrowed; it must live longer. */
	struct store *store;

	/* So many bytes may be held in memory: what goes beyond is -ENOSPC in
	 * memory alone and with a remote store; else clean keys are forgotten
	 * first. 0: no limit. */
	size_t budget;

	/* What can be undone is remembered; see keyspace_undo(). */
	bool undo;

	/* The task's clock, as gust_now(); needed for a time to live only. */
	uint64_t (*now)(void *context);
	void *context;

	/* What has to be added to it for ns since 1970, in which a store keeps
	 * the ends of lives. */
	int64_t since_epoch;
};

/*
 * Opens it, and reads a remote store as a whole. Returns 0, -ENOMEM, or an
 * error of store.h. `*keyspace` is written on success only; options are copied.
 */
int keyspace_open(struct keyspace **keyspace,
		  const struct keyspace_options *options,
		  struct gust_error *error);

/* Takes NULL. What was not committed is lost. */
void keyspace_close(struct keyspace *keyspace);

/* As gust_state(), but takes names of the runtime, too. */
int keyspace_state(struct keyspace *keyspace, const char *name, uint64_t ttl_ns,
		   struct gust_state **state, struct gust_error *error);

/*
 * Of a state of the runtime's own, behind a store: from now on it is written
 * and not read. What is stored of it is forgotten, and what is removed need not
 * be known.
 */
void keyspace_pass(struct gust_state *state);

/*
 * Brackets a callback, where `undo` was asked for: what has been written since
 * the last begin can be taken back, so that a callback that fails leaves
 * nothing. Nothing may be frozen between begin and undo.
 */
void keyspace_begin(struct keyspace *keyspace);
void keyspace_undo(struct keyspace *keyspace);

/*
 * Takes in a record of another store, by the key that it has there, as if it
 * had been written. Where the key is there already a counter is added, and of
 * anything else the record with the greater bytes is kept: 1. Else 0, -EBADMSG,
 * or as in gust/state.h.
 */
int keyspace_adopt(struct keyspace *keyspace, struct gust_text key,
		   struct gust_text record);

/* How many keys a freeze would store. */
size_t keyspace_dirty(const struct keyspace *keyspace);

/*
 * Puts all that is dirty into `writes`, which it empties first, and freezes it.
 * Nothing else may be frozen. 0 or -ENOMEM; then all is as before.
 */
int keyspace_freeze(struct keyspace *keyspace, struct writes *writes);

/* What was frozen is in the store. */
void keyspace_committed(struct keyspace *keyspace);

/* The memory held, in bytes. */
size_t keyspace_bytes(const struct keyspace *keyspace);

/*
 * The last trouble of the store that a function of gust/state.h met, for the
 * words of a message; "" if there was none.
 */
const char *keyspace_trouble(const struct keyspace *keyspace);

/* What that function returned; 0 if there was none. */
int keyspace_trouble_code(const struct keyspace *keyspace);

#endif
