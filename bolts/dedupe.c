/* SPDX-License-Identifier: MIT */

/*
 * dedupe: lets a tuple through only if there was none like it for a while.
 *
 * Tuples with the same values in all fields of `by` are alike; without `by`,
 * those that have all fields alike. The first one is passed on, and those that
 * come within the time `within` after it go to the stream `duplicates`; where
 * nothing takes that stream, they are done. The time is that of the machine's
 * clock, not that of the tuples. It is exact: no two different tuples are taken
 * for alike.
 *
 * With several tasks group the stream by the same fields, so that tuples which
 * are alike meet.
 *
 * What fails further on is emitted again by this bolt, and what its spout
 * emits again meanwhile is a duplicate; so nothing is lost by a failure. What
 * was seen is state (topology.state.provider): in memory it is lost with the
 * process, and tuples that come again afterwards are passed on again. A durable
 * store has it in one transaction with what is passed on, so that neither is
 * there without the other, whenever the process dies. When there are too many
 * (topology.state.memory.max.bytes) tuples wait until older ones have left.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input
 *	duplicates: the same
 *
 * Example:
 *	bolts:
 *	  - {id: once, plugin: dedupe, options: {by: [event_id], within: 1h}}
 */

#include <errno.h>
#include <stdlib.h>

#include <gust/bolt.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>
#include <gust/state.h>

enum dedupe_stream { DEDUPE_DEFAULT, DEDUPE_DUPLICATES };

struct dedupe {
	struct gust_list by; /* options */
	uint64_t within;

	struct gust_field *fields; /* of `by` */
	struct gust_value *values;
	bool hashed; /* tuples come with the hash of these fields */
	struct forward forward;
	struct gust_state *state;
};

static const struct gust_option dedupe_options[] = {
	{ .name = "within",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct dedupe, within),
	  .help = "for how long after the first one others are duplicates",
	  .flags = GUST_REQUIRED,
	  .min = 1e6,
	  .max = 1000 * 86400e9 },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct dedupe, by),
	  .help = "the fields that are compared; all if left out" },
	{ .name = NULL },
};

static int dedupe_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	const struct dedupe *dedupe = self;
	const struct gust_column *columns;
	enum gust_type type;
	size_t i;
	int r = forward_columns(about, &columns, error);

	for (i = 0; i < dedupe->by.count && r == 0; i++)
		r = gust_declared_type(about, dedupe->by.items[i], &type,
				       error);
	if (r == 0)
		r = gust_declare_stream(about, "default", columns);
	if (r == 0)
		r = gust_declare_stream(about, "duplicates", columns);
	return r;
}

static int dedupe_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct dedupe *dedupe = self;
	const struct gust_list *by = &dedupe->by;
	size_t i;
	int r = forward_open(&dedupe->forward, task, error);

	dedupe->fields = calloc(by->count + 1, sizeof(*dedupe->fields));
	dedupe->values = calloc(by->count + 1, sizeof(*dedupe->values));
	if (r == 0 && (dedupe->fields == NULL || dedupe->values == NULL))
		r = -ENOMEM;
	for (i = 0; i < by->count && r == 0; i++)
		r = gust_field(task, by->items[i], GUST_NULL,
			       &dedupe->fields[i], error);
	dedupe->hashed =
		by->count > 0 && gust_hashed_by(task, by->items, by->count);
	return r < 0 ? r
		     : gust_state(task, "seen", dedupe->within, &dedupe->state,
				  error);
}

/* What is compared. */
static struct gust_key dedupe_key(struct dedupe *dedupe,
				  const struct gust_tuple *in)
{
	struct gust_key key = { .hash = dedupe->hashed ? in->hash : 0 };
	size_t i;

	if (dedupe->by.count == 0) {
		key.values = dedupe->forward.row;
		key.count = dedupe->forward.count;
		return key;
	}
	for (i = 0; i < dedupe->by.count; i++)
		dedupe->values[i] = gust_value(in, dedupe->fields[i]);
	key.values = dedupe->values;
	key.count = dedupe->by.count;
	return key;
}

/*
 * Passes the first one on, anchored to a tuple that is held: then it is this
 * bolt that emits it again after a failure. Its spout could not: what it emits
 * again is a duplicate.
 */
static int dedupe_pass(struct dedupe *dedupe, struct gust_task *task,
		       const struct gust_key *key, const struct gust_tuple *in)
{
	const struct gust_tuple *kept;
	int r = gust_state_put(dedupe->state, key, "", 1);

	/* Keys leave it as time goes by. */
	if (r == -ENOSPC)
		return gust_not_now(task, "the state is full");
	if (r < 0)
		return r;
	kept = gust_hold(task, in);
	r = kept == NULL ? -ENOMEM
			 : forward_emit_kept(&dedupe->forward, task, kept);
	if (r == 0) {
		gust_ack(task, kept);
		return 0;
	}
	/* Another attempt must find it new. */
	(void)gust_state_remove(dedupe->state, key);
	if (kept == NULL)
		return r;
	gust_fail(task, kept, "it cannot be emitted");
	return 0;
}

static int dedupe_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct dedupe *dedupe = self;
	struct gust_text seen;
	struct gust_key key;
	int r;

	forward_read(&dedupe->forward, in);
	key = dedupe_key(dedupe, in);
	r = gust_state_get(dedupe->state, &key, &seen);
	if (r < 0)
		return r;
	if (r == 0)
		return dedupe_pass(dedupe, task, &key, in);
	return gust_emit_values(task, DEDUPE_DUPLICATES, dedupe->forward.row,
				dedupe->forward.count);
}

static void dedupe_close(void *self)
{
	struct dedupe *dedupe = self;

	forward_close(&dedupe->forward);
	free(dedupe->fields);
	free(dedupe->values);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "dedupe",
	.summary = "lets a tuple through if there was none like it for a while",
	.options = dedupe_options,
	.instance_size = sizeof(struct dedupe),
	.flags = GUST_STATE,
	.declare = dedupe_declare,
	.open = dedupe_open,
	.execute = dedupe_execute,
	.close = dedupe_close,
};
