/* SPDX-License-Identifier: MIT */

/* Sessions in a store: an entry each, by a number that it has all its life,
 * since it may begin earlier when a tuple comes late. */

#include <errno.h>
#include <stdlib.h>

#include "window/session.h"

void session_save_key(struct windows *windows, const struct session *session)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, 's');
	saver_number(saver, &saver->key, session->id);
}

void session_save(struct windows *windows, const struct saver_change *change)
{
	const struct session *session = RING_OF(change->link, session, saved);
	const struct key *key = session->visitor->key;
	struct saver *saver = &windows->saver;

	session_save_key(windows, session);
	saver_number(saver, &saver->value, session->begin);
	saver_number(saver, &saver->value, session->last);
	saver_number(saver, &saver->value, session->fired);
	saver_number(saver, &saver->value, (int64_t)key_packed(key));
	saver_key(saver, &saver->value, key);
	windows_save_portion(windows, &session->portion);
}

/* What an entry says. */
struct session_entry {
	int64_t id, begin, last, fired;
	struct key *key;
	struct gust_text portion;
};

static int session_read(struct gust_text text, struct gust_text value,
			struct session_entry *entry)
{
	int64_t size;
	int r;

	if (!saver_read(&text, &entry->id) ||
	    !saver_read(&value, &entry->begin) ||
	    !saver_read(&value, &entry->last) ||
	    !saver_read(&value, &entry->fired) || !saver_read(&value, &size) ||
	    size < 0 || (uint64_t)size > value.length ||
	    entry->last < entry->begin)
		return -EBADMSG;
	entry->key = key_unpack(value.data, (size_t)size, &r);
	entry->portion.data = value.data + size;
	entry->portion.length = value.length - (size_t)size;
	return entry->key == NULL ? r : 0;
}

/* Puts a session in the heap where it was. */
static int session_place(struct windows *windows, struct session *session,
			 const struct session_entry *entry)
{
	struct sessions *sessions = windows->state;

	heap_remove(session->fired ? &sessions->fired : &sessions->open,
		    &session->link);
	session->fired = entry->fired != 0;
	return session->fired ? heap_add(&sessions->fired, &session->link,
					 session_until(windows, session))
			      : heap_add(&sessions->open, &session->link,
					 session_end(windows, session));
}

static int session_make(struct windows *windows,
			const struct session_entry *entry)
{
	struct sessions *sessions = windows->state;
	const struct gust_value *values = key_values(entry->key);
	struct visitor *visitor;
	struct session **at, *session;
	int r;

	if (entry->key->count != windows->spec->key_count)
		return -EBADMSG;
	visitor = visitor_find(sessions, entry->key->hash, values);
	if (visitor == NULL)
		visitor = visitor_create(windows, values, entry->key->hash);
	if (visitor == NULL)
		return -ENOMEM;
	at = &visitor->first;
	while (*at != NULL && (*at)->begin < entry->begin)
		at = &(*at)->next;
	r = session_begin(windows, visitor, at, entry->begin, &session);
	if (r != 0) {
		visitor_release(sessions, visitor);
		return r;
	}
	session->last = entry->last;
	session->id = entry->id;
	if (sessions->next_id <= entry->id)
		sessions->next_id = entry->id + 1;
	r = windows_restore_portion(windows, entry->portion, &session->portion,
				    session + 1);
	if (r == 0)
		r = session_place(windows, session, entry);
	windows->tuples += session->portion.count;
	if (r != 0)
		session_drop(windows, session);
	else
		session->saved.stored = true;
	return r;
}

int session_restore(struct windows *windows, struct gust_text text,
		    struct gust_text value)
{
	struct session_entry entry = { 0 };
	int r = session_read(text, value, &entry);

	if (r == 0)
		r = session_make(windows, &entry);
	free(entry.key);
	return r;
}

void session_restored(struct windows *windows)
{
	(void)windows;
}
