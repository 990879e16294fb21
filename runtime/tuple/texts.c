/* SPDX-License-Identifier: MIT */

#include "tuple/texts.h"

/* Zeros follow the text, as bolts are promised. */
static bool texts_entry_fits(const struct texts_entry *entry)
{
	const char *text = (const char *)entry->words;
	uint32_t length = texts_length(entry);

	if (length > TEXTS_LENGTH_MAX)
		return false;
	for (uint32_t i = length; i < TEXTS_LENGTH_MAX; i++)
		if (text[i] != '\0')
			return false;
	return true;
}

/* The size of the run at `at`, of which `left` bytes are there; 0: malformed.
 */
static size_t texts_run_size(const struct section *s, const char *at,
			     size_t left, const struct batch_limits *limits)
{
	const struct anchor *anchor = (const void *)at;
	const size_t head = texts_run_head(s);
	const struct texts_entry *entry;
	const struct texts_run *run;
	uint32_t count;

	if (left < head)
		return 0;
	if (s->count == 1 && anchor_task(anchor) >= limits->tasks)
		return 0;
	run = (const void *)(at + s->count * sizeof(*anchor));
	if (run->size == 0 || run->size > left - head ||
	    run->size % sizeof(*entry) != 0)
		return 0;
	entry = (const void *)(run + 1);
	count = run->size / (uint32_t)sizeof(*entry);
	for (uint32_t i = 0; i < count; i++)
		if (!texts_entry_fits(&entry[i]))
			return 0;
	return head + run->size;
}

bool texts_check(const struct section *s, const struct batch_limits *limits)
{
	const char *at = section_texts_begin(s);
	const char *end = (const char *)section_next(s);

	if (s->size <= sizeof(*s) + sizeof(struct texts) || s->count > 1 ||
	    s->task >= limits->tasks || s->extra >= limits->lines)
		return false;
	if (section_texts(s)->task >= limits->tasks ||
	    section_texts(s)->stream >= limits->streams ||
	    limits->columns[section_texts(s)->stream] != 1)
		return false;
	while (at < end) {
		size_t size = texts_run_size(s, at, (size_t)(end - at), limits);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}
