/* SPDX-License-Identifier: MIT */

/*
 * v1_spout: a spout of the first release, which must work for ever. It is
 * built with the headers beside it, which never change, nor does this file.
 */

#include <errno.h>
#include <string.h>

#include <gust/spout.h>

#define ROWS 20
#define FAIL(error, what)                                                      \
	gust_error_set(error, -EINVAL, "v1_spout: %s is wrong", what)

struct v1_spout {
	int64_t rows;
	int64_t emitted, acked, failed;
	bool active, waited, timed, rejected;
	struct gust_counter *acks;
};

static const struct gust_option options[] = {
	{ .name = "rows",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct v1_spout, rows),
	  .fallback = "20",
	  .help = "how many tuples there are",
	  .min = 1,
	  .max = 100 },
	{ .name = NULL },
};

static const struct gust_column columns[] = {
	{ "number", GUST_INT },  { "share", GUST_FLOAT }, { "even", GUST_BOOL },
	{ "word", GUST_STRING }, { "raw", GUST_BYTES },   { "doc", GUST_JSON },
	{ NULL, GUST_NULL },
};

static const struct gust_stream streams[] = {
	{ "default", columns },
	{ NULL, NULL },
};

static int v1_declare(void *self, struct gust_declaration *about,
		      struct gust_error *error)
{
	struct v1_spout *spout = self;

	if (gust_declared_inputs(about) != 0)
		return FAIL(error, "gust_declared_inputs()");
	if (spout->rows != ROWS)
		return FAIL(error, "option 'rows'");
	gust_declare_replay(about, GUST_REPLAY_OWN);
	return 0;
}

static int v1_open(void *self, struct gust_task *task, struct gust_error *error)
{
	struct v1_spout *spout = self;

	if (strcmp(gust_task_component(task), "source") != 0 ||
	    gust_task_index(task) != 0 || gust_task_count(task) != 1)
		return FAIL(error, "the task");
	if (gust_tuple_max(task) == 0)
		return FAIL(error, "gust_tuple_max()");
	spout->acks = gust_counter(task, "acks");
	return gust_timer(task, 1000000, 7);
}

static void v1_activate(void *self, struct gust_task *task)
{
	struct v1_spout *spout = self;

	(void)task;
	spout->active = true;
}

static void v1_deactivate(void *self, struct gust_task *task)
{
	struct v1_spout *spout = self;

	(void)task;
	spout->active = false;
}

static int v1_emit(struct v1_spout *spout, struct gust_task *task)
{
	static const char *const words[] = { "cow", "moon", "" };
	const char *word = words[spout->emitted % 3];
	int64_t n = spout->emitted++;

	return gust_emit_id(task, (uint64_t)n + 1000, gust_int(n),
			    gust_float((double)n / 4), gust_bool(n % 2 == 0),
			    gust_string(word, strlen(word)),
			    n % 5 == 0 ? gust_null() : gust_bytes("a\0b", 3),
			    gust_json("{}", 2));
}

static int v1_next(void *self, struct gust_task *task)
{
	struct v1_spout *spout = self;
	int r;

	if (!spout->active)
		return -EPROTO;
	if (!spout->rejected) {
		spout->rejected = true;
		r = gust_reject_record(task, "bad", 3, "it is %s", "bad");
		return r < 0 ? r : GUST_EMITTED;
	}
	if (!spout->waited) {
		spout->waited = true;
		return gust_wait_until(task, gust_now(task) + 1000000);
	}
	if (!spout->timed)
		return GUST_WAIT;
	if (spout->emitted == spout->rows)
		return GUST_DONE;
	r = v1_emit(spout, task);
	return r < 0 ? r : GUST_EMITTED;
}

static int v1_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct v1_spout *spout = self;

	if (cookie != 7)
		return -EPROTO;
	spout->timed = true;
	gust_wake(task);
	return 0;
}

static int v1_ready(void *self, struct gust_task *task, int fd, short events)
{
	(void)self;
	(void)task;
	(void)events;
	return fd == -1 ? 0 : -EPROTO;
}

static void v1_ack(void *self, struct gust_task *task, uint64_t id)
{
	struct v1_spout *spout = self;

	if (id < 1000 || id >= 1000 + ROWS)
		gust_log(task, GUST_LOG_ERROR, "id %u is wrong", (unsigned)id);
	spout->acked++;
	gust_counter_add(spout->acks, 1);
}

static void v1_fail(void *self, struct gust_task *task, uint64_t id)
{
	struct v1_spout *spout = self;

	(void)task;
	(void)id;
	spout->failed++;
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "v1_spout",
	.summary = "a spout of the first release",
	.options = options,
	.streams = streams,
	.instance_size = sizeof(struct v1_spout),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_NONE,
	.declare = v1_declare,
	.open = v1_open,
	.next = v1_next,
	.ack = v1_ack,
	.fail = v1_fail,
	.activate = v1_activate,
	.deactivate = v1_deactivate,
	.timer = v1_timer,
	.ready = v1_ready,
};
