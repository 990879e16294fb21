/* SPDX-License-Identifier: MIT */

/*
 * mistake: passes n: int on and, at the number `at`, does what a bolt must
 * not do.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>

enum mistake_kind {
	MISTAKE_NONE,
	MISTAKE_DOUBLE_ACK,  /* acks a kept tuple twice */
	MISTAKE_FOREIGN_ACK, /* acks what was never a tuple */
	MISTAKE_INPUT_ACK,   /* acks its input, which was not kept */
	MISTAKE_BAD_STREAM,  /* emits to a stream it has not declared */
	MISTAKE_BAD_TYPE,    /* emits a string for an int */
	MISTAKE_BAD_COUNT,   /* emits two fields for one */
	MISTAKE_TOO_LARGE,   /* emits more than a tuple can hold */
	MISTAKE_BAD_TASK,    /* emits to task 1,000,000 directly */
	MISTAKE_SEGFAULT,    /* reads from nowhere */
	MISTAKE_ABORT,       /* calls abort() */
	MISTAKE_FAIL_OPEN,   /* open() fails */
	MISTAKE_FAIL_TICK,   /* tick() fails */
	MISTAKE_FAIL_FLUSH,  /* flush() fails */
	MISTAKE_FAIL_FINISH  /* finish() fails */
};

static const char *const mistake_kinds[] = {
	"none",       "double_ack", "foreign_ack", "input_ack",
	"bad_stream", "bad_type",   "bad_count",   "too_large",
	"bad_task",   "segfault",   "abort",       "fail_open",
	"fail_tick",  "fail_flush", "fail_finish", NULL
};

struct mistake {
	int kind; /* options */
	int64_t at;

	struct gust_field n;
};

static const struct gust_option mistake_options[] = {
	{ .name = "kind",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct mistake, kind),
	  .fallback = "none",
	  .help = "which mistake it makes",
	  .choices = mistake_kinds },
	{ .name = "at",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct mistake, at),
	  .help = "at which number" },
	{ .name = NULL },
};

static const struct gust_column mistake_columns[] = { { "n", GUST_INT },
						      { NULL, GUST_NULL } };
static const struct gust_stream mistake_streams[] = {
	{ "default", mistake_columns },
	{ NULL, NULL },
};

static int mistake_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct mistake *mistake = self;

	if (mistake->kind == MISTAKE_FAIL_OPEN)
		return gust_error_set(error, -EIO, "the door is locked");
	return gust_field(task, "n", GUST_INT, &mistake->n, error);
}

static int mistake_ack(struct gust_task *task, const struct gust_tuple *in,
		       enum mistake_kind kind)
{
	static const struct gust_tuple never = { .size = sizeof(never) };
	const struct gust_tuple *kept = in;

	if (kind == MISTAKE_FOREIGN_ACK) {
		gust_ack(task, &never);
		return 0;
	}
	if (kind == MISTAKE_DOUBLE_ACK) {
		kept = gust_retain(task, in);
		if (kept == NULL)
			return -ENOMEM;
		gust_ack(task, kept);
	}
	gust_ack(task, kept);
	return 0;
}

static int mistake_emit(struct gust_task *task, enum mistake_kind kind)
{
	char *large;
	int r;

	switch (kind) {
	case MISTAKE_BAD_STREAM:
		return gust_emit_to(task, 17, gust_int(1));
	case MISTAKE_BAD_TYPE:
		return gust_emit(task, gust_string("one", 3));
	case MISTAKE_BAD_COUNT:
		return gust_emit(task, gust_int(1), gust_int(2));
	case MISTAKE_TOO_LARGE:
		large = calloc(1, 300000000);
		if (large == NULL)
			return -ENOMEM;
		r = gust_emit(task, gust_string(large, 300000000));
		free(large);
		return r;
	default:
		return gust_emit_direct(task, 0, 1000000, gust_int(1));
	}
}

static int mistake_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct mistake *mistake = self;
	enum mistake_kind kind = (enum mistake_kind)mistake->kind;
	int64_t n = gust_integer(in, mistake->n);

	if (n != mistake->at && kind == MISTAKE_BAD_TASK)
		return gust_emit_direct(task, 0, 0, gust_int(n));
	if (n != mistake->at || kind == MISTAKE_NONE || kind > MISTAKE_ABORT)
		return gust_emit(task, gust_int(n));
	if (kind == MISTAKE_SEGFAULT)
		raise(SIGSEGV);
	if (kind == MISTAKE_ABORT)
		abort();
	if (kind >= MISTAKE_BAD_STREAM)
		return mistake_emit(task, kind);
	return mistake_ack(task, in, kind);
}

static int mistake_tick(void *self, struct gust_task *task)
{
	const struct mistake *mistake = self;

	(void)task;
	return mistake->kind == MISTAKE_FAIL_TICK ? -EIO : 0;
}

static int mistake_flush(void *self, struct gust_task *task)
{
	const struct mistake *mistake = self;

	(void)task;
	return mistake->kind == MISTAKE_FAIL_FLUSH ? -EIO : 0;
}

static int mistake_finish(void *self, struct gust_task *task)
{
	const struct mistake *mistake = self;

	(void)task;
	return mistake->kind == MISTAKE_FAIL_FINISH ? -EIO : 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "mistake",
	.summary = "does what a bolt must not do",
	.options = mistake_options,
	.streams = mistake_streams,
	.instance_size = sizeof(struct mistake),
	.open = mistake_open,
	.execute = mistake_execute,
	.tick = mistake_tick,
	.flush = mistake_flush,
	.finish = mistake_finish,
};
