/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_SESSION_H
#define WINDOW_SESSION_H

/* Sessions, between session.c, which is what they do, and session_save.c. */

#include "base/pool.h"
#include "window/calendar.h"
#include "window/heap.h"
#include "window/ring.h"
#include "window/table.h"
#include "window/windows_state.h"

/* All sessions of a key. */
struct visitor {
	struct session *first; /* by time */
	size_t size;
	int64_t past;    /* windows_done() when it came */
	struct key *key; /* behind it */
};

struct session {
	struct session *next;
	struct visitor *visitor;
	int64_t begin; /* the first tuple */
	int64_t last;
	struct sheaf *sheaf;
	bool fired;
	int64_t id;     /* in a store */
	uint32_t shown; /* parts there whose tuples were handed over */
	struct saver_link saved;
	struct heap_link link; /* in `open` or in `fired` */
	struct ring late;      /* changed after it was handed over */
	struct ring fresh;     /* changed since the last windows_early() */
	_Alignas(16) struct portion portion;
};

struct sessions {
	struct table visitors;
	struct heap open;
	struct heap fired;
	struct ring late;
	struct ring fresh;
	struct pool pool;
	size_t size; /* of a session */
	uint64_t count;
	uint64_t bytes;
	int64_t next_id;
};

int64_t session_end(const struct windows *windows,
		    const struct session *session);
/* At which watermark it goes. */
int64_t session_until(const struct windows *windows,
		      const struct session *session);

/* The visitor with that key, or NULL; a new one, NULL when memory is short. */
struct visitor *visitor_find(const struct sessions *sessions, uint64_t hash,
			     const struct gust_value *keys);
struct visitor *visitor_create(struct windows *windows,
			       const struct gust_value *keys, uint64_t hash);
/* Frees a visitor that has no session. */
void visitor_release(struct sessions *sessions, struct visitor *visitor);

/* A new one that begins with a tuple, before `*at` in the list. */
int session_begin(struct windows *windows, struct visitor *visitor,
		  struct session **at, int64_t time, struct session **begun);
/* Takes one out of the list of its visitor and frees it. */
void session_drop(struct windows *windows, struct session *session);

/* Notes that one goes; then those of a struct windows_kind. */
void session_forget(struct windows *windows, struct session *session);
void session_save(struct windows *windows, const struct saver_change *change);
int session_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value);

/* The watermark as a visitor has it. */
static inline int64_t visitor_watermark(const struct windows *windows,
					const struct visitor *visitor)
{
	return visitor->past > windows->watermark ? visitor->past
						  : windows->watermark;
}

#endif
