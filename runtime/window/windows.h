/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_WINDOWS_H
#define WINDOW_WINDOWS_H

/*
 * The windows of one task: which tuple is in which, what each came to, and when
 * it is handed to the bolt.
 *
 * It is pure: it has neither a clock nor a thread, and knows no tree and no
 * channel. The engine gives it tuples and the watermark; it calls the contract
 * of the bolt (gust/window.h), and tells its host which tuples a call of that
 * settles.
 *
 * *Sheaves* are what it knows of acking: a sheaf is the host's, and stands for
 * the tuples whose last window is the same. They are fired in the order in
 * which their windows are handed over; the host releases a sheaf when all that
 * was emitted by its firing, and by those before, is processed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/window.h>

struct spill;
struct windows;
struct sheaf; /* the host's; NULL where nothing is to be held */

struct windows_host {
	void *self;

	/* A new sheaf, or NULL: tuples are acked by other means. */
	struct sheaf *(*sheaf)(void *self);
	/* Sessions that become one: `from` is gone. */
	void (*join)(void *self, struct sheaf *into, struct sheaf *from);

	/* Around calls of result() or whole(): `time` is that of what they
	 * emit. end() passes the sheaf that is settled when what was emitted
	 * since begin() is processed; NULL: none is. */
	void (*begin)(void *self, int64_t time);
	void (*end)(void *self, struct sheaf *settled);

	/* Whether there is room to hand over another window now. */
	bool (*room)(void *self);

	/* Of durable windows: which task it is, of how many; 0: of one. And the
	 * hash by which tuples with these keys are dealt out among them; NULL:
	 * they are not by their keys. */
	uint32_t task, tasks;
	uint64_t (*grouped)(void *self, const struct gust_value *keys);

	/* For tuples of whole windows that memory has no share for, borrowed;
	 * NULL: all are in memory. Its errors are those of windows_add(). */
	const struct spill *spill;
};

/*
 * `spec`, `contract` and the `instance` and `task` that its callbacks get
 * outlive it. -ENOMEM; -EINVAL sets `error`: the zone is not known.
 */
int windows_create(const struct gust_window_spec *spec,
		   const struct gust_windowing *contract, void *instance,
		   struct gust_task *task, const struct windows_host *host,
		   struct windows **windows, struct gust_error *error);

/* Takes NULL. Sheaves are the host's affair. */
void windows_destroy(struct windows *windows);

/* What windows_add() says of a tuple that is in no window that is still there:
 * nothing was done. */
#define WINDOWS_LATE 1

/*
 * Adds a tuple. `keys` are the values of spec->keys in it, `hash` their
 * record_hash(); `time` is its event time. `*sheaf` is the one that it is in,
 * which may be NULL. If it is late but allowed, its windows are handed over
 * again by the next windows_advance(). 0, WINDOWS_LATE, -ENOMEM, or what the
 * contract's add() or the spill has returned: then it was not added.
 */
int windows_add(struct windows *windows, const struct gust_tuple *in,
		const struct gust_value *keys, uint64_t hash, int64_t time,
		struct sheaf **sheaf);

/*
 * The watermark is `watermark` now; INT64_MAX at a FLUSH, which hands over all
 * that is open and leaves nothing; afterwards it is what it was. Windows of
 * count are handed over here as well, so it is to be called after tuples were
 * added, too, if windows_due() says so. 0; GUST_MORE: there was no room, call
 * again; or what the contract returned.
 */
int windows_advance(struct windows *windows, int64_t watermark);

/* Whether windows_advance() with that watermark has something to do. */
bool windows_due(const struct windows *windows, int64_t watermark);

/* At which watermark the next window ends; INT64_MAX: there is none. */
int64_t windows_next(const struct windows *windows);

/* Hands over the open windows that have changed since they last were, as they
 * are (GUST_EARLY). As windows_advance(). */
int windows_early(struct windows *windows);

/* What it takes in memory, in bytes; how many tuples and windows are in it. */
struct windows_usage {
	uint64_t bytes;
	uint64_t tuples;
	uint64_t windows; /* by key and slice */
};
struct windows_usage windows_usage(const struct windows *windows);

/*
 * Durable state: entries of a key and a value, in groups. They are bytes that
 * mean something here and in window/moved.h only.
 *
 * Of a window that is not whole the entry is written anew when it has changed.
 * Of a whole one a part is added, with the tuples that came since the last
 * windows_save(): so each tuple is written once, but where sessions meet.
 */
enum windows_group {
	WINDOWS_ABOUT, /* the head, and how far the windows are */
	WINDOWS_CELLS, /* what is open */
	WINDOWS_PARTS  /* tuples of whole windows that are open */
};

/* Takes an entry, with a NULL value if it is gone; a key that was never there
 * may be gone as well. Returns 0 or a negative errno. */
typedef int windows_put(void *context, enum windows_group group,
			struct gust_text key, const struct gust_text *value);

/*
 * Passes the entries that have changed since the last call to `put`. The first
 * call has to come before the first tuple, or after windows_restored(); from
 * then on changes are noted. -EAGAIN: windows_advance() is to be called first,
 * since windows_due(). Else what `put` has returned, or -ENOMEM: that is fatal.
 *
 * windows_restore() is given all of them before the first tuple: the groups in
 * their order, in each the entries in the order of the bytes of their keys, and
 * windows_restored() behind the first group. -EBADMSG: it is not such an entry,
 * or of other windows or another contract. -ENOTSUP: the entry with the key
 * WINDOWS_HEAD, which begins with the format as an int64_t, has a newer one
 * than WINDOWS_FORMAT.
 */
#define WINDOWS_FORMAT 2
#define WINDOWS_HEAD "w"
#define WINDOWS_FACT "d" /* of window/past.h; for window/moved.h */
int windows_save(struct windows *windows, windows_put *put, void *context);
int windows_restore(struct windows *windows, enum windows_group group,
		    struct gust_text key, struct gust_text value);
void windows_restored(struct windows *windows);

#endif
