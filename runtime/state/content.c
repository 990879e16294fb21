/* SPDX-License-Identifier: MIT */
#include "state/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the data of a list or a map begin with; entries are at `begin`. */
struct content_head {
	uint32_t count;
	uint32_t begin;
};

#define CONTENT_HEAD sizeof(struct content_head)
#define CONTENT_NUMBER sizeof(uint32_t)

static uint32_t content_number(const char *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return number;
}

static void content_put_number(char *at, size_t number)
{
	const uint32_t n = (uint32_t)number;

	memcpy(at, &n, sizeof(n));
}

static bool content_has_data(const struct content *content)
{
	return content->kind != CONTENT_NONE &&
	       content->kind != CONTENT_COUNTER;
}

static struct content_head content_head(const struct content *content)
{
	struct content_head head = { 0, CONTENT_HEAD };

	if (content->kind == CONTENT_LIST || content->kind == CONTENT_MAP)
		memcpy(&head, content->as.data, sizeof(head));
	return head;
}

static void content_set_head(struct content *content, struct content_head head)
{
	memcpy(content->as.data, &head, sizeof(head));
}

void content_clear(struct content *content)
{
	if (content_has_data(content))
		free(content->as.data);
	content->as.counter = 0;
	content->kind = CONTENT_NONE;
	content->length = 0;
	content->room = 0;
}

int content_copy(struct content *to, const struct content *from)
{
	struct content copy = *from;

	if (content_has_data(from)) {
		copy.as.data = malloc(from->room);
		if (copy.as.data == NULL)
			return -ENOMEM;
		memcpy(copy.as.data, from->as.data, (size_t)from->length + 1);
	}
	content_take(to, &copy);
	return 0;
}

/* Makes room for `length` bytes and a NUL; what is there stays. */
static int content_reserve(struct content *content, size_t length)
{
	char *data = content_has_data(content) ? content->as.data : NULL;
	size_t room = length + 1;

	if (length > CONTENT_MAX)
		return -EMSGSIZE;
	if (data != NULL && room <= content->room)
		return 0;
	/* What grows once will do so again. */
	if (data != NULL)
		room += room / 2;
	room = (room + 7) & ~(size_t)7;
	data = realloc(data, room);
	if (data == NULL)
		return -ENOMEM;
	content->as.data = data;
	content->room = (uint32_t)room;
	return 0;
}

int content_put(struct content *content, const void *data, size_t length)
{
	int r;

	if (content->kind == CONTENT_COUNTER)
		content_clear(content);
	r = content_reserve(content, length);
	if (r < 0)
		return r;
	content->kind = CONTENT_BYTES;
	content->length = (uint32_t)length;
	if (length > 0)
		memcpy(content->as.data, data, length);
	content->as.data[length] = '\0';
	return 0;
}

struct gust_text content_text(const struct content *content)
{
	struct gust_text text = { "", 0 };

	if (content->kind == CONTENT_BYTES) {
		text.data = content->as.data;
		text.length = content->length;
	} else if (content->kind == CONTENT_COUNTER) {
		text.data = (const char *)&content->as.counter;
		text.length = sizeof(content->as.counter);
	}
	return text;
}

/* Makes an empty list or map of nothing, with room for `more` bytes. */
static int content_prepare(struct content *content, enum content_kind kind,
			   size_t more)
{
	const struct content_head head = { 0, CONTENT_HEAD };
	const bool new = content->kind == CONTENT_NONE;
	int r;

	if (more > CONTENT_MAX)
		return -EMSGSIZE;
	r = content_reserve(content,
			    (new ? CONTENT_HEAD : content->length) + more);
	if (r < 0 || !new)
		return r;
	content->kind = (uint8_t)kind;
	content->length = CONTENT_HEAD;
	content_set_head(content, head);
	content->as.data[CONTENT_HEAD] = '\0';
	return 0;
}

static size_t content_list_entry(const char *at)
{
	return CONTENT_NUMBER + content_number(at) + 1;
}

static size_t content_map_entry(const char *at)
{
	return 2 * CONTENT_NUMBER + content_number(at) + 1 +
	       content_number(at + CONTENT_NUMBER) + 1;
}

/* Moves the entries to the front; the head may then be written as it is. */
static void content_compact(struct content *content, struct content_head *head)
{
	const size_t gone = head->begin - CONTENT_HEAD;

	memmove(content->as.data + CONTENT_HEAD, content->as.data + head->begin,
		content->length - head->begin);
	content->length -= (uint32_t)gone;
	content->as.data[content->length] = '\0';
	head->begin = CONTENT_HEAD;
}

int content_append(struct content *content, const void *data, size_t length,
		   size_t most)
{
	struct content_head head;
	char *at;
	int r = content_prepare(content, CONTENT_LIST,
				length + CONTENT_NUMBER + 1);

	if (r < 0)
		return r;
	head = content_head(content);
	at = content->as.data + content->length;
	content_put_number(at, length);
	if (length > 0)
		memcpy(at + CONTENT_NUMBER, data, length);
	at[CONTENT_NUMBER + length] = '\0';
	content->length += (uint32_t)(CONTENT_NUMBER + length + 1);
	content->as.data[content->length] = '\0';
	head.count++;
	while (most > 0 && head.count > most) {
		head.begin += (uint32_t)content_list_entry(content->as.data +
							   head.begin);
		head.count--;
	}
	/* Each byte is moved once for one that is dropped. */
	if (head.begin > content->length / 2)
		content_compact(content, &head);
	content_set_head(content, head);
	return 0;
}

static int content_compare(struct gust_text a, const char *b, size_t b_length)
{
	const size_t n = a.length < b_length ? a.length : b_length;
	const int r = n == 0 ? 0 : memcmp(a.data, b, n);

	if (r != 0)
		return r;
	return a.length < b_length ? -1 : a.length > b_length;
}

/* Where the entry of a name is, or has to be; `*found` tells which. */
static size_t content_map_find(const struct content *content,
			       struct gust_text name, bool *found)
{
	size_t at = CONTENT_HEAD;
	const char *entry;
	int r;

	*found = false;
	if (content->kind != CONTENT_MAP)
		return at;
	while (at < content->length) {
		entry = content->as.data + at;
		r = content_compare(name, entry + 2 * CONTENT_NUMBER,
				    content_number(entry));
		*found = r == 0;
		if (r <= 0)
			break;
		at += content_map_entry(entry);
	}
	return at;
}

int content_map_get(const struct content *content, struct gust_text name,
		    struct gust_text *value)
{
	bool found;
	const size_t at = content_map_find(content, name, &found);
	const char *entry;

	if (!found)
		return 0;
	entry = content->as.data + at;
	value->data = entry + 2 * CONTENT_NUMBER + name.length + 1;
	value->length = content_number(entry + CONTENT_NUMBER);
	return 1;
}

static void content_write_pair(char *to, struct gust_text name,
			       const void *data, size_t length)
{
	content_put_number(to, name.length);
	content_put_number(to + CONTENT_NUMBER, length);
	to += 2 * CONTENT_NUMBER;
	if (name.length > 0)
		memcpy(to, name.data, name.length);
	to += name.length;
	*to++ = '\0';
	if (length > 0)
		memcpy(to, data, length);
	to[length] = '\0';
}

int content_map_put(struct content *content, struct gust_text name,
		    const void *data, size_t length)
{
	const size_t size = 2 * CONTENT_NUMBER + name.length + 1 + length + 1;
	struct content_head head;
	size_t at, old = 0;
	bool found;
	char *entry;
	int r;

	if (name.length > CONTENT_MAX || length > CONTENT_MAX)
		return -EMSGSIZE;
	r = content_prepare(content, CONTENT_MAP, size);
	if (r < 0)
		return r;
	at = content_map_find(content, name, &found);
	entry = content->as.data + at;
	head = content_head(content);
	if (found)
		old = content_map_entry(entry);
	else
		head.count++;
	memmove(entry + size, entry + old, content->length - at - old + 1);
	content->length = (uint32_t)(content->length + size - old);
	content_write_pair(entry, name, data, length);
	content_set_head(content, head);
	return 0;
}

int content_map_remove(struct content *content, struct gust_text name)
{
	bool found;
	const size_t at = content_map_find(content, name, &found);
	struct content_head head;
	size_t old;
	char *entry;

	if (!found)
		return 0;
	head = content_head(content);
	if (--head.count == 0) {
		content_clear(content);
		return 1;
	}
	entry = content->as.data + at;
	old = content_map_entry(entry);
	memmove(entry, entry + old, content->length - at - old + 1);
	content->length -= (uint32_t)old;
	content_set_head(content, head);
	return 1;
}

void content_entries(const struct content *content,
		     struct gust_entries *entries)
{
	const struct content_head head = content_head(content);

	memset(entries, 0, sizeof(*entries));
	entries->kind = content->kind;
	entries->count = head.count;
	if (content->kind != CONTENT_LIST && content->kind != CONTENT_MAP)
		return;
	entries->at = content->as.data + head.begin;
	entries->end = content->as.data + content->length;
}

bool gust_entries_next(struct gust_entries *entries)
{
	const char *at = entries->at;

	if (at == entries->end)
		return false;
	entries->name = (struct gust_text){ "", 0 };
	if (entries->kind == CONTENT_MAP) {
		entries->name.data = at + 2 * CONTENT_NUMBER;
		entries->name.length = content_number(at);
		entries->value.data =
			entries->name.data + entries->name.length + 1;
		entries->value.length = content_number(at + CONTENT_NUMBER);
		entries->at += content_map_entry(at);
	} else {
		entries->value.data = at + CONTENT_NUMBER;
		entries->value.length = content_number(at);
		entries->at += content_list_entry(at);
	}
	return true;
}

size_t content_record_size(const struct content *content, int64_t expires)
{
	const size_t head = expires == CONTENT_FOR_EVER ? 1 : 9;

	if (content->kind == CONTENT_NONE)
		return 0;
	if (content->kind == CONTENT_COUNTER)
		return head + sizeof(int64_t);
	if (content->kind == CONTENT_BYTES)
		return head + content->length;
	return head + CONTENT_NUMBER + content->length -
	       content_head(content).begin;
}

void content_record(const struct content *content, int64_t expires, char *to)
{
	const struct content_head head = content_head(content);

	if (content->kind == CONTENT_NONE)
		return;
	*to++ = (char)(content->kind |
		       (expires == CONTENT_FOR_EVER ? 0 : CONTENT_MORTAL));
	if (expires != CONTENT_FOR_EVER) {
		memcpy(to, &expires, sizeof(expires));
		to += sizeof(expires);
	}
	if (content->kind == CONTENT_COUNTER) {
		memcpy(to, &content->as.counter, sizeof(int64_t));
	} else if (content->kind == CONTENT_BYTES) {
		memcpy(to, content->as.data, content->length);
	} else {
		content_put_number(to, head.count);
		memcpy(to + CONTENT_NUMBER, content->as.data + head.begin,
		       content->length - head.begin);
	}
}

int64_t content_expires(struct gust_text record)
{
	int64_t expires = CONTENT_FOR_EVER;

	if (record.length >= 1 + sizeof(expires) &&
	    ((unsigned char)record.data[0] & CONTENT_MORTAL) != 0)
		memcpy(&expires, record.data + 1, sizeof(expires));
	return expires;
}

/* Takes `n` bytes and a NUL behind them, or says that they are not there. */
static bool content_skip(const char **at, const char *end, size_t n)
{
	if ((size_t)(end - *at) <= n || (*at)[n] != '\0')
		return false;
	*at += n + 1;
	return true;
}

/* Whether the bytes are so many entries of a list or a map, in order. */
static bool content_check_entries(const char *at, const char *end,
				  uint32_t kind, uint32_t count)
{
	const size_t head = (kind == CONTENT_MAP ? 2 : 1) * CONTENT_NUMBER;
	struct gust_text before = { NULL, 0 };
	const char *lengths;

	for (; count > 0; count--) {
		if ((size_t)(end - at) < head)
			return false;
		lengths = at;
		at += head;
		if (!content_skip(&at, end, content_number(lengths)))
			return false;
		if (kind == CONTENT_LIST)
			continue;
		if (before.data != NULL &&
		    content_compare(before, lengths + head,
				    content_number(lengths)) >= 0)
			return false;
		before.data = lengths + head;
		before.length = content_number(lengths);
		if (!content_skip(&at, end,
				  content_number(lengths + CONTENT_NUMBER)))
			return false;
	}
	return at == end;
}

static int content_read_entries(struct content *content, uint32_t kind,
				const char *at, size_t length)
{
	struct content_head head = { 0, CONTENT_HEAD };
	int r;

	if (length < CONTENT_NUMBER)
		return -EBADMSG;
	head.count = content_number(at);
	at += CONTENT_NUMBER;
	length -= CONTENT_NUMBER;
	if (head.count == 0 ||
	    !content_check_entries(at, at + length, kind, head.count))
		return -EBADMSG;
	r = content_prepare(content, kind, length);
	if (r < 0)
		return r;
	memcpy(content->as.data + CONTENT_HEAD, at, length);
	content->length += (uint32_t)length;
	content->as.data[content->length] = '\0';
	content_set_head(content, head);
	return 0;
}

int content_read(struct content *content, struct gust_text record,
		 int64_t *expires)
{
	const size_t head =
		record.length > 0 && ((unsigned char)record.data[0] &
				      CONTENT_MORTAL) != 0
			? 9
			: 1;
	const char *at = record.data + head;
	size_t length = record.length - head;
	uint32_t kind;
	int r;

	if (record.length < head || record.length - head > CONTENT_MAX)
		return -EBADMSG;
	kind = (unsigned char)record.data[0] & ~CONTENT_MORTAL;
	if (kind == CONTENT_COUNTER) {
		if (length != sizeof(int64_t))
			return -EBADMSG;
		memcpy(&content->as.counter, at, sizeof(int64_t));
		content->kind = (uint8_t)kind;
		r = 0;
	} else if (kind == CONTENT_BYTES) {
		r = content_put(content, at, length);
	} else if (kind == CONTENT_LIST || kind == CONTENT_MAP) {
		r = content_read_entries(content, kind, at, length);
	} else {
		r = -EBADMSG;
	}
	if (r == 0)
		*expires = content_expires(record);
	return r;
}
