/* SPDX-License-Identifier: MIT */

#include "engine/identity.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "engine/outbox.h"
#include "tuple/origin.h"

int identity_execute(void *self, struct gust_task *task,
		     const struct gust_tuple *in)
{
	int r;

	if (!task->unfinished)
		task->ordinal = 0;
	r = task->inner(self, task, in);
	task->unfinished = r == GUST_MORE || (r == -EAGAIN && task->unfinished);
	return r;
}

uint64_t identity_source(const struct gust_task *task, const char *name)
{
	return hash_text_from(name, hash_text_from(task->component->id, 0));
}

uint64_t identity_stream(const struct gust_task *task, const char *name)
{
	return hash_text_from(name, hash_text_from(task->component->id, 1));
}

/* Of what is emitted now; false: it has none. */
static bool identity_draw(struct gust_task *task, const struct output *output,
			  const struct gust_emission *how,
			  struct origin *origin, uint64_t *path)
{
	const struct frame *frame = task->frame;

	if (how->kind == GUST_EMIT_AT) {
		struct source *source = &task->sources[how->source];

		/* Several tuples may be emitted at one position. */
		if (source->stamped != how->offset)
			source->ordinal = 0;
		source->stamped = how->offset;
		origin->source = source->identity;
		origin->offset = how->offset;
		*path = origin_extend(0, output->identity, source->ordinal++);
		return true;
	}
	if (how->kind != GUST_EMIT_UNANCHORED && task->outbox != NULL &&
	    (how->kind == GUST_EMIT_ANCHORED || frame->lineage == NULL ||
	     outbox_takes_all(task))) {
		origin->source = outbox_source(task)->identity;
		origin->offset = outbox_source(task)->next;
		*path = origin_extend(0, output->identity, 0);
		return true;
	}
	if (how->kind != GUST_EMIT_PLAIN || frame->lineage == NULL ||
	    !origin_of(frame->in, origin))
		return false;
	*path = origin_extend(frame->in->path, output->identity,
			      task->ordinal++);
	return true;
}

struct gust_tuple *identity_stamp(struct gust_task *task,
				  const struct output *output,
				  const struct gust_emission *how,
				  struct gust_tuple *tuple)
{
	struct arena *arena = &task->x->arena;
	struct gust_tuple *stamped = tuple;
	struct origin origin;
	uint64_t path;
	size_t left;

	if (!identity_draw(task, output, how, &origin, &path))
		return tuple;
	if (arena_room(arena, &left) == (char *)tuple + tuple->size &&
	    left >= sizeof(origin)) {
		arena_take(arena, sizeof(origin));
	} else {
		stamped = arena_alloc(arena, tuple->size + sizeof(origin));
		if (stamped == NULL)
			return NULL;
		memcpy(stamped, tuple, tuple->size);
	}
	origin_set(stamped, &origin, path);
	return stamped;
}
