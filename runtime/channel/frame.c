/* SPDX-License-Identifier: MIT */

#include "channel/frame.h"

#include <errno.h>
#include <stdbool.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "frames are read in place");

static const char *const frame_names[] = {
	[FRAME_HELLO] = "HELLO",   [FRAME_WELCOME] = "WELCOME",
	[FRAME_DATA] = "DATA",     [FRAME_BEAT] = "BEAT",
	[FRAME_END] = "END",       [FRAME_ENDED] = "ENDED",
	[FRAME_FENCED] = "FENCED", [FRAME_REFUSED] = "REFUSED",
};

/* What of `flags` a kind may carry. */
static const uint8_t frame_flags[] = {
	[FRAME_WELCOME] = FRAME_ASK,
	[FRAME_DATA] = FRAME_MORE,
	[FRAME_BEAT] = FRAME_REPEAT,
	[FRAME_REFUSED] = 0,
};

const char *frame_kind_name(unsigned kind)
{
	if (kind < FRAME_HELLO || kind > FRAME_REFUSED)
		return "frame";
	return frame_names[kind];
}

/* Of any version. */
static int frame_check_head(const struct frame *frame, size_t size,
			    struct gust_error *error)
{
	if (size < sizeof(*frame))
		return gust_error_set(error, -EBADMSG,
				      "a message of %zu bytes is no frame, "
				      "expected at least %zu",
				      size, sizeof(*frame));
	if (frame->magic != FRAME_MAGIC)
		return gust_error_set(error, -EBADMSG,
				      "a message begins with 0x%08x, "
				      "expected 0x%08x",
				      (unsigned)frame->magic,
				      (unsigned)FRAME_MAGIC);
	if (frame->kind < FRAME_HELLO || frame->kind > FRAME_REFUSED)
		return gust_error_set(error, -EBADMSG,
				      "a frame is of kind %u, expected %u to "
				      "%u",
				      (unsigned)frame->kind,
				      (unsigned)FRAME_HELLO,
				      (unsigned)FRAME_REFUSED);
	if (frame->incarnation == 0)
		return gust_error_set(error, -EBADMSG,
				      "a %s is of incarnation 0",
				      frame_kind_name(frame->kind));
	return 0;
}

static bool frame_is_greeting(const struct frame *frame)
{
	return frame->kind == FRAME_HELLO || frame->kind == FRAME_WELCOME ||
	       frame->kind == FRAME_REFUSED;
}

/* Whether the payload is as long as the kind wants it. */
static bool frame_size_fits(const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_DATA:
	case FRAME_HELLO:
	case FRAME_WELCOME:
		return frame->size > 0 && frame->size <= FRAME_BYTES_MAX;
	case FRAME_BEAT:
		return frame->size <= FRAME_BEAT_BYTES_MAX;
	case FRAME_REFUSED:
		return frame->size <= FRAME_TEXT_BYTES_MAX;
	default:
		return frame->size == 0;
	}
}

static int frame_check_members(const struct frame *frame,
			       struct gust_error *error)
{
	const char *name = frame_kind_name(frame->kind);

	if ((frame->flags & ~frame_flags[frame->kind]) != 0)
		return gust_error_set(error, -EBADMSG, "a %s has flags 0x%02x",
				      name, (unsigned)frame->flags);
	if ((frame->kind == FRAME_HELLO) != (frame->peer == 0))
		return gust_error_set(error, -EBADMSG, "a %s is meant for %s",
				      name,
				      frame->peer == 0 ? "nobody" : "one");
	if (frame->number == 0)
		return gust_error_set(error, -EBADMSG, "a %s has number 0",
				      name);
	return 0;
}

int frame_check(const void *data, size_t size, struct gust_error *error)
{
	const struct frame *frame = data;
	int r = frame_check_head(frame, size, error);

	if (r < 0)
		return r;
	if (frame->version != FRAME_VERSION) {
		if (frame_is_greeting(frame))
			return 0;
		return gust_error_set(
			error, -EPROTO, "a frame is of version %u, expected %u",
			(unsigned)frame->version, (unsigned)FRAME_VERSION);
	}
	if (frame->size != size - sizeof(*frame) || !frame_size_fits(frame))
		return gust_error_set(error, -EBADMSG,
				      "a %s of %zu bytes says that its payload "
				      "has %u",
				      frame_kind_name(frame->kind), size,
				      (unsigned)frame->size);
	return frame_check_members(frame, error);
}
