/* SPDX-License-Identifier: MIT */

/* Sessions in a store: an entry each, by a number that it has all its life,
 * since it may begin earlier when a tuple comes late, and by its key. Those of
 * the format before have the key in the value, and after it where they come
 * from another task (window/moved.h). */

#include <errno.h>
#include <stdlib.h>

#include "window/session.h"

#define SESSION_LETTER 'S'
#define SESSION_OLD 's'

static void session_save_key(struct windows *windows,
			     const struct session *session)
{
	struct saver *saver = &windows->saver;

	saver_begin(saver, SESSION_LETTER);
	saver_number(saver, &saver->key, session->id);
	saver_key(saver, &saver->key, session->visitor->key);
}

void session_save(struct windows *windows, const struct saver_change *change)
{
	struct session *session = RING_OF(change->link, session, saved);
	struct saver *saver = &windows->saver;

	session_save_key(windows, session);
	saver_number(saver, &saver->value, session->begin);
	saver_number(saver, &saver->value, session->last);
	saver_number(saver, &saver->value, session->fired);
	saver_number(saver, &saver->value, session->shown);
	if (!windows->contract.whole) {
		windows_save_sum(windows, &session->portion, &session->saved);
		return;
	}
	saver_end(saver, WINDOWS_CELLS);
	while (windows_unsaved(windows, &session->portion, &session->saved)) {
		session_save_key(windows, session);
		windows_save_part(windows, &session->portion, &session->saved,
				  windows->done);
	}
}

void session_forget(struct windows *windows, struct session *session)
{
	struct saver *saver = &windows->saver;
	const uint32_t parts = saver_forget(saver, &session->saved);

	if (parts == 0)
		return;
	session_save_key(windows, session);
	saver_gone(saver, WINDOWS_CELLS);
	if (windows->contract.whole)
		saver_gone_parts(saver, parts);
}

/* What an entry says. */
struct session_entry {
	int64_t id, begin, last, fired, shown;
	bool old;
	struct gust_text text; /* as it is stored */
	struct key *key;
	struct gust_text portion;
};

static int session_read_old(struct gust_text text, struct gust_text value,
			    struct session_entry *entry)
{
	int64_t size;
	int r;

	entry->text = text;
	if (!saver_read(&text, &entry->id) ||
	    !saver_read(&value, &entry->begin) ||
	    !saver_read(&value, &entry->last) ||
	    !saver_read(&value, &entry->fired) || !saver_read(&value, &size) ||
	    size < 0 || (uint64_t)size > value.length)
		return -EBADMSG;
	entry->old = true;
	entry->key = key_unpack(value.data, (size_t)size, &r);
	entry->portion.data = value.data + size;
	entry->portion.length = value.length - (size_t)size;
	return entry->key == NULL ? r : 0;
}

static int session_read(struct gust_text text, struct gust_text value,
			struct session_entry *entry)
{
	int r;

	if (!saver_read(&text, &entry->id) ||
	    !saver_read(&value, &entry->begin) ||
	    !saver_read(&value, &entry->last) ||
	    !saver_read(&value, &entry->fired) ||
	    !saver_read(&value, &entry->shown))
		return -EBADMSG;
	entry->key = key_unpack(text.data, text.length, &r);
	entry->portion = value;
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

/* What it comes to; parts follow for whole ones. One of the format before is
 * stored anew. */
static int session_fill(struct windows *windows, struct session *session,
			const struct session_entry *entry)
{
	struct saver *saver = &windows->saver;
	int r = 0;

	if (entry->old || !windows->contract.whole)
		r = windows_restore_sum(windows, entry->portion,
					&session->portion, session + 1);
	windows->tuples += session->portion.count;
	if (r != 0)
		return r;
	if (!entry->old) {
		session->saved.parts = !windows->contract.whole;
		return 0;
	}
	saver_begin(saver, SESSION_OLD);
	saver_put(saver, &saver->key, entry->text.data, entry->text.length);
	saver_gone(saver, WINDOWS_CELLS);
	saver_touch(saver, &session->saved, SAVER_WHOLE);
	return 0;
}

static int session_make(struct windows *windows,
			const struct session_entry *entry)
{
	struct sessions *sessions = windows->state;
	const struct gust_value *values = key_values(entry->key);
	struct visitor *visitor;
	struct session **at, *session;
	int r;

	if (entry->key->count != windows->spec->key_count ||
	    entry->last < entry->begin)
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
	session->shown = (uint32_t)entry->shown;
	if (sessions->next_id <= entry->id)
		sessions->next_id = entry->id + 1;
	r = session_fill(windows, session, entry);
	if (r == 0)
		r = session_place(windows, session, entry);
	if (r != 0)
		session_drop(windows, session);
	return r;
}

/* A part of a whole one, which is there. */
static int session_restore_part(struct windows *windows, struct gust_text text,
				struct gust_text value)
{
	struct session *session = NULL;
	struct visitor *visitor = NULL;
	struct key *key;
	int64_t id, done;
	uint32_t part;
	int r;

	if (!saver_read_part(&text, &part) || !saver_read(&text, &id) ||
	    !saver_read(&value, &done))
		return -EBADMSG;
	key = key_unpack(text.data, text.length, &r);
	if (key == NULL)
		return r;
	if (key->count == windows->spec->key_count)
		visitor = visitor_find(windows->state, key->hash,
				       key_values(key));
	free(key);
	if (visitor != NULL)
		session = visitor->first;
	while (session != NULL && session->id != id)
		session = session->next;
	if (session == NULL)
		return -EBADMSG;
	return windows_restore_part(windows, value, &session->portion,
				    &session->saved, part,
				    part < session->shown);
}

int session_restore(struct windows *windows, enum windows_group group,
		    char letter, struct gust_text text, struct gust_text value)
{
	struct session_entry entry = { 0 };
	int r = -EBADMSG;

	if (group == WINDOWS_PARTS)
		return letter == SESSION_LETTER
			       ? session_restore_part(windows, text, value)
			       : -EBADMSG;
	if (letter == SESSION_LETTER)
		r = session_read(text, value, &entry);
	else if (letter == SESSION_OLD)
		r = session_read_old(text, value, &entry);
	if (r == 0)
		r = session_make(windows, &entry);
	free(entry.key);
	return r;
}
