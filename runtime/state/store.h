/* SPDX-License-Identifier: MIT */
#ifndef STATE_STORE_H
#define STATE_STORE_H

/*
 * The durable store of one task: records by keys, in the order of the keys'
 * bytes, changed by whole transactions.
 *
 * What it begins with: the format's version, whose it is (topology, component,
 * task of how many), and an incarnation, which counts how often it has been
 * opened for writing. Who has opened it last may write; commits of one who has
 * opened it earlier, and may believe to be alive, are refused.
 *
 * Threads: read(), seek() and each() belong to the task's thread, commit() to
 * one other thread at a time, which may run at the same time; open and close to
 * whoever is alone with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/tuple.h>

#include "state/writes.h"

/* The format that is written; older ones are read, newer ones refused. */
#define STORE_FORMAT 1

/* A longer key is refused by gust/state.h. */
#define STORE_KEY_MAX ((size_t)64 * 1024)

enum store_kind { STORE_MEMORY = 0, STORE_LMDB = 1, STORE_REDIS = 2 };

/* What is opened; texts are borrowed. */
struct store_place {
	enum store_kind kind;
	/* LMDB: the folder that holds those of all components; Redis:
	 * see redis.h. */
	const char *where;
	const char *topology;
	const char *component;
	uint32_t task;  /* by its index in the component */
	uint32_t tasks; /* so many it has; 0 with `read_only`: any number */
	bool read_only; /* it must be there, and may be in use by others */
	bool aside; /* new ones, which reshard() has take the others' place */
	size_t map_bytes; /* LMDB: how large it may become; 0: 256 GiB */
};

struct store;

/* Called for a record; both texts are borrowed for the call. Ends early with
 * what it returns if that is not 0. */
typedef int store_each(void *context, struct gust_text key,
		       struct gust_text record);

struct store_backend {
	const char *name; /* as topology.state.provider has it */

	/*
	 * Reading goes over a network: a keyspace reads all of it at the
	 * beginning and keeps it in memory.
	 */
	bool remote;

	/* 1: it is there; `record` is borrowed until the next call of read()
	 * or seek(). 0; or as below. NULL if `remote`. */
	int (*read)(struct store *store, struct gust_text key,
		    struct gust_text *record, struct gust_error *error);

	/* The first record whose key is not less than `from`. 1, 0 if there is
	 * none; both are borrowed as above. NULL if `remote`. */
	int (*seek)(struct store *store, struct gust_text from,
		    struct gust_text *key, struct gust_text *record,
		    struct gust_error *error);

	/* All records, as they are when it begins, in the order of keys unless
	 * `remote`. */
	int (*each)(struct store *store, store_each *tell, void *context,
		    struct gust_error *error);

	/*
	 * Stores all of it or nothing; 0 means that it outlives the machine.
	 * After any failure the same may be tried again; what is already there
	 * does no harm.
	 */
	int (*commit)(struct store *store, struct writes *writes,
		      struct gust_error *error);

	void (*close)(struct store *store);
};

/* A backend's own begins with it. */
struct store {
	const struct store_backend *backend;
	uint64_t incarnation; /* of this opening */
	uint32_t tasks;       /* whose state it is */
	bool fresh;           /* it was empty when it was opened */
	const char *warning;  /* why it is not durable, or NULL: to be logged */
};

/* Whether the library that it takes was there when this was built. */
bool store_built_in(enum store_kind kind);

/* The provider of that name: "memory", "lmdb" or "redis". 0, -EINVAL. */
int store_kind_named(const char *name, enum store_kind *kind,
		     struct gust_error *error);

/*
 * Opens or creates a store. All errors of this page:
 *
 *	-EAGAIN   the server cannot be reached at the moment
 *	-EBADMSG  it is damaged; nothing has been changed
 *	-ENOTSUP  its format is newer, or its provider is not built in
 *	-EBUSY    it is that of another number of tasks (open), see reshard.h
 *	-ESTALE   it has been opened anew by somebody else (commit): stop
 *	-ENOSPC   the disk, or the map's limit, or the server's memory is full
 *	-ENOENT   there is none (read_only)
 *	-ENOMEM, -EIO, -EACCES, ...
 *
 * `*store` is written on success only.
 */
int store_open(struct store **store, const struct store_place *place,
	       struct gust_error *error);

static inline int store_read(struct store *store, struct gust_text key,
			     struct gust_text *record, struct gust_error *error)
{
	return store->backend->read(store, key, record, error);
}

static inline int store_commit(struct store *store, struct writes *writes,
			       struct gust_error *error)
{
	return store->backend->commit(store, writes, error);
}

/* Takes NULL. What was not committed is lost. */
void store_close(struct store *store);

#endif
