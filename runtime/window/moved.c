/* SPDX-License-Identifier: MIT */

#include "window/moved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "window/saver.h"

/* The numbers of a head: see windows_save.c. */
enum { HEAD_FORMAT, HEAD_DONE, HEAD_TASK = 7, HEAD_TASKS, HEAD_NUMBERS };

/* How many bytes stand before the keys of an entry, with its letter. */
static size_t moved_before(char letter)
{
	return letter == 'N' || letter == 'n' ? 1 : 1 + sizeof(int64_t);
}

/* A session of the format before: the keys are in the value, and have to be in
 * the key. */
static int moved_session(struct gust_text key, struct gust_text value,
			 struct gust_text *keys, struct gust_text *as)
{
	int64_t begin, last, fired, size;
	char *made;

	if (!saver_read(&value, &begin) || !saver_read(&value, &last) ||
	    !saver_read(&value, &fired) || !saver_read(&value, &size) ||
	    size < 0 || (uint64_t)size > value.length)
		return -EBADMSG;
	*keys = (struct gust_text){ value.data, (size_t)size };
	made = malloc(key.length + keys->length);
	if (made == NULL)
		return -ENOMEM;
	memcpy(made, key.data, key.length);
	memcpy(made + key.length, keys->data, keys->length);
	*as = (struct gust_text){ made, key.length + keys->length };
	return 0;
}

int moved_entry(enum windows_group group, struct gust_text key,
		struct gust_text value, struct key **keys, struct gust_text *as)
{
	struct gust_text text = key;
	uint32_t part;
	size_t before;
	int r = 0;

	*as = key;
	if (group == WINDOWS_PARTS && !saver_read_part(&text, &part))
		return -EBADMSG;
	before = text.length == 0 ? 0 : moved_before(text.data[0]);
	if (text.length == 0 || text.length < before ||
	    strchr("cbsSnNT", text.data[0]) == NULL)
		return -EBADMSG;
	if (text.data[0] == 's' && text.length == before) {
		r = moved_session(key, value, &text, as);
	} else {
		text.data += before;
		text.length -= before;
	}
	if (r != 0)
		return r;
	*keys = key_unpack(text.data, text.length, &r);
	if (*keys == NULL && as->data != key.data)
		free((char *)(uintptr_t)as->data);
	return *keys == NULL ? r : 0;
}

int moved_head(struct gust_text value, uint32_t task, uint32_t tasks,
	       char head[MOVED_HEAD_SIZE], struct past_fact *fact)
{
	int64_t numbers[HEAD_NUMBERS] = { 0 };
	size_t count = value.length / sizeof(*numbers);

	if (count < 1)
		return -EBADMSG;
	memcpy(numbers, value.data, sizeof(*numbers));
	if (numbers[HEAD_FORMAT] > WINDOWS_FORMAT)
		return -ENOTSUP;
	if (value.length % sizeof(*numbers) != 0 || numbers[HEAD_FORMAT] < 1 ||
	    count != (numbers[HEAD_FORMAT] == 1 ? HEAD_TASK : HEAD_NUMBERS))
		return -EBADMSG;
	memcpy(numbers, value.data, value.length);
	fact->done = numbers[HEAD_DONE];
	fact->task = numbers[HEAD_FORMAT] == 1 ? task : numbers[HEAD_TASK];
	fact->tasks = numbers[HEAD_FORMAT] == 1 ? tasks : numbers[HEAD_TASKS];
	numbers[HEAD_FORMAT] = WINDOWS_FORMAT;
	numbers[HEAD_DONE] = INT64_MIN;
	numbers[HEAD_TASK] = 0;
	numbers[HEAD_TASKS] = 0;
	memcpy(head, numbers, sizeof(numbers));
	return 0;
}

void moved_fact_key(const struct past_fact *fact, char key[MOVED_FACT_KEY_SIZE])
{
	key[0] = WINDOWS_FACT[0];
	memcpy(key + 1, &fact->tasks, sizeof(fact->tasks));
	memcpy(key + 1 + sizeof(fact->tasks), &fact->task, sizeof(fact->task));
}
