/* SPDX-License-Identifier: MIT */

#include "tuple/batch.h"

#include <errno.h>
#include <stdbool.h>

#include "tuple/record.h"
#include "tuple/texts.h"

static bool batch_tuples_fit(const char *at, const char *end,
			     const struct batch_limits *limits)
{
	while (at < end) {
		const struct gust_tuple *tuple = (const void *)at;

		if ((size_t)(end - at) < sizeof(*tuple) ||
		    tuple->size > (size_t)(end - at) ||
		    record_check(tuple, tuple->size) != 0)
			return false;
		if (tuple->stream >= limits->streams ||
		    tuple->fields != limits->columns[tuple->stream] ||
		    tuple->task >= limits->tasks)
			return false;
		at += tuple->size;
	}
	return true;
}

static bool batch_run_fits(const struct section *s,
			   const struct batch_limits *limits)
{
	size_t head = sizeof(*s) + s->count * sizeof(struct anchor);

	if (s->count > BATCH_ANCHORS_MAX || head >= s->size ||
	    s->task >= limits->tasks || s->extra >= limits->lines)
		return false;
	for (uint16_t i = 0; i < s->count; i++)
		if (anchor_task(&section_anchors(s)[i]) >= limits->tasks)
			return false;
	return batch_tuples_fit((const char *)section_tuples(s),
				(const char *)section_next(s), limits);
}

static bool batch_mark_fits(const struct section *s,
			    const struct batch_limits *limits)
{
	if (s->task >= limits->tasks || s->extra >= limits->tasks)
		return false;
	if (s->count == MARK_WATERMARK)
		return s->size == sizeof(*s) + sizeof(int64_t);
	return s->size == sizeof(*s) &&
	       (s->count == MARK_FLUSH || s->count == MARK_END ||
		s->count == MARK_IDLE);
}

static bool batch_entries_fit(const struct section *s, size_t entry)
{
	return s->size == sizeof(*s) + s->count * entry;
}

/* Roots of nobody are stale, but who keeps a tuple is looked up. */
static bool batch_notes_fit(const struct section *s,
			    const struct batch_limits *limits)
{
	const struct anchor *note = (const void *)(s + 1);

	if (!batch_entries_fit(s, sizeof(*note)))
		return false;
	for (uint16_t i = 0; i < s->count; i++)
		if (note[i].edge >= limits->tasks)
			return false;
	return true;
}

static bool batch_credits_fit(const struct section *s,
			      const struct batch_limits *limits)
{
	const struct batch_credit *credit = (const void *)(s + 1);

	if (!batch_entries_fit(s, sizeof(*credit)))
		return false;
	for (uint16_t i = 0; i < s->count; i++)
		if (credit[i].task >= limits->tasks ||
		    credit[i].line >= limits->lines)
			return false;
	return true;
}

static bool batch_failure_fits(const struct section *s,
			       const struct batch_limits *limits)
{
	const struct batch_failure *failure = (const void *)(s + 1);

	if (s->size < sizeof(*s) + sizeof(*failure))
		return false;
	return failure->task < limits->tasks &&
	       failure->kind >= FAILURE_RETRY &&
	       failure->kind <= FAILURE_TIMEOUT &&
	       failure->length <= s->size - sizeof(*s) - sizeof(*failure);
}

static bool batch_section_fits(const struct section *s,
			       const struct batch_limits *limits)
{
	switch (s->kind) {
	case SECTION_RUN:
		return batch_run_fits(s, limits);
	case SECTION_TEXTS:
		return texts_check(s, limits);
	case SECTION_MARK:
		return batch_mark_fits(s, limits);
	case SECTION_ACKS:
	case SECTION_HOLDS:
	case SECTION_FLOORS:
		return batch_entries_fit(s, sizeof(struct anchor));
	case SECTION_NOTES:
		return batch_notes_fit(s, limits);
	case SECTION_CREDITS:
		return batch_credits_fit(s, limits);
	case SECTION_LOST:
		return s->size == sizeof(*s);
	case SECTION_FAIL:
		return batch_failure_fits(s, limits);
	default:
		return false;
	}
}

static int batch_check_header(const struct batch *batch, size_t size,
			      const struct batch_limits *limits,
			      struct gust_error *error)
{
	if (size < sizeof(*batch) || batch->size != size || size % 8 != 0)
		return gust_error_set(error, -EBADMSG,
				      "a batch of %zu bytes says it has "
				      "another size",
				      size);
	if (batch->version != BATCH_VERSION)
		return gust_error_set(
			error, -EPROTO, "a batch has version %u, expected %u",
			(unsigned)batch->version, (unsigned)BATCH_VERSION);
	if (batch->from >= limits->executors || batch->to >= limits->executors)
		return gust_error_set(error, -EBADMSG,
				      "a batch goes from executor %u to %u, "
				      "expected less than %u",
				      (unsigned)batch->from, batch->to,
				      limits->executors);
	return 0;
}

int batch_check(const void *data, size_t size,
		const struct batch_limits *limits, struct gust_error *error)
{
	const char *at = (const char *)data + sizeof(struct batch);
	const char *end = (const char *)data + size;
	int r;

	r = batch_check_header(data, size, limits, error);
	if (r != 0)
		return r;
	while (at < end) {
		const struct section *s = (const void *)at;

		if ((size_t)(end - at) < sizeof(*s) || s->size < sizeof(*s) ||
		    s->size > (size_t)(end - at) || s->size % 8 != 0 ||
		    !batch_section_fits(s, limits))
			return gust_error_set(
				error, -EBADMSG,
				"a batch has a malformed section at byte %zu",
				(size_t)(at - (const char *)data));
		at += s->size;
	}
	return 0;
}
