/* SPDX-License-Identifier: MIT */

#include "exact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int source_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct actor *actor = self;
	char name[16];

	(void)error;
	actor->task = gust_task_index(task);
	snprintf(name, sizeof(name), "s%u", (unsigned)actor->task);
	return gust_source(task, name, &actor->source, &actor->next);
}

static int source_next(void *self, struct gust_task *task)
{
	struct actor *actor = self;
	uint64_t mark = record_mark(actor->task, actor->next);
	const struct gust_value values[] = { gust_int((int64_t)(mark % KEYS)),
					     gust_int((int64_t)mark),
					     gust_int(1) };
	struct gust_emission how = { .kind = GUST_EMIT_AT,
				     .direct = -1,
				     .source = actor->source,
				     .offset = actor->next,
				     .next = actor->next + 1 };

	if (actor->next == actor->scene->records)
		return GUST_DONE;
	if (chance(actor->scene, 100))
		return gust_wait_until(
			task,
			gust_now(task) +
				random_below(&actor->scene->random, 20 * MS));
	actor->next++;
	return gust_emit_with(task, &how, values, 3);
}

static int bolt_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct actor *actor = self;
	int r = gust_field(task, "key", GUST_INT, &actor->key, error);

	if (r == 0)
		r = gust_field(task, "mark", GUST_INT, &actor->mark, error);
	if (r == 0)
		r = gust_field(task, "amount", GUST_INT, &actor->amount, error);
	if (r == 0 && actor->component >= TALLY)
		r = gust_state(task, "counts", 0, &actor->state, error);
	if (r == 0 && actor->component >= TALLY)
		r = gust_state(task, "pending", 0, &actor->pending, error);
	actor->task = actor->scene->components[actor->component].first_task +
		      gust_task_index(task);
	actor->scene->keeping[actor->task].count = 0;
	actor->scene->keeping[actor->task].timed = false;
	return r;
}

static int split_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct actor *actor = self;
	uint64_t mark = (uint64_t)gust_integer(in, actor->mark);
	int r = 0;

	if (chance(actor->scene, actor->scene->again))
		return -EAGAIN;
	for (uint32_t i = 0; r == 0 && i < record_count(mark); i++) {
		const struct gust_value values[] = {
			gust_int(mark_key(mark, i)), gust_int((int64_t)mark),
			gust_int(1)
		};

		r = gust_emit_values(task, 0, values, 3);
		if (chance(actor->scene, actor->scene->fail))
			return -EIO;
	}
	return r;
}

static int add(struct gust_state *state, int64_t at, int64_t amount)
{
	const struct gust_value value = gust_int(at);
	const struct gust_key key = { .values = &value, .count = 1 };

	return gust_state_add(state, &key, amount, NULL);
}

/* On to the other count; `how` is NULL in a call of execute(). */
static int emit_on(const struct actor *actor, struct gust_task *task,
		   int64_t key, int64_t amount, const struct gust_emission *how)
{
	struct scene *scene = actor->scene;
	const uint32_t on = scene->wild ? random_below(&scene->random, KEYS)
					: key_on((uint32_t)key);
	const struct gust_value values[] = { gust_int(on), gust_int(0),
					     gust_int(amount) };

	return how == NULL ? gust_emit_values(task, 0, values, 3)
			   : gust_emit_with(task, how, values, 3);
}

/* Room for one more, which a timer deals with. */
static int keep_room(const struct actor *actor, struct gust_task *task)
{
	struct keeping *keeping = &actor->scene->keeping[actor->task];

	if (keeping->count == keeping->room) {
		keeping->room = keeping->room * 2 + 16;
		keeping->tuples =
			realloc(keeping->tuples,
				keeping->room * sizeof(*keeping->tuples));
		keeping->keys = realloc(keeping->keys,
					keeping->room * sizeof(*keeping->keys));
	}
	if (keeping->timed)
		return 0;
	keeping->timed = true;
	return gust_timer(task, random_below(&actor->scene->random, 20 * MS),
			  0);
}

static int keep(struct actor *actor, struct gust_task *task,
		const struct gust_tuple *in)
{
	struct keeping *keeping = &actor->scene->keeping[actor->task];
	const struct gust_tuple *kept = actor->scene->retains
						? gust_retain(task, in)
						: gust_hold(task, in);
	int r;

	if (kept == NULL)
		return -ENOMEM;
	r = keep_room(actor, task);
	keeping->tuples[keeping->count++] = kept;
	return r;
}

static int settle_batch(struct actor *actor, struct gust_task *task)
{
	struct keeping *keeping = &actor->scene->keeping[actor->task];
	const struct gust_emission how = { .direct = -1 };
	int r = 0;

	if (chance(actor->scene, actor->scene->fail)) {
		gust_batch_fail(task, "on purpose");
		keeping->count = 0;
		return 0;
	}
	for (uint32_t i = 0; r >= 0 && i < keeping->count; i++) {
		r = add(actor->state, keeping->keys[i], 1);
		if (r >= 0)
			r = emit_on(actor, task, keeping->keys[i], 1, &how);
	}
	if (r >= 0)
		gust_batch_ack(task);
	keeping->count = 0;
	return r < 0 ? r : 0;
}

/* Batches that are full are dealt with by who fills them. */
static int gather(struct actor *actor, struct gust_task *task,
		  const struct gust_tuple *in)
{
	struct keeping *keeping = &actor->scene->keeping[actor->task];
	int r = gust_batch_add(task, in);

	if (r == 0)
		r = keep_room(actor, task);
	if (r < 0)
		return r;
	keeping->keys[keeping->count++] = gust_integer(in, actor->key);
	return keeping->count < 5 ? 0 : settle_batch(actor, task);
}

/* What is kept is counted and goes on now, unless it fails. */
static int settle(struct actor *actor, struct gust_task *task)
{
	struct keeping *keeping = &actor->scene->keeping[actor->task];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < keeping->count; i++) {
		const struct gust_tuple *kept = keeping->tuples[i];
		const struct gust_emission how = { .kind = GUST_EMIT_ANCHORED,
						   .direct = -1,
						   .anchors = &kept,
						   .anchor_count = 1 };
		const int64_t key = gust_integer(kept, actor->key);

		if (chance(actor->scene, actor->scene->fail)) {
			gust_fail(task, kept, "on purpose");
			continue;
		}
		r = add(actor->state, key, 1);
		if (r >= 0)
			r = emit_on(actor, task, key, 1, &how);
		gust_ack(task, kept);
	}
	keeping->count = 0;
	return r;
}

static int tally_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct actor *actor = self;
	const int64_t key = gust_integer(in, actor->key);
	const enum way way =
		actor->component == TALLY ? actor->scene->way : WAYS;
	int r = 0;

	/* It is kept by a call that succeeds. */
	if (chance(actor->scene, actor->scene->again))
		return -EAGAIN;
	if (way == WAY_KEEPS)
		return keep(actor, task, in);
	if (way == WAY_BATCHES)
		return gather(actor, task, in);
	r = add(actor->state, key, gust_integer(in, actor->amount));
	if (r >= 0 && way == WAY_PLAIN)
		r = emit_on(actor, task, key, 1, NULL);
	if (r >= 0 && way == WAY_TICKS)
		r = add(actor->pending, key, 1);
	if (chance(actor->scene, actor->scene->again))
		return -EAGAIN;
	return chance(actor->scene, actor->scene->fail) ? -EIO : r;
}

/* Emits what has come since the last one. */
static int tally_tick(void *self, struct gust_task *task)
{
	const struct gust_emission how = { .direct = -1 };
	struct actor *actor = self;
	struct gust_cursor *cursor;
	struct gust_text amount;
	struct gust_key key;
	int r;

	if (actor->component != TALLY || actor->scene->way != WAY_TICKS)
		return 0;
	r = gust_state_cursor(actor->pending, &cursor);
	if (r < 0)
		return r;
	while ((r = gust_cursor_next(cursor, &key, &amount)) == 1) {
		r = emit_on(actor, task, key.values[0].as.integer,
			    *(const int64_t *)(const void *)amount.data, &how);
		if (r == 0)
			r = gust_state_remove(actor->pending, &key);
		if (r < 0)
			break;
	}
	gust_cursor_close(cursor);
	return r < 0 ? r : 0;
}

static int tally_flush(void *self, struct gust_task *task)
{
	struct actor *actor = self;

	return actor->scene->way == WAY_BATCHES ? settle_batch(actor, task)
						: settle(actor, task);
}

static int tally_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct actor *actor = self;

	(void)cookie;
	actor->scene->keeping[actor->task].timed = false;
	return tally_flush(self, task);
}

static int windowed_add(void *self, struct gust_task *task,
			struct gust_accumulator *accumulator,
			const struct gust_tuple *in)
{
	struct actor *actor = self;
	int64_t *sum = accumulator->data;

	if (chance(actor->scene, actor->scene->fail))
		return gust_fail(task, in, "on purpose");
	*sum += gust_integer(in, actor->amount);
	return 0;
}

static int windowed_merge(void *self, struct gust_accumulator *into,
			  const struct gust_accumulator *from)
{
	int64_t *sum = into->data;
	const int64_t *more = from->data;

	(void)self;
	*sum += *more;
	return 0;
}

static int windowed_result(void *self, struct gust_task *task,
			   const struct gust_window *window,
			   const struct gust_accumulator *accumulator)
{
	const struct gust_emission how = { .direct = -1 };
	const struct actor *actor = self;
	const int64_t *sum = accumulator->data;

	return emit_on(actor, task, window->keys[0].as.integer, *sum, &how);
}

const struct gust_spout exact_source = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "source",
	.summary = "emits records",
	.instance_size = sizeof(struct actor),
	.open = source_open,
	.next = source_next,
};

const struct gust_bolt exact_split = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "split",
	.summary = "emits the marks of a record",
	.instance_size = sizeof(struct actor),
	.open = bolt_open,
	.execute = split_execute,
};

const struct gust_bolt exact_tally = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "tally",
	.summary = "counts marks",
	.instance_size = sizeof(struct actor),
	.open = bolt_open,
	.execute = tally_execute,
	.tick = tally_tick,
	.timer = tally_timer,
	.flush = tally_flush,
	.finish = tally_tick,
};

static const struct gust_windowing windowing = {
	.size = sizeof(windowing),
	.accumulator_size = sizeof(int64_t),
	.add = windowed_add,
	.merge = windowed_merge,
	.result = windowed_result,
};

const struct gust_bolt exact_windowed = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "windowed",
	.summary = "counts marks in windows",
	.instance_size = sizeof(struct actor),
	.open = bolt_open,
	.windowing = &windowing,
};
