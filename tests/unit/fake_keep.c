/* SPDX-License-Identifier: MIT */

/* Of the fake runtime: tuples that are kept, and what becomes of tuples. */

#include "fake_inside.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gust_tuple *
fake_keep(struct gust_task *task, const struct gust_tuple *in, bool held)
{
	struct fake *fake = fake_of(task);
	struct fake_kept *kept;

	if (fake->keep_fails)
		return NULL;
	kept = malloc(sizeof(*kept) + in->size);
	assert(in == fake->executing && kept != NULL);
	memcpy(kept + 1, in, in->size);
	kept->held = held;
	kept->next = fake->first_kept;
	fake->first_kept = kept;
	fake->retained += !held;
	fake->held += held;
	return (const struct gust_tuple *)(const void *)(kept + 1);
}

const struct gust_tuple *gust_retain(struct gust_task *task,
				     const struct gust_tuple *in)
{
	return fake_keep(task, in, false);
}

const struct gust_tuple *gust_hold(struct gust_task *task,
				   const struct gust_tuple *in)
{
	return fake_keep(task, in, true);
}

/* The place of a kept tuple in the list; the test fails where it is none. */
static struct fake_kept **fake_find(struct fake *fake,
				    const struct gust_tuple *tuple)
{
	struct fake_kept **at = &fake->first_kept;

	while (*at != NULL && (const void *)(*at + 1) != tuple)
		at = &(*at)->next;
	assert(*at != NULL);
	return at;
}

static void fake_let_go(struct fake *fake, const struct gust_tuple *tuple)
{
	struct fake_kept **at = fake_find(fake, tuple), *kept = *at;

	*at = kept->next;
	fake->retained -= !kept->held;
	fake->held -= kept->held;
	free(kept);
}

void gust_ack(struct gust_task *task, const struct gust_tuple *kept)
{
	fake_let_go(fake_of(task), kept);
	fake_of(task)->acked++;
}

void gust_reset_timeout(struct gust_task *task, const struct gust_tuple *kept)
{
	(void)fake_find(fake_of(task), kept);
}

static int fake_judge(struct gust_task *task, const struct gust_tuple *in,
		      size_t *count, const char *format, va_list list)
{
	struct fake *fake = fake_of(task);

	vsnprintf(fake->reason, sizeof(fake->reason), format, list);
	if (in != fake->executing)
		fake_let_go(fake, in);
	++*count;
	return -EBADMSG;
}

int gust_fail(struct gust_task *task, const struct gust_tuple *in,
	      const char *format, ...)
{
	va_list list;
	int r;

	va_start(list, format);
	r = fake_judge(task, in, &fake_of(task)->failed, format, list);
	va_end(list);
	return r;
}

int gust_dead_letter(struct gust_task *task, const struct gust_tuple *in,
		     const char *format, ...)
{
	va_list list;
	int r;

	va_start(list, format);
	r = fake_judge(task, in, &fake_of(task)->dead, format, list);
	va_end(list);
	return r;
}

int gust_reject(struct gust_task *task, const struct gust_tuple *in,
		const char *format, ...)
{
	va_list list;
	int r;

	va_start(list, format);
	r = fake_judge(task, in, &fake_of(task)->rejected, format, list);
	va_end(list);
	return r;
}

void gust_batch_fail(struct gust_task *task, const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	va_start(list, format);
	vsnprintf(fake->reason, sizeof(fake->reason), format, list);
	va_end(list);
	fake->batched = 0;
	fake->batches_failed++;
}

int gust_reject_record(struct gust_task *task, const void *data, size_t length,
		       const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	va_start(list, format);
	vsnprintf(fake->reason, sizeof(fake->reason), format, list);
	va_end(list);
	fake_append(&fake->rejected_data, data, length);
	fake->rejected++;
	return 0;
}

int gust_reject_at(struct gust_task *task, uint32_t source, uint64_t offset,
		   const void *data, size_t length, const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	(void)source;
	(void)offset;
	va_start(list, format);
	vsnprintf(fake->reason, sizeof(fake->reason), format, list);
	va_end(list);
	fake_append(&fake->rejected_data, data, length);
	fake->rejected++;
	return 0;
}
