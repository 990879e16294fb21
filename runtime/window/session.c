/* SPDX-License-Identifier: MIT */

/*
 * Windows that last as long as tuples of their key come within `gap` of each
 * other.
 *
 * Sessions of a key are in a list by time; they do not overlap. One that is
 * open is in a heap by its end, or by an end that it has had: it is looked at
 * then, and put back, so that a tuple moves nothing in there. One that has been
 * handed over stays in another heap as long as late tuples may come for it.
 */

#include "window/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int session_create(struct windows *windows, struct gust_error *error)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	(void)error;
	if (sessions == NULL)
		return -ENOMEM;
	windows->state = sessions;
	ring_init(&sessions->late);
	ring_init(&sessions->fresh);
	sessions->size =
		sizeof(struct session) + portion_inline(&windows->contract);
	return 0;
}

int64_t session_end(const struct windows *windows,
		    const struct session *session)
{
	return calendar_sum(session->last, windows->spec->gap);
}

int64_t session_until(const struct windows *windows,
		      const struct session *session)
{
	return calendar_sum(session_end(windows, session),
			    windows->spec->lateness);
}

/* Frees one that is in no list of its visitor's any more. */
static void session_free(struct windows *windows, struct session *session)
{
	struct sessions *sessions = windows->state;

	if (session->link.place > 0)
		heap_remove(session->fired ? &sessions->fired : &sessions->open,
			    &session->link);
	ring_remove(&session->late);
	ring_remove(&session->fresh);
	session_forget(windows, session);
	portion_end(&windows->contract, &session->portion);
	sessions->count--;
	sessions->bytes -= sessions->size;
	pool_free(&sessions->pool, session, sessions->size);
}

struct visitor *visitor_find(const struct sessions *sessions, uint64_t hash,
			     const struct gust_value *keys)
{
	size_t at = table_begin(&sessions->visitors, hash);
	struct visitor *visitor;

	while ((visitor = table_next(&sessions->visitors, hash, &at)) != NULL)
		if (key_equals(visitor->key, keys))
			return visitor;
	return NULL;
}

struct visitor *visitor_create(struct windows *windows,
			       const struct gust_value *keys, uint64_t hash)
{
	struct sessions *sessions = windows->state;
	const size_t count = windows->spec->key_count;
	const size_t size = sizeof(struct visitor) + key_size(keys, count);
	struct visitor *visitor = pool_alloc(&sessions->pool, size);

	if (visitor == NULL)
		return NULL;
	if (table_add(&sessions->visitors, hash, visitor) != 0) {
		pool_free(&sessions->pool, visitor, size);
		return NULL;
	}
	visitor->first = NULL;
	visitor->size = size;
	visitor->past = windows_done(windows, keys);
	visitor->key = key_write(visitor + 1, keys, count, hash);
	sessions->bytes += size;
	return visitor;
}

void visitor_release(struct sessions *sessions, struct visitor *visitor)
{
	if (visitor->first != NULL)
		return;
	table_remove(&sessions->visitors, visitor->key->hash, visitor);
	sessions->bytes -= visitor->size;
	pool_free(&sessions->pool, visitor, visitor->size);
}

void session_drop(struct windows *windows, struct session *session)
{
	struct visitor *visitor = session->visitor;
	struct session **at = &visitor->first;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	windows->tuples -= session->portion.count;
	session_free(windows, session);
	visitor_release(windows->state, visitor);
}

static void session_destroy(struct windows *windows)
{
	struct sessions *sessions = windows->state;
	struct heap_link *link;

	while ((link = heap_first(&sessions->open)) != NULL ||
	       (link = heap_first(&sessions->fired)) != NULL)
		session_drop(windows, RING_OF(link, session, link));
	heap_fini(&sessions->open);
	heap_fini(&sessions->fired);
	table_fini(&sessions->visitors);
	pool_fini(&sessions->pool);
	free(sessions);
}

int session_begin(struct windows *windows, struct visitor *visitor,
		  struct session **at, int64_t time, struct session **begun)
{
	struct sessions *sessions = windows->state;
	struct session *session = pool_alloc(&sessions->pool, sessions->size);
	int r;

	if (session == NULL)
		return -ENOMEM;
	memset(session, 0, sizeof(*session));
	sessions->count++;
	sessions->bytes += sessions->size;
	session->id = sessions->next_id++;
	session->visitor = visitor;
	session->begin = time;
	session->last = time;
	/* What ended before has been handed over, as far as there was any. */
	session->fired = session_end(windows, session) <= visitor->past ||
			 session_end(windows, session) <= windows->done;
	r = portion_begin(&windows->contract, &session->portion, session + 1);
	if (r == 0)
		r = session->fired ? heap_add(&sessions->fired, &session->link,
					      session_until(windows, session))
				   : heap_add(&sessions->open, &session->link,
					      session_end(windows, session));
	if (r != 0) {
		session_free(windows, session);
		return r;
	}
	session->next = *at;
	*at = session;
	*begun = session;
	return 0;
}

/* Adds the next one of the list to a session that has grown up to it. */
static int session_join(struct windows *windows, struct session *session)
{
	struct session *next = session->next;
	int r = portion_merge(&windows->contract, &session->portion,
			      &next->portion);

	if (r != 0)
		return r;
	if (next->last > session->last)
		session->last = next->last;
	if (session->sheaf == NULL)
		session->sheaf = next->sheaf;
	else if (next->sheaf != NULL)
		windows->host.join(windows->host.self, session->sheaf,
				   next->sheaf);
	session->next = next->next;
	session_free(windows, next);
	return 0;
}

/* Puts a session that has changed where it belongs. */
static int session_changed(struct windows *windows, struct session *session)
{
	struct sessions *sessions = windows->state;
	const int64_t end = session_end(windows, session);
	int r;

	saver_touch(&windows->saver, &session->saved, 0);
	if (windows->spec->early > 0)
		ring_add(&sessions->fresh, &session->fresh);
	if (!session->fired)
		return 0;
	if (end <= visitor_watermark(windows, session->visitor)) {
		ring_add(&sessions->late, &session->late);
		return 0;
	}
	/* It is open again. */
	ring_remove(&session->late);
	heap_remove(&sessions->fired, &session->link);
	session->fired = false;
	r = heap_add(&sessions->open, &session->link, end);
	if (r != 0)
		session_drop(windows, session);
	return r;
}

/* Adds a tuple to a session, and to it those that it then meets. */
static int session_put(struct windows *windows, struct session *session,
		       const struct gust_tuple *in, int64_t time)
{
	int r = portion_add(&windows->contract, &session->portion, in);

	if (r != 0)
		return r;
	windows->tuples++;
	if (time < session->begin)
		session->begin = time;
	if (time > session->last)
		session->last = time;
	while (session->next != NULL && r == 0 &&
	       session->next->begin < session_end(windows, session))
		r = session_join(windows, session);
	return r;
}

/* Where in the list the first session is that a time belongs to, or that comes
 * after it. */
static struct session **session_find(struct windows *windows,
				     struct visitor *visitor, int64_t time)
{
	const int64_t watermark = visitor_watermark(windows, visitor);
	struct session **at = &visitor->first;

	while (*at != NULL && (session_end(windows, *at) <= time ||
			       session_until(windows, *at) <= watermark))
		at = &(*at)->next;
	return at;
}

static int session_add(struct windows *windows, const struct gust_tuple *in,
		       const struct gust_value *keys, uint64_t hash,
		       int64_t time, struct sheaf **sheaf)
{
	struct sessions *sessions = windows->state;
	struct visitor *visitor = visitor_find(sessions, hash, keys);
	const int64_t end = calendar_sum(time, windows->spec->gap);
	struct session **at = NULL, *session = NULL;
	int r = 0;

	if (visitor != NULL) {
		at = session_find(windows, visitor, time);
		if (*at != NULL && (*at)->begin < end)
			session = *at;
	}
	if (session == NULL && calendar_sum(end, windows->spec->lateness) <=
				       windows_watermark(windows, keys))
		return WINDOWS_LATE;
	if (visitor == NULL) {
		visitor = visitor_create(windows, keys, hash);
		if (visitor == NULL)
			return -ENOMEM;
		at = &visitor->first;
	}
	if (session == NULL)
		r = session_begin(windows, visitor, at, time, &session);
	if (r == 0)
		r = session_put(windows, session, in, time);
	if (r == 0)
		r = session_changed(windows, session);
	if (r == 0)
		*sheaf = windows_sheaf(windows, &session->sheaf);
	else if (session != NULL && session->portion.count == 0)
		session_drop(windows, session);
	else
		visitor_release(sessions, visitor);
	return r;
}

static int session_hand(struct windows *windows, struct session *session,
			enum gust_firing firing)
{
	const int64_t end = session_end(windows, session);
	int r;

	if (!windows_room(windows))
		return GUST_MORE;
	ring_remove(&session->late);
	ring_remove(&session->fresh);
	saver_touch(&windows->saver, &session->saved, 0);
	session->shown = session->saved.parts;
	windows_open(windows, end);
	r = windows_hand(windows, session->visitor->key, &session->portion,
			 session->begin, end, firing);
	windows_close(windows, firing == GUST_EARLY ? NULL : &session->sheaf);
	return r;
}

/* Hands over one whose end may have come. */
static int session_fire(struct windows *windows, struct session *session)
{
	struct sessions *sessions = windows->state;
	const int64_t end = session_end(windows, session);
	int r;

	if (end > session->link.due) {
		heap_move(&sessions->open, &session->link, end);
		return 0;
	}
	r = session_hand(windows, session, GUST_ON_TIME);
	if (r != 0)
		return r;
	if (session_until(windows, session) <= windows->watermark) {
		session_drop(windows, session);
		return 0;
	}
	heap_remove(&sessions->open, &session->link);
	session->fired = true;
	/* There is room: it has left another one of the size at most. */
	r = heap_add(&sessions->fired, &session->link,
		     session_until(windows, session));
	if (r != 0)
		session_drop(windows, session);
	return r;
}

static int session_advance(struct windows *windows)
{
	struct sessions *sessions = windows->state;
	struct heap_link *link;
	struct session *session;
	int r = 0;

	while (r == 0 && !ring_is_empty(&sessions->late))
		r = session_hand(windows,
				 RING_OF(sessions->late.next, session, late),
				 GUST_LATE);
	while (r == 0 && (link = heap_first(&sessions->open)) != NULL &&
	       link->due <= windows->watermark)
		r = session_fire(windows, RING_OF(link, session, link));
	while (r == 0 && (link = heap_first(&sessions->fired)) != NULL &&
	       link->due <= windows->watermark) {
		session = RING_OF(link, session, link);
		if (session_until(windows, session) <= windows->watermark)
			session_drop(windows, session);
		else
			heap_move(&sessions->fired, link,
				  session_until(windows, session));
	}
	return r;
}

static bool session_due(const struct windows *windows, int64_t watermark)
{
	const struct sessions *sessions = windows->state;
	const struct heap_link *link = heap_first(&sessions->open);

	return !ring_is_empty(&sessions->late) ||
	       (link != NULL && link->due <= watermark);
}

static int64_t session_next(const struct windows *windows)
{
	const struct sessions *sessions = windows->state;
	const struct heap_link *link = heap_first(&sessions->open);

	return link == NULL ? INT64_MAX : link->due;
}

static int session_early(struct windows *windows)
{
	struct sessions *sessions = windows->state;
	int r = 0;

	while (r == 0 && !ring_is_empty(&sessions->fresh)) {
		struct session *session =
			RING_OF(sessions->fresh.next, session, fresh);

		if (session->fired)
			ring_remove(&session->fresh);
		else
			r = session_hand(windows, session, GUST_EARLY);
	}
	return r;
}

static void session_usage(const struct windows *windows,
			  struct windows_usage *usage)
{
	const struct sessions *sessions = windows->state;

	usage->bytes += sizeof(*sessions) + sessions->bytes +
			table_bytes(&sessions->visitors) +
			(sessions->open.room + sessions->fired.room) *
				sizeof(struct heap_link *);
	usage->windows = sessions->count;
}

const struct windows_kind session_kind = {
	.create = session_create,
	.destroy = session_destroy,
	.add = session_add,
	.advance = session_advance,
	.due = session_due,
	.next = session_next,
	.early = session_early,
	.usage = session_usage,
	.save = session_save,
	.restore = session_restore,
};
